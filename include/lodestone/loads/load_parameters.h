#pragma once

#include <lodestone/loads/load.h>

#include <deal.II/base/parameter_handler.h>

#include <map>
#include <memory>
#include <string>

namespace lodestone
{

/// One load as the parameter file gives it.
///
/// A deck is read more than once: first the names of the loads, then their types, then all entries. So the load itself
/// exists as soon as its type is known. add_parameters binds to this object and to the load: keep the object in its
/// place while the handler lives.
template <int dim>
struct LoadParameters
{
  std::string name; ///< of the subsection
  std::string path; ///< "Load cases/drawdown/reservoir", for errors
  std::string type; ///< empty until it has been read

  /// Declares `Type`, and once it is read the entries of that type, in the handler's present subsection.
  /// @throws InputError for an unknown type, naming the nearest
  void add_parameters(dealii::ParameterHandler &handler);
  /// A load with these entries, which the caller may validate. @throws InputError where there is no type
  std::unique_ptr<Load<dim>> make_load() const;

  /// The load that a parameter file with these entries would give. @throws InputError for an entry that the type does
  /// not have
  static LoadParameters from_texts(const std::string &name, const std::string &path, const std::string &type,
                                   const std::map<std::string, std::string> &texts);

private:
  std::shared_ptr<Load<dim>> load_; ///< its entries have been read, but it has not been validated
};

} // namespace lodestone
