#include <lodestone/base/error.h>

#include <deal.II/base/quadrature_lib.h>

#include <gtest/gtest.h>

#include "load_fixture.h"
#include <cstdio>
#include <fstream>
#include <sstream>

using namespace lodestone;

namespace
{
constexpr double pi = 3.14159265358979323846;

LoadFixture<3> land(const unsigned int degree = 1)
{
  return LoadFixture<3>(LoadFixture<3>::box({-10000, -10000, -4000}, {10000, 10000, 0}, {20, 20, 4}), degree);
}

/// Torque about the origin: f of the rotations.
template <int dim>
double torque(const LoadFixture<dim> &fixture, const LoadVector<dim> &load, const int i, const int j)
{
  return fixture.apply(load, 0, 0, linear_field<dim>(i, j));
}
} // namespace

// Discs and rectangles across the faces weigh what they should (0.5 % asked for), given by Region or by a jump of the
// formula.
TEST(SurfaceLoadParallel, DiscAndRectangleHaveTheirResultant)
{
  const auto fixture = land();
  const double disc = 1.4715e6 * pi * 4000. * 4000.;
  const auto by_region =
      fixture.vector("pressure", {{"Boundary", "top"}, {"Region", "x^2+y^2 < 4000^2"}, {"Value", "1.4715 MPa"}});
  const auto by_jump =
      fixture.vector("pressure", {{"Boundary", "top"}, {"Value", "if(x^2+y^2 < 4000^2, 1.4715e6, 0)"}});
  EXPECT_NEAR(by_region.resultant[2], -disc, 1e-3 * disc);
  EXPECT_NEAR(by_jump.resultant[2], -disc, 1e-3 * disc);
  EXPECT_NEAR(fixture.apply(by_jump, 0, 0, translation<3>(2)), by_jump.resultant[2], 1e-9 * disc);
  EXPECT_NEAR(by_jump.resultant[0], 0, 1e-9 * disc);

  const double rectangle = 1e6 * 6130. * 2970.;
  const auto traction =
      fixture.vector("traction", {{"Boundary", "top"}, {"Value", "0, 0, -1e6*(abs(x-311)<3065)*(abs(y+97)<1485)"}});
  EXPECT_NEAR(traction.resultant[2], -rectangle, 1e-6 * rectangle);
  // its weight acts at its centre
  EXPECT_NEAR(torque(fixture, traction, 2, 0), -rectangle * 311, 1e-6 * rectangle * 311);
  EXPECT_NEAR(torque(fixture, traction, 2, 1), rectangle * 97, 1e-6 * rectangle * 97);
}

// A smooth traction is the space's face quadrature, bit for bit: 3 x 3 Gauss points for Q1.
TEST(SurfaceLoad, SmoothFormulaUsesThePlainRule)
{
  const LoadFixture<3> fixture(LoadFixture<3>::box({0, 0, -1}, {1, 1, 0}, {3, 3, 2}));
  const auto load = fixture.vector("traction", {{"Boundary", "top"}, {"Value", "0, 0, -exp(x*y)"}});
  DistributedVector expected = fixture.space.make_vector();
  dealii::FEFaceValues<3> values(fixture.space.mapping(), fixture.space.element(), dealii::QGauss<2>(3),
                                 dealii::update_values | dealii::update_JxW_values | dealii::update_quadrature_points);
  std::vector<dealii::types::global_dof_index> dofs(fixture.space.element().n_dofs_per_cell());
  for (const auto &cell : fixture.space.dof_handler().active_cell_iterators())
    if (cell->face(5)->at_boundary())
    {
      values.reinit(cell, 5);
      cell->get_dof_indices(dofs);
      for (unsigned int i = 0; i < dofs.size(); ++i)
        if (fixture.space.element().system_to_component_index(i).first == 2)
        {
          double sum = 0;
          for (unsigned int q = 0; q < 9; ++q)
            sum += -std::exp(values.quadrature_point(q)[0] * values.quadrature_point(q)[1]) * values.JxW(q) *
                   values.shape_value(i, q);
          expected(dofs[i]) += sum;
        }
    }
  for (dealii::types::global_dof_index i = 0; i < fixture.space.n_dofs(); ++i)
    EXPECT_NEAR(load.fixed(i), expected(i), 1e-15); // order of operations is the compiler's
}

