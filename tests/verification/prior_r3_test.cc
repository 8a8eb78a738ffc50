// The prior of an inversion solved with hIPPYlib 3.2 (legacy FEniCS): 1/2 m^T (50 K + 500 M) m, K two-point flux over
// interior faces, M cell volumes, on 16 x 16 x 8 cubes of [0,1]^2 x [0,0.5]. Expected value: 3.0082028780 at the m
// below. Tolerance 1e-9 relative: the eleven digits that are given hold 3e-11, and the same sum in another order
// differs by 1e-15.
#include <lodestone/prior/make_prior.h>

#include <gtest/gtest.h>

#include <cmath>

using namespace lodestone;

TEST(PriorOfReferenceInversionParallel, Value)
{
  Mesh<3>::Parameters box;
  box.lower = dealii::Point<3>(0, 0, 0);
  box.upper = dealii::Point<3>(1, 1, 0.5);
  box.cells = {16, 16, 8};
  Mesh<3> mesh(box, MPI_COMM_WORLD);
  mesh.refine({}, {});
  const ParameterCells<3> cells(mesh, {}, mesh.make_cell_field());
  const auto layout = cells.make_layout({"ln E"});
  PriorParameters parameters;
  parameters.type = PriorType::h1;
  parameters.gradient_weight = "50";
  parameters.mass_weight = "500";
  const auto prior = make_prior(parameters, cells, layout);

  ParameterVector m(layout);
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      const double x = cell->center()[0], y = cell->center()[1], z = cell->center()[2];
      m.values()(cells.index(cell)) =
          0.2 * std::sin(3 * x) * std::cos(2 * y) + 0.1 * z + 0.003 * std::sin(5 * x + y) * z;
    }
  EXPECT_NEAR(prior->value(m), 3.0082028780, 3e-9);
}
