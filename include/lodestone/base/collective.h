#pragma once

#include <lodestone/base/error.h>

#include <deal.II/base/mpi.h>

#include <optional>

namespace lodestone
{

// What one rank finds out becomes known to all. All functions here are collective.

/// Whether the condition holds on at least one rank.
inline bool on_any_rank(const bool condition, const MPI_Comm comm)
{
  return dealii::Utilities::MPI::max(int(condition), comm) != 0;
}

/// Whether the condition holds on every rank.
inline bool on_all_ranks(const bool condition, const MPI_Comm comm)
{
  return dealii::Utilities::MPI::min(int(condition), comm) != 0;
}

/// Throws the error of the lowest rank that has one on all ranks; does nothing when no rank has one.
void throw_on_all_ranks(const std::optional<InputError> &error, MPI_Comm comm);

} // namespace lodestone
