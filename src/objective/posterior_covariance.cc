#include <lodestone/objective/posterior_covariance.h>

#include <deal.II/lac/full_matrix.h>
#include <deal.II/lac/lapack_full_matrix.h>
#include <deal.II/lac/vector.h>

#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

namespace lodestone
{

namespace
{

using Matrix = std::vector<std::vector<double>>;

constexpr double smallest_eigenvalue = 1e-13; // of the scaled Hessian
constexpr double infinity = std::numeric_limits<double>::infinity();

Matrix zero_matrix(const std::size_t n_rows, const std::size_t n_columns)
{
  return Matrix(n_rows, std::vector<double>(n_columns, 0.));
}

/// C = H^-1 = sum over eigenvectors v of v v^T / lambda, in two parts: that of eigenvalues above zero, and the sum of
/// v v^T over the others, which stands for what is infinite.
struct SplitInverse
{
  Matrix finite, infinite;
};

/// @param squares what the diagonal of H would be if strengths and nuisance terms did not follow m
SplitInverse split_inverse(const Matrix &hessian, const std::vector<double> &squares)
{
  const std::size_t n = hessian.size();
  std::vector<double> scale(n);
  for (std::size_t i = 0; i < n; ++i)
    scale[i] = squares[i] > 0 ? 1 / std::sqrt(squares[i]) : 1;
  dealii::LAPACKFullMatrix<double> scaled(n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      scaled(i, j) = scale[i] * scale[j] * (hessian[i][j] + hessian[j][i]) / 2;
  dealii::Vector<double> eigenvalues;
  dealii::FullMatrix<double> vectors;
  scaled.compute_eigenvalues_symmetric(-2. * n - 1, 2. * n + 1, 0., eigenvalues, vectors);

  SplitInverse inverse = {zero_matrix(n, n), zero_matrix(n, n)};
  for (std::size_t k = 0; k < eigenvalues.size(); ++k)
  {
    const bool is_zero = eigenvalues[k] < smallest_eigenvalue;
    Matrix &sum = is_zero ? inverse.infinite : inverse.finite;
    const double factor = is_zero ? 1 : 1 / eigenvalues[k];
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j)
        sum[i][j] += factor * scale[i] * scale[j] * vectors(i, k) * vectors(j, k);
  }
  return inverse;
}

PosteriorCovariance deviations_and_correlations(const SplitInverse &covariance)
{
  const std::size_t n = covariance.finite.size();
  const Matrix &finite = covariance.finite, &infinite = covariance.infinite;
  // An eigenvalue of just the smallest size would add that much; less is rounding.
  const auto is_infinite = [&](const std::size_t i) { return infinite[i][i] > smallest_eigenvalue * finite[i][i]; };
  PosteriorCovariance result = {std::vector<double>(n), zero_matrix(n, n)};
  for (std::size_t i = 0; i < n; ++i)
  {
    result.deviations[i] = is_infinite(i) ? infinity : std::sqrt(finite[i][i]);
    for (std::size_t j = 0; j < n; ++j)
    {
      const Matrix &part = is_infinite(i) ? infinite : finite;
      if (is_infinite(i) == is_infinite(j))
        result.correlations[i][j] = i == j ? 1 : part[i][j] / std::sqrt(part[i][i] * part[j][j]);
    }
  }
  return result;
}

/// The unit vector of one unknown.
ParameterVector unit_vector(const ReducedObjective &objective, const dealii::types::global_dof_index k)
{
  ParameterVector e(objective.parameters().shared_layout());
  if (e.values().in_local_range(k))
    e.values()(k) = 1;
  e.values().update_ghost_values();
  return e;
}

/// All entries of a distributed vector, on every rank.
std::vector<double> gathered(const DistributedVector &v)
{
  std::vector<double> entries(v.size(), 0.);
  for (const auto k : v.locally_owned_elements())
    entries[k] = v(k);
  dealii::Utilities::MPI::sum(entries, v.get_mpi_communicator(), entries);
  return entries;
}

/// The Gauss-Newton Hessian and how strengths and nuisance terms follow m.
struct Linearization
{
  Matrix hessian;              ///< H
  std::vector<double> squares; ///< |W J_k|^2 + the prior's second derivative, for each unknown k
  Matrix followers;            ///< A, one row per strength and nuisance term of all load cases
};

/// The part of the data that a rank sums over.
struct Slice
{
  Slice(const std::size_t n_data, const MPI_Comm comm)
  {
    const std::size_t n = dealii::Utilities::MPI::n_mpi_processes(comm),
                      rank = dealii::Utilities::MPI::this_mpi_process(comm);
    begin = n_data * rank / n;
    end = n_data * (rank + 1) / n;
  }
  DataVector of(const DataVector &d) const { return {d.begin() + begin, d.begin() + end}; }
  std::size_t begin, end;
};

double dot(const DataVector &a, const DataVector &b)
{
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.);
}

SolveReport linearize(ReducedObjective &objective, const std::function<bool()> &stop, Linearization &result)
{
  const MPI_Comm comm = objective.parameters().values().get_mpi_communicator();
  const std::size_t n = objective.parameters().size(), n_cases = objective.load_cases().size();
  std::vector<std::vector<DataVector>> tangents(n); // slices of them
  result.hessian = zero_matrix(n, n);
  result.squares.assign(n, 0.);
  SolveReport report;
  for (std::size_t k = 0; k < n; ++k)
  {
    const ParameterVector e = unit_vector(objective, k);
    std::vector<DataVector> tangent;
    report += objective.apply_tangent(e, tangent);
    if (report.converged && stop())
    {
      report.converged = false;
      report.reason = "the run was interrupted";
    }
    if (!report.converged)
      return report;
    std::vector<double> of_data(k + 2, 0.); // the row of H up to the diagonal, then the square
    if (objective.prior() != nullptr)
    {
      ParameterVector row(e.shared_layout());
      objective.prior()->add_hessian(objective.parameters(), e, row);
      result.hessian[k] = gathered(row.values());
      result.squares[k] = result.hessian[k][k];
    }
    std::size_t follower = 0;
    for (std::size_t s = 0; s < n_cases; ++s)
    {
      const Misfit::Increment increment = objective.gauss_newton_increment(s, tangent[s]);
      const Slice slice(tangent[s].size(), comm);
      tangents[k].push_back(slice.of(tangent[s]));
      objective.load_cases()[s].misfit->noise().whiten(tangent[s]);
      const DataVector whitened = slice.of(tangent[s]), adjoint_source = slice.of(increment.adjoint_source);
      of_data[k + 1] += dot(whitened, whitened);
      for (std::size_t l = 0; l <= k; ++l)
        of_data[l] += dot(adjoint_source, tangents[l][s]);
      for (const auto *changes : {&increment.strengths, &increment.nuisance})
        for (const double change : *changes)
        {
          if (follower == result.followers.size())
            result.followers.emplace_back(n, 0.);
          result.followers[follower++][k] = change;
        }
    }
    dealii::Utilities::MPI::sum(of_data, comm, of_data);
    result.squares[k] += of_data[k + 1];
    for (std::size_t l = 0; l <= k; ++l)
    {
      result.hessian[k][l] += of_data[l];
      if (l < k)
        result.hessian[l][k] += of_data[l];
    }
  }
  return report;
}

/// Covariance of strengths and nuisance terms of all load cases at fixed m.
Matrix covariance_at_fixed_model(const ReducedObjective &objective, const std::size_t n)
{
  Matrix covariance = zero_matrix(n, n);
  std::size_t first = 0;
  for (std::size_t s = 0; s < objective.load_cases().size(); ++s)
  {
    const Misfit::Evaluation &evaluation = objective.evaluation(s);
    std::vector<double> deviations = evaluation.strength_deviations;
    deviations.insert(deviations.end(), evaluation.nuisance_deviations.begin(), evaluation.nuisance_deviations.end());
    for (std::size_t i = 0; i < deviations.size(); ++i)
      for (std::size_t j = 0; j < deviations.size(); ++j)
        covariance[first + i][first + j] = evaluation.correlations[i][j] * deviations[i] * deviations[j];
    first += deviations.size();
  }
  return covariance;
}

/// [C, C A^T; A C, A C A^T], for one part of C.
Matrix joint(const Matrix &c, const Matrix &a)
{
  const std::size_t n = c.size(), n_all = n + a.size();
  Matrix ac = zero_matrix(a.size(), n);
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t k = 0; k < n; ++k)
      for (std::size_t l = 0; l < n; ++l)
        ac[i][l] += a[i][k] * c[k][l];
  Matrix all = zero_matrix(n_all, n_all);
  for (std::size_t i = 0; i < n; ++i)
    std::copy(c[i].begin(), c[i].end(), all[i].begin());
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t l = 0; l < n; ++l)
    {
      all[n + i][l] = all[l][n + i] = ac[i][l];
      for (std::size_t j = 0; j < a.size(); ++j)
        all[n + i][n + j] += ac[i][l] * a[j][l];
    }
  return all;
}

} // namespace

SolveReport posterior_covariance(ReducedObjective &objective, const std::function<bool()> &stop,
                                 PosteriorCovariance &covariance)
{
  Linearization linear;
  SolveReport report = linearize(objective, stop, linear);
  if (!report.converged)
    return report;
  const std::size_t n = linear.hessian.size(), n_followers = linear.followers.size();
  const SplitInverse of_model = split_inverse(linear.hessian, linear.squares);
  SplitInverse all = {joint(of_model.finite, linear.followers), joint(of_model.infinite, linear.followers)};
  const Matrix at_fixed_model = covariance_at_fixed_model(objective, n_followers);
  for (std::size_t i = 0; i < n_followers; ++i)
    for (std::size_t j = 0; j < n_followers; ++j)
      all.finite[n + i][n + j] += at_fixed_model[i][j];
  covariance = deviations_and_correlations(all);
  return report;
}

} // namespace lodestone
