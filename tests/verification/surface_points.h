#pragma once

// Displacement at points of the surface, and columns of reference tables, for tests against half-space solutions.

#include <lodestone/discretization/point_locator.h>
#include <lodestone/discretization/state.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace lodestone::testing
{

/// Displacement at each point, the same on all ranks.
template <int dim>
std::vector<dealii::Tensor<1, dim>> displacement_at(const DisplacementSpace<dim> &space, const DistributedVector &u,
                                                    const std::vector<dealii::Point<dim>> &points)
{
  const PointLocator<dim> locator(space);
  std::vector<unsigned int> missing;
  std::vector<double> values(points.size() * dim, 0.), sums(values.size());
  std::vector<dealii::types::global_dof_index> dofs(space.element().n_dofs_per_cell());
  for (const auto &owned : locator.owners(points, missing))
  {
    owned.hit.cell->get_dof_indices(dofs);
    for (unsigned int i = 0; i < dofs.size(); ++i)
      values[owned.point * dim + space.element().system_to_component_index(i).first] +=
          u(dofs[i]) * space.element().shape_value(i, owned.hit.unit_point);
  }
  if (!missing.empty())
    throw std::runtime_error("a point lies outside the mesh");
  dealii::Utilities::MPI::sum(values, space.mesh().communicator(), sums);
  std::vector<dealii::Tensor<1, dim>> result(points.size());
  for (unsigned int i = 0; i < points.size(); ++i)
    for (int d = 0; d < dim; ++d)
      result[i][d] = sums[i * dim + d];
  return result;
}

/// Rows of numbers of a table whose first two lines are a comment and a header.
inline std::vector<std::vector<double>> reference_rows(const std::string &file)
{
  std::ifstream in(file);
  std::vector<std::vector<double>> rows;
  std::string line;
  for (unsigned int n = 0; std::getline(in, line); ++n)
  {
    if (n < 2)
      continue;
    std::vector<double> row;
    std::istringstream fields(line);
    for (std::string field; std::getline(fields, field, ',');)
      row.push_back(std::stod(field));
    rows.push_back(row);
  }
  return rows;
}

} // namespace lodestone::testing
