#pragma once

#include <lodestone/base/log.h>
#include <lodestone/loads/load.h>
#include <lodestone/loads/load_parameters.h>

#include <memory>
#include <string>
#include <vector>

namespace lodestone
{

/// The loads of a load case.
template <int dim>
using LoadList = std::vector<std::unique_ptr<Load<dim>>>;

/// Reads and checks the loads of a load case. Collective. @throws InputError
template <int dim>
LoadList<dim> make_loads(const std::vector<LoadParameters<dim>> &parameters, const LoadContext &context);

/// The load vectors of a load case, in the order of the list. Writes region, resultant and remarks of each load to the
/// log.
/// @param per "/yr" where the case's data are rates, and so its loads
/// @param surroundings null: nothing is known of the body, and sources are put into the mesh
/// Collective. @throws InputError
template <int dim>
std::vector<LoadVector<dim>> assemble_loads(const DisplacementSpace<dim> &space, const PointLocator<dim> &locator,
                                            const LoadList<dim> &loads, Log &log, const std::string &per = "",
                                            const Surroundings<dim> *surroundings = nullptr);

/// At most two lines for each load: what it is, its strength, the volume of its region and the resultant force.
template <int dim>
std::string describe_load(const Load<dim> &load, const LoadVector<dim> &vector, const std::string &per = "");

/// What a load of this strength is: "volume change 4.8e+06 m^3/yr", "resultant force 2e+12 N"; empty where the load has
/// neither.
template <int dim>
std::string describe_strength(const LoadVector<dim> &load, double strength, const std::string &per = "");

/// Points of all sources, about `spacing` (m) apart, for mesh refinement.
template <int dim>
std::vector<dealii::Point<dim>> source_points(const LoadList<dim> &loads, double spacing);

/// 1 on the cells that hold the sources of loads with `Hold stiffness near source`, and on one ring of cells around
/// them; 0 elsewhere. Ghost values are set. Collective.
template <int dim>
CellField cells_near_sources(const Mesh<dim> &mesh, const LoadList<dim> &loads);

} // namespace lodestone
