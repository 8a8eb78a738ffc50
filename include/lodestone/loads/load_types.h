#pragma once

#include <lodestone/loads/load.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace lodestone
{

/// One type of load. A new type is a class in files of its own and a row in load_types.cc.
template <int dim>
struct LoadType
{
  std::string name; ///< what the entry `Type` says
  std::string help; ///< what acts, in a phrase
  std::function<std::unique_ptr<Load<dim>>(const std::string &name, const std::string &path)> make;
  std::function<std::unique_ptr<Load<dim>>(const Load<dim> &)> copy; ///< copies a load of this type
};

/// All types of loads, in the order in which help texts list them.
template <int dim>
const std::vector<LoadType<dim>> &load_types();

/// @param path of the load's subsection, for the error
/// @throws InputError for a type that is not in the table, naming the nearest
template <int dim>
const LoadType<dim> &find_load_type(const std::string &type, const std::string &path);

/// The help of the entry `Type` of a load: what its type is, and which others there are. @param type empty: not yet
/// known
template <int dim>
std::string load_type_help(const std::string &type);

} // namespace lodestone
