#pragma once

#include <lodestone/base/log.h>
#include <lodestone/loads/load.h>
#include <lodestone/loads/load_parameters.h>

namespace lodestone
{

template <int dim>
using LoadList = std::vector<std::unique_ptr<Load<dim>>>;

/// The loads of a load case as the parameter file gives them, read and checked. Collective. @throws InputError
template <int dim>
LoadList<dim> make_loads(const std::vector<LoadParameters> &parameters, const LoadContext &context);

/// The load vectors of one load case, in the order of the list; logs each one's region, resultant and remarks.
/// @param per "/yr" where the case's data are rates, and so its loads
/// Collective. @throws InputError
template <int dim>
std::vector<LoadVector<dim>> assemble_loads(const DisplacementSpace<dim> &space, const PointLocator<dim> &locator,
                                            const LoadList<dim> &loads, Log &log, const std::string &per = "");

/// Two lines at most a load: what it is, its strength, region volume and resultant force.
template <int dim>
std::string describe_load(const Load<dim> &load, const LoadVector<dim> &vector, const std::string &per = "");

/// What a load of this strength is: "volume change 4.8e+06 m^3/yr", "resultant force 2e+12 N"; empty where neither says
/// it.
template <int dim>
std::string describe_strength(const LoadVector<dim> &load, double strength, const std::string &per = "");

/// Points of all sources, for mesh refinement; needs no mesh but a length to space them by.
template <int dim>
std::vector<dealii::Point<dim>> source_points(const LoadList<dim> &loads, double spacing);

/// 1 on the cells that hold the sources of loads with `Hold stiffness near source`, and on one ring of cells around
/// them; 0 elsewhere. Ghost values are set. Collective.
template <int dim>
CellField cells_near_sources(const Mesh<dim> &mesh, const LoadList<dim> &loads);

} // namespace lodestone
