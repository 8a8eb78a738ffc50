#pragma once

#include <petscksp.h>

#include <string>

namespace lodestone
{

/// Makes `pc` one that solves exactly: every rank holds the whole matrix, factorises it (Cholesky) and solves for its
/// own rows. For a few thousand unknowns on many ranks, where work costs less than messages: one all-gather a solve.
/// Collective.
/// @param prefix of PETSc's options for the solver on each rank
void make_replicated_cholesky(PC pc, const std::string &prefix);

} // namespace lodestone
