#include <lodestone/base/error.h>
#include <lodestone/observation/observation_operator.h>

#include <gtest/gtest.h>

#include "example_sets.h"
#include <cmath>
#include <random>

namespace lodestone
{
namespace
{

using testing::read_text;
using testing::set_parameters;

/// A box with hanging nodes: the surface is refined once more than the rest.
template <int dim>
struct Model
{
  std::unique_ptr<Mesh<dim>> mesh;
  std::unique_ptr<DisplacementSpace<dim>> space;
  std::unique_ptr<PointLocator<dim>> locator;

  explicit Model(const unsigned int degree)
  {
    typename Mesh<dim>::Parameters parameters;
    for (unsigned int d = 0; d < dim; ++d)
    {
      parameters.lower[d] = d + 1 < dim ? -4000 : -3000;
      parameters.upper[d] = d + 1 < dim ? 4000 : 0;
      parameters.cells[d] = 4;
    }
    parameters.surface_refinements = 1;
    parameters.surface_distance = 1000;
    mesh = std::make_unique<Mesh<dim>>(parameters, MPI_COMM_WORLD);
    mesh->refine({}, {});
    space = std::make_unique<DisplacementSpace<dim>>(*mesh, degree);
    locator = std::make_unique<PointLocator<dim>>(*space);
  }

  /// The finite-element function that interpolates u_c = b_c + sum_d a_cd x_d.
  State linear_state() const
  {
    State state;
    state.step.push_back(space->make_vector());
    DistributedVector &u = state.step[0];
    std::vector<dealii::types::global_dof_index> dofs(space->element().n_dofs_per_cell());
    for (const auto &cell : space->dof_handler().active_cell_iterators())
      if (cell->is_locally_owned())
      {
        cell->get_dof_indices(dofs);
        for (unsigned int j = 0; j < dofs.size(); ++j)
          if (u.in_local_range(dofs[j]))
          {
            const auto x =
                space->mapping().transform_unit_to_real_cell(cell, space->element().get_unit_support_points()[j]);
            u(dofs[j]) = linear(x, space->element().system_to_component_index(j).first);
          }
      }
    u.update_ghost_values();
    return state;
  }
  static double linear(const dealii::Point<dim> &x, const unsigned int c)
  {
    double value = 0.3 - 0.1 * c;
    for (unsigned int d = 0; d < dim; ++d)
      value += 1e-4 * (1. + c - 0.7 * d) * x[d];
    return value;
  }
};

/// Points in cells, on faces, edges and vertices of the mesh, and so on the borders of ranks, at the surface and below
/// it.
template <int dim>
DataSet points_everywhere()
{
  std::string text = dim == 3 ? "x,y,z,los,sigma,e_east,e_north,e_up\n" : "x,z,los,sigma,e_east,e_north,e_up\n";
  for (double x = -4000; x <= 4000; x += 500)
    for (double y = -4000; y <= (dim == 3 ? 4000 : -4000); y += (y == 1000 ? 1437.5 : 1250))
      for (const std::string z : {"nan", "0", "25", "-750", "-1500", "-1234.5", "-3000"})
        if (z != "0" && z != "25") // with nan these are one point
          text += std::to_string(x) + "," + (dim == 3 ? std::to_string(y) + "," : std::string()) + z +
                  ",0,1,0.6,0.48,0.64\n";
  return read_text(text, set_parameters("everywhere"));
}

template <int dim>
void expect_linear_field_exact(const unsigned int degree)
{
  const Model<dim> model(degree);
  const DataSet set = points_everywhere<dim>();
  const ObservationOperator<dim> B(*model.space, *model.locator, {set, set});
  const DataVector data = B.apply(model.linear_state());
  const auto points = mesh_points<dim>(set, 0.);
  ASSERT_EQ(data.size(), 2 * set.n_data());
  for (unsigned int i = 0; i < set.n_data(); ++i)
  {
    const double east = Model<dim>::linear(points[set.row[i]], 0), up = Model<dim>::linear(points[set.row[i]], dim - 1);
    const double north = dim == 3 ? Model<dim>::linear(points[set.row[i]], 1) : 0;
    EXPECT_NEAR(data[i], 0.6 * east + 0.48 * north + 0.64 * up, 1e-13) << points[set.row[i]];
    EXPECT_EQ(data[set.n_data() + i], data[i]);
  }
}

TEST(ObservationOperatorParallel, LinearFieldIsExactEverywhere)
{
  expect_linear_field_exact<2>(1);
  expect_linear_field_exact<2>(2);
  expect_linear_field_exact<3>(1);
}

template <int dim>
void expect_transpose(const unsigned int degree)
{
  const Model<dim> model(degree);
  const ObservationOperator<dim> B(*model.space, *model.locator, {points_everywhere<dim>()});
  std::mt19937 generator(17 + dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD));
  std::uniform_real_distribution<double> uniform(-1, 1);
  State u;
  u.step.push_back(model.space->make_vector());
  for (auto &entry : u.step[0])
    entry = uniform(generator);
  u.step[0].update_ghost_values();
  u.step[0].zero_out_ghost_values();
  model.space->hanging_nodes().distribute(u.step[0]);
  u.step[0].update_ghost_values();

