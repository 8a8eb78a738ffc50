#pragma once

#include <lodestone/optimizer/objective_function.h>

#include <deal.II/base/mpi.h>

#include <cmath>

namespace lodestone
{
namespace test
{

/// J(m) = s [ sum_i a_i e(d_i) + q/4 sum_i a_i d_i^4 + k/2 (sum_i v_i d_i)^2 + c ],  d = m - t, e(d) = d^2 / 2 or,
/// `soft`, sqrt(1 + d^2) - 1, on which Newton steps from |d| > 1 overshoot. The minimiser is t
/// (without the coupling k, the minimiser in a box is t clamped onto it). Ill-scaled: a_i from 1 to `spread`.
/// The metric is diag(1 / a) / s when `exact_metric`, else the identity / s, and the preconditioner the metric or, when
/// `exact_preconditioner`, diag(1 / a) / s.
class QuarticObjective : public ObjectiveFunction
{
public:
  explicit QuarticObjective(const unsigned int n_global = 60, const MPI_Comm communicator = MPI_COMM_WORLD)
      : comm(communicator)
  {
    const unsigned int rank = dealii::Utilities::MPI::this_mpi_process(comm);
    const unsigned int ranks = dealii::Utilities::MPI::n_mpi_processes(comm);
    dealii::IndexSet owned(n_global);
    owned.add_range(rank * n_global / ranks, (rank + 1) * n_global / ranks);
    target.reinit(owned, comm);
    stiffness = coupling_vector = weights = target;
    for (const auto i : owned)
      target(i) = 2. * std::sin(0.7 * i) + 0.3;
    set_spread(10.);
  }

  void set_spread(const double ratio)
  {
    for (const auto i : stiffness.locally_owned_elements())
    {
      stiffness(i) = std::pow(ratio, double((7 * i) % stiffness.size()) / stiffness.size());
      coupling_vector(i) = std::cos(1.3 * i);
    }
    update_weights();
  }

  void update_weights()
  {
    for (const auto i : weights.locally_owned_elements())
      weights(i) = scale * (exact_metric ? stiffness(i) : 1.);
  }

  DistributedVector zero() const
  {
    DistributedVector m(target);
    m = 0.;
    return m;
  }

  double distance(const DistributedVector &m) const
  {
    DistributedVector d(m);
    d -= target;
    return d.linfty_norm();
  }

  bool value_and_gradient(const DistributedVector &m, double &value, DistributedVector &gradient) override
  {
    ++n_evaluations;
    if (m.l2_norm() > failure_radius)
    {
      value = std::nan("");
      return false;
    }
    double sum = 0, coupled = 0;
    for (const auto i : m.locally_owned_elements())
    {
      const double d = m(i) - target(i);
      const double root = std::sqrt(1. + d * d);
      sum += stiffness(i) * (soft ? root - 1. : 0.5 * d * d) + 0.25 * quartic * stiffness(i) * d * d * d * d;
      coupled += coupling_vector(i) * d;
      gradient(i) = scale * stiffness(i) * ((soft ? d / root : d) + quartic * d * d * d);
    }
    coupled = dealii::Utilities::MPI::sum(coupled, comm);
    for (const auto i : m.locally_owned_elements())
      gradient(i) = gradient_factor * (gradient(i) + scale * coupling * coupled * coupling_vector(i));
    value = scale * (dealii::Utilities::MPI::sum(sum, comm) + 0.5 * coupling * coupled * coupled + offset);
    value *= 1. + value_noise * std::sin(1e9 * m.l2_norm());
    return true;
  }

  std::string failure() const override { return "the point lies outside of where this objective is known"; }

  bool linearize_at(const DistributedVector &m) override
  {
    point = m;
    return linearize_works;
  }

  bool apply_hessian(const DistributedVector &m_hat, DistributedVector &out) override
  {
    if (++n_actions % failing_action == 0)
      return false;
    const double coupled = coupling * (coupling_vector * m_hat);
    for (const auto i : m_hat.locally_owned_elements())
    {
      const double d = point(i) - target(i);
      out(i) = scale * (stiffness(i) * ((soft ? std::pow(1. + d * d, -1.5) : 1.) + 3. * quartic * d * d) * m_hat(i) +
                        coupled * coupling_vector(i));
    }
    return true;
  }

  void apply_metric(const DistributedVector &dual, DistributedVector &out) override
  {
    for (const auto i : dual.locally_owned_elements())
      out(i) = dual(i) / weights(i);
  }

  void precondition(const DistributedVector &dual, DistributedVector &out) override
  {
    if (!exact_preconditioner)
      return apply_metric(dual, out);
    for (const auto i : dual.locally_owned_elements())
      out(i) = dual(i) / (scale * stiffness(i));
  }

  const DistributedVector &diagonal_weights() const override { return weights; }

  const MPI_Comm comm;
  DistributedVector target, stiffness, coupling_vector, weights, point;
  double quartic = 0, coupling = 0, offset = 1, scale = 1, failure_radius = 1e300, gradient_factor = 1, value_noise = 0;
  bool exact_metric = true, exact_preconditioner = false, linearize_works = true, soft = false;
  unsigned int failing_action = 1000000, n_evaluations = 0, n_actions = 0;
};

} // namespace test
} // namespace lodestone
