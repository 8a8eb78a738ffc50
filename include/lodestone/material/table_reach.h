#pragma once

#include <lodestone/base/log.h>
#include <lodestone/material/background.h>

namespace lodestone
{

/// Says where a table of depth does not reach as far as the cells it is used in: it is constant beyond its ends, which
/// may not be what its author had in mind. One line a table, with its last (or first) depth, that of the cells and the
/// value that goes on. A zone's own table is measured by the zone's cells. Collective.
template <int dim>
void report_table_reach(const BackgroundEntries &general, const std::vector<ZoneBackground> &zones,
                        const Mesh<dim> &mesh, const std::string &deck_directory, Log &log);

} // namespace lodestone
