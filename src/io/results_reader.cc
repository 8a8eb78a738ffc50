#include <lodestone/base/error.h>
#include <lodestone/io/array_name.h>
#include <lodestone/io/hdf5_output.h>
#include <lodestone/io/results_reader.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <numeric>

namespace lodestone
{

namespace
{
/// Whether a file can hold what a data set says that it holds: nothing is compressed, so a damaged file is told by this
/// before memory is taken.
bool fits_in_file(const hid_t file, const hid_t dataset, const hid_t space)
{
  hsize_t extent[H5S_MAX_RANK] = {0}, bytes = 0;
  const int rank = H5Sget_simple_extent_dims(space, extent, nullptr);
  const hid_t type = H5Dget_type(dataset);
  double needed = type < 0 ? -1. : static_cast<double>(H5Tget_size(type));
  H5Tclose(type);
  for (int d = 0; d < rank; ++d)
    needed *= static_cast<double>(extent[d]);
  return rank >= 0 && needed >= 0 && H5Fget_filesize(file, &bytes) >= 0 && needed <= static_cast<double>(bytes);
}

/// Rows `first` to `first` + `count` of a data set (all that there are, when it has fewer).
std::string read_dataset(const std::string &file, const std::string &name, const hsize_t first, const hsize_t count,
                         std::vector<double> &values)
{
  const hdf5::QuietErrors quiet;
  const hid_t id = H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  if (id < 0)
    return "'" + file + "' is missing or no HDF5 file";
  std::string problem = "'" + file + "' has no data set '" + name + "'";
  if (const hid_t dataset = H5Dopen2(id, name.c_str(), H5P_DEFAULT); dataset >= 0)
  {
    const hid_t space = H5Dget_space(dataset);
    std::vector<hsize_t> extent(std::max(1, H5Sget_simple_extent_ndims(space)), 1), start(extent.size(), 0);
    H5Sget_simple_extent_dims(space, extent.data(), nullptr);
    start[0] = std::min(first, extent[0]);
    extent[0] = std::min(count, extent[0] - start[0]);
    const bool fits = fits_in_file(id, dataset, space);
    hsize_t size = fits ? 1 : 0;
    for (const hsize_t n : extent)
      size *= n;
    values.resize(size);
    const hid_t memory = H5Screate_simple(1, &size, nullptr);
    if (!fits)
      problem = "'" + file + "' is damaged: it is too short for its data set '" + name + "'";
    else if (size == 0 ||
             (H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, extent.data(), nullptr) >= 0 &&
              H5Dread(dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, values.data()) >= 0))
      problem.clear();
    H5Sclose(memory);
    H5Sclose(space);
    H5Dclose(dataset);
  }
  H5Fclose(id);
  return problem;
}

herr_t collect_name(hid_t, const char *name, const H5L_info_t *, void *names)
{
  static_cast<std::vector<std::string> *>(names)->push_back(name);
  return 0;
}

std::string list_group(const std::string &file, const std::string &group, std::vector<std::string> &names)
{
  const hdf5::QuietErrors quiet;
  const hid_t id = H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  if (id < 0)
    return "'" + file + "' is missing or no HDF5 file";
  std::string problem = "'" + file + "' has no group '" + group + "'";
  if (const hid_t g = H5Gopen2(id, group.c_str(), H5P_DEFAULT); g >= 0)
  {
    hsize_t start = 0;
    if (H5Literate(g, H5_INDEX_NAME, H5_ITER_INC, &start, collect_name, &names) >= 0)
      problem.clear();
    H5Gclose(g);
  }
  H5Fclose(id);
  return problem;
}

/// Rows of a data set; 0 where there is none.
std::size_t rows_of(const std::string &file, const std::string &name)
{
  const hdf5::QuietErrors quiet;
  hsize_t extent[H5S_MAX_RANK] = {0};
  const hid_t id = H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  if (id < 0)
    return 0;
  if (const hid_t dataset = H5Dopen2(id, name.c_str(), H5P_DEFAULT); dataset >= 0)
  {
    const hid_t space = H5Dget_space(dataset);
    H5Sget_simple_extent_dims(space, extent, nullptr);
    H5Sclose(space);
    H5Dclose(dataset);
  }
  H5Fclose(id);
  return extent[0];
}

/// A text of any length on the root group.
std::string text_attribute(const std::string &file, const std::string &name)
{
  const hdf5::QuietErrors quiet;
  std::string text;
  const hid_t id = H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  if (id < 0)
    return text;
  if (const hid_t attribute = H5Aopen(id, name.c_str(), H5P_DEFAULT); attribute >= 0)
  {
    const hid_t type = hdf5::text_type(H5T_VARIABLE);
    char *characters = nullptr;
    if (H5Aread(attribute, type, &characters) >= 0 && characters != nullptr)
    {
      text = characters;
      H5free_memory(characters);
    }
    H5Tclose(type);
    H5Aclose(attribute);
  }
  H5Fclose(id);
  return text;
}

/// Texts of a fixed length, as ResultsFile writes them.
std::string read_texts(const std::string &file, const std::string &name, std::vector<std::string> &texts)
{
  const hdf5::QuietErrors quiet;
  const hid_t id = H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  if (id < 0)
    return "'" + file + "' is missing or no HDF5 file";
  std::string problem = "'" + file + "' has no texts '" + name + "'";
  if (const hid_t dataset = H5Dopen2(id, name.c_str(), H5P_DEFAULT); dataset >= 0)
  {
    const hid_t space = H5Dget_space(dataset), type = H5Dget_type(dataset);
    if (H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0 && fits_in_file(id, dataset, space))
    {
      const std::size_t n = H5Sget_simple_extent_npoints(space), length = H5Tget_size(type);
      std::vector<char> characters(n * length + 1, '\0');
      if (n == 0 || H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, characters.data()) >= 0)
        problem.clear();
      for (std::size_t i = 0; i < n; ++i)
        texts.emplace_back(&characters[i * length], strnlen(&characters[i * length], length));
    }
    H5Tclose(type);
    H5Sclose(space);
    H5Dclose(dataset);
  }
  H5Fclose(id);
  return problem;
}
} // namespace

