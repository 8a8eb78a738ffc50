#include <lodestone/prior/cell_squares.h>
#include <lodestone/prior/precision.h>

#include <deal.II/base/mpi.h>
#include <deal.II/lac/full_matrix.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unit/prior/small_problem.h>

using namespace lodestone;

namespace
{

using List = std::shared_ptr<const Squares>;
using dealii::types::global_dof_index;

/// The left part of the model is held.
template <int dim>
const Region<dim> left_part = [](const dealii::Point<dim> &p) { return p[0] < 1.9; };

/// A mesh with hanging nodes and held cells, two unknown fields, and squares with a weight of their own for every
/// purpose. Its odd numbers of cells make a coarsest mesh of many cells, whose order differs from rank to rank.
template <int dim>
struct TwoFields
{
  SmallProblem<dim> problem;
  List squares;

  explicit TwoFields(const unsigned int coarsening = 0, const MPI_Comm comm = MPI_COMM_WORLD)
      : problem(refined_box<dim>(dim == 2 ? std::vector<unsigned int>{7, 5} : std::vector<unsigned int>{3, 5, 2}),
                smooth(1, 1, 1), {"a", "b"}, coarsening, left_part<dim>, comm),
        squares(make_cell_squares(*problem.cells, problem.layout, {{1.5, 0.3, 0.7}, {0.4, 2.5, 0.1}}))
  {
  }
};

/// m with the unknowns of all squares as ghosts.
DistributedVector ghosted(const Squares &squares, const ParameterVector &m)
{
  DistributedVector result(partitioner_of(squares, *m.layout().partitioner));
  result.copy_locally_owned_data_from(m.values());
  result.update_ghost_values();
  return result;
}

/// 1/2 sum_t w_t (a_t m - c_t)^2, one square after the other.
double sum_of_squares(const Squares &squares, const ParameterVector &m)
{
  const DistributedVector values = ghosted(squares, m);
  double sum = 0;
  squares.for_each([&](const Square &square) {
    double r = -square.target;
    for (const auto &term : square.terms)
      r += term.coefficient * values(term.unknown);
    sum += 0.5 * square.weight * r * r;
  });
  return dealii::Utilities::MPI::sum(sum, values.get_mpi_communicator());
}

/// sum_t w_t a_t (a_t m - c_t), one square after the other.
DistributedVector gradient_of_squares(const Squares &squares, const ParameterVector &m)
{
  const DistributedVector values = ghosted(squares, m);
  DistributedVector g(values.get_partitioner());
  squares.for_each([&](const Square &square) {
    double r = -square.target;
    for (const auto &term : square.terms)
      r += term.coefficient * values(term.unknown);
    for (const auto &term : square.terms)
      g(term.unknown) += square.weight * r * term.coefficient;
  });
  g.compress(dealii::VectorOperation::add);
  return g;
}

/// |a - b| / |b|, over the owned entries of vectors whose ghosts may differ.
double difference(const DistributedVector &a, const DistributedVector &b)
{
  DistributedVector d(b.get_partitioner()), size(b.get_partitioner());
  d.copy_locally_owned_data_from(a);
  size.copy_locally_owned_data_from(b);
  d -= size;
  return d.l2_norm() / size.l2_norm();
}

void expect_prior_of_squares(const GaussianPrior &prior, const List &squares, const ParameterVector &m)
{
  const double value = sum_of_squares(*squares, m);
  EXPECT_NEAR(prior.value(m), value, 1e-12 * value);
  ParameterVector g(m.shared_layout());
  prior.add_gradient(m, g);
  EXPECT_LT(difference(g.values(), gradient_of_squares(*squares, m)), 1e-11);
}

/// R_1 as a full matrix, added up square after square; on one rank.
dealii::FullMatrix<double> full_precision(const Squares &squares, const unsigned int n)
{
  dealii::FullMatrix<double> R(n, n);
  squares.for_each([&](const Square &square) {
    for (const auto &i : square.terms)
      for (const auto &j : square.terms)
        R(i.unknown, j.unknown) += square.weight * i.coefficient * j.coefficient;
  });
  return R;
}

} // namespace

