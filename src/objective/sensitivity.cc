#include <lodestone/objective/sensitivity.h>

#include <cmath>
#include <random>

namespace lodestone
{

SolveReport sample_sensitivity(ReducedObjective &objective, const unsigned int n_samples, ParameterVector &sensitivity)
{
  sensitivity = ParameterVector(objective.parameters().shared_layout());
  DistributedVector &s = sensitivity.values();
  std::mt19937_64 generator(5489u);
  SolveReport report;
  if (s.size() == 0)
    return report;
  for (unsigned int k = 0; k < n_samples && report.converged; ++k)
  {
    ParameterVector sample(objective.parameters().shared_layout());
    for (unsigned int c = 0; c < objective.load_cases().size() && report.converged; ++c)
    {
      const Noise &noise = objective.load_cases()[c].misfit->noise();
      DataVector w(noise.n_data());
      for (double &entry : w)
        entry = (generator() >> 63) != 0 ? 1 : -1;
      noise.whiten_transpose(w);
      report += objective.apply_tangent_transpose(c, w, sample);
    }
    for (unsigned int i = 0; i < s.locally_owned_size(); ++i)
      s.local_element(i) += sample.values().local_element(i) * sample.values().local_element(i) / n_samples;
  }
  for (unsigned int i = 0; i < s.locally_owned_size(); ++i)
    s.local_element(i) = std::sqrt(s.local_element(i));
  return report;
}

} // namespace lodestone
