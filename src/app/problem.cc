#include <lodestone/app/problem.h>
#include <lodestone/app/problem_notes.h>
#include <lodestone/base/deck_path.h>
#include <lodestone/base/error.h>
#include <lodestone/base/formula.h>
#include <lodestone/base/memory.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/stop_request.h>
#include <lodestone/base/units.h>
#include <lodestone/forward/load_check.h>
#include <lodestone/forward/make_surroundings.h>
#include <lodestone/io/checkpoint.h>
#include <lodestone/observation/data_format.h>
#include <lodestone/observation/data_report.h>
#include <lodestone/observation/gaussian_misfit.h>
#include <lodestone/observation/robust_misfit.h>
#include <lodestone/prior/make_prior.h>
#include <lodestone/prior/prior_fields.h>
#include <lodestone/solver/make_linear_solver.h>
#include <lodestone/solver/multigrid/geometric_multigrid.h>

#include <algorithm>

namespace lodestone
{

namespace
{
std::optional<GeographicProjection> make_projection(const std::string &origin)
{
  if (origin.empty())
    return {};
  const auto parts = split_list(origin);
  if (parts.size() != 2)
    throw InputError("Geographic origin", "'" + origin + "' is not two numbers",
                     "Give longitude, latitude in degrees: -164.6, 54.6");
  return GeographicProjection(parse_quantity(parts[0], Quantity::angle, "Geographic origin"),
                              parse_quantity(parts[1], Quantity::angle, "Geographic origin"));
}

/// Shows how a long solve proceeds.
LinearSolver::Progress show_progress(Log &log)
{
  return [&log](const unsigned int iteration, const double residual) {
    log.progress("  solving: iteration " + std::to_string(iteration) + ", residual " + scientific(residual, 1));
  };
}

/// Warns of points where a load makes the displacement jump, such as stations on the trace of a fault.
template <int dim>
void warn_of_jumps(const DataSet &set, const std::vector<LoadVector<dim>> &loads, const double surface, Log &log)
{
  const auto points = mesh_points<dim>(set, surface);
  for (const auto &load : loads)
    if (load.incident)
    {
      const auto jumps = [&](const auto &p) { return load.incident->field->jumps_at(p); };
      const auto first = std::find_if(points.begin(), points.end(), jumps);
      if (first == points.end())
        continue;
      const auto n = std::count_if(points.begin(), points.end(), jumps);
      log.warning(
          set.location(first - points.begin()) + ": the point " + point_text<dim>(*first) +
          (n > 1 ? " and " + std::to_string(n - 1) + " more of data set " + set.name + " lie" : " lies") +
          " on the plane of " + load.name +
          ", where the displacement jumps; the mean of both sides is predicted. Move such points off the plane.");
    }
}

/// Warns of a model that probably takes more memory than there is.
template <int dim>
void warn_of_memory(const DisplacementSpace<dim> &space, const LinearSolver::Parameters &parameters, Log &log)
{
  using Method = SolverChoice::Method;
  const Method method =
      choose_linear_solver(parameters, dim, space.n_dofs(), GeometricMultigrid<dim>::applies_to(space)).method;
  const double per_unknown = method == Method::direct ? memory_per_unknown::factorisation(dim)
                             : method == Method::amg  ? memory_per_unknown::algebraic_multigrid
                                                      : memory_per_unknown::multigrid;
  const double needed = per_unknown * space.n_dofs(), memory = memory_of_all_ranks(space.mesh().communicator());
  if (needed > memory)
    log.warning("a run with so many unknowns takes about " + gigabytes(needed) +
                " of memory with this solver, and all ranks together may take " + gigabytes(memory) +
                ". Use more ranks on more machines, or a coarser mesh" +
                (method == Method::direct ? ", or Solver/Method = multigrid" : ""));
}

template <int dim>
unsigned int count_estimated(const std::vector<std::vector<LoadVector<dim>>> &load_cases)
{
  unsigned int n = 0;
  for (const auto &loads : load_cases)
    n += std::count_if(loads.begin(), loads.end(), [](const auto &load) { return load.estimated; });
  return n;
}
} // namespace

template <int dim>
Problem<dim>::Problem(const RunParameters<dim> &parameters, const std::string &deck_directory, MPI_Comm comm, Log &log)
    : parameters_(parameters)
{
  read_input(deck_directory, comm);
  check_names_and_formulas(comm);
  make_mesh(comm, log);
  make_parts(nullptr, log);
}

template <int dim>
Problem<dim>::Problem(const Problem &other, std::unique_ptr<Mesh<dim>> mesh)
    : parameters_(other.parameters_), input_(other.input_), data_sets_(other.data_sets_), mesh_(std::move(mesh))
{
}

template <int dim>
std::unique_ptr<Problem<dim>> Problem<dim>::on_coarser_mesh(const Problem &finer, std::unique_ptr<Mesh<dim>> mesh,
                                                            Log &log)
{
  std::unique_ptr<Problem> coarser(new Problem(finer, std::move(mesh)));
  coarser->make_parts(nullptr, log);
  return coarser;
}

template <int dim>
Problem<dim>::Problem(const Problem &coarser, std::unique_ptr<Mesh<dim>> mesh, Log &log)
    : Problem(coarser, std::move(mesh))
{
  make_parts(&coarser.parametrization_->cells(), log);
  objective_->begin_ledger_with(coarser.objective_->ledger());
}

template <int dim>
void Problem<dim>::make_parts(const ParameterCells<dim> *const of_coarser, Log &log)
{
  const MPI_Comm comm = mesh_->communicator();
  const auto pass_safe_point = [comm] { SafePoints(comm).pass(); };
  make_space(log);
  pass_safe_point();
  make_parametrization(of_coarser, log);
  pass_safe_point();
  make_forward(log);
  pass_safe_point();
  make_misfits(log);
  pass_safe_point();
  make_objective();
}

template <int dim>
void Problem<dim>::read_input(const std::string &deck_directory, MPI_Comm comm)
{
  const WorkingPart part("the data and the tables of the loads");
  const auto input = std::make_shared<Input>(Input{deck_directory, make_projection(parameters_.origin), {}});
  const GeographicProjection *const projection = input->projection ? &*input->projection : nullptr;
  const DataContext context{deck_directory, projection, comm, dim};
  for (const auto &load_case : parameters_.load_cases)
  {
    data_sets_.emplace_back();
    for (const auto &data_set : load_case.data_sets)
    {
      data_sets_.back().push_back(read_data_set(data_set, context));
      check_noise(data_sets_.back().back(), comm);
    }
  }
  for (const auto &load_case : parameters_.load_cases)
    input->loads.push_back(make_loads<dim>(load_case.loads, {deck_directory, projection, comm, load_case.has_rates()}));
  input_ = input;
}

template <int dim>
void Problem<dim>::check_names_and_formulas(MPI_Comm comm) const
{
  const MeshNames names = mesh_names<dim>(parameters_.mesh, comm);
  parameters_.boundary_conditions.check(names);
  parameters_.material.check(names, input_->deck_directory, comm);
  check_prior<dim>(parameters_.prior, names, input_->deck_directory, comm);
  if (parameters_.material.has_unknowns())
    parameters_.prior.check_fields(UnknownFields(parameters_.material).fields.size());
  if (parameters_.material.cells.differ() && parameters_.prior.field_correlation(2) != 0)
    throw InputError("Prior/Field correlation", "it is given, but one field has zones and the other has cells",
                     "Set it to 0, or give both fields the same Material/Parameter cells.");
  for (const auto &loads : input_->loads)
    for (const auto &load : loads)
      load->check_names(names);
}

template <int dim>
void Problem<dim>::make_mesh(MPI_Comm comm, Log &log)
{
  const WorkingPart part("the mesh");
  mesh_ = std::make_unique<Mesh<dim>>(parameters_.mesh, comm);
  std::vector<dealii::Point<dim>> observation_points, sources;
  for (const auto &sets : data_sets_)
    for (const auto &set : sets)
      for (const auto &p : mesh_points<dim>(set, mesh_->surface_elevation()))
        observation_points.push_back(p);
  for (const auto &loads : input_->loads)
    for (const auto &p : source_points<dim>(loads, mesh_->smallest_cell_size()))
      sources.push_back(p);
  warn_of_extents(parameters_.mesh, *mesh_, observation_points, sources, log);
  mesh_->refine(observation_points, sources);
}

template <int dim>
void Problem<dim>::make_space(Log &log)
{
  const WorkingPart part("the displacement space");
  space_ = std::make_unique<DisplacementSpace<dim>>(*mesh_, parameters_.element_degree);
  locator_ = std::make_unique<PointLocator<dim>>(*space_);

  log.line("mesh: " + describe_mesh());
  if (const auto surfaces = mesh_->interior_surface_names(); !surfaces.empty())
    log.line("mesh: between cells, so no boundary: " + join({surfaces.begin(), surfaces.end()}));
  remember_unknowns(space_->n_dofs());
  warn_of_memory(*space_, parameters_.solver, log);
}

template <int dim>
std::string Problem<dim>::describe_mesh() const
{
  const auto n_cells = mesh_->triangulation().n_global_active_cells();
  std::string extents;
  const dealii::Tensor<1, dim> smallest = mesh_->smallest_cell_extents();
  for (unsigned int d = 0; d < dim; ++d)
    extents += (d > 0 ? " x " : "") + significant(smallest[d], 4);
  return counted(n_cells, "cell") + ", smallest " + extents + " m, " +
         counted(space_->n_dofs(), "displacement unknown") + " (Q" + std::to_string(parameters_.element_degree) +
         "), " + counted(dealii::Utilities::MPI::n_mpi_processes(mesh_->communicator()), "rank");
}

template <int dim>
void Problem<dim>::make_parametrization(const ParameterCells<dim> *const of_coarser, Log &log)
{
  const WorkingPart part("the material");
  if (of_coarser != nullptr)
  {
    parametrization_ =
        std::make_unique<Parametrization<dim>>(*mesh_, parameters_.material, input_->deck_directory, *of_coarser, log);
    return;
  }
  CellField held = mesh_->make_cell_field();
  for (const auto &loads : input_->loads)
    held += cells_near_sources<dim>(*mesh_, loads);
  held.update_ghost_values();
  const double n_held = held.l1_norm();
  parametrization_ =
      std::make_unique<Parametrization<dim>>(*mesh_, parameters_.material, input_->deck_directory, held, log);
  if (n_held > 0 && parametrization_->cells().n() > 0)
    log.line("stiffness near sources is held at the background ('Hold stiffness near source')");
}

template <int dim>
void Problem<dim>::make_forward(Log &log)
{
  const WorkingPart part("the boundary conditions and the loads");
  boundary_conditions_ = std::make_unique<BoundaryConditions<dim>>(*space_, parameters_.boundary_conditions);
  log.line("boundary conditions: " + boundary_conditions_->describe());

  const Surroundings<dim> around = surroundings(*parametrization_, *boundary_conditions_);
  std::vector<std::vector<LoadVector<dim>>> vectors;
  for (unsigned int s = 0; s < parameters_.load_cases.size(); ++s)
  {
    const LoadCaseParameters<dim> &load_case = parameters_.load_cases[s];
    log.line("load case " + load_case.name +
             (load_case.has_rates()
                  ? ": its data are rates, so everything in it is a rate, displacements in m/yr, forces in N/yr"
                  : ""));
    vectors.push_back(assemble_loads<dim>(*space_, *locator_, load_list(s), log, load_case.rate_suffix(), &around));
    for (unsigned int l = 0; l < vectors[s].size(); ++l)
      check_meets_no_support(*load_list(s)[l], vectors[s][l], *boundary_conditions_);
  }
  LinearSolver::Parameters solver = parameters_.solver;
  solver.solves_per_model = parameters_.inversion.expected_solves(parameters_.material.has_unknowns(), vectors.size(),
                                                                  count_estimated(vectors));
  const WorkingPart solver_part("the operators and the solver");
  forward_ = std::make_unique<ElasticForwardSolver<dim>>(*space_, *boundary_conditions_, *parametrization_,
                                                         std::move(vectors), solver);
  log.line("solver: " + forward_->describe());
  report_to(log);
}

template <int dim>
void Problem<dim>::report_to(Log &log)
{
  forward_->on_notice([&log](const std::string &sentence) { log.warning(sentence); });
  forward_->on_progress(show_progress(log));
}

template <int dim>
void Problem<dim>::make_misfits(Log &log)
{
  const WorkingPart part("the observation operators and the covariance of the data");
  for (unsigned int s = 0; s < data_sets_.size(); ++s)
  {
    const std::string of_case =
        data_sets_.size() > 1 ? "load case " + parameters_.load_cases[s].name + ", data set " : "data set ";
    for (auto &set : data_sets_[s])
    {
      const unsigned int n_points = set.n_rows();
      const auto outside = drop_outside_points<dim>(set, *space_, *locator_);
      log.line(of_case + describe(set, outside.size(), n_points));
      log.line("  " + sign_statement(set));
    }
    for (const auto &set : data_sets_[s])
      warn_of_jumps(set, loads(s), mesh_->surface_elevation(), log);
    observations_.push_back(
        std::make_unique<ObservationOperator<dim>>(*space_, *locator_, data_sets_[s], incident_fields(loads(s))));
    misfits_.push_back(make_misfit(s));
  }
}

template <int dim>
std::unique_ptr<Misfit> Problem<dim>::make_misfit(const unsigned int s) const
{
  std::vector<StrengthPrior> priors;
  for (const auto &load : loads(s))
    if (load.estimated)
      priors.push_back({load.name, load.prior_mean, load.prior_sigma});
  const auto &sets = data_sets_[s];
  if (std::any_of(sets.begin(), sets.end(), [](const DataSet &set) { return set.loss.is_robust(); }))
    return std::make_unique<RobustMisfit>(sets, priors, mesh_->communicator());
  return std::make_unique<GaussianMisfit>(sets, priors, mesh_->communicator());
}

template <int dim>
void Problem<dim>::set_noise(const std::vector<std::vector<NoiseModel>> &noise)
{
  misfits_.clear();
  for (unsigned int s = 0; s < data_sets_.size(); ++s)
  {
    for (unsigned int k = 0; k < data_sets_[s].size(); ++k)
      data_sets_[s][k].change_noise(noise[s][k]);
    misfits_.push_back(make_misfit(s));
  }
  const CostLedger ledger = objective_->ledger();
  make_objective();
  objective_->begin_ledger_with(ledger);
}

template <int dim>
void Problem<dim>::make_objective()
{
  const WorkingPart part("the prior");
  const auto &cells = parametrization_->cells();
  const auto layout = parametrization_->layout();
  volume_weights_ = cells.volumes(*layout);
  if (volume_weights_.size() > 0)
    volume_weights_ *= volume_weights_.size() / volume_weights_.l1_norm();
  ParameterVector mean(layout);
  const auto mean_file = parameters_.prior.mean_file();
  if (mean_file)
    read_unknowns(cells, path_from_deck(*mean_file, input_->deck_directory), "Prior/Mean", mean);
  prior_ = make_prior<dim>(parameters_.prior, cells, layout, input_->deck_directory, mean_file ? &mean : nullptr);

  std::vector<ReducedObjective::LoadCase> load_cases;
  for (unsigned int s = 0; s < parameters_.load_cases.size(); ++s)
  {
    ReducedObjective::LoadCase load_case;
    load_case.name = parameters_.load_cases[s].name;
    load_case.observation = observations_[s].get();
    load_case.misfit = misfits_[s].get();
    for (unsigned int l = 0; l < loads(s).size(); ++l)
    {
      load_case.strengths.push_back(loads(s)[l].strength);
      if (loads(s)[l].estimated)
        load_case.estimated_loads.push_back(l);
    }
    load_cases.push_back(load_case);
  }
  objective_ = std::make_unique<ReducedObjective>(*forward_, std::move(load_cases), prior_.get());
}

template class Problem<2>;
template class Problem<3>;

} // namespace lodestone
