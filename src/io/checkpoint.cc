#include <lodestone/base/error.h>
#include <lodestone/discretization/nearest_points.h>
#include <lodestone/io/checkpoint.h>
#include <lodestone/io/result_directory.h>
#include <lodestone/io/results_file.h>
#include <lodestone/io/results_reader.h>

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
  constexpr double none = std::numeric_limits<double>::lowest();
  for (std::size_t v = 0; v < vectors.size(); v += vectors_at_once)
  {
    std::vector<std::string> names;
    for (std::size_t w = v; w < std::min(v + vectors_at_once, vectors.size()); ++w)
      for (const std::string &name : field_names(vectors[w], m.layout()))
        names.push_back(name);
    std::size_t first = 0;
    std::vector<double> of_zones(vectors_at_once * n_globals, none);
    reader.template visit_cells<dim>(names, [&](const Centres &centres, const Columns &columns) {
      nearest.visit(first, centres.size(), [&](const auto &cell, const std::size_t row) {
        for (std::size_t c = 0; c < columns.size(); ++c)
        {
          const auto i = cells.entry(cell, layout, c % n_fields);
          const double value = std::isnan(columns[c][row]) ? 0. : columns[c][row];
          if (i >= layout.first_global())
            of_zones[c / n_fields * n_globals + i - layout.first_global()] = value;
          else if (partitioner.in_local_range(i))
            take(v + c / n_fields, partitioner.global_to_local(i), value);
        }
      });
      first += centres.size();
    });
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
} // namespace

template <int dim>
Checkpoint<dim>::Checkpoint(const ParameterCells<dim> &cells, std::string file, std::string where)
    : cells_(cells), file_(std::move(file)), where_(std::move(where))
{
}

template <int dim>
bool Checkpoint<dim>::exists() const
{
  std::error_code ignored; // a file that cannot be looked at is one that cannot be read
  const bool here = dealii::Utilities::MPI::this_mpi_process(comm()) == 0 && std::filesystem::exists(file_, ignored);
  return dealii::Utilities::MPI::broadcast(comm(), here, 0);
}

template <int dim>
void Checkpoint<dim>::write(const ParameterVector &m, const NamedState &state, const NumberTable &history) const
{
  const ResultDirectory made(std::filesystem::path(file_).parent_path().string(), comm());
  ResultsFile file(file_, comm());
  file.add_cells(cells_.mesh());
  const auto names = field_names("m", m.layout());
  for (unsigned int k = 0; k < names.size(); ++k)
    file.add_cell_field(names[k], cells_.on_cells(m, k));
  NumberTable numbers, precisions, columns;
  for (const auto &[name, value] : state.numbers)
    numbers.add(name, {value});
  ParameterVector buffer(m.shared_layout());
  for (const auto &[name, vector] : state.vectors)
  {
    write_vector(file, cells_, name, vector, buffer);
    precisions.add(name, {std::holds_alternative<NamedState::Shared<float>>(vector) ? 4. : 8.});
  }
  for (std::size_t c = 0; c < history.columns.size(); ++c)
    columns.add("column_" + std::to_string(100 + c), history.columns[c]); // groups list their members by name
  file.add_table("state/numbers", numbers);
  file.add_table("state/vectors", precisions);
  file.add_table("history", columns);
  file.commit();
}

template <int dim>
NamedState Checkpoint<dim>::numbers() const
{
  NamedState state;
  const NumberTable numbers = ResultsReader(file_, where_, comm()).table("state/numbers");
  for (std::size_t c = 0; c < numbers.names.size(); ++c)
    state.numbers[numbers.names[c]] = numbers.columns[c].at(0);
  return state;
}

template <int dim>
auto Checkpoint<dim>::read(ParameterVector &m) const -> Content
{
  read_unknowns(cells_, file_, where_, m);
  const ResultsReader reader(file_, where_, comm());
  Content content;
  content.state = numbers();
  const NumberTable precisions = reader.table("state/vectors");
  std::vector<std::string> single, exact;
  for (std::size_t c = 0; c < precisions.names.size(); ++c)
    (precisions.columns[c].at(0) == 4 ? single : exact).push_back(precisions.names[c]);
  read_state_vectors<float>(cells_, reader, single, m, content.state);
  read_state_vectors<double>(cells_, reader, exact, m, content.state);
  content.history = reader.table("history");
  return content;
}

template <int dim>
void read_unknowns(const ParameterCells<dim> &cells, const std::string &file, const std::string &where,
                   ParameterVector &m)
{
  DistributedVector &values = m.values();
  values.zero_out_ghost_values();
  read_vectors(cells, ResultsReader(file, where, cells.mesh().communicator()), {"m"}, m,
               [&](std::size_t, const std::size_t i, const double value) { values.local_element(i) = value; });
  values.update_ghost_values();
}

template class Checkpoint<2>;
template class Checkpoint<3>;
template void read_unknowns<2>(const ParameterCells<2> &, const std::string &, const std::string &, ParameterVector &);
template void read_unknowns<3>(const ParameterCells<3> &, const std::string &, const std::string &, ParameterVector &);

} // namespace lodestone
