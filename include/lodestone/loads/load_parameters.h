#pragma once

#include <deal.II/base/parameter_handler.h>

#include <map>
#include <string>

namespace lodestone
{

/// One load as the parameter file gives it: its type, and the texts of the entries that this type has.
///
/// The entries themselves belong to the kinds of loads (see Load); make_loads reads them. add_parameters binds to this
/// object: call it where the object stays.
struct LoadParameters
{
  std::string name;                         ///< of the subsection
  std::string path;                         ///< "Load cases/drawdown/reservoir", for errors
  std::string type;                         ///< empty until it has been read
  std::map<std::string, std::string> texts; ///< entry to text; defaults where the deck is silent

  /// Declares `Type`, and once it is read the entries of that type, in the handler's current subsection.
  /// @throws InputError for an unknown type, naming the nearest
  template <int dim>
  void add_parameters(dealii::ParameterHandler &handler);
};

} // namespace lodestone
