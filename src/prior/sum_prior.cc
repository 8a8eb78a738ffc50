#include <lodestone/prior/precision.h>
#include <lodestone/prior/sum_prior.h>

#include <algorithm>
#include <cmath>

namespace lodestone
{

namespace
{

/// The squares of a list with weights that are a times as large.
class WeightedSquares : public Squares
{
public:
  WeightedSquares(std::shared_ptr<const Squares> squares, const double a) : squares_(std::move(squares)), a_(a) {}
  void for_each(const Visit &visit) const override
  {
    squares_->for_each([&, square = Square()](const Square &original) mutable {
      square = original;
      square.weight *= a_;
      visit(square);
    });
  }

private:
  std::shared_ptr<const Squares> squares_;
  double a_;
};

} // namespace

SumPrior::SumPrior(std::shared_ptr<const ParameterLayout> layout, std::vector<std::unique_ptr<Prior>> terms)
    : layout_(std::move(layout)), terms_(std::move(terms))
{
  renew();
}

SumPrior::~SumPrior() = default;

std::shared_ptr<const Squares> SumPrior::squares() const
{
  std::vector<std::shared_ptr<const Squares>> lists;
  for (const auto &term : terms_)
    lists.push_back(std::make_shared<WeightedSquares>(term->squares(), term->factor()));
  return std::make_shared<JoinedSquares>(std::move(lists));
}

void SumPrior::renew()
{
  precision_ = std::make_unique<Precision>(*layout_->partitioner, *squares());
}

bool SumPrior::is_quadratic() const
{
  return std::all_of(terms_.begin(), terms_.end(), [](const auto &term) { return term->is_quadratic(); });
}

void SumPrior::linearize_at(const ParameterVector &m)
{
  for (const auto &term : terms_)
    term->linearize_at(m);
  if (!is_quadratic())
    renew();
}

void SumPrior::add_to(RankState &state, const std::string &name) const
{
  for (std::size_t k = 0; k < terms_.size(); ++k)
    terms_[k]->add_to(state, name + "_" + std::to_string(k));
}

void SumPrior::take_from(const RankState &state, const std::string &name)
{
  for (std::size_t k = 0; k < terms_.size(); ++k)
    terms_[k]->take_from(state, name + "_" + std::to_string(k));
  if (!is_quadratic())
    renew();
}

double SumPrior::value(const ParameterVector &m) const
{
  double sum = 0;
  for (const auto &term : terms_)
    sum += term->value(m);
  return factor() * sum;
}

template <typename Add>
void SumPrior::add_terms(const double a, ParameterVector &out, const Add &add) const
{
  ParameterVector sum(layout_);
  for (std::size_t k = 0; k < terms_.size(); ++k)
    add(k, sum);
  out.values().add(a, sum.values());
}

void SumPrior::add_gradient(const ParameterVector &m, ParameterVector &g) const
{
  add_terms(factor(), g, [&](const std::size_t k, ParameterVector &sum) { terms_[k]->add_gradient(m, sum); });
}

void SumPrior::add_hessian(const ParameterVector &m, const ParameterVector &m_hat, ParameterVector &out) const
{
  add_terms(factor(), out, [&](const std::size_t k, ParameterVector &sum) { terms_[k]->add_hessian(m, m_hat, sum); });
}

void SumPrior::add_precision(const ParameterVector &m_hat, ParameterVector &out) const
{
  DistributedVector product(layout_->partitioner);
  precision_->apply(m_hat.values(), product);
  out.values().add(factor(), product);
}

SolveReport SumPrior::apply_inverse(const ParameterVector &dual, ParameterVector &out) const
{
  SolveReport report = precision_->solve(dual.values(), out.values());
  out.values() /= factor();
  return report;
}

void SumPrior::precondition(const ParameterVector &dual, ParameterVector &out) const
{
  precision_->precondition(dual.values(), out.values());
  out.values() /= factor();
}

SolveReport SumPrior::sample(const std::uint64_t seed, ParameterVector &out) const
{
  ParameterVector noise(layout_);
  add_noise(seed, noise);
  return apply_inverse(noise, out);
}

void SumPrior::add_noise(const std::uint64_t seed, ParameterVector &out) const
{
  add_terms(std::sqrt(factor()), out,
            [&](const std::size_t k, ParameterVector &sum) { terms_[k]->add_noise(mixed(seed, k), sum); });
}

} // namespace lodestone
