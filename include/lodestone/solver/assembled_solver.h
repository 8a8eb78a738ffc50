#pragma once

#include <lodestone/discretization/displacement_space.h>
#include <lodestone/solver/boundary_conditions.h>
#include <lodestone/solver/linear_solver.h>

#include <deal.II/fe/fe_values.h>

#include <petscksp.h>

namespace lodestone
{

/// LinearSolver with an assembled PETSc matrix: CG with smoothed-aggregation multigrid (GAMG, rigid-body near-null space), or a sparse
/// Cholesky factorisation (MUMPS) that is reused for every solve at the same moduli.
///
/// Solver options go through PETSc's with the prefix `elasticity_`. Right-hand sides are scaled to order one before they reach PETSc,
/// so displacements of any magnitude are solved to the same relative accuracy. Failures: not converged in the iterations allowed,
/// factorisation or set-up broke down; all as SolveReport.
template <int dim>
class AssembledSolver : public LinearSolver
{
public:
  enum class Method
  {
    amg,
    direct,
    direct_everywhere ///< every rank factorises and solves by itself: for a few thousand unknowns, where messages cost more than work
  };
  /// @param prefix of PETSc's options for this solver
  AssembledSolver(const DisplacementSpace<dim> &space, const BoundaryConditions<dim> &boundary_conditions,
                  Method method, const Parameters &parameters, const std::string &prefix = "elasticity_");
  ~AssembledSolver() override;
  AssembledSolver(const AssembledSolver &) = delete;
  AssembledSolver &operator=(const AssembledSolver &) = delete;

  void renew(const Moduli &moduli) override;
  SolveReport solve(const DistributedVector &b, DistributedVector &x, double tolerance) override;
  bool uses_guess() const override { return method_ == Method::amg; }
  void on_progress(Progress progress) override { progress_ = std::move(progress); }
  std::string describe() const override;
  std::string strengthen() override;

  /// x = one multigrid cycle on b, or the solution where the matrix is factorised: a fixed symmetric linear map, for the coarsest
  /// level of another multigrid. @throws SolverError
  void precondition(const DistributedVector &b, DistributedVector &x);

private:
  /// Where algebraic multigrid has the eigenvalues from up to which it smooths.
  enum class Smoothing
  {
    by_option, ///< from PETSc, as its options say
    usual,     ///< estimated
    wide,      ///< estimated more carefully, with a wider margin
    bounded    ///< a bound
  };

  void allocate();
  void set_near_null_space();
  void configure_ksp();
  void assemble(const Moduli &moduli);
  /// Gives a factorisation that ran out of workspace more of it; false when that was not why it failed.
  bool enlarge_workspace();
  void assemble_springs(std::vector<double> &cell_matrix,
                        const typename dealii::DoFHandler<dim>::active_cell_iterator &cell,
                        dealii::FEFaceValues<dim> &face_values) const;
  /// Work of a cycle of the algebraic multigrid in applications of the matrix.
  double applications_of_cycle() const;
  /// Set up for the last model, where it is multigrid; a factorisation is made when it is first used.
  PC preconditioner();
  void fill_report(KSPConvergedReason why, double tolerance, SolveReport &report);
  static void copy_in(const DistributedVector &from, double scale, Vec to);
  static void copy_out(Vec from, double scale, DistributedVector &to);
  void add_condensed(const std::vector<double> &cell_matrix, const std::vector<dealii::types::global_dof_index> &dofs);

  const DisplacementSpace<dim> &space_;
  const BoundaryConditions<dim> &boundary_conditions_;
  const Method method_;
  Parameters parameters_;
  std::string prefix_;
  bool tolerance_is_option_ = false; ///< PETSc's option for it wins over that of a solve
  Mat matrix_ = nullptr;
  KSP ksp_ = nullptr;
  Vec x_ = nullptr, b_ = nullptr;
  Progress progress_;
  double first_residual_ = 0; ///< of the solve under way, for progress_
  static PetscErrorCode monitor(KSP ksp, PetscInt iteration, PetscReal residual, void *self);
  PetscInt mumps_error_ = 0; ///< INFOG(1) of a failed factorisation
  bool needs_set_up_ = true; ///< of algebraic multigrid: the model is new
  Smoothing smoothing_ = Smoothing::usual;
  std::string broken_; ///< why the operator could not be made; empty when it could
};

} // namespace lodestone
