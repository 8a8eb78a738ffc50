// What a run writes of a model, read back.
//
// Model: 3 x 3 x 2 graded cells, largest over smallest volume above 10; a pressure seen by five stations, three
// levelling points and four pixels. Expected of the gradient: the field times the volume of its cell over the mean
// volume is dJ/dm_i, by central differences of J of step 1e-4 (truncation and rounding below 1e-6 of the largest
// entry); of the sensitivity 1 where that of each unknown is its volume. Data: observed and sigma as in the input,
// predicted as the observation operator has it, residual their difference, in every file and for every set. A
// checkpoint gives back what was put in: model to the bit, pairs as the floats they are.
#include <lodestone/app/result_writer.h>
#include <lodestone/base/csv.h>
#include <lodestone/io/checkpoint.h>
#include <lodestone/io/results_reader.h>
#include <lodestone/objective/derivative_check.h>

#include "problem_from_text.h"
#include "unit/io/test_directory.h"
#include "unit/io/vtk_reading.h"

using namespace lodestone;
using namespace lodestone::testing;

namespace
{

std::unique_ptr<TextProblem<3>> graded_model(const std::string &directory,
                                             const std::string &unknowns = "Young modulus",
                                             const std::string &cells = "3, 3, 2")
{
  const std::string text =
      section("Mesh", {"Lower corner = -1500, -1200, -1600", "Upper corner = 1500, 1200, 0", "Cells = " + cells,
                       "Grading = 30, 20, 50"}) +
      section("Material", {"Young modulus = 2e10*(1 - z/3200)", "Unknowns = " + unknowns}) +
      section("Boundary conditions", {"Fixed = bottom", "Rollers = west, east, south, north"}) +
      section("Load cases", {"Names = a"},
              load_case("a", {{"lake", {"Type = pressure", "Boundary = top", "Value = 1e6*exp(-(x^2 + y^2)/1e6)"}}},
                        {{"gnss", {"File = stations.csv", "Sigma = 2e-3"}},
                         {"level", {"File = level.csv", "Units = mm", "Weight = 0.7"}},
                         {"track", {"File = track.csv", "Units = cm"}}})) +
      section("Solver", {"Method = direct", "Tolerance = 1e-13"});
  return std::make_unique<TextProblem<3>>(text, directory);
}

/// Observed and sigma in the order of the files, m.
struct Observed
{
  std::vector<double> value, sigma;
};

std::map<std::string, Observed> write_data(Scratch &scratch)
{
  std::map<std::string, Observed> observed;
  std::string text = "x,y,east,north,up\n";
  for (unsigned int i = 0; i < 5; ++i)
  {
    const double u[] = {1e-3 * i, -2e-3, -0.01 - 5e-3 * i};
    text += number(-1200 + 577. * i) + "," + number(900 * std::sin(2.3 * i));
    for (const double value : u)
    {
      text += "," + number(value);
      observed["gnss"].value.push_back(value);
      observed["gnss"].sigma.push_back(2e-3);
    }
    text += "\n";
  }
  scratch.write("stations.csv", text);
  text = "x,y,up,sigma_up\n";
  for (unsigned int i = 0; i < 3; ++i)
  {
    text += number(-700 + 510. * i) + ",130," + number(-7. - i) + "," + number(1.5 + i) + "\n";
    observed["level"].value.push_back(1e-3 * (-7. - i));
    observed["level"].sigma.push_back(1e-3 * (1.5 + i));
  }
  scratch.write("level.csv", text);
  text = "x,y,los,sigma,incidence,heading\n";
  for (unsigned int i = 0; i < 4; ++i)
  {
    text += number(-1000 + 610. * i) + "," + number(-420 + 300. * i) + "," + number(-0.5 + 0.2 * i) + "," +
            number(0.3 + 0.1 * i) + ",36,-11\n";
    observed["track"].value.push_back(1e-2 * (-0.5 + 0.2 * i));
    observed["track"].sigma.push_back(1e-2 * (0.3 + 0.1 * i));
  }
  scratch.write("track.csv", text);
  return observed;
}

/// dJ/dm_i of the unknown of each cell, by its centre.
struct Derivatives
{
  std::vector<dealii::Point<3>> centre;
  std::vector<double> value, relative_volume;