TEST(SquaresParallel, AddUpToThePrior)
{
  const auto check = [](const auto &two) {
    const GaussianPrior prior(two.problem.layout, two.squares);
    const ParameterVector m = pseudo_random(two.problem.layout, 1.7), v = pseudo_random(two.problem.layout, 0.4);
    expect_prior_of_squares(prior, two.squares, m);
    ParameterVector Rv(two.problem.layout);
    prior.add_hessian(m, v, Rv);
    EXPECT_LT(difference(Rv.values(), gradient_of_squares(*two.squares, v)), 1e-13);
  };
  check(TwoFields<2>());
  check(TwoFields<2>(1));
  check(TwoFields<3>());
}

// By hand: cells of 1 x 1/3, of which the left two columns of four are held. Faces with the normal along x have A/d =
// 1/3 and are horizontal, those along z have A/d = 3 and are vertical.
TEST(SquaresParallel, SayWhatTheyStandFor)
{
  const SmallProblem<2> problem(box<2>({4, 3}), smooth(1, 1, 1), {"a", "b"}, 0, left_part<2>);
  const List squares = make_cell_squares(*problem.cells, problem.layout, {{1.5, 0.3, 0.7}, {0.4, 2.5, 0.1}});
  std::map<std::string, unsigned int> n;
  squares->for_each([&](const Square &square) {
    const bool first = square.field == 0;
    EXPECT_EQ(square.target, 0);
    for (const auto &term : square.terms)
      EXPECT_EQ(term.unknown % 2, square.field);
    if (square.kind == Square::Kind::mass)
    {
      ++n[first ? "mass a" : "mass b"];
      EXPECT_NEAR(square.weight, (first ? 1.5 : 0.4) / 3, 1e-14);
      ASSERT_EQ(square.terms.size(), 1u);
      EXPECT_EQ(square.terms[0].coefficient, 1);
      return;
    }
    ASSERT_EQ(square.kind, Square::Kind::face);
    ASSERT_LE(square.terms.size(), 2u);
    const bool vertical = square.vertical_share > 0.5, held = square.terms.size() == 1;
    EXPECT_NEAR(square.vertical_share, vertical ? 1 : 0, 1e-14);
    EXPECT_NEAR(square.weight, vertical ? 3 * (first ? 0.7 : 0.1) : (first ? 0.3 : 2.5) / 3, 1e-14);
    EXPECT_NEAR(std::abs(square.terms[0].coefficient), 1, 1e-14);
    if (!held)
    {
      EXPECT_NEAR(square.terms[0].coefficient + square.terms[1].coefficient, 0, 1e-14);
    }
    ++n[std::string(vertical ? "z " : held ? "held " : "x ") + (first ? "a" : "b")];
  });
  for (const auto &[name, expected] : std::map<std::string, unsigned int>{
           {"mass a", 6}, {"mass b", 6}, {"z a", 4}, {"z b", 4}, {"x a", 3}, {"x b", 3}, {"held a", 3}, {"held b", 3}})
    EXPECT_EQ(dealii::Utilities::MPI::sum(n[name], MPI_COMM_WORLD), expected) << name;
}