  std::mt19937 same(23); // data vectors are the same on all ranks
  DataVector w(B.n_data());
  for (double &entry : w)
    entry = uniform(same);
  StateDual dual;
  dual.step.push_back(model.space->make_vector());
  B.add_transpose(w, dual);

  const DataVector data = B.apply(u);
  double forward = 0, magnitude = 0;
  for (unsigned int i = 0; i < w.size(); ++i)
  {
    forward += w[i] * data[i];
    magnitude += std::abs(w[i] * data[i]);
  }
  const double transposed = dual.step[0] * u.step[0];
  EXPECT_NEAR(forward, transposed, 1e-13 * magnitude);
  EXPECT_GT(std::abs(forward), 1e-3 * magnitude);

  // It adds, and leaves hanging nodes alone.
  B.add_transpose(w, dual);
  EXPECT_NEAR(2 * forward, dual.step[0] * u.step[0], 2e-13 * magnitude);
  for (const auto dof : model.space->dof_handler().locally_owned_dofs())
    if (model.space->hanging_nodes().is_constrained(dof))
    {
      EXPECT_EQ(dual.step[0](dof), 0.);
    }
}

TEST(ObservationOperatorParallel, TransposeIsExact)
{
  expect_transpose<2>(1);
  expect_transpose<2>(2);
  expect_transpose<3>(1);
}

TEST(ObservationOperatorParallel, PointsOutsideAreRefusedOrDropped)
{
  const Model<3> model(1);
  const std::string text = "x,y,up,sigma_up\n0,0,1,1\n4000.1,0,2,1\n10,0,3,1\n0,1e6,4,1\n";
  const DataSet strict = read_text(text, set_parameters("strict"));
  try
  {
    ObservationOperator<3>(*model.space, *model.locator, {strict});
    FAIL() << "points outside the mesh were taken";
  }
  catch (const InputError &error)
  {
    const std::string message = error.what();
    for (const std::string part : {"strict.csv:3", "4000.1", "1 more of the 4", "Outside points = drop"})
      EXPECT_NE(message.find(part), std::string::npos) << message;
  }
  DataSet kept = strict;
  EXPECT_EQ(drop_outside_points(kept, *model.space, *model.locator).size(), 2u);
  EXPECT_EQ(kept.n_rows(), 4u);

  auto parameters = set_parameters("loose");
  parameters.outside_points = "drop";
  DataSet dropped = read_text(text, parameters);
  EXPECT_EQ(drop_outside_points(dropped, *model.space, *model.locator), (std::vector<unsigned int>{1, 3}));
  EXPECT_EQ(dropped.value, (std::vector<double>{1, 3}));
  EXPECT_EQ(ObservationOperator<3>(*model.space, *model.locator, {dropped}).n_data(), 2u);

  DataSet nothing = read_text("x,y,up,sigma_up\n0,1e6,4,1\n", parameters);
  EXPECT_THROW(drop_outside_points(nothing, *model.space, *model.locator), InputError);
}

TEST(ObservationOperatorParallel, FilesMustFitTheDimension)
{
  const DataSet section = read_text("x,up,sigma_up\n0,1,1\n", set_parameters("section"));
  EXPECT_THROW(mesh_points<3>(section, 0.), InputError);
  EXPECT_EQ(mesh_points<2>(section, 0.)[0], dealii::Point<2>(0, 0));
  EXPECT_THROW(mesh_points<2>(testing::ascending("none"), 0.), InputError);
  EXPECT_THROW(mesh_points<2>(read_text("x,north,sigma_north\n0,1,1\n", set_parameters("n")), 0.), InputError);
}

TEST(ObservationOperatorParallel, PointsAboveTheSurfaceAreMovedDown)
{
  const DataSet set = read_text("x,y,z,up,sigma_up\n1,2,350,1,1\n3,4,-5,1,1\n5,6,nan,1,1\n", set_parameters("high"));
  const auto points = mesh_points<3>(set, 10.);
  EXPECT_EQ(points[0], dealii::Point<3>(1, 2, 10));
  EXPECT_EQ(points[1], dealii::Point<3>(3, 4, -5));
  EXPECT_EQ(points[2], dealii::Point<3>(5, 6, 10));
  EXPECT_EQ(count_above_surface(set, 10.), 1u);
}

} // namespace
} // namespace lodestone
