#include <lodestone/base/error.h>
#include <lodestone/forward/load_check.h>

namespace lodestone
{

template <int dim>
void check_meets_no_support(const Load<dim> &load, const LoadVector<dim> &vector,
                            const BoundaryConditions<dim> &boundary_conditions)
{
  constexpr double rounding = 1e-12; // that the normals of boundaries have
  const double largest = vector.fixed.linfty_norm();
  if (largest == 0) // the load is 0 as given, or depends on the stiffness
    return;
  DistributedVector free = vector.fixed;
  boundary_conditions.move_to_free_components(free);
  boundary_conditions.constraints().set_zero(free);
  if (free.linfty_norm() <= rounding * largest)
    throw InputError(
        load.where(), "the load has no effect: it pushes only in directions in which the displacement is given",
        "Take the boundary out of Fixed, Rollers or Prescribed displacement, or let the load act on another one.");
}

template void check_meets_no_support<2>(const Load<2> &, const LoadVector<2> &, const BoundaryConditions<2> &);
template void check_meets_no_support<3>(const Load<3> &, const LoadVector<3> &, const BoundaryConditions<3> &);

} // namespace lodestone
