#pragma once

#include <lodestone/observation/data_set.h>
#include <lodestone/observation/data_vector.h>

namespace lodestone
{

/// Where the data sets of a load case stand in its data vector: one after the other, in the order of the deck.
class DataLayout
{
public:
  explicit DataLayout(const std::vector<DataSet> &sets);

  unsigned int n_sets() const { return first_.size() - 1; }
  unsigned int n_data() const { return first_.back(); }
  /// Index in the data vector of the first datum of set k.
  unsigned int first(const unsigned int k) const { return first_[k]; }

  /// The part of a data vector that belongs to set k.
  DataView slice(const DataVector &data, unsigned int k) const;
  MutableDataView slice(DataVector &data, unsigned int k) const;
  MutableDataView slice(MutableDataView data, unsigned int k) const;

private:
  std::vector<unsigned int> first_; ///< of each set; one more entry: the number of data
};

/// The data sets with `predicted`, a data vector of the load case (m), in place of what was measured: its values, and
/// the standard deviations that relative errors and floors give these values.
std::vector<DataSet> predicted_sets(const std::vector<DataSet> &sets, const DataVector &predicted);

} // namespace lodestone
