#pragma once

#include <lodestone/loads/load_parameters.h>
#include <lodestone/observation/data_set_parameters.h>

#include <string>
#include <vector>

namespace lodestone
{

/// What a parameter file says of one load case: its loads and its data sets.
template <int dim>
struct LoadCaseParameters
{
  std::string name, load_names, data_set_names;
  std::vector<LoadParameters<dim>> loads;
  std::vector<DataSet::Parameters> data_sets;

  /// Checks the data sets, and that all of them are displacements or all are rates. @throws InputError
  void validate();

  /// Whether the data are rates (per year), and with them all that the load case predicts.
  bool has_rates() const;
  /// "/yr" for rates, otherwise empty: what follows the units of displacements and forces.
  std::string rate_suffix() const { return has_rates() ? "/yr" : ""; }
  /// From now on places to predict at are refused when they are read. @throws InputError when there are no data
  void require_data();
};

} // namespace lodestone
