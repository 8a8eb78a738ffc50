#include <lodestone/app/checkpoint.h>
#include <lodestone/base/error.h>
#include <lodestone/io/results_file.h>
#include <lodestone/io/results_reader.h>

#include <deal.II/boost_adaptors/point.h>
#include <deal.II/numerics/rtree.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

namespace lodestone
{

namespace
{
/// Data sets of a vector of unknowns, one for each field of `layout`.
std::vector<std::string> field_names(const std::string &vector, const ParameterLayout &layout)
{
  std::vector<std::string> names;
  for (const auto &unknown : layout.fields)
    names.push_back(vector + " (" + unknown + ")");
  return names;
}

/// Of the curvature pairs' vectors: curvature 01 s, curvature 01 y, ...
std::vector<std::string> curvature_names(const std::size_t n_pairs)
{
  std::vector<std::string> names;
  for (std::size_t k = 1; k <= n_pairs; ++k)
    for (const char *part : {" s", " y"})
      names.push_back("curvature " + std::string(k < 10 ? "0" : "") + std::to_string(k) + part);
  return names;
}

/// Values of vectors of unknowns, each cell's from the nearest one in the file. That is seen a piece at a time, of a
/// few vectors each: no rank ever holds more of it.
/// @param take (number of the vector, entry in this rank's part of it, value)
template <int dim, typename Take>
void read_vectors(const Problem<dim> &problem, const ResultsReader &reader, const std::vector<std::string> &vectors,
                  const ParameterVector &m, const Take &take)
{
  struct Target
  {
    dealii::Point<dim> centre;
    dealii::types::global_dof_index index;
    double distance = std::numeric_limits<double>::max();
    std::size_t row = 0; ///< of the file
  };
  using Centres = std::vector<dealii::Point<dim>>;
  using Columns = std::vector<std::vector<double>>;
  std::vector<Target> targets;
  const auto &cells = problem.parametrization().cells();
  for (const auto &cell : problem.mesh().triangulation().active_cell_iterators())
    if (cell->is_locally_owned() && cells.index(cell) != dealii::numbers::invalid_dof_index)
      targets.push_back({cell->center(), cells.index(cell)});
  std::size_t n_rows = 0;
  reader.template visit_cells<dim>({}, [&](const Centres &centres, const Columns &) {
    std::vector<std::pair<dealii::Point<dim>, std::size_t>> numbered, nearest;
    for (const auto &centre : centres)
      numbered.emplace_back(centre, n_rows++);
    const auto tree = dealii::pack_rtree(numbered);
    for (Target &target : targets)
    {
      nearest.clear();
      tree.query(boost::geometry::index::nearest(target.centre, 1), std::back_inserter(nearest));
      const auto &[centre, row] = nearest.front();
      if (const double distance = centre.distance(target.centre); distance < target.distance)
      {
        target.distance = distance;
        target.row = row;
      }
    }
  });
  std::sort(targets.begin(), targets.end(), [](const Target &a, const Target &b) { return a.row < b.row; });

  constexpr std::size_t at_once = 8;
  const std::size_t n_fields = m.layout().fields.size();
  for (std::size_t v = 0; v < vectors.size(); v += at_once)
  {
    std::vector<std::string> names;
    for (std::size_t w = v; w < std::min(v + at_once, vectors.size()); ++w)
      for (const std::string &name : field_names(vectors[w], m.layout()))
        names.push_back(name);
    auto target = targets.begin();
    std::size_t first = 0;
    reader.template visit_cells<dim>(names, [&](const Centres &centres, const Columns &columns) {
      for (; target != targets.end() && target->row < first + centres.size(); ++target)
        for (std::size_t c = 0; c < columns.size(); ++c)
          if (const auto i = target->index * n_fields + c % n_fields; m.values().in_local_range(i))
          {
            const double value = columns[c][target->row - first];
            take(v + c / n_fields, m.values().get_partitioner()->global_to_local(i), std::isnan(value) ? 0. : value);
          }
      first += centres.size();
    });
  }
}
} // namespace

template <int dim>
Checkpoint<dim>::Checkpoint(const Problem<dim> &problem, const ResultDirectory &directory)
    : problem_(problem), directory_(directory), file_(directory.file("checkpoint/model.h5"))
{
}

template <int dim>
bool Checkpoint<dim>::exists() const
{
  const bool here = std::filesystem::exists(file_);
  return dealii::Utilities::MPI::broadcast(directory_.communicator(), here, 0);
}

template <int dim>
void Checkpoint<dim>::write(const Iterate &iterate, const ParameterVector &m, const Curvature &curvature,
                            const NumberTable &history) const
{
  const auto &parametrization = problem_.parametrization();
  const ResultDirectory made(directory_.file("checkpoint"), directory_.communicator());
  ResultsFile file(file_, directory_.communicator());
  file.add_cells(problem_.mesh());
  const ParameterLayout &layout = m.layout();
  const auto names = field_names("m", layout);
  for (unsigned int k = 0; k < names.size(); ++k)
    file.add_cell_field(names[k], parametrization.on_cells(m, k));
  ParameterVector of_pair(m.shared_layout());
  const auto vectors = curvature_names(curvature.size());
  for (std::size_t v = 0; v < vectors.size(); ++v)
  {
    const auto &pair = curvature[v / 2];
    const std::vector<float> &values = v % 2 == 0 ? pair.s : pair.y;
    std::copy(values.begin(), values.end(), of_pair.values().begin());
    const auto parts = field_names(vectors[v], layout);
    for (unsigned int k = 0; k < parts.size(); ++k)
      file.add_cell_field_in_single_precision(parts[k], parametrization.on_cells(of_pair, k));
  }
  NumberTable state;
  state.add("iteration", {double(iterate.optimizer.iteration)});
  state.add("reference gradient", {iterate.optimizer.relative_gradient > 0
                                       ? iterate.optimizer.gradient_norm / iterate.optimizer.relative_gradient
                                       : 0.});
  state.add("trust radius", {iterate.optimizer.trust_radius});
  state.add("curvature pairs", {double(curvature.size())});
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
  read_model(problem_, file_, where, m);
  const ResultsReader reader(file_, where, directory_.communicator());
  Start start;
  const NumberTable state = reader.table("checkpoint");
  std::size_t n_pairs = 0;
  for (std::size_t c = 0; c < state.names.size(); ++c)
    if (state.names[c] == "iteration")
      start.progress.iteration = static_cast<unsigned int>(state.columns[c].at(0));
    else if (state.names[c] == "reference gradient")
      start.progress.reference_gradient = state.columns[c].at(0);
    else if (state.names[c] == "trust radius")
      start.progress.trust_radius = state.columns[c].at(0);
    else if (state.names[c] == "curvature pairs")
      n_pairs = static_cast<std::size_t>(state.columns[c].at(0));
  start.progress.curvature = read_curvature(reader, n_pairs, m);
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
auto Checkpoint<dim>::read_curvature(const ResultsReader &reader, const std::size_t n_pairs,
                                     const ParameterVector &m) const -> Curvature
{
  const std::size_t n = m.values().locally_owned_size();
  Curvature curvature(n_pairs, {std::vector<float>(n), std::vector<float>(n)});
  read_vectors(problem_, reader, curvature_names(n_pairs), m,
               [&](const std::size_t vector, const std::size_t i, const double value) {
                 (vector % 2 == 0 ? curvature[vector / 2].s : curvature[vector / 2].y)[i] = value;
               });
  return curvature;
}

template <int dim>
void read_model(const Problem<dim> &problem, const std::string &file, const std::string &where, ParameterVector &m)
{
  DistributedVector &values = m.values();
  values.zero_out_ghost_values();
  read_vectors(problem, ResultsReader(file, where, problem.mesh().communicator()), {"m"}, m,
               [&](std::size_t, const std::size_t i, const double value) { values.local_element(i) = value; });
  values.update_ghost_values();
}

template class Checkpoint<2>;
template class Checkpoint<3>;
template void read_model<2>(const Problem<2> &, const std::string &, const std::string &, ParameterVector &);
template void read_model<3>(const Problem<3> &, const std::string &, const std::string &, ParameterVector &);

} // namespace lodestone