// Across a face with refined cells on the other side the mean of these counts, so the coefficients are 1 and halves or
// quarters.
TEST(SquaresParallel, RefinedSideCountsWithItsMean)
{
  const SmallProblem<3> problem(refined_box<3>({4, 4, 2}), smooth(1, 1, 1));
  const List squares = make_cell_squares(*problem.cells, problem.layout, {{0, 1, 1}});
  unsigned int n_hanging = 0;
  squares->for_each([&](const Square &square) {
    double sum = 0;
    for (const auto &term : square.terms)
      sum += term.coefficient;
    if (square.kind != Square::Kind::face)
      return;
    EXPECT_NEAR(sum, 0, 1e-14);
    if (square.terms.size() == 2)
      return;
    ++n_hanging;
    ASSERT_EQ(square.terms.size(), 5u);
    for (unsigned int i = 0; i < 5; ++i)
      EXPECT_NEAR(square.terms[i].coefficient, i == 0 ? 1 : -0.25, 1e-14);
  });
  EXPECT_GT(dealii::Utilities::MPI::sum(n_hanging, MPI_COMM_WORLD), 10u);
}

namespace
{

/// Number of every square, with what it makes of a wave: its weight and its signed value.
template <int dim>
std::map<std::uint64_t, std::pair<double, double>> by_number(const TwoFields<dim> &two)
{
  ParameterVector wave = two.problem.field([](const auto &p) { return std::sin(3 * p[0]) + p[dim - 1]; }, 0);
  wave.values().add(1, two.problem.field([](const auto &p) { return std::cos(2 * p[0] - p[dim - 1]); }, 1).values());
  const DistributedVector values = ghosted(*two.squares, wave);
  std::vector<std::uint64_t> numbers;
  std::vector<double> weights, residuals;
  two.squares->for_each([&](const Square &square) {
    numbers.push_back(square.number);
    weights.push_back(square.weight);
    residuals.push_back(residual(square, values));
  });
  const MPI_Comm comm = two.problem.mesh->communicator();
  const auto all_numbers = dealii::Utilities::MPI::all_gather(comm, numbers);
  const auto all_weights = dealii::Utilities::MPI::all_gather(comm, weights);
  const auto all_residuals = dealii::Utilities::MPI::all_gather(comm, residuals);
  std::map<std::uint64_t, std::pair<double, double>> result;
  std::size_t n = 0;
  for (std::size_t r = 0; r < all_numbers.size(); ++r)
    for (std::size_t t = 0; t < all_numbers[r].size(); ++t, ++n)
      result[all_numbers[r][t]] = {all_weights[r][t], all_residuals[r][t]};
  EXPECT_EQ(result.size(), n) << "squares share a number";
  return result;
}

template <int dim>
void expect_same_on_one_rank(const unsigned int coarsening)
{
  const auto here = by_number(TwoFields<dim>(coarsening)), alone = by_number(TwoFields<dim>(coarsening, MPI_COMM_SELF));
  ASSERT_EQ(here.size(), alone.size());
  for (const auto &[number, square] : alone)
  {
    ASSERT_EQ(here.count(number), 1u);
    EXPECT_NEAR(here.at(number).first, square.first, 1e-12 * square.first);
    EXPECT_NEAR(here.at(number).second, square.second, 1e-12);
  }
}

} // namespace

// The same squares have the same numbers and signs however the mesh is distributed.
TEST(SquaresParallel, NumbersDoNotDependOnRanks)
{
  expect_same_on_one_rank<2>(0);
  expect_same_on_one_rank<2>(1);
  expect_same_on_one_rank<3>(0);
}

