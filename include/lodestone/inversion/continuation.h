#pragma once

#include <lodestone/inversion/weight_search.h>

#include <functional>
#include <vector>

namespace lodestone
{

/// What the minimisation on one mesh of a continuation took and found. J and its parts are without unit.
struct ContinuationLevel
{
  double coarsenings = 0; ///< how often the cells of the finest mesh have been joined
  double cells = 0, unknowns = 0;
  double iterations = 0, hessian_actions = 0;
  double seconds = 0; ///< wall time of the minimisation; after a stop, of what came after it
  double value = 0, misfit = 0, chi_squared_per_datum = 0, prior_weight = 1;
};

/// How unknowns of a coarser mesh become those of a finer one: `primal` for models, `dual` for derivatives, which grow
/// with the volume.
struct Prolongation
{
  std::function<void(const ParameterVector &coarse, ParameterVector &fine)> primal, dual;
};

/// Minimises on coarse meshes first, where a solve costs little, and carries what was found to finer ones: the model, the
/// reference of the gradient tolerance, the weight of the prior that the data chose, and the curvature pairs. Source:
/// grid continuation, as in Haber, Ascher and Oldenburg 2000, doi:10.1088/0266-5611/16/5/309.
///
/// Models and directions are prolonged in the metric of the prior, which makes them as smooth as the prior holds them to
/// be. With P* for dual vectors, whose numbers per volume are piecewise constant:
///
///     m_fine = R_fine^-1 P* R_coarse m
///
/// where the prior is quadratic. Of a curvature pair (s, y = H s) the data's part is prolonged, a smooth field of low
/// rank, and the prior's part is that of the finer mesh, Q being the preconditioner near R^-1:
///
///     s_fine = Q_fine P* R_coarse s,   y_fine = P* (y - R_coarse s) + R_fine s_fine
///
/// so the first Newton systems on the finer mesh take few Hessian actions. Models of coarser meshes are off by
/// the discretization error anyway, and end at |g| <= 0.01 |g_0|. The weight is chosen on the coarsest mesh that can fit
/// the data to their noise. This class decides and remembers; problems on meshes are made by its user.
class Continuation
{
public:
  /// @param n_coarser meshes before the finest one
  Continuation(unsigned int n_coarser, const InversionParameters &inversion, const WeightParameters &weight);

  /// Goes on from where another run stood.
  void resume(const OptimizerState &state);
  /// What to write into a checkpoint: a state of the minimisation on the present mesh, and where the continuation stands.
  /// @param hessian_actions of the minimisation so far
  OptimizerState with_path(OptimizerState state, unsigned int hessian_actions) const;

  /// How often the cells of the finest mesh are joined in the present one.
  unsigned int coarsenings() const { return coarsenings_; }
  bool is_finest() const { return coarsenings_ == 0; }
  /// Parameters of the minimisation on the present mesh.
  InversionParameters inversion() const;
  void set_weight(const WeightParameters &weight) { weight_ = weight; }
  /// How it finds the weight of the prior.
  WeightParameters weight() const;
  /// Gives the prior of the present mesh the weight that an earlier one has found, if there is any.
  void begin(ReducedObjective &objective) const;
  /// Whether the prior's weight is known: given, or chosen on this mesh or an earlier one.
  bool has_weight() const { return chosen_weight_ > 0 || weight_.choice == WeightChoice::given; }
  /// Takes note of how the minimisation on the present mesh ended. @param level its cells, unknowns and seconds
  void end(const Optimizer::Result &result, const WeightSearch &search, ContinuationLevel level);
  /// Whether a finer mesh follows: not where the user or the number of iterations stopped the run.
  bool goes_on_after(const StopReason &stop) const { return !is_finest() && !(stop.resumable && !stop.converged); }
  /// The problem on the finest mesh has changed: the data choose the weight again, starting from the present one.
  OptimizerState choose_weight_again(OptimizerState state);
  /// fine_m becomes the model m of a coarser mesh on a finer one. Collective. @param coarse, fine null: no prior
  static void prolong(const ParameterVector &m, const Prior *coarse, const Prolongation &prolongation,
                      ParameterVector &fine_m, Prior *fine);
  /// Goes to the next finer mesh. Collective.
  /// @param state of the minimisation on the coarser mesh, which ended at m
  /// @param coarse the coarser mesh's prior, linearized at m; null: none
  /// @param fine_m becomes the start on the finer mesh
  /// @param fine   the finer mesh's objective, whose prior gets the weight of the coarser one's
  /// @param origin the point on the finer mesh whose gradient `Gradient tolerance` refers to: where a run on this mesh
  ///   alone would start
  /// @return the state that the minimisation on the finer mesh goes on from
  OptimizerState refine(OptimizerState state, const ParameterVector &m, Prior *coarse, const Prolongation &prolongation,
                        ParameterVector &fine_m, ReducedObjective &fine, const ParameterVector &origin);

  /// The meshes so far, the coarsest first.
  const std::vector<ContinuationLevel> &levels() const { return levels_; }
  /// The search for the weight: its path, empty where the deck gives the weight, and whether it found what it looked for.
  const WeightPath &weight_path() const { return weight_path_; }
  bool weight_is_found() const { return weight_is_found_; }

private:
  unsigned int coarsenings_;
  InversionParameters inversion_;
  WeightParameters weight_;
  double chosen_weight_ = 0; ///< 0: none yet
  double begin_ = 0;         ///< iterations before the present mesh
  double earlier_actions_ = 0;
  std::vector<ContinuationLevel> levels_;
  WeightPath weight_path_;
  bool weight_is_found_ = true;
};

} // namespace lodestone
