#include <lodestone/base/csv.h>
#include <lodestone/base/error.h>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>

using namespace lodestone;

namespace
{

std::string message_of(const std::function<void()> &action)
{
  try
  {
    action();
  }
  catch (const InputError &error)
  {
    return error.what();
  }
  return "no error";
}

} // namespace

TEST(CsvTable, ColumnsUnitsCommentsAndLines)
{
  const auto table = CsvTable::from_text("\xEF\xBB\xBF# stations\r\n\r\nlon , lat, east [mm], \"up(mm/yr)\"\r\n"
                                         "1,2,3,nan # gap\r\n# nothing\r\n-4e-1, +5 ,\"6\",7\r\n",
                                         "gnss.csv");
  EXPECT_EQ(table.columns, (std::vector<std::string>{"lon", "lat", "east", "up"}));
  EXPECT_EQ(table.units, (std::vector<std::string>{"", "", "mm", "mm/yr"}));
  EXPECT_EQ(table.comments, (std::vector<std::string>{"stations"}));
  EXPECT_EQ(table.lines, (std::vector<unsigned int>{4, 6}));
  ASSERT_EQ(table.size(), 2u);
  EXPECT_TRUE(table.has("east"));
  EXPECT_FALSE(table.has("north"));
  EXPECT_EQ(table.number(1, "lon"), -0.4);
  EXPECT_EQ(table.number(1, "lat"), 5);
  EXPECT_EQ(table.number(1, "east"), 6);
  EXPECT_TRUE(std::isnan(table.number(0, "up")));
  EXPECT_EQ(table.where(1), "gnss.csv:6");
}

TEST(CsvTable, BlanksSeparateWhenTheHeaderHasNoComma)
{
  const auto table = CsvTable::from_text("x  y\tvalue\n 1 2   3\n");
  EXPECT_EQ(table.number(0, "value"), 3);
}

TEST(CsvTable, ErrorsNameFileLineAndValue)
{
  const auto table = CsvTable::from_text("x,y\n1,1.5abc\n2,nan\n", "a.csv");
  const std::string text = message_of([&]() { table.number(0, "y"); });
  EXPECT_NE(text.find("a.csv:2"), std::string::npos) << text;
  EXPECT_NE(text.find("1.5abc"), std::string::npos) << text;
  EXPECT_NE(message_of([&]() { table.finite_number(1, 1); }).find("a.csv:3"), std::string::npos);
  EXPECT_NE(message_of([&]() { table.column("z"); }).find("x, y"), std::string::npos);
  EXPECT_NE(message_of([]() { CsvTable::from_text("x,y\n1,2\n1,2,3\n", "b.csv"); }).find("b.csv:3"), std::string::npos);
  for (const char *text : {"", "# only\n", "1,2\n3,4\n", "x,x\n", "x,,y\n"})
    EXPECT_THROW(CsvTable::from_text(text), InputError) << text;
}

TEST(CsvTable, NumbersAreReadWhole)
{
  double value;
  for (const char *text : {"", "-", "1 2", "0x10", "1e", "infinity", "nanny", "1,5", "--1", "+-1"})
    EXPECT_FALSE(read_number(text, value)) << text;
  EXPECT_TRUE(read_number("NaN", value) && std::isnan(value));
  EXPECT_TRUE(read_number("-Inf", value) && value < -1e308);
  EXPECT_TRUE(read_number(" 1e-310 ", value) && value > 0) << "subnormal numbers are numbers";
}

// What a program leaves that was stopped while it wrote. A last line without a line end is common in files written by
// hand.
TEST(CsvTable, FilesThatAreCutOffAreRefused)
{
  for (const char *end : {"-0.", "-", "", "1e", "1e-", "2.", "+", "."})
  {
    const std::string text = message_of([&]() { CsvTable::from_text(std::string("x,y\n1,2\n3,") + end, "a.csv"); });
    EXPECT_NE(text.find("a.csv:3"), std::string::npos) << end << ": " << text;
    EXPECT_NE(text.find("ends in the middle of a number"), std::string::npos) << end << ": " << text;
    EXPECT_NE(text.find("add a line end"), std::string::npos) << end << ": " << text;
  }
  const std::string missing = message_of([]() { CsvTable::from_text("x,y\n1,2\n3", "a.csv"); });
  EXPECT_NE(missing.find("cut off"), std::string::npos) << missing;
  EXPECT_EQ(message_of([]() { CsvTable::from_text("x,y\n3\n", "a.csv"); }).find("cut off"), std::string::npos);
}

TEST(CsvTable, CompleteLastLinesNeedNoLineEnd)
{
  EXPECT_EQ(CsvTable::from_text("x,y\n1,2\n3,-4.5").number(1, "y"), -4.5);
  EXPECT_EQ(CsvTable::from_text("x,y\n1,2\n3,4e-3").number(1, "y"), 4e-3);
  EXPECT_EQ(CsvTable::from_text("x,y\n1,2\n3,4e-3 ").number(1, "y"), 4e-3);
  EXPECT_EQ(CsvTable::from_text("x,y\n1,-0.\n").number(0, "y"), 0); // with a line end it is complete
  EXPECT_EQ(CsvTable::from_text("x,y\n1,2. # the end").number(0, "y"), 2);
  EXPECT_TRUE(std::isnan(CsvTable::from_text("x,y\n1,nan").number(0, "y")));
  EXPECT_EQ(CsvTable::from_text("x,name\n1,stone").rows[0][1], "stone");
}

TEST(CsvTableParallel, ReadOnRankZeroAndKnownEverywhere)
{
  const std::string file = "csv_test_parallel.csv";
  const bool first = dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0;
  if (first)
    std::ofstream(file) << "x,y\n1,2\n3,4\n";
  const CsvTable table(file, MPI_COMM_WORLD);
  EXPECT_EQ(table.size(), 2u);
  EXPECT_EQ(table.number(1, "y"), 4);
  MPI_Barrier(MPI_COMM_WORLD);
  if (first)
    std::remove(file.c_str());
  EXPECT_THROW(CsvTable("there/is/no/such.csv", MPI_COMM_WORLD), InputError);
  EXPECT_THROW(CsvTable(LODESTONE_SOURCE_DIR, MPI_COMM_WORLD), InputError) << "a folder is not a file";
}
