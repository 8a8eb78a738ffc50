// Loads on half-spaces against tables of closed forms (layered crust: of an independent program's transform solution).
//
//   disc       Terazawa (1916), Love (1929): uniform pressure on a disc of 4 km, to ten radii
//   layers     the same disc on 1 km of 10 GPa and 4 km of 30 GPa over 60 GPa
//   rectangle  Love (1929): uniform pressure on 6 x 3 km
//   point      Boussinesq (1885): a vertical force, from five surface cells on
//   strip      plane strain: uniform pressure on a strip of 2 km, relative to a point 10 km away
//   reservoir  Geertsma (1973): a thin disc of 2 km at 2.5 km, 100 m thick in cells of 312 m, whose pressure falls
//
// Allowed is an error of 2 % of the displacement at the point or 0.5 % of the peak, whichever is more (point force: 2 %
// everywhere). What the box leaves out takes a part of it: 0.35 % of the peak under the disc, in a box of 200 radii.
// The cells take the rest, most at the load's edge, where the radial displacement has a kink and the vertical one an
// infinite slope. Found, as shares of what is allowed: disc 0.69, layers 0.56, rectangle 0.73, point 0.34, strip 0.01,
// reservoir 0.20. half_space_loads_long_test.cc adds refinement and boxes of twice the size.
#include "half_space_loads.h"

using namespace lodestone::testing;

TEST(HalfSpaceLoads, Disc)
{
  EXPECT_LT(disc_load(0, 0).worst, 1);
}

TEST(HalfSpaceLoads, DiscOnLayeredCrust)
{
  EXPECT_LT(layered_crust(0, 0).worst, 1);
}

TEST(HalfSpaceLoads, Rectangle)
{
  EXPECT_LT(rectangle_load(0, 0).worst, 1);
}

TEST(HalfSpaceLoads, PointForce)
{
  EXPECT_LT(point_force(0, 0).worst, 1);
}

TEST(HalfSpaceLoads, StripInPlaneStrain)
{
  EXPECT_LT(strip_load(0, 0).worst, 1);
}

TEST(HalfSpaceLoads, ReservoirDisc)
{
  EXPECT_LT(reservoir_disc(0, 0).worst, 1);
}
