// Lines whose pieces lie on several ranks, against a dense solve in double of the same lines on every rank.
#include <lodestone/solver/multigrid/distributed_lines.h>

#include <deal.II/base/mpi.h>
#include <deal.II/lac/full_matrix.h>

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

using namespace lodestone;

namespace
{

const unsigned int none = LinePieces::none;

// A line of places 0 .. n - 1, each on a rank; ring: the last place is next to the first.
struct Line
{
  unsigned int n;
  std::function<unsigned int(unsigned int, unsigned int)> rank_of; ///< of a place, with so many ranks
  bool ring = false;

  static float coupling(const unsigned int k) { return -1 + .3f * std::sin(5.f * k); }
  // an eigenvalue of a few thousandths, as lines across flat cells have
  float diagonal(const unsigned int k) const
  {
    return std::abs(coupling((k + n - 1) % n)) + std::abs(coupling(k)) + .003f;
  }
  static float load(const unsigned int k) { return std::cos(1.3f * k); }
};

// Solves with all lines' places numbered rank after rank and, on a rank, line after line.
void expect_dense_solution(const std::vector<Line> &lines)
{
  const MPI_Comm comm = MPI_COMM_WORLD;
  const unsigned int rank = dealii::Utilities::MPI::this_mpi_process(comm),
                     n_ranks = dealii::Utilities::MPI::n_mpi_processes(comm);
  std::vector<std::vector<unsigned int>> number(lines.size());
  unsigned int next = 0, first_owned = 0, last_owned = 0;
  for (unsigned int r = 0; r < n_ranks; ++r)
  {
    first_owned = r == rank ? next : first_owned;
    for (unsigned int l = 0; l < lines.size(); ++l)
    {
      number[l].resize(lines[l].n);
      for (unsigned int k = 0; k < lines[l].n; ++k)
        if (lines[l].rank_of(k, n_ranks) == r)
          number[l][k] = next++;
    }
    last_owned = r == rank ? next : last_owned;
  }
  const unsigned int n = last_owned - first_owned;
  std::vector<float> load(n), z(n, -99);
  std::vector<std::array<unsigned int, 2>> place(n); // line and place of each unknown
  LinePieces pieces;
  for (unsigned int l = 0; l < lines.size(); ++l)
  {
    const Line &line = lines[l];
    const auto beyond = [&](const unsigned int k, const int step) -> LinePieces::Beyond {
      if (!line.ring && (step < 0 ? k == 0 : k + 1 == line.n))
        return {};
      const unsigned int other = (k + line.n + step) % line.n;
      return {line.rank_of(other, n_ranks), number[l][other]};
    };
    const auto is_here = [&](const unsigned int k) { return k < line.n && line.rank_of(k, n_ranks) == rank; };
    for (unsigned int k = 0; k < line.n; ++k)
      if (is_here(k))
      {
        if (k == 0 || !is_here(k - 1))
        {
          pieces.starts.push_back(pieces.unknowns.size());
          pieces.beyond.push_back({{beyond(k, -1), {}}});
        }
        const unsigned int i = number[l][k] - first_owned;
        pieces.unknowns.push_back(i);
        load[i] = Line::load(k);
        place[i] = {{l, k}};
        if (!is_here(k + 1))
        {
          // given from the other end as well, as it comes
          pieces.beyond.back()[1] = beyond(k, 1);
          if ((k + l) % 2 == 0)
          {
            std::reverse(pieces.unknowns.begin() + pieces.starts.back(), pieces.unknowns.end());
            std::swap(pieces.beyond.back()[0], pieces.beyond.back()[1]);
          }
        }
      }
  }
  pieces.starts.push_back(n);
  DistributedLines solver(comm, first_owned, pieces);
  const LinePieces &used = solver.pieces();
  std::vector<float> diagonal(n), coupling(n, 0), coupling_before(used.beyond.size(), 0);
  const auto beyond_coupling = [&](const unsigned int i, const LinePieces::Beyond &beyond) {
    const auto [l, k] = place[i];
    const unsigned int after = (k + 1) % lines[l].n, before = (k + lines[l].n - 1) % lines[l].n;
    return Line::coupling(number[l][after] == beyond.unknown && k + 1 < lines[l].n ? k : before);
  };
  for (unsigned int p = 0; p < used.beyond.size(); ++p)
    for (unsigned int at = used.starts[p]; at < used.starts[p + 1]; ++at)
    {
      const unsigned int i = used.unknowns[at];
      const auto [l, k] = place[i];
      diagonal[at] = lines[l].diagonal(k);
      if (at + 1 < used.starts[p + 1])
        coupling[at] = Line::coupling(std::min(k, place[used.unknowns[at + 1]][1]));
      else if (used.beyond[p][1].rank != none)
        coupling[at] = beyond_coupling(i, used.beyond[p][1]);
      if (at == used.starts[p] && used.beyond[p][0].rank != none)
        coupling_before[p] = beyond_coupling(i, used.beyond[p][0]);
    }
  for (unsigned int round = 0; round < 2; ++round) // factorised again as the first time
  {
    solver.factorize(diagonal, coupling, coupling_before);
    solver.solve([&](const unsigned int i) { return load[i]; },
                 [&](const unsigned int i, const float value) { z[i] = value; });
    for (unsigned int l = 0; l < lines.size(); ++l)
    {
      const Line &line = lines[l];
      dealii::FullMatrix<double> matrix(line.n, line.n);
      for (unsigned int k = 0; k < line.n; ++k)
      {
        matrix(k, k) = line.diagonal(k);
        // rings fall apart into their pieces
        if (k + 1 < line.n && (!line.ring || line.rank_of(k, n_ranks) == line.rank_of(k + 1, n_ranks)))
          matrix(k, k + 1) = matrix(k + 1, k) = Line::coupling(k);
      }
      matrix.gauss_jordan();
      double largest = 0;
      std::vector<double> exact(line.n, 0);
      for (unsigned int k = 0; k < line.n; ++k)
      {
        for (unsigned int j = 0; j < line.n; ++j)
          exact[k] += matrix(k, j) * Line::load(j);
        largest = std::max(largest, std::abs(exact[k]));
      }
      for (unsigned int k = 0; k < line.n; ++k)
        if (line.rank_of(k, n_ranks) == rank)
        {
          EXPECT_NEAR(z[number[l][k] - first_owned], exact[k], 1e-4 * largest) << "line " << l << ", place " << k;
        }
    }
  }
}

} // namespace

