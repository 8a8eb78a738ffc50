#include <lodestone/base/error.h>
#include <lodestone/base/formula.h>

#include <gtest/gtest.h>

#include <cmath>

using namespace lodestone;

TEST(Formula, VariablesInThreeDimensions)
{
  const Formula<3> f("x + 10*y + 100*z + 1000*depth", "f");
  EXPECT_DOUBLE_EQ(f.value({1, 2, 3}), 1 + 20 + 300 - 3000);
  EXPECT_FALSE(f.is_constant());
}

TEST(Formula, VariablesInTwoDimensions)
{
  const Formula<2> f("x + 10*y + 100*z + 1000*depth", "f");
  EXPECT_DOUBLE_EQ(f.value({1, 3}), 1 + 30 + 300 - 3000);
}

TEST(Formula, UnitsConditionsAndFunctions)
{
  const Formula<3> e("if(z > -2 km, 10 GPa, 30 GPa)", "E");
  EXPECT_DOUBLE_EQ(e.value({0, 0, -1999}), 10e9);
  EXPECT_DOUBLE_EQ(e.value({0, 0, -2001}), 30e9);
  const Formula<3> region("(x^2+y^2 < 2000^2) && (abs(z+2500) < 150)", "Region");
  EXPECT_TRUE(region.holds({1999, 0, -2400}));
  EXPECT_FALSE(region.holds({1999, 100, -2400}));
  EXPECT_FALSE(region.holds({0, 0, -2340}));
  const dealii::Point<3> p(2, 3, -5);
  EXPECT_DOUBLE_EQ(Formula<3>("sin(30 deg)", "f").value(p), std::sin(std::atan(1.) * 2 / 3));
  EXPECT_DOUBLE_EQ(Formula<3>("log(e) + 2*pi - exp(1) + pow(x,3) + max(x,y,7)", "f").value(p),
                   1 + 2 * std::acos(-1.) - std::exp(1.) + 8 + 7);
  EXPECT_DOUBLE_EQ(Formula<3>("10 MPa/km*depth", "f").value(p), 5e4);
  EXPECT_DOUBLE_EQ(Formula<3>("-2^2", "f").value(p), -4);
  EXPECT_DOUBLE_EQ(Formula<3>("!(x > 1) || y == 3", "f").value(p), 1);
}

TEST(Formula, ConstantsAndCopies)
{
  const Formula<3> zero;
  EXPECT_TRUE(zero.is_constant());
  EXPECT_EQ(zero.value({1, 2, 3}), 0);
  EXPECT_TRUE(Formula<3>("20 GPa", "E").is_constant());
  Formula<3> a("x", "a");
  Formula<3> b(a); // owns its variables
  a = Formula<3>("2*x", "a");
  EXPECT_EQ(b.value({5, 0, 0}), 5);
  EXPECT_EQ(a.value({5, 0, 0}), 10);
  const Formula<3> moved(std::move(a));
  EXPECT_EQ(moved.value({5, 0, 0}), 10);
  EXPECT_EQ(moved.text(), "2*x");
}

TEST(Formula, ErrorsNameTheEntryAndTheText)
{
  for (const char *text : {"", "x +", "foo(x)", "20 gpa", "x, y", "m", "(x"})
  {
    try
    {
      Formula<3> f(text, "Material/Young modulus");
      ADD_FAILURE() << text;
    }
    catch (const InputError &error)
    {
      EXPECT_EQ(error.where(), "Material/Young modulus");
      EXPECT_NE(std::string(error.what()).find(text), std::string::npos) << error.what();
    }
  }
}

TEST(Formula, SplitsListsOutsideParentheses)
{
  EXPECT_EQ(split_list(" a, max(b, c) ,d "), (std::vector<std::string>{"a", "max(b, c)", "d"}));
  EXPECT_TRUE(split_list("  ").empty());
  EXPECT_EQ(split_list("a,").size(), 2u);
}

TEST(Formula, RegionsAreZeroOrOne)
{
  for (const char *text : {"0/0", "x", "(x < 0) + (y == 0)", "log(x)"})
    EXPECT_THROW(Formula<3>(text, "Region").holds({-2, 0, 0}), InputError) << text;
  EXPECT_TRUE(Formula<3>("(x < 0) * (y == 0)", "Region").holds({-2, 0, 0}));
  EXPECT_FALSE(Formula<3>("0", "Region").holds({-2, 0, 0}));
}

TEST(Formula, AssignmentsAreRefused)
{
  for (const char *text : {"x = 3", "= 3", "1 + (depth=2)", "x += 1"})
    EXPECT_THROW(Formula<3>(text, "Young"), InputError) << text;
  for (const char *text : {"x == 3", "x <= 3", "x >= 3", "x != 3"})
    EXPECT_NO_THROW(Formula<3>(text, "Young")) << text;
}
