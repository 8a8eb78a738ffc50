#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/observation/data_set.h>
#include <lodestone/observation/data_set_parameters.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace lodestone
{

namespace
{

std::string text_of(const double value)
{
  return significant(value, 12);
}

/// The position of a row as the user gave it.
std::string position_text(const DataSet &set, const unsigned int row)
{
  if (set.geographic)
    return "longitude " + text_of(set.row_lonlat[row][0]) + ", latitude " + text_of(set.row_lonlat[row][1]);
  const dealii::Point<3> &p = set.row_points[row];
  return "x = " + text_of(p[0]) + " m" + (set.section ? "" : ", y = " + text_of(p[1]) + " m") +
         (std::isnan(p[2]) ? "" : ", z = " + text_of(p[2]) + " m");
}

/// Keeps the entries i of a vector for which `is_gone(i)` is false.
template <typename T, typename IsGone>
void filter(std::vector<T> &entries, const IsGone &is_gone)
{
  std::size_t kept = 0;
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (!is_gone(i))
    {
      if (kept != i)
        entries[kept] = std::move(entries[i]);
      ++kept;
    }
  entries.resize(kept);
}

} // namespace

DataSet::DataSet(const Parameters &parameters)
    : name(parameters.name), where(parameters.where.empty() ? parameters.name : parameters.where),
      rate(parameters.rate), unit(parameters.unit), unit_name(parameters.units),
      relative_error(parameters.relative_error), floor(parameters.floor_value),
      vertical_floor(parameters.vertical_floor_value), noise(parameters.noise_model), loss(parameters.loss_function),
      weight(parameters.weight), nuisance(parameters.nuisance_kind), shared_nuisance(parameters.shared_nuisance),
      drop_outside(parameters.drop_outside)
{
}

std::string Nuisance::text() const
{
  static const char *const surfaces[] = {"none", "offset", "ramp", "quadratic"};
  return std::string(surfaces[int(surface)]) + (rotation ? ", rotation" : "") + (elevation ? ", elevation" : "");
}

void DataSet::add_row(const dealii::Point<3> &point, const unsigned int record)
{
  row_points.push_back(point);
  row_record.push_back(record);
}

void DataSet::add_datum(const unsigned int datum_component, const dealii::Tensor<1, 3> &datum_direction,
                        const double datum_value, const double datum_own_sigma)
{
  row.push_back(n_rows() - 1);
  component.push_back(datum_component);
  direction.push_back(datum_direction);
  value.push_back(datum_value);
  own_sigma.push_back(datum_own_sigma);
  sigma.push_back(sigma_at(n_data() - 1, datum_value));
}

void DataSet::change_noise(const NoiseModel &other)
{
  noise = other;
  for (unsigned int i = 0; i < n_data(); ++i)
    sigma[i] = sigma_at(i, value[i]);
}

double DataSet::sigma_at(const unsigned int i, const double d) const
{
  return noise.deviation(uncorrelated_sigma(i, d));
}

double DataSet::component_correlation(const unsigned int i, const unsigned int j) const
{
  if (row_correlation.empty() || component[i] > 2 || component[j] > 2)
    return 0;
  double result = row_correlation[row[i]][component[i] + component[j] - 1];
  for (const unsigned int k : {i, j})
    if (const double with_all = uncorrelated_sigma(k, value[k]); with_all > 0)
      result *= own_sigma[k] / with_all;
  return result;
}

double DataSet::uncorrelated_sigma(const unsigned int i, const double d) const
{
  return std::max(std::hypot(own_sigma[i], relative_error * d), component[i] == 2 ? vertical_floor : floor);
}

std::string DataSet::location(const unsigned int r) const
{
  return source ? source->location(row_record[r]) : name + ", row " + std::to_string(r);
}

std::string DataSet::datum_name(const unsigned int i) const
{
  const unsigned int r = row[i];
  const std::string what = component[i] < 3 ? std::string(component_name(component[i])) + " at " : "";
  return what + (row_name.empty() ? position_text(*this, r) : row_name[r]);
}

const char *component_name(const unsigned int component)
{
  static const char *const names[] = {"east", "north", "up", "los"};
  return names[component];
}

dealii::Tensor<1, 3> axis(const unsigned int component)
{
  dealii::Tensor<1, 3> e;
  e[component] = 1;
  return e;
}

dealii::Tensor<1, 3> line_of_sight(const double incidence, const double heading, const Look look,
                                   const std::string &where)
{
  if (!(incidence >= 0 && incidence < 90))
    throw InputError(where, "incidence is " + text_of(incidence),
                     "The incidence angle is counted from the vertical at the target: 0 to 90 degrees.");
  if (!(std::abs(heading) <= 360))
    throw InputError(where, "heading is " + text_of(heading),
                     "The heading is the flight direction clockwise from north: -360 to 360 degrees.");
  const double i = incidence * dealii::numbers::PI / 180, h = heading * dealii::numbers::PI / 180;
  const double side = look == Look::left ? -1 : 1;
  dealii::Tensor<1, 3> e;
  e[0] = -side * std::sin(i) * std::cos(h);
  e[1] = side * std::sin(i) * std::sin(h);
  e[2] = std::cos(i);
  return e;
}

dealii::Tensor<1, 3> line_of_sight(const dealii::Tensor<1, 3> &e, const std::string &where)
{
  const double length = e.norm();
  if (!(std::abs(length - 1) <= 0.01))
    throw InputError(where,
                     "the direction (" + text_of(e[0]) + ", " + text_of(e[1]) + ", " + text_of(e[2]) + ") has length " +
                         text_of(length),
                     "The direction is the unit vector from the ground to the satellite, within 1 % of length 1.");
  return e / length;
}

bool any_observed(const std::vector<DataSet> &sets)
{
  return std::any_of(sets.begin(), sets.end(), [](const DataSet &set) { return set.observed; });
}

void check_data_set(const DataSet &set)
{
  if (set.n_data() == 0)
    throw InputError(set.file, set.ignored_rows == 0 ? "the file has no rows" : "no row of the file has a value",
                     "Give at least one observation, or take the data set from the list Data sets.");
  // Longitudes that are whole turns apart have been mapped to one point.
  std::map<std::array<double, 3>, unsigned int> seen;
  for (unsigned int r = 0; r < set.n_rows(); ++r)
  {
    const dealii::Point<3> &p = set.row_points[r];
    const auto [before, added] = seen.emplace(std::array<double, 3>{{p[0], p[1], std::isnan(p[2]) ? 0 : p[2]}}, r);
    if (!added)
      throw InputError(
          set.location(r), "the point at " + position_text(set, r) + " is that of " + set.location(before->second),
          "Every point may occur once in a data set: merge the two rows, or put one into another data set.");
  }
}

void remove_rows(DataSet &set, const std::vector<unsigned int> &rows)
{
  std::vector<bool> gone(set.n_rows(), false);
  for (const unsigned int r : rows)
    gone[r] = true;
  std::vector<unsigned int> new_row(set.n_rows());
  for (unsigned int r = 0, kept = 0; r < set.n_rows(); ++r)
    new_row[r] = gone[r] ? kept : kept++;

  const std::vector<unsigned int> old_row = set.row;
  const auto datum_gone = [&](const std::size_t i) { return gone[old_row[i]]; };
  filter(set.row, datum_gone);
  filter(set.component, datum_gone);
  filter(set.direction, datum_gone);
  filter(set.value, datum_gone);
  filter(set.sigma, datum_gone);
  filter(set.own_sigma, datum_gone);
  filter(set.covariance_row, datum_gone);
  for (auto &r : set.row)
    r = new_row[r];

  const auto row_gone = [&](const std::size_t r) { return bool(gone[r]); };
  filter(set.row_points, row_gone);
  filter(set.row_lonlat, row_gone);
  filter(set.row_name, row_gone);
  filter(set.row_height, row_gone);
  filter(set.row_record, row_gone);
  filter(set.row_correlation, row_gone);
}

} // namespace lodestone
