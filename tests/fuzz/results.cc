#include <lodestone/base/error.h>
#include <lodestone/io/checkpoint.h>
#include <lodestone/io/checksum.h>
#include <lodestone/io/results_reader.h>

#include <hdf5.h>

#include "memory_file.h"
#include "readers.h"
#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <sstream>
#include <vector>

namespace lodestone::fuzz
{

namespace
{

/// A sound checkpoint of two cells.
std::string checkpoint()
{
  std::ostringstream text;
  text << std::ifstream(LODESTONE_SOURCE_DIR "/tests/fuzz/checkpoint.h5", std::ios::binary).rdbuf();
  return text.str();
}

/// What it holds, groups behind what is in them.
constexpr std::array<const char *, 25> places = {{"/cells/centre",
                                                  "/cells/m (young)",
                                                  "/cells/volume",
                                                  "/elsewhere/fields",
                                                  "/elsewhere/files",
                                                  "/elsewhere/prints",
                                                  "/elsewhere/vectors",
                                                  "/history/column_100",
                                                  "/problem/entries",
                                                  "/problem/values",
                                                  "/ranks/sizes/ledger",
                                                  "/ranks/values/ledger",
                                                  "/state/numbers/iteration",
                                                  "/state/vectors/x",
                                                  "/cells",
                                                  "/elsewhere",
                                                  "/history",
                                                  "/problem",
                                                  "/ranks/sizes",
                                                  "/ranks/values",
                                                  "/ranks",
                                                  "/state/numbers",
                                                  "/state/vectors",
                                                  "/state",
                                                  "/new"}};

constexpr std::array<double, 14> values = {{0, 1, -1, 0.5, 3, 17, 256, 1e5, 2147483648., 4294967296., 1e19, 1e300,
                                            std::numeric_limits<double>::infinity(),
                                            std::numeric_limits<double>::quiet_NaN()}};

/// Puts an array of one value in a place where there is nothing.
void write_array(const hid_t file, const char *place, const std::vector<hsize_t> &extent, const hid_t type,
                 const double value)
{
  hsize_t n = 1;
  for (const hsize_t rows : extent)
    n *= rows;
  const hid_t space = H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr),
              dataset = H5Dcreate2(file, place, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  if (const std::vector<double> all(n, value); dataset >= 0)
  {
    H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, all.data());
    H5Dclose(dataset);
  }
  H5Sclose(space);
}

/// Puts an array of texts in a place where there is nothing.
void write_texts(const hid_t file, const char *place, const hsize_t n, const std::size_t length, const char letter)
{
  const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate_simple(1, &n, nullptr);
  H5Tset_size(type, length);
  const hid_t dataset = H5Dcreate2(file, place, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  if (const std::vector<char> all(n * length, letter); dataset >= 0)
  {
    H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, all.data());
    H5Dclose(dataset);
  }
  H5Sclose(space);
  H5Tclose(type);
}

/// One change: what is done, the place, and two numbers that it takes.
void change(const hid_t file, const std::array<unsigned char, 4> &record)
{
  const char *const place = places[record[1] % places.size()];
  const hsize_t n = record[2] % 32;
  const double value = values[record[3] % values.size()];
  H5Ldelete(file, place, H5P_DEFAULT);
  switch (record[0] % 8)
  {
  case 0:
    break;
  case 1:
    H5Gclose(H5Gcreate2(file, place, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    break;
  case 2:
    write_array(file, place, {n}, H5T_NATIVE_DOUBLE, value);
    break;
  case 3:
    write_array(file, place, {n, record[3] % hsize_t(5)}, H5T_NATIVE_DOUBLE, value);
    break;
  case 4:
    write_array(file, place, {n}, H5T_NATIVE_UINT64, value);
    break;
  case 5:
    write_array(file, place, {n, n, n}, H5T_NATIVE_FLOAT, value);
    break;
  case 6:
    write_texts(file, place, n, 1 + record[3], static_cast<char>(record[3]));
    break;
  default:
    H5Lcreate_soft("/cells", file, place, H5P_DEFAULT, H5P_DEFAULT);
  }
}

/// Everything that the program reads of a file.
void read_all(const std::string &file)
{
  const ResultsReader reader(file, "Resume", MPI_COMM_SELF);
  const auto attempt = [](const auto &read) {
    try
    {
      read();
    }
    catch (const InputError &)
    {
    }
  };
  attempt([&]() { reader.attribute("kind"); });
  for (const char *const name : {"vectors", "files", "fields", "prints"})
    attempt([&]() { reader.texts(std::string("/elsewhere/") + name); });
  attempt([&]() {
    for (const std::string &name : reader.members("/"))
      reader.n_rows("/" + name);
  });
  attempt([&]() { reader.visit_cells<3>({"m (young)"}, [](const auto &, const auto &) {}); });
  attempt([&]() { reader.visit_cells<2>({"m (young)"}, [](const auto &, const auto &) {}); });
  attempt([&]() { checkpoint_summary(file, "Resume", MPI_COMM_SELF); });
  attempt([&]() { reader.table("history"); });
  attempt([&]() { reader.texts("problem/values"); });
  attempt([&]() { reader.rank_numbers("ranks"); });
}

} // namespace

void read_results(const std::string &text)
{
  // Bytes that changed are found by the checksum: the HDF5 library never sees them.
  {
    const MemoryFile file(text);
    (void)check_checksum(file.name(), MPI_COMM_SELF);
  }
  // What another version may have written, or a fault of the program: a sound file of another content.
  static const std::string sound = checkpoint();
  const MemoryFile file(sound);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  const hid_t id = H5Fopen(file.name().c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  if (id < 0)
    std::abort();
  for (std::size_t i = 0; i + 4 <= std::min<std::size_t>(text.size(), 80); i += 4)
  {
    std::array<unsigned char, 4> record;
    std::copy(text.begin() + i, text.begin() + i + 4, record.begin());
    change(id, record);
  }
  H5Fclose(id);
  add_checksum(file.name(), MPI_COMM_SELF);
  read_all(file.name());
}

} // namespace lodestone::fuzz
