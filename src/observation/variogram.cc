#include <lodestone/observation/variogram.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace lodestone
{

namespace
{

constexpr unsigned int n_bins = 30;

double map_distance(const DataSet &set, const unsigned int i, const unsigned int j)
{
  const auto &p = set.row_points[set.row[i]], &q = set.row_points[set.row[j]];
  return std::hypot(p[0] - q[0], p[1] - q[1]);
}

/// Weighted least squares of two factors that are not negative: min sum_b w_b (a_b x + b_b y - c_b)^2.
std::array<double, 2> two_factors(const std::vector<std::array<double, 3>> &rows, const std::vector<double> &weight)
{
  double aa = 0, ab = 0, bb = 0, ac = 0, bc = 0;
  for (std::size_t k = 0; k < rows.size(); ++k)
  {
    const auto [a, b, c] = rows[k];
    aa += weight[k] * a * a;
    ab += weight[k] * a * b;
    bb += weight[k] * b * b;
    ac += weight[k] * a * c;
    bc += weight[k] * b * c;
  }
  const double determinant = aa * bb - ab * ab;
  if (determinant > 1e-12 * aa * bb)
  {
    const double x = (ac * bb - bc * ab) / determinant, y = (bc * aa - ac * ab) / determinant;
    if (x >= 0 && y >= 0)
      return {{x, y}};
  }
  // One of them is at its bound: the one that is left explains more where its own square is larger.
  const double of_a = aa > 0 ? ac * ac / aa : 0, of_b = bb > 0 ? bc * bc / bb : 0;
  return of_a >= of_b ? std::array<double, 2>{{aa > 0 ? ac / aa : 0, 0}} : std::array<double, 2>{{0, bc / bb}};
}

} // namespace

Variogram::Variogram(const DataSet &set, const DataView residual)
{
  AssertDimension(residual.size(), set.n_data());
  scale = *std::max_element(set.sigma.begin(), set.sigma.end());
  std::vector<double> sigma(set.n_data()), r(set.n_data());
  for (unsigned int i = 0; i < set.n_data(); ++i)
  {
    sigma[i] = set.uncorrelated_sigma(i, set.value[i]) / scale;
    r[i] = residual[i] / scale;
  }
  std::array<double, 2> lower = {{1e300, 1e300}}, upper = {{-1e300, -1e300}};
  for (const auto &p : set.row_points)
    for (unsigned int d = 0; d < 2; ++d)
    {
      lower[d] = std::min(lower[d], p[d]);
      upper[d] = std::max(upper[d], p[d]);
    }
  const double largest = std::hypot(upper[0] - lower[0], upper[1] - lower[1]) / 2;
  bins.resize(n_bins);
  for (unsigned int i = 0; i < set.n_data(); ++i)
    for (unsigned int j = 0; j < i; ++j)
    {
      if (set.component[i] != set.component[j])
        continue;
      const double h = map_distance(set, i, j);
      if (!(h < largest) || h == 0)
        continue;
      Bin &bin = bins[std::min<unsigned int>(h / largest * n_bins, n_bins - 1)];
      bin.distance += h;
      bin.semivariance += (r[i] - r[j]) * (r[i] - r[j]) / 2;
      bin.square += (sigma[i] * sigma[i] + sigma[j] * sigma[j]) / 2;
      bin.product += sigma[i] * sigma[j];
      ++bin.n_pairs;
    }
  bins.erase(std::remove_if(bins.begin(), bins.end(), [](const Bin &bin) { return bin.n_pairs == 0; }), bins.end());
  for (Bin &bin : bins)
    for (double *const sum : {&bin.distance, &bin.semivariance, &bin.square, &bin.product})
      *sum /= bin.n_pairs;
}

void Variogram::set_kept(const std::vector<Variogram> &of_errors, const std::vector<Variogram> &of_residuals)
{
  AssertDimension(of_errors.size(), of_residuals.size());
  for (std::size_t b = 0; b < bins.size(); ++b)
  {
    double errors = 0, residuals = 0;
    for (std::size_t k = 0; k < of_errors.size(); ++k)
    {
      errors += of_errors[k].bins[b].semivariance;
      residuals += of_residuals[k].bins[b].semivariance;
    }
    bins[b].kept = errors > 0 ? residuals / errors : 1;
  }
}

double Variogram::expected(const Bin &bin, const NoiseModel &noise) const
{
  const auto share = [&](const Variance &variance, const double rho) {
    const double root = variance.relative ? variance.root : variance.root / scale;
    return noise.factor * noise.factor * root * root * (variance.relative ? bin.square - bin.product * rho : 1 - rho);
  };
  return share(noise.sill, noise.rho(bin.distance)) + share(noise.nugget, 0);
}

std::optional<NoiseModel> Variogram::fit(const NoiseModel &start) const
{
  constexpr unsigned int n_ranges = 200, n_reweightings = 10;
  if (bins.size() < 4)
    return {};
  // With roots of one the expected semivariances are the factors of sill and nugget.
  NoiseModel unit = start;
  unit.factor = 1;
  NoiseModel best = unit;
  unit.sill.root = start.sill.relative ? 1 : scale;
  unit.nugget.root = start.nugget.relative ? 1 : scale;
  NoiseModel sill_alone = unit, nugget_alone = unit;
  sill_alone.nugget.root = nugget_alone.sill.root = 0;
  const double shortest = bins.front().distance / 3, longest = bins.back().distance;
  double smallest = -1;
  unsigned int at = 0;
  for (unsigned int k = 0; k < n_ranges; ++k)
  {
    sill_alone.range = shortest * std::pow(longest / shortest, k / (n_ranges - 1.));
    std::vector<std::array<double, 3>> rows;
    std::vector<double> weight;
    for (const Bin &bin : bins)
    {
      rows.push_back(
          {{bin.kept * expected(bin, sill_alone), bin.kept * expected(bin, nugget_alone), bin.semivariance}});
      weight.push_back(bin.n_pairs / (bin.semivariance * bin.semivariance));
    }
    std::array<double, 2> factors;
    for (unsigned int iteration = 0; iteration < n_reweightings; ++iteration)
    {
      factors = two_factors(rows, weight);
      for (std::size_t b = 0; b < rows.size(); ++b)
      {
        const double model = rows[b][0] * factors[0] + rows[b][1] * factors[1];
        weight[b] = bins[b].n_pairs / (model * model);
      }
    }
    double sum = 0;
    for (std::size_t b = 0; b < rows.size(); ++b)
      sum += bins[b].n_pairs * std::pow(rows[b][2] / (rows[b][0] * factors[0] + rows[b][1] * factors[1]) - 1, 2);
    if (!(smallest >= 0) || sum < smallest)
    {
      smallest = sum;
      at = k;
      best.range = sill_alone.range;
      best.sill.root = unit.sill.root * std::sqrt(factors[0]);
      best.nugget.root = unit.nugget.root * std::sqrt(factors[1]);
    }
  }
  if (!(best.sill.root > 0) || at == 0 || at + 1 == n_ranges)
    return {};
  return best;
}

} // namespace lodestone
