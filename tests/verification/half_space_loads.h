#pragma once

// Loads on half-spaces with a table for each: what is solved, at a resolution and box size that a test chooses.
//
// The boxes are 140 to 270 load radii deep where a net force acts: in a box of depth L it moves the surface by about
// 0.7 a/L of the peak under a disc of radius a, which is 1.4 % at 50 radii and more than a point far away may be off.
// Quadratic elements; the load's edge lies inside cells but for the layered crust, whose layers are of whole cells.

#include "half_space.h"

namespace lodestone::testing
{

/// Points of the quarter disc z = 0, x, y >= 0, x^2 + y^2 <= radius^2, or of the one at another height.
inline std::vector<dealii::Point<3>> quarter_disc(const double radius, const double spacing, const double z = 0)
{
  std::vector<dealii::Point<3>> points;
  for (double x = 0; x <= radius; x += spacing)
    for (double y = 0; y * y + x * x <= radius * radius; y += spacing)
      points.emplace_back(x, y, z);
  return points;
}

/// Quarter of the circle about the origin of the surface.
inline std::vector<dealii::Point<3>> quarter_circle(const double radius, const unsigned int steps)
{
  std::vector<dealii::Point<3>> points;
  for (unsigned int i = 0; i <= steps; ++i)
    points.emplace_back(radius * std::cos(i * dealii::numbers::PI_2 / steps),
                        radius * std::sin(i * dealii::numbers::PI_2 / steps), 0);
  return points;
}

/// Uniform pressure on a disc of 4 km.
inline Agreement<3> disc_load(const int finer, const unsigned int doublings)
{
  const Setting<3> setting{800e3, 8, true, {{dealii::Point<3>()}, 30e3, 5}, {{dealii::Point<3>()}, 5e3, 7}};
  Ground<3> ground(setting.finer(finer).doubled(doublings));
  const auto reference = radial_reference("disc_load");
  const auto u = ground.solve(
      {"pressure", {{"Boundary", "top"}, {"Region", "x^2+y^2 < 4000^2"}, {"Value", "1.4715e6"}}}, reference.points);
  return compare("disc load", ground, u, reference);
}

/// The same on layers of 1 and 4 km over a half-space; fine cells at the rim, where the radial displacement peaks.
inline Agreement<3> layered_crust(const int finer, const unsigned int doublings)
{
  const Setting<3> setting{1024e3,
                           8,
                           true,
                           {quarter_disc(12e3, 2e3), 4.9e3, 7},
                           {quarter_circle(4e3, 32), 400, 9},
                           "if(z>-1000,10e9,if(z>-5000,30e9,60e9))"};
  Ground<3> ground(setting.finer(finer).doubled(doublings));
  const auto reference = radial_reference("layered_crust_3layer");
  const auto u = ground.solve(
      {"pressure", {{"Boundary", "top"}, {"Region", "x^2+y^2 < 4000^2"}, {"Value", "1.4715e6"}}}, reference.points);
  return compare("layered crust", ground, u, reference);
}

/// Uniform pressure on a rectangle of 6 x 3 km.
inline Agreement<3> rectangle_load(const int finer, const unsigned int doublings)
{
  const Setting<3> setting{600e3, 8, true, {{dealii::Point<3>()}, 12e3, 5}, {{dealii::Point<3>()}, 3.5e3, 7}};
  Ground<3> ground(setting.finer(finer).doubled(doublings));
  Reference<3> reference;
  for (const auto &row : reference_rows(reference_file("rect_load")))
  {
    reference.points.emplace_back(row.at(0), row.at(1), 0);
    reference.exact.push_back(dealii::Tensor<1, 3>({row.at(2), row.at(3), row.at(4)}));
  }
  const auto u = ground.solve(
      {"traction", {{"Boundary", "top"}, {"Region", "abs(x) < 3000 && abs(y) < 1500"}, {"Value", "0, 0, -1 MPa"}}},
      reference.points);
  return compare("rectangle load", ground, u, reference);
}

/// A point force, from a distance of `from` on, 0 for five cells of the surface; a quarter of it acts on a quarter of
/// the ground.
inline Agreement<3> point_force(const int finer, const unsigned int doublings, const double from = 0)
{
  const Setting<3> setting{4096e3, 8, true, {{dealii::Point<3>()}, 20e3, 8}, {{dealii::Point<3>()}, 2e3, 11}};
  Ground<3> ground(setting.finer(finer).doubled(doublings));
  const auto reference = radial_reference("boussinesq", 1, from > 0 ? from : 5 * ground.smallest_cell());
  const auto u =
      ground.solve({"point force", {{"Position", "0, 0, 0"}, {"Force", "0, 0, -0.25e12"}}}, reference.points);
  return compare("point force", ground, u, reference, 0.);
}

/// Plane strain: a strip of 2 km; upward displacement relative to the point 10 km away.
inline Agreement<2> strip_load(const int finer, const unsigned int doublings)
{
  const Setting<2> setting{1024e3, 8, true, {{dealii::Point<2>()}, 12e3, 7}, {{dealii::Point<2>()}, 2e3, 9}};
  Ground<2> ground(setting.finer(finer).doubled(doublings));
  Reference<2> reference;
  for (const auto &row : reference_rows(reference_file("strip_load")))
  {
    reference.points.emplace_back(row.at(0), 0);
    reference.exact.push_back(dealii::Tensor<1, 2>({0, row.at(1)}));
  }
  auto u = ground.solve({"pressure", {{"Boundary", "top"}, {"Region", "abs(x) < 1000"}, {"Value", "1 MPa"}}},
                        reference.points);
  for (auto &value : u)
    value = dealii::Tensor<1, 2>({0, value[1] - u.back()[1]});
  return compare("strip load", ground, u, reference);
}

/// A thin disc of 2 km at a depth of 2.5 km whose pore pressure falls.
inline Agreement<3> reservoir_disc(const int finer, const unsigned int doublings)
{
  const Setting<3> setting{80e3,   8, true, {{dealii::Point<3>()}, 4e3, 4}, {quarter_disc(2000, 400, -2500), 600, 5},
                           "5 GPa"};
  Ground<3> ground(setting.finer(finer).doubled(doublings));
  const auto reference = radial_reference("geertsma_disc");
  const auto u = ground.solve(
      {"pore pressure",
       {{"Region", "x^2+y^2 < 2000^2 && abs(z+2500) < 50"}, {"Value", "-10 MPa"}, {"Biot coefficient", "1"}}},
      reference.points);
  return compare("reservoir disc", ground, u, reference);
}

} // namespace lodestone::testing
