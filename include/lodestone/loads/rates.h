#pragma once

#include <lodestone/base/csv.h>
#include <lodestone/base/units.h>

#include <optional>
#include <string>

namespace lodestone
{

/// Where the data of a load case are rates, its loads are rates, too. Refuses an amount per year where the data are no
/// rates, and an amount with a unit that is not per year where they are; an amount without a unit fits both.
/// @param rates whether the data are rates; nothing where that is not known
/// @throws InputError
void check_rate(const std::string &amount, Quantity quantity, std::optional<bool> rates, const std::string &where);
/// The same for the unit of a column of a table.
void check_rate(const CsvTable &csv, unsigned int column, std::optional<bool> rates);

} // namespace lodestone
