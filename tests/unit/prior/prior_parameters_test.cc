#include <lodestone/base/error.h>
#include <lodestone/prior/prior_kinds.h>

#include <gtest/gtest.h>

#include <unit/prior/small_problem.h>

using namespace lodestone;

TEST(PriorParameters, WrongInputIsRefused)
{
  const auto expect = [](const std::function<void(PriorParameters &)> &change, const std::string &word) {
    PriorParameters p;
    p.type = PriorType::h1;
    change(p);
    try
    {
      p.validate();
      ADD_FAILURE() << "not refused: " << word;
    }
    catch (const InputError &error)
    {
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
    }
  };
  expect([](auto &p) { p.standard_deviation = "0"; }, "Prior/Standard deviation");
  expect([](auto &p) { p.standard_deviation = ""; }, "Prior/Standard deviation");
  expect([](auto &p) { p.standard_deviation = "0,5"; }, "A decimal comma is not understood: write 0.5.");
  expect([](auto &p) { p.horizontal_length = "-1 km"; }, "Prior/Horizontal correlation length");
  expect([](auto &p) { p.vertical_length = "3 GPa"; }, "Prior/Vertical correlation length");
  expect([](auto &p) { p.weight = "0"; }, "Prior/Weight");
  expect([](auto &p) { p.gradient_weight = "1"; }, "Prior/Mass weight");
  expect([](auto &p) { p.mass_weight = "0"; }, "Prior/Mass weight");
  expect([](auto &p) { p.mass_weight = "1", p.gradient_weight = "-1"; }, "Prior/Gradient weight");
  expect([](auto &p) { p.type = PriorType::matern, p.mass_weight = "1"; }, "the type is Matern");
  expect([](auto &p) { p.dip = "30"; }, "the type is H1");
  expect([](auto &p) { p.type = PriorType::total_variation, p.strike = "30"; }, "the type is TV");
  expect([](auto &p) { p.boundary_correction = "perhaps"; }, "Give yes or no.");
  const auto expect_layering = [](const unsigned int dim, const std::string &strike, const std::string &dip,
                                  const std::string &word) {
    PriorParameters p;
    p.strike = strike;
    p.dip = dip;
    try
    {
      (void)p.layering(dim);
      ADD_FAILURE() << "not refused: " << word;
    }
    catch (const InputError &error)
    {
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
    }
  };
  expect_layering(2, "10", "30", "it is given in 2-D");
  expect_layering(3, "361", "30", "is not between 0 and 360");
  expect_layering(3, "10", "91", "is not between 0 and 90");
  expect_layering(3, "10", "-5", "the opposite strike");
  expect_layering(2, "", "-91", "is not between -90 and 90");
  expect_layering(3, "", "nan", "Prior/Dip");
  PriorParameters layers;
  layers.strike = "210";
  layers.dip = "35";
  EXPECT_EQ(layers.layering(3), (std::pair<double, double>(210, 35)));
  PriorParameters ancestors;
  ancestors.type = PriorType::matern;
  ancestors.dip = "35";
  EXPECT_THROW(SmallProblem<2>(refined_box<2>({4, 2}), ancestors, {"m"}, 1), InputError);
  PriorParameters three;
  three.standard_deviation = "1, 2, 3";
  EXPECT_THROW(SmallProblem<2>(box<2>({4, 2}), three, {"a", "b"}), InputError);
  EXPECT_NO_THROW(PriorParameters().validate());
}

// The name of every kind of prior is read, and no other; the help of the entry describes all kinds.
TEST(PriorParameters, TypeIsOneOfTheKinds)
{
  for (const PriorKind &kind : prior_kinds())
  {
    PriorParameters p;
    dealii::ParameterHandler handler;
    p.add_parameters(handler);
    EXPECT_EQ(p.type, PriorType::matern) << "declaring changes nothing";
    handler.set("Type", kind.name);
    EXPECT_EQ(p.type, kind.type);
    EXPECT_EQ(prior_kind(p.type).name, kind.name);
    EXPECT_EQ(handler.get("Type"), kind.name);
    EXPECT_THROW(handler.set("Type", "h1"), std::exception);
    EXPECT_EQ(p.type, kind.type);
  }
  EXPECT_EQ(prior_kinds().size(), 4u);
}
