// A history of two steps, the second depending on the first, through the reduced objective: the adjoint runs backward
// in time. Toy equations for n numbers per step,
//   r1 = D(m) u1 - a f,   r2 = D(m) u2 - C(m) u1 - a f / 2,   D = diag(exp(m)) + T,  C = diag(1 + m^2),
// T not symmetric. Expected: Taylor slopes 2 and 3 over three decades, tangent mode and differences equal to the
// adjoint gradient. The same solver refusing large m: every method shortens the step, goes on, and ends at the minimum.
#include <lodestone/inversion/inversion.h>
#include <lodestone/objective/derivative_check.h>
#include <lodestone/objective/sensitivity.h>
#include <lodestone/observation/gaussian_misfit.h>

#include <deal.II/lac/full_matrix.h>
#include <deal.II/lac/vector.h>

#include <gtest/gtest.h>

using namespace lodestone;

namespace
{

constexpr unsigned int n = 6;
using Numbers = DistributedVector;

std::shared_ptr<const dealii::Utilities::MPI::Partitioner> partitioner()
{
  return std::make_shared<dealii::Utilities::MPI::Partitioner>(dealii::complete_index_set(n), MPI_COMM_SELF);
}

class TwoSteps : public ForwardSolver
{
public:
  double largest_step = 1e300; ///< solves fail farther than this from the last point where one succeeded
  mutable unsigned int n_second_derivatives = 0; ///< that full Hessian actions have asked for

  unsigned int n_load_cases() const override { return 1; }
  unsigned int n_loads(unsigned int) const override { return 1; }
  State make_state(unsigned int) const override { return {{Numbers(partitioner()), Numbers(partitioner())}, {0}, 0}; }
  StateDual make_dual(unsigned int) const override { return {{Numbers(partitioner()), Numbers(partitioner())}}; }

  bool refers_to(const ParameterVector &m) const override { return linearized_at_ == &m; }
  void linearize_at(const ParameterVector &m) override
  {
    linearized_at_ = &m;
    m_ = m.values();
    d_.reinit(n, n);
    for (unsigned int i = 0; i < n; ++i)
    {
      d_(i, i) = std::exp(m_(i)) + 1;
      d_(i, (i + 1) % n) = 0.4 + 0.05 * i;
    }
    inverse_ = d_;
    inverse_.gauss_jordan();
  }

