#pragma once

#include <lodestone/discretization/cell_averaging.h>
#include <lodestone/solver/assembled_solver.h>
#include <lodestone/solver/multigrid/chebyshev_smoother.h>
#include <lodestone/solver/multigrid/level_transfer.h>
#include <lodestone/solver/multigrid/line_couplings.h>
#include <lodestone/solver/multigrid/smoothing_difficulty.h>
#include <lodestone/solver/stiffness_operator.h>

#include <string>
#include <vector>

namespace lodestone
{

/// One V-cycle for K(moduli) x = b in single precision, a preconditioner for conjugate gradients in double.
///
/// Global coarsening makes the levels: Q2 to Q1 on the same mesh, then coarser and coarser meshes (Mesh::make_coarser)
/// with their hanging nodes, each distributed over all ranks by itself. The operator of a level is the matrix-free one
/// with moduli averaged over children. The smoother is Chebyshev iteration with the diagonal, or with lines of strong
/// couplings on levels where they pay. The coarsest level is factorised, or treated by one cycle of algebraic multigrid
/// if its mesh is large. Moduli are scaled by a power of two, so that single precision sees numbers of order one. All
/// functions that compute are collective; vectors need no ghosts, b is dual and x primal. Sources: Adams, Brezina, Hu,
/// Tuminaro (2003), doi:10.1016/S0021-9991(03)00194-3; Munch, Heister, Prieto Saavedra, Kronbichler (2023),
/// doi:10.1145/3580314.
template <int dim>
class GeometricMultigrid
{
public:
  /// How levels are smoothed.
  struct Parameters
  {
    unsigned int smoothing_degree = 3; ///< the least degree; tall cells get a higher one, and a larger range
    double smoothing_range = 20;       ///< the smoother damps eigenvalues between largest / range and largest
    bool lines = true;                 ///< whether lines are used where they pay (SmoothingDifficulty)
    typename ChebyshevSmoother<dim>::Safety safety; ///< how eigenvalues are estimated
  };

  /// Whether the space has a level coarser than its finest one.
  static bool applies_to(const DisplacementSpace<dim> &space)
  {
    return space.degree() > 1 || space.mesh().triangulation().n_global_levels() > 1;
  }

  /// Builds the levels. Space and boundary conditions must outlive this object.
  GeometricMultigrid(const DisplacementSpace<dim> &space, const BoundaryConditions<dim> &boundary_conditions,
                     const Parameters &parameters);

  /// Takes new moduli. If they are near those of the last estimates, eigenvalues and the coarsest level's factorisation
  /// are kept.
  void renew(const Moduli &moduli);
  /// True if the last `renew` reused old eigenvalue estimates and the old coarse factorisation. Call `estimate_anew` if
  /// convergence is then poor.
  bool reuses_estimates() const { return estimates_are_reused_; }
  /// Estimates eigenvalues and factorises the coarsest level for the present moduli.
  void estimate_anew();
  /// Makes the cycle sturdier, for one that turned out not to be positive definite. The first call widens the margins
  /// above the eigenvalues found; the second call doubles the smoothing steps too; further calls do nothing. It
  /// estimates anew.
  /// @return a clause that says what was done; empty if nothing was done
  std::string strengthen();
  /// As LinearSolver::add_to and take_from.
  void add_to(RankState &state, const std::string &name) const;
  void take_from(const RankState &state, const std::string &name, const Moduli &moduli);
  /// x = one V-cycle on b from zero. Both vectors are in the layout of a StiffnessOperator.
  void vmult(DistributedVector &x, const DistributedVector &b) const;
  /// x = the solution to about the discretisation error: it solves on the coarsest level and goes up with one V-cycle
  /// per level (full multigrid).
  void full_cycle(DistributedVector &x, const DistributedVector &b) const;

  /// Work of a V-cycle in applications of the operator on the finest level. The levels count in proportion to their
  /// numbers of unknowns.
  double operator_applications() const;
  /// The same for a full cycle.
  double operator_applications_of_full_cycle() const;
  /// Names levels and coarsest solver, for the log.
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
    std::unique_ptr<CellAveraging<dim>> averaging; ///< from the finer level; null on the same mesh
    Moduli moduli;                                 ///< on own_mesh
    std::unique_ptr<StiffnessOperator<dim, float>> stiffness;
    std::unique_ptr<LevelTransfer<dim>> transfer; ///< from the next coarser level; null on the coarsest
    std::unique_ptr<ChebyshevSmoother<dim>> smoother;
    std::unique_ptr<SmoothingDifficulty<dim>> difficulty; ///< depends on its mesh
    std::unique_ptr<LineCouplings<dim>> couplings;        ///< null until lines pay
    std::unique_ptr<DistributedLines> lines;              ///< null while the diagonal suffices
    mutable Vector x, b, residual;
    mutable Vector load; ///< right-hand side of full_cycle on this level
  };

  /// Whether the last estimates of eigenvalues and the coarsest level's factorisation still serve, since no cell's
  /// moduli have changed by much.
  bool is_nearby(const Moduli &moduli) const;
  /// What `strengthen` does, without new estimates.
  void strengthen_smoothers();
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
  double cell_size_;          ///< edge of the smallest cell (m)
  std::vector<Level> levels_; ///< finest first
  std::unique_ptr<AssembledSolver<dim>> coarsest_;
  mutable DistributedVector coarsest_x_, coarsest_b_;
  Moduli coarsest_moduli_;
  double factor_ = 1;   ///< factor on the moduli of the float levels
  Moduli estimated_at_; ///< moduli of the finest level at the last estimate of eigenvalues
  bool estimates_are_reused_ = false;
  unsigned int times_strengthened_ = 0;
};

} // namespace lodestone
