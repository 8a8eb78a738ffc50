#include <lodestone/app/cell_results.h>
#include <lodestone/app/fit_files.h>
#include <lodestone/io/point_writer.h>

namespace lodestone
{

namespace
{

/// (east, north, up) in ParaView's axes.
template <int dim>
dealii::Tensor<1, 3> in_picture(const dealii::Tensor<1, 3> &v)
{
  return dim == 3 ? v : dealii::Tensor<1, 3>({v[0], v[2], 0});
}

template <int dim>
PointArray vectors(const std::string &name, const std::vector<dealii::Tensor<1, 3>> &values)
{
  PointArray array{name, 3, {}};
  for (const auto &value : values)
  {
    const auto v = in_picture<dim>(value);
    array.values.insert(array.values.end(), {v[0], v[1], v[2]});
  }
  return array;
}

/// One number per row; rows without a datum, which readers drop, would be 0.
PointArray numbers(const std::string &name, const DataSet &set, const std::vector<double> &of_datum)
{
  PointArray array{name, 1, std::vector<double>(set.n_rows(), 0.)};
  for (unsigned int i = 0; i < set.n_data(); ++i)
    array.values[set.row[i]] = of_datum[i];
  return array;
}

/// The components of each row, 0 where there is none.
std::vector<dealii::Tensor<1, 3>> by_component(const DataSet &set, const std::vector<double> &of_datum)
{
  std::vector<dealii::Tensor<1, 3>> result(set.n_rows());
  for (unsigned int i = 0; i < set.n_data(); ++i)
    result[set.row[i]][set.component[i]] = of_datum[i];
  return result;
}

template <int dim>
std::vector<dealii::Point<3>> points_of(const DataSet &set, const double surface_elevation)
{
  std::vector<dealii::Point<3>> points;
  for (const auto &p : set.row_points)
  {
    const double z = p[2] < surface_elevation ? p[2] : surface_elevation;
    points.push_back(dim == 3 ? dealii::Point<3>(p[0], p[1], z) : dealii::Point<3>(p[0], z, 0));
  }
  return points;
}

} // namespace

template <int dim>
void write_fit_points(const std::string &file, const SetFit &fit, const double surface_elevation, MPI_Comm comm)
{
  const DataSet &set = fit.set;
  const std::string unit = set.rate ? "m/yr" : "m";
  std::vector<PointArray> arrays;
  std::vector<std::pair<std::string, const std::vector<double> &>> columns = {
      {"observed", set.value}, {"predicted", fit.predicted}, {"residual", fit.residual}, {"sigma", set.sigma}};
  if (!fit.discretization_error.empty())
    columns.emplace_back("discretization_error", fit.discretization_error);
  for (const auto &[name, values] : columns)
    arrays.push_back(set.line_of_sight ? numbers(name_with_unit(name, unit), set, values)
                                       : vectors<dim>(name_with_unit(name, unit), by_component(set, values)));
  if (set.line_of_sight)
  {
    std::vector<dealii::Tensor<1, 3>> direction(set.n_rows());
    for (unsigned int i = 0; i < set.n_data(); ++i)
      direction[set.row[i]] = set.direction[i];
    arrays.push_back(vectors<dim>("direction", direction));
  }
  else
    arrays.push_back(vectors<dim>("measured", by_component(set, std::vector<double>(set.n_data(), 1.))));
  arrays.push_back(vectors<dim>(name_with_unit("displacement", unit), fit.displacement));
  if (set.geographic)
    for (const unsigned int d : {0u, 1u})
    {
      arrays.push_back({d == 0 ? "longitude_deg" : "latitude_deg", 1, {}});
      for (const auto &lonlat : set.row_lonlat)
        arrays.back().values.push_back(lonlat[d]);
    }
  std::vector<PointTexts> texts;
  if (!set.row_name.empty())
    texts.push_back({"name", set.row_name});
  write_points(file, points_of<dim>(set, surface_elevation), arrays, comm, texts);
}

template void write_fit_points<2>(const std::string &, const SetFit &, double, MPI_Comm);
template void write_fit_points<3>(const std::string &, const SetFit &, double, MPI_Comm);

} // namespace lodestone
