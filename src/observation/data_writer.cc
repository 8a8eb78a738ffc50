#include <lodestone/base/error.h>
#include <lodestone/observation/data_writer.h>

#include <charconv>
#include <cmath>
#include <random>

namespace lodestone
{

namespace
{

/// The shortest text that reads back as the same number.
std::string number_text(const double value)
{
  char buffer[40];
  return {buffer, std::to_chars(buffer, buffer + sizeof(buffer), value).ptr};
}

/// A field that may hold a comma or a blank.
std::string quoted(const std::string &field)
{
  return field.find_first_of(", \t") == std::string::npos ? field : "\"" + field + "\"";
}

std::string joined(const std::vector<std::string> &fields)
{
  std::string line;
  for (unsigned int i = 0; i < fields.size(); ++i)
    line += (i > 0 ? "," : "") + quoted(fields[i]);
  return line + "\n";
}

/// Uniform in (0, 1], multiples of 2^-53.
double uniform(std::mt19937_64 &generator)
{
  return (static_cast<double>(generator() >> 11) + 1) * 0x1p-53;
}

} // namespace

std::vector<DataSet> predicted_sets(const std::vector<DataSet> &sets, const DataVector &predicted)
{
  std::vector<DataSet> result = sets;
  unsigned int next = 0;
  for (DataSet &set : result)
    for (unsigned int i = 0; i < set.n_data(); ++i)
    {
      set.value[i] = predicted[next++];
      set.sigma[i] = set.sigma_at(i, set.value[i]);
    }
  return result;
}

std::string data_file_text(const DataSet &set, const DataVector &data, const unsigned int first)
{
  const char *const sigma_names[] = {"sigma_east", "sigma_north", "sigma_up", "sigma"};
  std::vector<std::string> header = set.columns;
  std::array<int, 4> sigma_column = set.sigma_column;
  for (unsigned int c = 0; c < 4; ++c)
    if (set.value_column[c] >= 0 && sigma_column[c] < 0)
    {
      sigma_column[c] = header.size();
      header.emplace_back(sigma_names[c]);
    }

  std::vector<std::vector<std::string>> rows = set.row_text;
  for (auto &row : rows)
  {
    row.resize(header.size(), "nan");
    for (const int column : set.value_column)
      if (column >= 0)
        row[column] = "nan";
  }
  for (unsigned int i = 0; i < set.n_data(); ++i)
  {
    auto &row = rows[set.row[i]];
    row[set.value_column[set.component[i]]] = number_text(data[first + i] / set.unit);
    // The field as it was, where it says the same: division by the unit and back may round.
    std::string &sigma = row[sigma_column[set.component[i]]];
    double written = 0;
    std::from_chars(sigma.data(), sigma.data() + sigma.size(), written);
    if (written * set.unit != set.sigma[i])
      sigma = number_text(set.sigma[i] / set.unit);
  }

  std::string text = "# units: " + set.unit_name + "\n";
  if (set.relative_error > 0 || set.floor > 0 || set.vertical_floor > 0)
    text += "# standard deviations include Relative error and Floor of the deck that predicted these data\n";
  text += joined(header);
  for (const auto &row : rows)
    text += joined(row);
  return text;
}

std::string fit_table_text(const DataSet &set, const DataVector &predicted, const unsigned int first,
                           const double surface_elevation)
{
  const char *const component_names[] = {"east", "north", "up", "los"};
  std::string text = "# units: " + set.unit_name + "\n";
  text += std::string(set.row_name.empty() ? "" : "name,") + (set.geographic ? "lon,lat," : "") +
          "x [m],y [m],z [m],component";
  for (const char *const column : {"observed", "predicted", "residual", "sigma"})
    text += std::string(",") + column + " [" + set.unit_name + "]";
  text += "\n";
  for (unsigned int i = 0; i < set.n_data(); ++i)
  {
    const unsigned int r = set.row[i];
    const dealii::Point<3> &p = set.row_points[r];
    if (!set.row_name.empty())
      text += quoted(set.row_name[r]) + ",";
    if (set.geographic)
      text += number_text(set.row_lonlat[r][0]) + "," + number_text(set.row_lonlat[r][1]) + ",";
    text += number_text(p[0]) + "," + number_text(p[1]) + "," +
            number_text(p[2] < surface_elevation ? p[2] : surface_elevation) + "," + component_names[set.component[i]];
    for (const double value : {set.value[i], predicted[first + i], predicted[first + i] - set.value[i], set.sigma[i]})
      text += "," + number_text(value / set.unit);
    text += "\n";
  }
  return text;
}

DataVector gaussian_noise(const std::vector<DataSet> &sets, const std::uint64_t seed)
{
  std::mt19937_64 generator(seed);
  DataVector noise;
  for (const DataSet &set : sets)
    for (const double sigma : set.sigma)
    {
      const double radius = std::sqrt(-2 * std::log(uniform(generator)));
      noise.push_back(sigma * radius * std::cos(2 * dealii::numbers::PI * uniform(generator)));
    }
  return noise;
}

} // namespace lodestone
