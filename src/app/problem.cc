#include <lodestone/app/problem.h>
#include <lodestone/base/error.h>
#include <lodestone/base/formula.h>
#include <lodestone/base/units.h>
#include <lodestone/forward/finite_depth.h>
#include <lodestone/loads/load_spread.h>
#include <lodestone/material/unknown_fields.h>
#include <lodestone/observation/data_report.h>
#include <lodestone/observation/station_grid.h>
#include <lodestone/prior/make_prior.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

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
/// Solves between two models: one for each load of unknown strength, two a load case for a gradient, two more for each Hessian
/// action of a Newton step, ten as a rule.
template <int dim>
unsigned int expected_solves(const RunParameters<dim> &parameters,
                             const std::vector<std::vector<LoadVector<dim>>> &load_cases)
{
  const unsigned int per_load_case = parameters.material.unknowns == "none"       ? 1
                                     : parameters.inversion.optimizer.is_newton() ? 22
                                                                                  : 2;
  unsigned int sum = 0;
  for (const auto &loads : load_cases)
    sum += per_load_case + std::count_if(loads.begin(), loads.end(), [](const auto &load) { return load.estimated; });
  return sum;
}
/// Collective. @throws InputError for a load that pushes nothing but boundaries whose displacement is given, so that nothing moves
template <int dim>
void check_meets_no_support(const Load<dim> &load, const LoadVector<dim> &vector,
                            const BoundaryConditions<dim> &boundary_conditions)
{
  constexpr double rounding = 1e-12; // of normals
  const double largest = vector.fixed.linfty_norm();
  if (largest == 0) // 0 as given, or a load that depends on the stiffness
    return;
  DistributedVector free = vector.fixed;
  boundary_conditions.move_to_free_components(free);
  boundary_conditions.constraints().set_zero(free);
  if (free.linfty_norm() <= rounding * largest)
    throw InputError(
        load.where(), "the load has no effect: it pushes only in directions in which the displacement is given",
        "Take the boundary out of Fixed, Rollers or Prescribed displacement, or let the load act on another one.");
}
} // namespace

template <int dim>
Problem<dim>::Problem(const RunParameters<dim> &parameters, const std::string &deck_directory, MPI_Comm comm, Log &log)
    : parameters_(parameters), projection_(make_projection(parameters.origin))
{
  read_data_sets(deck_directory, comm, log);
  for (unsigned int s = 0; s < parameters_.load_cases.size(); ++s)
    loads_.push_back(
        make_loads<dim>(parameters_.load_cases[s].loads,
                        {deck_directory, projection_ ? &*projection_ : nullptr, comm, !rate_suffix(s).empty()}));
  check_names_and_formulas(deck_directory, comm);
  make_mesh(comm, log);
  make_forward(deck_directory, log);
  make_misfits(log);
  make_objective();
  warn_when_only_ratios_are_recoverable(log);
  announce_finite_depth(log);
}

template <int dim>
void Problem<dim>::read_data_sets(const std::string &deck_directory, MPI_Comm comm, Log & /*log*/)
{
  for (const auto &load_case : parameters_.load_cases)
  {
    data_sets_.emplace_back();
    for (const auto &data_set : load_case.data_sets)
    {
      const GeographicProjection *projection = projection_ ? &*projection_ : nullptr;
      data_sets_.back().push_back(
          data_set.station_grid.empty()
              ? read_data_set(data_set, deck_directory, projection, comm)
              : read_data_set(data_set, station_grid(data_set.station_grid, data_set.where + "/Station grid", dim),
                              projection));
    }
  }
}

template <int dim>
void Problem<dim>::check_names_and_formulas(const std::string &deck_directory, MPI_Comm comm) const
{
  const MeshNames names = mesh_names<dim>(parameters_.mesh, comm);
  parameters_.boundary_conditions.check(names);
  parameters_.material.check(names, deck_directory, comm);
  for (const auto &loads : loads_)
    for (const auto &load : loads)
      load->check_names(names);
}

