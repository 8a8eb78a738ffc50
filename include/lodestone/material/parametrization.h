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

/// Takes the unknown m to the moduli of every cell, with first and second derivatives.
///
/// In cell c the unknown field k is x_k = T_k(m_j; background), j being the parameter cell of c, and T_k(0) =
/// background (see Transform):
///   log       x = x_bg exp(m)
///   logit     x = lo + (hi - lo) s(m + s^-1((x_bg - lo)/(hi - lo))), s the logistic function
///   identity  x = x_bg (1 + m) for moduli, nu = nu_bg + `Poisson scale` m for Poisson's ratio, with bounds on x
///
/// Then (E, nu), (K, G) or (G, nu) give (lambda, mu). Fields that are not unknown, and cells that are held, keep the
/// background. Each field has its own transform; where one word is given for all, `log`, Poisson's ratio takes the logit
/// between its own bounds. Moduli are in Pa (any consistent unit works, since nothing here has a scale of its own); m is dimensionless.
///
/// m may hold anything that a trial step puts there: moduli that overflow or become negative are returned as they are,
/// and the forward solver reports them. All functions that take an m are collective; arguments need no valid ghosts,
/// results have them.
template <int dim>
class Parametrization
{
public:
  /// The entries of subsection `Material`.
  struct Parameters : BackgroundEntries, UnknownEntries
  {
    /// The default is a material with E = 20 GPa and nu = 0.25.
    Parameters();
    std::string zones;        ///< names that open subsections with the same four background entries
    std::string fixed_region; ///< formula that is not zero where cells keep their background
    std::string fixed_zones;  ///< names of zones whose cells keep their background
    typename ParameterCells<dim>::Parameters cells;
    std::vector<ZoneBackground> zone_backgrounds;
    CutCells cut_cells = CutCells::mean;

    /// Declares the entries in the handler's present subsection.
    void add_parameters(dealii::ParameterHandler &handler);
    /// Declares a subsection for each of `zones`, whose names have to be known by now.
    void add_zone_parameters(dealii::ParameterHandler &handler);
    /// Checks what can be checked without a mesh. @throws InputError

    void validate() const;
    /// Checks formulas, tables and names before the mesh is built. Collective. @throws InputError
    void check(const MeshNames &names, const std::string &deck_directory, MPI_Comm comm) const;
    /// The entries of the pair that describes the material: (K, G) when it is given, else (E, nu). @throws InputError
    /// when both are given
    BackgroundEntries background() const;
  };

  /// Collective.
  /// @param held_by_sources nonzero on cells whose stiffness is held because a source is near (an empty field: on none)
  /// @throws InputError for backgrounds that are not physical or outside the bounds, with the place and the value
  Parametrization(const Mesh<dim> &mesh, const Parameters &parameters, const std::string &deck_directory,
                  const CellField &held_by_sources, Log &log);
  /// The unknowns of another parametrization, on a mesh that is a refinement of its mesh; the background is taken anew
  /// from the same entries. Collective. @throws InputError
  Parametrization(const Mesh<dim> &mesh, const Parameters &parameters, const std::string &deck_directory,
                  const ParameterCells<dim> &of_coarser, Log &log);
  /// A body of given moduli, without unknowns. Collective.
  Parametrization(const Mesh<dim> &mesh, const Moduli &moduli);
  ~Parametrization();

  /// The unknowns: which fields, and on how many parameter cells.
  std::shared_ptr<const ParameterLayout> layout() const { return layout_; }
  const ParameterCells<dim> &cells() const { return *cells_; }
  /// The background as an m: a zero vector.
  ParameterVector make_vector() const { return ParameterVector(layout_); }

  /// The moduli at m.
  Moduli value(const ParameterVector &m) const;
  /// The tangent at m: the derivative of the moduli in the direction m_hat.
  Moduli apply(const ParameterVector &m, const ParameterVector &m_hat) const;
  /// The transpose: g += (d moduli / d m)^T dual; g is a dual vector.
  void add_transpose(const ParameterVector &m, const Moduli &dual, ParameterVector &g) const;
  /// The second derivative in the direction m_hat: g += sum_c dual_c . d^2 moduli_c / dm^2 [m_hat]; g is a dual vector.
  void add_second(const ParameterVector &m, const ParameterVector &m_hat, const Moduli &dual, ParameterVector &g) const;

  /// Lower and upper bounds on m, infinite where there is none; nothing when no number of m has one. A parameter cell
  /// over several cells takes the tightest bound. Collective.
  std::optional<std::pair<ParameterVector, ParameterVector>> bounds() const;
  /// The fields at m for output: "E", "nu", "K" and "G" (moduli in Pa).
  std::vector<std::pair<std::string, CellField>> fields(const ParameterVector &m) const;
  /// Field number `field` of m on the finite-element cells: every cell has the value of its parameter cell, NaN where
  /// it is held.
  CellField on_cells(const ParameterVector &m, unsigned int field) const;
  /// A modulus typical of the model (Pa): the geometric mean of the background's E over the cells. When all moduli are
  /// scaled by a power of two, it is scaled without rounding.
  double reference_modulus() const;

private:
  struct Cellwise;
  const Mesh<dim> &mesh_;
  std::unique_ptr<Cellwise> cellwise_;
  std::unique_ptr<ParameterCells<dim>> cells_;
  std::shared_ptr<const ParameterLayout> layout_;
  unsigned long long n_cut_ = 0; ///< cells that take means of the background, over all ranks

  CellField held_cells(const Parameters &parameters, const CellField &held_by_sources) const;
  void evaluate_background(const Background<dim> &background, const CellField &held);
  void index_cells();
  void report(Log &log) const;
};

} // namespace lodestone
