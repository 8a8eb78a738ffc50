#include <lodestone/base/error.h>
#include <lodestone/loads/load_types.h>

#include <gtest/gtest.h>

#include "load_fixture.h"
#include <cstdio>
#include <fstream>

using namespace lodestone;

namespace
{
constexpr double pi = 3.14159265358979323846;
constexpr double lambda = 3, mu = 7;

LoadFixture<3> rock()
{
  return LoadFixture<3>(LoadFixture<3>::box({-4000, -4000, -5000}, {4000, 4000, 0}, {16, 16, 10}));
}

/// Sum of f over the three diagonal linear fields: f of v = x, whose strain is the identity.
template <int dim>
double apply_to_expansion(const LoadFixture<dim> &fixture, const LoadVector<dim> &load)
{
  double sum = 0;
  for (int d = 0; d < dim; ++d)
    sum += fixture.apply(load, lambda, mu, linear_field<dim>(d, d));
  return sum;
}
} // namespace

// f(x) = int alpha dp div x = 3 alpha dp V; nothing on rigid motions.
TEST(RegionLoadParallel, PorePressureOfAThinReservoir)
{
  const auto fixture = rock();
  const auto load = fixture.vector(
      "pore pressure",
      {{"Region", "(x^2+y^2 < 2000^2) && (abs(z+2760) < 150)"}, {"Value", "-5 MPa"}, {"Biot coefficient", "0.8"}});
  const double volume = pi * 2000. * 2000. * 300;
  EXPECT_NEAR(load.region_volume, volume, 1e-3 * volume);
  EXPECT_NEAR(apply_to_expansion(fixture, load), -3 * 0.8 * 5e6 * load.region_volume, 1e-9 * 12e6 * volume);
  EXPECT_TRUE(load.cell_parts.empty());
  // Cells of 500 m: it acts in one layer, in all cells with the centre in the cylinder and in none that does not reach
  // it.
  for (const auto &cell : fixture.mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      const auto centre = cell->center();
      const double radius = std::hypot(centre[0], centre[1]);
      const bool acts = std::binary_search(load.cells.begin(), load.cells.end(), cell->active_cell_index());
      if (std::abs(centre[2] + 2750) < 1 && radius < 2000)
      {
        EXPECT_TRUE(acts) << centre;
      }
      if (std::abs(centre[2] + 2750) > 1 || radius > 2000 + 250 * std::sqrt(2.))
      {
        EXPECT_FALSE(acts) << centre;
      }
    }
  EXPECT_FALSE(load.kinematic);
  const double scale = 12e6 * volume / 2000;
  for (int d = 0; d < 3; ++d)
    EXPECT_NEAR(fixture.apply(load, 0, 0, translation<3>(d)), 0, 1e-12 * scale);
  EXPECT_NEAR(fixture.apply(load, 0, 0, linear_field<3>(0, 1)), -fixture.apply(load, 0, 0, linear_field<3>(1, 0)),
              1e-10 * scale * 2000);
}

TEST(RegionLoadParallel, PorePressureFromPoints)
{
  const auto fixture = rock();
  const std::string file =
      "pore_pressure_" + std::to_string(dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD)) + ".csv";
  if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
    std::ofstream(file) << "x,y,depth,change [MPa]\n0,0,2500,-4\n1000,0,2500,-4\n0,900,2600,-4\n";
  MPI_Barrier(MPI_COMM_WORLD);
  const auto load = fixture.vector("pore pressure", {{"Region", "abs(z+2760) < 150"}, {"Value", "table " + file}});
  EXPECT_NEAR(apply_to_expansion(fixture, load), -3 * 4e6 * load.region_volume, 1e-9 * 12e6 * load.region_volume);
  // Biot's coefficient is a factor here too, as a number and as a formula: the mean of x over the region is 2000.
  for (const auto &[biot, mean] : {std::make_pair(std::string("0.8"), 0.8), {"0.8 + x/1e5", 0.82}})
  {
    const auto partly = fixture.vector(
        "pore pressure",
        {{"Region", "x > 0 && abs(z+2760) < 150"}, {"Value", "table " + file}, {"Biot coefficient", biot}});
    EXPECT_NEAR(apply_to_expansion(fixture, partly), -3 * mean * 4e6 * partly.region_volume,
                1e-9 * 12e6 * partly.region_volume)
        << biot;
  }
  EXPECT_THROW(fixture.vector("pore pressure", {{"Value", "table " + file}}), InputError);
  MPI_Barrier(MPI_COMM_WORLD);
  if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
    std::remove(file.c_str());
}

