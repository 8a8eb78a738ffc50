#include <lodestone/base/csv.h>
#include <lodestone/base/error.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <sys/stat.h>
#include <unistd.h>

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

TEST(CsvTable, TheHeaderDecidesWhatSeparates)
{
  const std::vector<std::string> columns = {"name", "x", "up"}, units = {"", "m", "mm / yr"};
  for (const char *text :
       {"Name;X [m];UP (mm / yr)\nA 1;2;-3.5\nB;nan;4\n", "name,x [m],up [mm / yr]\nA 1,2,-3.5\nB,nan,4\n",
        "name\tx [m]\tup [mm / yr]\nA 1\t2\t-3.5\nB\tnan\t4\n"})
  {
    const auto table = CsvTable::from_text(text);
    EXPECT_EQ(table.columns, columns) << text;
    EXPECT_EQ(table.units, units) << text;
    EXPECT_EQ(table.rows[0], (std::vector<std::string>{"A 1", "2", "-3.5"})) << text;
  }
  const auto blanks = CsvTable::from_text("  name  x [m] up [mm / yr]\n \"A 1\"\t2  -3.5\n");
  EXPECT_EQ(blanks.columns, columns);
  EXPECT_EQ(blanks.units, (std::vector<std::string>{"", "m", "mm/yr"}));
  EXPECT_EQ(blanks.rows[0], (std::vector<std::string>{"A 1", "2", "-3.5"}));
  // Tabs alone keep fields that are empty, and names with blanks.
  EXPECT_EQ(CsvTable::from_text("x\tstation name\n1\t\n").rows[0], (std::vector<std::string>{"1", ""}));
  EXPECT_EQ(CsvTable::from_text("x,y\r1,2\r3,4\r").number(1, "y"), 4); // line ends of old Macs
}

TEST(CsvTable, EmptyColumnsAtTheEndAreLeftOut)
{
  for (const char *text :
       {"x,y,,\n1,2,,\n3,4\n", "x;y;\n1;2;;;\n3;4;\n", "x,y\n1,2,\n3,4,,\n", "x,y\n1,2\n,\n3,4\n,,,\n"})
  {
    const auto table = CsvTable::from_text(text);
    EXPECT_EQ(table.columns, (std::vector<std::string>{"x", "y"})) << text;
    EXPECT_EQ(table.number(1, "y"), 4) << text;
  }
  EXPECT_THROW(CsvTable::from_text("x,y,\n1,2,3\n"), InputError);
}

TEST(CsvTable, NamesAreReadInLowerCase)
{
  const auto table = CsvTable::from_text("LON,Lat\n1,2\n");
  EXPECT_TRUE(table.has("lon"));
  EXPECT_EQ(table.number(0, "LAT"), 2);
  EXPECT_NE(message_of([]() { CsvTable::from_text("x,X\n1,2\n"); }).find("twice"), std::string::npos);
}

TEST(CsvTable, DecimalCommasWhereTheyAreClear)
{
  EXPECT_EQ(CsvTable::from_text("x;y\n-0,5;1,25e3\n2;1,234\n").number(0, "y"), 1250);
  EXPECT_EQ(CsvTable::from_text("x;y\n-0,5;1,25e3\n2;1,234\n").number(1, "y"), 1.234);
  EXPECT_EQ(CsvTable::from_text("x y\n1,5 2\n").number(0, "x"), 1.5);
  EXPECT_EQ(CsvTable::from_text("x;name\n1,5;A.1\n").rows[0][1], "A.1"); // a point in a name is none of a number
  const std::string both = message_of([]() { CsvTable::from_text("x;y\n1.5;2\n3;0,5\n", "a.csv"); });
  for (const char *part : {"a.csv:3", "0,5", "1.5", "a.csv:2", "with a point"})
    EXPECT_NE(both.find(part), std::string::npos) << both;
  const std::string thousands = message_of([]() { CsvTable::from_text("x;y\n1,234;2\n", "a.csv"); });
  for (const char *part : {"a.csv:2", "1,234", "not clear"})
    EXPECT_NE(thousands.find(part), std::string::npos) << thousands;
  const std::string split = message_of([]() { CsvTable::from_text("x,y\n1,5,2,5\n", "a.csv"); });
  for (const char *part : {"4 fields, separated by commas", "2 columns", "decimals with a point"})
    EXPECT_NE(split.find(part), std::string::npos) << split;
}

