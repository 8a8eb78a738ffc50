// What ResultWriter writes of a model, read back: the gradient per volume against differences of J.
//
// Model: 3 x 3 x 2 graded cells, largest over smallest volume above 10; a pressure seen by five stations. Expected: the field times the volume of
// its cell over the mean volume is dJ/dm_i, by central differences of J of step 1e-4 (truncation and rounding below 1e-6 of the largest entry).
#include <lodestone/app/result_writer.h>
#include <lodestone/io/results_reader.h>
#include <lodestone/objective/derivative_check.h>

#include "model_from_text.h"
#include "unit/io/test_directory.h"
#include "unit/io/vtk_reading.h"

using namespace lodestone;
using namespace lodestone::testing;

namespace
{

std::unique_ptr<TextModel<3>> graded_model(const std::string &directory)
{
  const std::string text =
      section("Mesh", {"Lower corner = -1500, -1200, -1600", "Upper corner = 1500, 1200, 0", "Cells = 3, 3, 2", "Grading = 30, 20, 50"}) +
      section("Material", {"Young modulus = 2e10*(1 - z/3200)"}) +
      section("Boundary conditions", {"Fixed = bottom", "Rollers = west, east, south, north"}) +
      section("Load cases", {"Names = a"},
              load_case("a", {{"lake", {"Type = pressure", "Boundary = top", "Value = 1e6*exp(-(x^2 + y^2)/1e6)"}}},
                        {{"gnss", {"File = stations.csv", "Sigma = 2e-3"}}})) +
      section("Solver", {"Method = direct", "Tolerance = 1e-13"});
  return std::make_unique<TextModel<3>>(text, directory);
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

Derivatives central_differences(TextModel<3> &model, const ParameterVector &m)
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
  std::string stations = "x,y,east,north,up\n";
  for (unsigned int i = 0; i < 5; ++i)
    stations += number(-1200 + 577. * i) + "," + number(900 * std::sin(2.3 * i)) + "," + number(1e-3 * i) + ",-2e-3," + number(-0.01 - 5e-3 * i) + "\n";
  scratch.write("stations.csv", stations);
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
  {
    ResultWriter<3> writer(*model->model, written.directory, "inversion", "");
    writer.write_step(0, m, &gradient, nullptr);
    writer.write_results_file(m, &gradient, nullptr, nullptr);
  }
  MPI_Barrier(MPI_COMM_WORLD);

  unsigned int n_compared = 0;
  const auto compare = [&](const dealii::Point<3> &centre, const double value, const std::string &file) {
    const std::size_t i = expected.at(centre);
    EXPECT_LT(centre.distance(expected.centre[i]), 1e-6);
    EXPECT_NEAR(value * expected.relative_volume[i], expected.value[i], 1e-6 * largest) << file << ", cell at " << centre;
    ++n_compared;
  };
  const std::string name = "gradient (ln E/E0)";
  ResultsReader(written.directory.file("results.h5"), "test", MPI_COMM_WORLD)
      .visit_cells<3>({name}, [&](const std::vector<dealii::Point<3>> &centres, const std::vector<std::vector<double>> &values) {
        for (std::size_t c = 0; c < centres.size(); ++c)
          compare(centres[c], values[0][c], "results.h5");
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
  }
  EXPECT_EQ(n_compared, 36u);
}
