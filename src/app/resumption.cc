#include <lodestone/app/resumption.h>
#include <lodestone/base/deck.h>
#include <lodestone/base/deck_path.h>
#include <lodestone/base/entry_values.h>
#include <lodestone/base/error.h>
#include <lodestone/base/text.h>
#include <lodestone/io/checksum.h>

#include <algorithm>
#include <vector>

namespace lodestone
{

namespace
{
const char *const where = "Optimizer/Resume";

bool begins_with(const std::string &text, const std::string &start)
{
  return text.rfind(start, 0) == 0;
}

std::string value_in(const Resumption::Entries &entries, const std::string &entry)
{
  const auto found = entries.find(entry);
  return found == entries.end() ? "not there" : found->second.empty() ? "empty" : found->second;
}

/// "Mesh/Cells = 1, 1, 1 (it was 8, 6, 4)" for each entry that `counts` and differs.
template <typename Counts>
std::vector<std::string> differences(const Resumption::Entries &now, const Resumption::Entries &before,
                                     const Counts &counts)
{
  Resumption::Entries all = now;
  all.insert(before.begin(), before.end());
  std::vector<std::string> result;
  for (const auto &[entry, unused] : all)
    if (const std::string is = value_in(now, entry), was = value_in(before, entry); is != was && counts(entry))
      result.push_back(entry + " = " + is + " (it was " + was + ")");
  return result;
}

std::string listed(const std::vector<std::string> &items)
{
  constexpr std::size_t most = 8;
  std::string text;
  for (std::size_t k = 0; k < std::min(items.size(), most); ++k)
    text += (k > 0 ? "; " : "") + items[k];
  return items.size() > most ? text + "; and " + std::to_string(items.size() - most) + " more" : text;
}
} // namespace

bool may_change(const std::string &entry)
{
  if (entry == "Title" || entry == "Output directory" || begins_with(entry, "Output/"))
    return true;
  return begins_with(entry, "Optimizer/") || (begins_with(entry, "Solver/") && entry != "Solver/Element degree");
}

Resumption::Entries problem_entries(const std::string &resolved, const std::string &deck_directory, const MPI_Comm comm)
{
  Resumption::Entries entries;
  const Deck deck = Deck::from_text(resolved);
  for (const Deck::Entry &entry : deck.entries())
  {
    std::string path;
    for (const std::string &section : entry.path)
      path += section + "/";
    path += entry.name;
    if (path == "Title" || path == "Output directory" || begins_with(path, "Output/") || path == where)
      continue;
    entries[path] = entry.value;
    if (may_change(path) || entry.value.empty())
      continue;
    const std::string file = path_from_deck(table_file(entry.value).value_or(entry.value), deck_directory);
    if (const std::string content = file_fingerprint(file, comm); !content.empty())
      entries["file of " + path] = content;
  }
  return entries;
}

Resumption Resumption::find(const ResumeChoice choice, const ResultDirectory &directory, Entries entries, Log &log)
{
  Resumption found;
  found.entries = std::move(entries);
  if (choice == ResumeChoice::no)
    return found;
  const MPI_Comm comm = directory.communicator();
  const SoundCheckpoint checkpoint = sound_checkpoint(directory.file("checkpoint/model.h5"), where, comm);
  found.file = checkpoint.file;
  found.has_vectors = checkpoint.has_vectors;
  if (!checkpoint.remark.empty())
    log.warning(checkpoint.remark);
  if (found.file.empty())
  {
    if (choice != ResumeChoice::automatic)
      throw InputError(where, "there is no checkpoint in '" + directory.file("checkpoint") + "'",
                       "Name the output directory of the run that is to go on, or set Resume = auto, which starts anew "
                       "where there is none.");
    log.line("Resume = auto: there is no checkpoint in " + directory.file("checkpoint") + "; this is a new run");
    return found;
  }
  const CheckpointContent summary = checkpoint_summary(found.file, where, comm);
  const auto changed =
      differences(found.entries, summary.problem, [](const std::string &entry) { return !may_change(entry); });
  const std::string at = "iterate " + std::to_string(static_cast<unsigned int>(summary.state.number("iteration", 0)));
  if (choice == ResumeChoice::changed)
  {
    found.takes_model = true;
    log.line("Resume = continue-changed: the model of " + at + " in " + found.file + " is the start of " +
             (changed.empty() ? "the same problem" : "another problem: " + listed(changed)));
    return found;
  }
  if (!changed.empty())
    throw InputError(where, "the checkpoint in '" + found.file + "' is of another problem: " + listed(changed),
                     "Give these entries the values that they had, or set Resume = continue-changed to start the new "
                     "problem from the model of the checkpoint, or Resume = no to start anew.");
  found.goes_on = true;
  found.state = summary.state;
  log.line("the run goes on from " + at + " in " + found.file);
  const auto other = differences(found.entries, summary.problem, [](const std::string &entry) {
    return may_change(entry) && entry != "Optimizer/Maximum iterations";
  });
  if (!other.empty())
    log.line("with other settings than before: " + listed(other));
  return found;
}

} // namespace lodestone
