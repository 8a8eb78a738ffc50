#pragma once

#include <lodestone/app/problem.h>
#include <lodestone/inversion/weight_rule.h>
#include <lodestone/io/number_table.h>

namespace lodestone
{

/// weight_path.csv: one row per minimisation, in the order of trial, the last one that of the result. All numbers are
/// without unit; "roughness" is 2 prior / weight, m^T R m of a Gaussian prior. The curvature of the L-curve is given
/// where six points or more allow it, 0 elsewhere.
NumberTable weight_table(const WeightPath &path);

/// Says which weight was chosen and what that took, or, where none reached what was asked for, which data set is at odds
/// with the model, and what usually causes this. Collective.
/// @param path not empty  @param found whether the rule found what it looked for
template <int dim>
void report_weight(const Problem<dim> &problem, const WeightPath &path, bool found, Log &log);

} // namespace lodestone
