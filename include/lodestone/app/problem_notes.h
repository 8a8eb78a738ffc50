#pragma once

#include <lodestone/app/problem.h>
#include <lodestone/base/log.h>

namespace lodestone
{

/// Warns of numbers that are hardly meant so: moduli that no rock has, negative Poisson ratios, data and volume changes
/// that are large against the mesh, directions of sight that no satellite has. Collective.
template <int dim>
void warn_of_implausible_input(const Problem<dim> &problem, Log &log);

/// Warns of a mesh whose extent differs from that of data and sources by more than a factor of 100, as one in
/// kilometres that is read as metres does.
template <int dim>
void warn_of_extents(const typename Mesh<dim>::Parameters &parameters, const Mesh<dim> &mesh,
                     const std::vector<dealii::Point<dim>> &observations,
                     const std::vector<dealii::Point<dim>> &sources, Log &log);

/// Tells the user what follows from a problem as a whole before anything is solved: whether only ratios of stiffness
/// can be recovered, and what the finite depth of the box costs. Collective.
template <int dim>
void note_consequences(const Problem<dim> &problem, Log &log);

/// After a forward solve: what the finite depth of the box changes, compared with the largest predicted displacement;
/// in 3-D it is a warning above 2 %. Collective.
template <int dim>
void compare_finite_depth(const Problem<dim> &problem, Log &log);

/// After a forward solve: how the data of every set compare with the prediction, and a warning where they look as if
/// they had the wrong sign or unit. Not collective.
template <int dim>
void compare_with_data(const Problem<dim> &problem, Log &log);

/// At the end of an inversion: warns of every data set whose residuals are many standard deviations, since numbers that
/// were read in the wrong unit or with the wrong sign end so. Returns whether there was one. Not collective.
template <int dim>
bool warn_of_unfitted_data(const Problem<dim> &problem, Log &log);

} // namespace lodestone
