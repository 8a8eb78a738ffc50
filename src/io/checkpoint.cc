#include <lodestone/base/error.h>
#include <lodestone/discretization/nearest_points.h>
#include <lodestone/io/checkpoint.h>
#include <lodestone/io/checksum.h>
#include <lodestone/io/result_directory.h>
#include <lodestone/io/results_file.h>
#include <lodestone/io/results_reader.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

namespace lodestone
{

namespace
{
// Vectors that are read together: more would cost memory, fewer would read the centres of cells more often.
constexpr std::size_t vectors_at_once = 8;

/// Names of the cell fields that hold a vector of unknowns.
std::vector<std::string> field_names(const std::string &vector, const ParameterLayout &layout)
{
  std::vector<std::string> names;
  for (const auto &field : layout.unknown_fields)
    names.push_back(vector + " (" + field.name + ")");
  return names;
}

/// Reads vectors of unknowns: each cell takes the value of the nearest cell in the file. The file is read in pieces, so
/// that no rank holds all of it. The number of a zone is that of any of its cells.
/// @param take (number of the vector, entry in this rank's part of it, value)
template <int dim, typename Take>
void read_vectors(const ParameterCells<dim> &cells, const ResultsReader &reader,
                  const std::vector<std::string> &vectors, const ParameterVector &m, const Take &take)
{
  using Centres = std::vector<dealii::Point<dim>>;
  using Columns = std::vector<std::vector<double>>;
  NearestPoints<dim> nearest(cells);
  reader.template visit_cells<dim>({}, [&](const Centres &centres, const Columns &) { nearest.offer(centres); });

  const auto &partitioner = *m.values().get_partitioner();
  const ParameterLayout &layout = m.layout();
  const std::size_t n_fields = layout.unknown_fields.size(), n_globals = layout.globals.size();
  const unsigned int n_owned = partitioner.locally_owned_size(), n_stored = n_owned + partitioner.n_ghost_indices();
  constexpr double none = std::numeric_limits<double>::lowest();
  for (std::size_t v = 0; v < vectors.size(); v += vectors_at_once)
  {
    std::vector<std::string> names;
    for (std::size_t w = v; w < std::min(v + vectors_at_once, vectors.size()); ++w)
      for (const std::string &name : field_names(vectors[w], m.layout()))
        names.push_back(name);
    std::size_t first = 0;
    const std::size_t n_here = names.size() / n_fields;
    std::vector<double> of_zones(vectors_at_once * n_globals, none);
    // A parameter cell may lie in cells of other ranks alone, where the mesh was refined after unknowns were numbered.
    std::vector<DistributedVector> found(n_here, DistributedVector(m.values().get_partitioner()));
    for (DistributedVector &of_vector : found)
      std::fill(of_vector.begin(), of_vector.begin() + n_stored, none);
    std::vector<std::vector<bool>> is_here(n_here, std::vector<bool>(n_owned, false));
    reader.template visit_cells<dim>(names, [&](const Centres &centres, const Columns &columns) {
      nearest.visit(first, centres.size(), [&](const auto &cell, const std::size_t row) {
        for (std::size_t c = 0; c < columns.size(); ++c)
        {
          const auto i = cells.entry(cell, layout, c % n_fields);
          const double value = columns[c][row]; // not a number where a cell had no unknown
          if (i >= layout.first_global())
            of_zones[c / n_fields * n_globals + i - layout.first_global()] = value;
          else if (const auto k = partitioner.global_to_local(i); k < n_owned)
          {
            is_here[c / n_fields][k] = true;
            take(v + c / n_fields, k, value);
          }
          else if (!std::isnan(value))
            found[c / n_fields].local_element(k) = value;
        }
      });
      first += centres.size();
    });
    for (std::size_t c = 0; c < n_here; ++c)
    {
      found[c].compress(dealii::VectorOperation::max);
      for (unsigned int k = 0; k < n_owned; ++k)
        if (const double value = found[c].local_element(k);
            !is_here[c][k] && partitioner.local_to_global(k) < layout.first_global())
          take(v + c, k, value != none ? value : std::numeric_limits<double>::quiet_NaN());
    }
    dealii::Utilities::MPI::max(of_zones, cells.mesh().communicator(), of_zones);
    for (std::size_t k = 0; k < of_zones.size(); ++k)
      if (const auto i = layout.first_global() + k % n_globals; partitioner.in_local_range(i) && of_zones[k] != none)
        take(v + k / n_globals, partitioner.global_to_local(i), of_zones[k]);
  }
}

/// Writes one vector of a state.
template <int dim>
void write_vector(ResultsFile &file, const ParameterCells<dim> &cells, const std::string &name,
                  const NamedState::Vector &vector, ParameterVector &buffer)
{
  buffer.values().zero_out_ghost_values();
  std::visit([&](const auto &values) { std::copy(values->begin(), values->end(), buffer.values().begin()); }, vector);
  const bool single = std::holds_alternative<NamedState::Shared<float>>(vector);
  const auto names = field_names(name, buffer.layout());
  for (unsigned int k = 0; k < names.size(); ++k)
    if (const CellField field = cells.on_cells(buffer, k); single)
      file.add_cell_field_in_single_precision(names[k], field);
    else
      file.add_cell_field(names[k], field);
}

/// Reads all vectors of one precision.
template <typename Number, int dim>
void read_state_vectors(const ParameterCells<dim> &cells, const ResultsReader &reader,
                        const std::vector<std::string> &names, const ParameterVector &m, NamedState &state)
{
  std::vector<std::shared_ptr<std::vector<Number>>> vectors;
  for (const std::string &name : names)
  {
    vectors.push_back(std::make_shared<std::vector<Number>>(m.values().locally_owned_size()));
    state.vectors[name] = NamedState::Shared<Number>(vectors.back());
  }
  if (!names.empty())
    read_vectors(cells, reader, names, m, [&](const std::size_t vector, const std::size_t i, const double value) {
      (*vectors[vector])[i] = value;
    });
}

/// The checkpoint before model.h5.
std::string previous_of(const std::string &file)
{
  return (std::filesystem::path(file).parent_path() / "previous.h5").string();
}

/// Sets m from the cells of a file; cells that had no unknown give `otherwise`.
template <int dim>
void read_m(const ParameterCells<dim> &cells, const ResultsReader &reader, const double otherwise, ParameterVector &m)
{
  DistributedVector &values = m.values();
  values.zero_out_ghost_values();
  read_vectors(cells, reader, {"m"}, m, [&](std::size_t, const std::size_t i, const double value) {
    values.local_element(i) = std::isnan(value) ? otherwise : value;
  });
  values.update_ghost_values();
}

/// Refuses what no run can have written: a checksum says only that the bytes are those that were written.
void check_finite(const CheckpointContent &content, const ParameterVector &m, const std::string &file,
                  const std::string &where)
{
  bool finite = true;
  const auto look = [&finite](const double value) { finite = finite && std::isfinite(value); };
  std::for_each(m.values().begin(), m.values().end(), look);
  for (const auto &[name, value] : content.state.numbers)
    look(value);
  for (const auto &[name, vector] : content.state.vectors)
    std::visit([&](const auto &values) { std::for_each(values->begin(), values->end(), look); }, vector);
  for (const auto &[name, values] : content.of_ranks)
    std::for_each(values.begin(), values.end(), look);
  const MPI_Comm comm = m.values().get_mpi_communicator();
  if (dealii::Utilities::MPI::min(finite ? 1 : 0, comm) == 0 || content.state.numbers.count("iteration") == 0 ||
      content.history.n_rows() == 0)
    throw InputError(where,
                     "'" + file + "' holds " + (finite ? "no iterate" : "numbers that are not finite") +
                         ", so no run can go on from it",
                     "Start anew with Resume = no.");
}
} // namespace

std::string sound_checkpoint(const std::string &file, const std::string &where, const MPI_Comm comm,
                             std::string &remark)
{
  remark.clear();
  const Soundness last = check_checksum(file, comm);
  if (last == Soundness::sound)
    return file;
  std::string previous = previous_of(file);
  const Soundness before = check_checksum(previous, comm);
  if (last == Soundness::missing && before == Soundness::missing)
    return "";
  const std::string damage = last == Soundness::missing ? "'" + file + "' is missing or cannot be read"
                                                        : "'" + file + "' is damaged: its checksum does not fit";
  if (before != Soundness::sound)
    throw InputError(where,
                     damage + ", and '" + previous + "' " +
                         (before == Soundness::missing ? "is missing or cannot be read" : "is damaged, too"),
                     "Start anew with Resume = no, or from the results of an earlier run with Start model.");
  remark = damage + ": the run goes on from the checkpoint before it, '" + previous + "'";
  return previous;
}

CheckpointContent checkpoint_summary(const std::string &file, const std::string &where, const MPI_Comm comm)
{
  const ResultsReader reader(file, where, comm);
  CheckpointContent content;
  for (const auto &[name, value] : reader.numbers("state/numbers"))
    content.state.numbers[name] = value;
  const std::vector<std::string> entries = reader.texts("/problem/entries"), values = reader.texts("/problem/values");
  for (std::size_t i = 0; i < std::min(entries.size(), values.size()); ++i)
    content.problem[entries[i]] = values[i];
  return content;
}

template <int dim>
Checkpoint<dim>::Checkpoint(const ParameterCells<dim> &cells, std::string file, std::string where)
    : cells_(cells), file_(std::move(file)), where_(std::move(where))
{
}

template <int dim>
void Checkpoint<dim>::write(const ParameterVector &m, const Content &content) const
{
  const ResultDirectory made(std::filesystem::path(file_).parent_path().string(), comm());
  ResultsFile file(file_, comm());
  file.add_cells(cells_.mesh());
  const auto names = field_names("m", m.layout());
  for (unsigned int k = 0; k < names.size(); ++k)
    file.add_cell_field(names[k], cells_.on_cells(m, k));
  NumberTable numbers, precisions, columns;
  for (const auto &[name, value] : content.state.numbers)
    numbers.add(name, {value});
  ParameterVector buffer(m.shared_layout());
  for (const auto &[name, vector] : content.state.vectors)
  {
    write_vector(file, cells_, name, vector, buffer);
    precisions.add(name, {std::holds_alternative<NamedState::Shared<float>>(vector) ? 4. : 8.});
  }
  for (std::size_t c = 0; c < content.history.columns.size(); ++c)
    columns.add("column_" + std::to_string(100 + c), content.history.columns[c]); // groups list members by name
  file.add_table("state/numbers", numbers);
  file.add_table("state/vectors", precisions);
  file.add_table("history", columns);
  file.add_rank_numbers("ranks", content.of_ranks);
  std::vector<std::string> entries, values;
  for (const auto &[entry, value] : content.problem)
  {
    entries.push_back(entry);
    values.push_back(value);
  }
  file.add_array("problem/entries", {"", "entries of the deck and files that make the problem"}, entries);
  file.add_array("problem/values", {"", "their values"}, values);
  file.add_text("parameters", content.parameters);
  file.set_attribute("kind", "checkpoint");
  file.commit(previous_of(file_));
}

template <int dim>
CheckpointContent Checkpoint<dim>::read(const std::string &file, ParameterVector &m) const
{
  const ResultsReader reader(file, where_, comm());
  read_m(cells_, reader, std::numeric_limits<double>::quiet_NaN(), m);
  Content content = checkpoint_summary(file, where_, comm());
  std::vector<std::string> single, exact;
  for (const auto &[name, bytes] : reader.numbers("state/vectors"))
    (bytes == 4 ? single : exact).push_back(name);
  read_state_vectors<float>(cells_, reader, single, m, content.state);
  read_state_vectors<double>(cells_, reader, exact, m, content.state);
  content.history = reader.table("history");
  content.of_ranks = reader.rank_numbers("ranks");
  check_finite(content, m, file, where_);
  return content;
}

template <int dim>
void read_unknowns(const ParameterCells<dim> &cells, const std::string &file, const std::string &where,
                   ParameterVector &m)
{
  const MPI_Comm comm = cells.mesh().communicator();
  const Soundness soundness = check_checksum(file, comm);
  if (soundness == Soundness::damaged)
    throw InputError(where, "'" + file + "' is damaged: its checksum does not fit", "Name another file.");
  if (soundness == Soundness::without_checksum) // the HDF5 library may crash in what it has not written
    throw InputError(where,
                     "'" + file +
                         "' has no checksum at its end: it was cut off, another program wrote or changed it, or it is "
                         "no file of results",
                     "Name the results.h5 or checkpoint/model.h5 of a run, as the run left it.");
  read_m(cells, ResultsReader(file, where, comm), 0., m);
}

template class Checkpoint<2>;
template class Checkpoint<3>;
template void read_unknowns<2>(const ParameterCells<2> &, const std::string &, const std::string &, ParameterVector &);
template void read_unknowns<3>(const ParameterCells<3> &, const std::string &, const std::string &, ParameterVector &);

} // namespace lodestone
