#include <lodestone/base/csv.h>
#include <lodestone/base/error.h>
#include <lodestone/loads/load_entries.h>

#include <cstdio>
#include <cstdlib>

namespace lodestone
{

namespace
{

/// Whether a text may be a number with a unit ("4.8e6 m^3/yr"): after the number come only characters of units.
bool may_be_quantity(const std::string &text)
{
  char *end = nullptr;
  (void)std::strtod(text.c_str(), &end);
  if (end == text.c_str())
    return false;
  for (; *end != 0; ++end)
    if (std::isalnum(static_cast<unsigned char>(*end)) == 0 && std::string(" \t^/%").find(*end) == std::string::npos)
      return false;
  return true;
}

std::string full_precision(const double value)
{
  char text[40];
  std::snprintf(text, sizeof(text), "%.17g", value);
  return text;
}

} // namespace

template <int dim>
Formula<dim> read_value(const std::string &entry, const Quantity quantity, const std::string &where)
{
  const std::string text = trimmed(entry);
  if (text.empty())
    throw InputError(where, "the entry is empty",
                     "Give a value in " + units_of(quantity) + ", or a formula of x, y, z.");
  if (!may_be_quantity(text))
    return Formula<dim>(text, where);
  try
  {
    return Formula<dim>(full_precision(parse_quantity(text, quantity, where)), where);
  }
  catch (const InputError &no_quantity)
  {
    try // "5e6/depth" looks like a quantity and is a formula
    {
      const Formula<dim> formula(text, where);
      if (!formula.is_constant())
        return formula;
    }
    catch (const InputError &)
    {
    }
    throw no_quantity;
  }
}

template <int dim>
std::vector<Formula<dim>> read_values(const std::string &text, const unsigned int count, const std::string &names,
                                      const Quantity quantity, const std::string &where)
{
  const std::vector<std::string> items = split_list(text);
  if (items.size() != count)
    throw InputError(where, std::to_string(items.size()) + " components in \"" + text + "\"",
                     "Give " + std::to_string(count) + " values or formulas, separated by commas: " + names + ".");
  std::vector<Formula<dim>> values;
  for (const auto &item : items)
    values.push_back(read_value<dim>(item, quantity, where));
  return values;
}

bool is_plain_zero(const std::string &text, const Quantity quantity)
{
  try
  {
    return may_be_quantity(trimmed(text)) && parse_quantity(text, quantity, "") == 0;
  }
  catch (const InputError &)
  {
    return false;
  }
}

void check_rate(const std::string &amount, const Quantity quantity, const std::optional<bool> rates,
                const std::string &where)
{
  const std::optional<bool> per_year = is_per_year(amount, quantity);
  if (!rates || !per_year || *rates == *per_year)
    return;
  if (*per_year)
    throw InputError(where, "'" + amount + "' is a rate, but the data of the load case are not",
                     "Leave /yr out, or set the Units of all data sets of the load case to m/yr, cm/yr or mm/yr.");
  throw InputError(where, "'" + amount + "' is not a rate, but the data of the load case are",
                   "Write /yr behind its unit, or set the Units of all data sets of the load case to m, cm or mm.");
}

void check_rate(const CsvTable &csv, const unsigned int column, const std::optional<bool> rates)
{
  if (!csv.units[column].empty())
    check_rate("1 " + csv.units[column], Quantity::number, rates, csv.file() + ": column " + csv.columns[column]);
}

template <int dim>
dealii::Tensor<1, dim> vector_at(const std::vector<Formula<dim>> &components, const dealii::Point<dim> &p)
{
  dealii::Tensor<1, dim> v;
  for (int d = 0; d < dim; ++d)
    v[d] = components[d].value(p);
  return v;
}

template <int dim>
dealii::SymmetricTensor<2, dim> tensor_at(const std::vector<Formula<dim>> &components, const dealii::Point<dim> &p)
{
  dealii::SymmetricTensor<2, dim> t;
  for (int d = 0; d < dim; ++d)
    t[d][d] = components[d].value(p);
  if constexpr (dim == 2)
    t[0][1] = components[2].value(p);
  else
  {
    t[1][2] = components[3].value(p);
    t[0][2] = components[4].value(p);
    t[0][1] = components[5].value(p);
  }
  return t;
}

template <int dim>
std::string tensor_names(const std::string &letter)
{
  std::string names;
  for (const std::string &component : dim == 2 ? std::vector<std::string>{"xx", "zz", "xz"}
                                               : std::vector<std::string>{"xx", "yy", "zz", "yz", "xz", "xy"})
    names += (names.empty() ? "" : ", ") + letter + component;
  return names;
}

template <int dim>
void SourcePosition<dim>::add_parameters(dealii::ParameterHandler &handler, const std::string &what)
{
  const std::string model = dim == 2 ? "x, depth" : "x, y, depth";
  handler.add_parameter("Position", model_text,
                        "Place of " + what + " in model coordinates: " + model +
                            " (m; depth positive below z = 0), e.g. " +
                            (dim == 2 ? "1 km, 3 km." : "1 km, -2 km, 3 km."),
                        dealii::Patterns::Anything());
  if (dim == 3)
    handler.add_parameter(
        "Geographic position", geographic_text,
        "Instead of Position: longitude, latitude (degrees, WGS84), depth (m), e.g. -164.65, 54.53, 6.9 km.",
        dealii::Patterns::Anything());
}

template <int dim>
dealii::Point<dim> SourcePosition<dim>::read(const Load<dim> &load, const LoadContext &context) const
{
  const bool in_model = !trimmed(model_text).empty(), geographic = !trimmed(geographic_text).empty();
  if (in_model == geographic)
    throw InputError(load.where("Position"),
                     in_model ? "Position and Geographic position are both given" : "no position is given",
                     "Give one of them.");
  const std::string where = load.where(in_model ? "Position" : "Geographic position");
  const std::string &text = in_model ? model_text : geographic_text;
  const std::vector<std::string> items = split_list(text);
  if (items.size() != dim)
    throw InputError(where, "\"" + text + "\" has " + std::to_string(items.size()) + " items",
                     in_model ? (dim == 2 ? "Give x, depth." : "Give x, y, depth.")
                              : "Give longitude, latitude, depth.");
  dealii::Point<dim> p;
  for (int d = 0; d + 1 < dim; ++d)
    p[d] = parse_quantity(items[d], in_model ? Quantity::length : Quantity::angle, where);
  const double depth = parse_quantity(items[dim - 1], Quantity::length, where);
  if (depth < 0)
    throw InputError(where, "the depth " + items[dim - 1] + " lies above the surface",
                     "Depths are positive below z = 0; write " + items[dim - 1].substr(1) + " for a place below it.");
  p[dim - 1] = -depth;
  if constexpr (dim == 3)
    if (geographic)
    {
      if (context.projection == nullptr)
        throw InputError(where, "a longitude and latitude are given, but the model has no geographic origin",
                         "Set Geographic origin = longitude, latitude (degrees), or give Position.");
      const dealii::Point<2> xy = context.projection->to_model(p[0], p[1]);
      p[0] = xy[0];
      p[1] = xy[1];
    }
  return p;
}

std::string resolved_file(const std::string &file, const LoadContext &context)
{
  const std::string name = trimmed(file);
  return name.empty() || name[0] == '/' || context.deck_directory.empty() ? name : context.deck_directory + "/" + name;
}

template <int dim>
double local_cell_size(const Mesh<dim> &mesh, const dealii::Point<dim> &point)
{
  double largest = 0;
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      const auto box = CellShape<dim>(cell).bounding_box();
      bool holds = true;
      for (int d = 0; d < dim && holds; ++d)
      {
        const double slack = 1e-9 * box.side_length(d);
        holds = point[d] >= box.lower_bound(d) - slack && point[d] <= box.upper_bound(d) + slack;
      }
      if (holds)
        for (const unsigned int line : cell->line_indices())
          largest = std::max(largest, cell->line(line)->vertex(0).distance(cell->line(line)->vertex(1)));
    }
  return dealii::Utilities::MPI::max(largest, mesh.communicator());
}

