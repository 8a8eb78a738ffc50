#include <lodestone/app/station_displacement.h>

namespace lodestone
{

template <int dim>
DataSet all_components_at(const DataSet &set)
{
  DataSet result;
  result.name = set.name;
  result.where = set.where;
  result.file = set.file;
  result.station_grid = set.station_grid;
  result.geographic = set.geographic;
  result.section = set.section;
  result.row_points = set.row_points;
  result.row_lonlat = set.row_lonlat;
  result.row_line = set.row_line;
  for (unsigned int row = 0; row < set.n_rows(); ++row)
    for (const unsigned int component : {0u, 1u, 2u})
      if (dim == 3 || component != 1)
      {
        result.row.push_back(row);
        result.component.push_back(component);
        result.direction.emplace_back();
        result.direction.back()[component] = 1;
        result.value.push_back(0);
        result.sigma.push_back(1);
      }
  return result;
}

namespace
{
template <int dim>
std::vector<DataSet> all_components_at(const std::vector<DataSet> &sets)
{
  std::vector<DataSet> result;
  for (const DataSet &set : sets)
    result.push_back(all_components_at<dim>(set));
  return result;
}
} // namespace

template <int dim>
StationDisplacement<dim>::StationDisplacement(const DisplacementSpace<dim> &space, const PointLocator<dim> &locator,
                                              const std::vector<DataSet> &sets)
    : observation_(space, locator, all_components_at<dim>(sets))
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

template DataSet all_components_at<2>(const DataSet &);
template DataSet all_components_at<3>(const DataSet &);
template class StationDisplacement<2>;
template class StationDisplacement<3>;

} // namespace lodestone