// The squares of two lists make the sum of their priors, also when these are about different fields.
TEST(SquaresParallel, JoinedListsAreTheSumOfPriors)
{
  const TwoFields<2> two;
  const auto &layout = two.problem.layout;
  const List first = std::make_shared<SquaresAbout>(two.squares, pseudo_random(layout, 0.9)),
             other = make_cell_squares(*two.problem.cells, layout, {{0.2, 0, 5}, {3, 1, 1}}),
             second = std::make_shared<SquaresAbout>(other, pseudo_random(layout, 2.2)),
             joined = std::make_shared<JoinedSquares>(std::vector<List>{first, second});
  const GaussianPrior of_first(layout, first), of_second(layout, second), of_both(layout, joined);
  for (const double frequency : {0.9, 1.7})
  {
    const ParameterVector m = pseudo_random(layout, frequency), v = pseudo_random(layout, 3.1);
    expect_prior_of_squares(of_both, joined, m);
    const double value = of_first.value(m) + of_second.value(m);
    EXPECT_NEAR(of_both.value(m), value, 1e-12 * value);
    ParameterVector sum(layout), g(layout), Rv(layout), sum_Rv(layout);
    of_first.add_gradient(m, sum);
    of_second.add_gradient(m, sum);
    of_both.add_gradient(m, g);
    EXPECT_LT(difference(g.values(), sum.values()), 1e-11);
    of_first.add_hessian(m, v, sum_Rv);
    of_second.add_hessian(m, v, sum_Rv);
    of_both.add_hessian(m, v, Rv);
    EXPECT_LT(difference(Rv.values(), sum_Rv.values()), 1e-13);
  }
  EXPECT_GT(of_both.value(of_both.mean()), 0.1) << "the two are about different fields";
  ParameterVector at_mean(layout);
  of_both.add_gradient(of_both.mean(), at_mean);
  EXPECT_EQ(at_mean.values().linfty_norm(), 0);
  EXPECT_NEAR(of_both.value(of_both.mean()), sum_of_squares(*joined, of_both.mean()), 1e-12);
}

// A list that has targets already is moved on by its reference.
TEST(SquaresParallel, ReferencesAddUp)
{
  const TwoFields<2> two;
  const ParameterVector first = pseudo_random(two.problem.layout, 0.9), second = pseudo_random(two.problem.layout, 2.2);
  const List squares = std::make_shared<SquaresAbout>(std::make_shared<SquaresAbout>(two.squares, first), second);
  const GaussianPrior prior(two.problem.layout, squares);
  ParameterVector expected = first;
  expected.values().add(1, second.values());
  EXPECT_LT(difference(prior.mean().values(), expected.values()), 1e-11);
  EXPECT_LT(prior.value(prior.mean()), 1e-20);
}

// The same list twice: all numbers differ, or samples would be too wide.
TEST(SquaresParallel, JoinedSquaresHaveNumbersOfTheirOwn)
{
  const TwoFields<2> two;
  const JoinedSquares twice({two.squares, two.squares});
  std::set<std::uint64_t> numbers;
  std::size_t n = 0;
  twice.for_each([&](const Square &square) {
    numbers.insert(square.number);
    ++n;
  });
  EXPECT_EQ(numbers.size(), n);
}

// Two halves with no face kept between them: a step there costs nothing, and what one half does the other does not
// feel.
TEST(SquaresParallel, FacesAreLeftOutAtAFault)
{
  const SmallProblem<2> problem(refined_box<2>({8, 4}), smooth(1, 1, 1));
  const auto at_fault = [](const auto &cell, const unsigned int f) {
    return std::abs(cell->face(f)->center()[0] - 2) < 1e-10;
  };
  const List whole = make_cell_squares(*problem.cells, problem.layout, {{1e-3, 1, 1}}),
             cut = make_cell_squares<2>(*problem.cells, problem.layout, {{1e-3, 1, 1}},
                                        [&](const auto &cell, const unsigned int f) { return at_fault(cell, f); });
  const ParameterVector step = problem.field([](const auto &p) { return p[0] < 2 ? 0 : 1; });
  const double of_mass = 0.5e-3 * 2;
  const GaussianPrior of_whole(problem.layout, whole), of_cut(problem.layout, cut);
  EXPECT_GT(of_whole.value(step), 1);
  EXPECT_NEAR(of_cut.value(step), of_mass, 1e-12);
  // All other faces are there.
  const ParameterVector slope = problem.field([](const auto &p) { return p[1]; });
  EXPECT_NEAR(of_cut.value(slope), of_whole.value(slope), 1e-12 * of_whole.value(slope));
  ParameterVector right(problem.layout);
  ASSERT_TRUE(of_cut.apply_inverse(step, right).converged);
  for (const auto &cell : problem.mesh->triangulation().active_cell_iterators())
    if (cell->is_locally_owned() && cell->center()[0] < 2)
    {
      EXPECT_NEAR(right.values()(problem.cells->index(cell)), 0, 1e-9);
    }
}

