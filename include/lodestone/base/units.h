#pragma once

#include <optional>
#include <string>

namespace lodestone
{

/// Physical dimension of an entry; decides which units it accepts. Values are returned in SI, angles in degrees.
enum class Quantity
{
  number,        ///< dimensionless; %
  length,        ///< m, km, cm, mm
  pressure,      ///< Pa, kPa, MPa, GPa (moduli, tractions)
  force,         ///< N, kN, MN, GN
  force_density, ///< N/m^3, kN/m^3
  volume,        ///< m^3, km^3
  area,          ///< m^2, km^2, m^3/m: a volume per metre of thickness
  density,       ///< kg/m^3
  angle,         ///< degrees; deg and rad
  spring,        ///< Pa/m, MPa/m: Winkler stiffness
  moment,        ///< N m, MN m, GN m
  time           ///< s, min, h, d, yr
};

/// Reads "20e9", "20 GPa", "-5 MPa" or "4.8e6 m^3/yr". A closing "/yr" marks a rate and does not change the number.
///
/// Any product and quotient of known units is accepted when its dimension is that of the quantity: "10 kN/m^2" is a
/// pressure. A year has 365.25 days. Decimals stand behind a point; a decimal comma is refused.
/// @param where names the entry in the error
/// @throws InputError for text that is no finite number, or a unit that does not fit
double parse_quantity(const std::string &text, Quantity quantity, const std::string &where);

/// Numbers in this unit are multiplied with the factor to be in SI (angles: in degrees); a closing "/yr" changes
/// nothing, and the factor of an empty unit is 1. For the header lines of tables.
/// @param quantity what the numbers are; empty: a unit of any dimension will do
/// @param advice follows the units that fit in the error
/// @throws InputError for an unknown unit, or one that does not fit
double unit_factor(const std::string &unit, const std::string &where, std::optional<Quantity> quantity = {},
                   const std::string &advice = "");

/// A formula with every "number unit" replaced by its SI value: "z > -2 km" -> "z > -(2*1000)".
///
/// The unit may be a power or a quotient without blanks: "2 km^2", "10 MPa/km*depth". A name is taken for a unit only
/// directly behind a number and never before "("; all others (x, m, max) are left alone. Angles become radians, which
/// is what sin and cos expect: "sin(30 deg)".
std::string expand_units(const std::string &formula);

/// Whether a value or formula is per year: "4.8e6 m^3/yr" is, "4.8e6 m^3" is not. The answer is empty where the units
/// do not tell: in "4.8e6", and in a formula all of whose units may belong to places.
std::optional<bool> is_per_year(const std::string &text, Quantity quantity);

/// The units that a quantity accepts, for help texts: "Pa, kPa, MPa, GPa".
std::string units_of(Quantity quantity);

} // namespace lodestone
