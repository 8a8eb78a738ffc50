#pragma once

// Sources in half-spaces with a table for each: what is solved, at a resolution and box size that a test chooses. Boxes
// are 20 or more depths of the source deep. Quadratic elements; a source lies wherever it falls among the cells.

#include "half_space.h"

namespace lodestone::testing
{

/// Points from one corner to another, at most `spacing` apart in every direction.
inline std::vector<dealii::Point<3>> grid(const dealii::Point<3> &from, const dealii::Point<3> &to,
                                          const double spacing)
{
  std::array<unsigned int, 3> n;
  for (int d = 0; d < 3; ++d)
    n[d] = std::ceil((to[d] - from[d]) / spacing) + 1;
  std::vector<dealii::Point<3>> points;
  for (unsigned int i = 0; i < n[0]; ++i)
    for (unsigned int j = 0; j < n[1]; ++j)
      for (unsigned int k = 0; k < n[2]; ++k)
        points.emplace_back(from[0] + (n[0] > 1 ? i * (to[0] - from[0]) / (n[0] - 1) : 0),
                            from[1] + (n[1] > 1 ? j * (to[1] - from[1]) / (n[1] - 1) : 0),
                            from[2] + (n[2] > 1 ? k * (to[2] - from[2]) / (n[2] - 1) : 0));
  return points;
}

/// Mogi's point source at a depth of 3 km.
inline Agreement<3> mogi_source(const int finer, const unsigned int doublings)
{
  const dealii::Point<3> origin, below(0, 0, -3500);
  const Setting<3> setting{60e3, 4, false, {{origin}, 6e3, 4}, {grid(below, origin, 500), 1800, 5}};
  Ground<3> ground(setting.finer(finer).doubled(doublings));
  const auto reference = radial_reference("mogi_mctigue");
  const auto u =
      ground.solve({"point source", {{"Position", "0, 0, 3 km"}, {"Volume change", "1e6 m^3"}}}, reference.points);
  return compare("point source", ground, u, reference);
}

/// The table of the normal fault that strikes 30 degrees, turned clockwise by a multiple of 90 degrees.
inline Reference<3> normal_fault_reference(const unsigned int quarter_turns)
{
  Reference<3> reference;
  for (const auto &row : reference_rows(reference_file("okada85_normal_fault")))
  {
    dealii::Point<3> p(row.at(0), row.at(1), 0);
    dealii::Tensor<1, 3> u({row.at(2), row.at(3), row.at(4)});
    for (unsigned int turn = 0; turn < quarter_turns; ++turn)
    {
      p = dealii::Point<3>(p[1], -p[0], 0);
      u = dealii::Tensor<1, 3>({u[1], -u[0], u[2]});
    }
    reference.points.push_back(p);
    reference.exact.push_back(u);
  }
  return reference;
}

/// Normal faults of 12 x 6 km at a depth of 5 km, striking 30 degrees and further by so many quarter turns each.
inline std::vector<Agreement<3>> normal_faults(const std::vector<unsigned int> &quarter_turns, const int finer,
                                               const unsigned int doublings)
{
  const dealii::Point<3> far_corner(15e3, 15e3, 0);
  const Setting<3> setting{120e3,
                           4,
                           false,
                           {grid(dealii::Point<3>(-15e3, -15e3, 0), far_corner, 2e3), 2.5e3, 4},
                           {grid(dealii::Point<3>(-5e3, -5e3, -7.6e3), dealii::Point<3>(5e3, 5e3, 0), 1e3), 1e3, 5}};
  Ground<3> ground(setting.finer(finer).doubled(doublings));
  std::vector<LoadText> loads;
  for (const auto turns : quarter_turns)
    loads.push_back({"dislocation",
                     {{"Position", "0, 0, 5 km"},
                      {"Strike", std::to_string(30 + 90 * turns)},
                      {"Dip", "60"},
                      {"Rake", "-70"},
                      {"Slip", "1"},
                      {"Length", "12 km"},
                      {"Width", "6 km"}}});
  // the points of the table, turned or not, are the same square of points
  const std::vector<dealii::Point<3>> points = normal_fault_reference(0).points;
  const auto fields = ground.solve(loads, points);
  std::vector<Agreement<3>> agreements;
  for (unsigned int i = 0; i < loads.size(); ++i)
  {
    const auto reference = normal_fault_reference(quarter_turns[i]);
    Field<3> u;
    for (const auto &p : reference.points)
      for (unsigned int k = 0; k < points.size(); ++k)
        if (p.distance(points[k]) < 1)
          u.push_back(fields[i][k]);
    agreements.push_back(compare("normal fault, strike " + loads[i].entries.at("Strike"), ground, u, reference));
  }
  return agreements;
}

/// The first cases of Okada's (1985) Table 2, up to all nine, on one mesh; fault coordinates x along strike (east), y
/// north.
///
/// A dip of -90 degrees is a vertical fault below the reference depth whose two sides are exchanged: slip changes sign,
/// opening does not. Errors are measured against the largest displacement of the same source in a square around it.
/// The origin is off the cells' faces unless x0 or y0 put it there.
inline std::vector<Agreement<3>> okada_table_2(const unsigned int cases, const int finer, const unsigned int doublings,
                                               const double x0 = 0.15, const double y0 = 0.2)
{
  const Setting<3> setting{160,
                           4,
                           false,
                           {{dealii::Point<3>(1.5, 1, 0)}, 7, 5},
                           {grid(dealii::Point<3>(x0, y0, -6), dealii::Point<3>(x0 + 3, y0 + 0.7, 0), 0.7), 0.4, 7}};
  Ground<3> ground(setting.finer(finer).doubled(doublings));
  std::vector<LoadText> loads;
  std::vector<dealii::Point<3>> points;
  Field<3> exact;
  std::ifstream table(reference_file("okada85_table2"));
  std::string line;
  std::getline(table, line);
  std::getline(table, line);
  while (loads.size() < cases && std::getline(table, line))
  {
    std::istringstream fields(line);
    std::string field, mode;
    std::vector<double> row;
    std::getline(fields, field, ',');
    std::getline(fields, mode, ',');
    while (std::getline(fields, field, ','))
      row.push_back(std::stod(field));
    const double dip = row.at(3), length = row.at(4), width = row.at(5);
    const bool downward = dip < 0;
    loads.push_back({"dislocation",
                     {{"Reference", "corner"},
                      {"Position", std::to_string(x0) + "," + std::to_string(y0) + "," +
                                       std::to_string(row[2] + (downward ? width : 0))},
                      {"Strike", "90"},
                      {"Dip", std::to_string(std::abs(dip))},
                      {"Rake", mode == "dip" ? "90" : "0"},
                      {"Slip", mode == "tensile" ? "0"
                               : downward        ? "-1"
                                                 : "1"},
                      {"Opening", mode == "tensile" ? "1" : "0"},
                      {"Length", std::to_string(length)},
                      {"Width", std::to_string(width)}}});
    points.emplace_back(x0 + row[0], y0 + row[1], 0);
    exact.push_back(dealii::Tensor<1, 3>({row.at(6), row.at(7), row.at(8)}));
  }
  const std::size_t n = points.size();
  for (const auto &p : grid(dealii::Point<3>(-2, -4, 0), dealii::Point<3>(5, 4, 0), 0.5))
    points.push_back(p);
  const auto fields = ground.solve(loads, points);
  std::vector<Agreement<3>> agreements;
  for (std::size_t i = 0; i < n; ++i)
  {
    double peak = 0;
    for (const auto &u : fields[i])
      peak = std::max(peak, u.norm());
    const Reference<3> reference{{points[i]}, {exact[i]}, peak};
    agreements.push_back(compare("Okada's table 2, row " + std::to_string(i + 1), ground, {fields[i][i]}, reference));
  }
  return agreements;
}

} // namespace lodestone::testing