TEST(DistributedLinesParallel, SolveAsTheDenseMatrixDoes)
{
  expect_dense_solution({
      {30, [](const unsigned int k, const unsigned int n) { return k * n / 30; }}, // a piece a rank
      {30, [](const unsigned int k,
              const unsigned int n) { return n - 1 - k * n / 30; }},              // from the last rank to the first
      {40, [](const unsigned int k, const unsigned int n) { return k / 3 % n; }}, // back again many times
      {12, [](const unsigned int k, const unsigned int n) { return k % n; }},     // pieces of a single unknown
      {13, [](const unsigned int k,
              const unsigned int n) { return k == 6 ? 1 % n : 0; }}, // one in the middle, one elsewhere
      {2, [](const unsigned int k, const unsigned int n) { return (n - 1) * (1 - k); }}, // two interior or none
      {9, [](const unsigned int, const unsigned int n) { return n - 1; }},               // whole
      {1, [](const unsigned int, const unsigned int) { return 0; }},
  });
}

TEST(DistributedLinesParallel, RingsAreCut)
{
  if (dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD) == 1)
    return; // whole lines are no rings
  expect_dense_solution({{24, [](const unsigned int k, const unsigned int n) { return k * n / 24; }, true},
                         {10, [](const unsigned int k, const unsigned int n) { return k * n / 10; }}});
}
