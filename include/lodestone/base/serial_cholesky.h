#pragma once

#include <petscksp.h>

#include <string>

namespace lodestone
{

/// Which ranks factorise the matrix.
enum class CholeskyOn
{
  every_rank, ///< with PETSc's own factorisation: for up to a few thousand unknowns, where work costs less than messages
  first_rank  ///< with MUMPS: one copy of the factors, while the other ranks wait
};

/// Makes `pc` a preconditioner that solves exactly with a Cholesky factorisation on one rank alone: the whole matrix is
/// gathered there, and its unknowns in every solve. A factorisation that ranks share adds up numbers in the order in
/// which messages arrive, so its solutions differ by rounding from run to run; these do not. Collective.
///
/// A factorisation that fails is reported on every rank through PCGetFailedReasonRank.
/// @param pc the preconditioner, whose matrix is set already or later
/// @param prefix prefix of PETSc's options for the factorisation
void make_serial_cholesky(PC pc, CholeskyOn ranks, const std::string &prefix);

/// INFOG(1) of the last factorisation that MUMPS made for `pc`, which is one of make_serial_cholesky; the same on all
/// ranks, and 0 before the first one, without MUMPS and for
/// another preconditioner.
PetscInt mumps_error_of_serial_cholesky(PC pc);

} // namespace lodestone
