#include <lodestone/base/error.h>
#include <lodestone/base/formula.h>
#include <lodestone/base/units.h>
#include <lodestone/observation/station_grid.h>

#include <array>
#include <cmath>
#include <cstdio>

namespace lodestone
{

namespace
{
struct Axis
{
  double low, high;
  unsigned int n;

  double at(const unsigned int i) const { return n == 1 ? low : low + (high - low) * i / (n - 1); }
};

Axis read_axis(const std::vector<std::string> &parts, const unsigned int first, const std::string &where)
{
  const double n = parse_quantity(parts[first + 2], Quantity::number, where);
  if (!(n >= 1) || n > 100000 || n != std::floor(n))
    throw InputError(where, "'" + parts[first + 2] + "' is no number of stations",
                     "Give a whole number from 1 to 100000.");
  const Axis axis = {parse_quantity(parts[first], Quantity::length, where),
                     parse_quantity(parts[first + 1], Quantity::length, where), static_cast<unsigned int>(n)};
  if (n > 1 && !(axis.low < axis.high))
    throw InputError(
        where, "the grid of " + parts[first + 2] + " stations goes from " + parts[first] + " to " + parts[first + 1],
        "Give an increasing range, or 1 station.");
  return axis;
}
} // namespace

CsvTable station_grid(const std::string &spec, const std::string &where, const unsigned int dim)
{
  const auto parts = split_list(spec);
  const bool section = dim == 2;
  if (parts.size() != (section ? 3 : 6))
    throw InputError(where, "'" + spec + "' has " + std::to_string(parts.size()) + " values",
                     section ? "Give three in a two-dimensional model: x0, x1, nx, as in -4 km, 4 km, 9."
                             : "Give six: x0, x1, nx, y0, y1, ny, as in -4 km, 4 km, 9, -3 km, 3 km, 7.");
  const Axis x = read_axis(parts, 0, where), y = section ? Axis{0, 0, 1} : read_axis(parts, 3, where);
  std::string text = section ? "x,east,up\n" : "x,y,east,north,up\n";
  char row[120];
  for (unsigned int j = 0; j < y.n; ++j)
    for (unsigned int i = 0; i < x.n; ++i)
    {
      if (section)
        std::snprintf(row, sizeof(row), "%.17g,0,0\n", x.at(i));
      else
        std::snprintf(row, sizeof(row), "%.17g,%.17g,0,0,0\n", x.at(i), y.at(j));
      text += row;
    }
  return CsvTable::from_text(text, where);
}

} // namespace lodestone
