#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/io/array_name.h>
#include <lodestone/io/atomic_file.h>
#include <lodestone/io/checksum.h>
#include <lodestone/io/hdf5_output.h>
#include <lodestone/io/results_file.h>
#include <lodestone/io/vertex_table.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <limits>
#include <numeric>
#include <sys/statvfs.h>
#include <unistd.h>

namespace lodestone
{

using namespace hdf5;

struct ResultsFile::Handle
{
  QuietErrors quiet;
  hid_t id = -1;
};

ResultsFile::ResultsFile(const std::string &file, MPI_Comm comm)
    : file_(file), temporary_(file + ".part"), comm_(comm), handle_(std::make_unique<Handle>())
{
  const Identifier access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, file_, "file");
  check(H5Pset_fapl_mpio(access, comm, MPI_INFO_NULL), file_, "file");
  if (dealii::Utilities::MPI::this_mpi_process(comm) == 0)
    ::unlink(temporary_.c_str()); // left by a run that was killed; a link that stands there is not followed
  require_space(0);               // the others wait for the first rank
  handle_->id = H5Fcreate(temporary_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access);
  if (dealii::Utilities::MPI::min(handle_->id < 0 ? 0 : 1, comm) == 0)
    throw InputError(file_, "cannot be created (HDF5)", "Choose another `Output directory`.");
}

ResultsFile::~ResultsFile()
{
  if (!handle_)
    return;
  // Ranks close the file together. Where an exception leaves it, this rank may be alone with that: then it stays.
  if (std::uncaught_exceptions() == 0)
    H5Fclose(handle_->id);
  if (dealii::Utilities::MPI::this_mpi_process(comm_) == 0)
    std::remove(temporary_.c_str());
}

void ResultsFile::require_space(const double bytes)
{
  constexpr double for_metadata = 1e6;
  double available = std::numeric_limits<double>::max();
  const std::string folder = std::filesystem::absolute(file_).parent_path();
  if (struct statvfs disk; dealii::Utilities::MPI::this_mpi_process(comm_) == 0 && statvfs(folder.c_str(), &disk) == 0)
    available = double(disk.f_bavail) * double(disk.f_frsize);
  available = dealii::Utilities::MPI::broadcast(comm_, available, 0);
  if (available >= bytes + for_metadata)
    return;
  if (handle_->id >= 0)
    H5Fclose(handle_->id); // all ranks are here, and what is left suffices for that
  handle_.reset();
  if (dealii::Utilities::MPI::this_mpi_process(comm_) == 0)
    std::remove(temporary_.c_str());
  throw InputError(file_,
                   "no space left on the disk: " + significant((bytes + for_metadata) / 1e6, 3) +
                       " MB are needed at once, and there are " + significant(available / 1e6, 3) + " MB",
                   "Free space there, or choose another `Output directory`.");
}

template <typename Number>
void ResultsFile::write(const std::string &path, const ArrayInfo *info, const Share &share,
                        const unsigned int components, const Number *values)
{
  require_space(double(share.total) * components * sizeof(Number));
  std::vector<hsize_t> size{share.total};
  if (components > 1)
    size.push_back(components);
  write_rows(handle_->id, file_, path, native_type<Number>(), info, size, share.first, share.n, values);
}

ResultsFile::Share ResultsFile::replicated(const std::size_t n) const
{
  return {n, 0, dealii::Utilities::MPI::this_mpi_process(comm_) == 0 ? n : 0};
}

ResultsFile::Share ResultsFile::one_after_the_other(const std::size_t n) const
{
  const std::vector<std::uint64_t> all = dealii::Utilities::MPI::all_gather(comm_, std::uint64_t(n));
  const auto mine = all.begin() + dealii::Utilities::MPI::this_mpi_process(comm_);
  return {std::accumulate(all.begin(), all.end(), std::uint64_t(0)),
          std::accumulate(all.begin(), mine, std::uint64_t(0)), n};
}

