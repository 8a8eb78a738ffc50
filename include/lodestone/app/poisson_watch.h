#pragma once

#include <lodestone/app/problem.h>
#include <lodestone/base/log.h>

namespace lodestone
{

/// Looks at every accepted model, and warns the first time that Poisson's ratio of a cell leaves 0 to 0.49.
///
/// Rocks and soils lie between: below 0 a body becomes thicker when it is stretched, and near 0.5 it is incompressible,
/// where linear elements are too stiff.
template <int dim>
class PoissonWatch
{
public:
  PoissonWatch(const Problem<dim> &problem, Log &log);

  /// Collective.
  void look(unsigned int iteration, const ParameterVector &m);

private:
  const Problem<dim> &problem_;
  Log &log_;
  bool is_needed_; ///< whether Poisson's ratio follows from an unknown, and nothing was said yet
};

} // namespace lodestone