  std::size_t at(const dealii::Point<3> &p) const
  {
    std::size_t nearest = 0;
    for (std::size_t i = 1; i < centre.size(); ++i)
      if (p.distance(centre[i]) < p.distance(centre[nearest]))
        nearest = i;
    return nearest;
  }
};

Derivatives central_differences(TextProblem<3> &model, const ParameterVector &m)
{
  constexpr double h = 1e-4;
  const auto &cells = model->parametrization().cells();
  std::vector<double> entries(5 * m.size(), 0.); // index: centre, volume, derivative
  for (const auto &cell : model->mesh().triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      for (unsigned int d = 0; d < 3; ++d)
        entries[5 * cells.index(cell) + d] = cell->center()[d];
      entries[5 * cells.index(cell) + 3] = cell->measure();
    }
  dealii::Utilities::MPI::sum(entries, MPI_COMM_WORLD, entries);
  Derivatives result;
  double total = 0;
  for (unsigned int i = 0; i < m.size(); ++i)
  {
    double J[2];
    for (const int side : {0, 1})
    {
      ParameterVector moved = m;
      moved.values().zero_out_ghost_values();
      if (moved.values().in_local_range(i))
        moved.values()(i) += side == 0 ? -h : h;
      model.evaluate(moved);
      J[side] = model->objective().value();
    }
    result.centre.emplace_back(entries[5 * i], entries[5 * i + 1], entries[5 * i + 2]);
    result.value.push_back((J[1] - J[0]) / (2 * h));
    result.relative_volume.push_back(entries[5 * i + 3] * m.size());
    total += entries[5 * i + 3];
  }
  for (double &volume : result.relative_volume)
    volume /= total;
  return result;
}

} // namespace