template <int dim>
void ResultsFile::add_cells(const Mesh<dim> &mesh)
{
  const auto owned = mesh.triangulation().global_active_cell_index_partitioner().lock()->locally_owned_range();
  const hsize_t n = owned.n_elements(), first = n > 0 ? *owned.begin() : 0;
  std::vector<double> centres(n * dim), volumes(n);
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      const auto row = cell->global_active_cell_index() - first;
      for (unsigned int d = 0; d < dim; ++d)
        centres[row * dim + d] = cell->center()[d];
      volumes[row] = cell->measure();
    }
  const ArrayInfo centre_info{"m", dim == 3 ? "centre of the cell: x east, y north, z up" : "centre of the cell: x, z"};
  const ArrayInfo volume_info{dim == 3 ? "m^3" : "m^2", dim == 3 ? "volume of the cell" : "area of the cell"};
  write("cells/centre", &centre_info, {owned.size(), first, n}, dim, centres.data());
  write("cells/volume", &volume_info, {owned.size(), first, n}, 1, volumes.data());
}

template <int dim>
void ResultsFile::add_mesh(const Mesh<dim> &mesh)
{
  const VertexTable<dim> table(mesh);
  const ArrayInfo vertices{"m",
                           dim == 3 ? "corners of the cells: x east, y north, z up" : "corners of the cells: x, z"};
  write("mesh/vertices", &vertices, {table.n_vertices, table.first_vertex, table.coordinates.size() / dim}, dim,
        table.coordinates.data());
  const ArrayInfo corners{"", std::string("rows of mesh/vertices that are the corners of each cell, in the order of ") +
                                  (dim == 3 ? "VTK_HEXAHEDRON" : "VTK_QUAD")};
  const auto owned = mesh.triangulation().global_active_cell_index_partitioner().lock()->locally_owned_range();
  const Share share{owned.size(), owned.n_elements() > 0 ? *owned.begin() : 0, owned.n_elements()};
  if (table.n_vertices <= std::numeric_limits<std::int32_t>::max())
    write("mesh/connectivity", &corners, share, table.per_cell,
          std::vector<std::int32_t>(table.connectivity.begin(), table.connectivity.end()).data());
  else
    write("mesh/connectivity", &corners, share, table.per_cell, table.connectivity.data());
}

void ResultsFile::add_cell_field(const std::string &name, const CellField &field)
{
  const auto &owned = field.get_partitioner()->local_range();
  write("cells/" + array_name(name), nullptr, {field.size(), owned.first, owned.second - owned.first}, 1,
        field.begin());
}

void ResultsFile::add_cell_field(const std::string &name, const ArrayInfo &info, const CellField &field)
{
  const auto &owned = field.get_partitioner()->local_range();
  write("cells/" + array_name(name), &info, {field.size(), owned.first, owned.second - owned.first}, 1, field.begin());
}

template <typename Number>
void ResultsFile::add_cell_rows(const std::string &name, const std::vector<Number> &rows)
{
  write("cells/" + array_name(name), nullptr, one_after_the_other(rows.size()), 1, rows.data());
}

void ResultsFile::add_cell_numbers(const std::string &name, const ArrayInfo &info, const CellField &numbers)
{
  add_cell_numbers_at("cells/" + array_name(name), info, numbers);
}

void ResultsFile::add_cell_numbers_at(const std::string &path, const ArrayInfo &info, const CellField &numbers)
{
  const std::vector<std::int32_t> values(numbers.begin(), numbers.begin() + numbers.locally_owned_size());
  const auto &owned = numbers.get_partitioner()->local_range();
  write(path, &info, {numbers.size(), owned.first, owned.second - owned.first}, 1, values.data());
}

void ResultsFile::add_table(const std::string &group_name, const NumberTable &table)
{
  const Identifier group(open_or_make_group(handle_->id, "/" + group_name), H5Gclose, file_, group_name);
  for (std::size_t c = 0; c < table.columns.size(); ++c)
  {
    std::string name = table.names[c];
    std::replace(name.begin(), name.end(), '/', '|'); // HDF5 keeps the slash for paths
    write(group_name + "/" + name, nullptr, replicated(table.columns[c].size()), 1, table.columns[c].data());
  }
}

void ResultsFile::add_array(const std::string &path, const ArrayInfo &info, const std::vector<double> &values,
                            const unsigned int components)
{
  AssertDimension(values.size() % components, 0);
  write(path, &info, replicated(values.size() / components), components, values.data());
}

