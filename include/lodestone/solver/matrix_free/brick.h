#pragma once

#include <lodestone/solver/simd.h>

#include <array>
#include <cmath>
#include <utility>

namespace lodestone
{

/// The stiffness of one brick per lane. A brick is a cell whose edges run along the coordinate axes.
///
///   energy e(u, v) = int_brick lambda tr eps(u) tr eps(v) + 2 mu eps(u) : eps(v),  lambda and mu constant
///
/// In tensor products of Legendre polynomials, strain and stress are expansions in orthogonal functions, so the
/// integral is a sum over modes, without quadrature points:
///
///   e = V sum_m w_m [ lambda t_m(u) t_m(v) + mu sum_ij 2 eps_ij,m(u) eps_ij,m(v) ],   t = tr eps
///
/// The coefficients of the modes are computed from the nodes' values along an edge with the weights (1 1), (-1 1) in Q1
/// and (1 4 1), (-1 0 1), (2/3 -4/3 2/3) in Q2. They are scaled such that a derivative only moves a coefficient to the
/// mode below: mode m of d_j u_i is coefficient m + e_j of u_i. Edge lengths h enter by covariant components h_i u_i,
/// for which h_i h_j eps_ij = (d_i (h_j u_j) + d_j (h_i u_i)) / 2 with derivatives on the unit brick. The result is the
/// same as with Gauss quadrature of degree + 1 points, which is exact here too, at a third of the operations.
template <int dim, int degree, typename Number>
class Brick
{
public:
  using Lanes = Wide<Number>;
  static constexpr unsigned int n_nodes =
      dim == 2 ? (degree + 1) * (degree + 1) : (degree + 1) * (degree + 1) * (degree + 1);
  /// Values at the nodes as [component][node], nodes in lexicographic order, or coefficients of modes.
  using Values = std::array<std::array<Lanes, n_nodes>, dim>;

  /// Weight of mode 0, with the factors of derivatives.
  static constexpr double common_weight =
      degree == 1 ? (dim == 2 ? 1. / 4 : 1. / 16) : (dim == 2 ? 1. / 36 : 1. / 1296);

  /// Edges of the bricks.
  struct Size
  {
    std::array<Lanes, dim> ratio;          ///< h_d / h_0
    std::array<Lanes, dim> inverse_square; ///< 1 / ratio^2
    Lanes scale;                           ///< factor on moduli: common_weight V / h_0^2
    bool is_cube;                          ///< whether the ratios of all lanes are 1
  };

  /// @param edges lengths of the edges along the axes, per lane (m)
  static Size make_size(const std::array<std::array<double, dim>, Lanes::size()> &edges);

  /// r = the derivative of e(u, v) with respect to v. Moduli are multiplied by Size::scale already. u is overwritten.
  static void stiffness(Values &u, const Lanes &lambda, const Lanes &two_mu, const Size &size, Values &r)
  {
    if (size.is_cube)
      stiffness_of<true>(u, lambda, two_mu, size, r);
    else
      stiffness_of<false>(u, lambda, two_mu, size, r);
  }

  /// @return the derivatives of e(u, p) with respect to lambda and mu; u and p are overwritten
  static std::array<Lanes, 2> moduli_dual(Values &u, Values &p, const Size &size)
  {
    return size.is_cube ? moduli_dual_of<true>(u, p, size) : moduli_dual_of<false>(u, p, size);
  }

  /// @return int d_i phi_a d_i phi_b over the unit brick, for the scalar shape functions of nodes a and b
  static std::array<double, dim> gradient_products(unsigned int a, unsigned int b);

private:
  static constexpr unsigned int n = degree + 1;
  static constexpr unsigned int stride(const unsigned int d) { return d == 0 ? 1 : d == 1 ? n : n * n; }
  static constexpr unsigned int digit(const unsigned int m, const unsigned int d) { return m / stride(d) % n; }
  /// Whether the derivative along j has this mode.
  static constexpr bool has(const unsigned int m, const unsigned int j) { return digit(m, j) < degree; }
  /// True if j is the first direction to contribute to coefficient m, which may then be assigned instead of added to.
  static constexpr bool is_first(const unsigned int m, const unsigned int j)
  {
    for (unsigned int d = j + 1; d < dim; ++d)
      if (digit(m, d) > 0)
        return false;
    return true;
  }
  /// Norm of a mode relative to that of mode 0.
  static constexpr double weight(const unsigned int m)
  {
    double product = 1;
    for (unsigned int d = 0; d < dim; ++d)
      product *= digit(m, d) == 0 ? 1. : digit(m, d) == 1 ? (degree == 1 ? 1. / 3 : 3.) : 9. / 5;
    return product;
  }
  template <typename Action, unsigned int... i>
  static void for_each(const Action &action, std::integer_sequence<unsigned int, i...>)
  {
    (action(std::integral_constant<unsigned int, i>()), ...);
  }
  /// Calls action(0), action(1), ... with compile-time constants.
  template <unsigned int end, typename Action>
  static void for_each(const Action &action)
  {
    for_each(action, std::make_integer_sequence<unsigned int, end>());
  }

