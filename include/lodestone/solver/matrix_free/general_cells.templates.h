#pragma once

#include <lodestone/solver/matrix_free/general_cells.h>

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/fe/fe_q.h>

#include <algorithm>

namespace lodestone
{

template <int dim, int degree, typename Number>
GeneralCells<dim, degree, Number>::GeneralCells(const DisplacementSpace<dim> &space,
                                                const BoundaryConditions<dim> &boundary_conditions,
                                                const std::vector<bool> &in_blocks)
    : constraints_(boundary_conditions.constraints()), springs_(boundary_conditions.springs())
{
  using namespace dealii;
  typename Data::AdditionalData data;
  data.tasks_parallel_scheme = Data::AdditionalData::none;
  data.mapping_update_flags = update_gradients | update_JxW_values;
  if (!springs_.empty())
    data.mapping_update_flags_boundary_faces = update_values | update_normal_vectors | update_JxW_values;
  // float levels have no prescribed values; deal.II's set-up of faces needs the plain indices too
  data.store_plain_indices = std::is_same<Number, double>::value || !springs_.empty();
  // No batch has cells of both kinds.
  data.cell_vectorization_category.assign(in_blocks.begin(), in_blocks.end());
  data.cell_vectorization_categories_strict = true;
  matrix_free_.reinit(space.mapping(), space.dof_handler(), constraints_, QGauss<1>(degree + 1), data);

  constexpr unsigned int lanes = Lanes::size();
  const auto cells = space.mesh().triangulation().global_active_cell_index_partitioner().lock();
  for (unsigned int b = 0; b < matrix_free_.n_cell_batches(); ++b)
  {
    if (in_blocks[matrix_free_.get_cell_iterator(b, 0)->active_cell_index()])
      continue;
    batches_.push_back(b);
    for (unsigned int v = 0; v < lanes; ++v)
    {
      // Empty lanes repeat the first cell, since their moduli must be numbers.
      const unsigned int lane = v < matrix_free_.n_active_entries_per_cell_batch(b) ? v : 0;
      cell_index_.push_back(
          cells->global_to_local(matrix_free_.get_cell_iterator(b, lane)->global_active_cell_index()));
    }
  }
}

template <int dim, int degree, typename Number>
template <typename Action>
void GeneralCells<dim, degree, Number>::for_each_place(const typename dealii::DoFHandler<dim>::cell_iterator &cell,
                                                       const Action &action) const
{
  std::vector<dealii::types::global_dof_index> indices(cell->get_fe().n_dofs_per_cell());
  cell->get_dof_indices(indices);
  const auto &layout = *matrix_free_.get_vector_partitioner();
  for (const auto i : indices)
    if (const auto *entries = constraints_.get_constraint_entries(i); entries == nullptr)
      action(layout.global_to_local(i));
    else
      for (const auto &entry : *entries)
        action(layout.global_to_local(entry.first));
}

template <int dim, int degree, typename Number>
template <typename Action>
void GeneralCells<dim, degree, Number>::for_each_place(const unsigned int batch, const Action &action) const
{
  for (unsigned int v = 0; v < matrix_free_.n_active_entries_per_cell_batch(batches_[batch]); ++v)
    for_each_place(matrix_free_.get_cell_iterator(batches_[batch], v), action);
}

template <int dim, int degree, typename Number>
template <typename Action>
void GeneralCells<dim, degree, Number>::for_each_place_of_springs(const Action &action) const
{
  for (const auto &cell : matrix_free_.get_dof_handler().active_cell_iterators())
    if (cell->is_locally_owned())
      for (const auto &face : cell->face_iterators())
        if (face->at_boundary() && springs_.count(face->boundary_id()) != 0)
          for_each_place(cell, action);
}

template <int dim, int degree, typename Number>
void GeneralCells<dim, degree, Number>::gather(const Moduli &moduli, const double factor, BatchModuli &batches) const
{
  constexpr unsigned int lanes = Lanes::size();
  batches.lambda.resize_fast(n_batches());
  batches.two_mu.resize_fast(n_batches());
  for (unsigned int b = 0; b < n_batches(); ++b)
    for (unsigned int v = 0; v < lanes; ++v)
    {
      const unsigned int c = cell_index_[b * lanes + v];
      batches.lambda[b][v] = factor * moduli.lambda.local_element(c);
      batches.two_mu[b][v] = 2 * factor * moduli.mu.local_element(c);
    }
}

template <int dim, int degree, typename Number>
inline void GeneralCells<dim, degree, Number>::stress(Cells &cells, const Lanes &lambda, const Lanes &two_mu)
{
  for (unsigned int q = 0; q < Cells::static_n_q_points; ++q)
  {
    auto strain = cells.get_symmetric_gradient(q);
    const Lanes pressure = lambda * trace(strain);
    strain *= two_mu;
    for (unsigned int d = 0; d < dim; ++d)
      strain[d][d] += pressure;
    cells.submit_symmetric_gradient(strain, q);
  }
}

template <int dim, int degree, typename Number>
void GeneralCells<dim, degree, Number>::add_product(const unsigned int begin, const unsigned int end,
                                                    const BatchModuli &moduli, const bool plain, Vector &dst,
                                                    const Vector &src) const
{
  Cells cells(matrix_free_);
  for (unsigned int b = begin; b < end; ++b)
  {
    cells.reinit(batches_[b]);
    if (plain)
      cells.read_dof_values_plain(src);
    else
      cells.read_dof_values(src);
    cells.evaluate(dealii::EvaluationFlags::gradients);
    stress(cells, moduli.lambda[b], moduli.two_mu[b]);
    cells.integrate(dealii::EvaluationFlags::gradients);
    cells.distribute_local_to_global(dst);
  }
}

template <int dim, int degree, typename Number>
template <typename Action>
void GeneralCells<dim, degree, Number>::for_each_spring(const Action &action) const
{
  if (springs_.empty())
    return;
  Faces faces(matrix_free_, true);
  const unsigned int first = matrix_free_.n_inner_face_batches();
  for (unsigned int b = first; b < first + matrix_free_.n_boundary_face_batches(); ++b)
    if (const auto spring = springs_.find(matrix_free_.get_boundary_id(b)); spring != springs_.end())
    {
      faces.reinit(b);
      action(faces, spring->second);
    }
}

template <int dim, int degree, typename Number>
void GeneralCells<dim, degree, Number>::spring_forces(Faces &faces, const Spring &spring, const double factor)
{
  const Lanes normal = Number(factor * spring.normal), tangential = Number(factor * spring.tangential);
  faces.evaluate(dealii::EvaluationFlags::values);
  for (unsigned int q = 0; q < Faces::static_n_q_points; ++q)
  {
    const auto u = faces.get_value(q);
    const auto n = faces.get_normal_vector(q);
    faces.submit_value(tangential * u + ((normal - tangential) * (u * n)) * n, q);
  }
  faces.integrate(dealii::EvaluationFlags::values);
}

template <int dim, int degree, typename Number>
void GeneralCells<dim, degree, Number>::add_springs(const double factor, const bool plain, Vector &dst,
                                                    const Vector &src) const
{
  for_each_spring([&](Faces &faces, const Spring &spring) {
    if (plain)
      faces.read_dof_values_plain(src);
    else
      faces.read_dof_values(src);
    spring_forces(faces, spring, factor);
    faces.distribute_local_to_global(dst);
  });
}

/// The coupling of component i between nodes a and b is int (lambda + mu) d_i phi_a d_i phi_b + mu grad phi_a . grad
/// phi_b.
template <int dim, int degree, typename Number>
class GeneralCells<dim, degree, Number>::CouplingsOfCells
{
public:
  CouplingsOfCells(const Data &matrix_free, const BatchModuli &moduli, const std::vector<NodePair> &pairs)
      : cells_(matrix_free), moduli_(moduli), pairs_(pairs), reference_(n_q * n_nodes), gradients_(n_nodes),
        values_(pairs.size() * dim)
  {
    const dealii::FE_Q<dim> element(degree);
    const dealii::QGauss<dim> quadrature(degree + 1);
    const std::vector<unsigned int> numbering = element.get_poly_space_numbering_inverse();
    for (unsigned int q = 0; q < n_q; ++q)
      for (unsigned int a = 0; a < n_nodes; ++a)
        for (unsigned int d = 0; d < dim; ++d)
          reference_[q * n_nodes + a][d] = element.shape_grad(numbering[a], quadrature.point(q))[d];
  }