// The same on a mesh with hanging nodes under the load, in two dimensions and with quadratic elements.
TEST(SurfaceLoadParallel, HangingNodesAndPlaneStrain)
{
  auto parameters = LoadFixture<3>::box({-4, -4, -4}, {4, 4, 0}, {8, 8, 4});
  parameters.observation_refinements = 1;
  parameters.observation_distance = 1.5;
  Mesh<3> mesh(parameters, MPI_COMM_WORLD);
  mesh.refine({dealii::Point<3>(0.3, 0.2, 0)}, {});
  const DisplacementSpace<3> space(mesh, 2);
  const PointLocator<3> locator(space);
  EXPECT_GT(space.hanging_nodes().n_constraints() + (dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD) > 1), 0u);
  const auto loads = make_loads<3>(
      {LoadParameters<3>::from_texts("test", "test", "pressure",
                                     {{"Boundary", "top"}, {"Value", "if((x-0.1)^2+y^2 < 2.2^2, 3, 0)"}})},
      {});
  const auto load = loads[0]->assemble(space, locator);
  const double weight = 3 * pi * 2.2 * 2.2;
  EXPECT_NEAR(load.resultant[2], -weight, 2e-3 * weight);
  // condensed: the sum over free entries of the vertical component is the resultant
  double sum = 0;
  for (const double value : load.fixed)
    sum += value;
  EXPECT_NEAR(dealii::Utilities::MPI::sum(sum, MPI_COMM_WORLD), load.resultant[2], 1e-10 * weight);

  const LoadFixture<2> strip(LoadFixture<2>::box({-10, -5}, {10, 0}, {20, 5}));
  const auto pressure =
      strip.vector("pressure", {{"Boundary", "top"}, {"Region", "abs(x-0.37) < 2.21"}, {"Value", "2 + x"}});
  EXPECT_NEAR(pressure.resultant[1], -4.42 * 2.37, 1e-7);
  EXPECT_NEAR(pressure.resultant[0], 0, 1e-12);
  EXPECT_NEAR(torque(strip, pressure, 1, 0), -(2 * 0.37 * 4.42 + (std::pow(2.58, 3) + std::pow(1.84, 3)) / 3), 1e-6);
}

// Skewed hexahedra: pressures on parts of faces push along the true normals, on the true area, at the right place.
TEST(SurfaceLoadParallel, UnstructuredHexahedra)
{
  Mesh<3>::Parameters parameters;
  parameters.source = MeshSource::gmsh;
  parameters.file = std::string(LODESTONE_SOURCE_DIR) + "/tests/unit/discretization/unstructured_hexahedra.msh";
  parameters.refinements = 1;
  const LoadFixture<3> fixture(parameters);
  const auto top =
      fixture.vector("pressure", {{"Boundary", "top"}, {"Value", "if(abs(x-0.9)<0.53 && abs(y-0.47)<0.31, 2, 0)"}});
  const double weight = 2 * 1.06 * 0.62;
  EXPECT_NEAR(top.resultant[2], -weight, 2e-3 * weight);
  EXPECT_NEAR(top.resultant[0], 0, 1e-12);
  EXPECT_NEAR(torque(fixture, top, 2, 0), -weight * 0.9, 3e-3 * weight);
  EXPECT_NEAR(torque(fixture, top, 2, 1), -weight * 0.47, 3e-3 * weight);
  const auto west = fixture.vector("pressure", {{"Boundary", "west"}, {"Region", "y+z > -0.3"}, {"Value", "3"}});
  EXPECT_NEAR(west.resultant[0], 3 * (1 - 0.5 * 0.7 * 0.7), 1e-6);
  EXPECT_NEAR(torque(fixture, west, 1, 2), 0, 1e-12);

  const auto body = fixture.vector(
      "body force", {{"Region", "abs(x-0.8)<0.5 && abs(y-0.5)<0.25 && abs(z+0.4)<0.3"}, {"Value", "0, 0, -1"}});
  EXPECT_NEAR(body.resultant[2], -0.3, 2e-3 * 0.3);
  EXPECT_NEAR(torque(fixture, body, 2, 0), -0.3 * 0.8, 3e-3 * 0.3);
}

