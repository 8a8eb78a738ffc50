#include <lodestone/app/comparison_problem.h>
#include <lodestone/discretization/cell_averaging.h>
#include <lodestone/forward/make_surroundings.h>

namespace lodestone
{

namespace
{
/// Harmonic means of lambda + 2 mu and of mu over the cells of the finer mesh.
template <int dim>
Moduli harmonic_means(const Moduli &fine, const Mesh<dim> &fine_mesh, const Mesh<dim> &coarse_mesh)
{
  const CellAveraging<dim> averaging(fine_mesh, coarse_mesh);
  Moduli compliance = fine; // 1 / (lambda + 2 mu) and 1 / mu
  for (unsigned int c = 0; c < fine.mu.locally_owned_size(); ++c)
  {
    const double lambda = fine.lambda.local_element(c), mu = fine.mu.local_element(c);
    compliance.lambda.local_element(c) = 1 / (lambda + 2 * mu);
    compliance.mu.local_element(c) = 1 / mu;
  }
  Moduli coarse{coarse_mesh.make_cell_field(), coarse_mesh.make_cell_field()};
  averaging.average(compliance.lambda, coarse.lambda);
  averaging.average(compliance.mu, coarse.mu);
  for (unsigned int c = 0; c < coarse.mu.locally_owned_size(); ++c)
  {
    const double mu = 1 / coarse.mu.local_element(c);
    coarse.lambda.local_element(c) = 1 / coarse.lambda.local_element(c) - 2 * mu;
    coarse.mu.local_element(c) = mu;
  }
  return coarse;
}
} // namespace

template <int dim>
ComparisonProblem<dim>::ComparisonProblem(const Problem<dim> &problem, std::unique_ptr<Mesh<dim>> coarser,
                                          const unsigned int degree)
    : problem_(problem), coarser_(std::move(coarser))
{
  const Mesh<dim> &mesh = coarser_ ? *coarser_ : problem.mesh();
  const RunParameters<dim> &parameters = problem.parameters();
  const Moduli &moduli = problem.forward().moduli();
  Log silent = Log::silent(mesh.communicator());
  space_ = std::make_unique<DisplacementSpace<dim>>(mesh, degree);
  const PointLocator<dim> locator(*space_);
  parametrization_ =
      std::make_unique<Parametrization<dim>>(mesh, coarser_ ? harmonic_means(moduli, problem.mesh(), mesh) : moduli);
  boundary_conditions_ = std::make_unique<BoundaryConditions<dim>>(*space_, parameters.boundary_conditions);
  const Surroundings<dim> around = surroundings(*parametrization_, *boundary_conditions_);
  std::vector<std::vector<LoadVector<dim>>> loads;
  for (unsigned int s = 0; s < parameters.load_cases.size(); ++s)
    loads.push_back(assemble_loads<dim>(*space_, locator, problem.load_list(s), silent, "", &around));
  LinearSolver::Parameters solver = parameters.solver;
  solver.solves_per_model = loads.size();
  solver.warm_start_vectors = 0;
  forward_ = std::make_unique<ElasticForwardSolver<dim>>(*space_, *boundary_conditions_, *parametrization_,
                                                         std::move(loads), solver);
  for (unsigned int s = 0; s < parameters.load_cases.size(); ++s)
  {
    observations_.push_back(std::make_unique<ObservationOperator<dim>>(*space_, locator, problem.data_sets(s),
                                                                       incident_fields(forward_->loads(s))));
    states_.push_back(forward_->make_state(s));
  }
  m_ = parametrization_->make_vector();
  m_.values().update_ghost_values();
  forward_->linearize_at(m_);
}

template <int dim>
SolveReport ComparisonProblem<dim>::solve()
{
  SolveReport report;
  for (unsigned int s = 0; s < states_.size() && report.converged; ++s)
  {
    states_[s].affine = 1;
    states_[s].load_factors = problem_.objective().state(s).load_factors;
    report += forward_->solve(s, states_[s]);
  }
  return report;
}

template class ComparisonProblem<2>;
template class ComparisonProblem<3>;

} // namespace lodestone
