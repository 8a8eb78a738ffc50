#include <lodestone/solver/multigrid/chebyshev_smoother.h>

#include <deal.II/base/mpi.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace lodestone
{

template <int dim>
ChebyshevSmoother<dim>::ChebyshevSmoother(const StiffnessOperator<dim, float> &stiffness, const unsigned int degree,
                                          const double range, const Safety &safety)
    : stiffness_(stiffness), degree_(degree), safety_(safety), range_(range)
{
  for (Vector *v : {&inverse_diagonal_, &previous_, &product_})
    stiffness_.initialize_vector(*v);
}

template <int dim>
void ChebyshevSmoother<dim>::strengthen(const Safety &safety, const unsigned int degree)
{
  safety_ = safety;
  degree_ = degree;
}

template <int dim>
void ChebyshevSmoother<dim>::estimate()
{
  // The start is rough and does not depend on the distribution: multiples of the golden ratio without their integer
  // part.
  Vector &v = previous_;
  unsigned int local = 0;
  for (const auto i : v.locally_owned_elements())
    v.local_element(local++) = std::uint32_t(i * 2654435769u) * 0x1p-32f - .5f;
  for (unsigned int k = 0; k < safety_.power_steps; ++k)
    largest_ = iterate_power(v);
}

template <int dim>
double ChebyshevSmoother<dim>::iterate_power(Vector &v)
{
  stiffness_.vmult(product_, v);
  double products[2] = {0, 0}; // v.K v and v.D v; with lines, where D^-1 is known instead, K v.D^-1 K v and v.K v
  if (lines_ == nullptr)
    for (unsigned int i = 0; i < v.locally_owned_size(); ++i)
    {
      const double x = v.local_element(i);
      products[0] += x * product_.local_element(i);
      products[1] += x * x / inverse_diagonal_.local_element(i);
      v.local_element(i) = inverse_diagonal_.local_element(i) * product_.local_element(i);
    }
  else
  {
    for (unsigned int i = 0; i < v.locally_owned_size(); ++i)
      products[1] += double(v.local_element(i)) * product_.local_element(i);
    lines_->solve([&](const unsigned int i) { return product_.local_element(i); },
                  [&](const unsigned int i, const float z) {
                    products[0] += double(z) * product_.local_element(i);
                    v.local_element(i) = z;
                  });
  }
  dealii::Utilities::MPI::sum(products, v.get_mpi_communicator(), products);
  // Where stiffnesses are too large for single precision, what is returned says so.
  if (const double largest = v.linfty_norm(); largest > 0 && std::isfinite(largest))
    v *= 1 / largest;
  return products[0] / products[1];
}

template <int dim>
void ChebyshevSmoother<dim>::iterate(Vector &x, const Vector &b, const bool from_zero) const
{
  const double largest = safety_.margin * largest_, smallest = largest / range_;
  const double theta = (largest + smallest) / 2, delta = (largest - smallest) / 2;
  double rho = delta / theta;
  const unsigned int n = x.locally_owned_size();
  float momentum = 0, step = 1 / theta;
  unsigned int k = 0;
  const float *diagonal = inverse_diagonal_.begin(), *rhs = b.begin();
  if (from_zero)
  {
    previous_ = 0;
    if (lines_ == nullptr)
      for (unsigned int i = 0; i < n; ++i)
        x.local_element(i) = step * diagonal[i] * rhs[i];
    else
      lines_->solve([&](const unsigned int i) { return rhs[i]; },
                    [&](const unsigned int i, const float z) { x.local_element(i) = step * z; });
    ++k;
  }
  for (; k < degree_; ++k)
  {
    if (k > 0)
    {
      const double next = 1 / (2 * theta / delta - rho);
      momentum = next * rho;
      step = 2 * next / delta;
      rho = next;
    }
    // The new iterate replaces the one before the last, since later cells still read x.
    float *product = product_.begin(), *previous = previous_.begin();
    const float *current = x.begin();
    const auto clear = [&](const unsigned int begin, const unsigned int end) {
      std::fill(product + begin, product + end, 0.f);
    };
    if (lines_ == nullptr)
      stiffness_.vmult(product_, x, clear, [&](const unsigned int begin, const unsigned int end) {
        if (momentum == 0) // `previous` is undefined then
          for (unsigned int i = begin; i < end; ++i)
            previous[i] = current[i] + step * diagonal[i] * (rhs[i] - product[i]);
        else
          for (unsigned int i = begin; i < end; ++i)
            previous[i] =
                current[i] + momentum * (current[i] - previous[i]) + step * diagonal[i] * (rhs[i] - product[i]);
      });
    else
    {
      // This adds the momentum; the solve along the lines then adds their part, whose unknowns read only `product` and
      // `previous`.
      stiffness_.vmult(product_, x, clear, [&](const unsigned int begin, const unsigned int end) {
        for (unsigned int i = begin; i < end; ++i)
        {
          product[i] = step * (rhs[i] - product[i]);
          previous[i] = momentum == 0 ? current[i] : current[i] + momentum * (current[i] - previous[i]);
        }
      });
      lines_->solve([&](const unsigned int i) { return product[i]; },
                    [&](const unsigned int i, const float z) { previous[i] += z; });
    }
    x.swap(previous_);
  }
}

template class ChebyshevSmoother<2>;
template class ChebyshevSmoother<3>;

} // namespace lodestone
