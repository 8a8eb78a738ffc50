#pragma once

#include <lodestone/material/isotropic.h>
#include <lodestone/material/transform.h>

#include <deal.II/base/parameter_handler.h>

#include <string>
#include <vector>

namespace lodestone
{

/// What does not change when the shear modulus alone is unknown.
enum class HeldFixed
{
  poisson_ratio,
  bulk_modulus
};

/// Entries that say what is to be found and between which bounds.
struct UnknownEntries
{
  /// none | Young modulus | Shear modulus | Bulk modulus | Poisson ratio | Bulk modulus, Shear modulus | Young modulus,
  /// Poisson ratio
  std::string unknowns = "Young modulus";
  HeldFixed held = HeldFixed::poisson_ratio;
  std::string transform = "log";        ///< one word, or one per unknown field: log | logit | identity
  std::string lower_bound, upper_bound; ///< bounds of moduli (Pa); logit needs both
  std::string poisson_lower = "0.05", poisson_upper = "0.45";
  std::string poisson_scale; ///< identity: change of Poisson's ratio at m = 1; empty: the difference of its bounds

  /// Declares the entries in the handler's present subsection.
  void add_parameters(dealii::ParameterHandler &handler);
  /// False where every cell keeps its background.
  bool has_unknowns() const;
};

/// One field that is unknown, with one number per parameter cell: which number of the pair it is, and how it follows
/// from m.
struct UnknownField
{
  unsigned int argument; ///< place in the pair: 0 or 1
  bool is_poisson;       ///< whether it is Poisson's ratio and no modulus
  std::string name;      ///< "ln E/E0"
  Transform transform;
  double lower, upper;                  ///< bounds of x; 0 or infinity where there is none
  double poisson_scale;                 ///< identity: change of Poisson's ratio at m = 1
  std::string lower_entry, upper_entry; ///< paths of the entries that give the bounds

  /// x and its derivatives at m.
  Transform::Value operator()(double m, double background) const { return transform(m, background, scale(background)); }
  /// Lower and upper bound on m for the optimiser; infinite where none is needed.
  double smallest(double background) const;
  double largest(double background) const;
  /// Checks that the background lies within the bounds. @param place for the message @throws InputError
  void check(double background, const std::string &place) const;

private:
  double scale(double background) const { return is_poisson ? poisson_scale : background; }
};

/// The unknown fields in the order in which m holds them, and the pair of moduli whose other number keeps its
/// background.
struct UnknownFields
{
  /// @throws InputError
  explicit UnknownFields(const UnknownEntries &entries);

  ModuliPair pair = ModuliPair::young_poisson;
  std::vector<UnknownField> fields;

  /// What a field changes, by its name among the fields of Parametrization: E | nu | K | G.
  std::string quantity(const UnknownField &field) const;
};

} // namespace lodestone
