#pragma once

#include <lodestone/adjoint/adjoint_solver.h>
#include <lodestone/forward/forward_solver.h>
#include <lodestone/objective/cost_ledger.h>
#include <lodestone/observation/misfit.h>
#include <lodestone/observation/observation.h>
#include <lodestone/prior/prior.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lodestone
{

/// J(m) = sum_s misfit_s(B_s u_s(m)) + prior(m), with u_s(m) from r_s(u, m) = 0, its gradient and its Hessian actions.
///
/// Loads of unknown strength enter through their unit responses: u_s = u_0 + sum_j a_j u_j, with (a, nuisance)
/// eliminated by the misfit. The gradient needs one adjoint solve per load case, a Hessian action two solves, for any
/// number of unknowns. This class owns m: it alone recognises a point that it has been given before, and then uses the
/// states that it has. J is dimensionless; gradients and Hessian actions are dual vectors, directions m_hat primal
/// ones. Ghost entries of arguments need not be set. All functions but those that return a member are collective.
/// Failures: `evaluate` and the others return a report; when it has not converged nothing else is valid.
class ReducedObjective
{
public:
  /// A load case: its data and the strengths of its loads.
  struct LoadCase
  {
    std::string name;
    const Observation *observation;
    const Misfit *misfit;
    std::vector<double> strengths;             ///< of all loads; those estimated start at their prior mean
    std::vector<unsigned int> estimated_loads; ///< indices of loads whose strength is unknown
  };

  /// Relative residuals of linear solves that suffice; 0: those of the parameter file.
  struct Accuracy
  {
    double gradient = 0;       ///< of adjoint solves
    double hessian_action = 0; ///< of both incremental solves
  };

  /// @param prior null: none
  ReducedObjective(ForwardSolver &forward, std::vector<LoadCase> load_cases, Prior *prior);

  /// Solves the forward problems at m, unless that is the point where they are solved already; J is then value().
  SolveReport evaluate(const ParameterVector &m);
  /// Whether m is, on every rank and to the last bit, the point of the last evaluation, and that succeeded.
  bool is_at(const ParameterVector &m) const;
  /// Keeps the solutions of the last evaluation, if it succeeded, in the place of those that were kept before: evaluating this m again
  /// then solves nothing. It takes 8 bytes per unknown for each state and adjoint.
  void keep();
  double value() const { return misfit_value_ + prior_value_; }
  double misfit_value() const { return misfit_value_; }
  double prior_value() const { return prior_value_; }

  /// Sets the accuracy required of `gradient` and `apply_hessian` from the next call on; at first it is the solver's
  /// own tolerance. Adjoints at hand that are less accurate are improved when they are next needed. Values, tangents
  /// and their transposes are always computed to the solver's tolerance.
  void set_accuracy(const Accuracy &accuracy) { accuracy_ = accuracy; }
  /// g = dJ/dm at the m of `evaluate`.
  SolveReport gradient(ParameterVector &g);
  /// Whether `gradient` needs no solve at `set_accuracy({1, 1})`: adjoints of some accuracy are at hand.
  bool has_adjoints() const { return evaluated_ && has_adjoints_; }
  /// out = H m_hat at the m of `evaluate`; `gradient` is called first where the full Hessian needs adjoints.
  SolveReport apply_hessian(const ParameterVector &m_hat, ParameterVector &out, bool gauss_newton);
  /// The same with the prior's R in the place of its Hessian: the matrix of Newton steps.
  SolveReport apply_newton_matrix(const ParameterVector &m_hat, ParameterVector &out, bool gauss_newton);
  /// Tangent mode: change of the predicted data with m, per load case, at fixed strengths and nuisance terms.
  SolveReport apply_tangent(const ParameterVector &m_hat, std::vector<DataVector> &d_hat);
  /// How strengths, nuisance terms and the adjoint source of a load case follow a change of its predicted data (m) that
  /// `apply_tangent` gives, without terms that have the adjoint state in them. Collective as the misfit.
  Misfit::Increment gauss_newton_increment(unsigned int load_case, const DataVector &d_hat,
                                           Misfit::Curvature curvature = Misfit::Curvature::exact) const;
  /// g += (d predicted data of a load case / dm)^T w, at fixed strengths and nuisance terms, by one adjoint solve.
  SolveReport apply_tangent_transpose(unsigned int load_case, const DataVector &w, ParameterVector &g);
  /// dJ/dm . m_hat by one incremental forward solve per load case, without an adjoint.
  SolveReport directional_derivative(const ParameterVector &m_hat, double &derivative);

  /// What the loads of known strength make the data, and unit strengths of each of the others (m).
  struct Predictions
  {
    DataVector of_known_loads;
    std::vector<DataVector> responses; ///< by estimated load
  };
  /// Of the last evaluation.
  const Predictions &predictions(unsigned int load_case) const { return cases_[load_case].predictions; }
  /// Adds fixed numbers to the predictions from the next evaluation on, such as what another discretization predicts more
  /// than this one. They do not change with m: states and their derivatives stay as they are.
  /// @param corrections by load case; empty: none
  void correct_predictions(std::vector<Predictions> corrections);

  /// Everything that later calls depend on besides m, as numbers of this rank: states, adjoints, what solver and prior
  /// remember. Not collective.
  RankState rank_state() const;
  /// Goes on from a state that was made at m: `m` counts as evaluated, and nothing is solved. Returns false, and changes
  /// nothing, where the state does not fit. Collective.
  bool go_on_from(const ParameterVector &m, const RankState &state);

  const std::vector<LoadCase> &load_cases() const { return load_cases_; }
  const Misfit::Evaluation &evaluation(unsigned int load_case) const { return cases_[load_case].evaluation; }
  /// State of a load case with its strengths.
  const State &state(unsigned int load_case) const { return cases_[load_case].u; }
  const ParameterVector &parameters() const { return m_; }
  const CostLedger &ledger() const { return ledger_; }
  /// What was paid for before this objective existed, on another mesh, counts too.
  void begin_ledger_with(const CostLedger &earlier) { ledger_ = earlier; }
  Prior *prior() const { return prior_; }

private:
  struct Case
  {
    State u, p;                   ///< with strengths, adjoint
    std::vector<State> responses; ///< u_j, unit strength of estimated load j
    Predictions predictions;
    Misfit::Evaluation evaluation;
  };
  /// What `keep` keeps.
  struct Point
  {
    ParameterVector m;
    std::vector<Case> cases;
    double misfit_value;
    bool has_adjoints;
    double adjoint_tolerance;
  };
  SolveReport evaluate_case(unsigned int s);
  /// Returns false on this rank where the state does not fit.
  bool take_states(const RankState &state);
  /// What makes J infinite or NaN, in a sentence.
  std::string why_not_finite() const;
  /// Goes back to the point that was kept if that is m. Collective. @return whether it is
  bool return_to(const ParameterVector &m);
  /// out = the misfit's Hessian times the direction, whose ghost entries are set.
  SolveReport apply_misfit_hessian(const ParameterVector &direction, ParameterVector &out, bool gauss_newton);
  /// Solves for the adjoints unless those at hand were solved for to `tolerance`.
  SolveReport ensure_adjoints(double tolerance);

  ForwardSolver &forward_;
  AdjointSolver adjoint_;
  std::vector<LoadCase> load_cases_;
  Prior *prior_;
  std::vector<Case> cases_;
  std::vector<Predictions> corrections_; ///< by load case; empty: none
  ParameterVector m_;
  double misfit_value_ = 0, prior_value_ = 0;
  bool evaluated_ = false, has_adjoints_ = false;
  Accuracy accuracy_;
  double adjoint_tolerance_ = 0; ///< the tolerance to which the adjoints at hand were solved for
  CostLedger ledger_;
  std::optional<Point> kept_;
};

} // namespace lodestone
