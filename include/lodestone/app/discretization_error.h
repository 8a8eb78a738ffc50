#pragma once

#include <lodestone/app/problem.h>

#include <memory>
#include <string>
#include <vector>

namespace lodestone
{

/// The estimated discretization error of the predicted data: what they are off by because cells are not very small.
struct DiscretizationError
{
  /// By load case, one entry per datum: predicted - exact (m). Empty: it was not estimated.
  std::vector<DataVector> at_data;
  std::string method; ///< how it was estimated, "from a mesh with cells twice as large"; or why it could not be
};

/// The mesh whose cells are twice as large; null where most cells come from a file or from odd counts, and cannot be
/// joined. Collective.
template <int dim>
std::unique_ptr<Mesh<dim>> with_cells_twice_as_large(const Mesh<dim> &mesh);

/// Estimates the discretization error at the model and with the strengths of the last evaluation.
///
/// With d_h the data of the mesh and d_2h those of the mesh whose cells are twice as large, Richardson's extrapolation is
///
///   d_h - d ~ (d_2h - d_h) / c,  c = 2^p - 1
///
/// With linear elements c = 2 (p = 1.6): the order that was measured is between 1.1 and 2, and a third mesh, which is
/// coarse, does not tell it. With quadratic elements the order varies more, and c is |d_4h - d_2h| / |d_2h - d_h| - 1
/// between 1.7 and 13 (3 where there is no third mesh), in norms of whitened data. doc/guide.md shows estimates and true
/// errors. A mesh that cannot be made coarser is compared with quadratic elements on the same cells, up to 50,000 of them.
///
/// Costs about an eighth of the problem's set-up and solve; eight times both where quadratic elements are needed. The
/// estimate does not see what all these meshes have alike: the size of the box, a load in a wrong place. Collective.
template <int dim>
DiscretizationError estimate_discretization_error(const Problem<dim> &problem);

/// The largest rms over the data sets of all load cases, in standard deviations of the data; 0 where nothing was
/// estimated. Collective.
template <int dim>
double largest_rms(const Problem<dim> &problem, const DiscretizationError &error);
/// The largest root mean square of a data set, over the largest prediction of the set.
template <int dim>
double largest_share(const Problem<dim> &problem, const DiscretizationError &error);

/// The same with a line of the log per data set: "gnss: rms 0.11 sigma, largest 0.42 sigma at FC05", and a warning with
/// remedies where the error is too large: an rms above half of sigma, or above 2 % of the largest prediction where
/// nothing was observed. Does nothing where the deck says `Estimate error = no`. Collective.
template <int dim>
DiscretizationError estimate_and_report_error(const Problem<dim> &problem, Log &log);

} // namespace lodestone
