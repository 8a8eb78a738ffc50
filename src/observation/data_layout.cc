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

std::vector<DataSet> predicted_sets(const std::vector<DataSet> &sets, const DataVector &predicted)
{
  const DataLayout layout(sets);
  std::vector<DataSet> result = sets;
  for (unsigned int k = 0; k < sets.size(); ++k)
  {
    DataSet &set = result[k];
    const DataView values = layout.slice(predicted, k);
    set.value.assign(values.begin(), values.end());
    for (unsigned int i = 0; i < set.n_data(); ++i)
      set.sigma[i] = set.sigma_at(i, set.value[i]);
  }
  return result;
}

} // namespace lodestone
