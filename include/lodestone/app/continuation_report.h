#pragma once

#include <lodestone/base/log.h>
#include <lodestone/inversion/continuation.h>

namespace lodestone
{

/// The table of the meshes of a continuation, the coarsest first, for the log. Where the data chose the prior's weight on
/// a coarser mesh, a warning follows if chi^2/N on the finest mesh is more than 10 % off that one's.
void report_continuation(const Continuation &continuation, Log &log);

} // namespace lodestone