  SolveReport solve(unsigned int, State &u, const SolveRequest & = {}) override
  {
    Numbers rhs = force();
    rhs *= u.load_factors[0];
    multiply(inverse_, false, u.step[0], rhs);
    rhs *= 0.5;
    for (unsigned int i = 0; i < n; ++i)
      rhs(i) += c(i) * u.step[0](i);
    multiply(inverse_, false, u.step[1], rhs);
    return report();
  }
  void residual(unsigned int, const State &u, StateDual &r) const override
  {
    apply_jacobian(0, u, r);
    r.step[0].add(-u.load_factors[0], force());
    r.step[1].add(-0.5 * u.load_factors[0], force());
  }
  void apply_jacobian(unsigned int, const State &du, StateDual &out) const override
  {
    for (unsigned int k = 0; k < 2; ++k)
      multiply(d_, false, out.step[k], du.step[k]);
    for (unsigned int i = 0; i < n; ++i)
      out.step[1](i) -= c(i) * du.step[0](i);
  }
  void apply_jacobian_transpose(unsigned int, const State &p, StateDual &out) const override
  {
    for (unsigned int k = 0; k < 2; ++k)
      multiply(d_, true, out.step[k], p.step[k]);
    for (unsigned int i = 0; i < n; ++i)
      out.step[0](i) -= c(i) * p.step[1](i);
  }
  SolveReport solve_jacobian(unsigned int, StateDual rhs, State &du, const SolveRequest & = {}) override
  {
    multiply(inverse_, false, du.step[0], rhs.step[0]);
    Numbers second = rhs.step[1];
    for (unsigned int i = 0; i < n; ++i)
      second(i) += c(i) * du.step[0](i);
    multiply(inverse_, false, du.step[1], second);
    return report();
  }
  SolveReport solve_jacobian_transpose(unsigned int, StateDual rhs, State &p, const SolveRequest & = {}) override
  {
    multiply(inverse_, true, p.step[1], rhs.step[1]);
    Numbers first = rhs.step[0];
    for (unsigned int i = 0; i < n; ++i)
      first(i) += c(i) * p.step[1](i);
    multiply(inverse_, true, p.step[0], first);
    return report();
  }
  void apply_parameter_jacobian(unsigned int, const State &u, const ParameterVector &m_hat,
                                StateDual &out) const override
  {
    for (unsigned int i = 0; i < n; ++i)
    {
      out.step[0](i) = m_hat.values()(i) * std::exp(m_(i)) * u.step[0](i);
      out.step[1](i) = m_hat.values()(i) * (std::exp(m_(i)) * u.step[1](i) - 2 * m_(i) * u.step[0](i));
    }
  }
  void add_parameter_jacobian_transpose(unsigned int, const State &u, const State &p, ParameterVector &g) const override
  {
    for (unsigned int i = 0; i < n; ++i)
      g.values()(i) += std::exp(m_(i)) * products(u, p, i) - 2 * m_(i) * u.step[0](i) * p.step[1](i);
  }
  void add_second_parameter(unsigned int, const State &u, const State &p, const ParameterVector &m_hat,
                            ParameterVector &g) const override
  {
    for (unsigned int i = 0; i < n; ++i)
      g.values()(i) += m_hat.values()(i) * (std::exp(m_(i)) * products(u, p, i) - 2 * u.step[0](i) * p.step[1](i));
  }
  void add_second_mixed(unsigned int s, const State &u_hat, const State &p, ParameterVector &g) const override
  {
    add_parameter_jacobian_transpose(s, u_hat, p, g);
  }
  void apply_second_mixed_transpose(unsigned int, const State &p, const ParameterVector &m_hat,
                                    StateDual &out) const override
  {
    ++n_second_derivatives;
    for (unsigned int i = 0; i < n; ++i)
    {
      out.step[0](i) = m_hat.values()(i) * (std::exp(m_(i)) * p.step[0](i) - 2 * m_(i) * p.step[1](i));
      out.step[1](i) = m_hat.values()(i) * std::exp(m_(i)) * p.step[1](i);
    }
  }

private:
  const ParameterVector *linearized_at_ = nullptr;
  static double products(const State &u, const State &p, const unsigned int i)
  {
    return u.step[0](i) * p.step[0](i) + u.step[1](i) * p.step[1](i);
  }
  static void multiply(const dealii::FullMatrix<double> &a, const bool transposed, Numbers &out, const Numbers &in)
  {
    for (unsigned int i = 0; i < n; ++i)
    {
      out(i) = 0;
      for (unsigned int j = 0; j < n; ++j)
        out(i) += (transposed ? a(j, i) : a(i, j)) * in(j);
    }
  }
  double c(const unsigned int i) const { return 1 + m_(i) * m_(i); }
  static Numbers force()
  {
    Numbers f(partitioner());
    for (unsigned int i = 0; i < n; ++i)
      f(i) = 1 + 0.3 * i;
    return f;
  }
  SolveReport report()
  {
    SolveReport r;
    Numbers step = m_;
    if (succeeded_.size() == n)
      step -= succeeded_;
    r.converged = succeeded_.size() != n || step.linfty_norm() <= largest_step;
    if (r.converged)
      succeeded_ = m_;
    r.reason = r.converged ? "" : "the step is too large";
    return r;
  }

