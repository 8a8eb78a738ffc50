#include <lodestone/app/file_names.h>
#include <lodestone/app/noise_estimate.h>
#include <lodestone/base/number_text.h>
#include <lodestone/io/atomic_file.h>
#include <lodestone/objective/linear_refit.h>
#include <lodestone/observation/data_layout.h>
#include <lodestone/observation/variogram.h>

#include <algorithm>
#include <cmath>

namespace lodestone
{

namespace
{

/// CSV of a variogram with what two noise models expect of residuals, in the square of the unit of the set.
std::string text_of(const Variogram &variogram, const DataSet &set, const NoiseModel &before, const NoiseModel &after)
{
  const std::string unit = " [(" + set.unit_name + ")^2]";
  std::string text =
      "distance [m],pairs,semivariance" + unit + ",expected before" + unit + ",expected" + unit + ",kept [1]\n";
  const double scale = variogram.scale / set.unit;
  for (const Variogram::Bin &bin : variogram.bins)
    text += exact(bin.distance) + "," + exact(bin.n_pairs) + "," + exact(bin.semivariance * scale * scale) + "," +
            exact(bin.kept * variogram.expected(bin, before) * scale * scale) + "," +
            exact(bin.kept * variogram.expected(bin, after) * scale * scale) + "," + exact(bin.kept) + "\n";
  return text;
}

constexpr double little = 0.3; // of the semivariance

double least_kept(const Variogram &variogram)
{
  double least = 1;
  for (const Variogram::Bin &bin : variogram.bins)
    least = std::min(least, bin.kept);
  return least;
}

/// The variogram of a set's residuals.
Variogram variogram_of(const std::vector<DataSet> &sets, const unsigned int k, const DataVector &residual)
{
  return Variogram(sets[k], DataLayout(sets).slice(residual, k));
}

/// Draws of the errors of all load cases, and the residuals that the model leaves of them.
struct Draws
{
  std::vector<std::vector<DataVector>> errors, residuals; ///< by draw and load case
};

template <int dim>
SolveReport draw_errors(Problem<dim> &problem, Draws &draws)
{
  constexpr unsigned int n_draws = 4;
  constexpr std::uint64_t first_seed = 1;
  const unsigned int n_cases = problem.parameters().load_cases.size();
  SolveReport report;
  for (unsigned int k = 0; k < n_draws && report.converged; ++k)
  {
    std::vector<DataVector> errors;
    for (unsigned int s = 0; s < n_cases; ++s)
      errors.push_back(
          gaussian_noise(problem.data_sets(s), first_seed + k * n_cases + s, problem.mesh().communicator()));
    draws.residuals.emplace_back();
    report += residuals_of_errors(problem.objective(), errors, first_seed + k, draws.residuals.back());
    draws.errors.push_back(std::move(errors));
  }
  return report;
}

/// Whether two noises differ by more than the estimate is good to.
bool differ(const NoiseModel &a, const NoiseModel &b)
{
  constexpr double small = 0.1;
  return std::abs(std::log(a.range / b.range)) > small || std::abs(std::log(a.sill.root / b.sill.root)) > small;
}

} // namespace

template <int dim>
bool wants_noise_estimate(const Problem<dim> &problem)
{
  for (unsigned int s = 0; s < problem.parameters().load_cases.size(); ++s)
    for (const DataSet &set : problem.data_sets(s))
      if (set.noise.estimate && set.observed)
        return true;
  return false;
}

template <int dim>
bool estimate_noise(Problem<dim> &problem, const ResultDirectory &directory, Log &log)
{
  if (!wants_noise_estimate(problem))
    return false;
  Draws draws;
  if (const SolveReport report = draw_errors(problem, draws); !report.converged)
  {
    log.warning("the noise of the data was not estimated: " + report.reason);
    return false;
  }
  bool changed = false;
  const auto &cases = problem.parameters().load_cases;
  std::vector<std::vector<NoiseModel>> noise;
  for (unsigned int s = 0; s < cases.size(); ++s)
  {
    noise.emplace_back();
    const auto &sets = problem.data_sets(s);
    for (unsigned int k = 0; k < sets.size(); ++k)
    {
      const DataSet &set = sets[k];
      noise.back().push_back(set.noise);
      if (!set.noise.estimate || !set.observed)
        continue;
      const std::string name = data_file_name(cases.size(), cases[s].name, set.name);
      Variogram variogram = variogram_of(sets, k, problem.objective().evaluation(s).residual);
      std::vector<Variogram> of_errors, of_residuals;
      for (std::size_t draw = 0; draw < draws.errors.size(); ++draw)
      {
        of_errors.push_back(variogram_of(sets, k, draws.errors[draw][s]));
        of_residuals.push_back(variogram_of(sets, k, draws.residuals[draw][s]));
      }
      variogram.set_kept(of_errors, of_residuals);
      const auto found = variogram.fit(set.noise);
      write_atomically(directory.file("variogram_" + name + ".csv"),
                       text_of(variogram, set, set.noise, found ? *found : set.noise), directory.communicator());
      if (!found)
      {
        log.warning("data set " + set.name + " of load case " + cases[s].name +
                    ": the semivariogram of its residuals has no range between the distances of its points, so its "
                    "noise stays as it is. Look at variogram_" +
                    name + ".csv.");
        continue;
      }
      const double least = least_kept(variogram);
      log.line("data set " + set.name + " of load case " + cases[s].name +
               ": noise estimated from its residuals: " + found->describe(set.unit, set.unit_name) +
               " (before: " + set.noise.describe(set.unit, set.unit_name) + "); the model leaves " +
               significant(100 * least, 2) + " % or more of the errors' semivariance in the residuals");
      if (least < little)
        log.warning("the model follows most of the errors of data set " + set.name +
                    ", so the sill and the range that are estimated from what is left are rough. Estimate them with "
                    "fewer unknowns (zones, or strengths alone), and give them in the deck.");
      changed = changed || differ(*found, set.noise);
      noise.back().back() = *found;
    }
  }
  if (changed)
    problem.set_noise(noise);
  return changed;
}

template bool wants_noise_estimate<2>(const Problem<2> &);
template bool wants_noise_estimate<3>(const Problem<3> &);
template bool estimate_noise<2>(Problem<2> &, const ResultDirectory &, Log &);
template bool estimate_noise<3>(Problem<3> &, const ResultDirectory &, Log &);

} // namespace lodestone
