#pragma once

#include <lodestone/base/formula.h>
#include <lodestone/base/log.h>
#include <lodestone/discretization/parameter_cells.h>

#include <deal.II/base/parameter_handler.h>

#include <functional>
#include <optional>

namespace lodestone
{

/// Lamé moduli per cell (Pa), or a derivative with respect to them (then a dual field: J/Pa per cell).
struct Moduli
{
  CellField lambda, mu;
};

/// From the unknown m to the moduli of every cell, with first and second derivatives.
///
/// Per cell c and unknown field k: x_k = T_k(m_j; background), j the parameter cell of c, T_k(0) = background:
///   log       x = x_bg exp(m)
///   logit     x = lo + (hi - lo) s(m + s^-1(x_bg)), s the logistic function
///   identity  x = x_bg (1 + m), with bounds on x
/// then (E, nu) or (K, G) to (lambda, mu) with the fields that are not unknown at their background. Cells that are held, and
/// fields not unknown, keep the background. All moduli in Pa; m dimensionless.
template <int dim>
class Parametrization
{
public:
  struct Parameters
  {
    std::string young = "20 GPa", poisson = "0.25", bulk, shear; ///< value, formula, or "table FILE"; (bulk, shear) replace (E, nu)
    std::string zones;   ///< names that open subsections with the same four entries
    std::string unknowns = "Young modulus"; ///< none | Young modulus | Shear modulus | Bulk modulus | Bulk modulus, Shear modulus | Young modulus, Poisson ratio | Poisson ratio
    std::string held = "Poisson ratio"; ///< what stays when only the shear modulus is unknown: Poisson ratio | Bulk modulus
    std::string transform = "log";
    std::string lower_bound, upper_bound; ///< of moduli (Pa), for logit and identity
    std::string poisson_lower = "0.05", poisson_upper = "0.45";
    std::string fixed_region, fixed_zones; ///< formula; zone names
    typename ParameterCells<dim>::Parameters cells;
    struct Zone
    {
      std::string name, young, poisson, bulk, shear;
    };
    std::vector<Zone> zone_backgrounds;

    void add_parameters(dealii::ParameterHandler &handler);
    void add_zone_parameters(dealii::ParameterHandler &handler); ///< after `zones` is known
  };

  /// @param held_by_sources nonzero on cells whose stiffness is held since they hold a source
  Parametrization(const Mesh<dim> &mesh, const Parameters &parameters, const std::string &deck_directory,
                  const CellField &held_by_sources, Log &log);
  ~Parametrization();

  std::shared_ptr<const ParameterLayout> layout() const { return layout_; }
  const ParameterCells<dim> &cells() const { return *cells_; }
  ParameterVector make_vector() const { return ParameterVector(layout_); }

  Moduli value(const ParameterVector &m) const;
  /// Tangent at m: the change of the moduli per change m_hat.
  Moduli apply(const ParameterVector &m, const ParameterVector &m_hat) const;
  /// g += (d moduli / d m)^T dual. Collective.
  void add_transpose(const ParameterVector &m, const Moduli &dual, ParameterVector &g) const;
  /// g += sum_c dual_c . d^2 moduli_c / dm^2 [m_hat]. Collective.
  void add_second(const ParameterVector &m, const ParameterVector &m_hat, const Moduli &dual, ParameterVector &g) const;

  /// Bounds on m where the transform has some (identity); infinite entries elsewhere. Empty optional when there are none.
  std::optional<std::pair<ParameterVector, ParameterVector>> bounds() const;
  /// Fields for output at m: "E", "nu", "K", "G" (Pa), each a CellField.
  std::vector<std::pair<std::string, CellField>> fields(const ParameterVector &m) const;
  /// Cells by number of unknown, as a CellField of m's field k (NaN where held).
  CellField on_cells(const ParameterVector &m, unsigned int field) const;
  /// A modulus typical of the model (Pa), to make things dimensionless.
  double reference_modulus() const;

private:
  struct Cellwise;
  const Mesh<dim> &mesh_;
  std::unique_ptr<Cellwise> cellwise_;
  std::unique_ptr<ParameterCells<dim>> cells_;
  std::shared_ptr<const ParameterLayout> layout_;
};

} // namespace lodestone