  Numbers m_, succeeded_;
  dealii::FullMatrix<double> d_, inverse_;
};

/// All of the second step, and two numbers of the first.
class BothSteps : public Observation
{
public:
  unsigned int n_data() const override { return n + 2; }
  DataVector apply(const State &u) const override
  {
    DataVector d(n + 2);
    for (unsigned int i = 0; i < n; ++i)
      d[i] = u.step[1](i);
    d[n] = u.step[0](1);
    d[n + 1] = u.step[0](4);
    return d;
  }
  void add_transpose(const DataVector &w, StateDual &out) const override
  {
    for (unsigned int i = 0; i < n; ++i)
      out.step[1](i) += w[i];
    out.step[0](1) += w[n];
    out.step[0](4) += w[n + 1];
  }
};

DataSet made_up_data(const DataVector &values)
{
  DataSet set;
  set.name = "both steps";
  for (unsigned int i = 0; i < values.size(); ++i)
  {
    set.row_points.push_back(dealii::Point<3>(i, 0, 0));
    set.row.push_back(i);
    set.component.push_back(2);
    set.direction.push_back(dealii::Point<3>(0, 0, 1));
    set.value.push_back(values[i]);
    set.sigma.push_back(0.05 + 0.01 * i);
  }
  return set;
}

struct Problem
{
  TwoSteps forward;
  BothSteps observation;
  std::unique_ptr<GaussianMisfit> misfit;
  std::unique_ptr<ReducedObjective> objective;
  std::shared_ptr<ParameterLayout> layout = std::make_shared<ParameterLayout>();

  /// @param truth the data are those of m = truth, changed by `change`
  Problem(const bool estimate, const double truth, const double change)
  {
    layout->fields = {"x"};
    layout->n_cells = n;
    layout->partitioner = partitioner();
    ParameterVector m = vector();
    for (unsigned int i = 0; i < n; ++i)
      m.values()(i) = truth * (1 + 0.1 * i);
    forward.linearize_at(m);
    State u = forward.make_state(0);
    u.load_factors[0] = 1;
    (void)forward.solve(0, u);
    DataVector d = observation.apply(u);
    for (unsigned int i = 0; i < d.size(); ++i)
      d[i] *= 1 + change * std::cos(2.1 * i);
    misfit = std::make_unique<GaussianMisfit>(std::vector<DataSet>{made_up_data(d)},
                                              estimate ? std::vector<StrengthPrior>{{"f", 0.8, 0.3}}
                                                       : std::vector<StrengthPrior>{});
    ReducedObjective::LoadCase load_case{"history", &observation, misfit.get(), {1}, {}};
    if (estimate)
      load_case.estimated_loads = {0};
    objective =
        std::make_unique<ReducedObjective>(forward, std::vector<ReducedObjective::LoadCase>{load_case}, nullptr);
  }
  ParameterVector vector() const { return ParameterVector(layout); }
};

} // namespace

TEST(TwoStepHistory, Derivatives)
{
  for (const bool estimate : {false, true})
  {
    Problem problem(estimate, 0.2, 0.4);
    ParameterVector m = random_direction(problem.vector(), 3);
    m.values() *= 0.5;
    const ParameterVector a = random_direction(problem.vector(), 5), b = random_direction(problem.vector(), 7);
    const DerivativeCheck check = check_derivatives(*problem.objective, m, a, b);
    EXPECT_GE(check.gradient.slope, 1.95) << check.table(1e-13);
    EXPECT_GE(check.gradient.decades, 2.999);
    EXPECT_GE(check.hessian.slope, 2.9) << check.table(1e-13);
    EXPECT_GE(check.hessian.decades, 2.999);
    EXPECT_LE(check.tangent_difference, 1e-12);
    EXPECT_LE(check.dot_product, 1e-12);
    EXPECT_LE(check.hessian_symmetry, 1e-12);

    ParameterVector g;
    ASSERT_TRUE(problem.objective->evaluate(m).converged);
    ASSERT_TRUE(problem.objective->gradient(g).converged);
    const double h = 1e-5; // h^2 of truncation, epsilon / h of rounding: 1e-10 of J
    for (unsigned int i = 0; i < n; ++i)
    {
      double value[2];
      for (const int side : {0, 1})
      {
        ParameterVector moved = m;
        moved.values()(i) += side == 1 ? h : -h;
        ASSERT_TRUE(problem.objective->evaluate(moved).converged);
        value[side] = problem.objective->value();
      }
      EXPECT_NEAR((value[1] - value[0]) / (2 * h), g.values()(i), 1e-6 * g.values().l2_norm());
    }
  }
}

