#include <lodestone/app/station_displacement.h>
#include <lodestone/app/surface_grid.h>
#include <lodestone/base/error.h>
#include <lodestone/discretization/longitude.h>
#include <lodestone/io/csv_writer.h>

#include <limits>
#include <sstream>

namespace lodestone
{

template <int dim>
SurfaceGridWriter<dim>::SurfaceGridWriter(const ResultSource<dim> &source, const OutputParameters &parameters)
    : source_(source)
{
  SurfaceGrid grid = parameters.read_surface_grid<dim>(source.projection != nullptr);
  if (grid.n[0] == 0)
    return;
  if (grid.geographic && grid.low[0] > grid.high[0]) // across 0 or the date line: 359 to 1, 179 to -179
    for (double *const longitude : {&grid.low[0], &grid.high[0]})
      *longitude = longitude_near(*longitude, source.projection->origin_longitude());
  DataSet points;
  points.name = "surface grid";
  points.where = "Output/Surface grid";
  points.section = dim == 2;
  std::vector<double> first, second;
  for (unsigned int j = 0; j < grid.n[1]; ++j)
    for (unsigned int i = 0; i < grid.n[0]; ++i)
    {
      first.push_back(grid.coordinate(0, i));
      second.push_back(grid.coordinate(1, j));
      dealii::Point<2> xy(first.back(), second.back());
      if (grid.geographic)
        xy = source.projection->to_model(xy[0], xy[1]);
      points.row_points.push_back(dealii::Point<3>(xy[0], xy[1], std::numeric_limits<double>::quiet_NaN()));
      points.row_line.push_back(0);
    }
  try
  {
    observation_ = std::make_unique<ObservationOperator<dim>>(source.space, source.locator,
                                                              std::vector<DataSet>{all_components_at<dim>(points)});
  }
  catch (const InputError &)
  {
    const Mesh<dim> &mesh = source.space.mesh();
    std::ostringstream remedy;
    remedy << "The mesh spans (" << mesh.lower() << ") to (" << mesh.upper()
           << ") m: reduce the grid or enlarge the mesh.";
    throw InputError(points.where, "'" + parameters.surface_grid + "' reaches outside the mesh", remedy.str());
  }
  coordinates_.add(grid.geographic ? "lon [deg]" : "x [m]", first);
  if (dim == 3)
    coordinates_.add(grid.geographic ? "lat [deg]" : "y [m]", second);
}

template <int dim>
void SurfaceGridWriter<dim>::write(const ResultDirectory &directory) const
{
  if (!observation_)
    return;
  const std::array<std::string, 3> names = {{"east", dim == 3 ? "north" : "up", "up"}};
  for (unsigned int s = 0; s < source_.cases.size(); ++s)
  {
    const std::string &per = source_.cases[s].rate_suffix;
    const DataVector d = observation_->apply(source_.objective.state(s));
    NumberTable table = coordinates_;
    for (unsigned int component = 0; component < dim; ++component)
    {
      std::vector<double> column;
      for (std::size_t i = component; i < d.size(); i += dim)
        column.push_back(d[i]);
      table.add(names[component] + " [m" + per + "]", column);
    }
    write_csv(directory.file(source_.cases.size() > 1
                                 ? "surface_" + ResultDirectory::safe_name(source_.case_name(s)) + ".csv"
                                 : "surface.csv"),
              table, directory.communicator(),
              {per.empty() ? "displacement of the free surface" : "displacement rate of the free surface"});
  }
}

template class SurfaceGridWriter<2>;
template class SurfaceGridWriter<3>;

} // namespace lodestone