namespace
{

void expect_factor(const SmallProblem<2> &problem, const double factor)
{
  const ParameterVector m = pseudo_random(problem.layout, 1.7), v = pseudo_random(problem.layout, 0.4);
  ParameterVector g(problem.layout), Rv(problem.layout), inverse(problem.layout), near(problem.layout),
      sample(problem.layout);
  Prior &prior = *problem.prior;
  prior.set_factor(1);
  const double value = prior.value(m);
  const auto evaluate = [&] {
    g.values() = Rv.values() = 0;
    prior.add_gradient(m, g);
    prior.add_hessian(m, v, Rv);
    EXPECT_TRUE(prior.apply_inverse(v, inverse).converged);
    prior.precondition(v, near);
    EXPECT_TRUE(prior.sample(4, sample).converged);
  };
  evaluate();
  const std::vector<DistributedVector> before = {g.values(), Rv.values(), inverse.values(), near.values(),
                                                 sample.values()};
  prior.set_factor(factor);
  EXPECT_EQ(prior.factor(), factor);
  EXPECT_NEAR(prior.value(m), factor * value, 1e-13 * factor * value);
  evaluate();
  const DistributedVector *after[] = {&g.values(), &Rv.values(), &inverse.values(), &near.values(), &sample.values()};
  const double expected[] = {factor, factor, 1 / factor, 1 / factor, 1 / std::sqrt(factor)};
  for (unsigned int k = 0; k < 5; ++k)
  {
    DistributedVector scaled = before[k];
    scaled *= expected[k];
    EXPECT_LT(difference(*after[k], scaled), 1e-12) << k;
  }
  prior.set_factor(1);
  EXPECT_EQ(prior.value(m), value);
}

} // namespace

// The factor multiplies J, its derivatives and R; the inverse, by factorisation or iteration, and samples follow.
TEST(SquaresParallel, FactorScalesTheWholePrior)
{
  expect_factor(SmallProblem<2>(refined_box<2>({8, 4}), smooth(0.5, 0.6, 0.3)), 7.5);
  expect_factor(SmallProblem<2>(box<2>({128, 96}), smooth(0.5, 0.6, 0.3)), 1e-3);
  // The entry `Weight` is this factor.
  auto weighted = smooth(0.5, 0.6, 0.3);
  weighted.weight = "3";
  const SmallProblem<2> one(refined_box<2>({8, 4}), smooth(0.5, 0.6, 0.3)), three(refined_box<2>({8, 4}), weighted);
  EXPECT_EQ(three.prior->factor(), 3);
  const double value = one.prior->value(one.field(wave2));
  EXPECT_NEAR(three.prior->value(three.field(wave2)), 3 * value, 1e-12 * value);
  EXPECT_ANY_THROW(three.prior->set_factor(0));
  EXPECT_ANY_THROW(three.prior->set_factor(std::nan("")));
}

// The mean and R_1^-1 A^T xi by dense algebra, for one xi.
TEST(Squares, SampleIsTheInverseOfWeightedNoise)
{
  const TwoFields<2> two;
  const unsigned int n = two.problem.layout->size();
  const ParameterVector reference = pseudo_random(two.problem.layout, 0.9);
  const List squares = std::make_shared<SquaresAbout>(two.squares, reference);
  GaussianPrior prior(two.problem.layout, squares);
  prior.set_factor(4);
  dealii::FullMatrix<double> inverse(n, n);
  inverse.invert(full_precision(*squares, n));
  dealii::Vector<double> b(n), expected(n);
  squares->for_each([&](const Square &square) {
    for (const auto &term : square.terms)
      b(term.unknown) += std::sqrt(square.weight) * standard_normal(11, square.number) * term.coefficient;
  });
  inverse.vmult(expected, b);
  ParameterVector sample(two.problem.layout), other(two.problem.layout);
  ASSERT_TRUE(prior.sample(11, sample).converged);
  for (unsigned int i = 0; i < n; ++i)
    EXPECT_NEAR(sample.values()(i), reference.values()(i) + expected(i) / 2, 1e-11);
  ASSERT_TRUE(prior.sample(12, other).converged);
  EXPECT_GT(difference(other.values(), sample.values()), 0.1);
}

