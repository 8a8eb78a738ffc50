#pragma once

#include <lodestone/base/matrix_sum.h>
#include <lodestone/base/memory.h>
#include <lodestone/discretization/displacement_space.h>
#include <lodestone/solver/boundary_conditions.h>
#include <lodestone/solver/linear_solver.h>

#include <deal.II/fe/fe_values.h>

#include <petscksp.h>

namespace lodestone
{

/// LinearSolver with an assembled PETSc matrix: CG with smoothed-aggregation multigrid (GAMG, rigid-body near-null
/// space), or a sparse Cholesky factorisation (MUMPS) that is reused for every solve at the same moduli.
///
/// PETSc's options with the prefix `elasticity_` configure it. Right-hand sides are scaled to order one before they
/// reach PETSc, so that displacements of any magnitude are solved to the same relative accuracy. Failures are reported
/// as SolveReport: no convergence in the iterations allowed, or a breakdown of the factorisation or of the set-up.
template <int dim>
class AssembledSolver : public LinearSolver
{
public:
  /// What is done with the matrix.
  enum class Method
  {
    amg,    ///< conjugate gradients with algebraic multigrid
    direct, ///< one factorisation: on the first rank for up to 30,000 unknowns (2-D: 100,000), above by all ranks together
    direct_everywhere ///< every rank factorises and solves by itself: for a few thousand unknowns, where messages cost more than work
  };
  /// Allocates the matrix. Collective; space and boundary conditions must outlive the solver.
  /// @param prefix prefix of PETSc's options for this solver
  AssembledSolver(const DisplacementSpace<dim> &space, const BoundaryConditions<dim> &boundary_conditions,
                  Method method, const Parameters &parameters, const std::string &prefix = elasticity);
  ~AssembledSolver() override;
  AssembledSolver(const AssembledSolver &) = delete;
  AssembledSolver &operator=(const AssembledSolver &) = delete;

  void renew(const Moduli &moduli) override;
  SolveReport solve(const DistributedVector &b, DistributedVector &x, double tolerance) override;
  bool uses_guess() const override { return method_ == Method::amg; }
  void on_progress(Progress progress) override { progress_ = std::move(progress); }
  std::string describe() const override;
  std::string strengthen() override;
  void add_to(RankState &state, const std::string &name) const override;
  void take_from(const RankState &state, const std::string &name, const Moduli &moduli) override;

  /// x = one multigrid cycle on b, or the solution if the matrix is factorised. This is a fixed symmetric linear map,
  /// for the coarsest level of another multigrid. Collective; b is dual, x primal, neither needs ghosts. @throws
  /// SolverError
  void precondition(const DistributedVector &b, DistributedVector &x);

private:
  /// How algebraic multigrid gets the largest eigenvalue that it damps.
  enum class Smoothing
  {
    by_option, ///< PETSc estimates it as its options say
    usual,     ///< estimate_smoothing with the usual margin
    wide,      ///< estimate_smoothing with more steps and a wider margin
    bounded    ///< bound_smoothing
  };

  /// Prefix of the options of the solver for all unknowns; the coarsest level of another multigrid has its own.
  static constexpr const char *elasticity = "elasticity_";

  WorkingPart working_part() const;
  void allocate();
  void set_near_null_space();
  void configure_ksp();
  void assemble(const Moduli &moduli);
  void read_mumps_error();
  bool mumps_found_no_memory() const;
  /// Gives a factorisation that ran out of workspace more of it. @return false if it failed for another reason
  bool enlarge_workspace();
  void assemble_springs(std::vector<double> &cell_matrix,
                        const typename dealii::DoFHandler<dim>::active_cell_iterator &cell,
                        dealii::FEFaceValues<dim> &face_values) const;
  /// Work of one cycle of the algebraic multigrid in applications of the matrix.
  double applications_of_cycle() const;
  /// The preconditioner. Multigrid is set up for the last moduli; a factorisation is made when it is first used.
  PC preconditioner();
  void fill_report(KSPConvergedReason why, double tolerance, SolveReport &report);
  static void copy_in(const DistributedVector &from, double scale, Vec to);
  static void copy_out(Vec from, double scale, DistributedVector &to);
  void add_condensed(const std::vector<double> &cell_matrix, const std::vector<dealii::types::global_dof_index> &dofs,
                     MatrixSum &sum);

  const DisplacementSpace<dim> &space_;
  const BoundaryConditions<dim> &boundary_conditions_;
  const Method method_;
  Parameters parameters_;
  const bool on_first_rank_; ///< whether one rank of several factorises for all
  std::string prefix_;
  bool tolerance_is_option_ =
      false; ///< whether PETSc's option sets the tolerance, which then wins over that of a solve
  Mat matrix_ = nullptr;
  KSP ksp_ = nullptr;
  Vec x_ = nullptr, b_ = nullptr;
  Progress progress_;
  double first_residual_ = 0; ///< at the start of the present solve, for progress_
  static PetscErrorCode monitor(KSP ksp, PetscInt iteration, PetscReal residual, void *self);
  PetscInt mumps_error_ = 0; ///< INFOG(1) of a failed factorisation
  Moduli moduli_;            ///< of the last `renew`; algebraic multigrid alone
  Moduli aggregated_at_;     ///< moduli at which algebraic multigrid was first set up: it keeps its aggregates
  bool needs_set_up_ = true; ///< whether the moduli changed since algebraic multigrid was set up
  Smoothing smoothing_ = Smoothing::usual;
  std::string broken_; ///< why the operator could not be built; empty if it was built
};

} // namespace lodestone
