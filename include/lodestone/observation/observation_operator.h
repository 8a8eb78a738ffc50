#pragma once

#include <lodestone/discretization/closed_form_field.h>
#include <lodestone/discretization/point_locator.h>
#include <lodestone/observation/data_set.h>
#include <lodestone/observation/observation.h>

namespace lodestone
{

/// B: from a state to the data of a load case, d_i = e_i . u(x_i), and its exact transpose.
///
/// Where loads bring a part of the displacement in closed form, d_i = e_i . (w(x_i) + sum_l a_l u_l(x_i)): w and the
/// strengths a_l are those of the state, and the transpose is that with respect to w.
///
/// B_ij = e_i . phi_j(x_i), phi_j the vector shape functions of the displacement space. Each point is evaluated in one
/// cell of one rank, wherever it lies; data vectors are global, states distributed. Points without z sit on the free
/// surface. In 2-D, x is the section's coordinate and u has an east and an up part; y and north must not occur (a line
/// of sight's north part meets no displacement in plane strain).
template <int dim>
class ObservationOperator : public Observation
{
public:
  /// Collective. The space must outlive the operator.
  /// @throws InputError for points outside the mesh (file, line, position, count), and for data sets that do not fit
  ///   dim
  /// @param fields u_l for the loads of the load case, null where a load has none; empty: none has one
  ObservationOperator(const DisplacementSpace<dim> &space, const PointLocator<dim> &locator,
                      const std::vector<DataSet> &data_sets,
                      const std::vector<const ClosedFormField<dim> *> &fields = {});

  unsigned int n_data() const override { return n_data_; }
  DataVector apply(const State &u) const override;
  void add_transpose(const DataVector &w, StateDual &out) const override;

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
  std::vector<std::vector<double>>
      field_data_; ///< e . u_l by load, at this rank's evaluations; empty: the load has none

  void add_set(const PointLocator<dim> &locator, const DataSet &set, unsigned int first_datum,
               const std::vector<const ClosedFormField<dim> *> &fields);
};

/// Where the rows of a data set lie in the mesh's coordinates. Rows without z, or with z above the surface, lie on it.
/// @throws InputError when the file's positions do not fit dim
template <int dim>
std::vector<dealii::Point<dim>> mesh_points(const DataSet &set, double surface_elevation);

/// Rows that lie in no cell of the mesh, the same on all ranks. Collective.
template <int dim>
std::vector<unsigned int> rows_outside(const DataSet &set, const DisplacementSpace<dim> &space,
                                       const PointLocator<dim> &locator);

/// Takes rows outside the mesh out of a set whose deck says `Outside points = drop`. In other sets they stay, and
/// ObservationOperator refuses them. Returns the rows that are outside. Collective.
template <int dim>
std::vector<unsigned int> drop_outside_points(DataSet &set, const DisplacementSpace<dim> &space,
                                              const PointLocator<dim> &locator);

/// Rows whose z lies above the surface, which mesh_points moves down to it.
unsigned int count_above_surface(const DataSet &set, double surface_elevation);

} // namespace lodestone
