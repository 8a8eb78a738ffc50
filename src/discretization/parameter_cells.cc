#include <lodestone/base/error.h>
#include <lodestone/discretization/coarser_cells.h>
#include <lodestone/discretization/ghosted_read.h>
#include <lodestone/discretization/parameter_cells.h>

#include <deal.II/base/mpi.h>
#include <deal.II/base/partitioner.h>
#include <deal.II/grid/cell_id.h>
#include <deal.II/grid/grid_tools.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>

namespace lodestone
{

namespace
{

using dealii::types::global_dof_index;
/// A name of a parameter cell that is the same on all ranks: a CellId in binary, or the number of a zone.
using Key = std::array<unsigned int, 4>;

constexpr unsigned int no_group = dealii::numbers::invalid_unsigned_int;

/// The parameter cells that owned finite-element cells of this rank belong to, in the order in which they are met.
struct LocalGroups
{
  std::vector<unsigned int> of_cell; ///< by active_cell_index; no_group when held or not owned here
  std::vector<Key> key;
  std::vector<bool> may_be_shared; ///< whether other ranks may have cells of the group
};

template <int dim>
typename dealii::Triangulation<dim>::cell_iterator
ancestor(const typename dealii::Triangulation<dim>::active_cell_iterator &cell, unsigned int coarsening)
{
  typename dealii::Triangulation<dim>::cell_iterator result = cell;
  for (unsigned int step = 0; step < coarsening && result->level() > 0; ++step)
    result = result->parent();
  return result;
}

template <int dim>
bool is_all_owned(const typename dealii::Triangulation<dim>::cell_iterator &cell)
{
  if (cell->is_active())
    return cell->is_locally_owned();
  for (unsigned int child = 0; child < cell->n_children(); ++child)
    if (!is_all_owned<dim>(cell->child(child)))
      return false;
  return true;
}

/// Groups the owned cells that are not held.
template <int dim>
LocalGroups group_cells(const Mesh<dim> &mesh, const CellField &held,
                        const typename ParameterCells<dim>::Parameters &parameters)
{
  const bool zones = parameters.kind == ParameterCellKind::zones;
  LocalGroups groups;
  groups.of_cell.assign(mesh.triangulation().n_active_cells(), no_group);
  std::map<std::pair<unsigned int, unsigned int>, unsigned int> known;
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
  {
    if (!cell->is_locally_owned() || held(cell->global_active_cell_index()) != 0)
      continue;
    const auto parent = ancestor<dim>(cell, zones ? 0 : parameters.coarsening);
    const std::pair<unsigned int, unsigned int> name =
        zones ? std::make_pair(cell->material_id(), 0u)
              : std::make_pair(static_cast<unsigned int>(parent->level()), static_cast<unsigned int>(parent->index()));
    const auto [entry, is_new] = known.emplace(name, groups.key.size());
    if (is_new)
    {
      groups.key.push_back(zones ? Key{{cell->material_id(), 0, 0, 0}} : parent->id().template to_binary<dim>());
      groups.may_be_shared.push_back(zones || !is_all_owned<dim>(parent));
    }
    groups.of_cell[cell->active_cell_index()] = entry->second;
  }
  return groups;
}

/// The keys of groups that may be shared, by rank. Collective.
std::vector<std::vector<Key>> gather_shared(const LocalGroups &groups, MPI_Comm comm)
{
  std::vector<unsigned int> flat;
  for (std::size_t g = 0; g < groups.key.size(); ++g)
    if (groups.may_be_shared[g])
      flat.insert(flat.end(), groups.key[g].begin(), groups.key[g].end());
  std::vector<std::vector<Key>> keys;
  for (const auto &of_rank : dealii::Utilities::MPI::all_gather(comm, flat))
  {
    keys.emplace_back(of_rank.size() / 4);
    for (std::size_t i = 0; i < of_rank.size(); ++i)
      keys.back()[i / 4][i % 4] = of_rank[i];
  }
  return keys;
}

/// The global number of every local group. The lowest rank that has cells of a group owns the group. Owned shared
/// groups come first on each rank, so that all ranks know their numbers without asking.
struct Numbering
{
  std::vector<global_dof_index> of_group;
  global_dof_index n = 0, first_owned = 0, n_owned = 0;
};

/// Collective.
Numbering number_groups(const LocalGroups &groups, MPI_Comm comm)
{
  const unsigned int rank = dealii::Utilities::MPI::this_mpi_process(comm);
  const std::vector<std::vector<Key>> shared = gather_shared(groups, comm);
  std::map<Key, std::pair<unsigned int, global_dof_index>> place; // the owner of a group and its position there
  std::vector<global_dof_index> n_shared_owned(shared.size(), 0);
  for (unsigned int r = 0; r < shared.size(); ++r)
    for (const Key &key : shared[r])
      if (place.emplace(key, std::make_pair(r, n_shared_owned[r])).second)
        ++n_shared_owned[r];

  global_dof_index n_owned = n_shared_owned[rank];
  Numbering numbering;
  numbering.of_group.resize(groups.key.size());
  for (std::size_t g = 0; g < groups.key.size(); ++g)
    if (!groups.may_be_shared[g])
      numbering.of_group[g] = n_owned++; // not yet shifted

  std::vector<global_dof_index> first(1, 0);
  for (const global_dof_index count : dealii::Utilities::MPI::all_gather(comm, n_owned))
    first.push_back(first.back() + count);
  for (std::size_t g = 0; g < groups.key.size(); ++g)
    if (groups.may_be_shared[g])
    {
      const auto &[owner, position] = place.at(groups.key[g]);
      numbering.of_group[g] = first[owner] + position;
    }
    else
      numbering.of_group[g] += first[rank];
  numbering.n = first.back();
  numbering.first_owned = first[rank];
  numbering.n_owned = n_owned;
  return numbering;
}

} // namespace

template <int dim>
ParameterCells<dim>::ParameterCells(const Mesh<dim> &mesh, const Parameters &parameters, const CellField &held)
    : mesh_(mesh), index_of_cell_(mesh.triangulation().n_active_cells(), dealii::numbers::invalid_dof_index)
{
  const auto &by_field = parameters.by_field;
  const bool has_zones = parameters.kind == ParameterCellKind::zones ||
                         std::find(by_field.begin(), by_field.end(), ParameterCellKind::zones) != by_field.end();
  if (has_zones && mesh.zone_names().empty())
    throw InputError("Material/Parameter cells", "found zones, but this mesh has none",
                     "Use cells, or name zones: in Mesh/Zones, or as physical groups of a gmsh mesh.");

  const LocalGroups groups = group_cells<dim>(mesh, held, parameters);
  const Numbering numbering = number_groups(groups, mesh.communicator());
  n_ = numbering.n;
  first_owned_ = numbering.first_owned;
  n_owned_ = numbering.n_owned;
  for (std::size_t cell = 0; cell < index_of_cell_.size(); ++cell)
    if (groups.of_cell[cell] != no_group)
      index_of_cell_[cell] = numbering.of_group[groups.of_cell[cell]];
  if (parameters.differ())
  {
    for (const ParameterCellKind kind : by_field)
      is_by_zone_.push_back(kind == ParameterCellKind::zones);
    find_zones(held);
  }
  find_indices_of_ghosts();
}

template <int dim>
void ParameterCells<dim>::find_zones(const CellField &held)
{
  std::set<unsigned int> ids;
  for (const auto &cell : mesh_.triangulation().active_cell_iterators())
    if (cell->is_locally_owned() && held(cell->global_active_cell_index()) == 0)
      ids.insert(cell->material_id());
  const std::vector<unsigned int> here(ids.begin(), ids.end());
  for (const auto &of_rank : dealii::Utilities::MPI::all_gather(mesh_.communicator(), here))
    ids.insert(of_rank.begin(), of_rank.end());
  for (const unsigned int id : ids)
  {
    std::string name = "the cells outside all zones";
    for (const auto &[zone, zone_id] : mesh_.zone_names())
      if (zone_id == id)
        name = zone;
    zones_.push_back(name);
  }
  zone_of_cell_.assign(index_of_cell_.size(), no_group);
  for (const auto &cell : mesh_.triangulation().active_cell_iterators())
    if (cell->is_locally_owned() && held(cell->global_active_cell_index()) == 0)
      zone_of_cell_[cell->active_cell_index()] =
          std::distance(ids.begin(), ids.find(static_cast<unsigned int>(cell->material_id())));
}

template <int dim>
ParameterCells<dim>::ParameterCells(const Mesh<dim> &mesh, const ParameterCells &of_coarser)
    : mesh_(mesh), index_of_cell_(mesh.triangulation().n_active_cells(), dealii::numbers::invalid_dof_index),
      n_(of_coarser.n_), first_owned_(of_coarser.first_owned_), n_owned_(of_coarser.n_owned_),
      is_by_zone_(of_coarser.is_by_zone_), zones_(of_coarser.zones_)
{
  const CoarserCells<dim> coarser(mesh, of_coarser.mesh_);
  const auto answers = coarser.template ask<global_dof_index>([&](const Cell &cell) { return of_coarser.index(cell); });
  auto number = coarser.number().begin();
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      index_of_cell_[cell->active_cell_index()] = answers[*number++];
  if (!is_by_zone_.empty())
  {
    const auto zones = coarser.template ask<unsigned int>(
        [&](const Cell &cell) { return of_coarser.zone_of_cell_[cell->active_cell_index()]; });
    zone_of_cell_.assign(index_of_cell_.size(), no_group);
    number = coarser.number().begin();
    for (const auto &cell : mesh.triangulation().active_cell_iterators())
      if (cell->is_locally_owned())
        zone_of_cell_[cell->active_cell_index()] = zones[*number++];
  }
  find_indices_of_ghosts();
}

template <int dim>
void ParameterCells<dim>::find_indices_of_ghosts()
{
  dealii::GridTools::exchange_cell_data_to_ghosts<global_dof_index, dealii::Triangulation<dim>>(
      mesh_.triangulation(), [&](const Cell &cell) { return index_of_cell_[cell->active_cell_index()]; },
      [&](const Cell &cell, const global_dof_index &index) { index_of_cell_[cell->active_cell_index()] = index; });
  if (!is_by_zone_.empty())
    dealii::GridTools::exchange_cell_data_to_ghosts<unsigned int, dealii::Triangulation<dim>>(
        mesh_.triangulation(), [&](const Cell &cell) { return zone_of_cell_[cell->active_cell_index()]; },
        [&](const Cell &cell, const unsigned int &zone) { zone_of_cell_[cell->active_cell_index()] = zone; });
}

template <int dim>
global_dof_index ParameterCells<dim>::entry(const Cell &cell, const ParameterLayout &layout,
                                            const unsigned int field) const
{
  if (index(cell) == dealii::numbers::invalid_dof_index)
    return dealii::numbers::invalid_dof_index;
  const ParameterLayout::UnknownField &of = layout.unknown_fields[field];
  return of.is_by_zone ? layout.first_global() + of.first + zone_of_cell_[cell->active_cell_index()]
                       : index(cell) * layout.fields.size() + of.first;
}

template <int dim>
std::shared_ptr<const ParameterLayout> ParameterCells<dim>::make_layout(const std::vector<std::string> &fields) const
{
  auto layout = std::make_shared<ParameterLayout>();
  for (std::size_t k = 0; k < fields.size(); ++k)
    if (!is_by_zone_.empty() && is_by_zone_.at(k))
    {
      layout->unknown_fields.push_back({fields[k], true, layout->globals.size(), zones_});
      for (const std::string &zone : zones_)
        layout->globals.push_back(fields[k] + " of " + zone);
    }
    else
    {
      layout->unknown_fields.push_back({fields[k], false, layout->fields.size(), {}});
      layout->fields.push_back(fields[k]);
    }
  layout->n_cells = n_;
  const global_dof_index n_fields = layout->fields.size();
  const global_dof_index size = layout->size();

  dealii::IndexSet owned(size), relevant(size);
  owned.add_range(first_owned_ * n_fields, (first_owned_ + n_owned_) * n_fields);
  const MPI_Comm comm = mesh_.communicator();
  if (dealii::Utilities::MPI::this_mpi_process(comm) + 1 == dealii::Utilities::MPI::n_mpi_processes(comm))
    owned.add_range(layout->first_global(), size);
  if (size == 0) // deal.II cannot look for owners when there are no entries
  {
    layout->partitioner = std::make_shared<const dealii::Utilities::MPI::Partitioner>(owned, mesh_.communicator());
    return layout;
  }
  std::vector<global_dof_index> needed;
  for (const auto &cell : mesh_.triangulation().active_cell_iterators())
    if (!cell->is_artificial() && index(cell) != dealii::numbers::invalid_dof_index)
      for (unsigned int k = 0; k < fields.size(); ++k)
        needed.push_back(entry(cell, *layout, k));
  std::sort(needed.begin(), needed.end());
  relevant.add_indices(needed.begin(), std::unique(needed.begin(), needed.end()));
  layout->partitioner =
      std::make_shared<const dealii::Utilities::MPI::Partitioner>(owned, relevant, mesh_.communicator());
  return layout;
}

template <int dim>
DistributedVector ParameterCells<dim>::volumes(const ParameterLayout &layout) const
{
  DistributedVector result(layout.partitioner);
  for (const auto &cell : mesh_.triangulation().active_cell_iterators())
    if (cell->is_locally_owned() && index(cell) != dealii::numbers::invalid_dof_index)
      for (unsigned int k = 0; k < layout.unknown_fields.size(); ++k)
        result(entry(cell, layout, k)) += cell->measure();
  result.compress(dealii::VectorOperation::add);
  return result;
}

template <int dim>
CellField ParameterCells<dim>::on_cells(const ParameterVector &m, const unsigned int field) const
{
  Assert(field < m.layout().unknown_fields.size(), dealii::ExcIndexRange(field, 0, m.layout().unknown_fields.size()));
  const GhostedRead read(m.values());
  CellField result = mesh_.make_cell_field();
  for (const auto &cell : mesh_.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      result(cell->global_active_cell_index()) = index(cell) == dealii::numbers::invalid_dof_index
                                                     ? std::numeric_limits<double>::quiet_NaN()
                                                     : m.values()(entry(cell, m.layout(), field));
  result.update_ghost_values();
  return result;
}

template class ParameterCells<2>;
template class ParameterCells<3>;

} // namespace lodestone