  /// @param cell_batch the batch's number in MatrixFree
  const dealii::AlignedVector<Lanes> &compute(const unsigned int batch, const unsigned int cell_batch)
  {
    cells_.reinit(cell_batch);
    values_.fill(Lanes(Number(0)));
    const Lanes mu = Number(0.5) * moduli_.two_mu[batch], both = moduli_.lambda[batch] + mu;
    for (unsigned int q = 0; q < n_q; ++q)
    {
      const auto jacobian = cells_.inverse_jacobian(q);
      const Lanes weight = cells_.JxW(q), weighted_mu = mu * weight, weighted_both = both * weight;
      for (unsigned int a = 0; a < n_nodes; ++a)
        for (unsigned int i = 0; i < dim; ++i)
        {
          Lanes derivative = jacobian[i][0] * reference_[q * n_nodes + a][0];
          for (unsigned int k = 1; k < dim; ++k)
            derivative += jacobian[i][k] * reference_[q * n_nodes + a][k];
          gradients_[a][i] = derivative;
        }
      for (unsigned int p = 0; p < pairs_.size(); ++p)
      {
        const auto &one = gradients_[pairs_[p].first], &two = gradients_[pairs_[p].second];
        std::array<Lanes, dim> products;
        Lanes sum = Number(0);
        for (unsigned int i = 0; i < dim; ++i)
        {
          products[i] = one[i] * two[i];
          sum += products[i];
        }
        sum *= weighted_mu;
        for (unsigned int i = 0; i < dim; ++i)
          values_[p * dim + i] += weighted_both * products[i] + sum;
      }
    }
    return values_;
  }