ResultsReader::ResultsReader(const std::string &file, const std::string &where, MPI_Comm comm)
    : file_(file), where_(where), comm_(comm)
{
}

std::vector<double> ResultsReader::read(const std::string &dataset, const std::size_t first,
                                        const std::size_t count) const
{
  std::vector<double> values;
  std::string problem;
  if (dealii::Utilities::MPI::this_mpi_process(comm_) == 0)
    problem = read_dataset(file_, dataset, first, count, values);
  problem = dealii::Utilities::MPI::broadcast(comm_, problem, 0);
  if (!problem.empty())
    throw InputError(where_, problem, "Name a results.h5 or checkpoint that Lodestone wrote for the same unknowns.");
  return dealii::Utilities::MPI::broadcast(comm_, values, 0);
}

template <int dim>
void ResultsReader::visit_cells(const std::vector<Field> &fields, const CellVisitor<dim> &visit,
                                const std::size_t piece) const
{
  for (std::size_t first = 0;; first += piece)
  {
    const std::size_t n = read("/cells/volume", first, piece).size();
    const std::vector<double> numbers = read("/cells/centre", first, piece);
    if (numbers.size() != n * dim)
      throw InputError(where_, "'" + file_ + "' is of another dimension",
                       "Name a file of a " + std::to_string(dim) + "-D run.");
    std::vector<dealii::Point<dim>> centres(n);
    for (std::size_t i = 0; i < n; ++i)
      for (unsigned int d = 0; d < dim; ++d)
        centres[i][d] = numbers[i * dim + d];
    std::vector<std::vector<double>> values;
    for (const Field &field : fields)
    {
      const ResultsReader &reader = field.file == nullptr ? *this : *field.file;
      values.push_back(reader.read("/cells/" + array_name(field.name), first, piece));
      if (values.back().size() != n)
        throw InputError(where_,
                         "'" + reader.file_ + "' has another number of cells in '" + field.name + "' than '" + file_ +
                             "' has in 'volume'",
                         "Name a file that this version of Lodestone wrote.");
    }
    if (n > 0)
      visit(centres, values);
    if (n < piece)
      return;
  }
}

