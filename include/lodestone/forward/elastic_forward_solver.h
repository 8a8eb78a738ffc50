#pragma once

#include <lodestone/forward/elasticity_kernels.h>
#include <lodestone/forward/forward_solver.h>
#include <lodestone/loads/load_vector.h>
#include <lodestone/material/parametrization.h>
#include <lodestone/solver/boundary_conditions.h>
#include <lodestone/solver/make_linear_solver.h>
#include <lodestone/solver/recent_solutions.h>

#include <memory>
#include <vector>

namespace lodestone
{

/// Static linear elasticity: r(w, m) = K(theta(m)) w - sum_l a_l f_l(theta(m)), theta the Lamé moduli of the cells.
///
/// A state holds w, the displacement that the mesh computes. Loads with an incident field U_l (LoadVector::incident) add
/// a_l K(theta - theta_l) U_l to r, theta_l the moduli of their half-space, and the displacement is u = w + sum_l a_l
/// U_l. K is linear in theta, so derivatives of r with respect to m are those of K(theta) u.
///
/// K and every f_l are linear in theta, so the second derivatives with respect to theta vanish and those with respect
/// to m are the parametrization's alone. Units are N and m. The class owns the linear solver and the loads; the space,
/// the boundary conditions and the parametrization must outlive it.
template <int dim>
class ElasticForwardSolver : public ForwardSolver
{
public:
  ElasticForwardSolver(const DisplacementSpace<dim> &space, const BoundaryConditions<dim> &boundary_conditions,
                       const Parametrization<dim> &parametrization,
                       std::vector<std::vector<LoadVector<dim>>> load_cases,
                       const LinearSolver::Parameters &parameters);
  ~ElasticForwardSolver() override;

  unsigned int n_load_cases() const override { return load_cases_.size(); }
  unsigned int n_loads(unsigned int load_case) const override { return load_cases_[load_case].size(); }
  const std::vector<LoadVector<dim>> &loads(unsigned int load_case) const { return load_cases_[load_case]; }
  State make_state(unsigned int load_case) const override;
  StateDual make_dual(unsigned int load_case) const override;
  using ForwardSolver::linearize_at;
  void linearize_at(const ParameterVector &m) override;
  bool refers_to(const ParameterVector &m) const override { return m_ == &m; }
  void add_to(RankState &state) const override;
  void take_from(const RankState &state) override;
  SolveReport solve(unsigned int load_case, State &u, const SolveRequest &request = {}) override;
  void residual(unsigned int load_case, const State &u, StateDual &r) const override;
  void apply_jacobian(unsigned int load_case, const State &du, StateDual &out) const override;
  void apply_jacobian_transpose(unsigned int load_case, const State &p, StateDual &out) const override;
  SolveReport solve_jacobian(unsigned int load_case, StateDual rhs, State &du,
                             const SolveRequest &request = {}) override;
  SolveReport solve_jacobian_transpose(unsigned int load_case, StateDual rhs, State &p,
                                       const SolveRequest &request = {}) override;
  void apply_parameter_jacobian(unsigned int load_case, const State &u, const ParameterVector &m_hat,
                                StateDual &out) const override;
  void add_parameter_jacobian_transpose(unsigned int load_case, const State &u, const State &p,
                                        ParameterVector &g) const override;
  void add_second_parameter(unsigned int load_case, const State &u, const State &p, const ParameterVector &m_hat,
                            ParameterVector &g) const override;
  void add_second_mixed(unsigned int load_case, const State &u_hat, const State &p, ParameterVector &g) const override;
  void apply_second_mixed_transpose(unsigned int load_case, const State &p, const ParameterVector &m_hat,
                                    StateDual &out) const override;

  /// Says which linear solver runs and why, for the log.
  std::string describe() const { return linear_solver_.solver->describe() + ", " + linear_solver_.reason; }
  /// Sets the function that is told of every iteration of a solve (LinearSolver::Progress).
  void on_progress(LinearSolver::Progress progress) { linear_solver_.solver->on_progress(std::move(progress)); }
  /// Sets the function that is told when a solve needed more than the usual method (LinearSolver::Notice).
  void on_notice(LinearSolver::Notice notice) { linear_solver_.solver->on_notice(std::move(notice)); }
  /// Moduli at the m of `linearize_at`.
  const Moduli &moduli() const { return moduli_; }

private:
  /// Earlier solutions of one load case, from which first guesses are made.
  struct WarmStart
  {
    RecentSolutions forward, adjoint;
  };
  enum class Direction
  {
    forward,
    adjoint
  };
  /// Solves K x = b, starting from x, or from a guess made of earlier solutions if x is zero.
  /// @param loads numbers that tell one series of states from another
  SolveReport solve_from_memory(unsigned int load_case, Direction direction, const std::vector<double> &loads,
                                const DistributedVector &b, DistributedVector &x, const SolveRequest &request);
  /// Solves K x = rhs and overwrites rhs.
  SolveReport solve_linear(unsigned int load_case, Direction direction, StateDual &rhs, State &x,
                           const SolveRequest &request);
  Moduli make_moduli() const;
  /// out += sum_l a_l K(theta - theta_l) U_l.
  void add_incident(unsigned int load_case, const std::vector<double> &load_factors, DistributedVector &out) const;
  /// The displacement of a state, w + sum_l a_l U_l.
  const DistributedVector &displacement(unsigned int load_case, const State &u) const;
  /// @return (dr/dtheta)^T p at (u, theta), a dual field on cells
  Moduli moduli_dual(unsigned int load_case, const State &u, const State &p) const;

  const DisplacementSpace<dim> &space_;
  const BoundaryConditions<dim> &boundary_conditions_;
  const Parametrization<dim> &parametrization_;
  ElasticityKernels<dim> kernels_;
  std::vector<std::vector<LoadVector<dim>>> load_cases_;
  double tolerance_; ///< is used by solves that ask for no other
  ChosenSolver linear_solver_;
  const ParameterVector *m_ = nullptr; ///< belongs to the caller of linearize_at
  Moduli moduli_;
  bool solver_is_current_ = false;     ///< whether the solver has been renewed with moduli_
  std::vector<WarmStart> warm_starts_; ///< one per load case; empty when no first guesses are made
  RecentSolutions::Workspace workspace_;
  mutable DistributedVector displacement_; ///< of `displacement`; empty where no load has an incident field
};

} // namespace lodestone
