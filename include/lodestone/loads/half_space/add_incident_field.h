#pragma once

#include <lodestone/loads/half_space/incident_field.h>
#include <lodestone/loads/load_assembler.h>

namespace lodestone
{

/// Puts sources into the load by their fields in half-spaces: LoadVector::incident, and what interpolation at the nodes
/// misses of them in cells near a source.
///
/// Where a cell's moduli can differ from those of a source's body, and the cell is near it, (C - C_k) meets the exact
/// strain by quadrature: parts of the cell are halved towards places where the strain is infinite. Sources whose strain
/// cannot be integrated must lie in cells of their own moduli. Collective.
/// @param sources in coordinates whose z is 0 at the surface; not empty
template <int dim>
void add_incident_field(LoadAssembler<dim> &assembler, typename IncidentField<dim>::Sources sources);

} // namespace lodestone
