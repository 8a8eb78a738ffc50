#pragma once

#include <lodestone/app/run_parameters.h>
#include <lodestone/base/log.h>
#include <lodestone/discretization/displacement_space.h>
#include <lodestone/discretization/geographic.h>
#include <lodestone/discretization/point_locator.h>
#include <lodestone/forward/elastic_forward_solver.h>
#include <lodestone/loads/load_list.h>
#include <lodestone/objective/reduced_objective.h>
#include <lodestone/observation/gaussian_misfit.h>
#include <lodestone/observation/observation_operator.h>

#include <memory>
#include <optional>
#include <vector>

namespace lodestone
{

/// All parts of a run, built from its parameters in the order in which they depend on one another. This class builds
/// and does nothing else.
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
  const ElasticForwardSolver<dim> &forward() const { return *forward_; }
  ReducedObjective &objective() { return *objective_; }
  const ReducedObjective &objective() const { return *objective_; }
  const std::vector<DataSet> &data_sets(unsigned int load_case) const { return data_sets_[load_case]; }
  const GaussianMisfit &misfit(unsigned int load_case) const { return *misfits_[load_case]; }
  const std::vector<LoadVector<dim>> &loads(unsigned int load_case) const { return forward_->loads(load_case); }
  /// Volume of the parameter cell of each unknown over the mean one: the metric of runs that have no other one.
  const DistributedVector &volume_weights() const { return volume_weights_; }

  /// Data that the state of the last evaluation predicts, without nuisance terms.
  DataVector predict(unsigned int load_case) const
  {
    return observations_[load_case]->apply(objective_->state(load_case));
  }

private:
  void read_data_sets(const std::string &deck_directory, MPI_Comm comm);
  /// Finds what a deck has wrong before the mesh is made, which may be large.
  void check_names_and_formulas(const std::string &deck_directory, MPI_Comm comm) const;
  void make_mesh(MPI_Comm comm, Log &log);
  void make_forward(const std::string &deck_directory, Log &log);
  void make_misfits(Log &log);
  void make_objective();

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
