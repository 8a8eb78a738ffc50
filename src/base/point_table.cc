#include <lodestone/base/error.h>
#include <lodestone/base/table.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lodestone
{

PointTable::PointTable(const CsvTable &csv, const Scattered scattered, const std::optional<Quantity> quantity)
    : scattered_(scattered)
{
  const bool geographic = csv.has("lon");
  names_ = geographic ? std::array<std::string, 2>{{"lon", "lat"}}
                      : std::array<std::string, 2>{{"x", csv.has("y") ? "y" : ""}};
  std::array<int, 3> column = {{-1, -1, -1}};
  for (unsigned int d = 0; d < 2; ++d)
    if (!names_[d].empty())
      column[d] = csv.column(names_[d]);
  const bool down = !csv.has("z") && csv.has("depth");
  column[2] = csv.column(down ? "depth" : "z");

  int value_column = -1;
  for (unsigned int c = 0; c < csv.columns.size(); ++c)
    if (std::find(column.begin(), column.end(), int(c)) == column.end())
    {
      if (value_column >= 0)
        throw InputError(csv.file(),
                         "the columns " + csv.columns[value_column] + " and " + csv.columns[c] + " both hold values",
                         "A table on points has its coordinates and one value: x,y,z,value.");
      value_column = c;
    }
  if (value_column < 0 || csv.size() == 0)
    throw InputError(csv.file(), value_column < 0 ? "the table has no column of values" : "the table has no rows",
                     "A table on points has its coordinates and one value: x,y,z,value.");
  value_name_ = csv.columns[value_column];

  points_.resize(csv.size());
  values_.resize(csv.size());
  for (unsigned int d = 0; d < 3; ++d)
    if (column[d] >= 0)
    {
      const double factor = column_factor(csv, column[d], d < 2 && geographic ? Quantity::angle : Quantity::length);
      for (std::size_t row = 0; row < csv.size(); ++row)
        points_[row][d] = (d == 2 && down ? -1 : 1) * factor * csv.finite_number(row, column[d]);
    }
  const double factor = column_factor(csv, value_column, quantity);
  for (std::size_t row = 0; row < csv.size(); ++row)
    values_[row] = factor * csv.finite_number(row, value_column);
  check_duplicates(csv);
  move_points([](const dealii::Point<3> &p) { return p; });
}

void PointTable::check_duplicates(const CsvTable &csv) const
{
  std::vector<unsigned int> sorted(points_.size());
  std::iota(sorted.begin(), sorted.end(), 0);
  const auto key = [&](const unsigned int i) {
    return std::array<double, 4>{{points_[i][0], points_[i][1], points_[i][2], double(i)}};
  };
  std::sort(sorted.begin(), sorted.end(), [&](const unsigned int a, const unsigned int b) { return key(a) < key(b); });
  for (std::size_t i = 1; i < sorted.size(); ++i)
    if (points_[sorted[i]] == points_[sorted[i - 1]] && values_[sorted[i]] != values_[sorted[i - 1]])
      throw InputError(csv.where(sorted[i]), "this point is given a second time with another value",
                       "It stands already in line " + std::to_string(csv.lines[sorted[i - 1]]) + ".");
}

void PointTable::move_points(const std::function<dealii::Point<3>(const dealii::Point<3> &)> &move)
{
  for (auto &point : points_)
    point = move(point);
  order_.resize(points_.size());
  std::iota(order_.begin(), order_.end(), 0);
  build(0, order_.size(), 0);
}

void PointTable::build(const std::size_t begin, const std::size_t end, const unsigned int axis)
{
  if (end - begin < 2)
    return;
  const std::size_t middle = (begin + end) / 2;
  std::nth_element(order_.begin() + begin, order_.begin() + middle, order_.begin() + end,
                   [&](const unsigned int a, const unsigned int b) { return points_[a][axis] < points_[b][axis]; });
  build(begin, middle, (axis + 1) % 3);
  build(middle + 1, end, (axis + 1) % 3);
}

void PointTable::search(const dealii::Point<3> &p, const std::size_t begin, const std::size_t end,
                        const unsigned int axis, const std::size_t wanted, std::vector<Neighbour> &found) const
{
  if (begin == end)
    return;
  const std::size_t middle = (begin + end) / 2;
  const unsigned int point = order_[middle];
  Neighbour candidate;
  candidate.square = p.distance_square(points_[point]);
  candidate.point = point;
  if (found.size() < wanted || candidate < found.back())
  {
    if (found.size() == wanted)
      found.pop_back();
    found.insert(std::upper_bound(found.begin(), found.end(), candidate), candidate);
  }
  const double offset = p[axis] - points_[point][axis];
  const unsigned int next = (axis + 1) % 3;
  const auto near = offset < 0 ? std::make_pair(begin, middle) : std::make_pair(middle + 1, end);
  const auto far = offset < 0 ? std::make_pair(middle + 1, end) : std::make_pair(begin, middle);
  search(p, near.first, near.second, next, wanted, found);
  if (found.size() < wanted || offset * offset <= found.back().square)
    search(p, far.first, far.second, next, wanted, found);
}

double PointTable::interpolated(const dealii::Point<3> &p) const
{
  const bool nearest = scattered_ == Scattered::nearest;
  std::vector<Neighbour> found;
  found.reserve(n_nearest + 2);
  search(p, 0, order_.size(), 0, nearest ? 1 : n_nearest + 1, found);
  if (nearest || found.front().square == 0)
    return values_[found.front().point];

  // Distances relative to the nearest, so that no unit of length over- or underflows.
  const double unit = std::sqrt(found.front().square);
  const bool bounded = found.size() == n_nearest + 1;
  const double radius = bounded ? std::sqrt(found.back().square) / unit : 0;
  for (const bool fading : {true, false})
  {
    double sum = 0, weights = 0;
    for (const auto &neighbour : found)
    {
      const double distance = std::sqrt(neighbour.square) / unit;
      const double weight = fading && bounded ? (radius - distance) / (radius * distance) : 1 / distance;
      sum += weight * weight * values_[neighbour.point];
      weights += weight * weight;
    }
    if (weights > 0) // zero when all are equally far: then they count alike
      return sum / weights;
  }
  return values_[found.front().point];
}

template <>
double PointTable::value<2>(const dealii::Point<2> &p) const
{
  return interpolated(dealii::Point<3>(p[0], 0, p[1]));
}

template <>
double PointTable::value<3>(const dealii::Point<3> &p) const
{
  return interpolated(p);
}

} // namespace lodestone
