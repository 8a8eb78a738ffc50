#pragma once

#include <lodestone/app/command_line.h>
#include <lodestone/base/deck.h>
#include <lodestone/base/error.h>
#include <lodestone/base/log.h>

namespace lodestone
{

/// Predicts displacement and data, and writes data files that `invert` reads.
template <int dim>
ExitCode forward_command(const Deck &deck, MPI_Comm comm, Log &log);
/// Recovers stiffness from data.
template <int dim>
ExitCode invert_command(const Deck &deck, MPI_Comm comm, Log &log);
/// What `invert` would take: unknowns, memory, time and disk, from a short measurement. Nothing is written.
template <int dim>
ExitCode dry_run_command(const Deck &deck, MPI_Comm comm, Log &log);
/// Checks every derivative on the user's own problem and counts what gradients cost.
template <int dim>
ExitCode verify_command(const Deck &deck, MPI_Comm comm, Log &log);
/// Draws samples of the prior, before any data are read.
template <int dim>
ExitCode sample_command(const Deck &deck, MPI_Comm comm, Log &log, unsigned int n_samples);
/// What a checkpoint or a results.h5 holds, and whether it is sound. Collective.
std::string info_text(const std::string &file, MPI_Comm comm, bool &is_sound);
/// Prints a parameter file with every entry.
std::string template_text(unsigned int dim);

/// Runs a command line; all errors of the user's become messages. The program's exit code.
ExitCode run(const CommandLine &command_line, MPI_Comm comm);

} // namespace lodestone
