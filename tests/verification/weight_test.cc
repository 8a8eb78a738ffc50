// The weight of the prior, chosen by the data, on a small twin: 8 x 8 x 4 cells, a soft ball, 64 stations, noise of a
// known sigma. Expected: chi^2/N at its target to 1 %, the same weight on any number of ranks and when the search was
// interrupted on the way, and a plain statement where the target cannot be reached.
#include <lodestone/inversion/weight_search.h>

#include "problem_from_text.h"
#include "surface_points.h"

using namespace lodestone;
using namespace lodestone::testing;

namespace
{

template <int dim>
class Twin
{
public:
  Twin()
  {
    std::vector<std::array<double, 2>> points;
    for (unsigned int i = 0; i < 8; ++i)
      for (unsigned int j = 0; j < (dim == 3 ? 8 : 1); ++j)
        points.push_back({{0.08 + 0.12 * i, 0.06 + 0.125 * j}});
    scratch.write("places.csv", csv(points, std::vector<double>(dim * points.size(), 0.)));
    auto truth = model({}, {}, "places.csv");
    truth->evaluate(truth->unknowns([](const dealii::Point<dim> &p) { return p.distance(middle()) < 0.2 ? -1. : 0.; }));
    DataVector data = (*truth)->predict(0);
    const DataVector noise = gaussian_noise((*truth)->data_sets(0), 7);
    for (std::size_t i = 0; i < data.size(); ++i)
      data[i] += noise[i];
    scratch.write("stations.csv", csv(points, data));
    data[10] += 1e-3; // 500 sigma
    scratch.write("one_is_wrong.csv", csv(points, data));
  }

  static std::string csv(const std::vector<std::array<double, 2>> &points, const std::vector<double> &values)
  {
    if (dim == 3)
      return station_csv(points, values);
    std::string text = "x,east,up\n";
    for (std::size_t i = 0; i < points.size(); ++i)
      text += number(points[i][0]) + "," + number(values[2 * i]) + "," + number(values[2 * i + 1]) + "\n";
    return text;
  }

  static dealii::Point<dim> middle()
  {
    dealii::Point<dim> p;
    for (unsigned int d = 0; d < dim; ++d)
      p[d] = d + 1 == dim ? 0.3 : 0.45;
    return p;
  }

  std::unique_ptr<TextProblem<dim>> model(const Entries &prior, const Entries &optimizer = {},
                                          const std::string &stations = "stations.csv", const Entries &material = {},
                                          const std::string &misfit = "Gaussian") const
  {
    const bool is_3d = dim == 3;
    Entries all_prior = {"Type = H1", "Standard deviation = 1", "Horizontal correlation length = 0.2"},
            all_optimizer = optimizer, all_material = {"Young modulus = 1 GPa", "Poisson ratio = 0.25"};
    all_prior.insert(all_prior.end(), prior.begin(), prior.end());
    all_material.insert(all_material.end(), material.begin(), material.end());
    const std::string text =
        "set Dimension = " + std::to_string(dim) + "\n" +
        section("Mesh", {is_3d ? "Lower corner = 0, 0, 0" : "Lower corner = 0, 0",
                         is_3d ? "Upper corner = 1, 1, 0.5" : "Upper corner = 1, 0.5",
                         is_3d ? "Cells = 8, 8, 4" : "Cells = 8, 4", "Estimate error = no"}) +
        section("Material", all_material) +
        section("Boundary conditions",
                {"Fixed = bottom", is_3d ? "Rollers = west, east, south, north" : "Rollers = west, east"}) +
        section("Load cases", {"Names = load"},
                load_case(
                    "load",
                    {{"weight", {"Type = pressure", "Boundary = top", "Region = (x - 0.5)^2 < 0.1", "Value = 1 MPa"}}},
                    {{"gnss", {"File = " + stations, "Sigma = 2e-6", "Misfit = " + misfit}}})) +
        section("Prior", all_prior) + section("Optimizer", all_optimizer) + section("Solver", {"Method = direct"});
    return std::make_unique<TextProblem<dim>>(text, scratch.path());
  }

  mutable Scratch scratch;
};

template <int dim>
struct Search
{
  explicit Search(std::unique_ptr<TextProblem<dim>> of)
      : model(std::move(of)), search((*model)->objective(), (*model)->volume_weights(), model->parameters.inversion,
                                     model->parameters.prior.weight_choice(), model->log),
        m((*model)->parametrization().make_vector())
  {
  }
  Optimizer::Result run() { return search.run(m, (*model)->parametrization().bounds(), 1e-10); }
  double weight() const { return (*model)->objective().prior()->factor(); }

  std::unique_ptr<TextProblem<dim>> model;
  WeightSearch search;
  ParameterVector m;
};

} // namespace

