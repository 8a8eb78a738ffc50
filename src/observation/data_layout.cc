#include <lodestone/observation/data_layout.h>

namespace lodestone
{

DataLayout::DataLayout(const std::vector<DataSet> &sets) : first_{0}
{
  for (const DataSet &set : sets)
    first_.push_back(first_.back() + set.n_data());
}

DataView DataLayout::slice(const DataVector &data, const unsigned int k) const
{
  AssertDimension(data.size(), n_data());
  return DataView(data.data() + first_[k], first_[k + 1] - first_[k]);
}

MutableDataView DataLayout::slice(DataVector &data, const unsigned int k) const
{
  return slice(MutableDataView(data), k);
}

MutableDataView DataLayout::slice(const MutableDataView data, const unsigned int k) const
{
  AssertDimension(data.size(), n_data());
  return MutableDataView(data.data() + first_[k], first_[k + 1] - first_[k]);
}

} // namespace lodestone