// Mean and covariance of many samples, within five of their own standard deviations. The list has every square twice,
// so that noise shared by both would show.
TEST(Squares, SamplesHaveTheCovarianceOfThePrior)
{
  const SmallProblem<2> problem(
      [] {
        auto mesh = box<2>({2, 2});
        mesh.surface_refinements = 1;
        return mesh;
      }(),
      smooth(1, 1, 1));
  const unsigned int n = problem.layout->size(), n_samples = 2500;
  ASSERT_EQ(n, 10u); // the upper two cells are refined
  const List once = make_cell_squares(*problem.cells, problem.layout, {{1, 0.5, 0.1}}),
             twice = std::make_shared<JoinedSquares>(std::vector<List>{once, once});
  const GaussianPrior prior(problem.layout, twice);
  dealii::FullMatrix<double> covariance(n, n), sampled(n, n);
  covariance.invert(full_precision(*twice, n));
  dealii::Vector<double> mean(n);
  ParameterVector sample(problem.layout);
  for (unsigned int k = 0; k < n_samples; ++k)
  {
    ASSERT_TRUE(prior.sample(k, sample).converged);
    for (unsigned int i = 0; i < n; ++i)
    {
      mean(i) += sample.values()(i) / n_samples;
      for (unsigned int j = 0; j < n; ++j)
        sampled(i, j) += sample.values()(i) * sample.values()(j) / n_samples;
    }
  }
  for (unsigned int i = 0; i < n; ++i)
  {
    EXPECT_NEAR(mean(i), 0, 5 * std::sqrt(covariance(i, i) / n_samples));
    for (unsigned int j = 0; j < n; ++j)
    {
      const double variance = covariance(i, i) * covariance(j, j) + covariance(i, j) * covariance(i, j);
      EXPECT_NEAR(sampled(i, j), covariance(i, j), 5 * std::sqrt(variance / n_samples));
    }
  }
}

// Integrals of a sample against waves, on a mesh of all ranks and on one of each rank's own.
TEST(SquaresParallel, SamplesDoNotDependOnRanks)
{
  const auto integrals = [](const auto &two) {
    const GaussianPrior prior(two.problem.layout, two.squares);
    ParameterVector sample(two.problem.layout);
    EXPECT_TRUE(prior.sample(3, sample).converged);
    std::vector<double> result = {sample.values().l2_norm(), sample.values().linfty_norm()};
    for (const double frequency : {0.5, 2., 7.})
      for (const unsigned int k : {0u, 1u})
        result.push_back(
            sample.values() *
            two.problem.field([=](const auto &p) { return std::cos(frequency * p[0] + p[1]); }, k).values());
    return result;
  };
  const auto compare = [](const std::vector<double> &here, const std::vector<double> &alone) {
    for (std::size_t k = 0; k < here.size(); ++k)
      EXPECT_NEAR(here[k], alone[k], 1e-10 * alone[0]);
  };
  compare(integrals(TwoFields<2>()), integrals(TwoFields<2>(0, MPI_COMM_SELF)));
  compare(integrals(TwoFields<2>(1)), integrals(TwoFields<2>(1, MPI_COMM_SELF)));
  compare(integrals(TwoFields<3>()), integrals(TwoFields<3>(0, MPI_COMM_SELF)));
}

