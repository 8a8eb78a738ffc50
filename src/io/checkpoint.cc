#include <lodestone/base/error.h>
#include <lodestone/discretization/nearest_points.h>
#include <lodestone/io/cell_rows.h>
#include <lodestone/io/checkpoint.h>
#include <lodestone/io/checksum.h>
#include <lodestone/io/result_directory.h>
#include <lodestone/io/results_file.h>
#include <lodestone/io/results_reader.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <limits>
#include <utility>

namespace lodestone
{

namespace
{
// Vectors that are read together: more would cost memory, fewer would read the centres of cells more often.
constexpr std::size_t vectors_at_once = 8;

/// A vector of unknowns in a file.
struct StoredVector
{
  std::string name;
  const ResultsReader *file; ///< null: that of the cells
};

/// Reads vectors of unknowns: each cell takes the value of the nearest cell in the file. The file is read in pieces, so
/// that no rank holds all of it. The number of a zone is that of any of its cells.
/// @param take (number of the vector, entry in this rank's part of it, value)
template <int dim, typename Take>
void read_vectors(const ParameterCells<dim> &cells, const ResultsReader &reader,
                  const std::vector<StoredVector> &vectors, const ParameterVector &m, const Take &take)
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
    std::vector<ResultsReader::Field> names;
    for (std::size_t w = v; w < std::min(v + vectors_at_once, vectors.size()); ++w)
      for (const std::string &name : field_names(vectors[w].name, m.layout()))
        names.emplace_back(name, vectors[w].file);
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

/// Reads vectors of one precision into the members of a state that have the names.
template <typename Number, int dim>
void read_state_vectors(const ParameterCells<dim> &cells, const ResultsReader &reader,
                        const std::map<std::string, StoredVector> &stored, const ParameterVector &m, NamedState &state)
{
  std::vector<std::shared_ptr<std::vector<Number>>> vectors;
  std::vector<StoredVector> places;
  for (const auto &[name, place] : stored)
  {
    vectors.push_back(std::make_shared<std::vector<Number>>(m.values().locally_owned_size()));
    state.vectors[name] = NamedState::Shared<Number>(vectors.back());
    places.push_back(place);
  }
  if (!places.empty())
    read_vectors(cells, reader, places, m, [&](const std::size_t vector, const std::size_t i, const double value) {
      (*vectors[vector])[i] = value;
    });
}

/// A file beside another one.
std::string beside(const std::string &file, const std::string &name)
{
  return (std::filesystem::path(file).parent_path() / name).string();
}

/// The checkpoint before model.h5.
std::string previous_of(const std::string &file)
{
  return beside(file, "previous.h5");
}

/// The number of a file of vectors; 0: it is none.
unsigned int number_of(const std::string &file_of_vectors)
{
  unsigned int number = 0;
  int end = 0;
  const bool is_one = std::sscanf(file_of_vectors.c_str(), "vectors-%u.h5%n", &number, &end) == 1 &&
                      end == static_cast<int>(file_of_vectors.size());
  return is_one ? number : 0;
}

/// Names of the files of vectors in a directory, as the first rank sees it. Collective.
std::vector<std::string> vector_files_in(const std::filesystem::path &directory, const MPI_Comm comm)
{
  std::vector<std::string> names;
  std::error_code error;
  if (dealii::Utilities::MPI::this_mpi_process(comm) == 0)
    for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error))
      if (const std::string name = entry->path().filename().string(); number_of(name) > 0)
        names.push_back(name);
  return dealii::Utilities::MPI::broadcast(comm, names, 0);
}

/// What a checkpoint says of the vectors that are in other files.
struct Elsewhere
{
  std::vector<std::string> vectors, files, fields, prints;

  explicit Elsewhere(const ResultsReader &reader)
  {
    if (reader.n_rows("/elsewhere/files") == 0)
      return;
    vectors = reader.texts("/elsewhere/vectors");
    files = reader.texts("/elsewhere/files");
    fields = reader.texts("/elsewhere/fields");
    prints = reader.texts("/elsewhere/prints");
    const std::size_t n = std::min({vectors.size(), files.size(), fields.size(), prints.size()});
    for (std::vector<std::string> *texts : {&vectors, &files, &fields, &prints})
      texts->resize(n);
  }
};

/// "is missing or cannot be read", "is damaged: its checksum does not fit"; empty: it is sound.
std::string clause_of(const Soundness soundness)
{
  return soundness == Soundness::sound     ? ""
         : soundness == Soundness::missing ? "is missing or cannot be read"
                                           : "is damaged: its checksum does not fit";
}

