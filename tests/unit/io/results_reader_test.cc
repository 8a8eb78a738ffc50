#include <lodestone/base/error.h>
#include <lodestone/io/results_file.h>
#include <lodestone/io/results_reader.h>

#include <gtest/gtest.h>

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
  const std::string name = "results_reader_test_" + std::to_string(dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD)) + ".h5";
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
  const auto centres = reader.centres<3>();
  const auto values = reader.cell_field("m (ln E/E0)");
  ASSERT_EQ(centres.size(), 32u);
  ASSERT_EQ(values.size(), 32u);
  for (unsigned int i = 0; i < 32; ++i)
    EXPECT_EQ(values[i], centres[i][0] + 10 * centres[i][2]);
  const NumberTable read = reader.table("history");
  EXPECT_EQ(read.names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(read.columns, (std::vector<std::vector<double>>{{1, 2}, {3, 4}}));
  EXPECT_THROW(reader.centres<2>(), InputError);
  EXPECT_THROW(reader.cell_field("m (ln G)"), InputError);
  EXPECT_THROW(ResultsReader("no such file.h5", "Start model", MPI_COMM_WORLD).cell_field("E"), InputError);
  MPI_Barrier(MPI_COMM_WORLD);
  if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
    std::remove(name.c_str());
}