// A table finer than the faces keeps its weight: the trapezoid sum is the exact integral of a bilinear function.
TEST(SurfaceLoadParallel, TableFinerThanTheMesh)
{
  const std::string file =
      "surface_load_table_" + std::to_string(dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD)) + ".csv";
  double exact = 0;
  if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
  {
    std::ofstream out(file);
    out << "x [km],y [km],height [cm]\n";
    for (int i = 0; i <= 16; ++i)
      for (int j = 0; j <= 16; ++j)
        out << -2 + 0.25 * i << "," << -2 + 0.25 * j << "," << (i % 16 == 0 || j % 16 == 0 ? 0 : 100 + 30 * (i % 2) + j)
            << "\n";
  }
  MPI_Barrier(MPI_COMM_WORLD);
  for (int i = 1; i < 16; ++i)
    for (int j = 1; j < 16; ++j)
      exact += 250. * 250. * 0.01 * (100 + 30 * (i % 2) + j) * 1000 * 9.81;
  const auto fixture = land();
  const auto load = fixture.vector("pressure table", {{"Boundary", "top"}, {"File", file}, {"Density", "1000"}});
  EXPECT_NEAR(load.resultant[2], -exact, 1e-9 * exact);
  MPI_Barrier(MPI_COMM_WORLD);
  if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
    std::remove(file.c_str());
}

/// A file that all ranks read and rank 0 writes.
class TableFile
{
public:
  explicit TableFile(const std::string &text)
      : name("surface_table_" + std::to_string(dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD)) + ".csv")
  {
    if (first())
      std::ofstream(name) << text;
    MPI_Barrier(MPI_COMM_WORLD);
  }
  ~TableFile()
  {
    MPI_Barrier(MPI_COMM_WORLD);
    if (first())
      std::remove(name.c_str());
  }
  const std::string name;

private:
  static bool first() { return dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0; }
};

// Tractions that are linear in x and y, by components: force and moments are those of the integrals by hand.
TEST(SurfaceLoadParallel, TractionTable)
{
  std::ostringstream text;
  text << "x [km],y [km],tx [kPa],ty,tz\n";
  for (const double y : {-2., 0.5, 2.})
    for (const double x : {-2., -1.1, 0.3, 2.})
      text << x << "," << y << "," << 2 + x << "," << 1000 * y << "," << -500 * (1 + x * y) << "\n";
  const TableFile file(text.str());
  const auto fixture = land();
  const auto load = fixture.vector("traction table", {{"Boundary", "top"}, {"File", file.name}});
  const double area = 16e6;
  EXPECT_NEAR(load.resultant[0], 2000 * area, 1e-9 * 2000 * area);
  EXPECT_NEAR(load.resultant[1], 0, 1e-9 * 2000 * area);
  EXPECT_NEAR(load.resultant[2], -500 * area, 1e-9 * 500 * area);
  // int x tx = 1 Pa/m * 4000 m * int x^2 dx, int y ty likewise; int x y is zero
  const double second_moment = 4000. * 2 * 2000. * 2000. * 2000. / 3;
  EXPECT_NEAR(torque(fixture, load, 0, 0), second_moment, 1e-9 * second_moment);
  EXPECT_NEAR(torque(fixture, load, 1, 1), second_moment, 1e-9 * second_moment);
  EXPECT_NEAR(torque(fixture, load, 2, 0), 0, 1e-9 * second_moment);
}

