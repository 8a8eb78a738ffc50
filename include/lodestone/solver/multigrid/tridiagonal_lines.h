#pragma once

#include <cstddef>
#include <vector>

namespace lodestone
{

/// A factorised matrix of tridiagonal blocks, one per line of unknowns: T = L D L^T.
///
/// T is symmetric and positive definite whatever the couplings are: a coupling that would make a pivot zero or negative
/// is left out. No function communicates.
class TridiagonalLines
{
public:
  TridiagonalLines() = default;
  /// @param unknowns each owned unknown once, line after line
  /// @param starts where each line starts in `unknowns`, and at the end the size of `unknowns`
  TridiagonalLines(std::vector<unsigned int> unknowns, std::vector<unsigned int> starts);

  const std::vector<unsigned int> &unknowns() const { return unknowns_; }
  const std::vector<unsigned int> &starts() const { return starts_; }
  bool empty() const { return unknowns_.empty(); }

  /// Factorises T.
  /// @param diagonal diagonal entries in the order of `unknowns`
  /// @param coupling coupling of each unknown with the next one; the entry of a line's last unknown is not used
  void factorize(const std::vector<float> &diagonal, const std::vector<float> &coupling);

  /// Solves T z = r. It calls read(i), which returns r_i, and write(i, z_i) for each unknown i.
  template <typename Read, typename Write>
  void solve(const Read &read, const Write &write) const;

  /// The same on one line.
  template <typename Read, typename Write>
  void solve_line(std::size_t line, const Read &read, const Write &write) const;

  /// Bytes on this rank.
  std::size_t memory_consumption() const;

private:
  std::vector<unsigned int> unknowns_, starts_;
  std::vector<float> inverse_pivot_, factor_; ///< entries of D^-1 and L in the order of unknowns_
  mutable std::vector<float> line_;           ///< has the length of the longest line
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
