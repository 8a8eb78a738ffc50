#pragma once

#include <lodestone/io/number_table.h>
#include <lodestone/io/results_file.h>

#include <string>

namespace lodestone
{

/// Writes the history of an inversion, one array per column, with units and descriptions; what counts is an integer.
/// Columns that are not known here keep their names and are described by them. Collective.
/// @param history with the columns that Inversion::history_columns names
void write_history(const NumberTable &history, const std::string &group, ResultsFile &file);

} // namespace lodestone
