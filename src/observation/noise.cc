#include <lodestone/observation/data_layout.h>
#include <lodestone/observation/independent_errors.h>
#include <lodestone/observation/noise.h>

#include <cmath>
#include <random>

namespace lodestone
{

namespace
{

/// Uniform in (0, 1], multiples of 2^-53.
double uniform(std::mt19937_64 &generator)
{
  return (static_cast<double>(generator() >> 11) + 1) * 0x1p-53;
}

} // namespace

std::unique_ptr<Noise> make_noise(const DataSet &set)
{
  return std::make_unique<IndependentErrors>(set.sigma);
}

DataVector gaussian_noise(const std::vector<DataSet> &sets, const std::uint64_t seed)
{
  const DataLayout layout(sets);
  std::mt19937_64 generator(seed);
  DataVector noise(layout.n_data());
  for (double &number : noise)
  {
    const double radius = std::sqrt(-2 * std::log(uniform(generator)));
    number = radius * std::cos(2 * dealii::numbers::PI * uniform(generator));
  }
  for (unsigned int k = 0; k < sets.size(); ++k)
    make_noise(sets[k])->colour(layout.slice(noise, k));
  return noise;
}

} // namespace lodestone