// Sensitivity is the root of the diagonal of A'A, A the dense matrix of d predicted / dm in units of sigma, column by
// column in tangent mode. A mean over n samples of +-1 is that but for a relative error of at most sqrt(2 / n): five of
// them are allowed, whatever n is.
TEST(TwoStepHistory, SensitivityIsTheDiagonal)
{
  Problem problem(false, 0.2, 0.4);
  ParameterVector m = random_direction(problem.vector(), 3);
  ASSERT_TRUE(problem.objective->evaluate(m).converged);
  const DataSet data = made_up_data(DataVector(n + 2, 1.)); // for its sigmas
  std::vector<double> diagonal(n, 0.);
  for (unsigned int j = 0; j < n; ++j)
  {
    ParameterVector unit = problem.vector();
    unit.values()(j) = 1;
    std::vector<DataVector> column;
    ASSERT_TRUE(problem.objective->apply_tangent(unit, column).converged);
    for (unsigned int i = 0; i < n + 2; ++i)
      diagonal[j] += column[0][i] * column[0][i] / (data.sigma[i] * data.sigma[i]);
  }
  for (const unsigned int n_samples : {500u, 20000u})
  {
    ParameterVector sensitivity;
    ASSERT_TRUE(sample_sensitivity(*problem.objective, n_samples, sensitivity).converged);
    for (unsigned int j = 0; j < n; ++j)
    {
      const double square = sensitivity.values()(j) * sensitivity.values()(j);
      EXPECT_NEAR(square / diagonal[j], 1, 5 * std::sqrt(2. / n_samples)) << n_samples << " samples, entry " << j;
    }
  }
}

TEST(TwoStepHistory, FailedSolvesShortenTheStep)
{
  Numbers weights(partitioner());
  weights = 1;
  for (const std::string method : {"steepest", "cg", "bncg", "lmvm", "blmvm", "bqnls", "bnls", "bntr"})
  {
    SCOPED_TRACE(method);
    Problem problem(false, 0.4, 0);
    InversionParameters parameters;
    parameters.optimizer.method = method;
    parameters.optimizer.gradient_tolerance = 1e-5;
    parameters.optimizer.maximum_iterations = 2000;
    parameters.hessian = HessianChoice::gauss_newton;
    Log log(MPI_COMM_WORLD, true);
    ParameterVector m = problem.vector();
    m.values() = -0.7;
    ASSERT_TRUE(problem.objective->evaluate(m).converged);
    problem.forward.largest_step = 0.05; // the minimiser is more than 1 away
    Inversion inversion(*problem.objective, weights, parameters, log);
    const auto result = inversion.run(m, {}, 0);
    EXPECT_TRUE(result.stop.converged) << result.stop.text;
    EXPECT_GT(result.last.n_failed_evaluations, 0u);
    EXPECT_LE(problem.objective->value(), 1e-3);
  }
}