// The same traction on a grid in longitude and latitude: a square degree's worth of it, as the projection has it.
TEST(SurfaceLoadParallel, TractionTableInGeographicCoordinates)
{
  const GeographicProjection projection(-164.6, 54.6);
  const auto low = projection.to_model(-164.62, 54.59), high = projection.to_model(-164.58, 54.61);
  const TableFile file(
      "lon,lat,tx,ty,tz\n-164.62,54.59,3,-4,5\n-164.58,54.59,3,-4,5\n-164.62,54.61,3,-4,5\n-164.58,54.61,3,-4,5\n");
  auto fixture = land();
  EXPECT_THROW(fixture.vector("traction table", {{"Boundary", "top"}, {"File", file.name}}), InputError); // no origin
  fixture.context.projection = &projection;
  const auto load = fixture.vector("traction table", {{"Boundary", "top"}, {"File", file.name}});
  const double area = (high[0] - low[0]) * (high[1] - low[1]);
  // The patch ends within faces, which are divided by 16: its area is right to about a sixteenth of a face in each
  // direction.
  for (unsigned int d = 0; d < 3; ++d)
    EXPECT_NEAR(load.resultant[d] / area, d == 0 ? 3. : (d == 1 ? -4. : 5.), 0.25);
}

/// Vertical force of 1000 Pa between two latitudes at nodes of these longitudes, on a box about (origin, 33 degrees).
double weight_of_band(const LoadFixture<3> &box, const double origin, const std::vector<double> &longitudes)
{
  std::string text = "lon,lat,p\n";
  for (const double longitude : longitudes)
    for (const char *latitude : {"32.99", "33.01"})
      text += std::to_string(longitude) + "," + latitude + ",1000\n";
  const TableFile file(text);
  const GeographicProjection projection(origin, 33);
  LoadContext context;
  context.projection = &projection;
  const auto loads = make_loads<3>(
      {LoadParameters<3>::from_texts("test", "test", "pressure table", {{"Boundary", "top"}, {"File", file.name}})},
      context);
  return loads[0]->assemble(box.space, box.locator).resultant[2];
}

// A table may write its longitudes a turn away from the model's, across 0 or across the date line: the load is that of
// the table with longitudes about the origin.
TEST(SurfaceLoadParallel, LongitudesOfTablesAreFolded)
{
  const LoadFixture<3> box(LoadFixture<3>::box({-10000, -10000, -2000}, {10000, 10000, 0}, {6, 6, 1}));
  const double expected = weight_of_band(box, 0, {-0.02, 0, 0.02}); // about 3.7 km x 2.2 km
  // It ends within faces, whose parts are 208 m wide: right to half of one on each side.
  EXPECT_NEAR(expected, -1000 * 3737. * 2218., 0.15 * 1000 * 3737. * 2218.);
  const double tolerance = 1e-6 * std::abs(expected);
  EXPECT_NEAR(weight_of_band(box, -116.5, {243.48, 243.5, 243.52}), expected, tolerance);
  EXPECT_NEAR(weight_of_band(box, 243.5, {-116.52, -116.5, -116.48}), expected, tolerance);
  EXPECT_NEAR(weight_of_band(box, 0, {359.98, 0, 0.02}), expected, tolerance);
  for (const double origin : {180., -180.})
    EXPECT_NEAR(weight_of_band(box, origin, {179.98, 180, -179.98}), expected, tolerance);
  EXPECT_NEAR(weight_of_band(box, 181, {-179.02, -179, -178.98}), expected, tolerance);
}

