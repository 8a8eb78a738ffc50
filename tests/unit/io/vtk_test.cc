// VTK files, read back by the test's own reader: fields stand at the right cells and points, every bit kept.
#include <lodestone/io/point_writer.h>
#include <lodestone/io/vtk_xml.h>
#include <lodestone/io/vtu_writer.h>

#include <deal.II/base/geometry_info.h>

#include <gtest/gtest.h>

#include "test_directory.h"
#include "vtk_reading.h"
#include <cmath>

using namespace lodestone;

namespace
{

template <int dim>
typename Mesh<dim>::Parameters box()
{
  typename Mesh<dim>::Parameters parameters;
  for (unsigned int d = 0; d < dim; ++d)
  {
    parameters.lower[d] = -2000;
    parameters.upper[d] = d + 1 == dim ? 0 : 2000;
  }
  parameters.cells.assign(dim, 4);
  parameters.surface_refinements = 1;
  parameters.surface_distance = 100;
  return parameters;
}

/// u_i = 1e-3 (i + 1) x_i + 2e-3 x_0: in every Q_k, so hanging nodes carry it too.
template <int dim>
DistributedVector linear_displacement(const DisplacementSpace<dim> &space)
{
  DistributedVector u = space.make_vector();
  std::vector<dealii::types::global_dof_index> dofs(space.element().n_dofs_per_cell());
  for (const auto &cell : space.dof_handler().active_cell_iterators())
    if (!cell->is_artificial())
    {
      cell->get_dof_indices(dofs);
      for (unsigned int i = 0; i < dofs.size(); ++i)
      {
        const auto x = space.mapping().transform_unit_to_real_cell(cell, space.element().unit_support_point(i));
        const unsigned int c = space.element().system_to_component_index(i).first;
        if (u.locally_owned_elements().is_element(dofs[i]))
          u(dofs[i]) = 1e-3 * (c + 1) * x[c] + 2e-3 * x[0];
      }
    }
  u.update_ghost_values();
  return u;
}

/// Volume of the cell with the given corners in VTK's order, from the Jacobian at its centre (exact for boxes).
double volume(const std::vector<double> &points, const std::int32_t *corner, int dim)
{
  const auto edge = [&](int from, int to, int d) { return points[3 * corner[to] + d] - points[3 * corner[from] + d]; };
  if (dim == 2)
    return edge(0, 1, 0) * edge(0, 3, 1) - edge(0, 1, 1) * edge(0, 3, 0);
  dealii::Tensor<2, 3> jacobian;
  for (int d = 0; d < 3; ++d)
  {
    jacobian[0][d] = edge(0, 1, d);
    jacobian[1][d] = edge(0, 3, d);
    jacobian[2][d] = edge(0, 4, d);
  }
  return dealii::determinant(jacobian);
}

template <int dim>
void check_piece(const std::string &xml, std::size_t piece, unsigned int degree, double &total_volume,
                 unsigned int &n_nan)
{
  const auto points = array_named<double>(xml, "Points", piece);
  const auto connectivity = array_named<std::int32_t>(xml, "connectivity", piece);
  const auto offsets = array_named<std::int32_t>(xml, "offsets", piece);
  const auto types = array_named<std::uint8_t>(xml, "types", piece);
  const auto height = array_named<double>(xml, "height &amp; more", piece);
  const auto u = array_named<double>(xml, "displacement", piece);
  const std::size_t nodes = dealii::Utilities::pow(degree + 1, dim), corners = 1 << dim;
  ASSERT_EQ(u.size(), points.size());
  for (std::size_t p = 0; p < points.size() / 3; ++p)
    for (unsigned int d = 0; d < 3; ++d)
      EXPECT_NEAR(u[3 * p + d], d < dim ? 1e-3 * (d + 1) * points[3 * p + d] + 2e-3 * points[3 * p] : 0., 1e-12);

  // numbers from VTK's vtkCellType.h
  const std::uint8_t type = degree == 1 ? (dim == 2 ? 9 : 12) : (dim == 2 ? 28 : 29);
  for (std::size_t c = 0; c < offsets.size(); ++c)
  {
    EXPECT_EQ(types[c], type);
    ASSERT_EQ(offsets[c], std::int32_t((c + 1) * nodes));
    const std::int32_t *node = connectivity.data() + c * nodes;
    const double v = volume(points, node, dim);
    EXPECT_GT(v, 0);
    // corners go round each quadrilateral: opposite ones have the same middle
    for (std::size_t k = 0; k < corners; k += 4)
      for (unsigned int d = 0; d < 3; ++d)
        EXPECT_NEAR(points[3 * node[k] + d] + points[3 * node[k + 2] + d],
                    points[3 * node[k + 1] + d] + points[3 * node[k + 3] + d], 1e-9);
    total_volume += v;
    double centre = 0;
    for (std::size_t k = 0; k < corners; ++k)
      centre += points[3 * node[k] + dim - 1] / corners;
    if (std::isnan(height[c]))
      ++n_nan;
    else
      EXPECT_EQ(height[c], 1e-160 * centre);
    if (degree == 2)
      // the first middle node lies between corners 0 and 1, the last one in the middle of the cell
      for (unsigned int d = 0; d < dim; ++d)
      {
        EXPECT_NEAR(points[3 * node[corners] + d], (points[3 * node[0] + d] + points[3 * node[1] + d]) / 2, 1e-9);
        EXPECT_NEAR(points[3 * node[nodes - 1] + d],
                    (points[3 * node[0] + d] + points[3 * node[dim == 2 ? 2 : 6] + d]) / 2, 1e-9);
      }
  }
}

template <int dim>
void write_and_check(unsigned int degree)
{
  const TestDirectory test("io_vtu_" + std::to_string(dim) + std::to_string(degree));
  Mesh<dim> mesh(box<dim>(), MPI_COMM_WORLD);
  mesh.refine({}, {});
  const DisplacementSpace<dim> space(mesh, degree);
  CellField height = mesh.make_cell_field();
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      const double z = cell->center()[dim - 1];
      height(cell->global_active_cell_index()) = z < -1400 ? std::nan("") : 1e-160 * z;
    }
  VtuWriter<dim> writer(space, test.directory, "inversion");
  writer.write(0, {{"height & more", height}}, {{"displacement", linear_displacement(space)}});
  writer.write(12, {{"height & more", height}}, {{"displacement", linear_displacement(space)}});

