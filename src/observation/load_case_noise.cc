#include <lodestone/observation/load_case_noise.h>

#include <cmath>

namespace lodestone
{

LoadCaseNoise::LoadCaseNoise(const std::vector<DataSet> &sets, const MPI_Comm comm) : layout_(sets)
{
  for (const DataSet &set : sets)
  {
    noise_.push_back(make_noise(set, comm));
    weight_.push_back(set.weight);
    root_weight_.push_back(std::sqrt(set.weight));
  }
}

void LoadCaseNoise::whiten(const MutableDataView d) const
{
  for (unsigned int k = 0; k < noise_.size(); ++k)
  {
    const MutableDataView part = layout_.slice(d, k);
    noise_[k]->whiten(part);
    for (double &entry : part)
      entry *= root_weight_[k];
  }
}

void LoadCaseNoise::whiten_transpose(const MutableDataView w) const
{
  for (unsigned int k = 0; k < noise_.size(); ++k)
  {
    const MutableDataView part = layout_.slice(w, k);
    noise_[k]->whiten_transpose(part);
    for (double &entry : part)
      entry *= root_weight_[k];
  }
}

void LoadCaseNoise::colour(const MutableDataView w) const
{
  for (unsigned int k = 0; k < noise_.size(); ++k)
  {
    const MutableDataView part = layout_.slice(w, k);
    for (double &entry : part)
      entry /= root_weight_[k];
    noise_[k]->colour(part);
  }
}

double LoadCaseNoise::log_determinant() const
{
  double sum = 0;
  for (unsigned int k = 0; k < noise_.size(); ++k)
    sum += weight_[k] * noise_[k]->log_determinant();
  return sum;
}

void LoadCaseNoise::take_weights_out(DataVector &whitened) const
{
  for (unsigned int k = 0; k < noise_.size(); ++k)
    for (double &r : layout_.slice(whitened, k))
      r /= root_weight_[k];
}

} // namespace lodestone
