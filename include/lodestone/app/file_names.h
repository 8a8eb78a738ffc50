#pragma once

#include <string>
#include <utility>
#include <vector>

namespace lodestone
{

/// What names the files of a data set (fit_NAME.csv, variogram_NAME.csv): "gnss", or "day_gnss" beside other load cases.
std::string data_file_name(std::size_t n_cases, const std::string &load_case, const std::string &data_set);

/// What names the file of a load case (surface_NAME.csv).
std::string case_file_name(const std::string &load_case);

/// The name of a load case and those of its data sets.
using NamesOfCase = std::pair<std::string, std::vector<std::string>>;

/// @throws InputError where two data sets or two load cases would have the same files, one of which would be lost, or where
/// a name is too long for a file
void check_file_names(const std::vector<NamesOfCase> &cases);

} // namespace lodestone
