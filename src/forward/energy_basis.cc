#include <lodestone/forward/energy_basis.h>

#include <cmath>

namespace lodestone
{

namespace
{
// Part of a vector (energy norm) that rounding in the products alone may leave.
constexpr double smallest_part = 1e-12;

double local_dot(const DistributedVector &a, const DistributedVector &b)
{
  double sum = 0;
  for (unsigned int i = 0; i < a.locally_owned_size(); ++i)
    sum += a.local_element(i) * b.local_element(i);
  return sum;
}
} // namespace

std::vector<double> EnergyBasis::coefficients(const DistributedVector &b) const
{
  std::vector<double> c(size_);
  for (unsigned int k = 0; k < size_; ++k)
    c[k] = local_dot(pairs_[k].first, b);
  if (size_ > 0)
    dealii::Utilities::MPI::sum(c, b.get_mpi_communicator(), c); // one message for all
  return c;
}

void EnergyBasis::add_projection(const DistributedVector &b, DistributedVector &x) const
{
  const std::vector<double> c = coefficients(b);
  for (unsigned int k = 0; k < size_; ++k)
    x.add(c[k], pairs_[k].first);
}

bool EnergyBasis::add(const DistributedVector &x, const DistributedVector &product)
{
  const double energy = x * product;
  if (!std::isfinite(energy) || energy <= 0)
    return false;
  if (pairs_.size() == size_)
    pairs_.emplace_back(x, product);
  auto &[w, product_of_w] = pairs_[size_];
  w.copy_locally_owned_data_from(x);
  product_of_w.copy_locally_owned_data_from(product);
  // The second pass removes what rounding leaves of the vectors when x is nearly in their span.
  for (unsigned int pass = 0; pass < 2; ++pass)
  {
    const std::vector<double> c = coefficients(product_of_w);
    for (unsigned int k = 0; k < size_; ++k)
    {
      w.add(-c[k], pairs_[k].first);
      product_of_w.add(-c[k], pairs_[k].second);
    }
  }
  const double rest = w * product_of_w;
  if (!(rest > smallest_part * smallest_part * energy))
    return false;
  w *= 1 / std::sqrt(rest);
  product_of_w *= 1 / std::sqrt(rest);
  ++size_;
  return true;
}

} // namespace lodestone