/// What is wrong with the files of vectors of a checkpoint that is sound itself.
std::string problem_of_vectors(const std::string &file, const std::string &where, const MPI_Comm comm)
{
  const Elsewhere elsewhere(ResultsReader(file, where, comm));
  std::map<std::string, std::string> prints;
  for (std::size_t k = 0; k < elsewhere.files.size(); ++k)
    prints[elsewhere.files[k]] = elsewhere.prints[k];
  for (const auto &[name, print] : prints)
  {
    const std::string needed = beside(file, name), start = "'" + file + "' needs '" + needed + "', which ";
    if (number_of(name) == 0)
      return start + "is no file of vectors";
    if (const std::string wrong = clause_of(check_checksum(needed, comm)); !wrong.empty())
      return start + wrong;
    if (file_fingerprint(needed, comm) != print)
      return start + "another run wrote";
  }
  return "";
}

/// Sets m from the cells of a file; cells that had no unknown give `otherwise`.
template <int dim>
void read_m(const ParameterCells<dim> &cells, const ResultsReader &reader, const double otherwise, ParameterVector &m)
{
  DistributedVector &values = m.values();
  values.zero_out_ghost_values();
  read_vectors(cells, reader, {{"m", nullptr}}, m, [&](std::size_t, const std::size_t i, const double value) {
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

std::string checkpoint_problem(const std::string &file, const std::string &where, const MPI_Comm comm)
{
  const std::string wrong = clause_of(check_checksum(file, comm));
  return wrong.empty() ? problem_of_vectors(file, where, comm) : "'" + file + "' " + wrong;
}

SoundCheckpoint sound_checkpoint(const std::string &file, const std::string &where, const MPI_Comm comm)
{
  const std::string damage = checkpoint_problem(file, where, comm), previous = previous_of(file);
  if (damage.empty())
    return {file, "", true};
  const Soundness last = check_checksum(file, comm), before = check_checksum(previous, comm);
  if (last == Soundness::missing && before == Soundness::missing)
    return {};
  const std::string damage_before = checkpoint_problem(previous, where, comm);
  if (damage_before.empty())
    return {previous, damage + ": the run goes on from the checkpoint before it, '" + previous + "'", true};
  const bool is_damaged_too = last != Soundness::sound && before != Soundness::sound && before != Soundness::missing;
  const std::string both = damage + ", and " + (is_damaged_too ? "'" + previous + "' is damaged, too" : damage_before);
  if (last != Soundness::sound && before != Soundness::sound)
    throw InputError(where, both,
                     "Start anew with Resume = no, or from the results of an earlier run with Start model.");
  const std::string &left = last == Soundness::sound ? file : previous;
  return {left, both + ": the run goes on from '" + left + "' without what its method remembers", false};
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

Checkpoint::Checkpoint(std::string file, std::string where, const MPI_Comm comm)
    : file_(std::move(file)), where_(std::move(where)), comm_(comm)
{
}

void Checkpoint::forget_lost_files()
{
  const std::vector<std::string> there = vector_files_in(std::filesystem::path(file_).parent_path(), comm_);
  for (auto w = written_.begin(); w != written_.end();)
    w = std::count(there.begin(), there.end(), w->second.file) == 0 ? written_.erase(w) : std::next(w);
}

template <int dim>
Checkpoint::Places Checkpoint::place(CellRows<dim> &rows, const NamedState &state)
{
  if (rows.order() != order_)
    written_.clear();
  order_ = rows.order();
  forget_lost_files();
  const auto pointer = [](const NamedState::Vector &vector) {
    return std::visit([](const auto &values) { return std::shared_ptr<const void>(values); }, vector);
  };
  std::vector<std::string> fresh;
  for (const auto &[name, vector] : state.vectors)
    if (is_numbered(name) && written_.count(pointer(vector)) == 0)
      fresh.push_back(name);
  if (!fresh.empty())
  {
    unsigned int last = 0;
    for (const std::string &other : vector_files_in(std::filesystem::path(file_).parent_path(), comm_))
      last = std::max(last, number_of(other));
    const std::string name = "vectors-" + std::to_string(last + 1) + ".h5";
    ResultsFile file(beside(file_, name), comm_);
    std::vector<std::pair<std::weak_ptr<const void>, Place>> places;
    for (std::size_t k = 0; k < fresh.size(); ++k)
    {
      const NamedState::Vector &vector = state.vectors.at(fresh[k]);
      places.emplace_back(pointer(vector), Place{name, "vector " + std::to_string(k + 1), ""});
      rows.write(file, places.back().second.field, vector);
    }
    file.set_attribute("kind", "vectors of a checkpoint");
    file.commit();
    const std::string print = file_fingerprint(beside(file_, name), comm_);
    for (auto &[vector, place] : places)
      place.print = print;
    written_.insert(places.begin(), places.end());
  }
  Places places;
  for (const auto &[name, vector] : state.vectors)
    if (const auto found = written_.find(pointer(vector)); is_numbered(name) && found != written_.end())
      places[name] = found->second;
  return places;
}

void Checkpoint::remove_files_without_use(const Places &places)
{
  std::set<std::string> needed;
  for (const auto &[name, place] : places)
    needed.insert(place.file);
  std::set<std::string> kept = needed;
  kept.insert(needed_.begin(), needed_.end());
  needed_ = std::move(needed);
  for (auto w = written_.begin(); w != written_.end();)
    w = kept.count(w->second.file) == 0 || w->first.expired() ? written_.erase(w) : std::next(w);
  for (const std::string &name : vector_files_in(std::filesystem::path(file_).parent_path(), comm_))
    if (std::error_code error; kept.count(name) == 0 && dealii::Utilities::MPI::this_mpi_process(comm_) == 0)
      std::filesystem::remove(beside(file_, name), error);
}

template <int dim>
void Checkpoint::write(const ParameterCells<dim> &cells, const ParameterVector &m, const Content &content)
{
  const ResultDirectory made(std::filesystem::path(file_).parent_path().string(), comm_);
  CellRows<dim> rows(cells, m);
  const Places places = place(rows, content.state);
  ResultsFile file(file_, comm_);
  file.add_cells(cells.mesh());
  const auto names = field_names("m", m.layout());
  for (unsigned int k = 0; k < names.size(); ++k)
    file.add_cell_field(names[k], cells.on_cells(m, k));
  NumberTable numbers, precisions, columns;
  for (const auto &[name, value] : content.state.numbers)
    numbers.add(name, {value});
  for (const auto &[name, vector] : content.state.vectors)
  {
    if (places.count(name) == 0)
      rows.write(file, name, vector);
    precisions.add(name, {std::holds_alternative<NamedState::Shared<float>>(vector) ? 4. : 8.});
  }
  for (std::size_t c = 0; c < content.history.columns.size(); ++c)
    columns.add("column_" + std::to_string(100 + c), content.history.columns[c]); // groups list members by name
  file.add_table("state/numbers", numbers);
  file.add_table("state/vectors", precisions);
  file.add_table("history", columns);
  file.add_rank_numbers("ranks", content.of_ranks);
  std::vector<std::string> vectors, files, fields, prints;
  for (const auto &[name, place] : places)
  {
    vectors.push_back(name);
    files.push_back(place.file);
    fields.push_back(place.field);
    prints.push_back(place.print);
  }
  if (!vectors.empty())
  {
    file.add_array("elsewhere/vectors", {"", "vectors of the state that are in other files"}, vectors);
    file.add_array("elsewhere/files", {"", "these files, in the directory of this one"}, files);
    file.add_array("elsewhere/fields", {"", "names of their cell fields there"}, fields);
    file.add_array("elsewhere/prints", {"", "length and CRC-32 of these files"}, prints);
  }
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
  file.commit(std::exchange(keeps_previous_, false) ? "" : previous_of(file_));
  remove_files_without_use(places);
}

template <int dim>
CheckpointContent Checkpoint::read(const ParameterCells<dim> &cells, const std::string &file, ParameterVector &m,
                                   const bool has_vectors)
{
  const ResultsReader reader(file, where_, comm_);
  read_m(cells, reader, std::numeric_limits<double>::quiet_NaN(), m);
  Content content = checkpoint_summary(file, where_, comm_);
  const Elsewhere elsewhere(reader);
  std::map<std::string, ResultsReader> readers;
  for (const std::string &name : elsewhere.files)
    readers.emplace(name, ResultsReader(beside(file, name), where_, comm_));
  std::map<std::string, StoredVector> single, exact;
  for (const auto &[name, bytes] : reader.numbers("state/vectors"))
  {
    const auto found = std::find(elsewhere.vectors.begin(), elsewhere.vectors.end(), name);
    const std::size_t k = found - elsewhere.vectors.begin();
    const bool is_here = found == elsewhere.vectors.end();
    if (is_here || has_vectors)
      (bytes == 4 ? single : exact)[name] =
          is_here ? StoredVector{name, nullptr} : StoredVector{elsewhere.fields[k], &readers.at(elsewhere.files[k])};
  }
  read_state_vectors<float>(cells, reader, single, m, content.state);
  read_state_vectors<double>(cells, reader, exact, m, content.state);
  content.history = reader.table("history");
  content.of_ranks = reader.rank_numbers("ranks");
  check_finite(content, m, file, where_);
  needed_ = {elsewhere.files.begin(), elsewhere.files.end()};
  keeps_previous_ = file == previous_of(file_);
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

template void Checkpoint::write<2>(const ParameterCells<2> &, const ParameterVector &, const Content &);
template void Checkpoint::write<3>(const ParameterCells<3> &, const ParameterVector &, const Content &);
template CheckpointContent Checkpoint::read<2>(const ParameterCells<2> &, const std::string &, ParameterVector &, bool);
template CheckpointContent Checkpoint::read<3>(const ParameterCells<3> &, const std::string &, ParameterVector &, bool);
template void read_unknowns<2>(const ParameterCells<2> &, const std::string &, const std::string &, ParameterVector &);
template void read_unknowns<3>(const ParameterCells<3> &, const std::string &, const std::string &, ParameterVector &);

} // namespace lodestone