TEST(CsvTable, ColumnsMayBeGivenForAFileWithoutHeader)
{
  const GivenColumns given = {"Load cases/a/gnss/Columns", {"name", "lon", "-", "UP [mm]"}};
  for (const char *text : {"# no header\nA,1,9,2\nB,3,9,4\n", "A;1;9;2;\nB;3;9;4;\n", "A 1 9 2\nB 3 9 4\n",
                           "A\t1\t\t2\nB\t3\t\t4\n", "station,longitude,quality,u\nA,1,9,2\nB,3,9,4\n"})
  {
    const auto table = CsvTable::from_text(text, "a.csv", given);
    EXPECT_EQ(table.columns, (std::vector<std::string>{"name", "lon", "up"})) << text;
    EXPECT_EQ(table.units[2], "mm");
    ASSERT_EQ(table.size(), 2u) << text;
    EXPECT_EQ(table.number(1, "lon"), 3) << text;
    EXPECT_EQ(table.number(1, "up"), 4) << text;
  }
  EXPECT_EQ(CsvTable::from_text("A 1,5 9 2\n", "a.csv", given).number(0, "lon"), 1.5);
  const std::string wrong = message_of([&]() { CsvTable::from_text("A,1,2\n", "a.csv", given); });
  for (const char *part : {"a.csv:1", "3 fields", "4 columns", "name, lon, up and those skipped"})
    EXPECT_NE(wrong.find(part), std::string::npos) << wrong;
}

TEST(CsvTable, AHeaderBehindACommentSignIsNamed)
{
  const std::string advice = "'# Lon  lat up [mm]' looks like the header: remove its #";
  const std::string text = "# Lon  lat up [mm]\n1 2 3\n";
  const std::string plain = message_of([&]() { CsvTable::from_text(text, "a.csv"); });
  EXPECT_NE(plain.find("a.csv:2"), std::string::npos) << plain;
  EXPECT_NE(plain.find("Line 1 " + advice + "."), std::string::npos) << plain;
  const std::string data = message_of([&]() { CsvTable::from_text(text, "a.csv", {"a/gnss/Columns", {}}); });
  EXPECT_NE(data.find("Line 1 " + advice + ", or name the columns in a/gnss/Columns."), std::string::npos) << data;
  const std::string percent = message_of([]() { CsvTable::from_text("# by hand\n% x, y\n1,2\n"); });
  EXPECT_NE(percent.find("Line 2 '% x, y' looks like the header: remove its %"), std::string::npos) << percent;
  const std::string none = message_of([]() { CsvTable::from_text("# from 2015 to 2020\n1,2\n"); });
  EXPECT_EQ(none.find("looks like"), std::string::npos) << none;
}

TEST(CsvTable, FilesThatAreNoTextAreRefusedInOneLine)
{
  const std::pair<std::string, const char *> files[] = {{std::string("PK\x03\x04\0\0\xb3\x1f", 8), "spreadsheet"},
                                                        {std::string("\xFF\xFEx\0,\0y\0", 8), "UTF-16"},
                                                        {std::string("\x89HDF\r\n\x1a\n", 8), "HDF5"},
                                                        {std::string("x,y\n1,\0\n", 8), "Give a text file"}};
  for (const auto &[text, advice] : files)
  {
    const std::string message = message_of([content = text]() { CsvTable::from_text(content, "a.csv"); });
    EXPECT_NE(message.find("a.csv: the file is no text"), std::string::npos) << message;
    EXPECT_NE(message.find(advice), std::string::npos) << message;
    EXPECT_TRUE(std::all_of(message.begin(), message.end(), [](const char c) { return c >= ' ' && c < 127; }));
  }
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
  for (const char *text : {"1.5D-3", "1.5d-3", "+1.5D-03", "15E-4"})
    EXPECT_TRUE(read_number(text, value) && value == 1.5e-3) << text;
  for (const char *text : {"1d", "d5", "-d5", "1d2d3"})
    EXPECT_FALSE(read_number(text, value)) << text;
  EXPECT_TRUE(read_number(" 1e-310 ", value) && value > 0) << "subnormal numbers are numbers";
}

// What a program leaves that was stopped while it wrote. A last line without a line end is common in files written by
// hand.
TEST(CsvTable, FilesThatAreCutOffAreRefused)
{
  for (const char *end : {"-0.", "-", "", "1e", "1D-", "2.", "+", "."})
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

TEST(CsvTable, HeaderOfSeparatorsAloneIsRefused)
{
  EXPECT_THROW(CsvTable::from_text("\r,\r,"), InputError);
  EXPECT_THROW(CsvTable::from_text(",,\n1,2,3\n"), InputError);
}

TEST(CsvTable, DevicesAndPipesAreNotRead)
{
  EXPECT_THROW(read_text_file("/dev/zero", MPI_COMM_SELF), InputError);
  const std::string pipe = "/tmp/lodestone_csv_test_pipe_" + std::to_string(::getpid());
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THROW(read_text_file(pipe, MPI_COMM_SELF), InputError);
  ::unlink(pipe.c_str());
}
