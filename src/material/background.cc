#include <lodestone/base/error.h>
#include <lodestone/material/background.h>

#include <cmath>
#include <sstream>

namespace lodestone
{

namespace
{

template <int dim>
std::string position(const dealii::Point<dim> &p)
{
  std::ostringstream text;
  text << "(" << p[0];
  for (unsigned int d = 1; d < dim; ++d)
    text << ", " << p[d];
  text << ")";
  return text.str();
}

template <int dim>
void check_modulus(const double x, const std::string &name, const std::string &where, const dealii::Point<dim> &p)
{
  if (x > 0 && std::isfinite(x))
    return;
  std::ostringstream found;
  found << name << " is " << x << " Pa at " << position(p);
  throw InputError(where, found.str(), "It must be positive and finite in every cell.");
}

template <int dim>
void check_poisson(const double nu, const std::string &where, const dealii::Point<dim> &p)
{
  if (nu > -1 && nu < 0.5)
    return;
  std::ostringstream found;
  found << "Poisson's ratio is " << nu << " at " << position(p);
  throw InputError(where, found.str(), "It must lie between -1 and 0.5 (rock: 0.1 to 0.4).");
}

} // namespace

template <int dim>
typename Background<dim>::Source Background<dim>::make_source(const BackgroundEntries &e, const std::string &where,
                                                              const std::string &deck_directory, const MPI_Comm comm)
{
  const bool by_young = !e.young.empty() || !e.poisson.empty(), by_bulk = !e.bulk.empty() || !e.shear.empty();
  if (by_young && by_bulk)
    throw InputError(where, "both (Young modulus, Poisson ratio) and (Bulk modulus, Shear modulus) are given",
                     "Two numbers describe the material: give one pair.");
  Source source;
  source.pair = by_bulk ? ModuliPair::bulk_shear : ModuliPair::young_poisson;
  const auto read = [&](const std::string &text, const std::string &name, const std::string &column,
                        const Quantity quantity) {
    return text.empty() ? std::optional<SpatialValue<dim>>()
                        : std::make_optional<SpatialValue<dim>>(text, quantity, where + "/" + name, column,
                                                                deck_directory, comm);
  };
  if (by_bulk)
    source.values = {{read(e.bulk, "Bulk modulus", "bulk", Quantity::pressure),
                      read(e.shear, "Shear modulus", "shear", Quantity::pressure)}};
  else
    source.values = {{read(e.young, "Young modulus", "young", Quantity::pressure),
                      read(e.poisson, "Poisson ratio", "poisson", Quantity::number)}};
  return source;
}

template <int dim>
Background<dim>::Background(const BackgroundEntries &general, const std::vector<ZoneBackground> &zones,
                            const Mesh<dim> &mesh, const std::string &deck_directory)
    : general_(make_source(general, "Material", deck_directory, mesh.communicator()))
{
  for (unsigned int i = 0; i < 2; ++i)
    if (!general_.values[i])
    {
      const bool by_bulk = general_.pair == ModuliPair::bulk_shear;
      const std::string missing =
          by_bulk ? (i == 0 ? "Bulk modulus" : "Shear modulus") : (i == 0 ? "Young modulus" : "Poisson ratio");
      throw InputError("Material/" + missing, "it is not given", "Give both numbers of the pair.");
    }
  for (const auto &zone : zones)
  {
    const std::string where = "Material/" + zone.name;
    const auto id = mesh.zone_id(zone.name, where);
    zones_.insert_or_assign(id, make_source(zone, where, deck_directory, mesh.communicator()));
  }
}

template <int dim>
void Background<dim>::check(const BackgroundEntries &general, const std::vector<ZoneBackground> &zones,
                            const std::string &deck_directory, const MPI_Comm comm)
{
  (void)make_source(general, "Material", deck_directory, comm);
  for (const auto &zone : zones)
    (void)make_source(zone, "Material/" + zone.name, deck_directory, comm);
}

template <int dim>
std::array<double, 2> Background<dim>::evaluate(const Source &source, const dealii::Point<dim> &p) const
{
  std::array<double, 2> x{{0, 0}};
  if (!source.values[0] || !source.values[1])
    x = lame_moduli(general_.pair, evaluate(general_, p)).as(source.pair);
  for (unsigned int i = 0; i < 2; ++i)
    if (source.values[i])
      x[i] = source.values[i]->value(p);
  const auto where = [&](const unsigned int i) {
    return source.values[i] ? source.values[i]->where() : std::string("Material");
  };
  if (source.pair == ModuliPair::bulk_shear)
  {
    check_modulus(x[0], "the bulk modulus", where(0), p);
    check_modulus(x[1], "the shear modulus", where(1), p);
  }
  else
  {
    check_modulus(x[0], "Young's modulus", where(0), p);
    check_poisson(x[1], where(1), p);
  }
  return x;
}

template <int dim>
std::array<double, 2> Background<dim>::at(const Cell &cell, const ModuliPair pair) const
{
  const auto zone = zones_.find(cell->material_id());
  const Source &source = zone == zones_.end() ? general_ : zone->second;
  const auto x = evaluate(source, cell->center());
  return source.pair == pair ? x : lame_moduli(source.pair, x).as(pair);
}

template class Background<2>;
template class Background<3>;

} // namespace lodestone
