#pragma once

#include <lodestone/observation/data_set.h>

#include <cstdint>

namespace lodestone
{

/// The sets as they are when `predicted` is measured (the data vector of the load case, m): its values, and the
/// standard deviations that relative errors and floors make of them.
std::vector<DataSet> predicted_sets(const std::vector<DataSet> &sets, const DataVector &predicted);

/// Text of a file in the format of `set`'s own, with other values: predicted data that read_data_set reads.
/// Standard deviations are the set's, in columns that are added where the file has none; they hold relative error and
/// floor. Positions and directions are the file's; rows and components without data are left out or nan.
/// @param first the set's first entry in `data`, the data vector of the load case (m)
std::string data_file_text(const DataSet &set, const DataVector &data, unsigned int first);

/// Text of the table of observed, predicted, residual (predicted - observed) and sigma, in the file's units, one row a
/// datum with its position (m; longitude and latitude too when the file has them).
/// @param surface_elevation z of points that lie on the free surface (m)
std::string fit_table_text(const DataSet &set, const DataVector &predicted, unsigned int first,
                           double surface_elevation);

/// One draw of the noise, N(0, sigma_i^2) for each datum (m). Datum i is made from the numbers 2i and 2i+1 of the
/// standard's mt19937_64 by Box and Muller's formula, so that it depends on the seed and i alone, not on ranks or the
/// library. Source: Box & Muller 1958, Ann. Math. Stat. 29, 610, doi:10.1214/aoms/1177706645.
DataVector gaussian_noise(const std::vector<DataSet> &sets, std::uint64_t seed);

} // namespace lodestone