// Moments of the standard normal distribution, within five standard deviations, and no correlation of neighbours.
TEST(Squares, NoiseIsStandardNormal)
{
  const unsigned int n = 100000;
  double sum = 0, squares = 0, fourth = 0, of_numbers = 0, of_seeds = 0;
  for (unsigned int i = 0; i < n; ++i)
  {
    const double x = standard_normal(1, i);
    ASSERT_TRUE(std::isfinite(x));
    sum += x / n;
    squares += x * x / n;
    fourth += x * x * x * x / n;
    of_numbers += x * standard_normal(1, i + 1) / n;
    of_seeds += x * standard_normal(2, i) / n;
  }
  const double deviation = 1 / std::sqrt(n);
  EXPECT_NEAR(sum, 0, 5 * deviation);
  EXPECT_NEAR(squares, 1, 5 * std::sqrt(2) * deviation);
  EXPECT_NEAR(fourth, 3, 5 * std::sqrt(96) * deviation);
  EXPECT_NEAR(of_numbers, 0, 5 * deviation);
  EXPECT_NEAR(of_seeds, 0, 5 * deviation);
}

namespace
{

/// 1/2 (m_i + m_j + ... )^2 over every third unknown, and 1/2 m_i^2: each rank has some, whoever owns the unknowns.
class FarApart : public Squares
{
public:
  FarApart(const unsigned int n, const MPI_Comm comm)
      : n_(n), rank_(dealii::Utilities::MPI::this_mpi_process(comm)),
        n_ranks_(dealii::Utilities::MPI::n_mpi_processes(comm))
  {
  }
  void for_each(const Visit &visit) const override
  {
    for (unsigned int i = 0; i < n_; ++i)
    {
      if ((i * 7 + 3) % n_ranks_ != rank_)
        continue;
      Square square;
      square.weight = 1 + i;
      square.terms = {{i, 2}};
      visit(square);
      square.terms.clear();
      for (unsigned int j = i % 3; j < n_; j += 3)
        square.add(j, 1 + 0.1 * j);
      visit(square);
    }
  }

private:
  unsigned int n_, rank_, n_ranks_;
};

} // namespace

// A square's unknowns may be anywhere and any number of them.
TEST(SquaresParallel, UnknownsOfOtherRanks)
{
  const SmallProblem<2> problem(box<2>({8, 4}), smooth(1, 1, 1));
  const List squares = std::make_shared<FarApart>(problem.layout->size(), MPI_COMM_WORLD);
  const GaussianPrior prior(problem.layout, squares);
  const ParameterVector m = pseudo_random(problem.layout, 1.7);
  expect_prior_of_squares(prior, squares, m);
  ParameterVector Rm(problem.layout), back(problem.layout);
  prior.add_hessian(m, m, Rm);
  ASSERT_TRUE(prior.apply_inverse(Rm, back).converged);
  EXPECT_LT(difference(back.values(), m.values()), 1e-11);
}

// Unknowns that belong to no cell are independent with unit variance.
TEST(SquaresParallel, GlobalUnknowns)
{
  auto layout = std::make_shared<ParameterLayout>();
  layout->globals = {"depth", "dip", "strike"};
  const unsigned int rank = dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD),
                     n_ranks = dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD);
  dealii::IndexSet owned(3);
  if (rank + 1 == n_ranks)
    owned.add_range(0, 3);
  layout->partitioner = std::make_shared<const dealii::Utilities::MPI::Partitioner>(owned, MPI_COMM_WORLD);
  const GaussianPrior prior(layout, std::make_shared<GlobalSquares>(layout));
  ParameterVector m(layout), x(layout);
  for (const auto i : m.values().locally_owned_elements())
    m.values()(i) = 1 + i;
  EXPECT_NEAR(prior.value(m), 0.5 * (1 + 4 + 9), 1e-14);
  ASSERT_TRUE(prior.apply_inverse(m, x).converged);
  EXPECT_LT(difference(x.values(), m.values()), 1e-14);
  ASSERT_TRUE(prior.sample(5, x).converged);
  for (const auto i : x.values().locally_owned_elements())
    EXPECT_NEAR(x.values()(i), standard_normal(5, i), 1e-14);
}

