#include <lodestone/solver/recent_solutions.h>

#include <deal.II/lac/lapack_full_matrix.h>
#include <deal.II/lac/vector.h>

#include <algorithm>
#include <cmath>

namespace lodestone
{

namespace
{
// As a rule there is one series for the known loads and one for each load of unknown strength.
constexpr std::size_t most_series = 8;
// The part of a difference (in squared energy norm) that rounding alone may leave outside the span of the others.
constexpr double smallest_part = 1e-12;

/// @return entry i of d_j
double difference(const std::vector<DistributedVector> &solutions, const unsigned int j, const unsigned int i)
{
  return j == 0 ? solutions[0].local_element(i) : solutions[j - 1].local_element(i) - solutions[j].local_element(i);
}

/// @return the solution c of the system with the given matrix (by rows) and right-hand side
std::vector<double> combination(const unsigned int n, const std::vector<double> &matrix, const std::vector<double> &rhs)
{
  std::vector<double> scale(n, 0), c(n, 0);
  for (unsigned int i = 0; i < n; ++i)
    if (const double energy = matrix[i * n + i]; std::isfinite(energy) && energy > 0)
      scale[i] = 1 / std::sqrt(energy);
  dealii::LAPACKFullMatrix<double> scaled(n, n);
  for (unsigned int i = 0; i < n; ++i)
    for (unsigned int j = 0; j < n; ++j)
      scaled(i, j) = scale[i] * scale[j] * matrix[i * n + j];
  scaled.compute_inverse_svd(smallest_part);
  dealii::Vector<double> b(n), x(n);
  for (unsigned int i = 0; i < n; ++i)
    b[i] = scale[i] * rhs[i];
  scaled.vmult(x, b);
  for (unsigned int i = 0; i < n; ++i)
    c[i] = scale[i] * x[i];
  return c;
}

/// x += the K-orthogonal projection of the solution of K x = b on the span of the solutions.
void add_projection(const std::vector<DistributedVector> &solutions, const DistributedVector &b, DistributedVector &x,
                    const RecentSolutions::Operator &apply, RecentSolutions::Workspace &workspace)
{
  const unsigned int n = solutions.size(), size = b.locally_owned_size();
  std::vector<double> sums(n * n + n, 0); // matrix and right-hand side, so that one message suffices
  for (unsigned int j = 0; j < n; ++j)
  {
    for (unsigned int i = 0; i < size; ++i)
      workspace.difference.local_element(i) = difference(solutions, j, i);
    apply(workspace.difference, workspace.product);
    for (unsigned int k = 0; k <= j; ++k)
      for (unsigned int i = 0; i < size; ++i)
        sums[k * n + j] += difference(solutions, k, i) * workspace.product.local_element(i);
    for (unsigned int i = 0; i < size; ++i)
      sums[n * n + j] += workspace.difference.local_element(i) * b.local_element(i);
  }
  dealii::Utilities::MPI::sum(sums, b.get_mpi_communicator(), sums);
  if (!std::all_of(sums.begin(), sums.end(), [](const double value) { return std::isfinite(value); }))
    return; // moduli or loads are not finite: the solver says so
  for (unsigned int j = 0; j < n; ++j)
    for (unsigned int k = 0; k < j; ++k)
      sums[j * n + k] = sums[k * n + j];
  if (!std::all_of(sums.begin(), sums.end(), [](const double s) { return std::isfinite(s); }))
    return; // the solve says what is wrong
  const std::vector<double> c = combination(n, sums, {sums.begin() + n * n, sums.end()});
  for (unsigned int j = 0; j < n; ++j)
    for (unsigned int i = 0; i < size; ++i)
      x.local_element(i) += c[j] * difference(solutions, j, i);
}
} // namespace

void RecentSolutions::renew()
{
  for (Series &series : series_)
    series.current = false;
}

unsigned int RecentSolutions::guess(const std::vector<double> &loads, const DistributedVector &b, DistributedVector &x,
                                    const Operator &apply, Workspace &workspace) const
{
  x = 0;
  const auto series = std::find_if(series_.begin(), series_.end(), [&](const Series &s) { return s.loads == loads; });
  if (series == series_.end())
    return 0;
  if (series->current)
  {
    const DistributedVector &last = series->solutions.front();
    const double energy = last * series->b;
    if (energy > 0)
      x.equ((last * b) / energy, last);
    return 0;
  }
  add_projection(series->solutions, b, x, apply, workspace);
  return series->solutions.size();
}

void RecentSolutions::remember(const std::vector<double> &loads, const DistributedVector &b, const DistributedVector &x)
{
  if (capacity_ == 0)
    return;
  auto series = std::find_if(series_.begin(), series_.end(), [&](const Series &s) { return s.loads == loads; });
  if (series == series_.end())
  {
    if (series_.size() == most_series)
      series_.erase(series_.begin());
    series_.push_back({loads, {}, b, false});
    series = series_.end() - 1;
  }
  auto &solutions = series->solutions;
  // If there are several solutions at one operator, only the last one is kept.
  if (!series->current)
  {
    if (solutions.size() < capacity_)
      solutions.push_back(x);
    for (std::size_t k = solutions.size() - 1; k > 0; --k)
      solutions[k].swap(solutions[k - 1]);
  }
  solutions.front().copy_locally_owned_data_from(x);
  series->b.copy_locally_owned_data_from(b);
  series->current = true;
}

void RecentSolutions::add_to(RankState &state, const std::string &name) const
{
  const auto entries = [](const DistributedVector &v) {
    return std::vector<double>(v.begin(), v.begin() + v.locally_owned_size());
  };
  for (std::size_t k = 0; k < series_.size(); ++k)
  {
    const Series &series = series_[k];
    const std::string of_series = name + "_series_" + std::to_string(k);
    state[of_series + "_loads"] = series.loads;
    state[of_series + "_current"] = {series.current ? 1. : 0.};
    state[of_series + "_b"] = entries(series.b);
    for (std::size_t j = 0; j < series.solutions.size(); ++j)
      state[of_series + "_solution_" + std::to_string(j)] = entries(series.solutions[j]);
  }
}

void RecentSolutions::take_from(const RankState &state, const std::string &name, const DistributedVector &like)
{
  const auto vector = [&](const std::vector<double> &entries) {
    DistributedVector v(like.get_partitioner());
    std::copy(entries.begin(), entries.end(), v.begin());
    return v;
  };
  series_.clear();
  for (std::size_t k = 0;; ++k)
  {
    const std::string of_series = name + "_series_" + std::to_string(k);
    const auto loads = state.find(of_series + "_loads");
    if (loads == state.end())
      return;
    Series series{loads->second, {}, vector(state.at(of_series + "_b")), state.at(of_series + "_current").at(0) != 0};
    for (std::size_t j = 0; state.count(of_series + "_solution_" + std::to_string(j)) > 0; ++j)
      series.solutions.push_back(vector(state.at(of_series + "_solution_" + std::to_string(j))));
    series_.push_back(std::move(series));
  }
}

} // namespace lodestone