  static void to_modes(Values &u);
  static void from_modes(Values &r);
  static void scale(Values &u, const Size &size)
  {
    for (unsigned int i = 1; i < dim; ++i)
      for (unsigned int a = 0; a < n_nodes; ++a)
        u[i][a] *= size.ratio[i];
  }
  template <bool is_cube>
  static void stiffness_of(Values &u, const Lanes &lambda, const Lanes &two_mu, const Size &size, Values &r);
  /// @return mode m of d_j u_i + d_i u_j; at least one of the derivatives must have it
  template <unsigned int m, unsigned int i, unsigned int j>
  static Lanes shear(const Values &u)
  {
    if constexpr (has(m, i) && has(m, j))
      return u[i][m + stride(j)] + u[j][m + stride(i)];
    else if constexpr (has(m, i))
      return u[j][m + stride(i)];
    else
      return u[i][m + stride(j)];
  }
  template <bool is_cube>
  static std::array<Lanes, 2> moduli_dual_of(Values &u, Values &p, const Size &size);
};

template <int dim, int degree, typename Number>
typename Brick<dim, degree, Number>::Size
Brick<dim, degree, Number>::make_size(const std::array<std::array<double, dim>, Lanes::size()> &edges)
{
  Size size;
  size.is_cube = true;
  for (unsigned int v = 0; v < Lanes::size(); ++v)
  {
    double volume = 1;
    for (unsigned int d = 0; d < dim; ++d)
    {
      double ratio = edges[v][d] / edges[v][0];
      if (std::abs(ratio - 1) < 1e-12)
        ratio = 1; // differences of coordinates are rounded
      size.ratio[d][v] = ratio;
      size.inverse_square[d][v] = 1 / (ratio * ratio);
      size.is_cube = size.is_cube && ratio == 1;
      volume *= edges[v][d];
    }
    size.scale[v] = common_weight * volume / (edges[v][0] * edges[v][0]);
  }
  return size;
}

template <int dim, int degree, typename Number>
inline void Brick<dim, degree, Number>::to_modes(Values &u)
{
  for (auto &values : u)
    for (unsigned int d = 0; d < dim; ++d)
      for (unsigned int a = 0; a < n_nodes; ++a)
        if (digit(a, d) == 0)
        {
          Lanes &low = values[a], &high = values[a + degree * stride(d)];
          const Lanes sum = low + high, difference = high - low;
          if constexpr (degree == 1)
          {
            low = sum;
            high = difference;
          }
          else
          {
            Lanes &middle = values[a + stride(d)];
            low = sum + Number(4) * middle;
            high = Number(2. / 3) * sum - Number(4. / 3) * middle;
            middle = difference;
          }
        }
}

template <int dim, int degree, typename Number>
inline void Brick<dim, degree, Number>::from_modes(Values &r)
{
  for (auto &values : r)
    for (unsigned int d = 0; d < dim; ++d)
      for (unsigned int a = 0; a < n_nodes; ++a)
        if (digit(a, d) == 0)
        {
          Lanes &low = values[a], &high = values[a + degree * stride(d)];
          if constexpr (degree == 1)
          {
            const Lanes sum = low, difference = high;
            low = sum - difference;
            high = sum + difference;
          }
          else
          {
            Lanes &middle = values[a + stride(d)];
            const Lanes sum = low + Number(2. / 3) * high, difference = middle;
            middle = Number(4) * low - Number(4. / 3) * high;
            low = sum - difference;
            high = sum + difference;
          }
        }
}

template <int dim, int degree, typename Number>
template <bool is_cube>
inline void Brick<dim, degree, Number>::stiffness_of(Values &u, const Lanes &lambda, const Lanes &two_mu,
                                                     const Size &size, Values &r)
{
  if constexpr (!is_cube)
    scale(u, size);
  to_modes(u);
  const Lanes mu = Number(.5) * two_mu;
  const auto &s = size.inverse_square;
  std::array<Lanes, dim> two_mu_s;
  std::array<std::array<Lanes, dim>, dim> mu_ss;
  if constexpr (!is_cube)
    for (unsigned int i = 0; i < dim; ++i)
    {
      two_mu_s[i] = two_mu * s[i];
      for (unsigned int j = 0; j < i; ++j)
        mu_ss[i][j] = mu_ss[j][i] = mu * s[i] * s[j];
    }
  for (unsigned int i = 0; i < dim; ++i)
    r[i][0] = Number(0);
  for_each<n_nodes>([&](const auto mode) {
    constexpr unsigned int m = decltype(mode)::value;
    constexpr Number w = weight(m);
    const auto add = [&](const auto component, const auto direction, const Lanes &stress) {
      constexpr unsigned int i = decltype(component)::value, j = decltype(direction)::value, to = m + stride(j);
      if constexpr (is_first(to, j))
        r[i][to] = stress;
      else
        r[i][to] += stress;
    };
    Lanes trace = Number(0);
    for_each<dim>([&](const auto direction) {
      constexpr unsigned int j = decltype(direction)::value;
      if constexpr (has(m, j))
        trace += is_cube ? u[j][m + stride(j)] : s[j] * u[j][m + stride(j)];
    });
    const Lanes pressure = (w * lambda) * trace;
    for_each<dim>([&](const auto direction) {
      constexpr unsigned int j = decltype(direction)::value;
      if constexpr (has(m, j))
      {
        const Lanes &strain = u[j][m + stride(j)];
        if constexpr (is_cube)
          add(direction, direction, pressure + (w * two_mu) * strain);
        else
          add(direction, direction, s[j] * (pressure + (w * two_mu_s[j]) * strain));
      }
    });
    for_each<dim>([&](const auto one) {
      for_each<decltype(one)::value>([&](const auto two) {
        constexpr unsigned int i = decltype(one)::value, j = decltype(two)::value;
        constexpr bool along_i = has(m, i), along_j = has(m, j);
        Lanes factor;
        if constexpr (is_cube)
          factor = w * mu;
        else
          factor = w * mu_ss[i][j];
        if constexpr (along_i && along_j)
        {
          const Lanes shear = factor * (u[j][m + stride(i)] + u[i][m + stride(j)]);
          add(two, one, shear);
          add(one, two, shear);
        }
        else if constexpr (along_i)
          add(two, one, factor * u[j][m + stride(i)]);
        else if constexpr (along_j)
          add(one, two, factor * u[i][m + stride(j)]);
      });
    });
  });
  from_modes(r);
  if constexpr (!is_cube)
    scale(r, size);
}

template <int dim, int degree, typename Number>
template <bool is_cube>
inline std::array<Wide<Number>, 2> Brick<dim, degree, Number>::moduli_dual_of(Values &u, Values &p, const Size &size)
{
  const auto &s = size.inverse_square;
  for (Values *values : {&u, &p})
  {
    if constexpr (!is_cube)
      scale(*values, size);
    to_modes(*values);
  }
  std::array<Lanes, 2> dual = {Lanes(Number(0)), Lanes(Number(0))};
  for_each<n_nodes>([&](const auto mode) {
    constexpr unsigned int m = decltype(mode)::value;
    constexpr Number w = weight(m);
    Lanes trace_u = Number(0), trace_p = Number(0);
    for_each<dim>([&](const auto one) {
      constexpr unsigned int i = decltype(one)::value;
      if constexpr (has(m, i))
      {
        Lanes strain_u = u[i][m + stride(i)], strain_p = p[i][m + stride(i)];
        if constexpr (!is_cube)
        {
          strain_u *= s[i];
          strain_p *= s[i];
        }
        trace_u += strain_u;
        trace_p += strain_p;
        dual[1] += (Number(2) * w) * (strain_u * strain_p);
      }
      for_each<i>([&](const auto two) {
        constexpr unsigned int j = decltype(two)::value;
        if constexpr (has(m, i) || has(m, j))
        {
          const Lanes product = shear<m, i, j>(u) * shear<m, i, j>(p);
          if constexpr (is_cube)
            dual[1] += w * product;
          else
            dual[1] += (w * s[i] * s[j]) * product;
        }
      });
    });
    dual[0] += w * (trace_u * trace_p);
  });
  for (Lanes &x : dual)
    x *= size.scale;
  return dual;
}

template <int dim, int degree, typename Number>
std::array<double, dim> Brick<dim, degree, Number>::gradient_products(const unsigned int a, const unsigned int b)
{
  // These are int phi_a phi_b and int phi_a' phi_b' on [0, 1].
  constexpr double mass[2][3][3] = {
      {{1. / 3, 1. / 6}, {1. / 6, 1. / 3}},
      {{2. / 15, 1. / 15, -1. / 30}, {1. / 15, 8. / 15, 1. / 15}, {-1. / 30, 1. / 15, 2. / 15}}};
  constexpr double stiffness[2][3][3] = {
      {{1, -1}, {-1, 1}}, {{7. / 3, -8. / 3, 1. / 3}, {-8. / 3, 16. / 3, -8. / 3}, {1. / 3, -8. / 3, 7. / 3}}};
  std::array<double, dim> products;
  for (unsigned int i = 0; i < dim; ++i)
  {
    products[i] = 1;
    for (unsigned int d = 0; d < dim; ++d)
      products[i] *= (d == i ? stiffness : mass)[degree - 1][digit(a, d)][digit(b, d)];
  }
  return products;
}

} // namespace lodestone
