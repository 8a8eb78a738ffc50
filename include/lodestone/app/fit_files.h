#pragma once

#include <lodestone/observation/data_set.h>

#include <deal.II/base/mpi.h>

#include <string>
#include <vector>

namespace lodestone
{

/// What was predicted of one data set.
struct SetFit
{
  const DataSet &set;
  std::vector<double> predicted, residual;        ///< one per datum, with nuisance terms (m)
  std::vector<double> standardized;               ///< whitened residuals, without the set's weight
  std::vector<dealii::Tensor<1, 3>> displacement; ///< one per row, without them (m)
  std::vector<double> discretization_error;       ///< one per datum, estimated (m); empty: it was not estimated
};

/// The fit of a data set for ParaView: one point per station. Components are vectors, 0 where they were not measured
/// (array `measured` says where); line of sight is a number with its direction. In 2-D, vectors are (east, up, 0).
/// Collective.
/// @param surface_elevation z of points that lie on the free surface (m)
template <int dim>
void write_fit_points(const std::string &file, const SetFit &fit, double surface_elevation, MPI_Comm comm);

} // namespace lodestone
