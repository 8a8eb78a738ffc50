#include <lodestone/base/error.h>
#include <lodestone/loads/load_types.h>
#include <lodestone/loads/region_load.h>
#include <lodestone/loads/sources/dislocation.h>
#include <lodestone/loads/sources/point_force.h>
#include <lodestone/loads/sources/point_source.h>
#include <lodestone/loads/sources/potency_points.h>
#include <lodestone/loads/surface_load.h>
#include <lodestone/loads/surface_table.h>

namespace lodestone
{

namespace
{

template <int dim, template <int> class Type>
LoadType<dim> row(const std::string &type, const std::string &help)
{
  return {type, help,
          [type](const std::string &name, const std::string &path) {
            return std::make_unique<Type<dim>>(type, name, path);
          },
          [](const Load<dim> &load) { return std::make_unique<Type<dim>>(static_cast<const Type<dim> &>(load)); }};
}

template <int dim>
std::vector<std::string> type_names()
{
  std::vector<std::string> names;
  for (const LoadType<dim> &type : load_types<dim>())
    names.push_back(type.name);
  return names;
}

} // namespace

template <int dim>
const std::vector<LoadType<dim>> &load_types()
{
  static const std::vector<LoadType<dim>> types = {
      row<dim, Traction>("traction", "a force per area on boundaries, by components"),
      row<dim, Pressure>("pressure", "a pressure normal to boundaries"),
      row<dim, TractionTable>("traction table", "a force per area on boundaries, from a grid in a file"),
      row<dim, PressureTable>("pressure table", "a pressure on boundaries, or the weight of water, snow or ice, from a "
                                                "grid in a file"),
      row<dim, PointForce>("point force", "a force at a point"),
      row<dim, BodyForce>("body force", "a force per volume, or a weight, in a region"),
      row<dim, PorePressure>("pore pressure", "a change of pore pressure in a region"),
      row<dim, Eigenstrain>("eigenstrain", "a stress-free strain in a region, for example from heat or swelling"),
      row<dim, Eigenstress>("eigenstress", "a stress that acts in a region whatever its stiffness"),
      row<dim, PointSource>("point source", "a volume change at a point (Mogi)"),
      row<dim, Dislocation>("dislocation", "slip and opening on a rectangle: fault, dike or sill (Okada)"),
      row<dim, PotencyPoints>("potency points", "inelastic strain times volume at points, from a file")};
  return types;
}

template <int dim>
const LoadType<dim> &find_load_type(const std::string &entry, const std::string &path)
{
  const std::string name = trimmed(entry);
  for (const LoadType<dim> &type : load_types<dim>())
    if (type.name == name)
      return type;
  throw InputError(path + "/Type", name.empty() ? "no type is given" : "there is no type '" + name + "'",
                   name_advice(name, type_names<dim>()));
}

template <int dim>
std::string load_type_help(const std::string &name)
{
  std::string help = "Type of the load. ";
  std::vector<std::string> others;
  for (const LoadType<dim> &type : load_types<dim>())
    if (type.name == name)
      help += type.name + ": " + type.help + ". ";
    else
      others.push_back(type.name);
  return help + (is_blank(name) ? "It is one of " : "Other types: ") + join(others) + ".";
}

#define INSTANTIATE(dim)                                                                                               \
  template const std::vector<LoadType<dim>> &load_types<dim>();                                                        \
  template const LoadType<dim> &find_load_type<dim>(const std::string &, const std::string &);                         \
  template std::string load_type_help<dim>(const std::string &);
INSTANTIATE(2)
INSTANTIATE(3)

} // namespace lodestone
