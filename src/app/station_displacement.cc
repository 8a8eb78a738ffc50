#include <lodestone/app/station_displacement.h>

namespace lodestone
{

namespace
{
/// The points of sets, as sets that have all components of displacement there.
template <int dim>
std::vector<DataSet> all_components_at(const std::vector<DataSet> &sets)
{
  std::vector<DataSet> result;
  for (const DataSet &set : sets)
  {
    DataSet points = set;
    points.row_points.clear();
    points.row_record.clear();
    points.row.clear();
    points.component.clear();
    points.direction.clear();
    points.value.clear();
    points.sigma.clear();
    points.own_sigma.clear();
    for (unsigned int row = 0; row < set.n_rows(); ++row)
    {
      points.add_row(set.row_points[row], set.row_record[row]);
      for (const unsigned int component : {0u, 1u, 2u})
        if (dim == 3 || component != 1)
          points.add_datum(component, axis(component), 0., 1.);
    }
    result.push_back(std::move(points));
  }
  return result;
}
} // namespace

template <int dim>
StationDisplacement<dim>::StationDisplacement(const DisplacementSpace<dim> &space, const PointLocator<dim> &locator,
                                              const std::vector<DataSet> &sets,
                                              const std::vector<const ClosedFormField<dim> *> &fields)
    : observation_(space, locator, all_components_at<dim>(sets), fields)
{
  for (const DataSet &set : sets)
    n_rows_.push_back(set.n_rows());
}

template <int dim>
std::vector<std::vector<dealii::Tensor<1, 3>>> StationDisplacement<dim>::operator()(const State &u) const
{
  const DataVector data = observation_.apply(u);
  auto datum = data.begin();
  std::vector<std::vector<dealii::Tensor<1, 3>>> result;
  for (const unsigned int n : n_rows_)
  {
    result.emplace_back(n);
    for (auto &displacement : result.back())
      for (const unsigned int component : {0u, 1u, 2u})
        if (dim == 3 || component != 1)
          displacement[component] = *datum++;
  }
  return result;
}

template class StationDisplacement<2>;
template class StationDisplacement<3>;

} // namespace lodestone
