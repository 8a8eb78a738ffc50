// The squared gradient summed over corners of cells: for linear fields by hand, and against the differences across faces
// where the tensor's axes are those of the mesh.
#include <lodestone/prior/corner_squares.h>
#include <lodestone/prior/face_squares.h>
#include <lodestone/prior/layering.h>
#include <lodestone/prior/precision.h>

#include <gtest/gtest.h>

#include "small_problem.h"

using namespace lodestone;

namespace
{

double sum_of_squares(const Squares &squares, const ParameterVector &m)
{
  DistributedVector values(partitioner_of(squares, *m.layout().partitioner));
  values.copy_locally_owned_data_from(m.values());
  values.update_ghost_values();
  double sum = 0;
  squares.for_each([&](const Square &square) { sum += square.weight * std::pow(residual(square, values), 2); });
  return dealii::Utilities::MPI::sum(sum, MPI_COMM_WORLD);
}

template <int dim>
dealii::SymmetricTensor<2, dim> layered(const double within, const double across, const double strike, const double dip)
{
  const auto n = normal_of_layers<dim>(strike, dip);
  return within * dealii::unit_symmetric_tensor<dim>() +
         (across - within) * dealii::symmetrize(dealii::outer_product(n, n));
}

template <int dim>
void expect_face_squares(const SmallProblem<dim> &problem)
{
  const CornerSquares<dim> corners(*problem.cells, {layered<dim>(3, 0.7, 40, 0)});
  const FaceSquares<dim> faces(*problem.cells, {{3, 0.7}});
  for (const double frequency : {1.7, 0.4})
  {
    const ParameterVector m = pseudo_random(problem.layout, frequency);
    const double expected = sum_of_squares(faces, m);
    EXPECT_NEAR(sum_of_squares(corners, m), expected, 1e-12 * expected);
  }
}

} // namespace

TEST(CornerSquaresParallel, LevelLayersAreDifferencesAcrossFaces)
{
  expect_face_squares(SmallProblem<2>(graded_box<2>({8, 4}), raw(1, 1)));
  expect_face_squares(SmallProblem<2>(refined_box<2>({8, 4}), raw(1, 1)));
  expect_face_squares(SmallProblem<3>(graded_box<3>({4, 5, 3}), raw(1, 1)));
  expect_face_squares(SmallProblem<3>(refined_box<3>({4, 4, 2}), raw(1, 1)));
}

// m = g x on n_x x n_z cells: a share f_i = (n_i - 1)/n_i of all corners has the difference along axis i. Corners with both
// have g^T T g, those with one alone (det T/T_jj) g_i^2, which is the least over the other one.
TEST(CornerSquaresParallel, LinearFieldByHand)
{
  const SmallProblem<2> problem(box<2>({8, 4}, 4, 1), raw(1, 1));
  const auto tensor = layered<2>(3, 0.5, 0, 25);
  const dealii::Tensor<1, 2> g({0.7, -1.3});
  const ParameterVector m = problem.field([&](const dealii::Point<2> &p) { return g * p; });
  const double fx = 7. / 8, fz = 3. / 4, det = dealii::determinant(tensor), area = 4;
  const double expected = area * (fx * fz * (g * (tensor * g)) + fx * (1 - fz) * det / tensor[1][1] * g[0] * g[0] +
                                  (1 - fx) * fz * det / tensor[0][0] * g[1] * g[1]);
  EXPECT_NEAR(sum_of_squares(CornerSquares<2>(*problem.cells, {tensor}), m), expected, 1e-12 * expected);
}

// On a mesh with hanging nodes the rest of the box, without the corners at its boundary, sees g^T T g as well: what lacks is
// known from the layer of corners that have no difference across the boundary.
TEST(CornerSquaresParallel, LinearFieldOnRefinedMeshes)
{
  const SmallProblem<3> problem(refined_box<3>({4, 4, 2}), raw(1, 1));
  const dealii::Tensor<1, 3> g({0.7, -1.3, 0.4});
  const ParameterVector m = problem.field([&](const dealii::Point<3> &p) { return g * p; });
  const auto tensor = layered<3>(3, 0.5, 40, 25), inverse = dealii::invert(tensor);
  double expected = 0;
  for (const auto &cell : problem.mesh->triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      for (unsigned int corner = 0; corner < 8; ++corner)
      {
        std::vector<unsigned int> axes;
        for (unsigned int d = 0; d < 3; ++d)
          if (!cell->at_boundary(2 * d + ((corner >> d) & 1)))
            axes.push_back(d);
        dealii::FullMatrix<double> s(axes.size(), axes.size());
        for (unsigned int i = 0; i < axes.size(); ++i)
          for (unsigned int j = 0; j < axes.size(); ++j)
            s(i, j) = inverse[axes[i]][axes[j]];
        if (!axes.empty())
          s.gauss_jordan();
        for (unsigned int i = 0; i < axes.size(); ++i)
          for (unsigned int j = 0; j < axes.size(); ++j)
            expected += cell->measure() / 8 * g[axes[i]] * s(i, j) * g[axes[j]];
      }
  expected = dealii::Utilities::MPI::sum(expected, MPI_COMM_WORLD);
  EXPECT_NEAR(sum_of_squares(CornerSquares<3>(*problem.cells, {tensor}), m), expected, 1e-11 * expected);
}

TEST(Layering, NormalsAsGeologistsTakeThem)
{
  const auto close = [](const auto &a, const auto &b) { EXPECT_LT((a - b).norm(), 1e-14); };
  close(normal_of_layers<3>(0, 0), dealii::Tensor<1, 3>({0, 0, 1}));
  close(normal_of_layers<3>(0, 90), dealii::Tensor<1, 3>({1, 0, 0}));   // strike north, dip to the east
  close(normal_of_layers<3>(90, 90), dealii::Tensor<1, 3>({0, -1, 0})); // strike east, dip to the south
  close(normal_of_layers<2>(0, 90), dealii::Tensor<1, 2>({1, 0}));
  close(normal_of_layers<2>(0, -90), dealii::Tensor<1, 2>({-1, 0}));
}
