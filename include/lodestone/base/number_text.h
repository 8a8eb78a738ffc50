#pragma once

#include <deal.II/base/tensor.h>

#include <string>

namespace lodestone
{

// How numbers are written in messages, tables and files. Texts do not depend on the locale. A number that is not one is
// "nan" whatever its sign; infinity is "inf" or "-inf".

/// At most `digits` significant digits, as printf's %g writes them: 2500, 1.23457e+06, 0.001.
std::string significant(double value, unsigned int digits = 6);
/// A fixed number of decimals, as printf's %f writes them: 3.14.
std::string fixed(double value, unsigned int decimals);
/// One digit, `decimals` decimals and an exponent, as printf's %e writes them: 1.50e-03.
std::string scientific(double value, unsigned int decimals);
/// The shortest text that reads back as the same number.
std::string exact(double value);

/// A count with its noun in singular or plural: "1 rank", "3 ranks".
std::string counted(unsigned long long count, const std::string &noun);
/// Digits in groups of three: "1,048,576".
std::string grouped(unsigned long long count);

/// The text with blanks before it, so that it is at least `width` characters wide: numbers of a table stand below each
/// other.
std::string aligned_right(const std::string &text, std::size_t width);
/// The same with the blanks behind it: names of a table.
std::string aligned_left(const std::string &text, std::size_t width);

/// "(1200, -300, -2500)": coordinates with at most six significant digits.
template <int dim>
std::string point_text(const dealii::Tensor<1, dim> &p)
{
  std::string text;
  for (int d = 0; d < dim; ++d)
    text += (d == 0 ? "(" : ", ") + significant(p[d]);
  return text + ")";
}

} // namespace lodestone
