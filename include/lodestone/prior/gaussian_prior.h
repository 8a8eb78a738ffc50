#pragma once

#include <lodestone/discretization/parameter_cells.h>
#include <lodestone/prior/prior.h>

#include <deal.II/base/parameter_handler.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace lodestone
{

/// Entries of subsection `Prior`. Lists hold one number for all unknown fields, or one for each.
struct PriorParameters
{
  std::string type = "H1";                  ///< Tikhonov | H1
  std::string standard_deviation = "1";     ///< of m (dimensionless), list
  std::string horizontal_length;            ///< correlation length (m), list; empty: a tenth of the model's width
  std::string vertical_length;              ///< m, list; empty: the horizontal one
  std::string weight = "1";                 ///< multiplies the whole prior
  std::string gradient_weight, mass_weight; ///< when given, the factors of K and M themselves

  /// Declares the entries in the handler's present subsection.
  void add_parameters(dealii::ParameterHandler &handler);
  /// @throws InputError
  void validate() const;
};

/// Gaussian prior J = 1/2 (m - m_ref)^T R (m - m_ref) on cell fields, R independent from field to field:
///
///   R_k = P^T (delta M + gamma_h K_h + gamma_v K_v) P,
///
/// M the diagonal of cell volumes, K_h + K_v = sum over faces of A_f/d_f times the squared difference across (see
/// FaceTerm), split by the face's normal, P the map from parameter cells to cells. Cells that are held have no unknown
/// and count as m = 0 for their neighbours. Standard deviation s, correlation lengths L_h, L_v, weight w:
///
///   H1        delta = w/(s^2 V_L), gamma_h = L_h^2 delta, gamma_v = L_v^2 delta: J approximates
///             w/(2 s^2 V_L) int m^2 + L_h^2 |grad_h m|^2 + L_v^2 (dm/dz)^2,
///             V_L = 8 pi L_h^2 L_v (3-D) or 2 pi L_h L_v (2-D), the volume over which exp(-r/L) correlates: a field
///             that is constant over much more than V_L has the likelihood that variance s^2 gives it
///   Tikhonov  delta = w/(s^2 V_mean), gamma = 0: J = w/(2 s^2) sum_j m_j^2 V_j/V_mean, V_mean the mean parameter
///   cell's volume given     delta = w `Mass weight`, gamma = w `Gradient weight`, in the length unit of the model
///
/// Unknowns that belong to no cell are independent with unit variance. R is an assembled PETSc matrix; R^-1 is a
/// factorisation for small problems, otherwise conjugate gradients with algebraic multigrid, solved so far (residual
/// 1e-12) that as a metric it is one fixed linear map; the preconditioner is the factorisation or one cycle. PETSc options of the solver:
/// prefix `prior_`.
class GaussianPrior : public Prior
{
public:
  /// R(row, column) += value; entries of rows that other ranks own are sent to them.
  using AddEntry =
      std::function<void(dealii::types::global_dof_index row, dealii::types::global_dof_index column, double value)>;
  /// Calls its argument with every entry that this rank has, in the same order each time: R is never held as a list.
  using Entries = std::function<void(const AddEntry &)>;

  /// Collective. @param entries make a symmetric positive definite matrix
  /// @param volume_weights see diagonal()
  GaussianPrior(std::shared_ptr<const ParameterLayout> layout, const Entries &entries, ParameterVector volume_weights);
  ~GaussianPrior() override;

  /// m_ref; zero unless set.
  void set_reference(const ParameterVector &reference) { reference_.values() = reference.values(); }
  const ParameterVector &reference() const { return reference_; }

  double value(const ParameterVector &m) const override;
  void add_gradient(const ParameterVector &m, ParameterVector &g) const override;
  void add_hessian(const ParameterVector &m, const ParameterVector &m_hat, ParameterVector &out) const override;
  SolveReport apply_inverse(const ParameterVector &dual, ParameterVector &out) const override;
  void precondition(const ParameterVector &dual, ParameterVector &out) const override;

  /// Volume of each parameter cell over the mean one: the diagonal metric for changed variables.
  const ParameterVector &diagonal() const { return volume_weights_; }

private:
  struct Precision;
  std::shared_ptr<const ParameterLayout> layout_;
  std::unique_ptr<Precision> precision_;
  ParameterVector reference_, volume_weights_;
};

/// Collective. @throws InputError
template <int dim>
std::unique_ptr<GaussianPrior> make_prior(const PriorParameters &parameters, const ParameterCells<dim> &cells,
                                          const std::shared_ptr<const ParameterLayout> &layout);

} // namespace lodestone
