#pragma once
// Reads HDF5 files through the library's serial interface, for the tests: it shares nothing with the writer.
#include <hdf5.h>

#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/// What an HDF5 file says of one of its data sets.
struct Hdf5DataSet
{
  std::vector<hsize_t> shape; ///< empty: a single value
  H5T_class_t kind = H5T_NO_CLASS;
  std::map<std::string, std::string> attributes; ///< those that are texts
};

inline std::map<std::string, std::string> text_attributes(hid_t object)
{
  std::map<std::string, std::string> found;
  const auto read = [](hid_t owner, const char *name, const H5A_info_t *, void *result) -> herr_t {
    const hid_t attribute = H5Aopen(owner, name, H5P_DEFAULT), type = H5Aget_type(attribute);
    if (H5Tis_variable_str(type) > 0)
    {
      char *text = nullptr;
      H5Aread(attribute, type, &text);
      (*static_cast<std::map<std::string, std::string> *>(result))[name] = text;
      H5free_memory(text);
    }
    H5Tclose(type);
    H5Aclose(attribute);
    return 0;
  };
  H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, nullptr, read, &found);
  return found;
}

class Hdf5Reading
{
public:
  explicit Hdf5Reading(const std::string &file) : id_(H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT))
  {
    if (id_ < 0)
      throw std::runtime_error("no HDF5 file " + file);
  }
  ~Hdf5Reading() { H5Fclose(id_); }
  Hdf5Reading(const Hdf5Reading &) = delete;
  Hdf5Reading &operator=(const Hdf5Reading &) = delete;

  /// Every data set, by path without a slash at the beginning.
  std::map<std::string, Hdf5DataSet> data_sets() const
  {
    std::map<std::string, Hdf5DataSet> result;
    for (const auto &[path, type] : objects())
      if (type == H5O_TYPE_DATASET)
        result[path] = look_at(path);
    return result;
  }
  /// The text attributes of every group, by path; the root is ".".
  std::map<std::string, std::map<std::string, std::string>> groups() const
  {
    std::map<std::string, std::map<std::string, std::string>> result;
    for (const auto &[path, type] : objects())
      if (type == H5O_TYPE_GROUP)
      {
        const hid_t group = H5Gopen2(id_, path.c_str(), H5P_DEFAULT);
        result[path] = text_attributes(group);
        H5Gclose(group);
      }
    return result;
  }
  std::vector<double> numbers(const std::string &path) const
  {
    const hid_t dataset = open(path), space = H5Dget_space(dataset);
    std::vector<double> values(H5Sget_simple_extent_npoints(space));
    if (H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0)
      throw std::runtime_error(path + " holds no numbers");
    H5Sclose(space);
    H5Dclose(dataset);
    return values;
  }
  std::vector<std::string> texts(const std::string &path) const
  {
    const hid_t dataset = open(path), space = H5Dget_space(dataset), type = H5Dget_type(dataset);
    const std::size_t length = H5Tget_size(type), n = H5Sget_simple_extent_npoints(space);
    std::string characters(length * n, ' ');
    if (H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, characters.data()) < 0)
      throw std::runtime_error(path + " holds no texts");
    std::vector<std::string> values;
    for (std::size_t i = 0; i < n; ++i)
      values.emplace_back(characters.substr(i * length, length).c_str());
    H5Tclose(type);
    H5Sclose(space);
    H5Dclose(dataset);
    return values;
  }
  double number_attribute(const std::string &group, const std::string &name) const
  {
    double value = 0;
    const hid_t attribute = H5Aopen_by_name(id_, group.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT);
    if (H5Aread(attribute, H5T_NATIVE_DOUBLE, &value) < 0)
      throw std::runtime_error("no number " + name + " on " + group);
    H5Aclose(attribute);
    return value;
  }

private:
  hid_t open(const std::string &path) const
  {
    const hid_t dataset = H5Dopen2(id_, path.c_str(), H5P_DEFAULT);
    if (dataset < 0)
      throw std::runtime_error("no data set " + path);
    return dataset;
  }
  Hdf5DataSet look_at(const std::string &path) const
  {
    const hid_t dataset = open(path), space = H5Dget_space(dataset), type = H5Dget_type(dataset);
    Hdf5DataSet result;
    result.shape.resize(H5Sget_simple_extent_ndims(space));
    H5Sget_simple_extent_dims(space, result.shape.data(), nullptr);
    result.kind = H5Tget_class(type);
    result.attributes = text_attributes(dataset);
    H5Tclose(type);
    H5Sclose(space);
    H5Dclose(dataset);
    return result;
  }
  std::vector<std::pair<std::string, H5O_type_t>> objects() const
  {
    std::vector<std::pair<std::string, H5O_type_t>> result;
    const auto add = [](hid_t, const char *name, const H5O_info_t *info, void *list) -> herr_t {
      static_cast<std::vector<std::pair<std::string, H5O_type_t>> *>(list)->emplace_back(name, info->type);
      return 0;
    };
#if H5_VERSION_GE(1, 12, 0)
    H5Ovisit(id_, H5_INDEX_NAME, H5_ITER_INC, add, &result, H5O_INFO_BASIC);
#else
    H5Ovisit(id_, H5_INDEX_NAME, H5_ITER_INC, add, &result);
#endif
    return result;
  }
  hid_t id_;
};
