#pragma once

#include <lodestone/app/discretization_error.h>
#include <lodestone/app/standard_errors.h>
#include <lodestone/app/variance_components.h>

#include <string>
#include <vector>

namespace lodestone
{

/// The parts of a run that its results are written from. All of them outlive this.
template <int dim>
struct ResultSource
{
  /// A load case.
  struct Case
  {
    const std::vector<DataSet> &data_sets;
    const std::vector<LoadVector<dim>> &loads;
    std::string rate_suffix; ///< "/yr" when its data are rates
    bool observed;           ///< some of its data were measured, and are not only places to predict at
  };

  std::string title;
  const DisplacementSpace<dim> &space;
  const PointLocator<dim> &locator;
  const Parametrization<dim> &parametrization;
  const std::vector<ZoneBackground> &zone_backgrounds; ///< the deck's entries
  const ReducedObjective &objective;                   ///< evaluated
  const DistributedVector &volume_weights;             ///< volume of each unknown's parameter cell over their mean
  const GeographicProjection *projection;              ///< null: the deck has no geographic origin
  const DiscretizationError *error;                    ///< null: it is not estimated
  const StandardErrors *standard_errors;               ///< null: they are not computed
  const VarianceComponents *variance_components;       ///< null: they are not computed
  std::vector<Case> cases;                             ///< as objective.load_cases()

  const std::string &case_name(const unsigned int load_case) const { return objective.load_cases()[load_case].name; }
};

/// @param error, standard_errors, variance_components of the last evaluation, when results are written
template <int dim>
ResultSource<dim> result_source(const Problem<dim> &problem, const DiscretizationError *error = nullptr,
                                const StandardErrors *standard_errors = nullptr,
                                const VarianceComponents *variance_components = nullptr);

} // namespace lodestone
