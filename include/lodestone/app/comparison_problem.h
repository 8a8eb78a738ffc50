#pragma once

#include <lodestone/app/problem.h>

namespace lodestone
{

/// The problem of a run in another discretization, at the model and with the strengths of its last evaluation: what
/// differs is the mesh's doing.
///
/// On a coarser mesh a cell takes the harmonic means of lambda + 2 mu and of mu over the cells that it is made of, as
/// cells do in which the background jumps (mean_of_cut_cell). The problem of the run must outlive this one.
template <int dim>
class ComparisonProblem
{
public:
  /// Collective.
  /// @param coarser problem.mesh().make_coarser(); null: the mesh of the problem itself
  /// @param degree of the displacement: 1 or 2
  ComparisonProblem(const Problem<dim> &problem, std::unique_ptr<Mesh<dim>> coarser, unsigned int degree);
  ComparisonProblem(const ComparisonProblem &) = delete;
  ComparisonProblem &operator=(const ComparisonProblem &) = delete;

  /// Solves the forward problems of all load cases. Collective.
  SolveReport solve();
  const State &state(unsigned int load_case) const { return states_[load_case]; }
  /// Data that the state predicts, without nuisance terms (m). Collective.
  DataVector predict(unsigned int load_case) const { return observations_[load_case]->apply(states_[load_case]); }

  const Mesh<dim> &mesh() const { return space_->mesh(); }
  const DisplacementSpace<dim> &space() const { return *space_; }
  ElasticForwardSolver<dim> &forward() { return *forward_; }
  const ObservationOperator<dim> &observation(unsigned int load_case) const { return *observations_[load_case]; }

private:
  const Problem<dim> &problem_;
  std::unique_ptr<Mesh<dim>> coarser_;
  std::unique_ptr<DisplacementSpace<dim>> space_;
  std::unique_ptr<Parametrization<dim>> parametrization_;
  ParameterVector m_; ///< without entries
  std::unique_ptr<BoundaryConditions<dim>> boundary_conditions_;
  std::unique_ptr<ElasticForwardSolver<dim>> forward_;
  std::vector<std::unique_ptr<ObservationOperator<dim>>> observations_; ///< by load case
  std::vector<State> states_;                                           ///< by load case
};

} // namespace lodestone
