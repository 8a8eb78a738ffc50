#pragma once

#include <lodestone/base/csv.h>
#include <lodestone/loads/load.h>

#include <deal.II/base/symmetric_tensor.h>

#include <string>
#include <vector>

namespace lodestone
{

/// "-5 MPa", or a formula of position. @throws InputError naming `where`
template <int dim>
Formula<dim> read_value(const std::string &text, Quantity quantity, const std::string &where);

/// A list of `count` values or formulas. @throws InputError that names what the list holds ("fx, fy, fz")
template <int dim>
std::vector<Formula<dim>> read_values(const std::string &text, unsigned int count, const std::string &names,
                                      Quantity quantity, const std::string &where);

/// Whether a text is a number with or without a unit, and that number is 0. A formula is not.
bool is_plain_zero(const std::string &text, Quantity quantity);

/// Refuses an amount per year where the data are no rates, and the reverse; an amount without unit fits both. @throws InputError
/// @param rates whether the data are; nothing where that is not known
void check_rate(const std::string &amount, Quantity quantity, std::optional<bool> rates, const std::string &where);
/// The same for the unit of a column of a table.
void check_rate(const CsvTable &csv, unsigned int column, std::optional<bool> rates);

template <int dim>
dealii::Tensor<1, dim> vector_at(const std::vector<Formula<dim>> &components, const dealii::Point<dim> &p);

/// Components in the order xx, yy, zz, yz, xz, xy; in 2-D xx, zz, xz (a fourth is not used here).
template <int dim>
dealii::SymmetricTensor<2, dim> tensor_at(const std::vector<Formula<dim>> &components, const dealii::Point<dim> &p);
/// "xx, yy, zz, yz, xz, xy" with a letter before each.
template <int dim>
std::string tensor_names(const std::string &letter);

/// The place of a source: x, y, depth in model coordinates or lon, lat, depth; one of the two entries is given.
template <int dim>
struct SourcePosition
{
  std::string model_text, geographic_text;

  void add_parameters(dealii::ParameterHandler &handler, const std::string &what);
  /// @throws InputError naming the load's entry: neither or both given, above the surface, no geographic origin
  dealii::Point<dim> read(const Load<dim> &load, const LoadContext &context) const;
};

/// The file as the deck names it: relative names count from the deck's folder.
std::string resolved_file(const std::string &file, const LoadContext &context);

/// Longest edge of the largest cell that holds or touches the point (bounding boxes decide); 0 when there is none.
/// Collective.
template <int dim>
double local_cell_size(const Mesh<dim> &mesh, const dealii::Point<dim> &point);

/// "(1200, -300, -2500)": model coordinates.
template <int dim>
std::string point_text(const dealii::Tensor<1, dim> &p);
/// Six digits at most, as %g prints them.
std::string number_text(double value);

} // namespace lodestone
