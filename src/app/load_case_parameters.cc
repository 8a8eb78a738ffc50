#include <lodestone/app/load_case_parameters.h>
#include <lodestone/base/error.h>

#include <algorithm>

namespace lodestone
{

template <int dim>
void LoadCaseParameters<dim>::validate()
{
  for (auto &data_set : data_sets)
  {
    data_set.validate();
    const DataSet::Parameters &first = data_sets.front();
    if (data_set.rate != first.rate)
      throw InputError(
          data_set.where + "/Units", "'" + data_set.units + "' beside '" + first.units + "' of " + first.name,
          "The data of a load case are all displacements (m, cm, mm) or all rates (m/yr, cm/yr, mm/yr): give one of "
          "them a load case of its own.");
  }
}

template <int dim>
bool LoadCaseParameters<dim>::has_rates() const
{
  return std::any_of(data_sets.begin(), data_sets.end(), [](const auto &set) { return set.rate; });
}

template <int dim>
void LoadCaseParameters<dim>::require_data()
{
  if (data_sets.empty())
    throw InputError("Load cases/" + name + "/Data sets", "the load case has no data",
                     "Name at least one data set, or use 'lodestone forward'.");
  for (auto &data_set : data_sets)
    data_set.must_be_observed = true;
}

template struct LoadCaseParameters<2>;
template struct LoadCaseParameters<3>;

} // namespace lodestone
