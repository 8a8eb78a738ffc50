#pragma once

#include <lodestone/app/run_parameters.h>
#include <lodestone/base/log.h>
#include <lodestone/discretization/displacement_space.h>
#include <lodestone/discretization/geographic.h>
#include <lodestone/discretization/point_locator.h>
#include <lodestone/forward/elastic_forward_solver.h>
#include <lodestone/loads/load_list.h>
#include <lodestone/objective/reduced_objective.h>
#include <lodestone/observation/misfit.h>
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
  /// The same problem with the same unknowns on a mesh that is a refinement of that of `coarser`, which need not outlive
  /// it. Collective. @throws InputError
  Problem(const Problem &coarser, std::unique_ptr<Mesh<dim>> mesh, Log &log);
  /// The same problem with cells joined to larger ones, which have unknowns of their own: its mesh is
  /// finer.mesh().make_coarser(), or that of a mesh so made. Collective. @throws InputError
  static std::unique_ptr<Problem> on_coarser_mesh(const Problem &finer, std::unique_ptr<Mesh<dim>> mesh, Log &log);
  /// From now on progress and notices of the solver go to this log, which must outlive the problem; at first they go to
  /// that of the constructor.
  void report_to(Log &log);
  /// Replaces the noise of all data sets, and with it misfits and objective; what was paid for stays in the ledger.
  /// Collective. @param noise by load case and data set @throws InputError
  void set_noise(const std::vector<std::vector<NoiseModel>> &noise);
  Problem(const Problem &) = delete;
  Problem &operator=(const Problem &) = delete;

  const RunParameters<dim> &parameters() const { return parameters_; }
  const std::optional<GeographicProjection> &projection() const { return input_->projection; }
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
  const Misfit &misfit(unsigned int load_case) const { return *misfits_[load_case]; }
  const std::vector<LoadVector<dim>> &loads(unsigned int load_case) const { return forward_->loads(load_case); }
  /// The loads of a load case as the deck describes them, independent of the mesh.
  const LoadList<dim> &load_list(unsigned int load_case) const { return input_->loads[load_case]; }
  /// B of a load case.
  const ObservationOperator<dim> &observation(unsigned int load_case) const { return *observations_[load_case]; }
  /// Volume of the parameter cell of each unknown over the mean one: the metric of runs that have no other one.
  const DistributedVector &volume_weights() const { return volume_weights_; }

  /// "24576 cells, smallest 500 x 500 x 500 m, 79779 displacement unknowns (Q1), 2 ranks". Collective.
  std::string describe_mesh() const;
  /// Data that the state of the last evaluation predicts, without nuisance terms.
  DataVector predict(unsigned int load_case) const
  {
    return observations_[load_case]->apply(objective_->state(load_case));
  }

private:
  /// What is read from the deck and its files, and depends on no mesh.
  struct Input
  {
    std::string deck_directory;
    std::optional<GeographicProjection> projection;
    std::vector<LoadList<dim>> loads; ///< by load case; they may refer to the projection
  };
  /// What needs no mesh is that of another problem.
  Problem(const Problem &other, std::unique_ptr<Mesh<dim>> mesh);
  void read_input(const std::string &deck_directory, MPI_Comm comm);
  /// Finds what a deck has wrong before the mesh is made, which may be large.
  void check_names_and_formulas(MPI_Comm comm) const;
  void make_mesh(MPI_Comm comm, Log &log);
  void make_space(Log &log);
  /// Makes all that needs the mesh. @param of_coarser null: parameter cells are those of the mesh
  void make_parts(const ParameterCells<dim> *of_coarser, Log &log);
  void make_parametrization(const ParameterCells<dim> *of_coarser, Log &log);
  void make_forward(Log &log);
  void make_misfits(Log &log);
  std::unique_ptr<Misfit> make_misfit(unsigned int load_case) const;
  void make_objective();

  RunParameters<dim> parameters_;
  std::shared_ptr<const Input> input_;
  std::vector<std::vector<DataSet>> data_sets_; ///< by load case
  std::unique_ptr<Mesh<dim>> mesh_;
  std::unique_ptr<DisplacementSpace<dim>> space_;
  std::unique_ptr<PointLocator<dim>> locator_;
  std::unique_ptr<Parametrization<dim>> parametrization_;
  std::unique_ptr<BoundaryConditions<dim>> boundary_conditions_;
  std::unique_ptr<ElasticForwardSolver<dim>> forward_;
  std::vector<std::unique_ptr<ObservationOperator<dim>>> observations_;
  std::vector<std::unique_ptr<Misfit>> misfits_;
  DistributedVector volume_weights_;
  std::unique_ptr<Prior> prior_;
  std::unique_ptr<ReducedObjective> objective_;
};

} // namespace lodestone
