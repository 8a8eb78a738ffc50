#pragma once

#include <lodestone/app/output_parameters.h>
#include <lodestone/app/result_source.h>
#include <lodestone/io/number_table.h>
#include <lodestone/io/result_directory.h>

#include <memory>

namespace lodestone
{

/// Displacement of the free surface on the regular grid that the deck asks for, one CSV file per load case.
template <int dim>
class SurfaceGridWriter
{
public:
  /// Collective. @throws InputError when the grid reaches out of the mesh
  SurfaceGridWriter(const ResultSource<dim> &source, const OutputParameters &parameters);

  /// Nothing when the deck asks for no grid. Collective.
  void write(const ResultDirectory &directory) const;

private:
  const ResultSource<dim> &source_;
  NumberTable coordinates_;
  std::vector<std::unique_ptr<ObservationOperator<dim>>> observations_; ///< by load case; empty: no grid
};

} // namespace lodestone