// Tables round the world, with both ends given: the band of 2.2 km covers all 20 km of the model. One that covers the
// other side of the world alone acts on nothing.
TEST(SurfaceLoadParallel, TablesRoundTheWorldCoverTheModel)
{
  const LoadFixture<3> box(LoadFixture<3>::box({-10000, -10000, -2000}, {10000, 10000, 0}, {6, 6, 1}));
  const double from_0 = weight_of_band(box, 0, {0, 90, 180, 270, 360}), expected = -1000 * 20000. * 2218.;
  EXPECT_NEAR(from_0, expected, 0.15 * std::abs(expected));
  EXPECT_NEAR(weight_of_band(box, 0, {-180, -90, 0, 90, 180}), from_0, 1e-6 * std::abs(expected));
  EXPECT_THROW(weight_of_band(box, 0, {100, 140, 180, 200}), InputError);
}

TEST(SurfaceLoadParallel, TablesOfWhichNothingActsAreRefused)
{
  const GeographicProjection projection(-116.5, 33);
  const auto message = [&projection](const std::string &text,
                                     const std::map<std::string, std::string> &entries = {}) -> std::string {
    const TableFile file(text);
    auto fixture = land();
    fixture.context.projection = &projection;
    try
    {
      auto all = entries;
      all.insert({{"Boundary", "top"}, {"File", file.name}});
      fixture.vector("pressure table", all);
    }
    catch (const InputError &error)
    {
      return error.what();
    }
    return "no error";
  };
  std::string text = message("lon,lat,p\n-110,33,1\n-109,33,1\n-110,34,1\n-109,34,1\n");
  // The model is 20 km wide: 0.107 degrees of longitude and 0.09 of latitude to each side of its origin.
  for (const char *part :
       {"Load cases/a/test/File", "does not reach the boundary top", "longitude -110 to -109 and latitude 33 to 34",
        "longitude -116.607 to -116.393", "latitude 32.9098 to 33.0902", "Geographic origin"})
    EXPECT_NE(text.find(part), std::string::npos) << text;
  text = message("x,y,p\n20000,0,1\n30000,0,1\n20000,1,1\n30000,1,1\n");
  for (const char *part : {"x 20000 to 30000 and y 0 to 1 (m)", "x -10000 to 10000 and y -10000 to 10000 (m)"})
    EXPECT_NE(text.find(part), std::string::npos) << text;
  EXPECT_EQ(text.find("Geographic origin"), std::string::npos) << text;
  text = message("x,y,p\n0,0,0\n1000,0,0\n0,1000,0\n1000,1000,0\n");
  EXPECT_NE(text.find("is zero on all of the boundary top"), std::string::npos) << text;
  // With a strength to be estimated too: it is the table's fault, not the data's.
  text = message("x,y,p\n0,0,0\n1000,0,0\n0,1000,0\n1000,1000,0\n", {{"Strength", "estimate"}});
  EXPECT_NE(text.find("is zero on all of the boundary top"), std::string::npos) << text;
}