  const std::string xml = text_of(test.directory.file("inversion-0012.vtu"));
  double total_volume = 0;
  unsigned int n_nan = 0;
  for (const std::size_t piece : pieces_of(xml))
    check_piece<dim>(xml, piece, degree, total_volume, n_nan);
  EXPECT_NEAR(total_volume, dim == 2 ? 4e3 * 2e3 : 4e3 * 4e3 * 2e3, 1e-3);
  EXPECT_EQ(n_nan, dim == 2 ? 4u : 16u); // one row of cells 500 m high at the bottom
  EXPECT_EQ(xml.substr(xml.size() - 11), "</VTKFile>\n");

  const std::string pvd = text_of(test.directory.file("inversion.pvd"));
  EXPECT_NE(pvd.find("timestep=\"12\""), std::string::npos);
  EXPECT_NE(pvd.find("file=\"inversion-0000.vtu\""), std::string::npos);
  EXPECT_NE(pvd.find("file=\"inversion-0012.vtu\""), std::string::npos);
  for (const auto &entry : std::filesystem::directory_iterator(test.directory.path()))
    EXPECT_NE(entry.path().extension(), ".part");
}

} // namespace

TEST(VtkXml, EveryBitIsKeptAcrossBlocks)
{
  std::vector<double> values(300000); // 2.4 MB: three blocks
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = std::sin(1. * i) * std::pow(10., -160. + i % 300);
  values[7] = std::nan("");
  const auto read = array_named<double>(vtk_xml::array("a", 1, values), "a");
  ASSERT_EQ(read.size(), values.size());
  EXPECT_EQ(std::memcmp(read.data(), values.data(), 8 * values.size()), 0);
  EXPECT_TRUE(array_named<double>(vtk_xml::array("empty", 3, std::vector<double>()), "empty").empty());
  EXPECT_EQ(vtk_xml::escaped("<\"a\" & b>"), "&lt;&quot;a&quot; &amp; b&gt;");
}

