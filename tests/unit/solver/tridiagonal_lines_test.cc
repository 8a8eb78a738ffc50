// Against a dense solve in double.
#include <lodestone/solver/multigrid/tridiagonal_lines.h>

#include <deal.II/lac/full_matrix.h>
#include <deal.II/lac/vector.h>

#include <gtest/gtest.h>

using namespace lodestone;

namespace
{

struct Lines
{
  std::vector<unsigned int> unknowns = {3, 0, 7, 5, 1, 2, 6, 4}, starts = {0, 4, 5, 8}; // 3-0-7-5, 1, 2-6-4
  std::vector<float> diagonal = {2, 2.5f, 3, 1.5f, 4, 1, 2, 2}, coupling = {-1, 1.25f, -.5f, 9, 9, -.75f, -1.25f, 9};

  std::vector<float> solve(const std::vector<float> &r) const
  {
    TridiagonalLines lines(unknowns, starts);
    lines.factorize(diagonal, coupling);
    std::vector<float> z(r.size(), -99);
    lines.solve([&](const unsigned int i) { return r[i]; },
                [&](const unsigned int i, const float value) { z[i] = value; });
    return z;
  }
};

} // namespace

TEST(TridiagonalLines, SolveAsTheDenseMatrixDoes)
{
  const Lines lines;
  dealii::FullMatrix<double> matrix(8, 8);
  for (unsigned int k = 0; k < 8; ++k)
  {
    const unsigned int i = lines.unknowns[k];
    matrix(i, i) = lines.diagonal[k];
    if (k != 3 && k != 4 && k != 7)
    {
      const unsigned int j = lines.unknowns[k + 1];
      matrix(i, j) = matrix(j, i) = lines.coupling[k];
    }
  }
  matrix.gauss_jordan();
  const std::vector<float> r = {1, -2, 3, .5f, -1, 2, 4, -3}, z = lines.solve(r);
  for (unsigned int i = 0; i < 8; ++i)
  {
    double exact = 0;
    for (unsigned int j = 0; j < 8; ++j)
      exact += matrix(i, j) * r[j];
    EXPECT_NEAR(z[i], exact, 1e-5);
  }
}

// [1 2; 2 1] is indefinite: without the link it is the identity.
TEST(TridiagonalLines, LinksThatWouldMakeThemIndefiniteAreCut)
{
  Lines lines;
  lines.unknowns = {0, 1};
  lines.starts = {0, 2};
  lines.diagonal = {1, 1};
  lines.coupling = {2, 0};
  const std::vector<float> z = lines.solve({5, 7});
  EXPECT_EQ(z[0], 5);
  EXPECT_EQ(z[1], 7);
}