// A plain 0 is the user's word and is kept, but for a strength to be estimated; anything else that comes out as zero
// everywhere is a mistake.
TEST(SurfaceLoadParallel, OnlyAPlainZeroMayActOnNothing)
{
  const auto fixture = land();
  const std::map<std::string, std::string> top = {{"Boundary", "top"}};
  const auto with = [](std::map<std::string, std::string> entries, const std::string &entry, const std::string &text) {
    entries[entry] = text;
    return entries;
  };
  EXPECT_TRUE(fixture.vector("pressure", with(top, "Value", "0 MPa")).is_zero());
  EXPECT_TRUE(fixture.vector("traction", with(top, "Value", "0, 0, 0")).is_zero());
  EXPECT_TRUE(fixture.vector("pore pressure", {{"Value", "3 MPa"}, {"Biot coefficient", "0"}}).is_zero());
  EXPECT_TRUE(fixture.vector("point source", {{"Position", "0, 0, 2 km"}, {"Volume change", "0"}}).is_zero());
  EXPECT_FALSE(fixture.vector("pressure", with(top, "Value", "1")).is_zero());
  const auto message = [&](const std::string &type, const std::map<std::string, std::string> &entries) -> std::string {
    try
    {
      fixture.vector(type, entries);
    }
    catch (const InputError &error)
    {
      return error.what();
    }
    return "no error";
  };
  const std::string estimated = message("pressure", with(with(top, "Value", "0"), "Strength", "estimate"));
  EXPECT_NE(estimated.find("Load cases/a/test/Strength"), std::string::npos) << estimated;
  for (const auto &[type, entries] : std::vector<std::pair<std::string, std::map<std::string, std::string>>>{
           {"pressure", with(top, "Value", "if(x > 20000, 5, 0)")},
           {"traction", with(top, "Value", "0, 0, 3*(y > 30000)")},
           {"body force", {{"Value", "0, 0, if(z > 1, 1, 0)"}}},
           {"pore pressure", {{"Value", "1e6*(x > 20000)"}}},
           {"eigenstress", {{"Isotropic stress", "1e6*(x > 20000)"}}},
           {"eigenstrain", {{"Isotropic strain", "1e-6*(x > 20000)"}}},
           {"point force", {{"Position", "1, 1, 1000"}, {"Force", "0*x, 0*x, 0*x"}}}})
  {
    const std::string text = message(type, entries);
    EXPECT_NE(text.find("has no effect"), std::string::npos) << type << ": " << text;
    EXPECT_NE(text.find("Load cases/a/test/"), std::string::npos) << type << ": " << text;
  }
}

TEST(SurfaceLoadParallel, TractionTableOfASection)
{
  const TableFile file("x,tx [kPa],tz\n-4,1,10\n4,3,30\n");
  const LoadFixture<2> strip(LoadFixture<2>::box({-10, -5}, {10, 0}, {20, 5}));
  const auto load = strip.vector("traction table", {{"Boundary", "top"}, {"File", file.name}});
  EXPECT_NEAR(load.resultant[0], 16000, 1e-8);
  EXPECT_NEAR(load.resultant[1], 160, 1e-10);
}

TEST(SurfaceLoadParallel, BadTractionTablesAreNamed)
{
  const auto message = [](const std::string &text) -> std::string {
    const TableFile file(text);
    try
    {
      land().vector("traction table", {{"Boundary", "top"}, {"File", file.name}});
    }
    catch (const InputError &error)
    {
      return error.what();
    }
    return "";
  };
  const std::string rows = "0,0,1,1,1\n1,0,1,1,1\n0,1,1,1,1\n1,1,1,1,1\n";
  EXPECT_NE(message("x,y,tx,tz,ty\n" + rows).find("tx,ty,tz"), std::string::npos);
  EXPECT_NE(message("lat,lon,tx,ty,tz\n" + rows).find("lon,lat"), std::string::npos);
  EXPECT_NE(message("x,y,value\n0,0,1\n1,0,1\n0,1,1\n1,1,1\n").find("3 values"), std::string::npos);
}

TEST(SurfaceLoadParallel, BadInputIsNamed)
{
  const auto fixture = land();
  EXPECT_THROW(fixture.vector("pressure", {{"Boundary", "roof"}, {"Value", "1"}}), InputError);
  EXPECT_THROW(fixture.vector("pressure", {{"Boundary", "top"}, {"Value", "1 km"}}), InputError);
  EXPECT_THROW(fixture.vector("pressure", {{"Boundary", "top"}, {"Value", "1"}, {"Region", "x > 1e6"}}), InputError);
  EXPECT_THROW(fixture.vector("traction", {{"Boundary", "top"}, {"Value", "1, 2"}}), InputError);
  try
  {
    fixture.vector("pressure", {{"Boundary", "top"}, {"Value", "1/(x-x)"}});
    FAIL();
  }
  catch (const InputError &error)
  {
    EXPECT_NE(std::string(error.what()).find("Load cases/a/test"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("not a finite number"), std::string::npos) << error.what();
  }
}
