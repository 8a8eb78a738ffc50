#include <lodestone/prior/scaled_prior.h>

#include <deal.II/base/partitioner.h>

#include <cmath>

namespace lodestone
{

namespace
{

/// Squares of z as squares of m = D z.
class SquaresOfScaled : public Squares
{
public:
  SquaresOfScaled(std::shared_ptr<const Squares> squares, const ParameterVector &deviations)
      : squares_(std::move(squares)), deviations_(partitioner_of(*squares_, *deviations.layout().partitioner))
  {
    deviations_.copy_locally_owned_data_from(deviations.values());
    deviations_.update_ghost_values();
  }
  void for_each(const Visit &visit) const override
  {
    squares_->for_each([&, square = Square()](const Square &original) mutable {
      square = original;
      for (Square::Term &term : square.terms)
        term.coefficient /= deviations_(term.unknown);
      visit(square);
    });
  }

private:
  std::shared_ptr<const Squares> squares_;
  DistributedVector deviations_;
};

} // namespace

ScaledPrior::ScaledPrior(std::unique_ptr<Prior> of_z, const ParameterVector &deviations, const ParameterVector &mean)
    : of_z_(std::move(of_z)), deviations_(deviations), mean_(mean)
{
}

ParameterVector ScaledPrior::divided(const ParameterVector &v) const
{
  ParameterVector result(v.shared_layout());
  for (unsigned int i = 0; i < result.values().locally_owned_size(); ++i)
    result.values().local_element(i) = v.values().local_element(i) / deviations_.values().local_element(i);
  return result;
}

ParameterVector ScaledPrior::multiplied(const ParameterVector &v) const
{
  ParameterVector result(v.shared_layout());
  for (unsigned int i = 0; i < result.values().locally_owned_size(); ++i)
    result.values().local_element(i) = v.values().local_element(i) * deviations_.values().local_element(i);
  return result;
}

ParameterVector ScaledPrior::z(const ParameterVector &m) const
{
  ParameterVector deviation(m.shared_layout());
  deviation.values().copy_locally_owned_data_from(m.values());
  deviation.values().add(-1, mean_.values());
  return divided(deviation);
}

void ScaledPrior::add_divided(const double a, const ParameterVector &b, ParameterVector &out) const
{
  out.values().add(a, divided(b).values());
}

void ScaledPrior::linearize_at(const ParameterVector &m)
{
  of_z_->linearize_at(z(m));
}

double ScaledPrior::value(const ParameterVector &m) const
{
  return factor() * of_z_->value(z(m));
}

void ScaledPrior::add_gradient(const ParameterVector &m, ParameterVector &g) const
{
  ParameterVector of_z(mean_.shared_layout());
  of_z_->add_gradient(z(m), of_z);
  add_divided(factor(), of_z, g);
}

void ScaledPrior::add_hessian(const ParameterVector &m, const ParameterVector &m_hat, ParameterVector &out) const
{
  ParameterVector of_z(mean_.shared_layout());
  of_z_->add_hessian(z(m), divided(m_hat), of_z);
  add_divided(factor(), of_z, out);
}

void ScaledPrior::add_precision(const ParameterVector &m_hat, ParameterVector &out) const
{
  ParameterVector of_z(mean_.shared_layout());
  of_z_->add_precision(divided(m_hat), of_z);
  add_divided(factor(), of_z, out);
}

SolveReport ScaledPrior::apply_inverse(const ParameterVector &dual, ParameterVector &out) const
{
  ParameterVector of_z(mean_.shared_layout());
  SolveReport report = of_z_->apply_inverse(multiplied(dual), of_z);
  out.values().copy_locally_owned_data_from(multiplied(of_z).values());
  out.values() /= factor();
  return report;
}

void ScaledPrior::precondition(const ParameterVector &dual, ParameterVector &out) const
{
  ParameterVector of_z(mean_.shared_layout());
  of_z_->precondition(multiplied(dual), of_z);
  out.values().copy_locally_owned_data_from(multiplied(of_z).values());
  out.values() /= factor();
}

SolveReport ScaledPrior::sample(const std::uint64_t seed, ParameterVector &out) const
{
  ParameterVector of_z(mean_.shared_layout());
  SolveReport report = of_z_->sample(seed, of_z);
  out.values().copy_locally_owned_data_from(multiplied(of_z).values());
  out.values() /= std::sqrt(factor());
  out.values().add(1, mean_.values());
  return report;
}

void ScaledPrior::add_noise(const std::uint64_t seed, ParameterVector &out) const
{
  ParameterVector of_z(mean_.shared_layout());
  of_z_->add_noise(seed, of_z);
  add_divided(std::sqrt(factor()), of_z, out);
}

std::shared_ptr<const Squares> ScaledPrior::squares() const
{
  return std::make_shared<SquaresOfScaled>(of_z_->squares(), deviations_);
}

} // namespace lodestone
