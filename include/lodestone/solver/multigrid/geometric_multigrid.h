#pragma once

#include <lodestone/solver/assembled_solver.h>
#include <lodestone/solver/multigrid/chebyshev_smoother.h>
#include <lodestone/solver/multigrid/line_couplings.h>
#include <lodestone/solver/multigrid/moduli_averaging.h>
#include <lodestone/solver/multigrid/smoothing_difficulty.h>
#include <lodestone/solver/stiffness_operator.h>

#include <string>
#include <vector>

namespace lodestone
{

/// One V-cycle for K(moduli) x = b in single precision, a preconditioner for conjugate gradients in double.
///
/// Levels by global coarsening: Q2 to Q1 on the same mesh, then coarser and coarser meshes (Mesh::make_coarser), each distributed over
/// all ranks by itself, hanging nodes included. The operator of a level is the matrix-free one with moduli averaged over children;
/// smoother: Chebyshev iteration with the diagonal, or with lines of strong couplings on levels where they pay; coarsest level: a
/// factorisation, or one cycle of algebraic multigrid where the coarsest mesh is large. Moduli are scaled by a power of two, so that single precision sees numbers of order one.
/// Sources: Adams, Brezina, Hu, Tuminaro (2003), doi:10.1016/S0021-9991(03)00194-3; Munch, Heister, Prieto Saavedra, Kronbichler
/// (2023), doi:10.1145/3580314.
template <int dim>
class GeometricMultigrid
{
public:
  struct Parameters
  {
    unsigned int smoothing_degree = 3; ///< at least; tall cells get more, and a larger range
    double smoothing_range = 20;       ///< the smoother damps eigenvalues between largest / range and largest
    bool lines = true;                 ///< where they pay (SmoothingDifficulty)
    typename ChebyshevSmoother<dim>::Safety safety;
  };

  /// Whether there is a level below the finest to go to.
  static bool applies_to(const DisplacementSpace<dim> &space)
  {
    return space.degree() > 1 || space.mesh().triangulation().n_global_levels() > 1;
  }

  GeometricMultigrid(const DisplacementSpace<dim> &space, const BoundaryConditions<dim> &boundary_conditions,
                     const Parameters &parameters);

  void renew(const Moduli &moduli);
  /// Whether `renew` kept earlier estimates of eigenvalues and the coarsest level's factorisation, and the cure should they not serve.
  bool reuses_estimates() const { return estimates_are_reused_; }
  void estimate_anew();
  /// For a cycle that turned out not to be positive definite, twice at most: wider margins above the eigenvalues found, then twice as many
  /// smoothing steps too. Estimates anew. @return a clause that says what was done; empty when nothing was
  std::string strengthen();
  /// x = one V-cycle on b from zero; both in the layout of a StiffnessOperator's vectors.
  void vmult(DistributedVector &x, const DistributedVector &b) const;
  /// x = the solution to about the discretisation error: solves on the coarsest level and goes up, one V-cycle a level (full multigrid).
  void full_cycle(DistributedVector &x, const DistributedVector &b) const;

  /// Work of a V-cycle in applications of the operator on the finest level, all levels' counted with their numbers of unknowns.
  double operator_applications() const;
  double operator_applications_of_full_cycle() const;
  /// Levels and coarsest solver, for the log.
  std::string describe() const;
  std::size_t memory_consumption() const; ///< bytes on this rank

private:
  using Vector = dealii::LinearAlgebra::distributed::Vector<float>;

  struct Level
  {
    const DisplacementSpace<dim> *space;
    const BoundaryConditions<dim> *boundary_conditions;
    std::unique_ptr<Mesh<dim>> own_mesh; ///< null where the finer level's mesh serves
    std::unique_ptr<DisplacementSpace<dim>> own_space;
    std::unique_ptr<BoundaryConditions<dim>> own_boundary_conditions;
    std::unique_ptr<ModuliAveraging<dim>> averaging; ///< from the finer level; null on the same mesh
    Moduli moduli;                                   ///< of own_mesh
    std::unique_ptr<StiffnessOperator<dim, float>> stiffness;
    dealii::MGTwoLevelTransfer<dim, Vector> transfer; ///< from the next coarser level
    std::unique_ptr<ChebyshevSmoother<dim>> smoother;
    std::unique_ptr<SmoothingDifficulty<dim>> difficulty; ///< of its mesh
    std::unique_ptr<LineCouplings<dim>> couplings;        ///< null until lines are wanted
    std::unique_ptr<DistributedLines> lines;              ///< null while the diagonal will do
    mutable Vector x, b, residual;
    mutable Vector load; ///< what full_cycle has on this level for right-hand side
  };

  /// Whether the last estimates of eigenvalues and the coarsest level's factorisation still serve: moduli of no cell have changed by much since.
  bool is_nearby(const Moduli &moduli) const;
  void add_coarser_levels();
  void set_up_level(unsigned int level);
  void renew_smoother(Level &level, const Moduli &moduli);
  void v_cycle(unsigned int level, bool from_zero) const;
  void copy_in(const DistributedVector &b) const;
  void copy_out(DistributedVector &x) const;
  double relative_size(unsigned int level) const
  {
    return double(levels_[level].space->n_dofs()) / levels_[0].space->n_dofs();
  }
  void solve_coarsest() const;

  MPI_Comm comm_;
  Parameters parameters_;
  double cell_size_;          ///< of the smallest cell (m)
  std::vector<Level> levels_; ///< finest first
  std::unique_ptr<AssembledSolver<dim>> coarsest_;
  mutable DistributedVector coarsest_x_, coarsest_b_;
  Moduli coarsest_moduli_;
  double factor_ = 1;   ///< of the float levels' moduli
  Moduli estimated_at_; ///< of the finest level, at the last estimate of eigenvalues
  bool estimates_are_reused_ = false;
  unsigned int times_strengthened_ = 0;
};

} // namespace lodestone
