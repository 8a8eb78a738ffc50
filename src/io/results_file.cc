#include <lodestone/base/error.h>
#include <lodestone/io/atomic_file.h>
#include <lodestone/io/results_file.h>

#include <hdf5.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <type_traits>

namespace lodestone
{

namespace
{

/// An HDF5 identifier that is closed when it goes out of scope.
class Identifier
{
public:
  Identifier(hid_t id, herr_t (*close)(hid_t), const std::string &file, const std::string &what)
      : id_(id), close_(close)
  {
    if (id < 0)
      throw InputError(file, what + " cannot be written (HDF5)",
                       "Free space there, or choose another `Output directory`.");
  }
  ~Identifier() { close_(id_); }
  Identifier(const Identifier &) = delete;
  Identifier &operator=(const Identifier &) = delete;
  operator hid_t() const { return id_; }

private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

void check(herr_t code, const std::string &file, const std::string &what)
{
  if (code < 0)
    throw InputError(file, what + " cannot be written (HDF5)",
                     "Free space there, or choose another `Output directory`.");
}

std::string link_name(std::string name)
{
  std::replace(name.begin(), name.end(), '/', '|');
  return name;
}

template <typename Number>
hid_t native_type()
{
  return std::is_same_v<Number, float> ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
}

/// Rows [first, first + n) of a dataset of `total` rows are this rank's.
struct Share
{
  hsize_t total, first, n;
};

template <typename Number>
void write_dataset(hid_t parent, const std::string &file, const std::string &name, Share share, hsize_t components,
                   const Number *values)
{
  const int rank = components > 1 ? 2 : 1;
  const std::array<hsize_t, 2> size{{share.total, components}}, start{{share.first, 0}}, count{{share.n, components}};
  const Identifier space(H5Screate_simple(rank, size.data(), nullptr), H5Sclose, file, name);
  const Identifier memory(H5Screate_simple(rank, count.data(), nullptr), H5Sclose, file, name);
  const Identifier dataset(
      H5Dcreate2(parent, link_name(name).c_str(), native_type<Number>(), space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
      H5Dclose, file, name);
  if (share.total == 0)
    return; // HDF5 1.10 fails to write nothing collectively
  if (share.n > 0)
    check(H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr), file, name);
  else
  {
    check(H5Sselect_none(space), file, name);
    check(H5Sselect_none(memory), file, name);
  }
  const Identifier transfer(H5Pcreate(H5P_DATASET_XFER), H5Pclose, file, name);
  check(H5Pset_dxpl_mpio(transfer, H5FD_MPIO_COLLECTIVE), file, name);
  check(H5Dwrite(dataset, native_type<Number>(), memory, space, transfer, values), file, name);
}

hid_t open_or_make_group(hid_t file, const std::string &path)
{
  const Identifier links(H5Pcreate(H5P_LINK_CREATE), H5Pclose, path, "group");
  H5Pset_create_intermediate_group(links, 1);
  H5E_auto2_t report;
  void *report_data;
  H5Eget_auto2(H5E_DEFAULT, &report, &report_data);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); // that the group does not exist yet is no error
  hid_t group = H5Gopen2(file, path.c_str(), H5P_DEFAULT);
  H5Eset_auto2(H5E_DEFAULT, report, report_data);
  if (group < 0)
    group = H5Gcreate2(file, path.c_str(), links, H5P_DEFAULT, H5P_DEFAULT);
  return group;
}

/// A field's values on this rank's cells.
template <typename Number>
void write_field(hid_t file_id, const std::string &file, const std::string &name, const CellField &field,
                 const Number *values)
{
  const auto &owned = field.get_partitioner()->local_range();
  const Identifier group(open_or_make_group(file_id, "/cells"), H5Gclose, file, "/cells");
  write_dataset(group, file, name, {field.size(), owned.first, owned.second - owned.first}, 1, values);
}

hid_t text_type(const std::string &text)
{
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, text.size() + 1);
  H5Tset_cset(type, H5T_CSET_UTF8);
  return type;
}

} // namespace

struct ResultsFile::Handle
{
  hid_t id;
};

