#include <lodestone/app/commands.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/text.h>
#include <lodestone/inversion/inversion.h>
#include <lodestone/io/checkpoint.h>
#include <lodestone/io/checksum.h>
#include <lodestone/io/results_reader.h>

#include <algorithm>

namespace lodestone
{

namespace
{
const char *const where = "command line";

std::string soundness_in_words(const Soundness soundness)
{
  switch (soundness)
  {
  case Soundness::sound:
    return "sound: its checksum fits";
  case Soundness::damaged:
    return "damaged: its checksum does not fit. It was cut off, or bytes have changed";
  case Soundness::without_checksum:
    return "without a checksum: it is neither a checkpoint nor a results.h5, or it was cut off, or an earlier version "
           "wrote it";
  case Soundness::missing:
    break;
  }
  return "missing, or cannot be read";
}

/// The last row of a history.
std::string last_iterate(const NumberTable &history, const std::vector<std::string> &names)
{
  const auto last = [&](const char *name) {
    const std::size_t c = std::find(names.begin(), names.end(), name) - names.begin();
    return c < history.columns.size() && history.n_rows() > 0 ? significant(history.columns[c].back(), 6) : "unknown";
  };
  return "  last iterate: iteration " + last("iteration") + ", J = " + last("J") +
         ", chi^2/N = " + last("chi2 per datum") + ", |g|/|g0| = " + last("relative gradient") + ", after " +
         last("time [s]") + " s\n";
}

std::string describe_checkpoint(const ResultsReader &reader, const std::string &file, const MPI_Comm comm)
{
  const CheckpointContent content = checkpoint_summary(file, where, comm);
  const auto entry = [&](const std::string &name) {
    const auto found = content.problem.find(name);
    return found == content.problem.end() ? std::string("unknown") : found->second;
  };
  std::string text = last_iterate(reader.table("history"), Inversion::history_columns());
  text += "  method " + entry("Optimizer/Method") + ", unknowns: " + entry("Material/Unknowns") + ", " +
          counted(reader.n_rows("/cells/volume"), "cell") + ", mesh " + entry("Mesh/Source") + "\n";
  text += "  state of the method: " + counted(content.state.numbers.size(), "number") + ", " +
          counted(reader.members("state/vectors").size(), "vector") + " of unknowns\n";
  const std::vector<std::string> of_ranks = reader.members("ranks/sizes");
  if (!of_ranks.empty())
    text += "  written on " + counted(reader.n_rows("/ranks/sizes/" + of_ranks.front()), "rank") +
            ": on as many a run goes on to the last digit, on others to the accuracy of its solves\n";
  text += "  entries that make the problem: " + std::to_string(content.problem.size()) + "\n";
  for (const auto &[name, value] : content.problem)
    if (name.rfind("file of ", 0) == 0)
      text += "    " + name + ", " + entry(name.substr(8)) + ": " + value + "\n";
  return text;
}

std::string describe_results(const ResultsReader &reader)
{
  std::string text = "  command: " + reader.attribute("command") + ", title: '" + reader.attribute("title") + "'\n  " +
                     counted(reader.n_rows("/cells/volume"), "cell") + "; " + join(reader.members("/")) + "\n";
  if (reader.n_rows("/history/iteration") > 0)
    text += "  history: " + counted(reader.n_rows("/history/iteration"), "iterate") + "\n";
  return text;
}
} // namespace

std::string info_text(const std::string &file, const MPI_Comm comm, bool &is_sound)
{
  const Soundness soundness = check_checksum(file, comm);
  is_sound = soundness == Soundness::sound;
  std::string text = file + ": " + soundness_in_words(soundness) + "\n";
  if (!is_sound)
    return text;
  text += "  " + file_fingerprint(file, comm) + "\n";
  const ResultsReader reader(file, where, comm);
  if (reader.attribute("kind") == "vectors of a checkpoint")
    return text + "  vectors that checkpoints beside it need\n";
  if (reader.attribute("kind") == "checkpoint")
  {
    const std::string problem = checkpoint_problem(file, where, comm);
    is_sound = problem.empty();
    return text + "  a checkpoint, from which `Optimizer/Resume = yes` goes on" +
           (is_sound ? "" : ", but without what its method remembers: " + problem) + "\n" +
           describe_checkpoint(reader, file, comm);
  }
  return text + "  results of a run\n" + describe_results(reader);
}

} // namespace lodestone