// `Hessian = switch`: Gauss-Newton for the first iterations, and later too while |g| > |g_0| / 100; full then.
TEST(TwoStepHistory, FullHessianOnlyNearTheMinimiser)
{
  Numbers weights(partitioner());
  weights = 1;
  for (const unsigned int first : {0u, 4u})
  {
    Problem problem(false, 0.4, 0.1);
    InversionParameters parameters;
    parameters.hessian = HessianChoice::switching;
    parameters.gauss_newton_iterations = first;
    parameters.optimizer.gradient_tolerance = 1e-9;
    Log log(MPI_COMM_WORLD, true);
    Inversion inversion(*problem.objective, weights, parameters, log);
    double relative_gradient = 0;
    unsigned int second_derivatives = 0, n_far = 0, n_near = 0;
    inversion.on_iterate([&](const Iterate &iterate, const ParameterVector &) {
      const unsigned int k = iterate.optimizer.iteration;
      if (k > 0)
      {
        const bool full = k > first && relative_gradient <= 0.01;
        EXPECT_EQ(problem.forward.n_second_derivatives - second_derivatives,
                  full ? iterate.optimizer.inner_iterations : 0)
            << k;
        (full ? n_near : n_far) += iterate.optimizer.inner_iterations;
      }
      relative_gradient = iterate.optimizer.relative_gradient;
      second_derivatives = problem.forward.n_second_derivatives;
    });
    ParameterVector m = problem.vector();
    m.values() = -0.3;
    EXPECT_TRUE(inversion.run(m, {}, 0).stop.converged);
    EXPECT_GT(n_far, 0u);
    EXPECT_GT(n_near, 0u);
  }
}

// A run that goes on from iteration 4 counts from there: the Gauss-Newton iterations at its start are over, and near
// the minimiser the full Hessian is used at once.
TEST(TwoStepHistory, GaussNewtonIterationsAreThoseOfTheWholeRun)
{
  Numbers weights(partitioner());
  weights = 1;
  for (const unsigned int done : {0u, 4u})
  {
    Problem problem(false, 0.4, 0.1);
    InversionParameters parameters;
    parameters.hessian = HessianChoice::switching;
    parameters.gauss_newton_iterations = 4;
    parameters.optimizer.gradient_tolerance = 1e-12;
    parameters.optimizer.maximum_iterations = done + 1;
    Log log(MPI_COMM_WORLD, true);
    Inversion inversion(*problem.objective, weights, parameters, log);
    // Any gradient is small beside the reference.
    inversion.resume({{{"iteration", double(done)}, {"reference_gradient", 1e9}}, {}});
    ParameterVector m = problem.vector();
    m.values() = 0.3;
    const auto result = inversion.run(m, {}, 0);
    EXPECT_EQ(result.last.iteration, done + 1);
    EXPECT_EQ(problem.forward.n_second_derivatives > 0, done == 4) << "from iteration " << done;
  }
}

// A point that is asked for again costs no solve, whoever asks; what changes besides m is seen all the same.
TEST(TwoStepHistory, ThePointIsKnown)
{
  Problem problem(false, 0.4, 0.1);
  ReducedObjective &objective = *problem.objective;
  ParameterVector m = problem.vector(), g;
  m.values() = 0.3;
  EXPECT_FALSE(objective.is_at(m));
  ASSERT_TRUE(objective.evaluate(m).converged);
  ASSERT_TRUE(objective.gradient(g).converged);
  EXPECT_TRUE(objective.is_at(m));
  const CostLedger before = objective.ledger();
  const double value = objective.value();
  ASSERT_TRUE(objective.evaluate(m).converged);
  EXPECT_EQ(objective.value(), value);
  ParameterVector again;
  ASSERT_TRUE(objective.gradient(again).converged);
  EXPECT_EQ(objective.ledger().forward.solves, before.forward.solves);
  EXPECT_EQ(objective.ledger().adjoint.solves, before.adjoint.solves);
  again.values() -= g.values();
  EXPECT_EQ(again.values().linfty_norm(), 0);

  // The last bit of one number makes another point.
  if (m.values().locally_owned_size() > 0)
    m.values().local_element(0) = std::nextafter(0.3, 1.);
  EXPECT_FALSE(objective.is_at(m));
  ASSERT_TRUE(objective.evaluate(m).converged);
  EXPECT_GT(objective.ledger().forward.solves, before.forward.solves);

  // Nor is a point from which somebody else has moved the forward solver.
  ASSERT_TRUE(objective.evaluate(m).converged);
  EXPECT_TRUE(objective.is_at(m));
  ParameterVector elsewhere = problem.vector();
  elsewhere.values() = -0.2;
  problem.forward.linearize_at(elsewhere);
  EXPECT_FALSE(objective.is_at(m));

  // A point at which a solve failed is not known.
  problem.forward.largest_step = 1e-3;
  m.values() = 2;
  ASSERT_FALSE(objective.evaluate(m).converged);
  EXPECT_FALSE(objective.is_at(m));
}

