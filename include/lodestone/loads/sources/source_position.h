#pragma once

#include <lodestone/loads/load_context.h>

#include <deal.II/base/parameter_handler.h>
#include <deal.II/base/point.h>

#include <functional>
#include <string>

namespace lodestone
{

/// The place of a source: x, y, depth in model coordinates, or longitude, latitude, depth. One of two entries gives it.
template <int dim>
struct SourcePosition
{
  std::string model_text, geographic_text;

  /// Declares the two entries. @param what lies there, for the help
  void add_parameters(dealii::ParameterHandler &handler, const std::string &what);
  /// The place in model coordinates (m).
  /// @param where takes an entry to its path, for errors
  /// @throws InputError for no position or two, a place above the surface, a model without a geographic origin
  dealii::Point<dim> read(const std::function<std::string(const std::string &)> &where,
                          const LoadContext &context) const;
};

} // namespace lodestone
