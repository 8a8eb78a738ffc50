#include <lodestone/observation/load_case_noise.h>

#include <cmath>

namespace lodestone
{

LoadCaseNoise::LoadCaseNoise(const std::vector<DataSet> &sets) : layout_(sets)
{
  for (const DataSet &set : sets)
  {
    noise_.push_back(make_noise(set));
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

double LoadCaseNoise::chi_squared(const DataVector &whitened) const
{
  double sum = 0;
  for (unsigned int k = 0; k < noise_.size(); ++k)
    for (const double r : layout_.slice(whitened, k))
      sum += r * r / weight_[k];
  return sum;
}

} // namespace lodestone
