#include <lodestone/loads/half_space/add_incident_field.h>

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/fe/fe_values.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace lodestone
{

namespace
{

constexpr std::size_t many = 16; // terms of the field: their exact integrals take time

/// How far from a source, in edges of a cell, its strain is integrated exactly; beyond, interpolation at the nodes does.
/// Exact strain makes errors two or three times smaller on the same mesh. In cells that keep their background it costs
/// no memory; with many terms it takes time.
double reach(const std::size_t n_terms, const bool constant)
{
  if (n_terms > many)
    return 3;
  return constant ? std::numeric_limits<double>::max() : 8;
}

/// How often a cell is halved towards an infinite strain: where the strain is integrable, the rest is small; otherwise
/// the source lies outside of the cell, and parts are halved until they are smaller than their distance from it.
unsigned int halvings(const bool integrable)
{
  return integrable ? 5 : 30;
}

template <int dim>
using Cell = typename LoadAssembler<dim>::Cell;

/// The numbers of the element's nodes and their places in the unit cell: node n has the unknowns
/// element.component_to_system_index(d, n).
template <int dim>
const std::vector<dealii::Point<dim>> &unit_nodes(const DisplacementSpace<dim> &space)
{
  return space.element().base_element(0).get_unit_support_points();
}

template <int dim>
double edge(const Cell<dim> &cell)
{
  return cell->diameter() / std::sqrt(double(dim));
}

/// Fills U and its excesses at the owned nodes, then makes them continuous.
template <int dim>
void interpolate(const DisplacementSpace<dim> &space, const IncidentField<dim> &field,
                 typename LoadVector<dim>::Incident &incident)
{
  std::vector<dealii::Point<dim>> places;
  std::vector<std::array<dealii::types::global_dof_index, dim>> unknowns;
  const auto &owned = space.dof_handler().locally_owned_dofs();
  std::vector<bool> seen(owned.n_elements(), false);
  std::vector<dealii::types::global_dof_index> dofs(space.element().n_dofs_per_cell());
  for (const auto &cell : space.dof_handler().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      cell->get_dof_indices(dofs);
      for (unsigned int n = 0; n < unit_nodes(space).size(); ++n)
      {
        const auto first = dofs[space.element().component_to_system_index(0, n)];
        if (!owned.is_element(first) || seen[owned.index_within_set(first)])
          continue;
        seen[owned.index_within_set(first)] = true;
        places.push_back(space.mapping().transform_unit_to_real_cell(cell, unit_nodes(space)[n]));
        unknowns.emplace_back();
        for (unsigned int d = 0; d < dim; ++d)
          unknowns.back()[d] = dofs[space.element().component_to_system_index(d, n)];
      }
    }
  const auto below = field.below_surface(places);
  using Values = std::vector<dealii::Tensor<1, dim>>;
  const auto set = [&](const Values &u, DistributedVector &out) {
    out = space.make_vector();
    for (std::size_t i = 0; i < u.size(); ++i)
      for (unsigned int d = 0; d < dim; ++d)
        out(unknowns[i][d]) = u[i][d];
  };

  const bool one_body = std::all_of(field.sources().begin(), field.sources().end(),
                                    [&](const auto &source) { return source->moduli() == incident.moduli; });
  Values sum(places.size()), excess_lambda(one_body ? 0 : places.size()), excess_mu(excess_lambda);
  std::vector<bool> done(field.sources().size(), false);
  for (std::size_t first = 0; first < done.size(); ++first)
  {
    if (done[first])
      continue;
    const BodyModuli moduli = field.sources()[first]->moduli(); // all sources of one body together
    Values u(places.size());
    for (std::size_t k = first; k < done.size(); ++k)
      if (field.sources()[k]->moduli() == moduli)
      {
        field.sources()[k]->add_displacement(below, u);
        done[k] = true;
      }
    for (std::size_t i = 0; i < u.size(); ++i)
    {
      sum[i] += u[i];
      if (!one_body)
      {
        excess_lambda[i] += (incident.moduli.lambda - moduli.lambda) * u[i];
        excess_mu[i] += (incident.moduli.mu - moduli.mu) * u[i];
      }
    }
  }
  set(sum, incident.nodes);
  if (!one_body)
  {
    set(excess_lambda, incident.excess_lambda);
    set(excess_mu, incident.excess_mu);
  }
  for (DistributedVector *const v : {&incident.nodes, &incident.excess_lambda, &incident.excess_mu})
    if (v->size() > 0)
    {
      v->update_ghost_values();
      space.hanging_nodes().distribute(*v);
      v->update_ghost_values();
    }
}

/// Near a source: the exact strain less that of the interpolant, cell by cell.
template <int dim>
class NearCells
{
public:
  NearCells(LoadAssembler<dim> &assembler, const IncidentField<dim> &field)
      : assembler_(assembler), space_(assembler.space()), surroundings_(*assembler.surroundings()), field_(field),
        gauss_(space_.degree() + (field.n_terms() > many ? 1 : 2))
  {
  }

  /// Returns the distance between points and cells of other moduli, in edges, as far as this rank knows.
  double add()
  {
    struct Near
    {
      Cell<dim> cell;
      std::vector<unsigned int> sources;
    };
    std::vector<Near> cells;
    double farthest = 0, contrast_distance = std::numeric_limits<double>::max();
    for (const auto &cell : space_.dof_handler().active_cell_iterators())
      if (cell->is_locally_owned())
      {
        const auto box = field_.below_surface(CellShape<dim>(cell).bounding_box());
        const double limit = reach(field_.n_terms(), surroundings_.constant(cell->global_active_cell_index()) != 0);
        std::vector<unsigned int> sources = field_.sources_near(box, limit * edge<dim>(cell));
        sources.erase(
            std::remove_if(sources.begin(), sources.end(), [&](const auto k) { return !can_differ(cell, k); }),
            sources.end());
        if (sources.empty())
          continue;
        for (const unsigned int k : sources)
          if (const HalfSpaceSource<dim> &source = *field_.sources()[k];
              !source.has_integrable_strain() &&
              !(surroundings_.moduli(cell->global_active_cell_index()) == source.moduli()))
            contrast_distance = std::min(contrast_distance, source.distance(box) / edge<dim>(cell));
        cells.push_back({cell, std::move(sources)});
        farthest = std::max(farthest, limit);
      }
    if (cells.empty())
      return contrast_distance;
    find_places(farthest);
    for (const Near &near : cells)
      add_cell(near.cell, near.sources);
    return contrast_distance;
  }

private:
  LoadAssembler<dim> &assembler_;
  const DisplacementSpace<dim> &space_;
  const Surroundings<dim> &surroundings_;
  const IncidentField<dim> &field_;
  const dealii::QGauss<dim> gauss_;
  /// Places of the nodes of cells near sources and of their neighbours, below the surface, by their first unknown.
  std::unordered_map<dealii::types::global_dof_index, dealii::Point<dim>> places_;

  bool can_differ(const Cell<dim> &cell, const unsigned int k) const
  {
    const auto c = cell->global_active_cell_index();
    return surroundings_.constant(c) == 0 || !(surroundings_.moduli(c) == field_.sources()[k]->moduli());
  }

  /// Hanging nodes take their values from nodes of coarser neighbours, so these are needed too.
  /// @param limit distance of cells from sources, in their edges
  void find_places(const double limit)
  {
    std::vector<dealii::types::global_dof_index> dofs(space_.element().n_dofs_per_cell());
    for (const auto &cell : space_.dof_handler().active_cell_iterators())
    {
      if (cell->is_artificial())
        continue;
      const auto box = field_.below_surface(CellShape<dim>(cell).bounding_box());
      if (field_.sources_near(box, 2 * (limit + 1) * edge<dim>(cell)).empty())
        continue;
      cell->get_dof_indices(dofs);
      for (unsigned int n = 0; n < unit_nodes(space_).size(); ++n)
        places_[dofs[space_.element().component_to_system_index(0, n)]] =
            space_.mapping().transform_unit_to_real_cell(cell, unit_nodes(space_)[n]);
    }
    for (auto &[dof, place] : places_)
      place = field_.below_surface(std::vector<dealii::Point<dim>>{place})[0];
  }

  /// Values of one source's interpolant at the nodes of a cell, by the cell's unknowns.
  std::vector<double> node_values(const std::vector<dealii::types::global_dof_index> &dofs,
                                  const HalfSpaceSource<dim> &source) const
  {
    const auto &element = space_.element();
    std::vector<double> values(dofs.size());
    for (unsigned int n = 0; n < unit_nodes(space_).size(); ++n)
    {
      const auto first = dofs[element.component_to_system_index(0, n)];
      std::vector<std::pair<dealii::types::global_dof_index, double>> masters = {{first, 1.}};
      if (space_.hanging_nodes().is_constrained(first))
        masters = *space_.hanging_nodes().get_constraint_entries(first);
      std::vector<dealii::Point<dim>> points;
      for (const auto &master : masters)
        points.push_back(places_.at(master.first));
      std::vector<dealii::Tensor<1, dim>> u(points.size());
      source.add_displacement(points, u);
      for (unsigned int d = 0; d < dim; ++d)
        for (unsigned int j = 0; j < u.size(); ++j)
          values[element.component_to_system_index(d, n)] += masters[j].second * u[j][d];
    }
    return values;
  }

  /// Quadrature in the unit cell, finer near places where the strain of a source is infinite.
  void add_points(const CellShape<dim> &shape, const dealii::Point<dim> &corner, const double size,
                  const unsigned int level, const std::vector<unsigned int> &sources,
                  std::vector<dealii::Point<dim>> &points, std::vector<double> &weights) const
  {
    std::vector<dealii::Point<dim>> corners;
    for (const unsigned int v : dealii::GeometryInfo<dim>::vertex_indices())
      corners.push_back(shape.real(corner + size * dealii::GeometryInfo<dim>::unit_cell_vertex(v)));
    const auto box = field_.below_surface(dealii::BoundingBox<dim>(corners));
    double largest = 0;
    for (int d = 0; d < dim; ++d)
      largest = std::max(largest, box.side_length(d));
    const bool close = std::any_of(sources.begin(), sources.end(), [&](const unsigned int k) {
      const HalfSpaceSource<dim> &source = *field_.sources()[k];
      return level < halvings(source.has_integrable_strain()) && source.distance_of_infinity(box) < largest;
    });
    if (close)
    {
      for (const unsigned int v : dealii::GeometryInfo<dim>::vertex_indices())
        add_points(shape, corner + 0.5 * size * dealii::GeometryInfo<dim>::unit_cell_vertex(v), 0.5 * size, level + 1,
                   sources, points, weights);
      return;
    }
    for (unsigned int q = 0; q < gauss_.size(); ++q)
    {
      points.push_back(corner + size * gauss_.point(q));
      weights.push_back(std::pow(size, dim) * gauss_.weight(q));
    }
  }

  void add_cell(const Cell<dim> &cell, const std::vector<unsigned int> &sources)
  {
    std::vector<dealii::Point<dim>> unit_points;
    std::vector<double> weights;
    add_points(CellShape<dim>(cell), dealii::Point<dim>(), 1., 0, sources, unit_points, weights);
    dealii::FEValues<dim> values(space_.mapping(), space_.element(), dealii::Quadrature<dim>(unit_points, weights),
                                 dealii::update_gradients | dealii::update_JxW_values |
                                     dealii::update_quadrature_points);
    values.reinit(cell);
    std::vector<dealii::types::global_dof_index> dofs(space_.element().n_dofs_per_cell());
    cell->get_dof_indices(dofs);
    const auto below = field_.below_surface(values.get_quadrature_points());
    const auto c = cell->global_active_cell_index();
    const bool constant = surroundings_.constant(c) != 0;
    const BodyModuli own = surroundings_.moduli(c);

    // With the difference D of both strains, w is driven by -(C(m) - C_k) : D.
    std::vector<Potency<dim>> potencies(constant ? 0 : below.size());
    std::vector<dealii::SymmetricTensor<2, dim>> moments(below.size());
    for (const unsigned int k : sources)
    {
      const HalfSpaceSource<dim> &source = *field_.sources()[k];
      std::vector<dealii::SymmetricTensor<2, dim>> difference(below.size());
      source.add_strain(below, difference);
      const std::vector<double> u = node_values(dofs, source);
      for (unsigned int i = 0; i < dofs.size(); ++i)
      {
        const unsigned int component = space_.element().system_to_component_index(i).first;
        dealii::Tensor<1, dim> direction;
        direction[component] = u[i];
        for (unsigned int q = 0; q < below.size(); ++q)
          difference[q] -= dealii::symmetrize(dealii::outer_product(direction, values.shape_grad(i, q)));
      }
      const double lambda = source.moduli().lambda - (constant ? own.lambda : 0),
                   mu = source.moduli().mu - (constant ? own.mu : 0);
      for (unsigned int q = 0; q < below.size(); ++q)
      {
        const auto strain = values.JxW(q) * difference[q];
        moments[q] += lambda * trace(strain) * dealii::unit_symmetric_tensor<dim>() + 2 * mu * strain;
        if (!constant)
        {
          potencies[q].strain -= strain;
          potencies[q].dilatation -= trace(strain);
        }
      }
    }
    assembler_.add(cell, values, moments);
    if (!constant)
      assembler_.add(cell, values, potencies);
  }
};

} // namespace

template <int dim>
void add_incident_field(LoadAssembler<dim> &assembler, typename IncidentField<dim>::Sources sources)
{
  typename LoadVector<dim>::Incident incident;
  incident.moduli = sources.front()->moduli();
  const auto field =
      std::make_shared<const IncidentField<dim>>(std::move(sources), assembler.space().mesh().surface_elevation());
  interpolate(assembler.space(), *field, incident);
  incident.contrast_distance =
      dealii::Utilities::MPI::min(NearCells<dim>(assembler, *field).add(), assembler.space().mesh().communicator());
  incident.field = field;
  assembler.load().incident = std::move(incident);
}

template void add_incident_field<2>(LoadAssembler<2> &, IncidentField<2>::Sources);
template void add_incident_field<3>(LoadAssembler<3> &, IncidentField<3>::Sources);

} // namespace lodestone
