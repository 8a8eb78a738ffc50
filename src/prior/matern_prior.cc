#include <lodestone/prior/matern_prior.h>
#include <lodestone/prior/precision.h>
#include <lodestone/prior/row_squares.h>

#include <cmath>

namespace lodestone
{

MaternPrior::MaternPrior(std::shared_ptr<const ParameterLayout> layout, const Squares &operator_squares,
                         std::shared_ptr<const Squares> volumes)
    : layout_(std::move(layout)), volumes_(std::move(volumes)),
      operator_(std::make_unique<Precision>(*layout_->partitioner, operator_squares)),
      mass_(sum_over_cells([](const Square &square) { return square.weight; }))
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

double MaternPrior::value(const ParameterVector &m) const
{
  DistributedVector product(layout_->partitioner), scaled;
  operator_->apply(m.values(), product);
  scaled = product;
  for (unsigned int i = 0; i < scaled.locally_owned_size(); ++i)
    scaled.local_element(i) /= mass_.local_element(i);
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
  for (unsigned int i = 0; i < x.locally_owned_size(); ++i)
    x.local_element(i) /= mass_.local_element(i);
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
  operator_->precondition(once, out.values());
  out.values() /= factor();
}

DistributedVector MaternPrior::white_noise(const std::uint64_t seed) const
{
  return sum_over_cells(
      [seed](const Square &square) { return std::sqrt(square.weight) * standard_normal(seed, square.number); });
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
  return std::make_shared<RowSquares>(*operator_, mass_);
}

} // namespace lodestone