namespace
{

/// sum_t w_t sqrt((a_t m)^2 + e^2): edges are kept. R has the weights w_t/sqrt((a_t m)^2 + e^2), so that its product
/// with m is the gradient.
class TotalVariation : public Prior
{
public:
  TotalVariation(std::shared_ptr<const ParameterLayout> layout, List squares)
      : layout_(std::move(layout)), squares_(std::move(squares))
  {
    linearize_at(ParameterVector(layout_));
  }
  void linearize_at(const ParameterVector &m) override
  {
    precision_ = std::make_unique<Precision>(*layout_->partitioner, Reweighted(*squares_, ghosted(*squares_, m)));
  }
  double value(const ParameterVector &m) const override
  {
    const DistributedVector values = ghosted(*squares_, m);
    double sum = 0;
    squares_->for_each([&](const Square &square) { sum += square.weight * root(square, values); });
    return factor() * dealii::Utilities::MPI::sum(sum, values.get_mpi_communicator());
  }
  void add_gradient(const ParameterVector &m, ParameterVector &g) const override
  {
    DistributedVector out(layout_->partitioner);
    Precision(*layout_->partitioner, Reweighted(*squares_, ghosted(*squares_, m))).apply(m.values(), out);
    g.values().add(factor(), out);
  }
  void add_precision(const ParameterVector &, ParameterVector &) const override {}
  SolveReport apply_inverse(const ParameterVector &dual, ParameterVector &out) const override
  {
    const SolveReport report = precision_->solve(dual.values(), out.values());
    out.values() /= factor();
    return report;
  }
  void precondition(const ParameterVector &, ParameterVector &) const override {}
  SolveReport sample(std::uint64_t, ParameterVector &) const override { return {}; }
  void add_noise(std::uint64_t, ParameterVector &) const override {}
  std::shared_ptr<const Squares> squares() const override { return squares_; }

private:
  static double root(const Square &square, const DistributedVector &m) { return std::hypot(residual(square, m), 0.1); }

  struct Reweighted : public Squares
  {
    const Squares &squares;
    DistributedVector m;

    Reweighted(const Squares &list, DistributedVector point) : squares(list), m(std::move(point)) {}
    void for_each(const Visit &visit) const override
    {
      squares.for_each([&](Square square) {
        square.weight /= root(square, m);
        visit(square);
      });
    }
  };

  std::shared_ptr<const ParameterLayout> layout_;
  List squares_;
  std::unique_ptr<Precision> precision_;
};

} // namespace

// A kind that is not quadratic fits the interface: renewed at m, its R takes m to the gradient there.
TEST(SquaresParallel, WeightsMayBeRenewed)
{
  const TwoFields<2> two;
  TotalVariation prior(two.problem.layout, two.squares);
  prior.set_factor(3);
  const ParameterVector m = pseudo_random(two.problem.layout, 1.7), v = pseudo_random(two.problem.layout, 0.4);
  ParameterVector g(two.problem.layout), back(two.problem.layout), forward = m, backward = m;
  prior.add_gradient(m, g);
  forward.values().add(1e-5, v.values());
  backward.values().add(-1e-5, v.values());
  const double slope = g.values() * v.values();
  EXPECT_NEAR((prior.value(forward) - prior.value(backward)) / 2e-5, slope, 1e-6 * g.values().l2_norm());
  ASSERT_TRUE(prior.apply_inverse(g, back).converged);
  EXPECT_GT(difference(back.values(), m.values()), 0.1);
  prior.linearize_at(m);
  ASSERT_TRUE(prior.apply_inverse(g, back).converged);
  EXPECT_LT(difference(back.values(), m.values()), 1e-10);
}
