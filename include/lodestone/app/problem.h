#pragma once

#include <lodestone/app/run_parameters.h>
#include <lodestone/base/log.h>
#include <lodestone/discretization/displacement_space.h>
#include <lodestone/discretization/geographic.h>
#include <lodestone/discretization/point_locator.h>
#include <lodestone/forward/elastic_forward_solver.h>
#include <lodestone/loads/loads.h>
#include <lodestone/objective/reduced_objective.h>
#include <lodestone/observation/gaussian_misfit.h>
#include <lodestone/observation/observation_operator.h>

#include <memory>
#include <optional>
#include <vector>

namespace lodestone
{

/// Everything a run is made of, built from its parameters in order of dependency; each part refers to the ones above it.
template <int dim>
class Problem
{
public:
  /// Collective. @param deck_directory relative file names are looked up here
  /// @throws InputError
  Problem(const RunParameters<dim> &parameters, const std::string &deck_directory, MPI_Comm comm, Log &log);
  Problem(const Problem &) = delete;
  Problem &operator=(const Problem &) = delete;

  const RunParameters<dim> &parameters() const { return parameters_; }
  const std::optional<GeographicProjection> &projection() const { return projection_; }
  const Mesh<dim> &mesh() const { return *mesh_; }
  const DisplacementSpace<dim> &space() const { return *space_; }
  const PointLocator<dim> &locator() const { return *locator_; }
  const BoundaryConditions<dim> &boundary_conditions() const { return *boundary_conditions_; }
  const Parametrization<dim> &parametrization() const { return *parametrization_; }
  ElasticForwardSolver<dim> &forward() { return *forward_; }
  ReducedObjective &objective() { return *objective_; }
  const ReducedObjective &objective() const { return *objective_; }
  const std::vector<DataSet> &data_sets(unsigned int load_case) const { return data_sets_[load_case]; }
  const GaussianMisfit &misfit(unsigned int load_case) const { return *misfits_[load_case]; }
  const std::vector<LoadVector<dim>> &loads(unsigned int load_case) const { return forward_->loads(load_case); }
  /// Volume of each unknown's parameter cell over their mean: the metric of runs without another one.
  const DistributedVector &volume_weights() const { return volume_weights_; }

  /// "/yr" when the data of a load case are rates, and so all that it predicts; otherwise empty.
  std::string rate_suffix(unsigned int load_case) const;
  /// The same for the run: whether any load case has rates.
  bool has_rates() const;
  /// Whether a load case has data that were observed, not only places to predict at.
  bool has_observations(unsigned int load_case) const;
  /// @throws InputError when a load case has no observed data
  void require_data() const;
  /// Data that the state of the last evaluation predicts, without nuisance terms.
  DataVector predict(unsigned int load_case) const
  {
    return observations_[load_case]->apply(objective_->state(load_case));
  }
  /// After a forward solve: what the finite depth of the box changes, compared with the largest predicted displacement; in 3-D a warning
  /// above 2 %. Nothing for a load that spans the box.
  void compare_finite_depth(Log &log) const;

private:
  void read_data_sets(const std::string &deck_directory, MPI_Comm comm, Log &log);
  /// What a deck may have wrong, before the mesh, which may be large.
  void check_names_and_formulas(const std::string &deck_directory, MPI_Comm comm) const;
  void make_mesh(MPI_Comm comm, Log &log);
  void make_forward(const std::string &deck_directory, Log &log);
  void make_misfits(Log &log);
  void make_objective();
  /// What the depth of the box changes under net vertical forces (FiniteDepth), as far as it is known before a solve.
  void announce_finite_depth(Log &log) const;
  /// N (in 2-D N/m); 0 where the sum of all forces is rounding.
  double net_vertical_force(unsigned int load_case, const std::vector<double> &factors) const;
  /// Whether the vertical forces act on most of the box's width, like a column's: nothing then spreads as in a half-space.
  bool load_spans_box(unsigned int load_case, const std::vector<double> &factors) const;
  /// Says what is known of the level of the stiffness when no load is a known force.
  void warn_when_only_ratios_are_recoverable(Log &log) const;
  /// Cells, on all ranks, that have no unknown.
  unsigned long long n_held_cells() const;

  RunParameters<dim> parameters_;
  std::optional<GeographicProjection> projection_;
  std::vector<std::vector<DataSet>> data_sets_; ///< by load case
  std::vector<LoadList<dim>> loads_;            ///< by load case
  std::unique_ptr<Mesh<dim>> mesh_;
  std::unique_ptr<DisplacementSpace<dim>> space_;
  std::unique_ptr<PointLocator<dim>> locator_;
  std::unique_ptr<Parametrization<dim>> parametrization_;
  std::unique_ptr<BoundaryConditions<dim>> boundary_conditions_;
  std::unique_ptr<ElasticForwardSolver<dim>> forward_;
  std::vector<std::unique_ptr<ObservationOperator<dim>>> observations_;
  std::vector<std::unique_ptr<GaussianMisfit>> misfits_;
  DistributedVector volume_weights_;
  std::unique_ptr<Prior> prior_;
  std::unique_ptr<ReducedObjective> objective_;
};

} // namespace lodestone
