#pragma once

#include <lodestone/discretization/parameter_cells.h>
#include <lodestone/prior/prior.h>
#include <lodestone/prior/prior_parameters.h>

#include <memory>
#include <string>
#include <vector>

namespace lodestone
{

/// Makes a prior with factor 1 from validated parameters. Collective. The cells live as long as the prior.
/// @throws InputError when lists do not fit the fields
template <int dim>
using PriorMaker = std::unique_ptr<Prior> (*)(const PriorParameters &parameters, const ParameterCells<dim> &cells,
                                              const std::shared_ptr<const ParameterLayout> &layout);

/// One kind of prior. A new kind is a value of PriorType, a file with its maker, and a row of prior_kinds().
struct PriorKind
{
  PriorType type;
  std::string name; ///< in the entry `Prior/Type`
  std::string help; ///< what is held against a model m, without a full stop
  PriorMaker<2> make_2d;
  PriorMaker<3> make_3d;
};

const std::vector<PriorKind> &prior_kinds();
const PriorKind &prior_kind(PriorType type);

// The makers, each in the file of its kind.
template <int dim>
std::unique_ptr<Prior> make_tikhonov(const PriorParameters &parameters, const ParameterCells<dim> &cells,
                                     const std::shared_ptr<const ParameterLayout> &layout);
template <int dim>
std::unique_ptr<Prior> make_h1(const PriorParameters &parameters, const ParameterCells<dim> &cells,
                               const std::shared_ptr<const ParameterLayout> &layout);
template <int dim>
std::unique_ptr<Prior> make_matern(const PriorParameters &parameters, const ParameterCells<dim> &cells,
                                   const std::shared_ptr<const ParameterLayout> &layout);
template <int dim>
std::unique_ptr<Prior> make_total_variation(const PriorParameters &parameters, const ParameterCells<dim> &cells,
                                            const std::shared_ptr<const ParameterLayout> &layout);

} // namespace lodestone
