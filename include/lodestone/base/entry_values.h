#pragma once

#include <lodestone/base/formula.h>
#include <lodestone/base/units.h>

#include <optional>
#include <string>
#include <vector>

namespace lodestone
{

// What the text of an entry may stand for: a number with a unit, a formula of position, a list of these, or a table.

/// Reads "-5 MPa" or a formula of position, "if(depth < 2 km, 10 GPa, 30 GPa)"; the formula of a number is constant.
/// Values are in SI.
/// @throws InputError naming `where`
template <int dim>
Formula<dim> read_value(const std::string &text, Quantity quantity, const std::string &where);

/// Reads a list of `count` values or formulas.
/// @param names what the list holds ("fx, fy, fz"), for the error
/// @throws InputError
template <int dim>
std::vector<Formula<dim>> read_values(const std::string &text, unsigned int count, const std::string &names,
                                      Quantity quantity, const std::string &where);

/// Whether a text is a number, with or without a unit, and that number is 0. A formula is not.
bool is_plain_zero(const std::string &text, Quantity quantity);

/// The file of an entry "table FILE", as the entry names it; nothing where the entry is no table.
std::optional<std::string> table_file(const std::string &text);

} // namespace lodestone
