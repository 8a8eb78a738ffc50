#include <lodestone/objective/linear_refit.h>

#include <random>

namespace lodestone
{

namespace
{

/// x = H^-1 b with the Gauss-Newton matrix H.
SolveReport solve_newton(ReducedObjective &objective, const ParameterVector &b, ParameterVector &x)
{
  constexpr double tolerance = 0.02;
  constexpr unsigned int most_iterations = 500;
  const auto precondition = [&](const ParameterVector &dual, ParameterVector &primal) {
    if (objective.prior() != nullptr)
      return objective.prior()->apply_inverse(dual, primal);
    primal = dual;
    return SolveReport();
  };
  x = ParameterVector(b.shared_layout());
  ParameterVector r = b, z(b.shared_layout()), q(b.shared_layout());
  SolveReport report = precondition(r, z);
  if (!report.converged)
    return report;
  ParameterVector p = z;
  double square = r.values() * z.values();
  const double enough = tolerance * tolerance * square;
  for (unsigned int k = 0; square > enough; ++k)
  {
    if (k == most_iterations)
    {
      report.converged = false;
      report.reason = "the linearised problem was not solved in " + std::to_string(most_iterations) + " iterations";
      return report;
    }
    report += objective.apply_newton_matrix(p, q, true);
    if (!report.converged)
      return report;
    const double step = square / (p.values() * q.values());
    x.values().add(step, p.values());
    r.values().add(-step, q.values());
    report += precondition(r, z);
    if (!report.converged)
      return report;
    const double before = square;
    square = r.values() * z.values();
    p.values().sadd(square / before, 1, z.values());
  }
  return report;
}

} // namespace

SolveReport refit(ReducedObjective &objective, const std::vector<DataVector> &data_change,
                  const ParameterVector &prior_change, std::vector<Misfit::Increment> &change)
{
  const auto increment = [&](const unsigned int s, const DataVector &d_hat) {
    return objective.gauss_newton_increment(s, d_hat, Misfit::Curvature::positive);
  };
  const unsigned int n_cases = objective.load_cases().size();
  std::vector<DataVector> d_hat(n_cases);
  for (unsigned int s = 0; s < n_cases; ++s)
    d_hat[s].assign(data_change[s].size(), 0.);
  SolveReport report;
  if (objective.parameters().size() > 0)
  {
    ParameterVector pull = prior_change, m_hat;
    for (unsigned int s = 0; s < n_cases && report.converged; ++s)
      report += objective.apply_tangent_transpose(s, increment(s, data_change[s]).adjoint_source, pull);
    if (report.converged)
      report += solve_newton(objective, pull, m_hat);
    if (report.converged)
      report += objective.apply_tangent(m_hat, d_hat);
    if (!report.converged)
      return report;
  }
  change.clear();
  for (unsigned int s = 0; s < n_cases; ++s)
  {
    for (std::size_t i = 0; i < d_hat[s].size(); ++i)
      d_hat[s][i] -= data_change[s][i];
    change.push_back(increment(s, d_hat[s]));
  }
  return report;
}

SolveReport probe_redundancy(ReducedObjective &objective, const unsigned int n_probes, std::vector<DataVector> &numbers,
                             const std::function<void()> &on_probe)
{
  std::mt19937_64 generator(5489u);
  const ParameterVector nothing(objective.parameters().shared_layout());
  numbers.clear();
  for (const auto &load_case : objective.load_cases())
    numbers.emplace_back(load_case.misfit->n_data(), 0.);
  SolveReport report;
  for (unsigned int probe = 0; probe < n_probes && report.converged; ++probe)
  {
    std::vector<DataVector> coloured;
    for (const auto &load_case : objective.load_cases())
    {
      DataVector z(load_case.misfit->n_data());
      for (double &entry : z)
        entry = (generator() >> 63) != 0 ? 1 : -1;
      load_case.misfit->noise().colour(z);
      coloured.push_back(std::move(z));
    }
    std::vector<Misfit::Increment> change;
    report += refit(objective, coloured, nothing, change);
    for (unsigned int s = 0; s < numbers.size() && report.converged; ++s)
      for (std::size_t i = 0; i < numbers[s].size(); ++i)
        numbers[s][i] -= coloured[s][i] * change[s].adjoint_source[i] / n_probes;
    if (on_probe)
      on_probe();
  }
  return report;
}

SolveReport residuals_of_errors(ReducedObjective &objective, const std::vector<DataVector> &errors,
                                const std::uint64_t seed, std::vector<DataVector> &residuals)
{
  ParameterVector of_prior(objective.parameters().shared_layout());
  if (objective.prior() != nullptr && of_prior.size() > 0)
    objective.prior()->add_noise(seed, of_prior);
  std::vector<Misfit::Increment> change;
  SolveReport report = refit(objective, errors, of_prior, change);
  residuals.clear();
  for (auto &increment : change)
    residuals.push_back(std::move(increment.predicted));
  return report;
}

} // namespace lodestone