// Target misfit is of chi^2 / N: the first iterate at which it is reached is the last.
TEST(TwoStepHistory, TargetMisfitEndsTheRun)
{
  Numbers weights(partitioner());
  weights = 1;
  Problem problem(false, 0.4, 0.1);
  InversionParameters parameters;
  parameters.optimizer.method = "steepest";
  parameters.optimizer.gradient_tolerance = 1e-9;
  parameters.target = 30;
  Log log(MPI_COMM_WORLD, true);
  Inversion inversion(*problem.objective, weights, parameters, log);
  std::vector<double> chi_squared;
  inversion.on_iterate([&](const Iterate &iterate, const ParameterVector &) {
    // N = n + 2 data, and no prior: J is half of chi^2.
    chi_squared.push_back(2 * iterate.optimizer.value / (n + 2));
    EXPECT_NEAR(iterate.chi_squared_per_datum, chi_squared.back(), 1e-12 * chi_squared.back());
  });
  ParameterVector m = problem.vector();
  m.values() = -0.7;
  const auto result = inversion.run(m, {}, 0);
  EXPECT_EQ(result.stop.kind, StopReason::Kind::target_reached) << result.stop.text;
  EXPECT_TRUE(result.stop.converged);
  ASSERT_GT(chi_squared.size(), 1u);
  for (std::size_t k = 0; k < chi_squared.size(); ++k)
    EXPECT_EQ(chi_squared[k] <= 30, k + 1 == chi_squared.size()) << k;
}

// Each column of history.csv holds the number that its name says.
TEST(HistoryRow, NumbersStandInTheirColumns)
{
  Iterate iterate;
  iterate.optimizer.iteration = 1;
  iterate.optimizer.value = 2;
  iterate.misfit = 3;
  iterate.chi_squared_per_datum = 4;
  iterate.prior = 5;
  iterate.optimizer.relative_gradient = 6;
  iterate.optimizer.step = 7;
  iterate.forward_solves = 8;
  iterate.adjoint_solves = 9;
  iterate.incremental_solves = 10;
  iterate.solver_iterations = 11;
  iterate.operator_applications = 12;
  iterate.optimizer.n_hessian_actions = 13;
  iterate.optimizer.n_failed_evaluations = 14;
  iterate.seconds = 15;
  iterate.memory = 16;
  const std::vector<std::pair<std::string, double>> expected = {{"iteration", 1},
                                                                {"J", 2},
                                                                {"misfit", 3},
                                                                {"chi2 per datum", 4},
                                                                {"prior", 5},
                                                                {"relative gradient", 6},
                                                                {"step", 7},
                                                                {"forward solves", 8},
                                                                {"adjoint solves", 9},
                                                                {"incremental solves", 10},
                                                                {"solver iterations", 11},
                                                                {"operator applications", 12},
                                                                {"Hessian actions", 13},
                                                                {"failed evaluations", 14},
                                                                {"time [s]", 15},
                                                                {"memory [byte]", 16}};
  const auto names = Inversion::history_columns();
  const auto row = Inversion::history_row(iterate);
  ASSERT_EQ(row.size(), names.size());
  for (const auto &[name, value] : expected)
  {
    const auto column = std::find(names.begin(), names.end(), name);
    ASSERT_NE(column, names.end()) << name;
    EXPECT_EQ(row[column - names.begin()], value) << name;
  }
}
