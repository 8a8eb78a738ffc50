#pragma once

#include <lodestone/io/array_info.h>

#include <hdf5.h>

#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

namespace lodestone
{

/// HDF5's functions with its errors as InputError, which names the file and what was to be written. All of them are
/// collective, with the same arguments on all ranks but for rows and values.
namespace hdf5
{

/// Keeps HDF5 from printing its own list of errors: what is wrong is said in the user's words.
class QuietErrors
{
public:
  QuietErrors()
  {
    H5Eget_auto2(H5E_DEFAULT, &report_, &data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  }
  ~QuietErrors() { H5Eset_auto2(H5E_DEFAULT, report_, data_); }
  QuietErrors(const QuietErrors &) = delete;
  QuietErrors &operator=(const QuietErrors &) = delete;

private:
  H5E_auto2_t report_ = nullptr;
  void *data_ = nullptr;
};

/// An identifier that is closed when it goes out of scope.
class Identifier
{
public:
  Identifier(hid_t id, herr_t (*close)(hid_t), const std::string &file, const std::string &what);
  ~Identifier() { close_(id_); }
  Identifier(const Identifier &) = delete;
  Identifier &operator=(const Identifier &) = delete;
  operator hid_t() const { return id_; }

private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

void check(herr_t code, const std::string &file, const std::string &what);

template <typename Number>
hid_t native_type()
{
  if constexpr (std::is_same_v<Number, float>)
    return H5T_NATIVE_FLOAT;
  else if constexpr (std::is_same_v<Number, std::int32_t>)
    return H5T_NATIVE_INT32;
  else if constexpr (std::is_same_v<Number, std::int64_t>)
    return H5T_NATIVE_INT64;
  else
    return H5T_NATIVE_DOUBLE;
}

/// Texts of so many bytes, or with H5T_VARIABLE of any length. The caller closes it.
hid_t text_type(std::size_t length);

/// A group, which is made with its parents where it does not exist. The caller closes it.
hid_t open_or_make_group(hid_t file, const std::string &path);

/// Texts have any length, so that h5py and other readers give them back as texts.
void write_attribute(hid_t object, const std::string &file, const std::string &name, const std::string &text);
void write_attribute(hid_t object, const std::string &file, const std::string &name, hid_t type, const void *number);

/// A new data set of so many rows, columns, ...; this rank writes `n` rows from `first` on. @param info null: no
/// attributes
void write_rows(hid_t file_id, const std::string &file, const std::string &path, hid_t type, const ArrayInfo *info,
                const std::vector<hsize_t> &size, hsize_t first, hsize_t n, const void *values);

/// A data set of one value. @param writes whether it is this rank that writes
void write_scalar(hid_t file_id, const std::string &file, const std::string &path, hid_t type, const ArrayInfo *info,
                  bool writes, const void *value);

} // namespace hdf5

} // namespace lodestone