ResultsFile::ResultsFile(const std::string &file, MPI_Comm comm)
    : file_(file), temporary_(file + ".part"), comm_(comm), handle_(std::make_unique<Handle>())
{
  const Identifier access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, file_, "file");
  check(H5Pset_fapl_mpio(access, comm, MPI_INFO_NULL), file_, "file");
  H5E_auto2_t report;
  void *report_data;
  H5Eget_auto2(H5E_DEFAULT, &report, &report_data);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); // said below in the user's words
  handle_->id = H5Fcreate(temporary_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access);
  H5Eset_auto2(H5E_DEFAULT, report, report_data);
  if (dealii::Utilities::MPI::min(handle_->id < 0 ? 0 : 1, comm) == 0)
    throw InputError(file_, "cannot be created (HDF5)", "Choose another `Output directory`.");
}

ResultsFile::~ResultsFile()
{
  if (!handle_)
    return;
  H5Fclose(handle_->id);
  if (dealii::Utilities::MPI::this_mpi_process(comm_) == 0)
    std::remove(temporary_.c_str());
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
  const Identifier group(open_or_make_group(handle_->id, "/cells"), H5Gclose, file_, "/cells");
  write_dataset(group, file_, "centre", {owned.size(), first, n}, dim, centres.data());
  write_dataset(group, file_, "volume", {owned.size(), first, n}, 1, volumes.data());
}

void ResultsFile::add_cell_field(const std::string &name, const CellField &field)
{
  write_field(handle_->id, file_, name, field, field.begin());
}

void ResultsFile::add_cell_field_in_single_precision(const std::string &name, const CellField &field)
{
  const std::vector<float> values(field.begin(), field.begin() + field.locally_owned_size());
  write_field(handle_->id, file_, name, field, values.data());
}

void ResultsFile::add_table(const std::string &group_name, const NumberTable &table)
{
  const bool writes = dealii::Utilities::MPI::this_mpi_process(comm_) == 0;
  const std::string path = "/" + group_name;
  const Identifier group(open_or_make_group(handle_->id, path), H5Gclose, file_, path);
  for (std::size_t c = 0; c < table.columns.size(); ++c)
  {
    const hsize_t n = table.columns[c].size();
    write_dataset(group, file_, table.names[c], {n, 0, writes ? n : 0}, 1, table.columns[c].data());
  }
}

void ResultsFile::add_text(const std::string &name, const std::string &text)
{
  const Identifier type(text_type(text), H5Tclose, file_, name);
  const Identifier space(H5Screate(H5S_SCALAR), H5Sclose, file_, name);
  const Identifier dataset(
      H5Dcreate2(handle_->id, link_name(name).c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Dclose,
      file_, name);
  if (dealii::Utilities::MPI::this_mpi_process(comm_) != 0)
    check(H5Sselect_none(space), file_, name);
  const Identifier transfer(H5Pcreate(H5P_DATASET_XFER), H5Pclose, file_, name);
  check(H5Pset_dxpl_mpio(transfer, H5FD_MPIO_COLLECTIVE), file_, name);
  check(H5Dwrite(dataset, type, space, space, transfer, text.c_str()), file_, name);
}

void ResultsFile::set_attribute(const std::string &name, const std::string &text)
{
  const Identifier type(text_type(text), H5Tclose, file_, name);
  const Identifier space(H5Screate(H5S_SCALAR), H5Sclose, file_, name);
  const Identifier attribute(H5Acreate2(handle_->id, link_name(name).c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT),
                             H5Aclose, file_, name);
  check(H5Awrite(attribute, type, text.c_str()), file_, name);
}

void ResultsFile::commit()
{
  const herr_t code = H5Fclose(handle_->id);
  handle_.reset();
  if (dealii::Utilities::MPI::min(code < 0 ? 0 : 1, comm_) == 0)
    throw InputError(file_, "cannot be completed (HDF5)", "Free space there, or choose another `Output directory`.");
  replace_atomically(temporary_, file_, comm_);
}

template void ResultsFile::add_cells<2>(const Mesh<2> &);
template void ResultsFile::add_cells<3>(const Mesh<3> &);

} // namespace lodestone
