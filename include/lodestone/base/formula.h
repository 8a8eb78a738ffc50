#pragma once

#include <deal.II/base/point.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace lodestone
{

/// A scalar formula of position, in muParser's language with units: "if(z > -2 km, 10 GPa, 30 GPa)".
///
/// Variables: x, y, z in model metres (in 2-D: x and z, the vertical; y is the same as z), depth = -z; constants pi and
/// e;
/// `^`, `&&`, `||`, comparisons, abs, sqrt, exp, log, sin, ..., min, max, if(condition, then, else).
/// A number may carry a unit (see expand_units). About 0.1 microseconds a value; nan and infinity are returned as they
/// come. Not thread-safe: value() writes the variables that muParser reads.
template <int dim>
class Formula
{
public:
  Formula(); ///< zero
  /// @throws InputError naming `where`, the text and muParser's own message
  Formula(const std::string &text, const std::string &where);
  Formula(const Formula &);
  Formula(Formula &&) noexcept;
  Formula &operator=(Formula);
  ~Formula();

  double value(const dealii::Point<dim> &p) const;
  bool holds(const dealii::Point<dim> &p) const { return value(p) != 0; }
  /// True when no variable occurs: the formula is one number.
  bool is_constant() const;
  const std::string &text() const;

private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
  std::string text_, where_;
};

/// Splits "a, b, c" at commas outside parentheses, trimmed; no items for blank text.
std::vector<std::string> split_list(const std::string &text);

} // namespace lodestone
