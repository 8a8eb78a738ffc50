#include <lodestone/inversion/run_cost.h>

#include <gtest/gtest.h>

namespace
{

using namespace lodestone;

// Counts that logs of the decks under inputs/ say (values of the objective, Hessian actions), by hand.
struct Seen
{
  const char *deck;
  WeightChoice weight;
  double gradients, hessian_actions, n_unknowns;
  bool is_quadratic = true;
};
const Seen seen[] = {{"quickstart", WeightChoice::discrepancy, 13, 331, 6912},
                     {"checkerboard", WeightChoice::discrepancy, 17, 339, 5184},
                     {"fault", WeightChoice::discrepancy, 15, 60, 1920},
                     {"two_fields", WeightChoice::discrepancy, 11, 55, 3840},
                     {"edges", WeightChoice::discrepancy, 29, 193, 1920, false},
                     {"edges with Weight = 10", WeightChoice::given, 89, 705, 1920, false},
                     {"noise", WeightChoice::given, 9, 112, 2048},
                     {"zones_and_cells", WeightChoice::given, 10, 30, 4144},
                     {"million_cells", WeightChoice::given, 8, 79, 1048576}};

WorkSettings settings(const char *method = "bnls")
{
  WorkSettings settings;
  settings.inversion.optimizer.method = method;
  settings.n_unknowns = 1000;
  return settings;
}

TEST(RunCost, CountsOfDecksAreInTheRange)
{
  for (const Seen &deck : seen)
  {
    WorkSettings of_deck = settings();
    of_deck.weight = deck.weight;
    of_deck.is_quadratic = deck.is_quadratic;
    of_deck.n_unknowns = deck.n_unknowns;
    const ExpectedWork work(of_deck);
    EXPECT_LE(work.least.gradients, deck.gradients) << deck.deck;
    EXPECT_GE(work.most.gradients, deck.gradients) << deck.deck;
    EXPECT_LE(work.least.hessian_actions, deck.hessian_actions) << deck.deck;
    EXPECT_GE(work.most.hessian_actions, deck.hessian_actions) << deck.deck;
    EXPECT_GE(work.limit.gradients, work.most.gradients) << deck.deck;
    EXPECT_GE(work.limit.hessian_actions, work.most.hessian_actions) << deck.deck;
  }
}

TEST(RunCost, MaximumIterationsIsTheUpperEnd)
{
  WorkSettings few = settings();
  few.inversion.optimizer.maximum_iterations = 3;
  ExpectedWork work(few);
  EXPECT_EQ(work.least.gradients, 4); // and the start
  EXPECT_EQ(work.most.gradients, 4);
  EXPECT_EQ(work.limit.gradients, 4);
  EXPECT_NEAR(work.least.hessian_actions, 30 * 4. / 8, 1e-12);
  few.inversion.optimizer.maximum_iterations = 0;
  work = ExpectedWork(few);
  EXPECT_EQ(work.most.gradients, 1);
  EXPECT_EQ(work.most.hessian_actions, 0);
}

TEST(RunCost, AStepTakesNoMoreActionsThanThereAreUnknowns)
{
  WorkSettings zones = settings();
  zones.n_unknowns = 2;
  const ExpectedWork work(zones);
  EXPECT_EQ(work.most.hessian_actions, 2 * (work.most.gradients - 1));
  zones.n_unknowns = 0; // strengths and nuisance terms alone: one evaluation
  EXPECT_EQ(ExpectedWork(zones).limit.gradients, 1);
  EXPECT_EQ(ExpectedWork(zones).limit.hessian_actions, 0);
}

TEST(RunCost, OtherMethodsTakeGradientsAlone)
{
  WorkSettings lmvm = settings("lmvm");
  lmvm.inversion.optimizer.maximum_iterations = 1000;
  const ExpectedWork given(lmvm);
  EXPECT_EQ(given.limit.gradients, 1001);
  EXPECT_EQ(given.limit.hessian_actions, 0);
  EXPECT_LE(given.least.gradients, 84); // the tables of doc/performance.md: 84 to 260
  EXPECT_GE(given.most.gradients, 260);
  lmvm.weight = WeightChoice::discrepancy;
  EXPECT_EQ(ExpectedWork(lmvm).most.gradients, 2 * given.most.gradients);
}

TEST(RunCost, SecondsAddUp)
{
  const WorkSeconds seconds{10, 2, 1, 0.5, 100};
  EXPECT_DOUBLE_EQ(seconds.of({4, 7}), 10 + 4 * (2 + 0.5) + 7 * 1 + 100);
}

// By hand: 25 vectors of 8 bytes; 40 + 40 pairs of 8; 40 steps of 32; 50 gradients of 8.
TEST(RunCost, MemoryOfMethods)
{
  const auto per_unknown = [](const char *method) {
    return memory_of_method(settings(method).inversion.optimizer, 1e6) / 1e6;
  };
  EXPECT_DOUBLE_EQ(per_unknown("bntr"), 200);
  EXPECT_DOUBLE_EQ(per_unknown("bnls"), 200 + 640);
  EXPECT_DOUBLE_EQ(per_unknown("newton-cg"), per_unknown("bnls"));
  EXPECT_DOUBLE_EQ(per_unknown("lmvm"), 200 + 1280);
  EXPECT_DOUBLE_EQ(per_unknown("cg"), 200 + 400);
  EXPECT_DOUBLE_EQ(checkpoint_of_method(settings("lmvm").inversion.optimizer, 1e6) / 1e6, 32 + 640);
  EXPECT_DOUBLE_EQ(checkpoint_of_method(settings("bnls").inversion.optimizer, 1e6) / 1e6, 32 + 320);
}

} // namespace
