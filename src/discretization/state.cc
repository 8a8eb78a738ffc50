#include <lodestone/discretization/state.h>

namespace lodestone
{

void add(State &y, const double a, const State &x)
{
  for (std::size_t k = 0; k < y.step.size(); ++k)
  {
    y.step[k].add(a, x.step[k]);
    y.step[k].update_ghost_values();
  }
  for (std::size_t l = 0; l < y.load_factors.size(); ++l)
    y.load_factors[l] += a * x.load_factors[l];
  y.affine += a * x.affine;
}

double dot(const StateDual &functional, const State &state)
{
  double sum = 0;
  for (std::size_t k = 0; k < functional.step.size(); ++k)
    sum += functional.step[k] * state.step[k];
  return sum;
}

} // namespace lodestone
