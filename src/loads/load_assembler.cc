#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/discretization/mesh_extent.h>
#include <lodestone/loads/load_assembler.h>
#include <lodestone/loads/point_gradient.h>

#include <algorithm>
#include <cmath>

namespace lodestone
{

template <int dim>
LoadAssembler<dim>::LoadAssembler(const DisplacementSpace<dim> &space, const PointLocator<dim> &locator,
                                  std::string where, const Surroundings<dim> *surroundings)
    : space_(space), locator_(locator), where_(std::move(where)), surroundings_(surroundings),
      dofs_(space.element().n_dofs_per_cell()), local_(space.element().n_dofs_per_cell())
{
  load_.fixed = space.make_vector();
}

template <int dim>
void LoadAssembler<dim>::add_to_fixed(const Cell &cell)
{
  cell->get_dof_indices(dofs_);
  space_.hanging_nodes().distribute_local_to_global(local_, dofs_, load_.fixed);
}

namespace
{
template <int dim>
bool acts(const dealii::Tensor<1, dim> &force)
{
  return force.norm() > 0;
}

template <int dim>
bool acts(const dealii::SymmetricTensor<2, dim> &moment)
{
  return moment.norm() > 0;
}

template <int dim>
bool acts(const Potency<dim> &potency)
{
  return potency.strain.norm() > 0 || potency.dilatation != 0;
}
} // namespace

template <int dim>
template <typename Source>
void LoadAssembler<dim>::note_cell(const Cell &cell, const std::vector<Source> &sources)
{
  if (std::any_of(sources.begin(), sources.end(), [](const Source &source) { return acts(source); }))
    cells_.insert(cell->active_cell_index());
}

template <int dim>
auto LoadAssembler<dim>::part(const Cell &cell) -> typename LoadVector<dim>::CellPart &
{
  const auto [entry, is_new] = part_of_cell_.emplace(cell->active_cell_index(), load_.cell_parts.size());
  if (is_new)
  {
    cell->get_dof_indices(dofs_);
    load_.cell_parts.push_back({cell->global_active_cell_index(), cell->active_cell_index(), dofs_,
                                std::vector<double>(dofs_.size(), 0.), std::vector<double>(dofs_.size(), 0.)});
  }
  return load_.cell_parts[entry->second];
}

template <int dim>
void LoadAssembler<dim>::check_finite(const dealii::FEValuesBase<dim> &values, const unsigned int q,
                                      const double magnitude)
{
  if (not_finite_.empty() && !std::isfinite(magnitude))
    for (int d = 0; d < dim; ++d)
      not_finite_.push_back(values.quadrature_point(q)[d]);
}

template <int dim>
void LoadAssembler<dim>::add(const Cell &cell, const dealii::FEValuesBase<dim> &values,
                             const std::vector<Force> &forces)
{
  note_cell(cell, forces);
  const auto &element = space_.element();
  for (unsigned int i = 0; i < local_.size(); ++i)
  {
    const unsigned int component = element.system_to_component_index(i).first;
    double sum = 0;
    for (unsigned int q = 0; q < forces.size(); ++q)
      sum += forces[q][component] * values.shape_value(i, q);
    local_[i] = sum;
  }
  for (unsigned int q = 0; q < forces.size(); ++q)
  {
    for (int d = 0; d < dim; ++d)
      check_finite(values, q, forces[q][d]);
    load_.resultant += forces[q];
  }
  add_to_fixed(cell);
}

template <int dim>
void LoadAssembler<dim>::add(const Cell &cell, const dealii::FEValuesBase<dim> &values,
                             const std::vector<Moment> &moments)
{
  note_cell(cell, moments);
  const auto &element = space_.element();
  for (unsigned int i = 0; i < local_.size(); ++i)
  {
    const unsigned int component = element.system_to_component_index(i).first;
    double sum = 0;
    for (unsigned int q = 0; q < moments.size(); ++q)
      for (int d = 0; d < dim; ++d)
        sum += moments[q][component][d] * values.shape_grad(i, q)[d];
    local_[i] = sum;
  }
  for (unsigned int q = 0; q < moments.size(); ++q)
    for (unsigned int k = 0; k < Moment::n_independent_components; ++k)
      check_finite(values, q, moments[q].access_raw_entry(k));
  add_to_fixed(cell);
}

template <int dim>
void LoadAssembler<dim>::add(const Cell &cell, const dealii::FEValuesBase<dim> &values,
                             const std::vector<Potency<dim>> &potencies)
{
  note_cell(cell, potencies);
  const auto &element = space_.element();
  auto &cell_part = part(cell);
  for (unsigned int i = 0; i < local_.size(); ++i)
  {
    const unsigned int component = element.system_to_component_index(i).first;
    for (unsigned int q = 0; q < potencies.size(); ++q)
    {
      const dealii::Tensor<1, dim> &gradient = values.shape_grad(i, q);
      cell_part.lambda[i] += potencies[q].dilatation * gradient[component];
      for (int d = 0; d < dim; ++d)
        cell_part.mu[i] += 2 * potencies[q].strain[component][d] * gradient[d];
    }
  }
  for (unsigned int q = 0; q < potencies.size(); ++q)
  {
    check_finite(values, q, potencies[q].dilatation);
    for (unsigned int k = 0; k < Moment::n_independent_components; ++k)
      check_finite(values, q, potencies[q].strain.access_raw_entry(k));
  }
}

template <int dim>
void LoadAssembler<dim>::add_recovered(const Cell &cell, const std::vector<dealii::Point<dim>> &unit_points,
                                       const std::vector<Moment> &moments)
{
  note_cell(cell, moments);
  for (unsigned int q = 0; q < moments.size(); ++q)
  {
    const auto gradient = recovered_gradient<dim>(space_, {cell, unit_points[q]}, surroundings_);
    for (unsigned int n = 0; n < gradient.gradients.size(); ++n)
    {
      const auto force = moments[q] * gradient.gradients[n];
      for (unsigned int c = 0; c < dim; ++c)
        space_.hanging_nodes().distribute_local_to_global(gradient.unknowns[n][c], force[c], load_.fixed);
    }
  }
}

template <int dim>
void LoadAssembler<dim>::add_recovered(const Cell &cell, const std::vector<dealii::Point<dim>> &unit_points,
                                       const std::vector<Potency<dim>> &potencies)
{
  note_cell(cell, potencies);
  struct Entry
  {
    double lambda = 0, mu = 0;
  };
  std::map<dealii::types::global_dof_index, Entry> entries;
  for (unsigned int q = 0; q < potencies.size(); ++q)
  {
    const auto gradient = recovered_gradient<dim>(space_, {cell, unit_points[q]}, surroundings_);
    for (unsigned int n = 0; n < gradient.gradients.size(); ++n)
    {
      const auto mu = 2. * potencies[q].strain * gradient.gradients[n];
      for (unsigned int c = 0; c < dim; ++c)
      {
        Entry &entry = entries[gradient.unknowns[n][c]];
        entry.lambda += potencies[q].dilatation * gradient.gradients[n][c];
        entry.mu += mu[c];
      }
    }
  }
  auto &cell_part = part(cell);
  for (const auto &[dof, entry] : entries)
  {
    const std::size_t i = std::find(cell_part.dofs.begin(), cell_part.dofs.end(), dof) - cell_part.dofs.begin();
    if (i == cell_part.dofs.size()) // a node of a neighbour
    {
      cell_part.dofs.push_back(dof);
      cell_part.lambda.push_back(0);
      cell_part.mu.push_back(0);
    }
    cell_part.lambda[i] += entry.lambda;
    cell_part.mu[i] += entry.mu;
  }
}

namespace
{
const dealii::UpdateFlags point_flags =
    dealii::update_values | dealii::update_gradients | dealii::update_JxW_values | dealii::update_quadrature_points;
} // namespace

template <int dim>
template <typename Source>
void LoadAssembler<dim>::add_region(const RegionQuadrature<dim> &region,
                                    const std::function<Source(const dealii::Point<dim> &)> &density)
{
  load_.region_volume += region.volume();
  dealii::FEValues<dim> whole(space_.mapping(), space_.element(), space_.cell_quadrature(), point_flags);
  std::vector<Source> sources;
  const auto integrate = [&](const Cell &cell, dealii::FEValues<dim> &values) {
    values.reinit(cell);
    sources.clear();
    for (unsigned int q = 0; q < values.n_quadrature_points; ++q)
      sources.push_back(density(values.quadrature_point(q)) * values.JxW(q));
    add(cell, values, sources);
  };
  for (const auto &part : region.parts())
    if (part.cut)
    {
      dealii::FEValues<dim> cut(space_.mapping(), space_.element(), *part.cut, point_flags);
      integrate(part.cell, cut);
    }
    else
      integrate(part.cell, whole);
}

template <int dim>
template <typename Source>
void LoadAssembler<dim>::add_points(const std::vector<dealii::Point<dim>> &points, const std::vector<Source> &sources,
                                    const std::string &where)
{
  struct CellPoints
  {
    Cell cell;
    std::vector<dealii::Point<dim>> unit_points;
    std::vector<unsigned int> indices;
  };
  const bool takes_strain = !std::is_same<Source, Force>::value && space_.degree() == 2;
  std::map<unsigned int, CellPoints> points_of_cell;
  std::vector<unsigned int> here(points.size()), everywhere(points.size());
  for (unsigned int i = 0; i < points.size(); ++i)
    for (const auto &hit : locator_.touching(points[i]))
    {
      auto &entry = points_of_cell[hit.cell->active_cell_index()];
      entry.cell = hit.cell;
      entry.unit_points.push_back(takes_strain ? strain_point<dim>(hit) : hit.unit_point);
      entry.indices.push_back(i);
      ++here[i];
    }
  dealii::Utilities::MPI::sum(here, space_.mesh().communicator(), everywhere);
  for (unsigned int i = 0; i < points.size(); ++i)
    if (everywhere[i] == 0)
      throw InputError(where, "the point " + point_text<dim>(points[i]) + " lies outside the mesh",
                       mesh_extent_text(space_.mesh()) + ": move the point or enlarge the mesh.");
  for (const auto &entry : points_of_cell)
  {
    const CellPoints &cell_points = entry.second;
    std::vector<Source> shares;
    for (const unsigned int i : cell_points.indices)
      shares.push_back(sources[i] * (1. / everywhere[i]));
    if constexpr (!std::is_same<Source, Force>::value)
      if (space_.degree() == 1)
      {
        add_recovered(cell_points.cell, cell_points.unit_points, shares);
        continue;
      }
    dealii::FEValues<dim> values(
        space_.mapping(), space_.element(),
        dealii::Quadrature<dim>(cell_points.unit_points, std::vector<double>(cell_points.unit_points.size(), 1.)),
        point_flags);
    values.reinit(cell_points.cell);
    add(cell_points.cell, values, shares);
  }
}

template <int dim>
void LoadAssembler<dim>::acts_in(const CellField &cells)
{
  cells_.clear();
  for (const auto &cell : space_.dof_handler().active_cell_iterators())
    if (cell->is_locally_owned() && cells(cell->global_active_cell_index()) != 0)
      cells_.insert(cell->active_cell_index());
}

template <int dim>
LoadVector<dim> LoadAssembler<dim>::finish()
{
  const MPI_Comm comm = space_.mesh().communicator();
  for (const auto &place : dealii::Utilities::MPI::all_gather(comm, not_finite_))
    if (!place.empty())
    {
      dealii::Point<dim> p;
      std::copy(place.begin(), place.end(), p.begin_raw());
      throw InputError(where_, "the load is not a finite number at " + point_text<dim>(p),
                       "Check the formulas there: a division by zero, or a root or logarithm of a negative number.");
    }
  load_.fixed.compress(dealii::VectorOperation::add);
  load_.resultant = dealii::Utilities::MPI::sum(load_.resultant, comm);
  load_.cells.assign(cells_.begin(), cells_.end());
  return std::move(load_);
}

template class LoadAssembler<2>;
template class LoadAssembler<3>;

#define INSTANTIATE(dim, Source)                                                                                       \
  template void LoadAssembler<dim>::add_region<Source>(const RegionQuadrature<dim> &,                                  \
                                                       const std::function<Source(const dealii::Point<dim> &)> &);     \
  template void LoadAssembler<dim>::add_points<Source>(const std::vector<dealii::Point<dim>> &,                        \
                                                       const std::vector<Source> &, const std::string &);
using Force2 = dealii::Tensor<1, 2>;
using Force3 = dealii::Tensor<1, 3>;
using Moment2 = dealii::SymmetricTensor<2, 2>;
using Moment3 = dealii::SymmetricTensor<2, 3>;
INSTANTIATE(2, Force2)
INSTANTIATE(3, Force3)
INSTANTIATE(2, Moment2)
INSTANTIATE(3, Moment3)
INSTANTIATE(2, Potency<2>)
INSTANTIATE(3, Potency<3>)

} // namespace lodestone
