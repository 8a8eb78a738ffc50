#pragma once

#include <string>

namespace lodestone
{

/// Physical dimension of an entry; decides which units it accepts. Values are returned in SI, angles in degrees.
enum class Quantity
{
  number,          ///< dimensionless; "%" accepted
  length,          ///< m, km, cm, mm
  pressure,        ///< Pa, kPa, MPa, GPa (moduli, tractions)
  force,           ///< N, kN, MN, GN
  force_density,   ///< N/m^3, kN/m^3
  volume,          ///< m^3, km^3
  density,         ///< kg/m^3
  angle,           ///< degrees ("deg", "rad" accepted, converted)
  spring,          ///< Pa/m, MPa/m (Winkler)
  moment,          ///< N m
  time             ///< s, min, h, d, yr
};

/// Reads "20e9", "20 GPa", "-5 MPa" or "4.8e6 m^3/yr" (rates keep their per-year factor out: the number before /yr).
/// @param where names the entry in the error
/// @throws InputError for text that is no number, or a unit that does not fit
double parse_quantity(const std::string &text, Quantity quantity, const std::string &where);

/// A formula with every "number unit" replaced by its SI value: "z > -2 km" -> "z > -(2*1000)".
/// Names that are not units are left alone.
std::string expand_units(const std::string &formula);

/// The units a quantity accepts, for help texts: "Pa, kPa, MPa, GPa".
std::string units_of(Quantity quantity);

} // namespace lodestone
