#include <lodestone/observation/independent_errors.h>

#include <cmath>

namespace lodestone
{

void IndependentErrors::whiten(const MutableDataView d) const
{
  AssertDimension(d.size(), n_data());
  for (unsigned int i = 0; i < n_data(); ++i)
    d[i] /= sigma_[i];
}

void IndependentErrors::whiten_transpose(const MutableDataView w) const
{
  whiten(w);
}

void IndependentErrors::colour(const MutableDataView w) const
{
  AssertDimension(w.size(), n_data());
  for (unsigned int i = 0; i < n_data(); ++i)
    w[i] *= sigma_[i];
}

double IndependentErrors::log_determinant() const
{
  double sum = 0;
  for (const double sigma : sigma_)
    sum += std::log(sigma);
  return 2 * sum;
}

} // namespace lodestone
