// Text tables and the result directory: what is written is read back by CsvTable, and failures reach every rank.
#include <lodestone/base/csv.h>
#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/io/atomic_file.h>
#include <lodestone/io/csv_writer.h>
#include <lodestone/io/history_writer.h>

#include <gtest/gtest.h>

#include "test_directory.h"
#include "vtk_reading.h"
#include <cmath>
#include <cstdlib>
#include <limits>

using namespace lodestone;

TEST(CsvWriter, ShortestTextReadsBackExactly)
{
  EXPECT_EQ(exact(0.1), "0.1");
  EXPECT_EQ(exact(3), "3");
  EXPECT_EQ(exact(-std::nan("")), "nan");
  for (const double x : {1. / 3, 6.02e23, -1e-160, std::numeric_limits<double>::denorm_min()})
    EXPECT_EQ(std::strtod(exact(x).c_str(), nullptr), x);
}

TEST(CsvWriterParallel, RoundTrip)
{
  const TestDirectory test("io_csv");
  NumberTable table;
  table.add("x", {1.5, -2});
  table.add("east [mm]", {1. / 3, std::nan("")});
  const std::string file = test.directory.file("a.csv");
  write_csv(file, table, MPI_COMM_WORLD, {"made by a test"});
  const CsvTable read(file, MPI_COMM_WORLD);
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read.columns, (std::vector<std::string>{"x", "east"}));
  EXPECT_EQ(read.units[1], "mm");
  EXPECT_EQ(read.comments.at(0), "made by a test");
  EXPECT_EQ(read.number(0, "east"), 1. / 3);
  EXPECT_EQ(read.number(1, "x"), -2);
  EXPECT_TRUE(std::isnan(read.number(1, "east")));
}

TEST(HistoryWriterParallel, EachRowIsInTheFileWhenAdded)
{
  const TestDirectory test("io_history");
  const std::string file = test.directory.file("history.csv");
  HistoryWriter history(file, {"iteration", "time [s]"}, MPI_COMM_WORLD);
  std::string expected = "iteration,time [s]\n";
  EXPECT_EQ(read_text_file(file, MPI_COMM_WORLD), expected);
  for (unsigned int i = 0; i < 3; ++i)
  {
    history.add_row({1. * i, 0.5 * i});
    expected += std::to_string(i) + "," + exact(0.5 * i) + "\n";
    EXPECT_EQ(read_text_file(file, MPI_COMM_WORLD), expected);
  }
  EXPECT_EQ(history.table().columns[1], (std::vector<double>{0, 0.5, 1}));
}

TEST(AtomicFileParallel, OldFileStaysWhenTheNewOneCannotBeWritten)
{
  const TestDirectory test("io_atomic");
  const std::string file = test.directory.file("a.txt");
  write_atomically(file, "old", MPI_COMM_WORLD);
  // A directory where the temporary file would be: it cannot be created, whoever runs the test.
  if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
    std::filesystem::create_directory(file + ".part");
  MPI_Barrier(MPI_COMM_WORLD);
  EXPECT_THROW(write_atomically(file, "new", MPI_COMM_WORLD), InputError);
  EXPECT_EQ(read_text_file(file, MPI_COMM_WORLD), "old");
  MPI_Barrier(MPI_COMM_WORLD);
}

TEST(ResultDirectoryParallel, MakesParentsAndRefusesWhatCannotBeMade)
{
  const TestDirectory test("io_directory");
  const ResultDirectory inner(test.directory.file("a/b/"), MPI_COMM_WORLD);
  EXPECT_TRUE(std::filesystem::is_directory(test.directory.file("a/b")));
  EXPECT_EQ(inner.file("log.txt"), test.directory.file("a/b/log.txt"));
  write_atomically(inner.file("file"), "", MPI_COMM_WORLD);
  try
  {
    ResultDirectory(inner.file("file/below"), MPI_COMM_WORLD);
    ADD_FAILURE() << "a directory below a file was accepted";
  }
  catch (const InputError &error)
  {
    EXPECT_EQ(error.where(), "Output directory");
    EXPECT_NE(std::string(error.what()).find(inner.file("file/below")), std::string::npos);
  }
  EXPECT_THROW(ResultDirectory(inner.file("file"), MPI_COMM_WORLD), InputError);
  EXPECT_THROW(ResultDirectory("", MPI_COMM_WORLD), InputError);
  EXPECT_EQ(ResultDirectory::safe_name("gnss/2020 a"), "gnss_2020_a");
}
