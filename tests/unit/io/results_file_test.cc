// results.h5, read back through HDF5's serial interface.
#include <lodestone/base/error.h>
#include <lodestone/io/results_file.h>

#include <gtest/gtest.h>

#include "hdf5_reading.h"
#include "test_directory.h"
#include <array>
#include <cmath>
#include <set>

using namespace lodestone;

namespace
{

/// Two layers of eight cells, the upper one refined once: hanging corners between them.
std::unique_ptr<Mesh<3>> refined_box()
{
  Mesh<3>::Parameters parameters;
  parameters.lower = dealii::Point<3>(-1000, -1000, -2000);
  parameters.upper = dealii::Point<3>(1000, 1000, 0);
  parameters.cells = {4, 2, 2};
  parameters.surface_refinements = 1;
  parameters.surface_distance = 100;
  auto mesh = std::make_unique<Mesh<3>>(parameters, MPI_COMM_WORLD);
  mesh->refine({}, {});
  return mesh;
}

} // namespace

TEST(ResultsFileParallel, RoundTrip)
{
  const TestDirectory test("io_results");
  const std::string name = test.directory.file("results.h5");
  const auto refined = refined_box();
  const Mesh<3> &mesh = *refined;
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

  const Hdf5Reading file(name);
  const auto centre = file.numbers("cells/centre"), volume = file.numbers("cells/volume"),
             values = file.numbers("cells/ln_e_over_e0");
  ASSERT_EQ(values.size(), 8u + 8 * 8);
  double total = 0;
  for (std::size_t c = 0; c < values.size(); ++c)
  {
    EXPECT_EQ(values[c], 1e-160 * (centre[3 * c] + 3 * centre[3 * c + 2]));
    total += volume[c];
  }
  EXPECT_NEAR(total, 8e9, 1);
  EXPECT_EQ(file.numbers("data/ascending/los [mm]")[2], 3);
  EXPECT_TRUE(std::isnan(file.numbers("history/los [mm]")[1]));
  EXPECT_TRUE(file.numbers("data/empty/x").empty());
  EXPECT_EQ(file.texts("parameters").at(0), long_text);
  EXPECT_EQ(file.groups().at(".").at("Lodestone"), "0.1.0");
}

