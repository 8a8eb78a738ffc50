#include <lodestone/app/checkpoint.h>
#include <lodestone/base/error.h>
#include <lodestone/io/results_file.h>
#include <lodestone/io/results_reader.h>

#include <deal.II/boost_adaptors/point.h>
#include <deal.II/numerics/rtree.h>

#include <cmath>
#include <filesystem>
#include <limits>

namespace lodestone
{

namespace
{
std::string field_name(const std::string &unknown)
{
  return "m (" + unknown + ")";
}
} // namespace

template <int dim>
Checkpoint<dim>::Checkpoint(const Model<dim> &model, const ResultDirectory &directory)
    : model_(model), directory_(directory), file_(directory.file("checkpoint/model.h5"))
{
}

template <int dim>
bool Checkpoint<dim>::exists() const
{
  const bool here = std::filesystem::exists(file_);
  return dealii::Utilities::MPI::broadcast(directory_.communicator(), here, 0);
}

template <int dim>
void Checkpoint<dim>::write(const InversionIterate &iterate, const ParameterVector &m, const NumberTable &history) const
{
  const auto &parametrization = model_.parametrization();
  const ResultDirectory made(directory_.file("checkpoint"), directory_.communicator());
  ResultsFile file(file_, directory_.communicator());
  file.add_cells(model_.mesh());
  const auto &names = parametrization.layout()->fields;
  for (unsigned int k = 0; k < names.size(); ++k)
    file.add_cell_field(field_name(names[k]), parametrization.on_cells(m, k));
  NumberTable state;
  state.add("iteration", {double(iterate.optimizer.iteration)});
  state.add("reference gradient", {iterate.optimizer.relative_gradient > 0
                                       ? iterate.optimizer.gradient_norm / iterate.optimizer.relative_gradient
                                       : 0.});
  file.add_table("checkpoint", state);
  // Columns by number: their order matters and their names hold signs.
  NumberTable columns;
  for (std::size_t c = 0; c < history.columns.size(); ++c)
    columns.add("column " + std::to_string(100 + c), history.columns[c]);
  file.add_table("history", columns);
  file.commit();
}

template <int dim>
auto Checkpoint<dim>::read(ParameterVector &m) const -> Start
{
  const std::string where = "Optimizer/Resume";
  read_model(model_, file_, where, m);
  const ResultsReader reader(file_, where, directory_.communicator());
  Start start;
  const NumberTable state = reader.table("checkpoint");
  for (std::size_t c = 0; c < state.names.size(); ++c)
    if (state.names[c] == "iteration")
      start.iteration = static_cast<unsigned int>(state.columns[c].at(0));
    else
      start.reference_gradient = state.columns[c].at(0);
  const NumberTable history = reader.table("history");
  for (std::size_t r = 0; r < history.n_rows(); ++r)
  {
    start.rows.emplace_back();
    for (const auto &column : history.columns)
      start.rows.back().push_back(column[r]);
  }
  return start;
}

template <int dim>
void read_model(const Model<dim> &model, const std::string &file, const std::string &where, ParameterVector &m)
{
  // Each of our cells takes the values of the nearest one in the file, which is seen a piece at a time.
  struct Target
  {
    dealii::Point<dim> centre;
    dealii::types::global_dof_index index;
    double distance = std::numeric_limits<double>::max();
  };
  std::vector<Target> targets;
  const auto &cells = model.parametrization().cells();
  for (const auto &cell : model.mesh().triangulation().active_cell_iterators())
    if (cell->is_locally_owned() && cells.index(cell) != dealii::numbers::invalid_dof_index)
      targets.push_back({cell->center(), cells.index(cell)});

  std::vector<std::string> names;
  for (const auto &name : m.layout().fields)
    names.push_back(field_name(name));
  DistributedVector &values = m.values();
  values.zero_out_ghost_values();
  const auto take_nearest = [&](const std::vector<dealii::Point<dim>> &centres,
                                const std::vector<std::vector<double>> &fields) {
    std::vector<std::pair<dealii::Point<dim>, std::size_t>> numbered;
    for (std::size_t i = 0; i < centres.size(); ++i)
      numbered.emplace_back(centres[i], i);
    const auto tree = dealii::pack_rtree(numbered);
    std::vector<std::pair<dealii::Point<dim>, std::size_t>> nearest;
    for (Target &target : targets)
    {
      nearest.clear();
      tree.query(boost::geometry::index::nearest(target.centre, 1), std::back_inserter(nearest));
      const double distance = nearest.front().first.distance(target.centre);
      if (distance >= target.distance)
        continue;
      target.distance = distance;
      for (unsigned int k = 0; k < names.size(); ++k)
        if (const auto i = target.index * names.size() + k; values.in_local_range(i))
        {
          const double value = fields[k][nearest.front().second];
          values(i) = std::isnan(value) ? 0. : value; // held there
        }
    }
  };
  ResultsReader(file, where, model.mesh().communicator()).template visit_cells<dim>(names, take_nearest);
  values.update_ghost_values();
}

template class Checkpoint<2>;
template class Checkpoint<3>;
template void read_model<2>(const Model<2> &, const std::string &, const std::string &, ParameterVector &);
template void read_model<3>(const Model<3> &, const std::string &, const std::string &, ParameterVector &);

} // namespace lodestone
