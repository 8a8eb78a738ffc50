#include <lodestone/forward/multigrid/chebyshev_smoother.h>

#include <deal.II/base/mpi.h>

#include <algorithm>
#include <cmath>

namespace lodestone
{

namespace
{
constexpr unsigned int first_steps = 15, renewal_steps = 1;
constexpr double margin = 1.2; // power iteration finds less than the largest eigenvalue
} // namespace

template <int dim>
ChebyshevSmoother<dim>::ChebyshevSmoother(const StiffnessOperator<dim, float> &stiffness, const unsigned int degree, const double range)
    : stiffness_(stiffness), degree_(degree), range_(range)
{
  for (Vector *v : {&inverse_diagonal_, &eigenvector_, &previous_, &product_})
    stiffness_.initialize_vector(*v);
}

template <int dim>
void ChebyshevSmoother<dim>::start_power_iteration()
{
  // Any start that is rough and does not depend on the distribution.
  const auto owned = eigenvector_.locally_owned_elements();
  unsigned int local = 0;
  for (const auto i : owned)
    eigenvector_.local_element(local++) = std::fmod(i * 0.6180339887498949, 1.) - .5;
}

template <int dim>
void ChebyshevSmoother<dim>::estimate(const bool nearby)
{
  if (!nearby)
    start_power_iteration();
  largest_ = power_iteration(nearby ? renewal_steps : first_steps);
}

template <int dim>
double ChebyshevSmoother<dim>::power_iteration(const unsigned int steps)
{
  double quotient = 0;
  for (unsigned int k = 0; k < steps; ++k)
  {
    stiffness_.vmult(product_, eigenvector_);
    double products[2] = {0, 0}; // v.K v, v.D v; with lines, where D^-1 is at hand: K v.D^-1 K v, v.K v
    if (lines_ == nullptr)
      for (unsigned int i = 0; i < eigenvector_.locally_owned_size(); ++i)
      {
        const double v = eigenvector_.local_element(i);
        products[0] += v * product_.local_element(i);
        products[1] += v * v / inverse_diagonal_.local_element(i);
        eigenvector_.local_element(i) = inverse_diagonal_.local_element(i) * product_.local_element(i);
      }
    else
    {
      for (unsigned int i = 0; i < eigenvector_.locally_owned_size(); ++i)
        products[1] += double(eigenvector_.local_element(i)) * product_.local_element(i);
      lines_->solve([&](const unsigned int i) { return product_.local_element(i); },
                    [&](const unsigned int i, const float z)
                    {
                      products[0] += double(z) * product_.local_element(i);
                      eigenvector_.local_element(i) = z;
                    });
    }
    dealii::Utilities::MPI::sum(products, eigenvector_.get_mpi_communicator(), products);
    quotient = products[0] / products[1];
    eigenvector_ *= 1 / eigenvector_.linfty_norm();
  }
  return quotient;
}

template <int dim>
void ChebyshevSmoother<dim>::iterate(Vector &x, const Vector &b, const bool from_zero) const
{
  const double largest = margin * largest_, smallest = largest / range_;
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
      lines_->solve([&](const unsigned int i) { return rhs[i]; }, [&](const unsigned int i, const float z) { x.local_element(i) = step * z; });
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
    // The new iterate takes the place of the one before the last: cells still to come read x.
    float *product = product_.begin(), *previous = previous_.begin();
    const float *current = x.begin();
    const auto clear = [&](const unsigned int begin, const unsigned int end) { std::fill(product + begin, product + end, 0.f); };
    if (lines_ == nullptr)
      stiffness_.vmult(product_, x, clear,
                       [&](const unsigned int begin, const unsigned int end)
                       {
                         if (momentum == 0) // `previous` may hold anything
                           for (unsigned int i = begin; i < end; ++i)
                             previous[i] = current[i] + step * diagonal[i] * (rhs[i] - product[i]);
                         else
                           for (unsigned int i = begin; i < end; ++i)
                             previous[i] = current[i] + momentum * (current[i] - previous[i]) + step * diagonal[i] * (rhs[i] - product[i]);
                       });
    else
    {
      // What a line's unknowns need stands together: here what they had, momentum included; the line adds its part.
      stiffness_.vmult(product_, x, clear,
                       [&](const unsigned int begin, const unsigned int end)
                       {
                         for (unsigned int i = begin; i < end; ++i)
                         {
                           product[i] = step * (rhs[i] - product[i]);
                           previous[i] = momentum == 0 ? current[i] : current[i] + momentum * (current[i] - previous[i]);
                         }
                       });
      lines_->solve([&](const unsigned int i) { return product[i]; }, [&](const unsigned int i, const float z) { previous[i] += z; });
    }
    x.swap(previous_);
  }
}

template class ChebyshevSmoother<2>;
template class ChebyshevSmoother<3>;

} // namespace lodestone
