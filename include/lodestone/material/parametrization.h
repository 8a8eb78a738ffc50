#pragma once

#include <lodestone/base/log.h>
#include <lodestone/discretization/mesh_names.h>
#include <lodestone/discretization/parameter_cells.h>
#include <lodestone/material/background.h>
#include <lodestone/material/moduli.h>
#include <lodestone/material/unknown_fields.h>

#include <deal.II/base/parameter_handler.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lodestone
{

/// From the unknown m to the moduli of every cell, with first and second derivatives.
///
/// Per cell c and unknown field k: x_k = T_k(m_j; background), j the parameter cell of c, T_k(0) = background (see
/// Transform):
///   log       x = x_bg exp(m)
///   logit     x = lo + (hi - lo) s(m + s^-1((x_bg - lo)/(hi - lo))), s the logistic function
///   identity  x = x_bg (1 + m) for moduli, nu = nu_bg + (hi - lo) m for Poisson's ratio, with bounds on x
/// then (E, nu), (K, G) or (G, nu) to (lambda, mu) with the fields that are not unknown at their background. Poisson's
/// ratio takes the logit between its own bounds also when the moduli take the logarithm. Cells that are held, and
/// fields not unknown, keep the background. All moduli in Pa (any consistent unit works: nothing here has a scale of
/// its own); m dimensionless.
///
/// m may hold anything a trial step puts there: moduli that overflow or become negative are returned as they are, and
/// the forward solver reports them. Calls are collective; arguments need no valid ghosts, results have them.
template <int dim>
class Parametrization
{
public:
  /// Entries of subsection `Material`.
  struct Parameters : BackgroundEntries, UnknownEntries
  {
    Parameters();                          ///< E = 20 GPa, nu = 0.25
    std::string zones;                     ///< names that open subsections with the same four background entries
    std::string fixed_region, fixed_zones; ///< formula; zone names
    typename ParameterCells<dim>::Parameters cells;
    std::vector<ZoneBackground> zone_backgrounds;

    /// Declares the entries in the handler's present subsection.
    void add_parameters(dealii::ParameterHandler &handler);
    /// Declares there a subsection for each of `zones`, which has to be known by now.
    void add_zone_parameters(dealii::ParameterHandler &handler);
    /// What can be checked without a mesh. @throws InputError
    void validate() const;
    /// Formulas, tables and names, before the mesh is built. Collective. @throws InputError
    void check(const MeshNames &names, const std::string &deck_directory, MPI_Comm comm) const;
    /// The pair that describes the material: (K, G) when given, else (E, nu). @throws InputError when both are
    BackgroundEntries background() const;
  };

  /// @param held_by_sources nonzero on cells whose stiffness is held since they hold a source (an empty field: none)
  /// @throws InputError for backgrounds that are not physical or outside the bounds, with the place and the value
  Parametrization(const Mesh<dim> &mesh, const Parameters &parameters, const std::string &deck_directory,
                  const CellField &held_by_sources, Log &log);
  ~Parametrization();

  std::shared_ptr<const ParameterLayout> layout() const { return layout_; }
  const ParameterCells<dim> &cells() const { return *cells_; }
  ParameterVector make_vector() const { return ParameterVector(layout_); }

  Moduli value(const ParameterVector &m) const;
  /// Tangent at m: the change of the moduli per change m_hat.
  Moduli apply(const ParameterVector &m, const ParameterVector &m_hat) const;
  /// g += (d moduli / d m)^T dual.
  void add_transpose(const ParameterVector &m, const Moduli &dual, ParameterVector &g) const;
  /// g += sum_c dual_c . d^2 moduli_c / dm^2 [m_hat].
  void add_second(const ParameterVector &m, const ParameterVector &m_hat, const Moduli &dual, ParameterVector &g) const;

  /// Lower and upper bounds on m, infinite where there is none; empty when no entry has one. A parameter cell over
  /// several cells takes the tightest.
  std::optional<std::pair<ParameterVector, ParameterVector>> bounds() const;
  /// Fields for output at m: "E", "nu", "K", "G" (Pa), each a CellField.
  std::vector<std::pair<std::string, CellField>> fields(const ParameterVector &m) const;
  /// Cells by number of unknown, as a CellField of m's field k (NaN where held).
  CellField on_cells(const ParameterVector &m, unsigned int field) const;
  /// A modulus typical of the model (Pa): the geometric mean of the background E over the cells. Scaling all moduli by
  /// a power of two scales it without rounding.
  double reference_modulus() const;

private:
  struct Cellwise;
  const Mesh<dim> &mesh_;
  std::unique_ptr<Cellwise> cellwise_;
  std::unique_ptr<ParameterCells<dim>> cells_;
  std::shared_ptr<const ParameterLayout> layout_;

  CellField held_cells(const Parameters &parameters, const CellField &held_by_sources) const;
  void evaluate_background(const Background<dim> &background, const CellField &held);
  void index_cells();
  void report(Log &log) const;
};

} // namespace lodestone
