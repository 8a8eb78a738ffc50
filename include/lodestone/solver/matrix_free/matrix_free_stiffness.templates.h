#pragma once

#include <lodestone/solver/matrix_free/brick_blocks.templates.h>
#include <lodestone/solver/matrix_free/general_cells.templates.h>
#include <lodestone/solver/matrix_free/matrix_free_stiffness.h>

#include <deal.II/dofs/dof_tools.h>

#include <algorithm>

namespace lodestone
{

template <int dim, int degree, typename Number>
MatrixFreeStiffness<dim, degree, Number>::MatrixFreeStiffness(const DisplacementSpace<dim> &space,
                                                              const BoundaryConditions<dim> &boundary_conditions)
    : n_cells_(space.mesh().triangulation().n_locally_owned_active_cells())
{
  const MPI_Comm comm = space.mesh().communicator();
  const auto &triangulation = space.mesh().triangulation();
  const auto &constraints = boundary_conditions.constraints();
  auto blocks = Blocks::find(space, constraints, true);
  const bool all_in_blocks = boundary_conditions.springs().empty() && blocks.size() * Blocks::n_bricks == n_cells_;
  if (dealii::Utilities::MPI::min(int(all_in_blocks), comm) != 0)
  {
    dealii::IndexSet of_own_cells;
    dealii::DoFTools::extract_locally_active_dofs(space.dof_handler(), of_own_cells);
    layout_ = std::make_shared<const dealii::Utilities::MPI::Partitioner>(space.dof_handler().locally_owned_dofs(),
                                                                          of_own_cells, comm);
  }
  else
  {
    // deal.II's vectors lack constrained entries of other ranks.
    blocks = Blocks::find(space, constraints, false);
    std::vector<bool> in_blocks(triangulation.n_active_cells(), false);
    for (const auto &block : blocks)
      for (const auto &cell : Blocks::siblings(block.first))
        in_blocks[cell->active_cell_index()] = true;
    general_ = std::make_unique<General>(space, boundary_conditions, in_blocks);
    Vector v;
    general_->initialize_vector(v);
    layout_ = v.get_partitioner();
  }
  blocks_ = std::make_unique<Blocks>(space, blocks, *layout_);
  for (const auto i : space.dof_handler().locally_owned_dofs())
    if (constraints.is_constrained(i))
      constrained_.push_back(layout_->global_to_local(i));
  plan();
}

template <int dim, int degree, typename Number>
template <typename Action>
void MatrixFreeStiffness<dim, degree, Number>::for_each_place(const Step &step, const Action &action) const
{
  if (step.kind == Step::Kind::springs)
    general_->for_each_place_of_springs(action);
  for (unsigned int batch = step.begin; batch < step.end; ++batch)
    if (step.kind == Step::Kind::blocks)
    {
      const auto [begin, end] = blocks_->nodes(batch);
      for (const unsigned int *first = begin; first != end; ++first)
        for (unsigned int d = 0; d < dim; ++d)
          action(*first + d);
    }
    else if (step.kind == Step::Kind::general)
      general_->for_each_place(batch, action);
}

template <int dim, int degree, typename Number>
void MatrixFreeStiffness<dim, degree, Number>::plan()
{
  using Kind = typename Step::Kind;
  std::vector<Step> own, with_ghosts;
  const auto sort_in = [&](const Step &step) {
    bool ghosts = false;
    for_each_place(step, [&](const unsigned int i) { ghosts = ghosts || i >= layout_->locally_owned_size(); });
    (ghosts ? with_ghosts : own).push_back(step);
  };
  const auto add_batches = [&](const Kind kind, const unsigned int begin, const unsigned int end) {
    constexpr unsigned int together = 4; // single batches cost more in calls than the cache saves
    for (unsigned int b = begin; b < end; b += together)
      sort_in({kind, b, std::min(b + together, end)});
  };
  add_batches(Kind::blocks, 0, blocks_->n_interior_batches());
  add_batches(Kind::blocks, blocks_->n_interior_batches(), blocks_->n_batches());
  if (general_ != nullptr)
  {
    add_batches(Kind::general, 0, general_->n_batches());
    if (general_->has_springs())
      with_ghosts.push_back({Kind::springs, 0, 0});
  }
  // Half of the work on owned entries is done while values arrive, half while sums are sent.
  first_with_ghosts_ = own.size() / 2;
  first_after_ghosts_ = first_with_ghosts_ + with_ghosts.size();
  steps_ = std::move(own);
  steps_.insert(steps_.begin() + first_with_ghosts_, with_ghosts.begin(), with_ghosts.end());
  order_ = std::make_unique<WorkOrder>(*layout_, steps_.size());
  for (unsigned int s = 0; s < steps_.size(); ++s)
    for_each_place(steps_[s], [&](const unsigned int i) { order_->add(s, i); });
  order_->close();
}

template <int dim, int degree, typename Number>
void MatrixFreeStiffness<dim, degree, Number>::gather(const Moduli &moduli, const double factor, const bool springs,
                                                      LoopModuli &out) const
{
  blocks_->gather(moduli, factor, out.blocks);
  if (general_ != nullptr)
    general_->gather(moduli, factor, out.general);
  out.spring_factor = springs ? factor : 0;
}

template <int dim, int degree, typename Number>
void MatrixFreeStiffness<dim, degree, Number>::renew(const Moduli &moduli, const double factor)
{
  gather(moduli, factor, true, moduli_);
}

template <int dim, int degree, typename Number>
void MatrixFreeStiffness<dim, degree, Number>::loop(const LoopModuli &moduli, const bool plain, Vector &dst,
                                                    const Vector &src, const RangeOperation &before,
                                                    const RangeOperation &after) const
{
  const bool had_ghosts = src.has_ghost_elements();
  if (!had_ghosts)
    src.update_ghost_values_start();
  dst.zero_out_ghost_values();
  for (unsigned int s = 0; s <= steps_.size(); ++s)
  {
    if (s == first_with_ghosts_ && !had_ghosts)
      src.update_ghost_values_finish();
    if (s == first_after_ghosts_)
      dst.compress_start(1, dealii::VectorOperation::add);
    if (s == steps_.size())
      dst.compress_finish(dealii::VectorOperation::add);
    for (const auto &[begin, end] : order_->beginning_at(s))
      before(begin, end);
    if (s < steps_.size())
    {
      const Step &step = steps_[s];
      if (step.kind == Step::Kind::blocks)
        for (unsigned int batch = step.begin; batch < step.end; ++batch)
          blocks_->add_product(batch, moduli.blocks, src.begin(), dst.begin());
      else if (step.kind == Step::Kind::general)
        general_->add_product(step.begin, step.end, moduli.general, plain, dst, src);
      else if (moduli.spring_factor != 0)
        general_->add_springs(moduli.spring_factor, plain, dst, src);
    }
    for (const auto &[begin, end] : order_->ending_at(s))
      after(begin, end);
  }
  if (!had_ghosts)
    src.zero_out_ghost_values();
}

template <int dim, int degree, typename Number>
void MatrixFreeStiffness<dim, degree, Number>::vmult(Vector &dst, const Vector &src) const
{
  vmult(
      dst, src,
      [&](const unsigned int begin, const unsigned int end) {
        std::fill(dst.begin() + begin, dst.begin() + end, Number(0));
      },
      [](const unsigned int, const unsigned int) {});
}

template <int dim, int degree, typename Number>
void MatrixFreeStiffness<dim, degree, Number>::vmult(Vector &dst, const Vector &src, const RangeOperation &before,
                                                     const RangeOperation &after) const
{
  const auto finish = [&](const unsigned int begin, const unsigned int end) {
    for (auto i = std::lower_bound(constrained_.begin(), constrained_.end(), begin);
         i != constrained_.end() && *i < end; ++i)
      dst.local_element(*i) = src.local_element(*i);
    after(begin, end);
  };
  // Blocks read constrained entries like others, so these must be zero. They are zero in all vectors of an iteration
  // that starts with zeros there. Each rank checks its own entries, before others get them as ghosts.
  bool zero = std::all_of(constrained_.begin(), constrained_.end(),
                          [&](const unsigned int i) { return src.local_element(i) == 0; });
  if (src.has_ghost_elements())
    zero = dealii::Utilities::MPI::min(int(zero), src.get_mpi_communicator()) != 0; // others have received them already
  if (zero)
  {
    loop(moduli_, false, dst, src, before, finish);
    return;
  }
  Vector without(layout_);
  without.copy_locally_owned_data_from(src);
  for (const unsigned int i : constrained_)
    without.local_element(i) = 0;
  loop(moduli_, false, dst, without, before, finish);
}

template <int dim, int degree, typename Number>
void MatrixFreeStiffness<dim, degree, Number>::apply_plain(const Moduli &moduli, const bool springs, const Vector &u,
                                                           Vector &out) const
{
  Assert((std::is_same<Number, double>::value), dealii::ExcMessage("plain indices are stored in double only"));
  gather(moduli, 1, springs, plain_moduli_);
  loop(
      plain_moduli_, true, out, u,
      [&](const unsigned int begin, const unsigned int end) {
        std::fill(out.begin() + begin, out.begin() + end, Number(0));
      },
      [](const unsigned int, const unsigned int) {});
  for (const unsigned int i : constrained_)
    out.local_element(i) = 0;
}

template <int dim, int degree, typename Number>
void MatrixFreeStiffness<dim, degree, Number>::compute_inverse_diagonal(Vector &inverse) const
{
  initialize_vector(inverse);
  blocks_->add_diagonal(moduli_.blocks, inverse.begin());
  if (general_ != nullptr)
    general_->add_diagonal(moduli_.general, moduli_.spring_factor, inverse);
  inverse.compress(dealii::VectorOperation::add);
  for (const unsigned int i : constrained_)
    inverse.local_element(i) = 1;
  for (auto &x : inverse)
    x = Number(1) / x;
}

template <int dim, int degree, typename Number>
void MatrixFreeStiffness<dim, degree, Number>::compute_couplings(const std::vector<NodePair> &node_pairs,
                                                                 std::vector<Number> &couplings) const
{
  couplings.resize(n_cells_ * node_pairs.size() * dim);
  blocks_->compute_couplings(moduli_.blocks, node_pairs, couplings);
  if (general_ != nullptr)
    general_->compute_couplings(moduli_.general, node_pairs, couplings);
}

template <int dim, int degree, typename Number>
void MatrixFreeStiffness<dim, degree, Number>::add_moduli_dual(const Vector &u, const Vector &p, Moduli &dual) const
{
  u.update_ghost_values();
  p.update_ghost_values();
  blocks_->add_moduli_dual(u.begin(), p.begin(), dual);
  if (general_ != nullptr)
    general_->add_moduli_dual(u, p, dual);
  u.zero_out_ghost_values();
  p.zero_out_ghost_values();
}

template <int dim, int degree, typename Number>
std::size_t MatrixFreeStiffness<dim, degree, Number>::memory_consumption() const
{
  return blocks_->memory_consumption() + (general_ != nullptr ? general_->memory_consumption() : 0) +
         moduli_.blocks.size() * sizeof(moduli_.blocks[0]) + moduli_.general.lambda.memory_consumption() +
         moduli_.general.two_mu.memory_consumption() + constrained_.size() * sizeof(unsigned int);
}

} // namespace lodestone