void ResultsFile::add_array(const std::string &path, const ArrayInfo &info, const std::vector<std::int32_t> &values)
{
  write(path, &info, replicated(values.size()), 1, values.data());
}

void ResultsFile::add_array(const std::string &path, const ArrayInfo &info, const std::vector<std::int64_t> &values)
{
  write(path, &info, replicated(values.size()), 1, values.data());
}

void ResultsFile::add_array(const std::string &path, const ArrayInfo &info, const std::vector<std::string> &values)
{
  std::size_t length = 1;
  for (const std::string &value : values)
    length = std::max(length, value.size() + 1);
  std::string characters(length * values.size(), '\0');
  for (std::size_t i = 0; i < values.size(); ++i)
    characters.replace(i * length, values[i].size(), values[i]);
  const Identifier type(text_type(length), H5Tclose, file_, path);
  const Share share = replicated(values.size());
  write_rows(handle_->id, file_, path, type, &info, {share.total}, share.first, share.n, characters.data());
}

void ResultsFile::add_rank_numbers(const std::string &group, const RankState &numbers)
{
  const Identifier sizes(open_or_make_group(handle_->id, "/" + group + "/sizes"), H5Gclose, file_, group);
  for (const auto &[name, values] : numbers)
  {
    const std::vector<double> all = dealii::Utilities::MPI::all_gather(comm_, double(values.size()));
    write(group + "/sizes/" + name, nullptr, replicated(all.size()), 1, all.data());
    write(group + "/values/" + name, nullptr, one_after_the_other(values.size()), 1, values.data());
  }
}

void ResultsFile::add_number(const std::string &path, const ArrayInfo &info, const double value)
{
  write_scalar(handle_->id, file_, path, H5T_NATIVE_DOUBLE, &info, replicated(1).n > 0, &value);
}

void ResultsFile::add_text(const std::string &path, const std::string &text)
{
  const Identifier type(text_type(text.size() + 1), H5Tclose, file_, path);
  write_scalar(handle_->id, file_, path, type, nullptr, replicated(1).n > 0, text.c_str());
}

void ResultsFile::add_text(const std::string &path, const ArrayInfo &info, const std::string &text)
{
  const Identifier type(text_type(text.size() + 1), H5Tclose, file_, path);
  write_scalar(handle_->id, file_, path, type, &info, replicated(1).n > 0, text.c_str());
}

void ResultsFile::set_attribute(const std::string &name, const std::string &text)
{
  write_attribute(handle_->id, file_, name, text);
}

void ResultsFile::set_attribute(const std::string &group, const std::string &name, const std::string &text)
{
  const Identifier id(open_or_make_group(handle_->id, "/" + group), H5Gclose, file_, group);
  write_attribute(id, file_, name, text);
}

void ResultsFile::set_attribute(const std::string &group, const std::string &name, const int number)
{
  const Identifier id(open_or_make_group(handle_->id, "/" + group), H5Gclose, file_, group);
  write_attribute(id, file_, name, H5T_NATIVE_INT, &number);
}

void ResultsFile::set_attribute(const std::string &group, const std::string &name, const double number)
{
  const Identifier id(open_or_make_group(handle_->id, "/" + group), H5Gclose, file_, group);
  write_attribute(id, file_, name, H5T_NATIVE_DOUBLE, &number);
}

void ResultsFile::commit(const std::string &keep_as)
{
  const herr_t code = H5Fclose(handle_->id);
  handle_.reset();
  if (dealii::Utilities::MPI::min(code < 0 ? 0 : 1, comm_) == 0)
    throw InputError(file_, "cannot be completed (HDF5)", "Free space there, or choose another `Output directory`.");
  add_checksum(temporary_, comm_);
  replace_atomically(temporary_, file_, comm_, keep_as);
}

template void ResultsFile::add_cells<2>(const Mesh<2> &);
template void ResultsFile::add_cells<3>(const Mesh<3> &);
template void ResultsFile::add_mesh<2>(const Mesh<2> &);
template void ResultsFile::add_mesh<3>(const Mesh<3> &);
template void ResultsFile::add_cell_rows<float>(const std::string &, const std::vector<float> &);
template void ResultsFile::add_cell_rows<double>(const std::string &, const std::vector<double> &);

} // namespace lodestone
