#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/table.h>

#include <algorithm>
#include <cmath>

namespace lodestone
{

namespace
{

/// One column in SI, without nan.
std::vector<double> read_column(const CsvTable &csv, const unsigned int column,
                                const std::optional<Quantity> quantity = {}, const std::string &advice = "")
{
  const double factor = column_factor(csv, column, quantity, advice);
  std::vector<double> values(csv.size());
  for (std::size_t row = 0; row < csv.size(); ++row)
    values[row] = factor * csv.finite_number(row, column);
  return values;
}

void require_rows(const CsvTable &csv)
{
  if (csv.size() == 0)
    throw InputError(csv.file(), "the table has no rows");
}

/// The same where only some numbers make sense.
std::vector<double> read_column(const CsvTable &csv, const unsigned int column, const TableColumn &allowed)
{
  std::vector<double> values = read_column(csv, column, allowed.quantity);
  for (std::size_t row = 0; row < csv.size(); ++row)
    if (!(values[row] > allowed.above && values[row] < allowed.below))
      throw InputError(csv.where(row), "column " + csv.columns[column] + " holds " + csv.rows[row][column],
                       "Every row needs a number above " + significant(allowed.above) +
                           (std::isfinite(allowed.below) ? " and below " + significant(allowed.below) : "") +
                           ", whether the model reaches it or not.");
  return values;
}

/// The distinct values, ascending; those closer than rounding in a file are one.
std::vector<double> distinct(std::vector<double> values)
{
  std::sort(values.begin(), values.end());
  const double tolerance = 1e-7 * (values.back() - values.front());
  std::vector<double> result;
  for (const double value : values)
    if (result.empty() || value - result.back() > tolerance)
      result.push_back(value);
  return result;
}

} // namespace

double column_factor(const CsvTable &csv, const unsigned int column, const std::optional<Quantity> quantity,
                     const std::string &advice)
{
  return unit_factor(csv.units[column], csv.file() + ": column " + csv.columns[column], quantity, advice);
}

DepthTable::DepthTable(const CsvTable &csv) : file_(csv.file())
{
  read_depths(csv);
  for (unsigned int c = 0; c < csv.columns.size(); ++c)
    if (csv.columns[c] != "depth")
    {
      columns_.push_back(csv.columns[c]);
      values_.push_back(read_column(csv, c));
    }
}

DepthTable::DepthTable(const CsvTable &csv, const std::string &wanted, const std::map<std::string, TableColumn> &known)
    : file_(csv.file())
{
  read_depths(csv);
  std::vector<std::string> missing;
  for (const auto &column : known)
    if (!csv.has(column.first))
      missing.push_back(column.first);
  for (unsigned int c = 0; c < csv.columns.size(); ++c)
  {
    const std::string &name = csv.columns[c];
    const bool is_known = known.count(name) > 0, is_only = csv.columns.size() == 2;
    if (name == "depth")
      continue;
    if (!is_known && !is_only)
    {
      refuse_misspelt_column(csv.file() + ": column " + name, name, missing);
      ignored_.push_back(name);
      continue;
    }
    columns_.push_back(is_known ? name : wanted);
    values_.push_back(read_column(csv, c, known.at(columns_.back())));
  }
  wanted_ = column(wanted);
}

void DepthTable::read_depths(const CsvTable &csv)
{
  require_rows(csv);
  const unsigned int depth_column = csv.column("depth");
  depths_ = read_column(csv, depth_column, Quantity::length);
  for (std::size_t row = 1; row < depths_.size(); ++row)
  {
    if (depths_[row] < depths_[row - 1])
      throw InputError(csv.where(row),
                       "the depth " + csv.rows[row][depth_column] + " stands below the depth " +
                           csv.rows[row - 1][depth_column],
                       "Sort the rows by depth, which is positive down.");
    if (row > 1 && depths_[row] == depths_[row - 2])
      throw InputError(csv.where(row), "a third row has the depth " + csv.rows[row][depth_column],
                       "Two rows of equal depth make a jump; three have no meaning.");
  }
}

bool DepthTable::has(const std::string &column) const
{
  return std::find(columns_.begin(), columns_.end(), column) != columns_.end();
}

unsigned int DepthTable::column(const std::string &name) const
{
  const auto found = std::find(columns_.begin(), columns_.end(), name);
  if (found == columns_.end())
    throw InputError(file_, "there is no column " + name, "The columns are: depth, " + join(columns_) + ".");
  return found - columns_.begin();
}

double DepthTable::value(const unsigned int column, const double depth) const
{
  const auto &values = values_[column];
  const auto below = std::upper_bound(depths_.begin(), depths_.end(), depth);
  if (below == depths_.begin())
    return values.front();
  if (below == depths_.end())
    return values.back();
  const std::size_t row = below - depths_.begin();
  const double weight = (depth - depths_[row - 1]) / (depths_[row] - depths_[row - 1]);
  return (1 - weight) * values[row - 1] + weight * values[row];
}

GridTable::GridTable(const CsvTable &csv, const OutsideGrid outside, const unsigned int n_values,
                     const std::optional<Quantity> quantity, const std::string &advice)
    : file_(csv.file()), outside_(outside)
{
  require_rows(csv);
  const unsigned int n_columns = csv.columns.size();
  if (n_columns != n_values + 1 && n_columns != n_values + 2)
    throw InputError(
        file_, "the table has the columns " + join(csv.columns),
        n_values == 1
            ? "A gridded table has two coordinates and a value: x,y,value or lon,lat,value; or x,value for a profile."
            : "This gridded table has two coordinates (x,y or lon,lat; x alone for a profile) and " +
                  std::to_string(n_values) + " values.");
  const unsigned int n_directions = n_columns - n_values;
  std::array<std::vector<double>, 2> coordinates;
  for (unsigned int d = 0; d < n_directions; ++d)
  {
    names_[d] = csv.columns[d];
    const bool is_angle = names_[d] == "lon" || names_[d] == "lat";
    coordinates[d] = read_column(csv, d, is_angle ? Quantity::angle : Quantity::length);
    nodes_[d] = distinct(coordinates[d]);
    if (nodes_[d].size() < 2)
      throw InputError(file_, "all rows have the same " + names_[d],
                       "A grid needs at least two nodes in each direction.");
  }
  std::vector<std::vector<double>> values;
  for (unsigned int k = 0; k < n_values; ++k)
  {
    value_names_.push_back(csv.columns[n_directions + k]);
    values.push_back(read_column(csv, n_directions + k, quantity, advice));
  }

  const std::size_t n_first = nodes_[0].size(), n_nodes = n_first * std::max<std::size_t>(nodes_[1].size(), 1);
  values_.assign(n_values, std::vector<double>(n_nodes));
  std::vector<std::size_t> row_of_node(n_nodes, csv.size());
  for (std::size_t row = 0; row < csv.size(); ++row)
  {
    const std::size_t second = is_profile() ? 0 : node_of(1, coordinates[1][row]);
    const std::size_t node = second * n_first + node_of(0, coordinates[0][row]);
    if (row_of_node[node] < csv.size())
      throw InputError(csv.where(row), "this grid node is given a second time",
                       "It stands already in line " + std::to_string(csv.lines[row_of_node[node]]) + ".");
    row_of_node[node] = row;
    for (unsigned int k = 0; k < n_values; ++k)
      values_[k][node] = values[k][row];
  }
  for (std::size_t node = 0; node < n_nodes; ++node)
    if (row_of_node[node] == csv.size())
      throw InputError(file_,
                       std::to_string(csv.size()) + " rows do not fill the grid of " + std::to_string(n_first) + " x " +
                           std::to_string(n_nodes / n_first) + " nodes that their coordinates span; missing is " +
                           names_[0] + " = " + std::to_string(nodes_[0][node % n_first]) +
                           (is_profile() ? "" : ", " + names_[1] + " = " + std::to_string(nodes_[1][node / n_first])),
                       "Give a value at every node; 0 where there is none.");
}

unsigned int GridTable::node_of(const unsigned int direction, const double coordinate) const
{
  const auto &nodes = nodes_[direction];
  return std::upper_bound(nodes.begin(), nodes.end(), coordinate) - nodes.begin() - 1;
}

bool GridTable::locate(const unsigned int direction, const double coordinate, unsigned int &interval,
                       double &weight) const
{
  const auto &nodes = nodes_[direction];
  const double slack = 1e-10 * (nodes.back() - nodes.front());
  if (!(coordinate >= nodes.front() - slack && coordinate <= nodes.back() + slack))
    return false;
  const double inside = std::min(std::max(coordinate, nodes.front()), nodes.back());
  interval = std::min<unsigned int>(node_of(direction, inside), nodes.size() - 2);
  weight = (inside - nodes[interval]) / (nodes[interval + 1] - nodes[interval]);
  return true;
}

bool GridTable::inside(const double a, const double b) const
{
  unsigned int interval;
  double weight;
  return locate(0, a, interval, weight) && (is_profile() || locate(1, b, interval, weight));
}

double GridTable::value(const double a, const double b, const unsigned int k) const
{
  std::array<unsigned int, 2> i = {{0, 0}};
  std::array<double, 2> w = {{0, 0}};
  if (!locate(0, a, i[0], w[0]) || (!is_profile() && !locate(1, b, i[1], w[1])))
  {
    if (outside_ == OutsideGrid::zero)
      return 0;
    throw InputError(file_,
                     "the grid does not reach " + names_[0] + " = " + std::to_string(a) +
                         (is_profile() ? "" : ", " + names_[1] + " = " + std::to_string(b)),
                     "Extend the table, or have it count as zero outside.");
  }
  const std::size_t n_first = nodes_[0].size();
  const auto along_first = [&](const std::size_t second) {
    const double *values = values_[k].data() + second * n_first + i[0];
    return (1 - w[0]) * values[0] + w[0] * values[1];
  };
  return is_profile() ? along_first(0) : (1 - w[1]) * along_first(i[1]) + w[1] * along_first(i[1] + 1);
}

std::array<std::array<double, 2>, 2> GridTable::extent() const
{
  const double infinity = std::numeric_limits<double>::infinity();
  std::array<std::array<double, 2>, 2> result = {{{{-infinity, infinity}}, {{-infinity, infinity}}}};
  for (unsigned int d = 0; d < 2; ++d)
    if (!nodes_[d].empty())
      result[d] = {{nodes_[d].front(), nodes_[d].back()}};
  return result;
}

} // namespace lodestone
