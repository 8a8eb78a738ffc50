#pragma once

#include <lodestone/base/log.h>
#include <lodestone/inversion/inversion.h>
#include <lodestone/io/checkpoint.h>
#include <lodestone/io/result_directory.h>

#include <map>
#include <string>

namespace lodestone
{

/// Whether and from where a run goes on.
struct Resumption
{
  /// A difference between two problems.
  using Entries = std::map<std::string, std::string>;

  std::string file;         ///< the checkpoint; empty: the run starts anew
  bool goes_on = false;     ///< from where the run of the checkpoint stood
  bool has_vectors = true;  ///< the checkpoint has all that the method remembered
  bool takes_model = false; ///< the model of the checkpoint is the start of another problem
  OptimizerState state;     ///< its numbers
  Entries entries;          ///< of the present problem (problem_entries)

  /// Looks for a checkpoint, and tells the user what it found. Collective.
  /// @throws InputError where the choice cannot be followed: there is none, it is damaged, or of another problem
  static Resumption find(ResumeChoice choice, const ResultDirectory &directory, Entries entries, Log &log);
};

/// The entries that make the problem, and with them the contents of the files that they name: mesh, background, loads, data,
/// prior, unknowns, element. "file of ENTRY" is what tells one content from another. Those that may change on resuming are
/// among them, too (may_change). Collective.
/// @param resolved every entry with its value, as parameters.prm holds it
Resumption::Entries problem_entries(const std::string &resolved, const std::string &deck_directory, MPI_Comm comm);

/// Whether a run may go on with another value of the entry: it changes the way to the minimiser, not the minimiser.
bool may_change(const std::string &entry);

} // namespace lodestone
