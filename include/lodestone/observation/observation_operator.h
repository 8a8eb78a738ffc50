#pragma once

#include <lodestone/discretization/point_locator.h>
#include <lodestone/observation/data_set.h>

namespace lodestone
{

/// B: from a state to the data of a load case, d_i = e_i . u(x_i), and its exact transpose.
///
/// Each point is evaluated in one cell of one rank, wherever it lies. Points without z sit on the free surface. In 2-D, x is the
/// section's coordinate; y and north must not occur.
template <int dim>
class ObservationOperator
{
public:
  /// @throws InputError for points outside the mesh: file, line, position, count
  ObservationOperator(const DisplacementSpace<dim> &space, const PointLocator<dim> &locator, const std::vector<DataSet> &data_sets);

  unsigned int n_data() const { return n_data_; }
  DataVector apply(const State &u) const;
  /// out += B^T w.
  void add_transpose(const DataVector &w, StateDual &out) const;

private:
  struct Evaluation
  {
    unsigned int datum;
    std::vector<dealii::types::global_dof_index> dofs;
    std::vector<double> weights; ///< e . shape function
  };
  const DisplacementSpace<dim> &space_;
  unsigned int n_data_;
  std::vector<Evaluation> evaluations_;
};

} // namespace lodestone
