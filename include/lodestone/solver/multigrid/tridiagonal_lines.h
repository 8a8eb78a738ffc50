#pragma once

#include <cstddef>
#include <vector>

namespace lodestone
{

/// A matrix of tridiagonal blocks, one for each line of unknowns, factorised: T = L D L^T.
///
/// Symmetric and positive definite whatever the couplings are: a link that would make a pivot vanish or negative is
/// cut.
class TridiagonalLines
{
public:
  TridiagonalLines() = default;
  /// @param unknowns each owned unknown once, line after line
  /// @param starts of each line in `unknowns`, and at last the size of it
  TridiagonalLines(std::vector<unsigned int> unknowns, std::vector<unsigned int> starts);

  const std::vector<unsigned int> &unknowns() const { return unknowns_; }
  const std::vector<unsigned int> &starts() const { return starts_; }
  bool empty() const { return unknowns_.empty(); }

  /// @param diagonal at each place of `unknowns`
  /// @param coupling of each place with the next one; what stands at the last place of a line is not used
  void factorize(const std::vector<float> &diagonal, const std::vector<float> &coupling);

  /// T z = r, with r_i = read(i) and write(i, z_i), i the unknown.
  template <typename Read, typename Write>
  void solve(const Read &read, const Write &write) const;

  /// The same on one line.
  template <typename Read, typename Write>
  void solve_line(std::size_t line, const Read &read, const Write &write) const;

  std::size_t memory_consumption() const;

private:
  std::vector<unsigned int> unknowns_, starts_;
  std::vector<float> inverse_pivot_, factor_; ///< of D and L, at each place of unknowns_
  mutable std::vector<float> line_;           ///< as long as the longest line
};

template <typename Read, typename Write>
inline void TridiagonalLines::solve_line(const std::size_t line, const Read &read, const Write &write) const
{
  float *const y = line_.data();
  const unsigned int n = starts_[line + 1] - starts_[line];
  const unsigned int *const unknown = unknowns_.data() + starts_[line];
  const float *const factor = factor_.data() + starts_[line], *const inverse_pivot =
                                                                  inverse_pivot_.data() + starts_[line];
  y[0] = read(unknown[0]);
  for (unsigned int k = 1; k < n; ++k)
    y[k] = read(unknown[k]) - factor[k - 1] * y[k - 1];
  float z = inverse_pivot[n - 1] * y[n - 1];
  write(unknown[n - 1], z);
  for (unsigned int k = n - 1; k-- > 0;)
  {
    z = inverse_pivot[k] * y[k] - factor[k] * z;
    write(unknown[k], z);
  }
}

template <typename Read, typename Write>
void TridiagonalLines::solve(const Read &read, const Write &write) const
{
  for (std::size_t line = 0; line + 1 < starts_.size(); ++line)
    solve_line(line, read, write);
}

} // namespace lodestone
