#pragma once

#include <lodestone/base/text.h>

#include <deal.II/base/point.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace lodestone
{

/// A scalar formula of position, in muParser's language with units: "if(z > -2 km, 10 GPa, 30 GPa)".
///
///   variables  x, y, z in model metres (in 2-D x and z, the vertical, which may also be called y), depth = -z
///   constants  pi, e
///   operators  + - * / ^, comparisons, &&, ||, !
///   functions  abs, sqrt, exp, log, sin, cos, ..., min, max, if(condition, then, else)
///
/// A number may carry a unit (see expand_units). One value costs about 0.1 microseconds; nan and infinity are returned
/// as they come. Not thread-safe: value() writes the variables that muParser reads.
template <int dim>
class Formula
{
public:
  /// The formula that is zero everywhere.
  Formula();
  /// @throws InputError naming `where`, the text and muParser's own message
  Formula(const std::string &text, const std::string &where);
  Formula(const Formula &);
  Formula(Formula &&) noexcept;
  Formula &operator=(Formula);
  ~Formula();

  double value(const dealii::Point<dim> &p) const;
  /// Whether the value is one: comparisons give 1 where they hold, and 0 elsewhere.
  /// @throws InputError, on this rank alone, for any other value, with the place
  bool holds(const dealii::Point<dim> &p) const;
  /// True when no variable occurs: the formula is one number.
  bool is_constant() const;
  const std::string &text() const;

private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
  std::string text_, where_;
};

} // namespace lodestone
