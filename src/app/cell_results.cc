#include <lodestone/app/cell_results.h>
#include <lodestone/forward/cell_stress.h>
#include <lodestone/io/array_name.h>

#include <algorithm>

namespace lodestone
{

namespace
{

/// a - b
CellField difference(const CellField &a, const CellField &b)
{
  CellField result = a;
  result.add(-1., b);
  return result;
}

CellField ratio(const CellField &numerator, const CellField &denominator)
{
  CellField result = numerator;
  for (unsigned int i = 0; i < result.locally_owned_size(); ++i)
    result.local_element(i) /= denominator.local_element(i);
  return result;
}

/// Whether a field of the unknown m is about the quantity of this symbol: "ln K/K0", "logit nu", "K/K0 - 1".
bool is_unknown(const ParameterLayout &layout, const std::string &symbol)
{
  return std::any_of(layout.unknown_fields.begin(), layout.unknown_fields.end(),
                     [&symbol](const auto &field) { return field.name.find(symbol) != std::string::npos; });
}

/// The field of Parametrization::fields that has this name.
const CellField &find(const std::vector<std::pair<std::string, CellField>> &fields, const std::string &name)
{
  return std::find_if(fields.begin(), fields.end(), [&](const auto &field) { return field.first == name; })->second;
}

template <int dim>
void add_moduli(const ResultSource<dim> &source, const ParameterVector &m, std::vector<DescribedField> &result)
{
  struct Modulus
  {
    char symbol;
    std::string name, words;
  };
  const Modulus moduli[] = {
      {'E', "young", "Young's modulus"}, {'K', "bulk", "bulk modulus"}, {'G', "shear", "shear modulus"}};
  const auto &parametrization = source.parametrization;
  const auto now = parametrization.fields(m), before = parametrization.fields(parametrization.make_vector());
  for (const auto &[symbol, name, words] : moduli)
    result.push_back({name, {"Pa", words}, find(now, {symbol})});
  result.push_back({"poisson", {"1", "Poisson's ratio"}, find(now, "nu")});
  for (const auto &[symbol, name, words] : moduli)
    if (symbol == 'E' || is_unknown(*parametrization.layout(), {symbol}))
      result.push_back({name + "_ratio",
                        {"1", words + " over that of the background, where m = 0"},
                        ratio(find(now, {symbol}), find(before, {symbol}))});
  if (is_unknown(*parametrization.layout(), "nu"))
    result.push_back({"poisson_change",
                      {"1", "Poisson's ratio minus that of the background, where m = 0"},
                      difference(find(now, "nu"), find(before, "nu"))});
}

} // namespace

template <int dim>
std::vector<DescribedField> cell_results(const ResultSource<dim> &source, const ParameterVector &m,
                                         const ParameterVector *gradient, const ParameterVector *sensitivity)
{
  std::vector<DescribedField> result;
  add_moduli(source, m, result);
  const auto &parametrization = source.parametrization;
  const auto per_volume = [&](const ParameterVector &dual) {
    ParameterVector density = dual;
    for (unsigned int i = 0; i < density.values().locally_owned_size(); ++i)
      density.values().local_element(i) /= source.volume_weights.local_element(i);
    return density;
  };
  const std::string volumes =
      ", per volume: times the mean volume of the parameter cells over that of the parameter cell";
  const auto &unknown_fields = parametrization.layout()->unknown_fields;
  for (unsigned int k = 0; k < unknown_fields.size(); ++k)
  {
    const std::string &name = unknown_fields[k].name;
    result.push_back({array_name("m " + name),
                      {"1", "unknown m = " + name + ", 0 at the background; nan where a cell keeps its background"},
                      parametrization.on_cells(m, k)});
    if (gradient != nullptr)
      result.push_back({array_name("gradient " + name),
                        {"1", "derivative of the objective with respect to " + name + volumes},
                        parametrization.on_cells(per_volume(*gradient), k)});
    if (sensitivity != nullptr)
      result.push_back({array_name("sensitivity " + name),
                        {"1", "root of the sum over the data of (d datum / d(" + name + ") / sigma)^2" + volumes},
                        parametrization.on_cells(per_volume(*sensitivity), k)});
  }
  return result;
}

template <int dim>
CellField young_background(const ResultSource<dim> &source)
{
  return find(source.parametrization.fields(source.parametrization.make_vector()), "E");
}

template <int dim>
CellField zone_numbers(const Mesh<dim> &mesh)
{
  CellField numbers = mesh.make_cell_field();
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      numbers(cell->global_active_cell_index()) = cell->material_id();
  return numbers;
}

template <int dim>
std::vector<CellArray> strain_and_stress(const ResultSource<dim> &source, const ParameterVector &m)
{
  const Moduli moduli = source.parametrization.value(m);
  std::vector<CellArray> result;
  for (unsigned int s = 0; s < source.cases.size(); ++s)
  {
    const std::string &per = source.cases[s].rate_suffix;
    CellTensors strain = strain_at_centres(source.space, source.cases[s].loads, source.objective.state(s));
    CellTensors of_moduli = stress(strain, moduli);
    result.push_back(
        {name_with_unit(name_in_case("strain", source, s), per.empty() ? "1" : "1" + per), {}, std::move(strain)});
    result.push_back({name_with_unit(name_in_case("stress", source, s), "Pa" + per), {}, std::move(of_moduli)});
  }
  return result;
}

std::string name_with_unit(const std::string &name, const std::string &unit)
{
  std::string suffix = unit.substr(unit.rfind('1', 0) == 0 ? 1 : 0);
  if (const auto slash = suffix.find('/'); slash != std::string::npos)
    suffix.replace(slash, 1, slash > 0 ? "_per_" : "per_");
  return suffix.empty() ? name : name + "_" + suffix;
}

template <int dim>
std::string name_in_case(const std::string &name, const ResultSource<dim> &source, const unsigned int load_case)
{
  std::vector<std::string> names;
  for (unsigned int s = 0; s < source.cases.size(); ++s)
    names.push_back(array_name(source.case_name(s)));
  const std::string what = source.cases[load_case].rate_suffix.empty() ? name : name + "_rate";
  return names.size() > 1 ? what + "_" + without_repetition(names)[load_case] : what;
}

template std::vector<DescribedField> cell_results<2>(const ResultSource<2> &, const ParameterVector &,
                                                     const ParameterVector *, const ParameterVector *);
template std::vector<DescribedField> cell_results<3>(const ResultSource<3> &, const ParameterVector &,
                                                     const ParameterVector *, const ParameterVector *);
template CellField young_background<2>(const ResultSource<2> &);
template CellField young_background<3>(const ResultSource<3> &);
template CellField zone_numbers<2>(const Mesh<2> &);
template CellField zone_numbers<3>(const Mesh<3> &);
template std::vector<CellArray> strain_and_stress<2>(const ResultSource<2> &, const ParameterVector &);
template std::vector<CellArray> strain_and_stress<3>(const ResultSource<3> &, const ParameterVector &);
template std::string name_in_case<2>(const std::string &, const ResultSource<2> &, unsigned int);
template std::string name_in_case<3>(const std::string &, const ResultSource<3> &, unsigned int);

} // namespace lodestone
