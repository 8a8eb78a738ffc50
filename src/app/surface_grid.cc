#include <lodestone/app/file_names.h>
#include <lodestone/app/surface_grid.h>
#include <lodestone/base/error.h>
#include <lodestone/io/csv_writer.h>

#include <sstream>

namespace lodestone
{

template <int dim>
SurfaceGridWriter<dim>::SurfaceGridWriter(const ResultSource<dim> &source, const OutputParameters &parameters)
    : source_(source)
{
  const auto grid = parameters.read_surface_grid(dim, source.projection != nullptr);
  if (!grid)
    return;
  DataSet points;
  points.name = "surface grid";
  points.where = points.file = "Output/Surface grid";
  add_stations(*grid, source.projection, 1, points);
  try
  {
    for (const auto &load_case : source.cases)
      observations_.push_back(std::make_unique<ObservationOperator<dim>>(
          source.space, source.locator, std::vector<DataSet>{points}, incident_fields(load_case.loads)));
  }
  catch (const InputError &)
  {
    const Mesh<dim> &mesh = source.space.mesh();
    std::ostringstream remedy;
    remedy << "The mesh spans (" << mesh.lower() << ") to (" << mesh.upper()
           << ") m: reduce the grid or enlarge the mesh.";
    throw InputError(points.where, "'" + parameters.surface_grid + "' reaches outside the mesh", remedy.str());
  }
  std::vector<double> first, second;
  for (unsigned int row = 0; row < points.n_rows(); ++row)
  {
    first.push_back(points.geographic ? points.row_lonlat[row][0] : points.row_points[row][0]);
    second.push_back(points.geographic ? points.row_lonlat[row][1] : points.row_points[row][1]);
  }
  coordinates_.add(points.geographic ? "lon [deg]" : "x [m]", first);
  if (dim == 3)
    coordinates_.add(points.geographic ? "lat [deg]" : "y [m]", second);
}

template <int dim>
void SurfaceGridWriter<dim>::write(const ResultDirectory &directory) const
{
  if (observations_.empty())
    return;
  const std::array<std::string, 3> names = {{"east", dim == 3 ? "north" : "up", "up"}};
  for (unsigned int s = 0; s < source_.cases.size(); ++s)
  {
    const std::string &per = source_.cases[s].rate_suffix;
    const DataVector d = observations_[s]->apply(source_.objective.state(s));
    NumberTable table = coordinates_;
    for (unsigned int component = 0; component < dim; ++component)
    {
      std::vector<double> column;
      for (std::size_t i = component; i < d.size(); i += dim)
        column.push_back(d[i]);
      table.add(names[component] + " [m" + per + "]", column);
    }
    write_csv(directory.file(source_.cases.size() > 1 ? "surface_" + case_file_name(source_.case_name(s)) + ".csv"
                                                      : "surface.csv"),
              table, directory.communicator(),
              {per.empty() ? "displacement of the free surface" : "displacement rate of the free surface"});
  }
}

template class SurfaceGridWriter<2>;
template class SurfaceGridWriter<3>;

} // namespace lodestone
