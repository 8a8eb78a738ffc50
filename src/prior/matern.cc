#include <lodestone/base/error.h>
#include <lodestone/prior/boundary_correction.h>
#include <lodestone/prior/boundary_squares.h>
#include <lodestone/prior/cell_squares.h>
#include <lodestone/prior/corner_squares.h>
#include <lodestone/prior/default_length.h>
#include <lodestone/prior/layering.h>
#include <lodestone/prior/matern_prior.h>
#include <lodestone/prior/prior_kinds.h>
#include <lodestone/prior/scaled_prior.h>

#include <deal.II/base/mpi.h>

#include <cmath>

namespace lodestone
{

namespace
{

/// A = K + delta M + S of one field: K has gamma_h within layers and gamma_v across them, S beta_h and beta_v.
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

/// T = gamma_h (1 - n n^T) + gamma_v n n^T, n the normal of the layers.
template <int dim>
dealii::SymmetricTensor<2, dim> tensor_of(const MaternWeights &w, const dealii::Tensor<1, dim> &normal)
{
  return w.gamma_h * dealii::unit_symmetric_tensor<dim>() +
         (w.gamma_v - w.gamma_h) * dealii::symmetrize(dealii::outer_product(normal, normal));
}

template <int dim>
FieldInBox<dim> in_box(const MaternWeights &w, const dealii::SymmetricTensor<2, dim> &tensor, const double s)
{
  FieldInBox<dim> field;
  field.weights.delta = w.delta;
  field.weights.gamma = tensor;
  for (unsigned int d = 0; d < dim; ++d)
  {
    const double share = w.gamma_v == w.gamma_h ? 0. : (tensor[d][d] - w.gamma_h) / (w.gamma_v - w.gamma_h);
    field.weights.beta[d] = std::sqrt(w.beta_h * w.beta_h * (1 - share) + w.beta_v * w.beta_v * share);
  }
  field.deviation = s;
  return field;
}

/// @throws InputError where parameter cells are not cells of the mesh
template <int dim>
void check_layered(const PriorParameters &parameters, const ParameterCells<dim> &cells)
{
  dealii::types::global_dof_index n = 0;
  for (const auto &cell : cells.mesh().triangulation().active_cell_iterators())
    n += cell->is_locally_owned() && cells.index(cell) != dealii::numbers::invalid_dof_index ? 1 : 0;
  if (dealii::Utilities::MPI::sum(n, cells.mesh().communicator()) != cells.n())
    throw InputError(parameters.entry("Dip"), "it is given, but parameter cells hold several cells of the mesh",
                     "Set Material/Parameter cells = cells, or leave it empty.");
}

} // namespace

/// See matern_weights and MaternPrior. Where layers dip, K is that of CornerSquares.
template <int dim>
std::unique_ptr<Prior> make_matern(const PriorParameters &parameters, const ParameterCells<dim> &cells,
                                   const std::shared_ptr<const ParameterLayout> &layout)
{
  const std::size_t n_fields = layout->fields.size();
  const auto deviations = parameters.standard_deviations(n_fields);
  const auto horizontal = parameters.horizontal_lengths(n_fields, default_length(cells.mesh()));
  const auto vertical = parameters.vertical_lengths(n_fields, horizontal);
  const auto [strike, dip] = parameters.layering(dim);
  const auto normal = normal_of_layers<dim>(strike, dip);
  const bool is_level = dip == 0;
  if (!is_level)
    check_layered(parameters, cells);
  std::vector<CellWeights> inside(n_fields), volumes(n_fields, {1, 0, 0});
  std::vector<typename BoundarySquares<dim>::Weights> boundary(n_fields);
  std::vector<dealii::SymmetricTensor<2, dim>> tensors(n_fields);
  std::vector<FieldInBox<dim>> fields(n_fields);
  for (std::size_t k = 0; k < n_fields; ++k)
  {
    const MaternWeights w = matern_weights<dim>(deviations[k], horizontal[k], vertical[k]);
    inside[k] = {w.delta, is_level ? w.gamma_h : 0, is_level ? w.gamma_v : 0};
    boundary[k] = {w.beta_h, w.beta_v, normal};
    tensors[k] = tensor_of<dim>(w, normal);
    fields[k] = in_box<dim>(w, tensors[k], deviations[k]);
  }
  const CutFaces<dim> cut = make_cut(parameters.cut_at, cells.mesh());
  std::vector<std::shared_ptr<const Squares>> lists = {make_cell_squares(cells, layout, inside, cut),
                                                       std::make_shared<BoundarySquares<dim>>(cells, boundary, cut)};
  if (!is_level)
    lists.push_back(std::make_shared<CornerSquares<dim>>(cells, tensors, cut));
  std::unique_ptr<Prior> prior = std::make_unique<MaternPrior>(
      layout, JoinedSquares(lists), make_cell_squares(cells, layout, volumes), parameters.field_correlation(n_fields));
  if (parameters.boundary_correction != "no")
    prior = std::make_unique<ScaledPrior>(std::move(prior), boundary_correction(cells, layout, fields),
                                          ParameterVector(layout));
  return prior;
}

template std::unique_ptr<Prior> make_matern<2>(const PriorParameters &, const ParameterCells<2> &,
                                               const std::shared_ptr<const ParameterLayout> &);
template std::unique_ptr<Prior> make_matern<3>(const PriorParameters &, const ParameterCells<3> &,
                                               const std::shared_ptr<const ParameterLayout> &);

} // namespace lodestone
