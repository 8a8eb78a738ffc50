// The spread of loads over a box: expected values are the second moments of squares, discs and lines, by hand. With
// linear elements of width h the nodal forces have h^2/6 more than the load in each direction.
#include <lodestone/loads/load_spread.h>

#include <gtest/gtest.h>

#include "load_fixture.h"

using namespace lodestone;

TEST(LoadSpreadParallel, IsThatOfTheLoadOverThatOfTheWholeTop)
{
  const LoadFixture<3> box(LoadFixture<3>::box({-10000, -5000, -4000}, {10000, 5000, 0}, {20, 10, 4}));
  const double whole = (20. * 20 + 10. * 10) / 12, elements = 2 * 1. / 6 / whole; // km^2
  const auto spread = [&box](const std::string &type, const std::map<std::string, std::string> &entries) {
    return relative_spread<3>(box.space, box.vector(type, entries).fixed);
  };
  EXPECT_NEAR(spread("pressure", {{"Boundary", "top"}, {"Value", "1 MPa"}}), 1 + elements, 1e-9);
  EXPECT_NEAR(spread("body force", {{"Density", "2700"}}), 1 + elements, 1e-9); // the weight of the whole box
  // A part of the top of 4 km x 4 km, wherever it is.
  const double part = (4. * 4 + 4. * 4) / 12 / whole;
  EXPECT_NEAR(
      spread("pressure", {{"Boundary", "top"}, {"Value", "1"}, {"Region", "x > 4000 && x < 8000 && abs(y) < 2000"}}),
      part + elements, 1e-9);
  // A disc of radius 3 km: a^2/2.
  EXPECT_NEAR(spread("pressure", {{"Boundary", "top"}, {"Value", "1"}, {"Region", "x^2 + y^2 < 3000^2"}}),
              4.5 / whole + elements, 1e-3);
  EXPECT_EQ(spread("traction", {{"Boundary", "top"}, {"Value", "1, 2, 0"}}), 0); // nothing is vertical

  const LoadFixture<2> section(LoadFixture<2>::box({0, -5}, {20, 0}, {20, 5}));
  const auto line = section.vector("pressure", {{"Boundary", "top"}, {"Value", "1"}});
  EXPECT_NEAR(relative_spread<2>(section.space, line.fixed), 1 + 1. / 6 / (20. * 20 / 12), 1e-9);
  const LoadFixture<2> quadratic(LoadFixture<2>::box({0, -5}, {20, 0}, {20, 5}), 2);
  EXPECT_NEAR(
      relative_spread<2>(quadratic.space, quadratic.vector("pressure", {{"Boundary", "top"}, {"Value", "1"}}).fixed), 1,
      1e-9);
}
