#include <lodestone/prior/correlated_squares.h>
#include <lodestone/prior/matern_prior.h>
#include <lodestone/prior/precision.h>
#include <lodestone/prior/row_squares.h>

#include <cmath>

namespace lodestone
{

MaternPrior::MaternPrior(std::shared_ptr<const ParameterLayout> layout, const Squares &operator_squares,
                         std::shared_ptr<const Squares> volumes, const double rho)
    : layout_(std::move(layout)), volumes_(std::move(volumes)),
      operator_(std::make_unique<Precision>(*layout_->partitioner, operator_squares)),
      mass_(sum_over_cells([](const Square &square) { return square.weight; })), rho_(rho)
{
}

MaternPrior::~MaternPrior() = default;

DistributedVector MaternPrior::sum_over_cells(const std::function<double(const Square &)> &numbers) const
{
  DistributedVector sum(partitioner_of(*volumes_, *layout_->partitioner)), result(layout_->partitioner);
  volumes_->for_each([&](const Square &square) { sum(square.terms[0].unknown) += numbers(square); });
  sum.compress(dealii::VectorOperation::add);
  result.copy_locally_owned_data_from(sum);
  return result;
}

void MaternPrior::mix(const std::array<std::array<double, 2>, 2> &matrix, DistributedVector &x) const
{
  const auto end = layout_->n_cells * 2; // what comes then belongs to no cell
  const auto [first, last] = layout_->partitioner->local_range();
  for (auto i = first; i + 1 < last && i + 1 < end; i += 2)
  {
    const double a = x(i), b = x(i + 1);
    x(i) = matrix[0][0] * a + matrix[0][1] * b;
    x(i + 1) = matrix[1][0] * a + matrix[1][1] * b;
  }
}

void MaternPrior::correlate(DistributedVector &x) const
{
  if (rho_ != 0)
    mix({{{{1, rho_}}, {{rho_, 1}}}}, x);
}

void MaternPrior::decorrelate(DistributedVector &x) const
{
  const double d = 1 / (1 - rho_ * rho_);
  if (rho_ != 0)
    mix({{{{d, -rho_ * d}}, {{-rho_ * d, d}}}}, x);
}

void MaternPrior::divide_by_mass(DistributedVector &x) const
{
  for (unsigned int i = 0; i < x.locally_owned_size(); ++i)
    x.local_element(i) /= mass_.local_element(i);
}

double MaternPrior::value(const ParameterVector &m) const
{
  DistributedVector product(layout_->partitioner), scaled;
  operator_->apply(m.values(), product);
  scaled = product;
  divide_by_mass(scaled);
  decorrelate(scaled);
  return 0.5 * factor() * (product * scaled);
}

void MaternPrior::add_gradient(const ParameterVector &m, ParameterVector &g) const
{
  add_precision(m, g);
}

void MaternPrior::add_precision(const ParameterVector &m_hat, ParameterVector &out) const
{
  DistributedVector product(layout_->partitioner);
  operator_->apply(m_hat.values(), product);
  add_operator(factor(), product, out);
}

void MaternPrior::add_operator(const double a, DistributedVector &x, ParameterVector &out) const
{
  DistributedVector product(layout_->partitioner);
  divide_by_mass(x);
  decorrelate(x);
  operator_->apply(x, product);
  out.values().add(a, product);
}

SolveReport MaternPrior::apply_inverse(const ParameterVector &dual, ParameterVector &out) const
{
  DistributedVector once(layout_->partitioner);
  SolveReport report = operator_->solve(dual.values(), once);
  if (report.converged)
  {
    once.scale(mass_);
    correlate(once);
    report += operator_->solve(once, out.values());
  }
  out.values() /= factor();
  return report;
}

void MaternPrior::precondition(const ParameterVector &dual, ParameterVector &out) const
{
  DistributedVector once(layout_->partitioner);
  operator_->precondition(dual.values(), once);
  once.scale(mass_);
  correlate(once);
  operator_->precondition(once, out.values());
  out.values() /= factor();
}

DistributedVector MaternPrior::white_noise(const std::uint64_t seed) const
{
  DistributedVector noise = sum_over_cells(
      [seed](const Square &square) { return std::sqrt(square.weight) * standard_normal(seed, square.number); });
  if (rho_ != 0) // the Cholesky factor of C
    mix({{{{1, 0}}, {{rho_, std::sqrt(1 - rho_ * rho_)}}}}, noise);
  return noise;
}

SolveReport MaternPrior::sample(const std::uint64_t seed, ParameterVector &out) const
{
  SolveReport report = operator_->solve(white_noise(seed), out.values());
  out.values() /= std::sqrt(factor());
  return report;
}

void MaternPrior::add_noise(const std::uint64_t seed, ParameterVector &out) const
{
  DistributedVector noise = white_noise(seed);
  add_operator(std::sqrt(factor()), noise, out);
}

std::shared_ptr<const Squares> MaternPrior::squares() const
{
  return correlated(std::make_shared<RowSquares>(*operator_, mass_, *layout_), rho_);
}

} // namespace lodestone
