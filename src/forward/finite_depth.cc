#include <lodestone/forward/finite_depth.h>
#include <lodestone/material/isotropic.h>

#include <cmath>

namespace lodestone
{

template <int dim>
FiniteDepth<dim>::FiniteDepth(const Mesh<dim> &mesh, const Moduli &moduli)
    : depth_(mesh.upper()[dim - 1] - mesh.lower()[dim - 1])
{
  const double bottom = mesh.lower()[dim - 1] + 1e-6 * depth_;
  std::vector<double> sums(3, 0.); // E, nu, number of faces
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      for (const unsigned int f : cell->face_indices())
        if (cell->face(f)->at_boundary() && cell->face(f)->center()[dim - 1] < bottom)
        {
          const auto c = cell->global_active_cell_index();
          const Lame lame = {moduli.lambda[c], moduli.mu[c]};
          sums[0] += lame.young();
          sums[1] += lame.poisson();
          sums[2] += 1;
        }
  dealii::Utilities::MPI::sum(sums, mesh.communicator(), sums);
  n_faces_ = sums[2];
  young_ = sums[0] / n_faces_;
  poisson_ = sums[1] / n_faces_;
}

template <int dim>
double FiniteDepth<dim>::displacement(const double force) const
{
  const double factor = dim == 3 ? 0.44 / depth_ : 2 * std::log(2.) / dealii::numbers::PI;
  return factor * (1 - poisson_ * poisson_) * std::abs(force) / young_;
}

template class FiniteDepth<2>;
template class FiniteDepth<3>;

} // namespace lodestone
