#include <lodestone/prior/tilted_box.h>

#include <deal.II/lac/full_matrix.h>
#include <deal.II/lac/lapack_full_matrix.h>

#include <cmath>

namespace lodestone
{

namespace
{

/// The difference of two cells, and the vector between their centres.
template <int dim>
struct Difference
{
  std::size_t neighbour;
  dealii::Tensor<1, dim> between;
};

/// S with d^T S d the smallest g^T T g of all g whose products with the vectors are the differences d: S^-1 = e^T T^-1 e.
template <int dim>
dealii::FullMatrix<double> energy(const std::vector<Difference<dim>> &differences,
                                  const dealii::SymmetricTensor<2, dim> &inverse)
{
  const std::size_t n = differences.size();
  dealii::FullMatrix<double> s(n, n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      s(i, j) = differences[i].between * (inverse * differences[j].between);
  if (n > 0)
    s.gauss_jordan();
  return s;
}

} // namespace

template <int dim>
std::vector<double> tilted_box_deviations(const BoxGrid<dim> &grid, const BoxWeights<dim> &weights)
{
  constexpr unsigned int n_corners = 1u << dim;
  const std::size_t n = grid.n_cells();
  const double volume = grid.cell_volume();
  const dealii::SymmetricTensor<2, dim> inverse = dealii::invert(weights.gamma);
  dealii::LAPACKFullMatrix<double> a(n);
  for (std::size_t c = 0; c < n; ++c)
  {
    a(c, c) += weights.delta * volume;
    for (unsigned int corner = 0; corner < n_corners; ++corner)
    {
      std::vector<Difference<dim>> differences;
      std::size_t rest = c, stride = 1;
      for (unsigned int d = 0; d < dim; ++d)
      {
        const std::size_t i = rest % grid.cells[d];
        const bool upwards = ((corner >> d) & 1) != 0;
        if (upwards ? i + 1 < grid.cells[d] : i > 0)
        {
          Difference<dim> difference{upwards ? c + stride : c - stride, {}};
          difference.between[d] = (upwards ? 1 : -1) * grid.cell_size(d);
          differences.push_back(difference);
        }
        else // every face at the boundary has 2^(dim-1) corners
          a(c, c) += 2 * weights.beta[d] * volume / grid.cell_size(d) / n_corners;
        rest /= grid.cells[d];
        stride *= grid.cells[d];
      }
      const dealii::FullMatrix<double> s = energy(differences, inverse);
      for (std::size_t i = 0; i < differences.size(); ++i)
        for (std::size_t j = 0; j < differences.size(); ++j)
        {
          const double entry = volume / n_corners * s(i, j);
          a(differences[i].neighbour, differences[j].neighbour) += entry;
          a(differences[i].neighbour, c) -= entry;
          a(c, differences[j].neighbour) -= entry;
          a(c, c) += entry;
        }
    }
  }
  a.set_property(dealii::LAPACKSupport::symmetric);
  a.compute_cholesky_factorization();
  a.invert();
  std::vector<double> deviations(n);
  for (std::size_t i = 0; i < n; ++i)
  {
    double sum = 0;
    for (std::size_t j = 0; j < n; ++j)
      sum += a(j, i) * a(j, i);
    deviations[i] = std::sqrt(volume * sum);
  }
  return deviations;
}

template std::vector<double> tilted_box_deviations<2>(const BoxGrid<2> &, const BoxWeights<2> &);
template std::vector<double> tilted_box_deviations<3>(const BoxGrid<3> &, const BoxWeights<3> &);

} // namespace lodestone
