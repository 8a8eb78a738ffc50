#pragma once

#include <lodestone/solver/linear_solver.h>
#include <lodestone/solver/multigrid/geometric_multigrid.h>

namespace lodestone
{

/// LinearSolver without a matrix: conjugate gradients in double on a StiffnessOperator, preconditioned by one float V-cycle.
///
/// The right-hand side is scaled to order one by a power of two, so that displacements of any magnitude are solved to the same relative
/// accuracy and single precision is safe. Failures: moduli that are not finite and positive, a cycle that is not positive definite, not
/// converged in the iterations allowed; as SolveReport.
template <int dim>
class MultigridSolver : public LinearSolver
{
public:
  /// @param stiffness of the same space, its moduli set by `renew`; must outlive this
  MultigridSolver(const DisplacementSpace<dim> &space, const BoundaryConditions<dim> &boundary_conditions,
                  StiffnessOperator<dim, double> &stiffness, const Parameters &parameters,
                  const typename GeometricMultigrid<dim>::Parameters &multigrid = {});

  void renew(const Moduli &moduli) override;
  SolveReport solve(const DistributedVector &b, DistributedVector &x, double tolerance) override;
  bool uses_guess() const override { return true; }
  void on_progress(Progress progress) override { progress_ = std::move(progress); }
  std::string describe() const override;
  std::string strengthen() override { return multigrid_.strengthen(); }

private:
  /// Conjugate gradients on x_ until the residual is below `target`, adding to the report.
  /// @return what broke down; empty when nothing did
  std::string iterate(double target, double norm, unsigned int limit, SolveReport &report);

  StiffnessOperator<dim, double> &stiffness_;
  Parameters parameters_;
  GeometricMultigrid<dim> multigrid_;
  DistributedVector x_, b_; ///< in the operator's layout
  Progress progress_;
  MPI_Comm comm_;
  unsigned int usual_iterations_ =
      0;               ///< most that a solve took since eigenvalues were estimated, with the model they are of
  std::string broken_; ///< why the operator cannot be solved with; empty when it can
};

} // namespace lodestone
