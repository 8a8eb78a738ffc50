#pragma once

#include <lodestone/app/problem.h>
#include <lodestone/inversion/inversion.h>
#include <lodestone/io/result_directory.h>
#include <lodestone/io/results_reader.h>

#include <deque>

namespace lodestone
{

/// The last accepted iterate on disk, checkpoint/model.h5, from which a stopped run goes on.
///
/// Holds m on every cell with the cell's centre, so that it can be read on any number of ranks (and, as a start, on
/// another mesh: each cell takes the value of the nearest centre), the iteration number, |g_0|, the trust radius and
/// the curvature pairs of Newton methods, and the history of the run. Newton methods continue as they would have, but
/// for the first guesses of inexact solves; a quasi-Newton method learns its curvature anew.
template <int dim>
class Checkpoint
{
public:
  Checkpoint(const Problem<dim> &problem, const ResultDirectory &directory);

  using Curvature = std::deque<CurvaturePairs::Pair>;
  void write(const Iterate &iterate, const ParameterVector &m, const Curvature &curvature,
             const NumberTable &history) const;

  struct Start
  {
    Inversion::Progress progress;          ///< of the run that is continued
    std::vector<std::vector<double>> rows; ///< of its history, up to there
  };
  bool exists() const;
  /// Sets m and returns where the run stood. @throws InputError
  Start read(ParameterVector &m) const;

private:
  Curvature read_curvature(const ResultsReader &reader, std::size_t n_pairs, const ParameterVector &m) const;

  const Problem<dim> &problem_;
  const ResultDirectory &directory_;
  std::string file_;
};

/// m from the cells of a results.h5 or checkpoint. @throws InputError naming `where`
template <int dim>
void read_model(const Problem<dim> &problem, const std::string &file, const std::string &where, ParameterVector &m);

} // namespace lodestone