template <int dim>
void Problem<dim>::make_mesh(MPI_Comm comm, Log &log)
{
  mesh_ = std::make_unique<Mesh<dim>>(parameters_.mesh, comm);
  std::vector<dealii::Point<dim>> observation_points, sources;
  for (const auto &sets : data_sets_)
    for (const auto &set : sets)
      for (const auto &p : mesh_points<dim>(set, mesh_->surface_elevation()))
        observation_points.push_back(p);
  for (const auto &loads : loads_)
    for (const auto &p : source_points<dim>(loads, mesh_->smallest_cell_size()))
      sources.push_back(p);
  mesh_->refine(observation_points, sources);
  space_ = std::make_unique<DisplacementSpace<dim>>(*mesh_, parameters_.element_degree);
  locator_ = std::make_unique<PointLocator<dim>>(*space_);

  char text[200];
  std::snprintf(text, sizeof(text), "mesh: %llu cells, smallest %.4g m, %llu displacement unknowns (Q%u), %u ranks",
                static_cast<unsigned long long>(mesh_->triangulation().n_global_active_cells()),
                mesh_->smallest_cell_size(), static_cast<unsigned long long>(space_->n_dofs()),
                parameters_.element_degree, dealii::Utilities::MPI::n_mpi_processes(comm));
  log.line(text);
}

template <int dim>
void Problem<dim>::make_forward(const std::string &deck_directory, Log &log)
{
  CellField held = mesh_->make_cell_field();
  for (const auto &loads : loads_)
    held += cells_near_sources<dim>(*mesh_, loads);
  held.update_ghost_values();
  const double n_held = held.l1_norm();
  parametrization_ = std::make_unique<Parametrization<dim>>(*mesh_, parameters_.material, deck_directory, held, log);
  if (n_held > 0)
    log.line("stiffness near sources is held at the background ('Hold stiffness near source')");
  boundary_conditions_ = std::make_unique<BoundaryConditions<dim>>(*space_, parameters_.boundary_conditions);
  log.line("boundary conditions: " + boundary_conditions_->describe());

  std::vector<std::vector<LoadVector<dim>>> vectors;
  for (unsigned int s = 0; s < loads_.size(); ++s)
  {
    log.line("load case " + parameters_.load_cases[s].name +
             (rate_suffix(s).empty()
                  ? ""
                  : ": its data are rates, so everything in it is a rate, displacements in m/yr, forces in N/yr"));
    vectors.push_back(assemble_loads<dim>(*space_, *locator_, loads_[s], log, rate_suffix(s)));
    for (unsigned int l = 0; l < vectors[s].size(); ++l)
      check_meets_no_support(*loads_[s][l], vectors[s][l], *boundary_conditions_);
  }
  LinearSolver::Parameters solver = parameters_.solver;
  solver.solves_per_model = expected_solves(parameters_, vectors);
  forward_ = std::make_unique<ElasticForwardSolver<dim>>(*space_, *boundary_conditions_, *parametrization_,
                                                         std::move(vectors), solver);
  log.line("solver: " + forward_->describe());
  forward_->on_notice([&log](const std::string &sentence) { log.warning(sentence); });
  forward_->on_progress(
      [&log, last = std::chrono::steady_clock::now()](const unsigned int iteration, const double residual) mutable {
        const auto now = std::chrono::steady_clock::now();
        if (now - last < std::chrono::milliseconds(500))
          return;
        last = now;
        char text[80];
        std::snprintf(text, sizeof(text), "  solving: iteration %u, residual %.1e", iteration, residual);
        log.progress(text);
      });
}

template <int dim>
void Problem<dim>::make_misfits(Log &log)
{
  for (unsigned int s = 0; s < data_sets_.size(); ++s)
  {
    for (auto &set : data_sets_[s])
    {
      const unsigned int n_points = set.n_rows();
      const auto outside = drop_outside_points<dim>(set, *space_, *locator_);
      log.line(describe(set, outside.size(), n_points));
      log.line("  " + sign_statement(set));
    }
    observations_.push_back(std::make_unique<ObservationOperator<dim>>(*space_, *locator_, data_sets_[s]));
    std::vector<StrengthPrior> priors;
    for (const auto &load : loads(s))
      if (load.estimated)
        priors.push_back({load.name, load.prior_mean, load.prior_sigma});
    misfits_.push_back(std::make_unique<GaussianMisfit>(data_sets_[s], priors));
  }
}

