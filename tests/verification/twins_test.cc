// Twins in which the level of stiffness is, and is not, constrained by the data. Truth: 20 GPa everywhere. The search
// starts at 60 GPa, with every cell unknown but smoothed so strongly that only the level is free (prior standard
// deviation of its logarithm: about one).
//
// A known load on the surface moves it in proportion to 1/E: the level comes out within 5 %, the noise (half a sigma,
// sigma 1 % of the largest datum) allows 1 %. A known volume change moves it whatever the level: it stays where the
// prior has it, and the log says so.
#include <lodestone/app/problem_notes.h>
#include <lodestone/inversion/inversion.h>

#include "problem_from_text.h"

using namespace lodestone;
using namespace lodestone::testing;

namespace
{

struct Recovered
{
  double smallest, largest; ///< E (Pa)
  bool converged;
  std::string log;
};

Recovered twin(const Entries &load)
{
  Scratch scratch;
  std::string table = "x,y,value\n";
  for (int j = -4; j <= 4; ++j)
    for (int i = -4; i <= 4; ++i)
      table += number(500. * i) + "," + number(500. * j) + "," + number(2e5 * std::exp(-(i * i + j * j) / 8.)) + "\n";
  scratch.write("snow.csv", table);
  const auto deck = [&](const std::string &young, const Entries &data) {
    return section("Mesh", {"Lower corner = -5 km, -5 km, -5 km", "Upper corner = 5 km, 5 km, 0", "Cells = 8, 8, 4"}) +
           section("Material", {"Young modulus = " + young}) +
           section("Boundary conditions", {"Fixed = bottom", "Rollers = west, east, south, north"}) +
           section("Load cases", {"Names = a"}, load_case("a", {{"l", load}}, {{"gnss", data}})) +
           section("Prior", {"Gradient weight = 1", "Mass weight = 2e-12"}) +
           section("Optimizer", {"Method = bnls", "Gradient tolerance = 1e-6"}) +
           section("Solver", {"Method = direct"});
  };
  const std::string stations = "Station grid = -4 km, 4 km, 7, -4 km, 4 km, 7";
  std::string csv = "x,y,east,north,up\n";
  double sigma = 0;
  {
    TextProblem<3> truth(deck("20 GPa", {stations, "Sigma = 1 mm"}), scratch.path());
    truth.evaluate(truth->parametrization().make_vector());
    const DataVector predicted = truth->predict(0);
    const DataSet &set = truth->data_sets(0)[0];
    for (const double d : predicted)
      sigma = std::max(sigma, 0.01 * std::abs(d));
    for (unsigned int i = 0; i < predicted.size(); i += 3)
    {
      csv += number(set.row_points[set.row[i]][0]) + "," + number(set.row_points[set.row[i]][1]);
      for (unsigned int c = 0; c < 3; ++c)
        csv += "," + number(predicted[i + c] + 0.7 * sigma * std::sin(37. * (i + c)));
      csv += "\n";
    }
  }
  scratch.write("gnss.csv", csv);
  Recovered recovered{};
  {
    TextProblem<3> model(deck("60 GPa", {"File = gnss.csv", "Sigma = " + number(sigma)}), scratch.path(),
                         scratch.path() + "/log.txt");
    note_consequences(*model.problem, model.log);
    ParameterVector m = model->parametrization().make_vector();
    Inversion inversion(model->objective(), model->volume_weights(), model.parameters.inversion, model.log);
    recovered.converged = inversion.run(m, {}, 1e-10).stop.converged;
    recovered.smallest = 1e300;
    for (const double value : m.values())
    {
      recovered.smallest = std::min(recovered.smallest, 60e9 * std::exp(value));
      recovered.largest = std::max(recovered.largest, 60e9 * std::exp(value));
    }
  }
  recovered.log = scratch.read("log.txt");
  return recovered;
}

} // namespace

TEST(TwinOfUniformStiffness, GriddedSurfaceLoadFindsTheLevel)
{
  const Recovered found = twin({"Type = pressure table", "Boundary = top", "File = snow.csv"});
  EXPECT_TRUE(found.converged);
  EXPECT_NEAR(found.smallest, 20e9, 0.05 * 20e9);
  EXPECT_NEAR(found.largest, 20e9, 0.05 * 20e9);
  EXPECT_EQ(found.log.find("ratios"), std::string::npos);
}

TEST(TwinOfUniformStiffness, VolumeSourceLeavesTheLevelToThePrior)
{
  const Recovered found = twin({"Type = point source", "Position = 0, 0, 2 km", "Volume change = 1e6 m^3"});
  EXPECT_TRUE(found.converged);
  EXPECT_NEAR(found.smallest, 60e9, 0.05 * 60e9);
  EXPECT_NEAR(found.largest, 60e9, 0.05 * 60e9);
  EXPECT_NE(found.log.find("ratios"), std::string::npos) << found.log;
}

// The cell of a point source is a knob on its strength: in the whole program too, the source's surroundings have no
// unknown unless the deck asks for it. A box of 8 x 8 x 8 cells of 1 km and a ball within them: some cells are held,
// most are not.
TEST(HeldStiffnessParallel, CellsNearASourceHaveNoUnknown)
{
  const auto n_unknowns = [](const std::string &hold) {
    const Deck deck =
        Deck::from_text("subsection Mesh\n set Lower corner = -4 km, -4 km, -8 km\n set Upper corner = 4 km, 4 km, 0\n"
                        " set Cells = 8, 8, 8\nend\n"
                        "subsection Boundary conditions\n set Fixed = bottom\nend\n"
                        "subsection Load cases\n set Names = volcano\n subsection volcano\n  set Loads = magma\n"
                        "  subsection magma\n   set Type = point source\n   set Position = 100, 200, 4 km\n"
                        "   set Volume change = 1e6 m^3\n   set Radius = 1 km\n   set Hold stiffness near source = " +
                        hold + "\n  end\n end\nend\n");
    std::string resolved;
    const auto parameters = RunParameters<3>::read(deck, resolved);
    Log log(MPI_COMM_WORLD, true);
    const Problem<3> model(parameters, ".", MPI_COMM_WORLD, log);
    return model.parametrization().layout()->size();
  };
  EXPECT_EQ(n_unknowns("no"), 512u);
  EXPECT_LT(n_unknowns("yes"), 512u - 8u); // the ball alone touches eight cells
  EXPECT_GT(n_unknowns("yes"), 256u);
}