template <int dim>
std::string point_text(const dealii::Tensor<1, dim> &p)
{
  std::string text;
  for (int d = 0; d < dim; ++d)
    text += (d == 0 ? "(" : ", ") + number_text(p[d]);
  return text + ")";
}

std::string number_text(const double value)
{
  char text[40];
  std::snprintf(text, sizeof(text), "%g", value);
  return text;
}

#define INSTANTIATE(dim)                                                                                               \
  template Formula<dim> read_value<dim>(const std::string &, Quantity, const std::string &);                           \
  template std::vector<Formula<dim>> read_values<dim>(const std::string &, unsigned int, const std::string &,          \
                                                      Quantity, const std::string &);                                  \
  template dealii::Tensor<1, dim> vector_at<dim>(const std::vector<Formula<dim>> &, const dealii::Point<dim> &);       \
  template dealii::SymmetricTensor<2, dim> tensor_at<dim>(const std::vector<Formula<dim>> &,                           \
                                                          const dealii::Point<dim> &);                                 \
  template std::string tensor_names<dim>(const std::string &);                                                         \
  template struct SourcePosition<dim>;                                                                                 \
  template double local_cell_size<dim>(const Mesh<dim> &, const dealii::Point<dim> &);                                 \
  template std::string point_text<dim>(const dealii::Tensor<1, dim> &);
INSTANTIATE(2)
INSTANTIATE(3)

} // namespace lodestone
