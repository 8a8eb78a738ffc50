#include <lodestone/base/error.h>
#include <lodestone/base/interruptible_ksp.h>
#include <lodestone/base/memory.h>
#include <lodestone/base/petsc.h>
#include <lodestone/base/serial_cholesky.h>
#include <lodestone/solver/algebraic_multigrid.h>
#include <lodestone/solver/assembled_solver.h>
#include <lodestone/solver/cell_matrices.h>

#include <deal.II/base/timer.h>
#include <deal.II/dofs/dof_tools.h>
#include <deal.II/fe/fe_values.h>
#include <deal.II/lac/dynamic_sparsity_pattern.h>
#include <deal.II/lac/sparsity_tools.h>

#include <exception>
#include <sstream>

namespace lodestone
{

using dealii::types::global_dof_index;

namespace
{

// Ten steps of conjugate gradients find up to 5 % less than the largest eigenvalue of the finest level (Q1 and Q2,
// hanging nodes, contrast 1e6, Poisson ratio 0.499), so the margin is a fifth. The wide values are for a cycle that was
// indefinite all the same.
constexpr unsigned int usual_steps = 10, wide_steps = 40;
constexpr double usual_margin = 1.2, wide_margin = 1.5;

// Number of unknowns up to which one rank factorises for all, so that a run repeats itself to the last digit. In 3-D this
// takes half a second, and two ranks together would save a tenth of it.
dealii::types::global_dof_index factorised_on_one_rank(const unsigned int dim)
{
  return dim == 2 ? 100000 : 30000;
}

} // namespace

template <int dim>
AssembledSolver<dim>::AssembledSolver(const DisplacementSpace<dim> &space,
                                      const BoundaryConditions<dim> &boundary_conditions, const Method method,
                                      const Parameters &parameters, const std::string &prefix)
    : space_(space), boundary_conditions_(boundary_conditions), method_(method), parameters_(parameters),
      on_first_rank_(method == Method::direct &&
                     dealii::Utilities::MPI::n_mpi_processes(space.mesh().communicator()) > 1 &&
                     space.n_dofs() <= factorised_on_one_rank(dim)),
      prefix_(prefix)
{
  const WorkingPart part = working_part();
  allocate();
  set_near_null_space();
  configure_ksp();
}

template <int dim>
AssembledSolver<dim>::~AssembledSolver()
{
  // Ranks destroy it together. Where an exception leaves it, this rank may be alone with that: then it stays.
  if (std::uncaught_exceptions() > 0)
    return;
  KSPDestroy(&ksp_);
  MatDestroy(&matrix_);
  VecDestroy(&x_);
  VecDestroy(&b_);
}

template <int dim>
std::string AssembledSolver<dim>::describe() const
{
  return method_ == Method::amg                 ? "conjugate gradients with algebraic multigrid (GAMG)"
         : method_ == Method::direct_everywhere ? "direct (Cholesky on every rank)"
         : on_first_rank_                       ? "direct (MUMPS Cholesky on one rank)"
                                                : "direct (MUMPS Cholesky)";
}

template <int dim>
void AssembledSolver<dim>::allocate()
{
  using namespace dealii;
  const DoFHandler<dim> &dof_handler = space_.dof_handler();
  const MPI_Comm comm = space_.mesh().communicator();
  const IndexSet &owned = dof_handler.locally_owned_dofs();
  IndexSet relevant;
  DoFTools::extract_locally_relevant_dofs(dof_handler, relevant);
  DynamicSparsityPattern pattern(dof_handler.n_dofs(), dof_handler.n_dofs(), relevant);
  DoFTools::make_sparsity_pattern(dof_handler, pattern, boundary_conditions_.constraints(), false);
  SparsityTools::distribute_sparsity_pattern(pattern, owned, comm, relevant);

  const PetscInt n_owned = owned.n_elements();
  const global_dof_index first = n_owned > 0 ? *owned.begin() : 0;
  std::vector<PetscInt> on_diagonal(n_owned, 0), off_diagonal(n_owned, 0);
  for (PetscInt i = 0; i < n_owned; ++i)
  {
    for (auto entry = pattern.begin(first + i); entry != pattern.end(first + i); ++entry)
      ++(owned.is_element(entry->column()) ? on_diagonal[i] : off_diagonal[i]);
    on_diagonal[i] = std::max<PetscInt>(on_diagonal[i], 1);
  }
  LODESTONE_PETSC(MatCreate(comm, &matrix_));
  LODESTONE_PETSC(MatSetSizes(matrix_, n_owned, n_owned, dof_handler.n_dofs(), dof_handler.n_dofs()));
  LODESTONE_PETSC(MatSetType(matrix_, MATAIJ));
  LODESTONE_PETSC(MatSetBlockSize(matrix_, dim)); // the components of a node have consecutive numbers
  LODESTONE_PETSC(MatSeqAIJSetPreallocation(matrix_, 0, on_diagonal.data()));
  LODESTONE_PETSC(MatMPIAIJSetPreallocation(matrix_, 0, on_diagonal.data(), 0, off_diagonal.data()));
  LODESTONE_PETSC(MatCreateVecs(matrix_, &x_, &b_));
}

template <int dim>
void AssembledSolver<dim>::set_near_null_space()
{
  std::map<global_dof_index, dealii::Point<dim>> support_points;
  dealii::DoFTools::map_dofs_to_support_points(space_.mapping(), space_.dof_handler(), support_points);
  const auto owned = space_.dof_handler().locally_owned_dofs();
  const double scale = 1 / (space_.mesh().upper() - space_.mesh().lower()).norm();
  Vec coordinates;
  LODESTONE_PETSC(VecDuplicate(x_, &coordinates));
  PetscScalar *values;
  LODESTONE_PETSC(VecGetArray(coordinates, &values));
  PetscInt local = 0;
  for (const auto i : owned)
  {
    values[local] = scale * support_points.at(i)[local % dim];
    ++local;
  }
  LODESTONE_PETSC(VecRestoreArray(coordinates, &values));
  LODESTONE_PETSC(VecSetBlockSize(coordinates, dim));
  MatNullSpace rigid_body;
  LODESTONE_PETSC(MatNullSpaceCreateRigidBody(coordinates, &rigid_body));
  LODESTONE_PETSC(MatSetNearNullSpace(matrix_, rigid_body));
  LODESTONE_PETSC(MatNullSpaceDestroy(&rigid_body));
  LODESTONE_PETSC(VecDestroy(&coordinates));
}

template <int dim>
void AssembledSolver<dim>::configure_ksp()
{
  LODESTONE_PETSC(KSPCreate(space_.mesh().communicator(), &ksp_));
  LODESTONE_PETSC(KSPSetOptionsPrefix(ksp_, prefix_.c_str()));
  PC preconditioner;
  LODESTONE_PETSC(KSPGetPC(ksp_, &preconditioner));
  if (method_ == Method::direct)
  {
    LODESTONE_PETSC(KSPSetType(ksp_, KSPPREONLY));
    if (on_first_rank_)
      make_serial_cholesky(preconditioner, CholeskyOn::first_rank, prefix_);
    else
    {
      LODESTONE_PETSC(PCSetType(preconditioner, PCCHOLESKY));
      LODESTONE_PETSC(PCFactorSetMatSolverType(preconditioner, MATSOLVERMUMPS));
    }
    // The workspace that MUMPS needs depends on the order in which messages arrive: its default of 20 % above its
    // estimate is sometimes too small on several ranks.
    set_default_option("-" + prefix_ + "mat_mumps_icntl_14", "60");
  }
  else if (method_ == Method::direct_everywhere)
  {
    LODESTONE_PETSC(KSPSetType(ksp_, KSPPREONLY));
    make_serial_cholesky(preconditioner, CholeskyOn::every_rank, prefix_ + "replicated_");
  }
  else
  {
    LODESTONE_PETSC(KSPSetType(ksp_, KSPCG));
    LODESTONE_PETSC(KSPMonitorSet(ksp_, monitor, this, nullptr));
    LODESTONE_PETSC(KSPSetNormType(ksp_, KSP_NORM_UNPRECONDITIONED));
    LODESTONE_PETSC(PCSetType(preconditioner, PCGAMG));
    // SOR smoothers fail on rows of clamped nodes.
    set_default_option("-" + prefix_ + "mg_levels_ksp_type", "chebyshev");
    set_default_option("-" + prefix_ + "mg_levels_pc_type", "jacobi");
    // GAMG keeps the aggregates for further models, and with them the eigenvalues with which it smoothed the
    // prolongation. If contrast has grown these are too small, and the cycle is indefinite. So preconditioner()
    // estimates them for each model. PETSc estimates them only if an option asks for that; its own estimate at the
    // first set-up is kept short.
    set_default_option("-" + prefix_ + "pc_gamg_use_sa_esteig", "false");
    const std::string chebyshev = "-" + prefix_ + "mg_levels_ksp_chebyshev_";
    if (has_petsc_option(chebyshev + "esteig") || has_petsc_option(chebyshev + "eigenvalues"))
      smoothing_ = Smoothing::by_option;
    else
      set_default_option(chebyshev + "esteig_steps", "1");
  }
  LODESTONE_PETSC(KSPSetTolerances(ksp_, parameters_.tolerance, 1e-300, 1e10, parameters_.maximum_iterations));
  LODESTONE_PETSC(KSPSetInitialGuessNonzero(ksp_, method_ == Method::amg ? PETSC_TRUE : PETSC_FALSE));
  LODESTONE_PETSC(KSPSetErrorIfNotConverged(ksp_, PETSC_FALSE));
  LODESTONE_PETSC(KSPSetOperators(ksp_, matrix_, matrix_));
  LODESTONE_PETSC(KSPSetFromOptions(ksp_));
  tolerance_is_option_ = has_petsc_option("-" + prefix_ + "ksp_rtol");
}

template <int dim>
PetscErrorCode AssembledSolver<dim>::monitor(KSP /*ksp*/, const PetscInt iteration, const PetscReal residual,
                                             void *self)
{
  auto &solver = *static_cast<AssembledSolver *>(self);
  if (iteration == 0)
    solver.first_residual_ = residual;
  if (solver.progress_ && solver.first_residual_ > 0)
    solver.progress_(iteration, residual / solver.first_residual_);
  return 0;
}

template <int dim>
WorkingPart AssembledSolver<dim>::working_part() const
{
  if (prefix_ != elasticity)
    return WorkingPart("the coarsest level of multigrid");
  if (method_ == Method::amg)
    return WorkingPart("algebraic multigrid", memory_per_unknown::algebraic_multigrid);
  return WorkingPart("the direct factorisation", memory_per_unknown::factorisation(dim),
                     "Solver/Method = multigrid takes about 1 kB per unknown.");
}

template <int dim>
void AssembledSolver<dim>::renew(const Moduli &moduli)
{
  const WorkingPart part = working_part();
  broken_.clear();
  assemble(moduli);
  LODESTONE_PETSC(KSPSetOperators(ksp_, matrix_, matrix_));
  needs_set_up_ = true;
  if (method_ == Method::amg)
    moduli_ = moduli;
}

template <int dim>
void AssembledSolver<dim>::add_to(RankState &state, const std::string &name) const
{
  if (aggregated_at_.mu.size() == 0)
    return;
  aggregated_at_.add_to(state, name + "_aggregated_at");
  state[name + "_smoothing"] = {double(static_cast<int>(smoothing_))};
}

template <int dim>
void AssembledSolver<dim>::take_from(const RankState &state, const std::string &name, const Moduli &moduli)
{
  if (method_ != Method::amg || aggregated_at_.mu.size() > 0)
    return;
  const std::optional<Moduli> first = moduli.taken_from(state, name + "_aggregated_at");
  if (!first)
    return;
  renew(*first);
  (void)preconditioner();
  smoothing_ = static_cast<Smoothing>(static_cast<int>(state.at(name + "_smoothing").at(0)));
  renew(moduli);
}

template <int dim>
PC AssembledSolver<dim>::preconditioner()
{
  PC preconditioner;
  LODESTONE_PETSC(KSPGetPC(ksp_, &preconditioner));
  if (method_ != Method::amg || !needs_set_up_)
    return preconditioner;
  set_up_without_inert_unknowns(ksp_);
  if (aggregated_at_.mu.size() == 0)
    aggregated_at_ = moduli_;
  if (smoothing_ == Smoothing::bounded)
    bound_smoothing(preconditioner);
  else if (smoothing_ != Smoothing::by_option)
    estimate_smoothing(preconditioner, smoothing_ == Smoothing::wide ? wide_steps : usual_steps,
                       smoothing_ == Smoothing::wide ? wide_margin : usual_margin);
  needs_set_up_ = false;
  return preconditioner;
}

template <int dim>
std::string AssembledSolver<dim>::strengthen()
{
  if (method_ != Method::amg || smoothing_ == Smoothing::bounded)
    return "";
  smoothing_ = smoothing_ == Smoothing::wide ? Smoothing::bounded : Smoothing::wide;
  needs_set_up_ = true;
  if (smoothing_ == Smoothing::bounded)
    return "algebraic multigrid smooths with four steps up to a bound of the eigenvalues that holds for certain";
  std::ostringstream text;
  text << "algebraic multigrid smooths up to " << wide_margin << " times the largest eigenvalues that are found in "
       << wide_steps << " steps";
  return text.str();
}

template <int dim>
void AssembledSolver<dim>::copy_in(const DistributedVector &from, const double scale, Vec to)
{
  PetscScalar *values;
  LODESTONE_PETSC(VecGetArrayWrite(to, &values));
  for (unsigned int i = 0; i < from.locally_owned_size(); ++i)
    values[i] = from.local_element(i) / scale;
  LODESTONE_PETSC(VecRestoreArrayWrite(to, &values));
}

template <int dim>
void AssembledSolver<dim>::copy_out(Vec from, const double scale, DistributedVector &to)
{
  const PetscScalar *values;
  LODESTONE_PETSC(VecGetArrayRead(from, &values));
  for (unsigned int i = 0; i < to.locally_owned_size(); ++i)
    to.local_element(i) = values[i] * scale;
  LODESTONE_PETSC(VecRestoreArrayRead(from, &values));
}

template <int dim>
void AssembledSolver<dim>::assemble_springs(std::vector<double> &cell_matrix,
                                            const typename dealii::DoFHandler<dim>::active_cell_iterator &cell,
                                            dealii::FEFaceValues<dim> &face_values) const
{
  const auto &element = space_.element();
  const unsigned int n = element.n_dofs_per_cell();
  for (const unsigned int f : cell->face_indices())
  {
    if (!cell->face(f)->at_boundary())
      continue;
    const auto spring = boundary_conditions_.springs().find(cell->face(f)->boundary_id());
    if (spring == boundary_conditions_.springs().end())
      continue;
    face_values.reinit(cell, f);
    for (unsigned int q = 0; q < face_values.n_quadrature_points; ++q)
    {
      const auto normal = face_values.normal_vector(q);
      for (unsigned int i = 0; i < n; ++i)
        for (unsigned int j = 0; j < n; ++j)
        {
          const unsigned int ci = element.system_to_component_index(i).first,
                             cj = element.system_to_component_index(j).first;
          const double nn = normal[ci] * normal[cj];
          const double k = spring->second.normal * nn + spring->second.tangential * ((ci == cj ? 1. : 0.) - nn);
          cell_matrix[i * n + j] +=
              k * face_values.shape_value(i, q) * face_values.shape_value(j, q) * face_values.JxW(q);
        }
    }
  }
}

template <int dim>
void AssembledSolver<dim>::assemble(const Moduli &moduli)
{
  using namespace dealii;
  LODESTONE_PETSC(MatZeroEntries(matrix_));
  FEValues<dim> values(space_.mapping(), space_.element(), space_.cell_quadrature(),
                       update_gradients | update_JxW_values);
  FEFaceValues<dim> face_values(space_.mapping(), space_.element(), space_.face_quadrature(),
                                update_values | update_normal_vectors | update_JxW_values);
  const unsigned int n = space_.element().n_dofs_per_cell();
  std::vector<double> s_lambda, s_mu, cell_matrix(n * n);
  std::vector<global_dof_index> dofs(n);
  double diagonal_sum = 0;
  MatrixSum sum(matrix_);
  for (const auto &cell : space_.dof_handler().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      values.reinit(cell);
      if (values.get_cell_similarity() != CellSimilarity::translation) // the matrices are those of the cell before
        cell_matrices(values, s_lambda, s_mu);
      const auto c = cell->global_active_cell_index();
      for (unsigned int k = 0; k < n * n; ++k)
        cell_matrix[k] = moduli.lambda[c] * s_lambda[k] + moduli.mu[c] * s_mu[k];
      if (cell->at_boundary() && !boundary_conditions_.springs().empty())
        assemble_springs(cell_matrix, cell, face_values);
      for (unsigned int i = 0; i < n; ++i)
        diagonal_sum += cell_matrix[i * n + i] / n;
      cell->get_dof_indices(dofs);
      add_condensed(cell_matrix, dofs, sum);
    }
  const MPI_Comm comm = space_.mesh().communicator();
  const double diagonal =
      Utilities::MPI::sum(diagonal_sum, comm) / space_.mesh().triangulation().n_global_active_cells();
  if (!std::isfinite(diagonal) || diagonal <= 0)
    broken_ = "the moduli are not finite and positive";
  for (const auto i : space_.dof_handler().locally_owned_dofs())
    if (boundary_conditions_.constraints().is_constrained(i))
      sum.add({PetscInt(i)}, {diagonal});
  sum.finish();
  LODESTONE_PETSC(MatSetOption(matrix_, MAT_SPD, PETSC_TRUE));
}

template <int dim>
void AssembledSolver<dim>::add_condensed(const std::vector<double> &cell_matrix,
                                         const std::vector<global_dof_index> &dofs, MatrixSum &sum)
{
  const auto &constraints = boundary_conditions_.constraints();
  const unsigned int n = dofs.size();
  bool constrained = false;
  for (const auto i : dofs)
    constrained = constrained || constraints.is_constrained(i);
  if (!constrained)
  {
    sum.add({dofs.begin(), dofs.end()}, cell_matrix);
    return;
  }
  // This is C^T K C, where each row of C holds the masters of one of the cell's entries.
  std::vector<PetscInt> masters;
  std::vector<std::vector<std::pair<unsigned int, double>>> rows(n);
  const auto position = [&](const global_dof_index i) {
    const auto it = std::find(masters.begin(), masters.end(), PetscInt(i));
    if (it != masters.end())
      return static_cast<unsigned int>(it - masters.begin());
    masters.push_back(i);
    return static_cast<unsigned int>(masters.size() - 1);
  };
  for (unsigned int i = 0; i < n; ++i)
    if (!constraints.is_constrained(dofs[i]))
      rows[i].emplace_back(position(dofs[i]), 1.);
    else if (const auto *entries = constraints.get_constraint_entries(dofs[i]))
      for (const auto &[master, weight] : *entries)
        rows[i].emplace_back(position(master), weight);
  const unsigned int m = masters.size();
  std::vector<double> condensed(m * m, 0.);
  for (unsigned int i = 0; i < n; ++i)
    for (const auto &[a, weight_a] : rows[i])
      for (unsigned int j = 0; j < n; ++j)
        for (const auto &[b, weight_b] : rows[j])
          condensed[a * m + b] += weight_a * weight_b * cell_matrix[i * n + j];
  sum.add(masters, condensed);
}

template <int dim>
void AssembledSolver<dim>::read_mumps_error()
{
  PC preconditioner;
  LODESTONE_PETSC(KSPGetPC(ksp_, &preconditioner));
  if (on_first_rank_)
  {
    mumps_error_ = mumps_error_of_serial_cholesky(preconditioner);
    return;
  }
  Mat factor;
  LODESTONE_PETSC(PCFactorGetMatrix(preconditioner, &factor));
  LODESTONE_PETSC(MatMumpsGetInfog(factor, 1, &mumps_error_));
}

template <int dim>
bool AssembledSolver<dim>::mumps_found_no_memory() const
{
  return mumps_error_ == -7 || mumps_error_ == -13; // for integers, for numbers (MUMPS 5.5 guide, section 8)
}

template <int dim>
bool AssembledSolver<dim>::enlarge_workspace()
{
  read_mumps_error();
  const PetscInt error = mumps_error_;
  if (error != -8 && error != -9 && error != -14 &&
      error != -17) // the workspace or the buffers are too small (MUMPS 5.5 guide, section 8)
    return false;
  LODESTONE_PETSC(PetscOptionsSetValue(nullptr, ("-" + prefix_ + "mat_mumps_icntl_14").c_str(), "400"));
  LODESTONE_PETSC(KSPReset(ksp_)); // the analysis has to be repeated too
  if (on_first_rank_)
  {
    PC preconditioner;
    LODESTONE_PETSC(KSPGetPC(ksp_, &preconditioner));
    LODESTONE_PETSC(PCSetType(preconditioner, PCNONE)); // this forgets the factors
    make_serial_cholesky(preconditioner, CholeskyOn::first_rank, prefix_);
  }
  LODESTONE_PETSC(KSPSetOperators(ksp_, matrix_, matrix_));
  return true;
}

template <int dim>
SolveReport AssembledSolver<dim>::solve(const DistributedVector &b, DistributedVector &x, const double tolerance)
{
  const WorkingPart part = working_part();
  SolveReport report;
  dealii::Timer timer(space_.mesh().communicator(), true);
  if (!broken_.empty())
  {
    report.converged = false;
    report.reason = broken_;
    return report;
  }
  const double magnitude = b.linfty_norm();
  if (magnitude == 0)
  {
    x = 0;
    return report;
  }
  if (!std::isfinite(magnitude))
  {
    report.converged = false;
    report.reason = "the right-hand side is not finite";
    return report;
  }
  // The scale is a power of two, so that scaling does not round.
  const double scale = std::exp2(std::floor(std::log2(magnitude)));
  copy_in(b, scale, b_);
  copy_in(x, scale, x_);
  if (!tolerance_is_option_)
    LODESTONE_PETSC(KSPSetTolerances(ksp_, tolerance, PETSC_DEFAULT, PETSC_DEFAULT, PETSC_DEFAULT));
  (void)preconditioner();
  KSPConvergedReason why;
  solve_interruptibly(ksp_, b_, x_);
  LODESTONE_PETSC(KSPGetConvergedReason(ksp_, &why));
  if (method_ == Method::direct && why == KSP_DIVERGED_PC_FAILED && enlarge_workspace())
  {
    solve_interruptibly(ksp_, b_, x_);
    LODESTONE_PETSC(KSPGetConvergedReason(ksp_, &why));
    if (why == KSP_DIVERGED_PC_FAILED)
      read_mumps_error();
  }
  fill_report(why, tolerance, report);
  copy_out(x_, scale, x);
  report.seconds = timer.wall_time();
  return report;
}

template <int dim>
void AssembledSolver<dim>::fill_report(const KSPConvergedReason why, const double tolerance, SolveReport &report)
{
  PetscInt iterations;
  PetscReal residual, norm;
  LODESTONE_PETSC(KSPGetIterationNumber(ksp_, &iterations));
  LODESTONE_PETSC(KSPGetResidualNorm(ksp_, &residual));
  LODESTONE_PETSC(VecNorm(b_, NORM_2, &norm));
  report.converged = why > 0;
  report.iterations = iterations;
  report.relative_residual = method_ == Method::amg ? residual / norm : 0;
  if (why == KSP_DIVERGED_NANORINF) // PETSc keeps the last finite residual
    report.relative_residual = std::nan("");
  if (method_ == Method::amg)
    report.operator_applications = 1 + iterations * (1 + applications_of_cycle());
  if (report.converged)
    return;
  if (method_ == Method::amg)
    this->explain_failure(report, tolerance, parameters_,
                          why == KSP_DIVERGED_ITS || why == KSP_DIVERGED_NANORINF ? ""
                          : why == KSP_DIVERGED_INDEFINITE_PC ? "the multigrid cycle is not positive definite"
                                                              : KSPConvergedReasons[why]);
  else if (mumps_found_no_memory())
  {
    report.reason = out_of_memory_text();
    report.reason.pop_back(); // what reports it ends the sentence
  }
  else
    report.reason = std::string("the factorisation failed (") + KSPConvergedReasons[why] + ")" +
                    (mumps_error_ != 0 ? ", MUMPS error " + std::to_string(mumps_error_) : "");
}

template <int dim>
double AssembledSolver<dim>::applications_of_cycle() const
{
  // A level makes Chebyshev steps before the coarser level (from zero, so with one product less), the residual, and as
  // many steps after it. PETSc's default is two steps.
  const double products_a_level = 2 * (smoothing_ == Smoothing::bounded ? bounded_steps : 2);
  PC preconditioner;
  PetscReal nonzeros_of_all_levels = 1, unused;
  LODESTONE_PETSC(KSPGetPC(ksp_, &preconditioner));
  LODESTONE_PETSC(PCMGGetGridComplexity(preconditioner, &unused, &nonzeros_of_all_levels));
  return products_a_level * nonzeros_of_all_levels;
}

template <int dim>
void AssembledSolver<dim>::precondition(const DistributedVector &b, DistributedVector &x)
{
  if (!broken_.empty())
    throw SolverError(broken_);
  const WorkingPart part = working_part();
  copy_in(b, 1, b_);
  PC map = preconditioner();
  LODESTONE_PETSC(PCApply(map, b_, x_));
  PCFailedReason failure;
  LODESTONE_PETSC(PCGetFailedReason(map, &failure));
  if (method_ == Method::direct && failure != PC_NOERROR)
  {
    read_mumps_error();
    if (mumps_found_no_memory())
      throw std::bad_alloc();
  }
  copy_out(x_, 1, x);
}

template class AssembledSolver<2>;
template class AssembledSolver<3>;

} // namespace lodestone
