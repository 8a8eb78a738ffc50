#pragma once

#include <lodestone/inversion/inversion.h>
#include <lodestone/prior/weight_parameters.h>

namespace lodestone
{

/// How often an inversion computes what takes its time.
struct WorkCounts
{
  double gradients = 0; ///< of J, each with its value, at a new model
  double hessian_actions = 0;
};

/// What decides how many of them a run needs.
struct WorkSettings
{
  InversionParameters inversion;
  WeightChoice weight = WeightChoice::given;
  bool is_quadratic = true; ///< the prior
  bool repeats = false;     ///< weights or noise of the data are estimated: the minimisation is repeated
  double n_unknowns = 0;    ///< of the inversion
};

/// A range of what runs have been seen to need, and what `Maximum iterations` allows. With a continuation the counts are
/// those of the mesh of the deck.
///
/// The counts are those of the decks under inputs/ and of the tables in doc/performance.md:
///
/// | | gradients | Hessian actions |
/// | --- | --- | --- |
/// | Newton, weight of the prior given | 8 to 15 | 30 to 170 |
/// | Newton, weight from the data      | 10 to 22 | 30 to 340 |
/// | Newton, total variation           | 30 to 90 | 400 to 1230 |
/// | other methods                     | 80 to 260 | |
///
/// Other methods take twice as many where the data choose the weight. Where weights or noise of the data are estimated,
/// up to six times as many were seen. A Newton step takes no more actions than there are unknowns.
struct ExpectedWork
{
  WorkCounts least, most, limit;
  explicit ExpectedWork(const WorkSettings &settings);
};

/// What each of them takes (s), as measured, and the rest.
struct WorkSeconds
{
  double set_up = 0, gradient = 0, hessian_action = 0;
  double iteration = 0; ///< more for each gradient: results that are written at iterates
  double end = 0;       ///< what is computed at the result, and written
  double of(const WorkCounts &counts) const
  {
    return set_up + counts.gradients * (gradient + iteration) + counts.hessian_actions * hessian_action + end;
  }
};

/// Memory that a method takes in the course of a run beside the vectors of its first step (bytes, over all ranks):
/// curvature pairs in use and new (8 bytes per unknown each), points and steps of quasi-Newton methods (32), gradients of
/// recorded evaluations (8 each), and 25 work vectors.
double memory_of_method(const Optimizer::Parameters &parameters, double n_unknowns);

/// @throws InputError, with the estimate, where this is more than the ranks may take and an entry says how much the method
/// keeps. Collective.
void require_memory_of_method(const Optimizer::Parameters &parameters, double n_unknowns, MPI_Comm comm);

/// What of it a checkpoint holds (bytes).
double checkpoint_of_method(const Optimizer::Parameters &parameters, double n_unknowns);

} // namespace lodestone
