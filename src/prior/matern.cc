#include <lodestone/prior/boundary_squares.h>
#include <lodestone/prior/cell_squares.h>
#include <lodestone/prior/default_length.h>
#include <lodestone/prior/matern_prior.h>
#include <lodestone/prior/prior_kinds.h>

#include <cmath>

namespace lodestone
{

namespace
{

/// A = gamma_h K_h + gamma_v K_v + delta M + beta_h S_h + beta_v S_v of one field.
struct MaternWeights
{
  double delta, gamma_h, gamma_v, beta_h, beta_v;
};

/// Stretched along each axis by the correlation length rho_i there, a field of variance s^2 and correlation length
/// rho_g, the geometric mean of the rho_i, becomes isotropic:
///
///   nu = 2 - dim/2,   kappa = sqrt(8 nu)/rho_g,   t = s kappa^nu sqrt((4 pi)^(dim/2) Gamma(nu + dim/2) / Gamma(nu)),
///   gamma_i = (rho_i/rho_g)^2 / t,   delta = kappa^2/t,   beta_i = sqrt(gamma_i delta)/1.42
///
/// The Robin term beta S keeps the variance at the boundary near that inside. Sources: Lindgren, Rue and Lindstroem 2011,
/// doi:10.1111/j.1467-9868.2011.00777.x; Daon and Stadler 2018, doi:10.3934/ipi.2018045 (the factor 1.42).
template <int dim>
MaternWeights matern_weights(const double s, const double horizontal, const double vertical)
{
  constexpr double robin = 1.42;
  const double nu = 2 - dim / 2.;
  const double mean = dim == 3 ? std::cbrt(horizontal * horizontal * vertical) : std::sqrt(horizontal * vertical);
  const double kappa = std::sqrt(8 * nu) / mean;
  const double t = s * std::pow(kappa, nu) *
                   std::sqrt(std::pow(4 * std::acos(-1.), dim / 2.) * std::tgamma(nu + dim / 2.) / std::tgamma(nu));
  const auto gamma = [&](const double length) { return length / mean * (length / mean) / t; };
  const double delta = kappa * kappa / t;
  return {delta, gamma(horizontal), gamma(vertical), std::sqrt(delta * gamma(horizontal)) / robin,
          std::sqrt(delta * gamma(vertical)) / robin};
}

} // namespace

/// See matern_weights and MaternPrior.
template <int dim>
std::unique_ptr<Prior> make_matern(const PriorParameters &parameters, const ParameterCells<dim> &cells,
                                   const std::shared_ptr<const ParameterLayout> &layout)
{
  const std::size_t n_fields = layout->fields.size();
  const auto deviations = parameters.standard_deviations(n_fields);
  const auto horizontal = parameters.horizontal_lengths(n_fields, default_length(cells.mesh()));
  const auto vertical = parameters.vertical_lengths(n_fields, horizontal);
  std::vector<CellWeights> inside(n_fields), volumes(n_fields, {1, 0, 0});
  std::vector<typename BoundarySquares<dim>::Weights> boundary(n_fields);
  for (std::size_t k = 0; k < n_fields; ++k)
  {
    const MaternWeights w = matern_weights<dim>(deviations[k], horizontal[k], vertical[k]);
    inside[k] = {w.delta, w.gamma_h, w.gamma_v};
    boundary[k] = {w.beta_h, w.beta_v};
  }
  const CutFaces<dim> cut = make_cut(parameters.cut_at, cells.mesh());
  const JoinedSquares operator_squares(
      {make_cell_squares(cells, layout, inside, cut), std::make_shared<BoundarySquares<dim>>(cells, boundary, cut)});
  return std::make_unique<MaternPrior>(layout, operator_squares, make_cell_squares(cells, layout, volumes),
                                       parameters.field_correlation(n_fields));
}

template std::unique_ptr<Prior> make_matern<2>(const PriorParameters &, const ParameterCells<2> &,
                                               const std::shared_ptr<const ParameterLayout> &);
template std::unique_ptr<Prior> make_matern<3>(const PriorParameters &, const ParameterCells<3> &,
                                               const std::shared_ptr<const ParameterLayout> &);

} // namespace lodestone
