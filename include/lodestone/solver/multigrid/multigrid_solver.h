#pragma once

#include <lodestone/solver/linear_solver.h>
#include <lodestone/solver/multigrid/geometric_multigrid.h>

namespace lodestone
{

/// LinearSolver without a matrix: conjugate gradients in double on a StiffnessOperator, preconditioned by one float
/// V-cycle.
///
/// The right-hand side is scaled to order one by a power of two, so that displacements of any magnitude are solved to
/// the same relative accuracy and single precision is safe. Failures are reported as SolveReport: moduli that are not
/// finite and positive, a cycle that is not positive definite, no convergence in the iterations allowed.
template <int dim>
class MultigridSolver : public LinearSolver
{
public:
  /// @param space the displacements; must outlive the solver
  /// @param boundary_conditions must outlive the solver
  /// @param stiffness the operator of the same space; `renew` sets its moduli; must outlive the solver
  /// @param parameters section `Solver` of the deck
  /// @param multigrid how levels are smoothed
  MultigridSolver(const DisplacementSpace<dim> &space, const BoundaryConditions<dim> &boundary_conditions,
                  StiffnessOperator<dim, double> &stiffness, const Parameters &parameters,
                  const typename GeometricMultigrid<dim>::Parameters &multigrid = {});

  void renew(const Moduli &moduli) override;
  SolveReport solve(const DistributedVector &b, DistributedVector &x, double tolerance) override;
  bool uses_guess() const override { return true; }
  void on_progress(Progress progress) override { progress_ = std::move(progress); }
  std::string describe() const override;
  std::string strengthen() override { return multigrid_.strengthen(); }
  void add_to(RankState &state, const std::string &name) const override;
  void take_from(const RankState &state, const std::string &name, const Moduli &moduli) override;

private:
  /// Runs conjugate gradients on x_ until the residual is below `target`, and adds to the report.
  /// @return what broke down; empty if nothing did
  std::string iterate(double target, double norm, unsigned int limit, SolveReport &report);

  StiffnessOperator<dim, double> &stiffness_;
  Parameters parameters_;
  GeometricMultigrid<dim> multigrid_;
  DistributedVector x_, b_; ///< in the operator's layout
  Progress progress_;
  MPI_Comm comm_;
  /// Largest number of iterations of a solve at the model for which eigenvalues were last estimated.
  unsigned int usual_iterations_ = 0;
  std::string broken_; ///< why no system with this operator can be solved; empty if it can
};

} // namespace lodestone
