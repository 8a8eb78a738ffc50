#pragma once

#include <lodestone/app/result_source.h>
#include <lodestone/io/results_file.h>
#include <lodestone/io/vtu_writer.h>

#include <string>
#include <vector>

namespace lodestone
{

/// A field of the cells, named as in results.h5.
struct DescribedField
{
  std::string name;
  ArrayInfo info;
  CellField field;
};

/// What was found on the cells: moduli, their ratios to the background, m, and where given gradient and sensitivity,
/// both per volume: the derivative with respect to a parameter cell's number times the mean volume of the parameter
/// cells over its own. Collective.
template <int dim>
std::vector<DescribedField> cell_results(const ResultSource<dim> &source, const ParameterVector &m,
                                         const ParameterVector *gradient, const ParameterVector *sensitivity);

/// Young's modulus of the background, E0: that at m = 0.
template <int dim>
CellField young_background(const ResultSource<dim> &source);

/// Number of each cell's zone.
template <int dim>
CellField zone_numbers(const Mesh<dim> &mesh);

/// Strain and stress of every load case at the cells' centres, as ParaView gets them.
template <int dim>
std::vector<CellArray> strain_and_stress(const ResultSource<dim> &source, const ParameterVector &m);

/// Name of an array in a file for ParaView, which knows no units: "young" in Pa is young_Pa, "displacement" in m/yr
/// displacement_m_per_yr.
std::string name_with_unit(const std::string &name, const std::string &unit);

/// "strain", or "strain_rate" of a load case whose data are rates; with the name of the load case where there are
/// several.
template <int dim>
std::string name_in_case(const std::string &name, const ResultSource<dim> &source, unsigned int load_case);

} // namespace lodestone
