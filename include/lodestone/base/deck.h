#pragma once

#include <lodestone/base/deck_path.h>

#include <deal.II/base/mpi.h>
#include <deal.II/base/parameter_handler.h>

#include <string>
#include <vector>

namespace lodestone
{

/// A parameter file (.prm or .json) as a flat list of entries, with `--set section/entry=value` put on top.
///
/// Reading the text is separate from knowing what is allowed: `fill` sets those entries that a ParameterHandler
/// declares, and `check` refuses the ones that nobody declared and names the nearest known one. That is how lists of
/// names that open subsections work: names are read first with a handler that declares only them, and the strict pass
/// comes last. Entries with Patterns::Bool accept yes/no, on/off and true/false. A later --set of the same entry
/// replaces the earlier one.
class Deck
{
public:
  /// An entry as the deck gives it.
  struct Entry
  {
    std::vector<std::string> path; ///< subsections, outermost first
    std::string name, value;
    std::string where; ///< "file.prm:12" or "--set"
  };
  /// A subsection that the deck opens.
  struct Section
  {
    std::vector<std::string> path;
    std::string where;
  };

  /// An entry that earlier versions knew by another name.
  struct RenamedEntry
  {
    std::string old_name, new_name;
  };

  /// Reads the file on rank 0 and broadcasts it. @throws InputError (file missing, syntax, entry set twice in the file)
  Deck(const std::string &file, const std::vector<std::string> &set_options, MPI_Comm comm = MPI_COMM_WORLD);
  /// The deck that a file with this text would give; for tests and templates.
  static Deck from_text(const std::string &text, const std::string &file_name = "text.prm");

  /// Sets every entry of this deck that `handler` declares; others are skipped. The handler is at its top level.
  /// @throws InputError with file, line, entry, value and the allowed pattern
  void fill(dealii::ParameterHandler &handler) const;
  /// @throws InputError for an entry that `handler` does not declare, naming the nearest declared one, or today's name
  /// of an entry that was renamed
  void check(dealii::ParameterHandler &handler, const std::vector<RenamedEntry> &renamed = {}) const;

  /// The folder of the file, from which relative file names in it count (see path_from_deck).
  const std::string &directory() const { return directory_; }
  /// The path of a file that the deck names (see path_from_deck).
  std::string resolve(const std::string &name) const { return path_from_deck(name, directory_); }
  const std::string &file() const { return file_; }
  const std::vector<Entry> &entries() const { return entries_; }
  /// An entry ("Load cases/drawdown/Loads") with the place where it was set, "file.prm:12: Load cases/drawdown/Loads";
  /// the plain path when it is at its default. For the `where` of an InputError.
  std::string where(const std::string &entry_path) const;

private:
  Deck() = default;
  std::string directory_, file_;
  std::vector<Entry> entries_;
  std::vector<Section> sections_; ///< those without entries too
};

} // namespace lodestone
