#pragma once

#include <lodestone/discretization/point_locator.h>
#include <lodestone/discretization/region_quadrature.h>
#include <lodestone/loads/load_vector.h>
#include <lodestone/loads/potency.h>
#include <lodestone/loads/surroundings.h>

#include <deal.II/base/symmetric_tensor.h>
#include <deal.II/fe/fe_values.h>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace lodestone
{

/// Makes a LoadVector of forces, moments and potencies at points inside cells.
///
/// A force F gives f(v) = F . v(x), a moment S (symmetric, independent of m) f(v) = S : eps(v)(x), a potency P
/// f(v) = (C(m) : P) : eps(v)(x), split into its parts in lambda and mu. `Source` is dealii::Tensor<1, dim>,
/// dealii::SymmetricTensor<2, dim> or Potency<dim>.
template <int dim>
class LoadAssembler
{
public:
  using Cell = typename dealii::DoFHandler<dim>::active_cell_iterator;
  using Force = dealii::Tensor<1, dim>;
  using Moment = dealii::SymmetricTensor<2, dim>;

  /// @param where path of the load, for errors
  /// @param surroundings null: nothing is known of the body
  LoadAssembler(const DisplacementSpace<dim> &space, const PointLocator<dim> &locator, std::string where,
                const Surroundings<dim> *surroundings = nullptr);

  const DisplacementSpace<dim> &space() const { return space_; }
  const PointLocator<dim> &locator() const { return locator_; }
  const Surroundings<dim> *surroundings() const { return surroundings_; }
  LoadVector<dim> &load() { return load_; }

  /// Adds sources at the points of `values`, which is initialised on the owned cell with values or gradients.
  /// Quadrature weights are already in the sources.
  void add(const Cell &cell, const dealii::FEValuesBase<dim> &values, const std::vector<Force> &forces);
  void add(const Cell &cell, const dealii::FEValuesBase<dim> &values, const std::vector<Moment> &moments);
  void add(const Cell &cell, const dealii::FEValuesBase<dim> &values, const std::vector<Potency<dim>> &potencies);

  /// Integrates a density over a region, and adds the region's volume to that of the load.
  template <typename Source>
  void add_region(const RegionQuadrature<dim> &region,
                  const std::function<Source(const dealii::Point<dim> &)> &density);

  /// Adds sources at single points; the list is the same on all ranks. A point on a face, edge or vertex is shared
  /// equally among the cells that touch it, on all ranks. The strain that a moment or potency meets is recovered: with
  /// linear elements by `recovered_gradient`; with quadratic ones it is taken a sixth of a cell away from the face, where
  /// its mean over the cells is most accurate. Collective.
  /// @throws InputError naming `where` for points outside the mesh
  template <typename Source>
  void add_points(const std::vector<dealii::Point<dim>> &points, const std::vector<Source> &sources,
                  const std::string &where);

  /// Says where the load acts: in the owned cells whose entry is not 0, instead of those to which something was added.
  void acts_in(const CellField &cells);

  /// The load, condensed and summed over the ranks. Collective. @throws InputError where a value is not finite
  LoadVector<dim> finish();

private:
  const DisplacementSpace<dim> &space_;
  const PointLocator<dim> &locator_;
  std::string where_;
  const Surroundings<dim> *surroundings_;
  LoadVector<dim> load_;
  std::map<unsigned int, std::size_t> part_of_cell_; ///< takes active_cell_index to the index in cell_parts
  std::set<unsigned int> cells_;                     ///< active_cell_index of the cells in which something acts
  std::vector<dealii::types::global_dof_index> dofs_;
  dealii::Vector<double> local_;
  std::vector<double> not_finite_; ///< coordinates of the first place where a value was nan or infinite

  void add_to_fixed(const Cell &cell);
  void add_recovered(const Cell &cell, const std::vector<dealii::Point<dim>> &unit_points,
                     const std::vector<Moment> &moments);
  void add_recovered(const Cell &cell, const std::vector<dealii::Point<dim>> &unit_points,
                     const std::vector<Potency<dim>> &potencies);
  template <typename Source>
  void note_cell(const Cell &cell, const std::vector<Source> &sources);
  typename LoadVector<dim>::CellPart &part(const Cell &cell);
  void check_finite(const dealii::FEValuesBase<dim> &values, unsigned int q, double magnitude);
};

} // namespace lodestone