// Points at 243.5 east in a model about 116.5 west: the pressure is theirs, and a point given twice with two values is
// found also when its longitudes are a turn apart.
TEST(RegionLoadParallel, PorePressureFromPointsATurnAway)
{
  const GeographicProjection projection(-116.5, 33);
  auto fixture = rock();
  fixture.context.projection = &projection;
  const std::string file =
      "pore_pressure_lon_" + std::to_string(dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD)) + ".csv";
  const auto write = [&file](const std::string &text) {
    MPI_Barrier(MPI_COMM_WORLD);
    if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
      std::ofstream(file) << "lon,lat,depth,change [MPa]\n" << text;
    MPI_Barrier(MPI_COMM_WORLD);
  };
  const std::map<std::string, std::string> entries = {{"Region", "abs(z+2760) < 150"}, {"Value", "table " + file}};
  write("-116.51,33,2500,-4\n-116.49,33,2500,-2\n");
  const auto expected = fixture.vector("pore pressure", entries);
  write("243.49,33,2500,-4\n-116.49,33,2500,-2\n");
  const auto found = fixture.vector("pore pressure", entries);
  EXPECT_NEAR(apply_to_expansion(fixture, found), apply_to_expansion(fixture, expected),
              1e-9 * std::abs(apply_to_expansion(fixture, expected)));
  write("243.5,33,2500,-4\n-116.5,33,2500,-3\n");
  EXPECT_THROW(fixture.vector("pore pressure", entries), InputError);
  MPI_Barrier(MPI_COMM_WORLD);
  if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
    std::remove(file.c_str());
}

// The same points by longitude and latitude and, projected, by x and y: the same forces. The pressure differs to the
// east and to the north.
TEST(RegionLoadParallel, PorePressureFromGeographicPoints)
{
  auto fixture = rock();
  const GeographicProjection projection(-164.6, 54.6);
  fixture.context.projection = &projection;
  const std::string number = std::to_string(dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD));
  const std::string geographic = "pore_pressure_lonlat_" + number + ".csv",
                    projected = "pore_pressure_xy_" + number + ".csv";
  const bool first = dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0;
  if (first)
  {
    std::ofstream by_degrees(geographic), by_metres(projected);
    by_degrees << "lon,lat,depth,dp\n";
    by_metres << "x,y,depth,dp\n";
    by_metres.precision(17);
    for (int i = -2; i <= 2; ++i)
      for (int j = -2; j <= 2; ++j)
      {
        const double lon = -164.6 + i * 0.02, lat = 54.6 + j * 0.01;
        const auto xy = projection.to_model(lon, lat);
        by_degrees << lon << "," << lat << ",2800," << 1e6 + i * 3e5 + j * 1e5 << "\n";
        by_metres << xy[0] << "," << xy[1] << ",2800," << 1e6 + i * 3e5 + j * 1e5 << "\n";
      }
  }
  MPI_Barrier(MPI_COMM_WORLD);
  const std::string region = "z > -3000 && z < -2500";
  const auto a = fixture.vector("pore pressure", {{"Region", region}, {"Value", "table " + geographic}});
  const auto b = fixture.vector("pore pressure", {{"Region", region}, {"Value", "table " + projected}});
  MPI_Barrier(MPI_COMM_WORLD);
  if (first)
  {
    std::remove(geographic.c_str());
    std::remove(projected.c_str());
  }
  DistributedVector difference = a.fixed;
  difference -= b.fixed;
  EXPECT_GT(a.fixed.linfty_norm(), 0);
  EXPECT_LE(difference.linfty_norm(), 1e-6 * b.fixed.linfty_norm());
}

// Gravity is 9.81 m/s^2 where the deck does not say otherwise.
TEST(RegionLoadParallel, WeightWithTheUsualGravity)
{
  const auto fixture = rock();
  const auto load = fixture.vector("body force", {{"Density", "2700 kg/m^3"}});
  const double weight = 8000. * 8000. * 5000. * 2700 * 9.81;
  EXPECT_NEAR(load.resultant[2], -weight, 1e-9 * weight);
}

