// First guesses from earlier solutions, on a small symmetric matrix.
//
// Expected: a solution in the span of what is remembered is reproduced to rounding: 1e-13, and where two of the vectors
// differ by 1e-7 only, that is where rounding is 1e-9 of what the second adds, 1e-8; otherwise the error is
// K-orthogonal to the span, which is what makes it the smallest in energy.
#include <lodestone/solver/recent_solutions.h>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

using namespace lodestone;

namespace
{

constexpr unsigned int n = 12;

DistributedVector vector(const std::function<double(unsigned int)> &value)
{
  const unsigned int rank = dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD);
  const unsigned int ranks = dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD);
  dealii::IndexSet owned(n), all(n);
  owned.add_range(rank * n / ranks, (rank + 1) * n / ranks);
  all.add_range(0, n);
  DistributedVector v(owned, all, MPI_COMM_WORLD);
  for (const auto i : owned)
    v(i) = value(i);
  return v;
}

/// K = s (tridiagonal (-1, 2.1, -1) + diag(i / 3)).
struct Matrix
{
  double s = 1, shift = 0;
  unsigned int applications = 0;
  void apply(const DistributedVector &x, DistributedVector &out)
  {
    ++applications;
    DistributedVector ghosted = x;
    ghosted.update_ghost_values();
    for (const auto i : out.locally_owned_elements())
      out(i) =
          s * ((2.1 + shift + i / 3.) * ghosted(i) - (i > 0 ? ghosted(i - 1) : 0) - (i + 1 < n ? ghosted(i + 1) : 0));
  }
  DistributedVector product(const DistributedVector &x)
  {
    DistributedVector out = vector([](unsigned int) { return 0; });
    apply(x, out);
    --applications;
    return out;
  }
};

struct Guesses
{
  Matrix matrix;
  RecentSolutions recent{3};
  RecentSolutions::Workspace workspace{vector([](unsigned int) { return 0; }), vector([](unsigned int) { return 0; })};

  void remember(const DistributedVector &x) { recent.remember({}, matrix.product(x), x); }
  DistributedVector guess(const DistributedVector &b)
  {
    DistributedVector x = vector([](unsigned int) { return 7; });
    const unsigned int before = matrix.applications;
    const unsigned int reported = recent.guess(
        {}, b, x, [&](const DistributedVector &in, DistributedVector &out) { matrix.apply(in, out); }, workspace);
    EXPECT_EQ(matrix.applications - before, reported);
    return x;
  }
  void change_operator(const double s, const double shift)
  {
    matrix.s = s;
    matrix.shift = shift;
    recent.renew();
  }
};

const DistributedVector wave(const double k)
{
  return vector([k](const unsigned int i) { return std::sin(k * (i + 1)); });
}

double difference(DistributedVector a, const DistributedVector &b)
{
  a -= b;
  return a.linfty_norm() / b.linfty_norm();
}

} // namespace

TEST(RecentSolutionsParallel, SolutionInTheSpanIsReproduced)
{
  Guesses guesses;
  DistributedVector close = wave(0.7);
  close.add(1e-7, wave(1.9));
  const DistributedVector vectors[] = {wave(0.3), wave(0.7), close};
  for (const auto &x : vectors)
  {
    guesses.change_operator(1 + guesses.matrix.s, 0.2);
    guesses.remember(x);
  }
  guesses.change_operator(3e10, 1);
  DistributedVector solution = vectors[0];
  solution.sadd(-2, 0.4, vectors[1]);
  solution.add(1.3, vectors[2]);
  EXPECT_LE(difference(guesses.guess(guesses.matrix.product(solution)), solution), 1e-8);
  EXPECT_EQ(guesses.matrix.applications, 3u);
  solution = vectors[2];
  solution -= vectors[1];
  EXPECT_LE(difference(guesses.guess(guesses.matrix.product(solution)), solution), 1e-8);

  for (const double k : {2.4, 2.8}) // the oldest make room
  {
    guesses.change_operator(k, 0);
    guesses.remember(wave(k));
  }
  guesses.change_operator(1, 0.1);
  EXPECT_GE(difference(guesses.guess(guesses.matrix.product(wave(0.3))), wave(0.3)), 1e-2);
  EXPECT_LE(difference(guesses.guess(guesses.matrix.product(wave(2.4))), wave(2.4)), 1e-13);
}

TEST(RecentSolutionsParallel, ErrorIsOrthogonalToTheSpan)
{
  Guesses guesses;
  for (const double k : {0.3, 0.7, 1.1})
  {
    guesses.change_operator(1 + k, 0);
    guesses.remember(wave(k));
  }
  guesses.change_operator(2, 0.5);
  DistributedVector error = guesses.guess(guesses.matrix.product(wave(1.6)));
  error -= wave(1.6);
  EXPECT_GE(error.linfty_norm(), 0.1);
  for (const double k : {0.3, 0.7, 1.1})
    EXPECT_LE(std::abs(error * guesses.matrix.product(wave(k))), 1e-13 * n);
}

TEST(RecentSolutionsParallel, AtOneOperatorGuessesAreFree)
{
  Guesses guesses;
  const DistributedVector b = guesses.matrix.product(wave(0.3));
  EXPECT_EQ(guesses.guess(b).linfty_norm(), 0.);
  guesses.remember(wave(0.3));
  EXPECT_LE(difference(guesses.guess(b), wave(0.3)), 1e-14);
  DistributedVector twice = b;
  twice *= 2;
  DistributedVector expected = wave(0.3);
  expected *= 2;
  EXPECT_LE(difference(guesses.guess(twice), expected), 1e-14);
  EXPECT_EQ(guesses.matrix.applications, 0u);
}

TEST(RecentSolutionsParallel, AnOperatorThatIsNotFiniteGivesNoGuess)
{
  Guesses guesses;
  guesses.remember(vector([](const unsigned int i) { return std::sin(i); }));
  guesses.change_operator(std::numeric_limits<double>::quiet_NaN(), 0);
  EXPECT_EQ(guesses.guess(vector([](unsigned int) { return 1; })).linfty_norm(), 0.);
}
