#pragma once

#include <array>
#include <cmath>

namespace lodestone
{

/// A number with its derivatives with respect to n variables: forward automatic differentiation.
///
/// Functions that are templates over their number type give their exact derivatives when they are called with these.
/// Comparisons are left to the caller, who compares values.
/// @tparam Number double, or several at once such as std::experimental::simd<double>
template <int n, typename Number = double>
struct Dual
{
  using Value = Number;

  Number value = Number(0.);
  std::array<Number, n> derivative;

  Dual() : Dual(Number(0.)) {}
  Dual(const Number &v) : value(v) { derivative.fill(Number(0.)); }
  /// The variable number `i` at the value v.
  static Dual variable(const Number &v, const int i)
  {
    Dual x(v);
    x.derivative[i] = Number(1.);
    return x;
  }
};

/// f(a) for a function with this value and this slope at a.
template <int n, typename Number>
Dual<n, Number> chain(const Dual<n, Number> &a, const typename Dual<n, Number>::Value &value,
                      const typename Dual<n, Number>::Value &slope)
{
  Dual<n, Number> result(value);
  for (int i = 0; i < n; ++i)
    result.derivative[i] = slope * a.derivative[i];
  return result;
}

template <int n, typename Number>
Dual<n, Number> operator+(const Dual<n, Number> &a, const Dual<n, Number> &b)
{
  Dual<n, Number> result(a.value + b.value);
  for (int i = 0; i < n; ++i)
    result.derivative[i] = a.derivative[i] + b.derivative[i];
  return result;
}

template <int n, typename Number>
Dual<n, Number> operator-(const Dual<n, Number> &a, const Dual<n, Number> &b)
{
  Dual<n, Number> result(a.value - b.value);
  for (int i = 0; i < n; ++i)
    result.derivative[i] = a.derivative[i] - b.derivative[i];
  return result;
}

template <int n, typename Number>
Dual<n, Number> operator*(const Dual<n, Number> &a, const Dual<n, Number> &b)
{
  Dual<n, Number> result(a.value * b.value);
  for (int i = 0; i < n; ++i)
    result.derivative[i] = a.derivative[i] * b.value + a.value * b.derivative[i];
  return result;
}

template <int n, typename Number>
Dual<n, Number> operator/(const Dual<n, Number> &a, const Dual<n, Number> &b)
{
  const Number inverse = 1. / b.value;
  Dual<n, Number> result(a.value * inverse);
  for (int i = 0; i < n; ++i)
    result.derivative[i] = (a.derivative[i] - result.value * b.derivative[i]) * inverse;
  return result;
}

template <int n, typename Number>
Dual<n, Number> operator-(const Dual<n, Number> &a)
{
  return chain(a, -a.value, -1.);
}
template <int n, typename Number>
Dual<n, Number> operator+(const Dual<n, Number> &a, const double b)
{
  return chain(a, a.value + b, 1.);
}
template <int n, typename Number>
Dual<n, Number> operator+(const double a, const Dual<n, Number> &b)
{
  return b + a;
}
template <int n, typename Number>
Dual<n, Number> operator-(const Dual<n, Number> &a, const double b)
{
  return chain(a, a.value - b, 1.);
}
template <int n, typename Number>
Dual<n, Number> operator-(const double a, const Dual<n, Number> &b)
{
  return chain(b, a - b.value, -1.);
}
template <int n, typename Number>
Dual<n, Number> operator*(const Dual<n, Number> &a, const double b)
{
  return chain(a, a.value * b, b);
}
template <int n, typename Number>
Dual<n, Number> operator*(const double a, const Dual<n, Number> &b)
{
  return b * a;
}
template <int n, typename Number>
Dual<n, Number> operator/(const Dual<n, Number> &a, const double b)
{
  return chain(a, a.value / b, 1 / b);
}
template <int n, typename Number>
Dual<n, Number> operator/(const double a, const Dual<n, Number> &b)
{
  return chain(b, a / b.value, -a / (b.value * b.value));
}

template <int n, typename Number>
Dual<n, Number> sqrt(const Dual<n, Number> &a)
{
  using std::sqrt;
  const Number root = sqrt(a.value);
  return chain(a, root, 0.5 / root);
}
template <int n, typename Number>
Dual<n, Number> log(const Dual<n, Number> &a)
{
  using std::log;
  return chain(a, log(a.value), 1. / a.value);
}
template <int n, typename Number>
Dual<n, Number> atan(const Dual<n, Number> &a)
{
  using std::atan;
  return chain(a, atan(a.value), 1. / (1. + a.value * a.value));
}

inline double value_of(const double a)
{
  return a;
}
template <int n, typename Number>
Number value_of(const Dual<n, Number> &a)
{
  return a.value;
}

} // namespace lodestone
