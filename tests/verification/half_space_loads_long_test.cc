// The loads of half_space_loads_test.cc once more.
//
// - Falling: on cells twice as large the largest error is more; the ratio is at least 4/3 (found: disc 1.7, layers 6.8,
//   rectangle 2.1, point force 1.7, strip 11, reservoir 4.8). It is no order of convergence: the load's edge is
//   singular, and what the box leaves out stays.
// - Box: in one of twice the size, with the same cells inside, the surface changes by less than 0.7 % of the peak: what
//   the first box leaves out is halved (found: disc 0.17 %, layers 0.07 %, reservoir 0.08 %, point force 0.03 %).
#include "half_space_loads.h"

using namespace lodestone::testing;

namespace
{
template <int dim>
void expect_convergence(Agreement<dim> (*solve)(int, unsigned int))
{
  const Agreement<dim> coarse = solve(-1, 0), usual = solve(0, 0), larger = solve(0, 1);
  EXPECT_LT(usual.of_peak, 0.75 * coarse.of_peak);
  EXPECT_LT(change(usual.u, larger.u, usual.peak), 0.007);
}
} // namespace

TEST(HalfSpaceLoadsConverge, Disc)
{
  expect_convergence(disc_load);
}

TEST(HalfSpaceLoadsConverge, DiscOnLayeredCrust)
{
  expect_convergence(layered_crust);
}

TEST(HalfSpaceLoadsConverge, Rectangle)
{
  expect_convergence(rectangle_load);
}

TEST(HalfSpaceLoadsConverge, PointForce)
{
  // at the same points on all meshes, so that the fields can be compared
  expect_convergence<3>(
      [](const int finer, const unsigned int doublings) { return point_force(finer, doublings, 2000); });
}

TEST(HalfSpaceLoadsConverge, StripInPlaneStrain)
{
  expect_convergence(strip_load);
}

TEST(HalfSpaceLoadsConverge, ReservoirDisc)
{
  expect_convergence(reservoir_disc);
}
