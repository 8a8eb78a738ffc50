#pragma once

#include <array>
#include <cmath>

namespace lodestone
{

/// A number with its derivatives with respect to n variables: forward automatic differentiation.
///
/// Functions that are templates over their number type give their exact derivatives when they are called with these.
/// Comparisons are left to the caller, who compares values.
template <int n>
struct Dual
{
  double value = 0;
  std::array<double, n> derivative{};

  Dual() = default;
  Dual(const double v) : value(v) {}
  /// The variable number `i` at the value v.
  static Dual variable(const double v, const int i)
  {
    Dual x(v);
    x.derivative[i] = 1;
    return x;
  }
};

/// f(a) for a function with this value and this slope at a.
template <int n>
Dual<n> chain(const Dual<n> &a, const double value, const double slope)
{
  Dual<n> result(value);
  for (int i = 0; i < n; ++i)
    result.derivative[i] = slope * a.derivative[i];
  return result;
}

template <int n>
Dual<n> operator+(const Dual<n> &a, const Dual<n> &b)
{
  Dual<n> result(a.value + b.value);
  for (int i = 0; i < n; ++i)
    result.derivative[i] = a.derivative[i] + b.derivative[i];
  return result;
}

template <int n>
Dual<n> operator-(const Dual<n> &a, const Dual<n> &b)
{
  Dual<n> result(a.value - b.value);
  for (int i = 0; i < n; ++i)
    result.derivative[i] = a.derivative[i] - b.derivative[i];
  return result;
}

template <int n>
Dual<n> operator*(const Dual<n> &a, const Dual<n> &b)
{
  Dual<n> result(a.value * b.value);
  for (int i = 0; i < n; ++i)
    result.derivative[i] = a.derivative[i] * b.value + a.value * b.derivative[i];
  return result;
}

template <int n>
Dual<n> operator/(const Dual<n> &a, const Dual<n> &b)
{
  const double inverse = 1 / b.value;
  Dual<n> result(a.value * inverse);
  for (int i = 0; i < n; ++i)
    result.derivative[i] = (a.derivative[i] - result.value * b.derivative[i]) * inverse;
  return result;
}

template <int n>
Dual<n> operator-(const Dual<n> &a)
{
  return chain(a, -a.value, -1);
}
template <int n>
Dual<n> operator+(const Dual<n> &a, const double b)
{
  return chain(a, a.value + b, 1);
}
template <int n>
Dual<n> operator+(const double a, const Dual<n> &b)
{
  return b + a;
}
template <int n>
Dual<n> operator-(const Dual<n> &a, const double b)
{
  return chain(a, a.value - b, 1);
}
template <int n>
Dual<n> operator-(const double a, const Dual<n> &b)
{
  return chain(b, a - b.value, -1);
}
template <int n>
Dual<n> operator*(const Dual<n> &a, const double b)
{
  return chain(a, a.value * b, b);
}
template <int n>
Dual<n> operator*(const double a, const Dual<n> &b)
{
  return b * a;
}
template <int n>
Dual<n> operator/(const Dual<n> &a, const double b)
{
  return chain(a, a.value / b, 1 / b);
}
template <int n>
Dual<n> operator/(const double a, const Dual<n> &b)
{
  return chain(b, a / b.value, -a / (b.value * b.value));
}

template <int n>
Dual<n> sqrt(const Dual<n> &a)
{
  const double root = std::sqrt(a.value);
  return chain(a, root, 0.5 / root);
}
template <int n>
Dual<n> log(const Dual<n> &a)
{
  return chain(a, std::log(a.value), 1 / a.value);
}
template <int n>
Dual<n> atan(const Dual<n> &a)
{
  return chain(a, std::atan(a.value), 1 / (1 + a.value * a.value));
}

inline double value_of(const double a)
{
  return a;
}
template <int n>
double value_of(const Dual<n> &a)
{
  return a.value;
}

} // namespace lodestone
