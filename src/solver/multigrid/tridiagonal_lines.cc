#include <lodestone/solver/multigrid/tridiagonal_lines.h>

#include <algorithm>

namespace lodestone
{

namespace
{
constexpr float smallest_pivot =
    1e-5f; // relative to the diagonal: lines in cells 300 times as long as they are high are not cut
}

TridiagonalLines::TridiagonalLines(std::vector<unsigned int> unknowns, std::vector<unsigned int> starts)
    : unknowns_(std::move(unknowns)), starts_(std::move(starts)), inverse_pivot_(unknowns_.size()),
      factor_(unknowns_.size())
{
  unsigned int longest = 0;
  for (std::size_t line = 0; line + 1 < starts_.size(); ++line)
    longest = std::max(longest, starts_[line + 1] - starts_[line]);
  line_.resize(longest);
}

void TridiagonalLines::factorize(const std::vector<float> &diagonal, const std::vector<float> &coupling)
{
  for (std::size_t line = 0; line + 1 < starts_.size(); ++line)
  {
    float pivot = diagonal[starts_[line]];
    for (unsigned int k = starts_[line]; k + 1 < starts_[line + 1]; ++k)
    {
      float factor = coupling[k] / pivot;
      float next = diagonal[k + 1] - factor * coupling[k];
      if (!(next > smallest_pivot * diagonal[k + 1]))
      {
        factor = 0;
        next = diagonal[k + 1];
      }
      inverse_pivot_[k] = 1 / pivot;
      factor_[k] = factor;
      pivot = next;
    }
    inverse_pivot_[starts_[line + 1] - 1] = 1 / pivot;
  }
}

std::size_t TridiagonalLines::memory_consumption() const
{
  return (unknowns_.size() + starts_.size()) * sizeof(unsigned int) +
         (inverse_pivot_.size() + factor_.size() + line_.size()) * sizeof(float);
}

} // namespace lodestone
