#include <lodestone/solver/multigrid/smoothing_difficulty.h>

#include <deal.II/base/mpi.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace lodestone
{

namespace
{
constexpr double stiff_direction = 10;
// Few cells suffice: each of them has errors of its own that no other level reduces.
constexpr double share_of_cells = 0.002;
constexpr double mean_jump = 2; // mean change of ln mu from cell to cell
} // namespace

template <int dim>
SmoothingDifficulty<dim>::SmoothingDifficulty(const Mesh<dim> &mesh) : comm_(mesh.communicator())
{
  double log_sum = 0;
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      std::array<double, dim> squares;
      for (unsigned int d = 0; d < dim; ++d)
      {
        dealii::Tensor<1, dim> extent;
        for (const unsigned int v : cell->vertex_indices())
          extent += (v >> d & 1 ? 1. : -1.) * cell->vertex(v);
        squares[d] = extent.norm_square();
      }
      std::sort(squares.begin(), squares.end());
      stretch_.push_back(squares[dim - 1] / squares[0]);
      if (dim == 3)
        log_sum += std::log(squares[dim - 1] / squares[dim - 2]);
    }
  stretch_across_lines_ =
      std::exp(dealii::Utilities::MPI::sum(log_sum, comm_) / mesh.triangulation().n_global_active_cells());
}

template <int dim>
bool SmoothingDifficulty<dim>::lines_pay(const Moduli &moduli) const
{
  // As a rule, cells that follow each other in the order of the mesh touch each other.
  double sums[4] = {0, double(stretch_.size()), 0, 0}; // sums of difficult cells, cells, jumps, neighbours
  double last = 0;
  for (unsigned int c = 0; c < stretch_.size(); ++c)
  {
    const double lambda = moduli.lambda.local_element(c), mu = moduli.mu.local_element(c);
    sums[0] += stretch_[c] * (lambda + 2 * mu) > stiff_direction * mu;
    const double log_mu = std::log(mu);
    if (c > 0)
    {
      sums[2] += std::abs(log_mu - last);
      ++sums[3];
    }
    last = log_mu;
  }
  dealii::Utilities::MPI::sum(sums, comm_, sums);
  return sums[0] > share_of_cells * sums[1] || sums[2] > mean_jump * sums[3];
}

template class SmoothingDifficulty<2>;
template class SmoothingDifficulty<3>;

} // namespace lodestone