std::vector<std::string> ResultsReader::members(const std::string &group) const
{
  std::vector<std::string> names;
  std::string problem;
  if (dealii::Utilities::MPI::this_mpi_process(comm_) == 0)
    problem = list_group(file_, group, names);
  problem = dealii::Utilities::MPI::broadcast(comm_, problem, 0);
  if (!problem.empty())
    throw InputError(where_, problem, "Name a file that Lodestone wrote.");
  return dealii::Utilities::MPI::broadcast(comm_, names, 0);
}

std::size_t ResultsReader::n_rows(const std::string &dataset) const
{
  std::size_t n = 0;
  if (dealii::Utilities::MPI::this_mpi_process(comm_) == 0)
    n = rows_of(file_, dataset);
  return dealii::Utilities::MPI::broadcast(comm_, n, 0);
}

std::string ResultsReader::attribute(const std::string &name) const
{
  std::string text;
  if (dealii::Utilities::MPI::this_mpi_process(comm_) == 0)
    text = text_attribute(file_, name);
  return dealii::Utilities::MPI::broadcast(comm_, text, 0);
}

NumberTable ResultsReader::table(const std::string &group) const
{
  NumberTable table;
  for (const auto &name : members(group))
    table.add(name, read("/" + group + "/" + name, 0, std::numeric_limits<std::size_t>::max()));
  for (const std::vector<double> &column : table.columns)
    if (column.size() != table.columns.front().size())
      throw InputError(where_, "'" + file_ + "' has columns of different lengths in '" + group + "'",
                       "Name a file that this version of Lodestone wrote.");
  return table;
}

std::map<std::string, double> ResultsReader::numbers(const std::string &group) const
{
  const NumberTable row = table(group);
  std::map<std::string, double> result;
  for (std::size_t c = 0; c < row.names.size(); ++c)
    if (row.columns[c].size() == 1)
      result[row.names[c]] = row.columns[c][0];
    else
      throw InputError(where_, "'" + file_ + "' holds no single number in '" + group + "/" + row.names[c] + "'",
                       "Name a file that this version of Lodestone wrote.");
  return result;
}

std::vector<std::string> ResultsReader::texts(const std::string &path) const
{
  std::vector<std::string> result;
  std::string problem;
  if (dealii::Utilities::MPI::this_mpi_process(comm_) == 0)
    problem = read_texts(file_, path, result);
  problem = dealii::Utilities::MPI::broadcast(comm_, problem, 0);
  if (!problem.empty())
    throw InputError(where_, problem, "Name a file that this version of Lodestone wrote.");
  return dealii::Utilities::MPI::broadcast(comm_, result, 0);
}

RankState ResultsReader::rank_numbers(const std::string &group) const
{
  const NumberTable sizes = table(group + "/sizes");
  const unsigned int rank = dealii::Utilities::MPI::this_mpi_process(comm_),
                     n_ranks = dealii::Utilities::MPI::n_mpi_processes(comm_);
  RankState numbers;
  std::string problem;
  for (std::size_t c = 0; c < sizes.names.size() && problem.empty(); ++c)
  {
    const std::vector<double> &n = sizes.columns[c];
    if (n.size() != n_ranks)
      return {};
    if (constexpr double most = 0x1p53;
        !std::all_of(n.begin(), n.end(), [](const double x) { return x >= 0 && x < most; }))
    {
      problem = "'" + file_ + "' holds no counts in '" + group + "/sizes/" + sizes.names[c] + "'";
      break;
    }
    const auto first = static_cast<std::size_t>(std::accumulate(n.begin(), n.begin() + rank, 0.)),
               count = static_cast<std::size_t>(n[rank]);
    std::vector<double> &values = numbers[sizes.names[c]];
    problem = read_dataset(file_, "/" + group + "/values/" + sizes.names[c], first, count, values);
    if (problem.empty() && values.size() != count)
      problem = "'" + file_ + "' holds too few numbers of rank " + std::to_string(rank);
  }
  if (dealii::Utilities::MPI::max(problem.empty() ? 0 : 1, comm_) != 0)
    throw InputError(where_, problem.empty() ? "'" + file_ + "' cannot be read on all ranks" : problem,
                     "Name a file that this version of Lodestone wrote.");
  return numbers;
}

template void ResultsReader::visit_cells<2>(const std::vector<Field> &, const CellVisitor<2> &, std::size_t) const;
template void ResultsReader::visit_cells<3>(const std::vector<Field> &, const CellVisitor<3> &, std::size_t) const;

} // namespace lodestone