TEST(ParallelWeight, IsTheSameOnAnyNumberOfRanks)
{
  const Twin<3> twin;
  Search<3> search(twin.model({"Weight = discrepancy"}));
  EXPECT_TRUE(search.run().stop.converged);
  EXPECT_TRUE(search.search.succeeded());
  EXPECT_NEAR(search.search.path().back().chi_squared_per_datum, 1, 0.01);
  std::printf("weight %.6g, %zu minimisations\n", search.weight(), search.search.path().size());
  constexpr double of_one_rank = 1172.70;
  EXPECT_NEAR(search.weight(), of_one_rank, 1e-3 * of_one_rank);
}

// The wrong datum alone makes chi^2/N 1300, which no weight brings to 1.
TEST(Weight, OutliersDoNotDecide)
{
  const Twin<3> twin;
  Search<3> clean(twin.model({"Weight = discrepancy"}, {}, "stations.csv", {}, "Student-t"));
  EXPECT_TRUE(clean.run().stop.converged);
  Search<3> spoilt(twin.model({"Weight = discrepancy"}, {}, "one_is_wrong.csv", {}, "Student-t"));
  EXPECT_TRUE(spoilt.run().stop.converged);
  for (const auto *search : {&clean, &spoilt})
  {
    EXPECT_TRUE(search->search.succeeded());
    EXPECT_NEAR(search->search.path().back().chi_squared_per_datum, 1, 0.05);
  }
  EXPECT_NEAR(spoilt.weight(), clean.weight(), 0.3 * clean.weight());
}

TEST(Weight, InAPlane)
{
  const Twin<2> twin;
  Search<2> search(twin.model({"Weight = discrepancy", "Discrepancy target = 1.2"}));
  EXPECT_TRUE(search.run().stop.converged);
  EXPECT_NEAR(search.search.path().back().chi_squared_per_datum, 1.2, 0.012);
}

TEST(Weight, WithUnknownsAtTheirBounds)
{
  const Twin<3> twin;
  Search<3> search(
      twin.model({"Weight = discrepancy"}, {}, "stations.csv", {"Lower bound = 0.5 GPa", "Upper bound = 3 GPa"}));
  const auto result = search.run();
  EXPECT_TRUE(result.stop.converged) << result.stop.text;
  EXPECT_LT(search.search.path().size(), 20u);
}

TEST(Weight, GoesOnAfterAnInterrupt)
{
  const Twin<3> twin;
  Search<3> whole(twin.model({"Weight = discrepancy"}));
  (void)whole.run();
  ASSERT_GE(whole.search.path().size(), 3u);
  for (const unsigned int stop_after : {6u, 9u, 12u})
  {
    Search<3> first(twin.model({"Weight = discrepancy"}));
    unsigned int n = 0;
    first.search.inversion().on_iterate([&](const Iterate &, const ParameterVector &) { ++n; });
    first.search.inversion().stop_when([&] { return n >= stop_after; });
    const auto interrupted = first.run();
    ASSERT_EQ(interrupted.stop.kind, StopReason::Kind::interrupted);
    Search<3> second(twin.model({"Weight = discrepancy"}));
    second.m = first.m;
    second.search.resume(first.search.state());
    EXPECT_TRUE(second.run().stop.converged);
    EXPECT_NEAR(second.weight(), whole.weight(), 1e-2 * whole.weight());
    EXPECT_EQ(second.search.path().size(), whole.search.path().size());
    double iterations = 0;
    for (const WeightPoint &point : second.search.path())
    {
      iterations += point.iterations;
      EXPECT_GE(point.iterations, 0);
      EXPECT_GE(point.hessian_actions, 0);
    }
    EXPECT_EQ(iterations, second.search.state().number("iteration", 0));
    second.m.values() -= whole.m.values();
    EXPECT_LT(second.m.values().linfty_norm(), 1e-2);
  }
}

TEST(Weight, SaysWhenTheTargetCannotBeReached)
{
  const Twin<3> twin;
  for (const char *target : {"1e-4", "1e6"})
  {
    Search<3> search(twin.model({"Weight = discrepancy", std::string("Discrepancy target = ") + target}));
    EXPECT_TRUE(search.run().stop.converged) << target;
    EXPECT_FALSE(search.search.succeeded()) << target;
    EXPECT_LT(search.search.path().size(), 20u) << target;
  }
}

TEST(Weight, GivenIsTakenAsItIs)
{
  const Twin<3> twin;
  Search<3> search(twin.model({"Weight = 3"}));
  EXPECT_TRUE(search.run().stop.converged);
  EXPECT_TRUE(search.search.path().empty());
  EXPECT_EQ(search.weight(), 3);
}