TEST(WrittenGradientParallel, IsTheDerivativePerVolume)
{
  Scratch scratch;
  write_data(scratch);
  const auto model = graded_model(scratch.path());
  ParameterVector m = random_direction((*model)->parametrization().make_vector(), 5);
  m.values() *= 0.4;
  const Derivatives expected = central_differences(*model, m);
  ASSERT_EQ(expected.value.size(), 18u);
  double largest = 0;
  for (const double value : expected.value)
    largest = std::max(largest, std::abs(value));
  const auto [small, big] = std::minmax_element(expected.relative_volume.begin(), expected.relative_volume.end());
  ASSERT_GT(*big, 10 * *small);

  const TestDirectory written("written_gradient");
  model->evaluate(m);
  ParameterVector gradient;
  ASSERT_TRUE((*model)->objective().gradient(gradient).converged);
  ParameterVector sensitivity = (*model)->parametrization().make_vector();
  for (const auto &cell : (*model)->mesh().triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      sensitivity.values()((*model)->parametrization().cells().index(cell)) =
          expected.relative_volume[expected.at(cell->center())];
  {
    ResultWriter<3> writer(*model->problem, written.directory, "inversion", "");
    writer.write_step(0, m, &gradient, &sensitivity);
    writer.write_results_file(m, &gradient, &sensitivity, nullptr);
  }
  MPI_Barrier(MPI_COMM_WORLD);

  unsigned int n_compared = 0;
  const auto compare = [&](const dealii::Point<3> &centre, const double value, const std::string &file) {
    const std::size_t i = expected.at(centre);
    EXPECT_LT(centre.distance(expected.centre[i]), 1e-6);
    EXPECT_NEAR(value * expected.relative_volume[i], expected.value[i], 1e-6 * largest)
        << file << ", cell at " << centre;
    ++n_compared;
  };
  const std::string name = "gradient (ln E/E0)", of_sensitivity = "sensitivity (ln E/E0)";
  ResultsReader(written.directory.file("results.h5"), "test", MPI_COMM_WORLD)
      .visit_cells<3>({name, of_sensitivity}, [&](const std::vector<dealii::Point<3>> &centres,
                                                  const std::vector<std::vector<double>> &values) {
        for (std::size_t c = 0; c < centres.size(); ++c)
        {
          compare(centres[c], values[0][c], "results.h5");
          EXPECT_NEAR(values[1][c], 1, 1e-12);
        }
      });
  EXPECT_EQ(n_compared, 18u);

  const std::string xml = text_of(written.directory.file("inversion-0000.vtu"));
  for (const std::size_t piece : pieces_of(xml))
  {
    const auto points = array_named<double>(xml, "Points", piece), values = array_named<double>(xml, name, piece);
    const auto corners = array_named<std::int32_t>(xml, "connectivity", piece);
    for (std::size_t c = 0; c < values.size(); ++c)
    {
      dealii::Point<3> centre;
      for (unsigned int v = 0; v < 8; ++v)
        for (unsigned int d = 0; d < 3; ++d)
          centre[d] += points[3 * corners[8 * c + v] + d] / 8;
      compare(centre, values[c], "inversion-0000.vtu");
    }
    for (const double value : array_named<double>(xml, of_sensitivity, piece))
      EXPECT_NEAR(value, 1, 1e-12);
  }
  EXPECT_EQ(n_compared, 36u);
}

TEST(WrittenDataParallel, EverySetHasItsOwn)
{
  Scratch scratch;
  const auto observed = write_data(scratch);
  const auto model = graded_model(scratch.path());
  model->evaluate((*model)->parametrization().make_vector());
  const DataVector predicted = (*model)->predict(0); // there are no nuisance terms
  const TestDirectory written("written_data");
  {
    ResultWriter<3> writer(*model->problem, written.directory, "inversion", "");
    writer.write_fits(model->log);
    writer.write_results_file((*model)->parametrization().make_vector(), nullptr, nullptr, nullptr);
  }
  MPI_Barrier(MPI_COMM_WORLD);
  const ResultsReader results(written.directory.file("results.h5"), "test", MPI_COMM_WORLD);
  std::size_t first = 0;
  for (const auto &[name, unit] : {std::make_pair(std::string("gnss"), 1.), {"level", 1e-3}, {"track", 1e-2}})
  {
    SCOPED_TRACE(name);
    const Observed &of_set = observed.at(name);
    const std::size_t n = of_set.value.size();
    const std::string xml = text_of(written.directory.file("fit_" + name + ".vtp"));
    const NumberTable table = results.table("data/" + name);
    const CsvTable csv(written.directory.file("fit_" + name + ".csv"), MPI_COMM_WORLD);
    ASSERT_EQ(csv.size(), n);
    for (const std::string column : {"observed", "predicted", "residual", "sigma"})
    {
      const auto points = array_named<double>(xml, column + " (m)");
      const auto in_results = std::find(table.names.begin(), table.names.end(), column + " [m]");
      ASSERT_NE(in_results, table.names.end());
      ASSERT_EQ(points.size(), n);
      for (std::size_t i = 0; i < n; ++i)
      {
        const double expected = column == "observed"    ? of_set.value[i]
                                : column == "predicted" ? predicted[first + i]
                                : column == "sigma"     ? of_set.sigma[i]
                                                        : predicted[first + i] - of_set.value[i];
        EXPECT_NEAR(points[i], expected, 1e-15) << column << " in the picture, datum " << i;
        EXPECT_NEAR(table.columns[in_results - table.names.begin()].at(i), expected, 1e-15)
            << column << " in results.h5, datum " << i;
        EXPECT_NEAR(csv.number(i, column) * unit, expected, 1e-15) << column << " in the table, datum " << i;
      }
    }
    first += n;
  }
  EXPECT_EQ(first, predicted.size());
}

TEST(CheckpointParallel, HoldsEveryFieldOfModelAndPairs)
{
  Scratch scratch;
  write_data(scratch);
  const auto model = graded_model(scratch.path(), "Young modulus, Poisson ratio");
  model->evaluate((*model)->parametrization().make_vector());
  const ParameterVector m = random_direction((*model)->parametrization().make_vector(), 5);
  const unsigned int n = m.values().locally_owned_size();
  NamedState state;
  state.numbers = {{"iteration", 7}, {"reference_gradient", 12}, {"trust_radius", 1.75}};
  const auto entry = [&](const unsigned int i) { return m.values().get_partitioner()->local_to_global(i); };
  for (unsigned int k = 0; k < 11; ++k) // more than are read at a time
  {
    const auto single = std::make_shared<std::vector<float>>(n);
    const auto exact = std::make_shared<std::vector<double>>(n);
    for (unsigned int i = 0; i < n; ++i)
    {
      (*single)[i] = 1000.f * k + entry(i);
      (*exact)[i] = std::sin(1. + 100. * k + entry(i)); // single precision would lose digits
    }
    state.vectors["single_" + std::to_string(k)] = NamedState::Shared<float>(single);
    state.vectors["exact_" + std::to_string(k)] = NamedState::Shared<double>(exact);
  }
  NumberTable history;
  history.add("z", {0, 1});
  history.add("a [s]", {0.5, 1.5});

  const TestDirectory written("written_checkpoint");
  const std::string file = written.directory.file("checkpoint/model.h5");
  const Checkpoint<3> checkpoint((*model)->parametrization().cells(), file, "test");
  EXPECT_FALSE(checkpoint.exists());
  checkpoint.write(m, state, history);
  MPI_Barrier(MPI_COMM_WORLD);
  ASSERT_TRUE(checkpoint.exists());
  ParameterVector again = (*model)->parametrization().make_vector();
  const auto content = checkpoint.read(again);
  for (unsigned int i = 0; i < n; ++i)
    EXPECT_EQ(again.values().local_element(i), m.values().local_element(i)) << i;
  EXPECT_EQ(content.state.numbers, state.numbers);
  EXPECT_EQ(content.history.columns, history.columns);
  ASSERT_EQ(content.state.vectors.size(), state.vectors.size());
  for (unsigned int k = 0; k < 11; ++k)
  {
    const std::string number = std::to_string(k);
    ASSERT_NE(content.state.vector<float>("single_" + number), nullptr);
    ASSERT_NE(content.state.vector<double>("exact_" + number), nullptr);
    EXPECT_EQ(*content.state.vector<float>("single_" + number), *state.vector<float>("single_" + number)) << k;
    EXPECT_EQ(*content.state.vector<double>("exact_" + number), *state.vector<double>("exact_" + number)) << k;
  }

  // On another mesh each cell takes the values of the nearest centre, found here by looking at all.
  const auto finer = graded_model(scratch.path(), "Young modulus, Poisson ratio", "3, 3, 4");
  ParameterVector on_finer = (*finer)->parametrization().make_vector();
  read_unknowns<3>((*finer)->parametrization().cells(), file, "test", on_finer);
  std::vector<double> all(m.size(), 0.);
  for (unsigned int i = 0; i < n; ++i)
    all[m.values().get_partitioner()->local_to_global(i)] = m.values().local_element(i);
  dealii::Utilities::MPI::sum(all, MPI_COMM_WORLD, all);
  std::vector<double> centres(3 * all.size() / 2, 0.);
  for (const auto &cell : (*model)->mesh().triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      for (unsigned int d = 0; d < 3; ++d)
        centres[3 * (*model)->parametrization().cells().index(cell) + d] = cell->center()[d];
  dealii::Utilities::MPI::sum(centres, MPI_COMM_WORLD, centres);
  for (const auto &cell : (*finer)->mesh().triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      std::size_t nearest = 0;
      double distance = 1e300;
      for (std::size_t j = 0; j < centres.size() / 3; ++j)
        if (const double to = cell->center().distance({centres[3 * j], centres[3 * j + 1], centres[3 * j + 2]});
            to < distance)
        {
          distance = to;
          nearest = j;
        }
      const auto index = (*finer)->parametrization().cells().index(cell);
      for (unsigned int k = 0; k < 2; ++k)
        EXPECT_EQ(on_finer.values()(2 * index + k), all[2 * nearest + k]);
    }
}
