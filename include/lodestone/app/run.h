#pragma once

#include <lodestone/app/adapt.h>
#include <lodestone/app/time_limit.h>
#include <lodestone/base/deck.h>
#include <lodestone/base/log.h>
#include <lodestone/io/directory_lock.h>
#include <lodestone/io/result_directory.h>

#include <deal.II/base/timer.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace lodestone
{

/// What `forward`, `invert`, `verify` and `sample` begin with: a deck is read and checked, and the problem is built. Nothing that
/// an earlier run wrote has been touched yet. Collective.
template <int dim>
class Run
{
public:
  /// What a command asks of a deck.
  struct Needs
  {
    bool results = true;          ///< it writes results: their directory is checked before anything else
    bool observations = false;    ///< every load case must have observed data
    double largest_tolerance = 1; ///< the tolerance of linear solves is lowered to this
    bool data = true;             ///< data sets are read; without them the mesh is not refined at their points
    std::string folder = {};      ///< of the results, in the output directory; empty: the output directory itself
    std::function<void(const RunParameters<dim> &)> check = {}; ///< refuses what the command cannot do
    /// Is called when the directory of the results is there, before the problem is made.
    std::function<void(const Run<dim> &)> look = {};
  };
  /// @throws InputError
  Run(const Deck &deck, MPI_Comm comm, Log &log, const Needs &needs);

  const RunParameters<dim> &parameters() const { return parameters_; }
  /// Every entry with its value, as parameters.prm holds it.
  const std::string &resolved_parameters() const { return resolved_; }
  Problem<dim> &problem() { return *problem_; }
  const ResultDirectory &directory() const { return *directory_; }
  MPI_Comm communicator() const { return comm_; }
  double seconds() const { return timer_.wall_time(); }
  TimeLimit &time_limit() { return *time_limit_; }

  /// Where the deck asks for it, adapts the mesh at m (adapt_mesh). Returns whether it became another one: then the
  /// problem is a new one, and m has its layout. Collective. @throws SolverError
  bool adapt_at(ParameterVector &m, FirstMesh first);

  /// The input is good: only now do earlier results give way (unless they are continued), and log.txt and
  /// parameters.prm begin.
  void begin_results(bool continue_earlier);

private:
  dealii::Timer timer_;
  MPI_Comm comm_;
  Log &log_;
  std::string resolved_;
  RunParameters<dim> parameters_;
  std::optional<TimeLimit> time_limit_;
  std::optional<ResultDirectory> directory_;
  std::optional<DirectoryLock> lock_;
  std::unique_ptr<Problem<dim>> problem_;
};

} // namespace lodestone
