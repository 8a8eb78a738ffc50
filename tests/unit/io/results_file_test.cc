// results.h5, read back through HDF5's serial interface.
#include <lodestone/base/error.h>
#include <lodestone/io/results_file.h>

#include <gtest/gtest.h>
#include <hdf5.h>

#include "test_directory.h"
#include <cmath>

using namespace lodestone;

namespace
{

std::vector<double> read_numbers(hid_t file, const std::string &path)
{
  const hid_t dataset = H5Dopen2(file, path.c_str(), H5P_DEFAULT);
  EXPECT_GE(dataset, 0) << path;
  const hid_t space = H5Dget_space(dataset);
  std::vector<double> values(H5Sget_simple_extent_npoints(space));
  EXPECT_GE(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), 0);
  H5Sclose(space);
  H5Dclose(dataset);
  return values;
}

std::string read_text(hid_t file, const std::string &name)
{
  const hid_t dataset = H5Dopen2(file, name.c_str(), H5P_DEFAULT);
  const hid_t type = H5Dget_type(dataset);
  std::string text(H5Tget_size(type), ' ');
  H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text.data());
  H5Tclose(type);
  H5Dclose(dataset);
  return text.c_str();
}

} // namespace

TEST(ResultsFileParallel, RoundTrip)
{
  const TestDirectory test("io_results");
  const std::string name = test.directory.file("results.h5");
  Mesh<3>::Parameters parameters;
  parameters.lower = dealii::Point<3>(-1000, -1000, -2000);
  parameters.upper = dealii::Point<3>(1000, 1000, 0);
  parameters.cells = {4, 2, 2};
  parameters.surface_refinements = 1;
  parameters.surface_distance = 100;
  Mesh<3> mesh(parameters, MPI_COMM_WORLD);
  mesh.refine({}, {});
  CellField field = mesh.make_cell_field();
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      field(cell->global_active_cell_index()) = 1e-160 * (cell->center()[0] + 3 * cell->center()[2]);
  NumberTable table;
  table.add("los [mm]", {1, std::nan(""), 3});
  const std::string long_text(100000, 'p'); // beyond what an HDF5 attribute holds
  {
    ResultsFile file(name, MPI_COMM_WORLD);
    file.add_cells(mesh);
    file.add_cell_field("ln E/E0", field);
    file.add_table("data/ascending", table);
    file.add_table("data/empty", NumberTable{{"x"}, {{}}});
    file.add_table("history", table);
    file.add_text("parameters", long_text);
    file.set_attribute("Lodestone", "0.1.0");
    EXPECT_FALSE(std::filesystem::exists(name));
    MPI_Barrier(MPI_COMM_WORLD);
    file.commit();
  }
  EXPECT_FALSE(std::filesystem::exists(name + ".part"));

  const hid_t file = H5Fopen(name.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  ASSERT_GE(file, 0);
  const auto centre = read_numbers(file, "/cells/centre"), volume = read_numbers(file, "/cells/volume"),
             values = read_numbers(file, "/cells/ln E|E0");
  ASSERT_EQ(values.size(), 8u + 8 * 8); // two layers of 8 cells, the upper one refined once
  double total = 0;
  for (std::size_t c = 0; c < values.size(); ++c)
  {
    EXPECT_EQ(values[c], 1e-160 * (centre[3 * c] + 3 * centre[3 * c + 2]));
    total += volume[c];
  }
  EXPECT_NEAR(total, 8e9, 1);
  EXPECT_EQ(read_numbers(file, "/data/ascending/los [mm]")[2], 3);
  EXPECT_TRUE(std::isnan(read_numbers(file, "/history/los [mm]")[1]));
  EXPECT_TRUE(read_numbers(file, "/data/empty/x").empty());
  EXPECT_EQ(read_text(file, "parameters"), long_text);
  EXPECT_GT(H5Aexists(file, "Lodestone"), 0);
  H5Fclose(file);
}

TEST(ResultsFileParallel, WithoutCommitTheOldFileStays)
{
  const TestDirectory test("io_results_dropped");
  const std::string name = test.directory.file("results.h5");
  {
    ResultsFile file(name, MPI_COMM_WORLD);
    file.set_attribute("which", "old");
    file.commit();
  }
  {
    ResultsFile file(name, MPI_COMM_WORLD);
    file.set_attribute("new", "new");
  }
  MPI_Barrier(MPI_COMM_WORLD);
  EXPECT_FALSE(std::filesystem::exists(name + ".part"));
  const hid_t file = H5Fopen(name.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  EXPECT_GT(H5Aexists(file, "which"), 0);
  H5Fclose(file);
  EXPECT_THROW(ResultsFile(test.directory.file("missing/results.h5"), MPI_COMM_WORLD), InputError);
}
