#include <lodestone/base/error.h>
#include <lodestone/prior/gaussian_prior.h>
#include <lodestone/prior/precision.h>

#include <deal.II/base/mpi.h>

#include <cmath>

namespace lodestone
{

GaussianPrior::GaussianPrior(std::shared_ptr<const ParameterLayout> layout, std::shared_ptr<const Squares> squares)
    : layout_(std::move(layout)), squares_(std::move(squares)),
      precision_(std::make_unique<Precision>(*layout_->partitioner, *squares_)), mean_(layout_)
{
  if (precision_->has_targets())
    find_mean();
}

GaussianPrior::~GaussianPrior() = default;

void GaussianPrior::find_mean()
{
  const DistributedVector b =
      weighted_sum([](const Square &square) { return std::sqrt(square.weight) * square.target; });
  const SolveReport report = precision_->solve(b, mean_.values());
  if (!report.converged)
    throw SolverError("the mean of the prior could not be solved for: " + report.reason);
  DistributedVector mean(precision_->unknowns_of_squares());
  mean.copy_locally_owned_data_from(mean_.values());
  mean.update_ghost_values();
  double sum = 0;
  squares_->for_each([&](const Square &square) {
    const double r = residual(square, mean);
    sum += 0.5 * square.weight * r * r;
  });
  least_value_ = dealii::Utilities::MPI::sum(sum, mean.get_mpi_communicator());
}

DistributedVector GaussianPrior::weighted_sum(const std::function<double(const Square &)> &numbers) const
{
  DistributedVector sum(precision_->unknowns_of_squares()), result(layout_->partitioner);
  squares_->for_each([&](const Square &square) {
    const double factor = numbers(square) * std::sqrt(square.weight);
    for (const Square::Term &term : square.terms)
      sum(term.unknown) += factor * term.coefficient;
  });
  sum.compress(dealii::VectorOperation::add);
  result.copy_locally_owned_data_from(sum);
  return result;
}

void GaussianPrior::deviate(const ParameterVector &m, DistributedVector &deviation, DistributedVector &product) const
{
  deviation = m.values();
  deviation.add(-1, mean_.values());
  product.reinit(layout_->partitioner);
  precision_->apply(deviation, product);
}

double GaussianPrior::value(const ParameterVector &m) const
{
  DistributedVector deviation, product;
  deviate(m, deviation, product);
  return factor() * (0.5 * (deviation * product) + least_value_);
}

void GaussianPrior::add_gradient(const ParameterVector &m, ParameterVector &g) const
{
  DistributedVector deviation, product;
  deviate(m, deviation, product);
  g.values().add(factor(), product);
}

void GaussianPrior::add_precision(const ParameterVector &m_hat, ParameterVector &out) const
{
  DistributedVector product(layout_->partitioner);
  precision_->apply(m_hat.values(), product);
  out.values().add(factor(), product);
}

SolveReport GaussianPrior::apply_inverse(const ParameterVector &dual, ParameterVector &out) const
{
  SolveReport report = precision_->solve(dual.values(), out.values());
  out.values() /= factor();
  return report;
}

void GaussianPrior::precondition(const ParameterVector &dual, ParameterVector &out) const
{
  precision_->precondition(dual.values(), out.values());
  out.values() /= factor();
}

SolveReport GaussianPrior::sample(const std::uint64_t seed, ParameterVector &out) const
{
  ParameterVector noise(layout_);
  add_noise(seed, noise);
  SolveReport report = apply_inverse(noise, out);
  out.values().add(1, mean_.values());
  return report;
}

void GaussianPrior::add_noise(const std::uint64_t seed, ParameterVector &out) const
{
  out.values().add(std::sqrt(factor()),
                   weighted_sum([seed](const Square &square) { return standard_normal(seed, square.number); }));
}

} // namespace lodestone
