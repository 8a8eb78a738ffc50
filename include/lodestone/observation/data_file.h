#pragma once

#include <lodestone/observation/data_vector.h>

#include <string>

namespace lodestone
{

struct DataSet;

/// What only the format of a data set knows: where its records stand, and how a file with other values is written.
///
/// Made by the format's reader, never changed, and shared by all copies of the set. Serial; the same on all ranks.
class DataFile
{
public:
  virtual ~DataFile() = default;

  /// The place of a record for errors: "stations.csv:12".
  virtual std::string location(unsigned int record) const = 0;

  /// The whole contents of a file of this format with `values` (m) in place of the set's own: a file that read_data_set
  /// reads. Its standard deviations are the set's, with relative error and floor in them. Positions and directions are
  /// those of the file that was read. Rows that the set has no longer are left out.
  /// @param values one per datum of the set
  virtual std::string contents(const DataSet &set, DataView values) const = 0;

  /// How the name of such a file ends: ".csv".
  virtual std::string ending() const = 0;
};

} // namespace lodestone
