#include <lodestone/observation/correlated_errors.h>
#include <lodestone/observation/data_layout.h>
#include <lodestone/observation/independent_errors.h>
#include <lodestone/observation/noise.h>
#include <lodestone/observation/station_errors.h>

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

void check_noise(const DataSet &set, const MPI_Comm comm)
{
  constexpr unsigned int most_data = 5000;
  const bool is_correlated = set.noise.correlates_points() || !set.row_correlation.empty();
  if (is_correlated && !set.drop_outside && set.n_data() <= most_data)
    (void)make_noise(set, comm);
}

std::unique_ptr<Noise> make_noise(const DataSet &set, const MPI_Comm comm)
{
  if (set.noise.correlates_points())
    return std::make_unique<CorrelatedErrors>(set, comm);
  if (!set.row_correlation.empty())
    return std::make_unique<StationErrors>(set);
  return std::make_unique<IndependentErrors>(set.sigma);
}

DataVector gaussian_noise(const std::vector<DataSet> &sets, const std::uint64_t seed, const MPI_Comm comm)
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
    make_noise(sets[k], comm)->colour(layout.slice(noise, k));
  return noise;
}

} // namespace lodestone