// Shapes, types, values and attributes are those that were given.
TEST(ResultsFileParallel, ArraysSayWhatTheyAre)
{
  const TestDirectory test("io_results_arrays");
  const std::string name = test.directory.file("results.h5");
  const auto mesh = refined_box();
  CellField zone = mesh->make_cell_field();
  for (const auto &cell : mesh->triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      zone(cell->global_active_cell_index()) = cell->center()[0] < 0 ? 3 : 12;
  {
    ResultsFile file(name, MPI_COMM_WORLD);
    file.add_cells(*mesh);
    file.add_cell_field("m (ln E/E0)", {"1", "the unknown"}, zone);
    file.add_cell_numbers("zone", {"", "number of the zone"}, zone);
    file.add_array("data/a case/gnss/direction", {"1", "unit vector"}, std::vector<double>{1, 2, 3, 4, 5, 6}, 3);
    file.add_array("data/a case/gnss/observed", {"m/yr", "observed value"}, std::vector<double>{0.25, 1e-300});
    file.add_array("data/a case/gnss/component", {"", "0 east"}, std::vector<std::int32_t>{0, 2});
    file.add_array("history/solves", {"", "solves so far"}, std::vector<std::int64_t>{7, std::int64_t(1) << 40});
    file.add_array("names", {"", "station"}, std::vector<std::string>{"AV01", "", "\xC3\x85lesund, 2"});
    file.add_array("none", {"", "nothing"}, std::vector<std::string>{});
    file.add_number("data/a case/gnss/chi_squared", {"1", "misfit"}, 0.1);
    file.add_text("parameters", {"", "the deck"}, "set Title = x\n");
    file.set_attribute("data/a case/gnss", "name", "GNSS/net");
    file.set_attribute("", "dimension", 3);
    file.set_attribute("", "origin_longitude", -164.6);
    file.commit();
  }
  MPI_Barrier(MPI_COMM_WORLD);

  const Hdf5Reading file(name);
  const auto sets = file.data_sets();
  const auto expect = [&](const std::string &path, const std::vector<hsize_t> &shape, const H5T_class_t kind,
                          const std::string &units, const std::string &description) {
    SCOPED_TRACE(path);
    ASSERT_EQ(sets.count(path), 1u);
    EXPECT_EQ(sets.at(path).shape, shape);
    EXPECT_EQ(sets.at(path).kind, kind);
    EXPECT_EQ(sets.at(path).attributes.at("units"), units);
    EXPECT_EQ(sets.at(path).attributes.at("description"), description);
  };
  expect("cells/centre", {72, 3}, H5T_FLOAT, "m", "centre of the cell: x east, y north, z up");
  expect("cells/volume", {72}, H5T_FLOAT, "m^3", "volume of the cell");
  expect("cells/m_ln_e_over_e0", {72}, H5T_FLOAT, "1", "the unknown");
  expect("cells/zone", {72}, H5T_INTEGER, "", "number of the zone");
  expect("data/a case/gnss/direction", {2, 3}, H5T_FLOAT, "1", "unit vector");
  expect("data/a case/gnss/observed", {2}, H5T_FLOAT, "m/yr", "observed value");
  expect("data/a case/gnss/component", {2}, H5T_INTEGER, "", "0 east");
  expect("data/a case/gnss/chi_squared", {}, H5T_FLOAT, "1", "misfit");
  expect("history/solves", {2}, H5T_INTEGER, "", "solves so far");
  expect("names", {3}, H5T_STRING, "", "station");
  expect("none", {0}, H5T_STRING, "", "nothing");
  expect("parameters", {}, H5T_STRING, "", "the deck");
  EXPECT_EQ(sets.size(), 12u);

  EXPECT_EQ(file.numbers("cells/zone"), file.numbers("cells/m_ln_e_over_e0"));
  EXPECT_EQ(file.numbers("data/a case/gnss/direction"), (std::vector<double>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(file.numbers("data/a case/gnss/observed"), (std::vector<double>{0.25, 1e-300}));
  EXPECT_EQ(file.numbers("data/a case/gnss/component"), (std::vector<double>{0, 2}));
  EXPECT_EQ(file.numbers("data/a case/gnss/chi_squared"), (std::vector<double>{0.1}));
  EXPECT_EQ(file.numbers("history/solves"), (std::vector<double>{7, 1099511627776.}));
  EXPECT_EQ(file.texts("names"), (std::vector<std::string>{"AV01", "", "\xC3\x85lesund, 2"}));
  EXPECT_EQ(file.texts("parameters").at(0), "set Title = x\n");
  EXPECT_EQ(file.groups().at("data/a case/gnss").at("name"), "GNSS/net");
  EXPECT_EQ(file.number_attribute(".", "dimension"), 3);
  EXPECT_EQ(file.number_attribute(".", "origin_longitude"), -164.6);
}

// From vertices and connectivity alone come the centre and the volume of every cell, and every corner occurs once.
TEST(ResultsFileParallel, MeshCanBeRebuilt)
{
  const TestDirectory test("io_results_mesh");
  const std::string name = test.directory.file("results.h5");
  const auto mesh = refined_box();
  {
    ResultsFile file(name, MPI_COMM_WORLD);
    file.add_cells(*mesh);
    file.add_mesh(*mesh);
    file.commit();
  }
  MPI_Barrier(MPI_COMM_WORLD);
  const Hdf5Reading file(name);
  const auto vertices = file.numbers("mesh/vertices"), corners = file.numbers("mesh/connectivity"),
             centre = file.numbers("cells/centre"), volume = file.numbers("cells/volume");
  EXPECT_EQ(file.data_sets().at("mesh/connectivity").shape, (std::vector<hsize_t>{72, 8}));
  EXPECT_EQ(file.data_sets().at("mesh/connectivity").kind, H5T_INTEGER);
  std::set<std::array<double, 3>> distinct;
  for (std::size_t v = 0; v < vertices.size() / 3; ++v)
    distinct.insert({{vertices[3 * v], vertices[3 * v + 1], vertices[3 * v + 2]}});
  // 5 x 3 at the bottom and 9 x 5 x 3 of the refined layer, which has the corners of the layer below, too.
  EXPECT_EQ(distinct.size(), 15u + 135u);
  EXPECT_EQ(vertices.size(), 3 * distinct.size());
  for (std::size_t c = 0; c < volume.size(); ++c)
  {
    dealii::Point<3> corner[8], mean;
    for (unsigned int k = 0; k < 8; ++k)
      for (unsigned int d = 0; d < 3; ++d)
      {
        corner[k][d] = vertices.at(3 * static_cast<std::size_t>(corners[8 * c + k]) + d);
        mean[d] += corner[k][d] / 8;
      }
    for (unsigned int d = 0; d < 3; ++d)
      EXPECT_NEAR(mean[d], centre[3 * c + d], 1e-9);
    // Corners 1, 3 and 4 of VTK's hexahedron are the neighbours of corner 0 along x, y and z.
    const dealii::Tensor<1, 3> x = corner[1] - corner[0], y = corner[3] - corner[0], z = corner[4] - corner[0];
    EXPECT_NEAR(dealii::cross_product_3d(x, y) * z, volume[c], 1e-6 * volume[c]);
    EXPECT_NEAR((corner[6] - corner[0] - x - y - z).norm(), 0, 1e-9);
  }
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
  EXPECT_EQ(Hdf5Reading(name).groups().at(".").count("which"), 1u);
  EXPECT_THROW(ResultsFile(test.directory.file("missing/results.h5"), MPI_COMM_WORLD), InputError);
}
