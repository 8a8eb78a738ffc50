#pragma once

#include <lodestone/app/problem.h>

#include <memory>

namespace lodestone
{

/// Whether anything is known of the mesh that adapt_mesh starts from.
enum class FirstMesh
{
  is_unknown, ///< its error is not believed before a finer mesh has given nearly the same data
  is_checked  ///< it was adapted before, at another model
};

/// Splits the cells that matter for the data until the estimated discretization error of every data set is at most the
/// deck's `Mesh/Target` (rms, standard deviations of the data), or says what stops it.
///
/// How much a cell matters is its part of the error of the functional J = sum_i w_i d_i / sigma_i, with random signs
/// w_i, whose mean square over the signs is the sum of the squares of all data's errors (dual-weighted residuals):
///
///   eta_c = | int_c sigma(u_h - u_2h) : eps(z_h - z_2h) |,  K z = B^T (w / sigma)
///
/// u_2h and z_2h are those of the mesh with cells twice as large. Parameter cells and the layout of m stay as they are:
/// a new cell belongs to the parameter cell of the cell that it came from. Source: Becker and Rannacher (2001),
/// doi:10.1017/S0962492901000010.
///
/// The last mesh is accepted only if its data differ from those of the mesh before by at most three times the target, and
/// its error is smaller than that one's and than a fifth of the largest datum of each set. A mesh that cannot be made coarser is split everywhere first, and so are
/// cells that hold a source and are longer than its depth. Collective.
/// @param problem it is given back as it is if its mesh is fine enough
/// @param m the model at which errors are estimated, with the layout of the problem's unknowns
/// @throws SolverError
template <int dim>
std::unique_ptr<Problem<dim>> adapt_mesh(std::unique_ptr<Problem<dim>> problem, const ParameterVector &m,
                                         FirstMesh first, Log &log);

/// m with the ghosts of another problem that has the same parameter cells.
template <int dim>
ParameterVector copy_for(const Problem<dim> &problem, const ParameterVector &m);

} // namespace lodestone
