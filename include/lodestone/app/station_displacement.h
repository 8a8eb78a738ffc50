#pragma once

#include <lodestone/observation/observation_operator.h>

#include <vector>

namespace lodestone
{

/// The whole displacement at the points of data sets, whatever components they measure.
template <int dim>
class StationDisplacement
{
public:
  /// Collective. @param fields as ObservationOperator has them @throws InputError for points outside the mesh
  StationDisplacement(const DisplacementSpace<dim> &space, const PointLocator<dim> &locator,
                      const std::vector<DataSet> &sets, const std::vector<const ClosedFormField<dim> *> &fields);

  /// East, north and up (m; in 2-D north is 0) by set and row. Collective. @param u with valid ghosts
  std::vector<std::vector<dealii::Tensor<1, 3>>> operator()(const State &u) const;

private:
  std::vector<unsigned int> n_rows_;
  ObservationOperator<dim> observation_;
};

} // namespace lodestone
