#include <lodestone/app/noise_estimate.h>
#include <lodestone/base/number_text.h>
#include <lodestone/io/atomic_file.h>
#include <lodestone/observation/data_layout.h>
#include <lodestone/observation/variogram.h>

namespace lodestone
{

namespace
{

/// CSV of a variogram with what two noise models expect, in the square of the unit of the set.
std::string text_of(const Variogram &variogram, const DataSet &set, const NoiseModel &before, const NoiseModel &after)
{
  const std::string unit = " [(" + set.unit_name + ")^2]";
  std::string text = "distance [m],pairs,semivariance" + unit + ",expected before" + unit + ",expected" + unit + "\n";
  const double scale = variogram.scale / set.unit;
  for (const Variogram::Bin &bin : variogram.bins)
    text += exact(bin.distance) + "," + exact(bin.n_pairs) + "," + exact(bin.semivariance * scale * scale) + "," +
            exact(variogram.expected(bin, before) * scale * scale) + "," +
            exact(variogram.expected(bin, after) * scale * scale) + "\n";
  return text;
}

// A model of fewer unknowns than a tenth of the data hardly follows their errors.
constexpr unsigned int few = 10;

} // namespace

template <int dim>
bool estimate_noise(Problem<dim> &problem, const ResultDirectory &directory, Log &log)
{
  bool changed = false;
  const auto &cases = problem.parameters().load_cases;
  std::vector<std::vector<NoiseModel>> noise;
  for (unsigned int s = 0; s < cases.size(); ++s)
  {
    noise.emplace_back();
    const auto &sets = problem.data_sets(s);
    const DataLayout layout(sets);
    for (unsigned int k = 0; k < sets.size(); ++k)
    {
      const DataSet &set = sets[k];
      noise.back().push_back(set.noise);
      if (!set.noise.estimate || !set.observed)
        continue;
      const std::string name = cases.size() > 1 ? cases[s].name + "_" + set.name : set.name;
      const Variogram variogram(set, layout.slice(problem.objective().evaluation(s).residual, k));
      const auto found = variogram.fit(set.noise);
      write_atomically(directory.file("variogram_" + ResultDirectory::safe_name(name) + ".csv"),
                       text_of(variogram, set, set.noise, found ? *found : set.noise), directory.communicator());
      if (!found)
      {
        log.warning("data set " + set.name + " of load case " + cases[s].name +
                    ": the semivariogram of its residuals has no range between the distances of its points, so its "
                    "noise stays as the deck gives it. Look at variogram_" +
                    name + ".csv.");
        continue;
      }
      changed = true;
      if (const auto n_unknowns = problem.objective().parameters().size(); few * n_unknowns > set.n_data())
        log.warning("the model has " + grouped(n_unknowns) + " unknowns for the " + grouped(set.n_data()) +
                    " data of data set " + set.name +
                    ", so it takes up a part of their errors, and the sill and the range that are estimated are too "
                    "small. Estimate them with fewer unknowns (zones, or strengths alone), and give them in the deck.");
      noise.back().back() = *found;
      log.line("data set " + set.name + " of load case " + cases[s].name +
               ": noise estimated from its residuals: " + found->describe(set.unit, set.unit_name) +
               " (before: " + set.noise.describe(set.unit, set.unit_name) + ")");
    }
  }
  if (changed)
    problem.set_noise(noise);
  return changed;
}

template bool estimate_noise<2>(Problem<2> &, const ResultDirectory &, Log &);
template bool estimate_noise<3>(Problem<3> &, const ResultDirectory &, Log &);

} // namespace lodestone