  Cells &cells() { return cells_; }

private:
  static constexpr unsigned int n_nodes = Cells::static_dofs_per_component, n_q = Cells::static_n_q_points;

  Cells cells_;
  const BatchModuli &moduli_;
  const std::vector<NodePair> &pairs_;
  std::vector<dealii::Tensor<1, dim, Number>> reference_;
  dealii::AlignedVector<std::array<Lanes, dim>> gradients_;
  dealii::AlignedVector<Lanes> values_;
};

template <int dim, int degree, typename Number>
void GeneralCells<dim, degree, Number>::add_diagonal(const BatchModuli &moduli, const double spring_factor,
                                                     Vector &diagonal) const
{
  constexpr unsigned int n_nodes = Cells::static_dofs_per_component;
  std::vector<NodePair> itself;
  for (unsigned int a = 0; a < n_nodes; ++a)
    itself.emplace_back(a, a);
  CouplingsOfCells couplings(matrix_free_, moduli, itself);
  for (unsigned int b = 0; b < n_batches(); ++b)
  {
    const auto &entries = couplings.compute(b, batches_[b]);
    for (unsigned int a = 0; a < n_nodes; ++a)
      for (unsigned int i = 0; i < dim; ++i)
        couplings.cells().begin_dof_values()[i * n_nodes + a] = entries[a * dim + i];
    couplings.cells().distribute_local_to_global(diagonal);
  }
  for_each_spring([&](Faces &faces, const Spring &spring) {
    std::array<Lanes, Faces::static_dofs_per_cell> entries;
    for (unsigned int i = 0; i < entries.size(); ++i)
    {
      for (unsigned int j = 0; j < entries.size(); ++j)
        faces.begin_dof_values()[j] = Number(i == j ? 1 : 0);
      spring_forces(faces, spring, spring_factor);
      entries[i] = faces.begin_dof_values()[i];
    }
    std::copy(entries.begin(), entries.end(), faces.begin_dof_values());
    faces.distribute_local_to_global(diagonal);
  });
}

template <int dim, int degree, typename Number>
void GeneralCells<dim, degree, Number>::compute_couplings(const BatchModuli &moduli,
                                                          const std::vector<NodePair> &node_pairs,
                                                          std::vector<Number> &couplings) const
{
  constexpr unsigned int lanes = Lanes::size();
  const std::size_t n = node_pairs.size() * dim;
  CouplingsOfCells of_cells(matrix_free_, moduli, node_pairs);
  for (unsigned int b = 0; b < n_batches(); ++b)
  {
    const auto &values = of_cells.compute(b, batches_[b]);
    for (unsigned int v = 0; v < matrix_free_.n_active_entries_per_cell_batch(batches_[b]); ++v)
      for (std::size_t i = 0; i < n; ++i)
        couplings[cell_index_[b * lanes + v] * n + i] = values[i][v];
  }
}

template <int dim, int degree, typename Number>
void GeneralCells<dim, degree, Number>::add_moduli_dual(const Vector &u, const Vector &p, Moduli &dual) const
{
  constexpr unsigned int lanes = Lanes::size();
  Cells cells_u(matrix_free_), cells_p(matrix_free_);
  for (unsigned int b = 0; b < n_batches(); ++b)
  {
    cells_u.reinit(batches_[b]);
    cells_u.read_dof_values_plain(u);
    cells_u.evaluate(dealii::EvaluationFlags::gradients);
    cells_p.reinit(batches_[b]);
    cells_p.read_dof_values_plain(p);
    cells_p.evaluate(dealii::EvaluationFlags::gradients);
    Lanes lambda = Number(0), mu = Number(0);
    for (unsigned int q = 0; q < Cells::static_n_q_points; ++q)
    {
      const auto strain_u = cells_u.get_symmetric_gradient(q), strain_p = cells_p.get_symmetric_gradient(q);
      const Lanes weight = cells_u.JxW(q);
      lambda += trace(strain_u) * trace(strain_p) * weight;
      mu += Number(2) * (strain_u * strain_p) * weight;
    }
    for (unsigned int v = 0; v < matrix_free_.n_active_entries_per_cell_batch(batches_[b]); ++v)
    {
      const unsigned int c = cell_index_[b * lanes + v];
      dual.lambda.local_element(c) += lambda[v];
      dual.mu.local_element(c) += mu[v];
    }
  }
}

template <int dim, int degree, typename Number>
std::size_t GeneralCells<dim, degree, Number>::memory_consumption() const
{
  return matrix_free_.memory_consumption() + (cell_index_.size() + batches_.size()) * sizeof(unsigned int);
}

} // namespace lodestone