TEST(RegionLoadParallel, WeightOfABox)
{
  const auto fixture = rock();
  const auto load = fixture.vector("body force", {{"Region", "abs(x-130)<777 && abs(y-250)<1203 && abs(z+2100)<333"},
                                                  {"Density", "2700 kg/m^3"},
                                                  {"Gravity", "10"}});
  const double weight = 1554. * 2406. * 666. * 27000;
  EXPECT_NEAR(load.resultant[2], -weight, 1e-5 * weight);
  EXPECT_NEAR(fixture.apply(load, 0, 0, linear_field<3>(2, 0)), -weight * 130, 1e-4 * weight * 130);
  const auto everywhere = fixture.vector("body force", {{"Value", "0, 2 kN/m^3, 0"}});
  EXPECT_NEAR(everywhere.resultant[1], 2000 * 64e6 * 5000, 1e-9 * 2000 * 64e6 * 5000);
}

// (C : e*) : I = 3 lambda tr e* + 2 mu tr e*, and the shear parts.
TEST(RegionLoadParallel, EigenstrainIsLinearInTheModuli)
{
  const auto fixture = rock();
  const std::string region = "x^2+y^2+(z+2500)^2 < 900^2";
  const auto load =
      fixture.vector("eigenstrain", {{"Region", region}, {"Strain", "1e-3, 2e-3, -4e-3, 5e-4, 6e-4, 7e-4"}});
  const double V = load.region_volume, trace = -1e-3;
  EXPECT_NEAR(V, 4. / 3 * pi * std::pow(900, 3), 2e-3 * V);
  EXPECT_TRUE(load.kinematic);
  EXPECT_NEAR(apply_to_expansion(fixture, load), (3 * lambda + 2 * mu) * trace * V, 1e-9 * V);
  EXPECT_NEAR(fixture.apply(load, lambda, mu, linear_field<3>(1, 2)), 2 * mu * 5e-4 * V, 1e-9 * V);
  EXPECT_NEAR(fixture.apply(load, lambda, mu, linear_field<3>(2, 0)), 2 * mu * 6e-4 * V, 1e-9 * V);
  EXPECT_NEAR(fixture.apply(load, lambda, mu, linear_field<3>(0, 1)), 2 * mu * 7e-4 * V, 1e-9 * V);
  EXPECT_NEAR(fixture.apply(load, lambda, mu, translation<3>(2)), 0, 1e-12 * V);

  const auto heated = fixture.vector(
      "eigenstrain", {{"Region", region}, {"Temperature change", "100"}, {"Expansion coefficient", "1e-5"}});
  EXPECT_NEAR(apply_to_expansion(fixture, heated), (3 * lambda + 2 * mu) * 3e-3 * V, 1e-9 * V);
  const auto stress = fixture.vector("eigenstress", {{"Region", region}, {"Stress", "1, 2, 3, 4, 5, 6"}});
  EXPECT_NEAR(apply_to_expansion(fixture, stress), 6 * V, 1e-9 * V);
  EXPECT_NEAR(fixture.apply(stress, 0, 0, linear_field<3>(1, 2)), 4 * V, 1e-9 * V);
}

// Plane strain: heating also wants to expand the third direction, (3 lambda + 2 mu) e in the plane.
TEST(RegionLoadParallel, HeatingInPlaneStrain)
{
  const LoadFixture<2> fixture(LoadFixture<2>::box({-4, -4}, {4, 0}, {8, 4}));
  const auto load =
      fixture.vector("eigenstrain", {{"Region", "abs(x-0.3)<1.1 && abs(z+1.7)<0.6"}, {"Isotropic strain", "1e-3"}});
  EXPECT_NEAR(load.region_volume, 2.2 * 1.2, 1e-5);
  EXPECT_NEAR(apply_to_expansion(fixture, load), 2 * (3 * lambda + 2 * mu) * 1e-3 * load.region_volume, 1e-12);
}

TEST(RegionLoadParallel, BadInputIsNamed)
{
  const auto fixture = rock();
  EXPECT_THROW(fixture.vector("pore pressure", {{"Region", "z > 10"}, {"Value", "1"}}), InputError);
  EXPECT_THROW(fixture.vector("pore pressure", {{"Zone", "reservoir"}, {"Value", "1"}}), InputError);
  EXPECT_THROW(fixture.vector("pore pressure", {{"Value", "1"}, {"Biot coefficient", "1.5"}}), InputError);
  EXPECT_THROW(fixture.vector("body force", {{"Value", "1,2,3"}, {"Density", "1"}}), InputError);
  EXPECT_THROW(fixture.vector("eigenstrain", {{"Temperature change", "1"}}), InputError);
  EXPECT_THROW(find_load_type<3>("pore presure", "a"), InputError);
}
