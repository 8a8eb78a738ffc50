#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/material/background.h>
#include <lodestone/material/cell_mean.h>

#include <deal.II/fe/mapping_q1.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lodestone
{

namespace
{

template <int dim>
void check_modulus(const double x, const std::string &name, const std::string &where, const dealii::Point<dim> &p)
{
  constexpr double smallest = 1e-30, largest = 1e30; // Pa; beyond these, squares overflow
  if (x >= smallest && x <= largest)
    return;
  throw InputError(where, name + " is " + significant(x) + " Pa at " + point_text(p),
                   "It must be positive and finite in every cell, between 1e-30 and 1e30 Pa.");
}

template <int dim>
void check_poisson(const double nu, const std::string &where, const dealii::Point<dim> &p)
{
  if (nu > -1 && nu < 0.5)
    return;
  throw InputError(where, "Poisson's ratio is " + significant(nu) + " at " + point_text(p),
                   "It must lie between -1 and 0.5 (rock: 0.1 to 0.4).");
}

} // namespace

const std::array<BackgroundEntry, 4> &background_entries()
{
  constexpr TableColumn modulus = {Quantity::pressure, 0, std::numeric_limits<double>::infinity()},
                        ratio = {Quantity::number, -1, 0.5};
  static const std::array<BackgroundEntry, 4> entries = {
      {{"Young modulus", "young", modulus, "Young's modulus E (Pa; units Pa, kPa, MPa, GPa), positive.",
        &BackgroundEntries::young},
       {"Poisson ratio", "poisson", ratio, "Poisson's ratio nu (dimensionless), between -1 and 0.5.",
        &BackgroundEntries::poisson},
       {"Bulk modulus", "bulk", modulus,
        "Bulk modulus K (Pa), positive; together with the shear modulus instead of E and nu.",
        &BackgroundEntries::bulk},
       {"Shear modulus", "shear", modulus,
        "Shear modulus G (Pa), positive; together with the bulk modulus instead of E and nu.",
        &BackgroundEntries::shear}}};
  return entries;
}

const std::map<std::string, TableColumn> &background_columns()
{
  static const std::map<std::string, TableColumn> columns = []() {
    std::map<std::string, TableColumn> result;
    for (const BackgroundEntry &entry : background_entries())
      result.emplace(entry.column, entry.allowed);
    return result;
  }();
  return columns;
}

template <int dim>
typename Background<dim>::Source Background<dim>::make_source(const BackgroundEntries &e, const std::string &where,
                                                              const std::string &deck_directory, const MPI_Comm comm)
{
  if (e.gives_young_or_poisson() && e.gives_bulk_or_shear())
    throw InputError(where, "both (Young modulus, Poisson ratio) and (Bulk modulus, Shear modulus) are given",
                     "Two numbers describe the material: give one pair.");
  Source source;
  source.pair = e.gives_bulk_or_shear() ? ModuliPair::bulk_shear : ModuliPair::young_poisson;
  for (unsigned int i = 0; i < 2; ++i)
  {
    const BackgroundEntry &entry = background_entries()[(e.gives_bulk_or_shear() ? 2 : 0) + i];
    if (const std::string &text = e.*entry.text; !text.empty())
      source.values[i].emplace(text, where + "/" + entry.name, entry.column, background_columns(), deck_directory,
                               comm);
  }
  return source;
}

template <int dim>
Background<dim>::Background(const BackgroundEntries &general, const std::vector<ZoneBackground> &zones,
                            const Mesh<dim> &mesh, const std::string &deck_directory, const CutCells cut_cells)
    : mesh_(mesh), cut_cells_(cut_cells),
      general_(make_source(general, "Material", deck_directory, mesh.communicator()))
{
  for (unsigned int i = 0; i < 2; ++i)
    if (!general_.values[i])
      throw InputError("Material/" + background_entries()[(general_.pair == ModuliPair::bulk_shear ? 2 : 0) + i].name,
                       "it is not given", "Give both numbers of the pair.");
  for (const auto &zone : zones)
  {
    const std::string where = "Material/" + zone.name;
    const auto id = mesh.zone_id(zone.name, where);
    zones_.insert_or_assign(id, make_source(zone, where, deck_directory, mesh.communicator()));
  }
  const auto changes = [](const Source &source) {
    return std::any_of(source.values.begin(), source.values.end(),
                       [](const auto &value) { return value && !value->is_constant(); });
  };
  may_change_ = changes(general_) || (mesh.zones_cut_cells() && !zones_.empty()) ||
                std::any_of(zones_.begin(), zones_.end(), [&](const auto &zone) { return changes(zone.second); });
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
Lame Background<dim>::at(const Cell &cell, const dealii::Point<dim> &p) const
{
  const auto zone = zones_.find(mesh_.zone_at(cell, p));
  const Source &source = zone == zones_.end() ? general_ : zone->second;
  return lame_moduli(source.pair, evaluate(source, p));
}

template <int dim>
auto Background<dim>::at(const Cell &cell, const ModuliPair pair) const -> OfCell
{
  const auto zone = zones_.find(cell->material_id());
  const Source &source = zone == zones_.end() ? general_ : zone->second;
  const auto x = evaluate(source, cell->center());
  if (may_change_ && cut_cells_ == CutCells::mean)
  {
    const auto &mapping = dealii::StaticMappingQ1<dim>::mapping;
    const auto mean = mean_of_cut_cell<dim>(lame_moduli(source.pair, x), [&](const dealii::Point<dim> &unit_point) {
      return at(cell, mapping.transform_unit_to_real_cell(cell, unit_point));
    });
    if (mean)
      return {mean->as(pair), true};
  }
  return {source.pair == pair ? x : lame_moduli(source.pair, x).as(pair), false};
}

template class Background<2>;
template class Background<3>;

} // namespace lodestone
