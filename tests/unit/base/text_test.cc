#include <lodestone/base/deck_path.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/parameter_entries.h>
#include <lodestone/base/text.h>

#include <deal.II/base/point.h>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <limits>

namespace lodestone
{

// What printf writes is the definition of the first three.
TEST(NumberText, IsThatOfPrintf)
{
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double value : {0., 1., -2.5, 2500., 1234567., 0.001, 1e-7, 6.02214076e23, -1e300, infinity, -infinity})
  {
    char text[512];
    std::snprintf(text, sizeof(text), "%g", value);
    EXPECT_EQ(significant(value), text);
    std::snprintf(text, sizeof(text), "%.3g", value);
    EXPECT_EQ(significant(value, 3), text);
    std::snprintf(text, sizeof(text), "%.17g", value);
    EXPECT_EQ(significant(value, 17), text);
    std::snprintf(text, sizeof(text), "%.2f", value);
    EXPECT_EQ(fixed(value, 2), text);
    std::snprintf(text, sizeof(text), "%.0f", value);
    EXPECT_EQ(fixed(value, 0), text);
    std::snprintf(text, sizeof(text), "%.5e", value);
    EXPECT_EQ(scientific(value, 5), text);
  }
  EXPECT_EQ(significant(-std::nan("")), "nan");
  EXPECT_EQ(fixed(std::nan(""), 2), "nan");
}

TEST(NumberText, ExactIsShortAndReadsBack)
{
  EXPECT_EQ(exact(0.1), "0.1");
  EXPECT_EQ(exact(20e9), "2e+10");
  EXPECT_EQ(exact(-std::nan("")), "nan");
  for (const double value : {1. / 3, 0.1 + 0.2, 5e-324, 1.7976931348623157e308})
    EXPECT_EQ(std::strtod(exact(value).c_str(), nullptr), value);
}

TEST(NumberText, CountsAndColumns)
{
  EXPECT_EQ(counted(1, "rank"), "1 rank");
  EXPECT_EQ(counted(0, "rank"), "0 ranks");
  EXPECT_EQ(counted(12, "rank"), "12 ranks");
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1048576), "1,048,576");
  EXPECT_EQ(aligned_right("2.5", 5), "  2.5");
  EXPECT_EQ(aligned_left("2.5", 5), "2.5  ");
  EXPECT_EQ(aligned_right("123456", 5), "123456");
  EXPECT_EQ(point_text(dealii::Point<3>(1200, -300, -2500.5)), "(1200, -300, -2500.5)");
  EXPECT_EQ(point_text(dealii::Point<2>(0, 1e7)), "(0, 1e+07)");
}

TEST(DeckPath, RelativeNamesCountFromTheFolderOfTheDeck)
{
  EXPECT_EQ(path_from_deck("data/gnss.csv", "/home/me/run"), "/home/me/run/data/gnss.csv");
  EXPECT_EQ(path_from_deck(" gnss.csv\t", "run"), "run/gnss.csv");
  EXPECT_EQ(path_from_deck("/data/gnss.csv", "run"), "/data/gnss.csv");
  EXPECT_EQ(path_from_deck("gnss.csv", ""), "gnss.csv");
  EXPECT_EQ(path_from_deck("  ", "run"), "");
}

TEST(Text, BlanksListsAndNames)
{
  EXPECT_TRUE(is_blank(" \t\r\n"));
  EXPECT_FALSE(is_blank(" a "));
  EXPECT_EQ(join({"a", "b", "c"}), "a, b, c");
  EXPECT_EQ(join({"a", "b"}, "|"), "a|b");
  EXPECT_EQ(join({}), "");
  EXPECT_TRUE(starts_with("table a.csv", "table "));
  EXPECT_FALSE(starts_with("tab", "table "));
  EXPECT_EQ(lower_case("GNSS Data"), "gnss data");
  EXPECT_EQ(name_advice("topp", {"bottom", "top"}), "Did you mean 'top'? Known are bottom, top.");
  EXPECT_EQ(name_advice("fault", {"bottom", "top"}), "Known are bottom, top.");
}

TEST(Text, SlipsOfKnownNames)
{
  const std::vector<std::string> known = {"sigma", "sigma_up", "height", "lon", "name", "east"};
  EXPECT_EQ(misspelt_name("sgima_up", known), "sigma_up"); // two neighbours swapped
  EXPECT_EQ(misspelt_name("sigma_upp", known), "sigma_up");
  EXPECT_EQ(misspelt_name("heihgtt", known), "height"); // two slips in a long name
  EXPECT_EQ(misspelt_name("LOM", known), "lon");
  EXPECT_EQ(misspelt_name("hei", known), "height"); // its beginning
  for (const char *other : {"time", "date", "id", "n", "no", "e", "station", "quality", ""})
    EXPECT_EQ(misspelt_name(other, known), "") << other;
}

TEST(Text, DecimalCommas)
{
  EXPECT_EQ(decimal_comma_advice("0,5"), "A decimal comma is not understood: write 0.5. ");
  EXPECT_EQ(decimal_comma_advice("-12,25 km"), "A decimal comma is not understood: write -12.25 km. ");
  for (const char *text : {"0.5", "1, 2", "1,2,3", "a,5", "0,", ",5", "min(1,2)", ""})
    EXPECT_EQ(decimal_comma_advice(text), "") << text;
}

namespace
{
enum class Method
{
  automatic,
  direct
};
const Choice<Method> methods = {{Method::automatic, "auto"}, {Method::direct, "direct"}};
} // namespace

TEST(ParameterEntries, AWordBecomesAnEnumerator)
{
  Method method = Method::direct;
  dealii::ParameterHandler handler;
  add_choice(handler, "Method", method, methods, "How.");
  EXPECT_EQ(method, Method::direct); // its value is the default
  EXPECT_EQ(handler.get("Method"), "direct");
  handler.set("Method", "auto");
  EXPECT_EQ(method, Method::automatic);
  EXPECT_THROW(handler.set("Method", "fast"), dealii::ParameterHandler::ExcValueDoesNotMatchPattern);
  EXPECT_EQ(methods.value(" direct ", "Solver/Method"), Method::direct);
  try
  {
    (void)methods.value("dirct", "Solver/Method");
    FAIL();
  }
  catch (const InputError &error)
  {
    EXPECT_EQ(error.where(), "Solver/Method");
    EXPECT_NE(std::string(error.what()).find("Did you mean 'direct'? Known are auto, direct."), std::string::npos);
  }
}

} // namespace lodestone
