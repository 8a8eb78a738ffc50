#pragma once

#include <petscksp.h>

#include <string>

namespace lodestone
{

/// Makes `pc` a preconditioner that solves exactly: every rank holds the whole matrix, factorises it (Cholesky) and
/// solves for its own rows. This is for a few thousand unknowns on many ranks, where work costs less than messages: a
/// solve needs one all-gather. Collective.
/// @param pc the preconditioner, whose matrix is set already or later
/// @param prefix prefix of PETSc's options for the solver on each rank
void make_replicated_cholesky(PC pc, const std::string &prefix);

} // namespace lodestone
