#pragma once

#include <lodestone/base/log.h>
#include <lodestone/material/background.h>

namespace lodestone
{

/// Says in the log where a table of depth does not reach as far as the cells that it is used in: a table is constant
/// beyond its ends, which may not be what its author had in mind. There is one line per table, with its last (or first)
/// depth, the depth of the cells and the value that goes on. The table of a zone is compared with the cells of the
/// zone. Collective.
template <int dim>
void report_table_reach(const BackgroundEntries &general, const std::vector<ZoneBackground> &zones,
                        const Mesh<dim> &mesh, const std::string &deck_directory, Log &log);

} // namespace lodestone
