#include <lodestone/base/memory.h>
#include <lodestone/base/stop_request.h>
#include <lodestone/solver/multigrid/multigrid_solver.h>

#include <deal.II/base/timer.h>
#include <deal.II/lac/solver_cg.h>

namespace lodestone
{

namespace
{
// If a solve takes so many iterations, and twice as many as at the model of the last estimate, eigenvalues are
// estimated anew.
constexpr unsigned int suspicious_iterations = 50;
// A solve that has gained less than a digit in so many iterations is given up, whatever `Maximum iterations` allows.
constexpr unsigned int hopeless_iterations = 500;
constexpr double hopeless_residual = 0.1;
} // namespace

template <int dim>
MultigridSolver<dim>::MultigridSolver(const DisplacementSpace<dim> &space,
                                      const BoundaryConditions<dim> &boundary_conditions,
                                      StiffnessOperator<dim, double> &stiffness, const Parameters &parameters,
                                      const typename GeometricMultigrid<dim>::Parameters &multigrid)
    : stiffness_(stiffness), parameters_(parameters), multigrid_(space, boundary_conditions, multigrid),
      comm_(space.mesh().communicator())
{
  stiffness_.initialize_vector(x_);
  stiffness_.initialize_vector(b_);
}

template <int dim>
std::string MultigridSolver<dim>::describe() const
{
  return "conjugate gradients, matrix-free, with geometric multigrid (" + multigrid_.describe() + ")";
}

template <int dim>
void MultigridSolver<dim>::renew(const Moduli &moduli)
{
  const WorkingPart part("the multigrid hierarchy");
  bool usable = true;
  for (unsigned int i = 0; i < moduli.mu.locally_owned_size(); ++i)
  {
    const double mu = moduli.mu.local_element(i), bulk = moduli.lambda.local_element(i) + 2. / 3 * mu;
    usable = usable && std::isfinite(mu) && std::isfinite(bulk) && mu > 0 && bulk > 0;
  }
  usable = dealii::Utilities::MPI::min(int(usable), comm_) != 0;
  broken_ = usable ? "" : "the moduli are not finite and positive";
  if (!usable)
    return;
  stiffness_.renew(moduli, 1);
  multigrid_.renew(moduli);
  if (!multigrid_.reuses_estimates())
    usual_iterations_ = 0;
}

template <int dim>
void MultigridSolver<dim>::add_to(RankState &state, const std::string &name) const
{
  multigrid_.add_to(state, name);
  state[name + "_usual_iterations"] = {double(usual_iterations_)};
}

template <int dim>
void MultigridSolver<dim>::take_from(const RankState &state, const std::string &name, const Moduli &moduli)
{
  const auto usual = state.find(name + "_usual_iterations");
  if (usual == state.end() || !broken_.empty())
    return;
  multigrid_.take_from(state, name, moduli);
  usual_iterations_ = static_cast<unsigned int>(usual->second.at(0));
}

template <int dim>
std::string MultigridSolver<dim>::iterate(const double target, const double norm, const unsigned int limit,
                                          SolveReport &report)
{
  // Eigenvalues that were not estimated anew may be too small, and then the smoother amplifies what it should damp.
  const unsigned int many = std::max(suspicious_iterations, 2 * usual_iterations_);
  const bool reuses = multigrid_.reuses_estimates();
  dealii::SolverControl control(reuses ? std::min(many, limit) : limit, target, false, false);
  dealii::SolverCG<DistributedVector> cg(control);
  // Both numbers are positive as long as matrix and cycle are positive definite.
  bool definite = true;
  cg.connect_coefficients_slot(
      [&](const double alpha, const double beta) { definite = definite && alpha > 0 && beta > 0; });
  SafePoints points(comm_);
  cg.connect([&](const unsigned int iteration, const double residual, const DistributedVector &) {
    points.pass();
    if (progress_)
      progress_(report.iterations + iteration, residual / norm);
    const bool hopeless = iteration >= hopeless_iterations && residual > hopeless_residual * norm;
    return definite && !hopeless ? dealii::SolverControl::success
                                 : dealii::SolverControl::failure; // otherwise the control's own check decides
  });
  report.converged = true;
  try
  {
    cg.solve(stiffness_, x_, b_, multigrid_);
  }
  catch (const dealii::SolverControl::NoConvergence &)
  {
    report.converged = false;
  }
  report.iterations += control.last_step();
  if (!reuses)
    usual_iterations_ = std::max(usual_iterations_, control.last_step());
  report.relative_residual = control.last_value() / norm;
  if (!report.converged && reuses && control.last_step() < limit)
  {
    multigrid_.estimate_anew();
    if (!definite || !std::isfinite(x_.l2_norm()))
      x_ = 0;
    return iterate(target, norm, limit - control.last_step(), report);
  }
  return definite || !std::isfinite(report.relative_residual) ? "" : "the multigrid cycle is not positive definite";
}

template <int dim>
SolveReport MultigridSolver<dim>::solve(const DistributedVector &b, DistributedVector &x, const double tolerance)
{
  const WorkingPart part("the multigrid hierarchy");
  SolveReport report;
  dealii::Timer timer(comm_, true);
  const double magnitude = b.linfty_norm();
  if (magnitude == 0)
  {
    x = 0;
    return report;
  }
  if (!broken_.empty() || !std::isfinite(magnitude))
  {
    report.converged = false;
    report.reason = broken_.empty() ? "the right-hand side is not finite" : broken_;
    return report;
  }
  // The scale is a power of two, so that scaling does not round.
  const double scale = std::exp2(std::floor(std::log2(magnitude)));
  b_.copy_locally_owned_data_from(b);
  b_ *= 1 / scale;
  x_.copy_locally_owned_data_from(x);
  x_ *= 1 / scale;

  // If there is no guess, the hierarchy makes one.
  const bool guess = x_.linfty_norm() != 0;
  if (!guess)
    multigrid_.full_cycle(x_, b_);
  report.operator_applications = 1 + (guess ? 0 : multigrid_.operator_applications_of_full_cycle());

  const double norm = b_.l2_norm();
  const std::string breakdown = iterate(tolerance * norm, norm, parameters_.maximum_iterations, report);
  report.operator_applications += report.iterations * (1 + multigrid_.operator_applications());
  if (!report.converged)
    this->explain_failure(report, tolerance, parameters_, breakdown);
  x.copy_locally_owned_data_from(x_);
  x *= scale;
  report.seconds = timer.wall_time();
  return report;
}

template class MultigridSolver<2>;
template class MultigridSolver<3>;

} // namespace lodestone
