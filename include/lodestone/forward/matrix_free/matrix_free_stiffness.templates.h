#pragma once

#include <lodestone/forward/matrix_free/matrix_free_stiffness.h>

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/fe/fe_q.h>

#include <algorithm>

namespace lodestone
{

template <int dim, int degree, typename Number>
MatrixFreeStiffness<dim, degree, Number>::MatrixFreeStiffness(const DisplacementSpace<dim> &space,
                                                                    const BoundaryConditions<dim> &boundary_conditions)
    : springs_(boundary_conditions.springs())
{
  using namespace dealii;
  typename Data::AdditionalData data;
  data.tasks_parallel_scheme = Data::AdditionalData::none;
  data.mapping_update_flags = update_gradients | update_JxW_values;
  if (!springs_.empty())
    data.mapping_update_flags_boundary_faces = update_values | update_normal_vectors | update_JxW_values;
  // float levels never see prescribed values; deal.II's set-up of faces needs the plain indices too
  data.store_plain_indices = std::is_same<Number, double>::value || !springs_.empty();
  matrix_free_.reinit(space.mapping(), space.dof_handler(), boundary_conditions.constraints(), QGauss<1>(degree + 1), data);

  constexpr unsigned int lanes = Lanes::size();
  const auto cells = space.mesh().triangulation().global_active_cell_index_partitioner().lock();
  cell_index_.resize(matrix_free_.n_cell_batches() * lanes);
  for (unsigned int b = 0; b < matrix_free_.n_cell_batches(); ++b)
    for (unsigned int v = 0; v < lanes; ++v)
    {
      // empty lanes repeat the first cell: their moduli must be numbers
      const unsigned int lane = v < matrix_free_.n_active_entries_per_cell_batch(b) ? v : 0;
      cell_index_[b * lanes + v] = cells->global_to_local(matrix_free_.get_cell_iterator(b, lane)->global_active_cell_index());
    }
  constrained_ = matrix_free_.get_constrained_dofs();
  std::sort(constrained_.begin(), constrained_.end());
}

template <int dim, int degree, typename Number>
void MatrixFreeStiffness<dim, degree, Number>::gather(const Moduli &moduli, const double factor, BatchModuli &batches) const
{
  constexpr unsigned int lanes = Lanes::size();
  batches.lambda.resize_fast(matrix_free_.n_cell_batches());
  batches.two_mu.resize_fast(matrix_free_.n_cell_batches());
  for (unsigned int b = 0; b < matrix_free_.n_cell_batches(); ++b)
    for (unsigned int v = 0; v < lanes; ++v)
    {
      const unsigned int c = cell_index_[b * lanes + v];
      batches.lambda[b][v] = factor * moduli.lambda.local_element(c);
      batches.two_mu[b][v] = 2 * factor * moduli.mu.local_element(c);
    }
}

template <int dim, int degree, typename Number>
void MatrixFreeStiffness<dim, degree, Number>::set_moduli(const Moduli &moduli, const double factor)
{
  gather(moduli, factor, moduli_);
  factor_ = factor;
}

template <int dim, int degree, typename Number>
inline void MatrixFreeStiffness<dim, degree, Number>::stress(Cells &cells, const Lanes &lambda, const Lanes &two_mu)
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
void MatrixFreeStiffness<dim, degree, Number>::apply_cells(const BatchModuli &moduli, const bool plain, Vector &dst, const Vector &src,
                                                                 const Range &range) const
{
  Cells cells(matrix_free_);
  for (unsigned int b = range.first; b < range.second; ++b)
  {
    cells.reinit(b);
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
void MatrixFreeStiffness<dim, degree, Number>::apply_springs(const double factor, const bool plain, Vector &dst, const Vector &src,
                                                                   const Range &range) const
{
  Faces faces(matrix_free_, true);
  for (unsigned int b = range.first; b < range.second; ++b)
  {
    const auto spring = springs_.find(matrix_free_.get_boundary_id(b));
    if (spring == springs_.end())
      continue;
    const Lanes normal = Number(factor * spring->second.normal), tangential = Number(factor * spring->second.tangential);
    faces.reinit(b);
    if (plain)
      faces.read_dof_values_plain(src);
    else
      faces.read_dof_values(src);
    faces.evaluate(dealii::EvaluationFlags::values);
    for (unsigned int q = 0; q < Faces::static_n_q_points; ++q)
    {
      const auto u = faces.get_value(q);
      const auto n = faces.get_normal_vector(q);
      faces.submit_value(tangential * u + ((normal - tangential) * (u * n)) * n, q);
    }
    faces.integrate(dealii::EvaluationFlags::values);
    faces.distribute_local_to_global(dst);
  }
}

template <int dim, int degree, typename Number>
void MatrixFreeStiffness<dim, degree, Number>::apply(const BatchModuli &moduli, const double spring_factor, const bool plain, Vector &dst,
                                                           const Vector &src) const
{
  const std::function<void(const Data &, Vector &, const Vector &, const Range &)> cells =
      [&](const Data &, Vector &out, const Vector &in, const Range &range) { apply_cells(moduli, plain, out, in, range); };
  if (springs_.empty() || spring_factor == 0)
  {
    matrix_free_.cell_loop(cells, dst, src, true);
    return;
  }
  const std::function<void(const Data &, Vector &, const Vector &, const Range &)> no_faces =
      [](const Data &, Vector &, const Vector &, const Range &) {};
  const std::function<void(const Data &, Vector &, const Vector &, const Range &)> boundary =
      [&](const Data &, Vector &out, const Vector &in, const Range &range) { apply_springs(spring_factor, plain, out, in, range); };
  matrix_free_.loop(cells, no_faces, boundary, dst, src, true);
}

template <int dim, int degree, typename Number>
void MatrixFreeStiffness<dim, degree, Number>::vmult(Vector &dst, const Vector &src) const
{
  apply(moduli_, factor_, false, dst, src);
  for (const unsigned int i : constrained_)
    dst.local_element(i) = src.local_element(i);
}

template <int dim, int degree, typename Number>
void MatrixFreeStiffness<dim, degree, Number>::vmult(Vector &dst, const Vector &src, const RangeOperation &before,
                                                           const RangeOperation &after) const
{
  if (!springs_.empty()) // deal.II's loops with faces take no such operations
  {
    before(0, dst.locally_owned_size());
    vmult(dst, src);
    after(0, dst.locally_owned_size());
    return;
  }
  const std::function<void(const Data &, Vector &, const Vector &, const Range &)> cells =
      [&](const Data &, Vector &out, const Vector &in, const Range &range) { apply_cells(moduli_, false, out, in, range); };
  matrix_free_.cell_loop(cells, dst, src, before,
                         [&](const unsigned int begin, const unsigned int end)
                         {
                           for (auto i = std::lower_bound(constrained_.begin(), constrained_.end(), begin);
                                i != constrained_.end() && *i < end; ++i)
                             dst.local_element(*i) = src.local_element(*i);
                           after(begin, end);
                         });
}

// Between nodes a and b, of component i: int (lambda + mu) d_i phi_a d_i phi_b + mu grad phi_a . grad phi_b.
template <int dim, int degree, typename Number>
class MatrixFreeStiffness<dim, degree, Number>::CouplingsOfCells
{
public:
  CouplingsOfCells(const Data &matrix_free, const BatchModuli &moduli, const std::vector<NodePair> &pairs)
      : cells_(matrix_free), moduli_(moduli), pairs_(pairs), reference_(n_q * n_nodes), gradients_(n_nodes), values_(pairs.size() * dim)
  {
    const dealii::FE_Q<dim> element(degree);
    const dealii::QGauss<dim> quadrature(degree + 1);
    const std::vector<unsigned int> numbering = element.get_poly_space_numbering_inverse();
    for (unsigned int q = 0; q < n_q; ++q)
      for (unsigned int a = 0; a < n_nodes; ++a)
        for (unsigned int d = 0; d < dim; ++d)
          reference_[q * n_nodes + a][d] = element.shape_grad(numbering[a], quadrature.point(q))[d];
  }

  const dealii::AlignedVector<Lanes> &compute(const unsigned int batch)
  {
    cells_.reinit(batch);
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
void MatrixFreeStiffness<dim, degree, Number>::compute_inverse_diagonal(Vector &inverse) const
{
  constexpr unsigned int n_nodes = Cells::static_dofs_per_component;
  std::vector<NodePair> itself;
  for (unsigned int a = 0; a < n_nodes; ++a)
    itself.emplace_back(a, a);
  initialize_vector(inverse);
  CouplingsOfCells couplings(matrix_free_, moduli_, itself);
  for (unsigned int b = 0; b < matrix_free_.n_cell_batches(); ++b)
  {
    const auto &diagonal = couplings.compute(b);
    for (unsigned int a = 0; a < n_nodes; ++a)
      for (unsigned int i = 0; i < dim; ++i)
        couplings.cells().begin_dof_values()[i * n_nodes + a] = diagonal[a * dim + i];
    couplings.cells().distribute_local_to_global(inverse);
  }
  if (!springs_.empty())
    add_spring_diagonal(inverse);
  inverse.compress(dealii::VectorOperation::add);
  for (const unsigned int i : constrained_)
    inverse.local_element(i) = 1;
  for (auto &x : inverse)
    x = Number(1) / x;
}

template <int dim, int degree, typename Number>
void MatrixFreeStiffness<dim, degree, Number>::compute_couplings(const std::vector<NodePair> &node_pairs, std::vector<Number> &couplings) const
{
  constexpr unsigned int lanes = Lanes::size();
  const std::size_t n = node_pairs.size() * dim;
  std::size_t n_cells = 0;
  for (unsigned int b = 0; b < matrix_free_.n_cell_batches(); ++b)
    n_cells += matrix_free_.n_active_entries_per_cell_batch(b);
  couplings.resize(n_cells * n);
  CouplingsOfCells of_cells(matrix_free_, moduli_, node_pairs);
  for (unsigned int b = 0; b < matrix_free_.n_cell_batches(); ++b)
  {
    const auto &values = of_cells.compute(b);
    for (unsigned int v = 0; v < matrix_free_.n_active_entries_per_cell_batch(b); ++v)
      for (std::size_t i = 0; i < n; ++i)
        couplings[cell_index_[b * lanes + v] * n + i] = values[i][v];
  }
}

template <int dim, int degree, typename Number>
void MatrixFreeStiffness<dim, degree, Number>::add_spring_diagonal(Vector &diagonal) const
{
  Faces faces(matrix_free_, true);
  std::array<Lanes, Faces::static_dofs_per_cell> entries;
  const unsigned int first = matrix_free_.n_inner_face_batches();
  for (unsigned int b = first; b < first + matrix_free_.n_boundary_face_batches(); ++b)
  {
    const auto spring = springs_.find(matrix_free_.get_boundary_id(b));
    if (spring == springs_.end())
      continue;
    const Lanes normal = Number(factor_ * spring->second.normal), tangential = Number(factor_ * spring->second.tangential);
    faces.reinit(b);
    for (unsigned int i = 0; i < entries.size(); ++i)
    {
      for (unsigned int j = 0; j < entries.size(); ++j)
        faces.begin_dof_values()[j] = Number(i == j ? 1 : 0);
      faces.evaluate(dealii::EvaluationFlags::values);
      for (unsigned int q = 0; q < Faces::static_n_q_points; ++q)
      {
        const auto u = faces.get_value(q);
        const auto n = faces.get_normal_vector(q);
        faces.submit_value(tangential * u + ((normal - tangential) * (u * n)) * n, q);
      }
      faces.integrate(dealii::EvaluationFlags::values);
      entries[i] = faces.begin_dof_values()[i];
    }
    std::copy(entries.begin(), entries.end(), faces.begin_dof_values());
    faces.distribute_local_to_global(diagonal);
  }
}

template <int dim, int degree, typename Number>
void MatrixFreeStiffness<dim, degree, Number>::apply_plain(const Moduli &moduli, const bool springs, const Vector &u, Vector &out) const
{
  Assert((std::is_same<Number, double>::value), dealii::ExcMessage("plain indices are stored in double only"));
  gather(moduli, 1, plain_moduli_);
  apply(plain_moduli_, springs ? 1 : 0, true, out, u);
  for (const unsigned int i : constrained_)
    out.local_element(i) = 0;
}

template <int dim, int degree, typename Number>
void MatrixFreeStiffness<dim, degree, Number>::add_moduli_dual(const Vector &u, const Vector &p, Moduli &dual) const
{
  constexpr unsigned int lanes = Lanes::size();
  Cells cells_u(matrix_free_), cells_p(matrix_free_);
  u.update_ghost_values();
  p.update_ghost_values();
  for (unsigned int b = 0; b < matrix_free_.n_cell_batches(); ++b)
  {
    cells_u.reinit(b);
    cells_u.read_dof_values_plain(u);
    cells_u.evaluate(dealii::EvaluationFlags::gradients);
    cells_p.reinit(b);
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
    for (unsigned int v = 0; v < matrix_free_.n_active_entries_per_cell_batch(b); ++v)
    {
      const unsigned int c = cell_index_[b * lanes + v];
      dual.lambda.local_element(c) += lambda[v];
      dual.mu.local_element(c) += mu[v];
    }
  }
  u.zero_out_ghost_values();
  p.zero_out_ghost_values();
}

template <int dim, int degree, typename Number>
std::size_t MatrixFreeStiffness<dim, degree, Number>::memory_consumption() const
{
  return matrix_free_.memory_consumption() + moduli_.lambda.memory_consumption() + moduli_.two_mu.memory_consumption() +
         (cell_index_.size() + constrained_.size()) * sizeof(unsigned int);
}

} // namespace lodestone
