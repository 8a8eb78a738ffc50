#pragma once

#include <lodestone/material/isotropic.h>
#include <lodestone/material/transform.h>

#include <string>
#include <vector>

namespace lodestone
{

/// Entries that say what is to be found and between which bounds.
struct UnknownEntries
{
  std::string unknowns = "Young modulus"; ///< none | Young modulus | Shear modulus | Bulk modulus | Bulk modulus, Shear
                                          ///< modulus | Young modulus, Poisson ratio | Poisson ratio
  std::string held =
      "Poisson ratio";           ///< what stays when only the shear modulus is unknown: Poisson ratio | Bulk modulus
  std::string transform = "log"; ///< log | logit | identity
  std::string lower_bound, upper_bound; ///< of moduli (Pa); logit needs both
  std::string poisson_lower = "0.05", poisson_upper = "0.45";
};

/// One unknown number per parameter cell: which number of the pair it is, and how it follows from m.
struct UnknownField
{
  unsigned int argument; ///< of the pair
  bool is_poisson;
  std::string name; ///< "ln E/E0"
  Transform transform;
  double lower, upper; ///< of x; 0 or infinity: none
  std::string lower_entry, upper_entry;

  Transform::Value operator()(double m, double background) const { return transform(m, background, scale(background)); }
  /// Bounds on m for the optimiser, infinite where none is needed.
  double smallest(double background) const;
  double largest(double background) const;
  /// @throws InputError when the background is not within the bounds; `place` is put into the message
  void check(double background, const std::string &place) const;

private:
  double scale(double background) const { return is_poisson ? upper - lower : background; }
};

/// The unknown fields in the order in which m holds them, and the pair of moduli whose other number keeps its
/// background.
struct UnknownFields
{
  /// @throws InputError
  explicit UnknownFields(const UnknownEntries &entries);

  ModuliPair pair = ModuliPair::young_poisson;
  std::vector<UnknownField> fields;
};

} // namespace lodestone
