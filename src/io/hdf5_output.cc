#include <lodestone/base/error.h>
#include <lodestone/io/hdf5_output.h>

#include <deal.II/base/exceptions.h>

#include <utility>

namespace lodestone
{

namespace hdf5
{

namespace
{

/// "/data/gnss" and "sigma" of "data/gnss/sigma".
std::pair<std::string, std::string> group_and_name(const std::string &path)
{
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::make_pair(std::string("/"), path)
                                    : std::make_pair("/" + path.substr(0, slash), path.substr(slash + 1));
}

void write_info(hid_t dataset, const std::string &file, const ArrayInfo *info)
{
  if (info == nullptr)
    return;
  Assert(!info->description.empty(), dealii::ExcMessage("an array without a description"));
  write_attribute(dataset, file, "units", info->units);
  write_attribute(dataset, file, "description", info->description);
}

} // namespace

Identifier::Identifier(hid_t id, herr_t (*close)(hid_t), const std::string &file, const std::string &what)
    : id_(id), close_(close)
{
  if (id < 0)
    throw InputError(file, what + " cannot be written (HDF5)",
                     "Free space there, or choose another `Output directory`.");
}

void check(herr_t code, const std::string &file, const std::string &what)
{
  if (code < 0)
    throw InputError(file, what + " cannot be written (HDF5)",
                     "Free space there, or choose another `Output directory`.");
}

hid_t text_type(const std::size_t length)
{
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, length);
  H5Tset_cset(type, H5T_CSET_UTF8);
  return type;
}

hid_t open_or_make_group(hid_t file, const std::string &path)
{
  const Identifier links(H5Pcreate(H5P_LINK_CREATE), H5Pclose, path, "group");
  H5Pset_create_intermediate_group(links, 1);
  const QuietErrors quiet; // no error where the group does not exist yet
  hid_t group = H5Gopen2(file, path.c_str(), H5P_DEFAULT);
  if (group < 0)
    group = H5Gcreate2(file, path.c_str(), links, H5P_DEFAULT, H5P_DEFAULT);
  return group;
}

void write_attribute(hid_t object, const std::string &file, const std::string &name, const std::string &text)
{
  const Identifier type(text_type(H5T_VARIABLE), H5Tclose, file, name);
  const Identifier space(H5Screate(H5S_SCALAR), H5Sclose, file, name);
  const Identifier attribute(H5Acreate2(object, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose, file,
                             name);
  const char *const characters = text.c_str();
  check(H5Awrite(attribute, type, &characters), file, name);
}

void write_attribute(hid_t object, const std::string &file, const std::string &name, const hid_t type,
                     const void *number)
{
  const Identifier space(H5Screate(H5S_SCALAR), H5Sclose, file, name);
  const Identifier attribute(H5Acreate2(object, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose, file,
                             name);
  check(H5Awrite(attribute, type, number), file, name);
}

void write_rows(hid_t file_id, const std::string &file, const std::string &path, const hid_t type,
                const ArrayInfo *info, const std::vector<hsize_t> &size, const hsize_t first, const hsize_t n,
                const void *values)
{
  const auto [group_path, name] = group_and_name(path);
  const Identifier group(open_or_make_group(file_id, group_path), H5Gclose, file, group_path);
  std::vector<hsize_t> start(size.size(), 0), count(size);
  start[0] = first;
  count[0] = n;
  const int rank = static_cast<int>(size.size());
  const Identifier space(H5Screate_simple(rank, size.data(), nullptr), H5Sclose, file, path);
  const Identifier memory(H5Screate_simple(rank, count.data(), nullptr), H5Sclose, file, path);
  const Identifier dataset(H5Dcreate2(group, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                           H5Dclose, file, path);
  write_info(dataset, file, info);
  if (size[0] == 0)
    return; // HDF5 1.10 fails to write nothing collectively
  if (n > 0)
    check(H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr), file, path);
  else
  {
    check(H5Sselect_none(space), file, path);
    check(H5Sselect_none(memory), file, path);
  }
  const Identifier transfer(H5Pcreate(H5P_DATASET_XFER), H5Pclose, file, path);
  check(H5Pset_dxpl_mpio(transfer, H5FD_MPIO_COLLECTIVE), file, path);
  check(H5Dwrite(dataset, type, memory, space, transfer, values), file, path);
}

void write_scalar(hid_t file_id, const std::string &file, const std::string &path, const hid_t type,
                  const ArrayInfo *info, const bool writes, const void *value)
{
  const auto [group_path, name] = group_and_name(path);
  const Identifier group(open_or_make_group(file_id, group_path), H5Gclose, file, group_path);
  const Identifier space(H5Screate(H5S_SCALAR), H5Sclose, file, path);
  const Identifier dataset(H5Dcreate2(group, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                           H5Dclose, file, path);
  write_info(dataset, file, info);
  if (!writes)
    check(H5Sselect_none(space), file, path);
  const Identifier transfer(H5Pcreate(H5P_DATASET_XFER), H5Pclose, file, path);
  check(H5Pset_dxpl_mpio(transfer, H5FD_MPIO_COLLECTIVE), file, path);
  check(H5Dwrite(dataset, type, space, space, transfer, value), file, path);
}

} // namespace hdf5

} // namespace lodestone
