#include <lodestone/base/error.h>
#include <lodestone/io/results_file.h>
#include <lodestone/io/results_reader.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

using namespace lodestone;

TEST(ResultsReaderParallel, ReadsWhatResultsFileWrote)
{
  Mesh<3>::Parameters parameters;
  parameters.lower = dealii::Point<3>(0, 0, -2);
  parameters.upper = dealii::Point<3>(1, 1, 0);
  parameters.cells = {4, 2, 4};
  const Mesh<3> mesh(parameters, MPI_COMM_WORLD);
  CellField field = mesh.make_cell_field();
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      field[cell->global_active_cell_index()] = cell->center()[0] + 10 * cell->center()[2];
  const std::string name =
      "results_reader_test_" + std::to_string(dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD)) + ".h5";
  NumberTable table;
  table.add("b", {3, 4});
  table.add("a", {1, 2});
  {
    ResultsFile file(name, MPI_COMM_WORLD);
    file.add_cells(mesh);
    file.add_cell_field("m (ln E/E0)", field);
    file.add_table("history", table);
    file.commit();
  }
  const ResultsReader reader(name, "Start model", MPI_COMM_WORLD);
  for (const std::size_t piece : {5u, 16u, 100u}) // with a remainder, without, all at once
  {
    std::vector<dealii::Point<3>> seen;
    reader.visit_cells<3>(
        {"m (ln E/E0)"},
        [&](const std::vector<dealii::Point<3>> &centres, const std::vector<std::vector<double>> &values) {
          ASSERT_EQ(values.size(), 1u);
          ASSERT_EQ(values[0].size(), centres.size());
          EXPECT_LE(centres.size(), piece);
          for (std::size_t i = 0; i < centres.size(); ++i)
            EXPECT_EQ(values[0][i], centres[i][0] + 10 * centres[i][2]);
          seen.insert(seen.end(), centres.begin(), centres.end());
        },
        piece);
    EXPECT_EQ(seen.size(), 32u);
    std::sort(seen.begin(), seen.end(), [](const auto &a, const auto &b) {
      return a[0] + 10 * a[1] + 100 * a[2] < b[0] + 10 * b[1] + 100 * b[2];
    });
    EXPECT_EQ(std::unique(seen.begin(), seen.end()), seen.end());
  }
  const NumberTable read = reader.table("history");
  EXPECT_EQ(read.names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(read.columns, (std::vector<std::vector<double>>{{1, 2}, {3, 4}}));
  const auto ignore = [](const auto &, const auto &) {};
  EXPECT_THROW(reader.visit_cells<2>({}, ignore), InputError);
  EXPECT_THROW(reader.visit_cells<3>({"m (ln G)"}, ignore), InputError);
  EXPECT_THROW(ResultsReader("no such file.h5", "Start model", MPI_COMM_WORLD).visit_cells<3>({"E"}, ignore),
               InputError);
  MPI_Barrier(MPI_COMM_WORLD);
  if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
    std::remove(name.c_str());
}