// Whole numbers and tensors stand at their cells: they are made from the centre, which the file's corners give again.
TEST(VtuWriterParallel, CellArrays)
{
  const TestDirectory test("io_vtu_arrays");
  Mesh<3> mesh(box<3>(), MPI_COMM_WORLD);
  mesh.refine({}, {});
  const DisplacementSpace<3> space(mesh, 1);
  CellArray zone{"zone", {}, {}}, strain{"strain", {}, {}};
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      const auto x = cell->center();
      zone.numbers.push_back(x[0] < 0 ? -1 : 7);
      strain.tensors.emplace_back();
      for (unsigned int i = 0; i < 3; ++i)
        for (unsigned int j = i; j < 3; ++j)
          strain.tensors.back()[i][j] = x[0] + 10 * i + 100 * j;
    }
  VtuWriter<3>(space, test.directory, "forward").write(0, {}, {}, {zone, strain});

  const std::string xml = text_of(test.directory.file("forward-0000.vtu"));
  EXPECT_NE(xml.find("Name=\"strain\" NumberOfComponents=\"6\" ComponentName0=\"xx\""), std::string::npos);
  std::size_t n_cells = 0;
  for (const std::size_t piece : pieces_of(xml))
  {
    const auto points = array_named<double>(xml, "Points", piece);
    const auto connectivity = array_named<std::int32_t>(xml, "connectivity", piece);
    const auto zones = array_named<std::int32_t>(xml, "zone", piece);
    const auto tensors = array_named<double>(xml, "strain", piece);
    ASSERT_EQ(connectivity.size(), 8 * zones.size());
    ASSERT_EQ(tensors.size(), 6 * zones.size());
    n_cells += zones.size();
    for (std::size_t c = 0; c < zones.size(); ++c)
    {
      double x = 0;
      for (unsigned int k = 0; k < 8; ++k)
        x += points[3 * connectivity[8 * c + k]] / 8;
      EXPECT_EQ(zones[c], x < 0 ? -1 : 7);
      const double expected[] = {0, 110, 220, 100, 210, 200}; // xx, yy, zz, xy, yz, xz
      for (unsigned int k = 0; k < 6; ++k)
        EXPECT_NEAR(tensors[6 * c + k], x + expected[k], 1e-9);
    }
  }
  EXPECT_EQ(n_cells, mesh.triangulation().n_global_active_cells());
}

TEST(VtuWriterParallel, Bilinear2d)
{
  write_and_check<2>(1);
}
TEST(VtuWriterParallel, Quadratic2d)
{
  write_and_check<2>(2);
}
TEST(VtuWriterParallel, Trilinear3d)
{
  write_and_check<3>(1);
}
TEST(VtuWriterParallel, Quadratic3d)
{
  write_and_check<3>(2);
}

TEST(PointWriterParallel, PointsAndArrays)
{
  const TestDirectory test("io_points");
  const std::vector<dealii::Point<3>> points = {{1, 2, 3}, {4, 5, 6}};
  const std::string file = test.directory.file("fit_gnss.vtp");
  write_points(file, points, {{"residual", 1, {0.1, std::nan("")}}, {"observed", 3, {1, 2, 3, 4, 5, 6}}},
               MPI_COMM_WORLD, {{"name", {"AV01", "\xC3\x85, <2>"}}});
  const std::string xml = text_of(file);
  // VTK: texts are an "Array" of type String, each ended by a zero.
  EXPECT_NE(xml.find("<Array type=\"String\" Name=\"name\""), std::string::npos);
  const auto names = array_named<char>(xml, "name");
  EXPECT_EQ(std::string(names.begin(), names.end()), std::string("AV01\0\xC3\x85, <2>\0", 13));
  EXPECT_NE(xml.find("NumberOfPoints=\"2\" NumberOfVerts=\"2\""), std::string::npos);
  EXPECT_EQ(array_named<double>(xml, "Points"), (std::vector<double>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(array_named<double>(xml, "observed"), (std::vector<double>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(array_named<std::int32_t>(xml, "offsets"), (std::vector<std::int32_t>{1, 2}));
  const auto residual = array_named<double>(xml, "residual");
  EXPECT_EQ(residual[0], 0.1);
  EXPECT_TRUE(std::isnan(residual[1]));
}