template <int dim>
void Problem<dim>::make_objective()
{
  const auto &cells = parametrization_->cells();
  const auto layout = parametrization_->layout();
  volume_weights_ = cells.volumes(*layout);
  if (volume_weights_.size() > 0)
    volume_weights_ *= volume_weights_.size() / volume_weights_.l1_norm();
  prior_ = make_prior<dim>(parameters_.prior, cells, layout);

  std::vector<ReducedObjective::LoadCase> load_cases;
  for (unsigned int s = 0; s < loads_.size(); ++s)
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

template <int dim>
void Problem<dim>::warn_when_only_ratios_are_recoverable(Log &log) const
{
  // A traction sets a scale; slip, volume change and prescribed displacement do not: doubling every modulus changes nothing.
  if (!parameters_.boundary_conditions.spring_names.empty() || volume_weights_.size() == 0)
    return;
  for (unsigned int s = 0; s < loads_.size(); ++s)
    for (const auto &load : loads(s))
      if (!load.kinematic && (!load.estimated || load.prior_sigma > 0))
        return;
  // Unknowns that cannot double all moduli of a cell, K at fixed G and nu at fixed E, leave the level to the modulus that the user fixed.
  const UnknownFields unknown(parameters_.material);
  const auto is_modulus = [](const UnknownField &field) { return !field.is_poisson; };
  const unsigned int n_moduli = std::count_if(unknown.fields.begin(), unknown.fields.end(), is_modulus);
  if (n_moduli < (unknown.pair == ModuliPair::bulk_shear ? 2 : 1))
    return;
  const std::string note = "note: every load of this run prescribes a displacement, a volume change, slip or a "
                           "strength to be estimated, none a known "
                           "force. ";
  if (const auto n_held = n_held_cells(); n_held == 0)
    log.line(note + "Doubling all moduli changes no prediction, so only ratios of stiffness can be recovered; the "
                    "prior alone fixes the level.");
  else
    log.line(note + "Doubling all moduli, also those of the " + std::to_string(n_held) +
             " cells that keep their background, changes no prediction: only ratios to their stiffness can be "
             "recovered, and their background fixes the "
             "level.");
}

template <int dim>
unsigned long long Problem<dim>::n_held_cells() const
{
  const CellField unknowns = parametrization_->on_cells(parametrization_->make_vector(), 0);
  unsigned long long n = 0;
  for (unsigned int c = 0; c < unknowns.locally_owned_size(); ++c)
    n += std::isnan(unknowns.local_element(c)) ? 1 : 0;
  return dealii::Utilities::MPI::sum(n, mesh_->communicator());
}

template <int dim>
std::string Problem<dim>::rate_suffix(const unsigned int load_case) const
{
  const auto &sets = parameters_.load_cases[load_case].data_sets;
  return std::any_of(sets.begin(), sets.end(), [](const DataSet::Parameters &set) { return set.rate; }) ? "/yr" : "";
}

template <int dim>
bool Problem<dim>::has_rates() const
{
  for (unsigned int s = 0; s < parameters_.load_cases.size(); ++s)
    if (!rate_suffix(s).empty())
      return true;
  return false;
}

template <int dim>
bool Problem<dim>::has_observations(const unsigned int load_case) const
{
  const auto &sets = parameters_.load_cases[load_case].data_sets;
  return std::any_of(sets.begin(), sets.end(), [](const DataSet::Parameters &set) { return set.station_grid.empty(); });
}

template <int dim>
void Problem<dim>::require_data() const
{
  for (const auto &load_case : parameters_.load_cases)
  {
    if (load_case.data_sets.empty())
      throw InputError("Load cases/" + load_case.name + "/Data sets", "the load case has no data",
                       "Name at least one data set, or use 'lodestone forward'.");
    for (const auto &data_set : load_case.data_sets)
      if (!data_set.station_grid.empty())
        throw InputError(data_set.where + "/Station grid", "a station grid has no observed values",
                         "Write data with 'lodestone forward' and name the file it wrote under 'File'.");
  }
}

template <int dim>
double Problem<dim>::net_vertical_force(const unsigned int load_case, const std::vector<double> &factors) const
{
  double force = 0, sum_of_entries = 0;
  for (unsigned int l = 0; l < factors.size(); ++l)
  {
    force += factors[l] * loads(load_case)[l].resultant[dim - 1];
    sum_of_entries += std::abs(factors[l]) * loads(load_case)[l].fixed.l1_norm();
  }
  return std::abs(force) > 1e-8 * sum_of_entries ? force : 0; // or it is rounding
}

template <int dim>
bool Problem<dim>::load_spans_box(const unsigned int load_case, const std::vector<double> &factors) const
{
  constexpr double spans =
      0.5; // of the spread of a load on the whole top: that of a part as wide as 0.7 of it, half of its area
  DistributedVector forces = space_->make_vector();
  for (unsigned int l = 0; l < factors.size(); ++l)
    forces.add(factors[l], loads(load_case)[l].fixed);
  return relative_spread(*space_, forces) > spans;
}

template <int dim>
void Problem<dim>::announce_finite_depth(Log &log) const
{
  const FiniteDepth<dim> finite_depth(*mesh_, parametrization_->value(parametrization_->make_vector()));
  if (!finite_depth.has_flat_bottom())
    return;
  for (unsigned int s = 0; s < loads_.size(); ++s)
  {
    std::vector<double> factors;
    bool estimated = false;
    for (const auto &load : loads(s))
    {
      factors.push_back(load.strength);
      estimated = estimated || load.estimated;
    }
    const double force = net_vertical_force(s, factors);
    if (force == 0)
      continue;
    if (load_spans_box(s, factors))
    {
      log.line("box: the vertical load of load case " + parameters_.load_cases[s].name +
               " spans the box, so that its depth and its sides are part of the model, as a column's are: what a "
               "finite depth costs is estimated only for "
               "loads on a small part of the box, which would spread into a half-space");
      continue;
    }
    char text[400];
    std::snprintf(text, sizeof(text),
                  "box: net vertical force %.3g %s%s in load case %s%s over a depth of %.4g m: %s about %.2g m%s of "
                  "vertical displacement",
                  force, dim == 3 ? "N" : "N/m", rate_suffix(s).c_str(), parameters_.load_cases[s].name.c_str(),
                  estimated ? ", at strength 1," : "", finite_depth.depth(),
                  dim == 3 ? "the finite depth costs" : "twice the depth would add", finite_depth.displacement(force),
                  rate_suffix(s).c_str());
    log.line(std::string(text) + (dim == 3 ? ""
                                           : ". In plane strain it grows with the logarithm of the depth, without a "
                                             "limit, and nearly alike at all points whose distance "
                                             "from the load is well below the depth: only differences between such "
                                             "points can be relied on (data with Nuisance = offset)"));
  }
}

template <int dim>
void Problem<dim>::compare_finite_depth(Log &log) const
{
  const FiniteDepth<dim> finite_depth(*mesh_, forward_->moduli());
  if (!finite_depth.has_flat_bottom())
    return;
  for (unsigned int s = 0; s < loads_.size(); ++s)
  {
    const State &u = objective_->state(s);
    const double change = finite_depth.displacement(net_vertical_force(s, u.load_factors)),
                 largest = u.displacement[0].linfty_norm();
    if (change == 0 || load_spans_box(s, u.load_factors))
      continue;
    char text[240];
    std::snprintf(text, sizeof(text),
                  "box: %s %.2g m%s, %.2g %% of the largest displacement (%.3g m%s) in load case %s",
                  dim == 3 ? "the finite depth costs" : "twice the depth would add", change, rate_suffix(s).c_str(),
                  100 * change / largest, largest, rate_suffix(s).c_str(), parameters_.load_cases[s].name.c_str());
    if (dim == 3 && change > 0.02 * largest)
      log.warning(std::string(text) + ". Make the box deeper and wider (grading keeps it affordable).");
    else
      log.line(text);
  }
}

template class Problem<2>;
template class Problem<3>;

} // namespace lodestone
