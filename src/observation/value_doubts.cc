#include <lodestone/base/number_text.h>
#include <lodestone/observation/value_doubts.h>

#include <algorithm>
#include <boost/geometry/geometry.hpp>
#include <boost/geometry/index/rtree.hpp>
#include <cmath>

namespace lodestone
{

namespace
{

double median(std::vector<double> values)
{
  const auto middle = values.begin() + values.size() / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// The values (in the unit of the file) of the data that `is_one` holds for.
template <typename Condition>
std::vector<unsigned int> data_with(const DataSet &set, const Condition &is_one)
{
  std::vector<unsigned int> found;
  for (unsigned int i = 0; i < set.n_data(); ++i)
    if (is_one(i))
      found.push_back(i);
  return found;
}

/// What programs write where nothing was measured; numbers may have gone through single precision.
bool stands_for_no_data(const double in_file)
{
  constexpr double known[] = {-9999, 9999, -99999, 99999, -32768, 1e20, -1e20, 1e30, 1e35, 9.969209968386869e36};
  return std::any_of(std::begin(known), std::end(known),
                     [&](const double number) { return std::abs(in_file - number) <= 1e-6 * std::abs(number); });
}

std::string values_text(const std::size_t n, const DataSet &set)
{
  return grouped(n) + " of " + counted(set.n_data(), "value") + (n == 1 ? " is " : " are ");
}

std::string remedy(const double in_file)
{
  return "If that stands for no data, set No data value = " + significant(in_file, 12);
}

/// Data of one component that are far from all others.
std::vector<unsigned int> far_out(const DataSet &set, const unsigned int component)
{
  constexpr double robust_deviation = 1.4826, most = 1e3; // of a normal distribution over its median deviation
  std::vector<double> values;
  for (unsigned int i = 0; i < set.n_data(); ++i)
    if (set.component[i] == component)
      values.push_back(set.value[i]);
  if (values.size() < 3)
    return {};
  const double centre = median(values);
  for (double &value : values)
    value = std::abs(value - centre);
  const double deviation = robust_deviation * median(values);
  return data_with(set, [&](const unsigned int i) {
    return set.component[i] == component && std::abs(set.value[i] - centre) > most * std::max(deviation, set.sigma[i]);
  });
}

} // namespace

std::vector<std::string> doubts_about_values(const DataSet &set)
{
  if (!set.observed)
    return {};
  constexpr double suspicious_share = 0.02;
  std::vector<std::string> doubts;
  const auto zeros = data_with(set, [&](const unsigned int i) { return set.value[i] == 0; });
  if (set.line_of_sight && zeros.size() > suspicious_share * set.n_data())
    doubts.push_back(values_text(zeros.size(), set) + "exactly 0. Many programs write 0 where nothing was measured. " +
                     remedy(0));
  const auto in_file = [&](const unsigned int i) { return set.value[i] / set.unit; };
  const auto markers = data_with(set, [&](const unsigned int i) { return stands_for_no_data(in_file(i)); });
  if (!markers.empty())
    doubts.push_back(values_text(markers.size(), set) + significant(in_file(markers[0]), 12) +
                     " or the like, which many programs write where nothing was measured. " +
                     remedy(in_file(markers[0])));
  for (unsigned int c = 0; c < 4; ++c)
  {
    auto far = far_out(set, c);
    far.erase(
        std::remove_if(far.begin(), far.end(), [&](const unsigned int i) { return stands_for_no_data(in_file(i)); }),
        far.end());
    if (far.empty())
      continue;
    const unsigned int worst =
        *std::max_element(far.begin(), far.end(), [&](const unsigned int i, const unsigned int j) {
          return std::abs(set.value[i]) < std::abs(set.value[j]);
        });
    doubts.push_back(values_text(far.size(), set) + "more than 1,000 robust deviations from the median, the largest " +
                     significant(in_file(worst), 12) + " " + set.unit_name + ", " + set.datum_name(worst) + ". " +
                     remedy(in_file(worst)));
  }
  return doubts;
}

std::string near_duplicates(const DataSet &set)
{
  namespace geometry = boost::geometry;
  using Point = geometry::model::point<double, 3, geometry::cs::cartesian>;
  using Entry = std::pair<Point, unsigned int>;
  constexpr double near = 0.01;
  if (set.n_rows() < 3)
    return "";
  std::vector<Entry> points;
  for (unsigned int r = 0; r < set.n_rows(); ++r)
  {
    const auto &p = set.row_points[r];
    points.emplace_back(Point(p[0], p[1], std::isnan(p[2]) ? 0 : p[2]), r);
  }
  const geometry::index::rtree<Entry, geometry::index::rstar<16>> tree(points.begin(), points.end());
  std::vector<double> distance;
  std::vector<unsigned int> neighbour;
  for (const Entry &point : points)
  {
    std::vector<Entry> found;
    tree.query(geometry::index::nearest(point.first, 2), std::back_inserter(found));
    const Entry &other = found[0].second == point.second ? found[1] : found[0];
    distance.push_back(geometry::distance(point.first, other.first));
    neighbour.push_back(other.second);
  }
  const double usual = median(distance);
  const auto is_near = [&](const double d) { return d < near * usual; };
  const auto n = std::count_if(distance.begin(), distance.end(), is_near);
  if (n == 0)
    return "";
  const unsigned int first = std::min_element(distance.begin(), distance.end()) - distance.begin();
  return grouped(n) + " of " + counted(set.n_rows(), "point") + " lie within " + significant(near * usual, 2) +
         " m of another one, while the next point is usually " + significant(usual, 2) +
         " m away: they tell nearly the same twice. The nearest are " +
         set.location(std::min(first, neighbour[first])) + " and " + set.location(std::max(first, neighbour[first])) +
         ", " + significant(distance[first], 2) + " m apart";
}

} // namespace lodestone
