#pragma once

#include <lodestone/app/checkpoint_clock.h>
#include <lodestone/app/resumption.h>
#include <lodestone/app/run.h>
#include <lodestone/inversion/continuation.h>
#include <lodestone/io/checkpoint.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace lodestone
{

/// The minimisations of an inversion: on coarser meshes first, where the deck asks for a continuation, then on that of the
/// run, and again where the problem has changed. Writes checkpoints, history.csv and the steps of inversion.pvd on the
/// way. Collective.
template <int dim>
class Minimisation
{
public:
  /// Reads the start: the checkpoint of a run that is continued, a start model, or the background; and makes the coarser
  /// problem that it belongs to. @throws InputError
  /// @param resumption what was found in the directory of the results
  Minimisation(Run<dim> &run, const Deck &deck, const Resumption &resumption, Log &log);

  /// How the prior's weight comes about from now on; the deck's way without it.
  void set_weight(const WeightParameters &weight) { continuation_.set_weight(weight); }

  /// What checkpoints hold from now on beside the state of the minimisation.
  void keep_in_checkpoints(NamedState state) { kept_ = std::move(state); }

  /// Minimises on one mesh after the other. Afterwards the objective of the run is evaluated at the result, which is
  /// that of a coarser mesh where the run was stopped there.
  void run();
  /// Minimises again on the mesh of the run, from the result: the mesh or the noise has changed.
  void run_again();
  /// Says that the run was asked to stop, whatever `result` said before.
  void interrupt();

  /// The model, with the layout of the run's unknowns after `run`.
  ParameterVector &m() { return m_; }
  const Optimizer::Result &result() const { return result_; }
  const NumberTable &history() const { return content_.history; }
  const Continuation &continuation() const { return continuation_; }
  const CheckpointClock &checkpoints() const { return clock_; }
  /// Whether it goes on from a checkpoint, and what that holds; asked before `run`.
  bool goes_on() const { return goes_on_; }
  const OptimizerState &state() const { return content_.state; }

private:
  /// Writes the last accepted iterate, unless it is written.
  void write_checkpoint();
  Problem<dim> &present() const { return coarser_ ? *coarser_ : run_.problem(); }
  /// The problem on the mesh whose cells have been joined so often; null: that of the run. @throws InputError
  std::unique_ptr<Problem<dim>> make_coarser(unsigned int coarsenings) const;
  /// Where a run on this mesh alone would start: the start model or the background.
  ParameterVector origin(const Problem<dim> &problem) const;
  /// The present mesh, a coarser one, predicts from here on what it predicted before and, in addition, what the finest mesh
  /// predicts more at m. So its minimiser is the finest mesh's up to the change of that difference with m. Source: the
  /// tau correction of multigrid, Brandt 1977, doi:10.1090/S0025-5718-1977-0431719-X.
  void correct_predictions();
  void run_on_all_meshes();
  void minimise();
  void refine();
  /// Where a run is stopped on a coarser mesh: its model becomes one of the run's unknowns.
  void leave_coarser_mesh();

  Run<dim> &run_;
  Log &log_;
  std::string start_model_; ///< its file; empty: the background
  Continuation continuation_;
  std::unique_ptr<Problem<dim>> coarser_; ///< of the present mesh; null: that of the run
  ParameterVector m_;
  CheckpointContent content_;                  ///< what another minimisation needs to go on
  bool goes_on_ = false;                       ///< the next minimisation goes on from a checkpoint
  std::map<std::string, std::string> entries_; ///< of the problem
  NamedState kept_;                            ///< what else checkpoints hold
  struct Accepted
  {
    ParameterVector m;
    CheckpointContent content;
  };
  std::optional<Accepted> unwritten_; ///< the last accepted iterate
  Checkpoint checkpoint_;
  CheckpointClock clock_;
  Optimizer::Result result_;
};

} // namespace lodestone
