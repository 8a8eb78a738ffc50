#include <lodestone/base/number_text.h>
#include <lodestone/forward/finite_depth.h>
#include <lodestone/loads/load_spread.h>
#include <lodestone/material/isotropic.h>

#include <cmath>

namespace lodestone
{

namespace
{
// A net force below this part of the sum of all entries is rounding.
constexpr double rounding = 1e-8;
// A load spans the box if its spread, relative to that of a load on the whole top, is at least this: the spread of a
// load on a part 0.7 times as wide, which has half of the area.
constexpr double spans = 0.5;
// The finite depth deserves a warning from this part of the largest displacement on.
constexpr double large_change = 0.02;
} // namespace

template <int dim>
NetLoad net_load(const DisplacementSpace<dim> &space, const std::vector<LoadVector<dim>> &loads,
                 const std::vector<double> &factors)
{
  NetLoad net;
  double sum_of_entries = 0;
  for (unsigned int l = 0; l < loads.size(); ++l)
  {
    net.force += factors[l] * loads[l].resultant[dim - 1];
    sum_of_entries += std::abs(factors[l]) * loads[l].fixed.l1_norm();
    net.estimated = net.estimated || loads[l].estimated;
    net.half_space_sources = net.half_space_sources || loads[l].incident;
  }
  if (std::abs(net.force) <= rounding * sum_of_entries)
    net.force = 0;
  if (net.force == 0)
    return net;
  DistributedVector forces = space.make_vector();
  for (unsigned int l = 0; l < loads.size(); ++l)
    if (!loads[l].incident) // that is what interpolation of the field misses, and no force
      forces.add(factors[l], loads[l].fixed);
  net.spans_box = relative_spread(space, forces) > spans;
  return net;
}

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

template <int dim>
std::string FiniteDepth<dim>::effect() const
{
  return dim == 3 ? "the finite depth costs" : "twice the depth would add";
}

template <int dim>
std::string FiniteDepth<dim>::expectation(const NetLoad &load) const
{
  if (!has_flat_bottom() || load.force == 0)
    return "";
  if (load.spans_box)
    return "box: the vertical load of load case " + load.load_case +
           " spans the box, which then acts as a column. Its depth and its sides are part of the model, so no cost of "
           "the finite depth is "
           "estimated";
  const std::string text =
      "box: net vertical force " + significant(load.force, 3) + (dim == 3 ? " N" : " N/m") + load.rate_suffix +
      " in load case " + load.load_case + (load.estimated ? ", at strength 1," : "") + " over a depth of " +
      significant(depth_, 4) + " m: " + effect() + " about " + significant(displacement(load.force), 2) + " m" +
      load.rate_suffix + " of vertical displacement" +
      (load.half_space_sources ? ". Sources that bring their field in a half-space have no part in this: the box cuts "
                                 "nothing off that field"
                               : "");
  return text + (dim == 3 ? ""
                          : ". In plane strain it grows with the logarithm of the depth, without a "
                            "limit, and nearly alike at all points whose distance "
                            "from the load is well below the depth: only differences between such "
                            "points can be relied on (data with Nuisance = offset)");
}

template <int dim>
auto FiniteDepth<dim>::comparison(const NetLoad &load, const double largest_displacement) const -> Comparison
{
  if (!has_flat_bottom() || load.force == 0 || load.spans_box)
    return {};
  const double change = displacement(load.force);
  const std::string text = "box: " + effect() + " " + significant(change, 2) + " m" + load.rate_suffix + ", " +
                           significant(100 * change / largest_displacement, 2) + " % of the largest displacement (" +
                           significant(largest_displacement, 3) + " m" + load.rate_suffix + ") in load case " +
                           load.load_case;
  const bool large = dim == 3 && change > large_change * largest_displacement;
  return {text + (large ? ". Make the box deeper and wider (grading keeps it affordable)." : ""), large};
}

template class FiniteDepth<2>;
template class FiniteDepth<3>;
template NetLoad net_load<2>(const DisplacementSpace<2> &, const std::vector<LoadVector<2>> &,
                             const std::vector<double> &);
template NetLoad net_load<3>(const DisplacementSpace<3> &, const std::vector<LoadVector<3>> &,
                             const std::vector<double> &);

} // namespace lodestone
