// What a checkpoint gives back, on the model of graded_model.h.
//
// Expected: what was put in, model to the bit and pairs as the floats they are, on any number of ranks and at the nearest
// cells of another mesh, which are found here by looking at all. Of the pairs that many checkpoints hold, each is in one
// file only; it stays as long as one of the last two checkpoints needs it, and its loss costs nothing but itself.
#include <lodestone/io/checkpoint.h>
#include <lodestone/io/results_reader.h>
#include <lodestone/objective/derivative_check.h>

#include "graded_model.h"
#include "unit/io/test_directory.h"
#include <filesystem>
#include <fstream>

using namespace lodestone;
using namespace lodestone::testing;

namespace
{

/// Rewrites one byte of a file, on the first rank.
void damage(const std::string &file)
{
  if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
  {
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekg(700);
    const char changed = static_cast<char>(bytes.get() ^ 4);
    bytes.seekp(700);
    bytes.put(changed);
  }
  MPI_Barrier(MPI_COMM_WORLD);
}

/// Numbers of the files of vectors in a directory.
std::vector<unsigned int> vector_files(const TestDirectory &written)
{
  MPI_Barrier(MPI_COMM_WORLD);
  std::vector<unsigned int> numbers;
  for (unsigned int k = 1; k < 20; ++k)
    if (std::filesystem::exists(written.directory.file("checkpoint/vectors-" + std::to_string(k) + ".h5")))
      numbers.push_back(k);
  MPI_Barrier(MPI_COMM_WORLD);
  return numbers;
}

/// A state with the pairs `first` to `last` of a method that remembers three, under the names that it gives them.
NamedState state_of_window(const std::vector<NamedState::Shared<float>> &pairs, const unsigned int first,
                           const unsigned int last)
{
  NamedState state;
  state.numbers = {{"iteration", last}};
  for (unsigned int k = first; k <= last; ++k)
    state.vectors[numbered("pair_", k - first) + "s"] = pairs.at(k);
  return state;
}

} // namespace

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
    state.vectors[numbered("single_", k) + "s"] = NamedState::Shared<float>(single);
    state.vectors["exact_" + std::to_string(k)] = NamedState::Shared<double>(exact);
    state.vectors[numbered("exact_", k) + "x"] = NamedState::Shared<double>(exact);
  }
  NumberTable history;
  history.add("z", {0, 1});
  history.add("a [s]", {0.5, 1.5});

  const TestDirectory written("written_checkpoint");
  const std::string file = written.directory.file("checkpoint/model.h5");
  Checkpoint checkpoint(file, "test", MPI_COMM_WORLD);
  EXPECT_EQ(sound_checkpoint(file, "test", MPI_COMM_WORLD).file, "");
  const unsigned int rank = dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD);
  CheckpointContent written_content{state, history, {}, {{"Mesh/Cells", "3, 3, 3"}, {"a", ""}}, "set Title = x\n"};
  for (unsigned int i = 0; i < 3 + rank; ++i)
    written_content.of_ranks["solution"].push_back(std::sqrt(2. + i + 10 * rank));
  written_content.of_ranks["on the first alone"] = std::vector<double>(rank == 0 ? 2 : 0, 0.1);
  checkpoint.write((*model)->parametrization().cells(), m, written_content);
  MPI_Barrier(MPI_COMM_WORLD);
  const SoundCheckpoint found = sound_checkpoint(file, "test", MPI_COMM_WORLD);
  ASSERT_EQ(found.file, file);
  EXPECT_EQ(found.remark, "");
  ParameterVector again = (*model)->parametrization().make_vector();
  const auto content = checkpoint.read((*model)->parametrization().cells(), file, again);
  EXPECT_EQ(content.of_ranks, written_content.of_ranks);
  EXPECT_EQ(content.problem, written_content.problem);
  for (unsigned int i = 0; i < n; ++i)
    EXPECT_EQ(again.values().local_element(i), m.values().local_element(i)) << i;
  EXPECT_EQ(content.state.numbers, state.numbers);
  EXPECT_EQ(content.history.columns, history.columns);
  ASSERT_EQ(content.state.vectors.size(), state.vectors.size());
  for (unsigned int k = 0; k < 11; ++k)
  {
    const std::string single = numbered("single_", k) + "s";
    ASSERT_NE(content.state.vector<float>(single), nullptr);
    EXPECT_EQ(*content.state.vector<float>(single), *state.vector<float>(single)) << k;
    for (const std::string &exact : {"exact_" + std::to_string(k), numbered("exact_", k) + "x"})
    {
      ASSERT_NE(content.state.vector<double>(exact), nullptr);
      EXPECT_EQ(*content.state.vector<double>(exact), *state.vector<double>(exact)) << k;
    }
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

TEST(CheckpointParallel, WritesVectorsOnceThatLaterOnesHoldAgain)
{
  Scratch scratch;
  write_data(scratch);
  const auto model = graded_model(scratch.path(), "Young modulus, Poisson ratio");
  const auto &cells = (*model)->parametrization().cells();
  ParameterVector m = (*model)->parametrization().make_vector();
  const unsigned int n = m.values().locally_owned_size();
  std::vector<NamedState::Shared<float>> pairs;
  for (unsigned int k = 0; k < 8; ++k)
  {
    const auto pair = std::make_shared<std::vector<float>>(n);
    for (unsigned int i = 0; i < n; ++i)
      (*pair)[i] = 1000.f * k + m.values().get_partitioner()->local_to_global(i);
    pairs.push_back(pair);
  }
  NumberTable history;
  history.add("J", {1});
  const TestDirectory written("written_vectors");
  const std::string file = written.directory.file("checkpoint/model.h5"),
                    previous = written.directory.file("checkpoint/previous.h5");
  const auto vectors = [&](const unsigned int k) {
    return written.directory.file("checkpoint/vectors-" + std::to_string(k) + ".h5");
  };
  Checkpoint checkpoint(file, "test", MPI_COMM_WORLD);
  const auto write = [&](Checkpoint &into, const unsigned int first, const unsigned int last) {
    into.write(cells, m, {state_of_window(pairs, first, last), history, {}, {}, ""});
  };
  const auto expect_window = [&](const std::string &from, const unsigned int first, const unsigned int last) {
    ParameterVector again = (*model)->parametrization().make_vector();
    const auto content = Checkpoint(file, "test", MPI_COMM_WORLD).read(cells, from, again);
    ASSERT_EQ(content.state.vectors.size(), last - first + 1);
    for (unsigned int k = first; k <= last; ++k)
      EXPECT_EQ(*content.state.vector<float>(numbered("pair_", k - first) + "s"), *pairs[k]) << k;
  };
  write(checkpoint, 0, 1);
  EXPECT_EQ(vector_files(written), (std::vector<unsigned int>{1}));
  write(checkpoint, 0, 2);
  EXPECT_EQ(vector_files(written), (std::vector<unsigned int>{1, 2}));
  EXPECT_EQ(ResultsReader(vectors(2), "test", MPI_COMM_WORLD).members("cells").size(),
            2u); // of one vector, not of three
  write(checkpoint, 1, 3);
  write(checkpoint, 2, 4); // the file of 0 and 1 is that of the checkpoint before, too
  EXPECT_EQ(vector_files(written), (std::vector<unsigned int>{1, 2, 3, 4}));
  write(checkpoint, 2, 4); // nothing is new
  EXPECT_EQ(vector_files(written), (std::vector<unsigned int>{2, 3, 4}));
  expect_window(file, 2, 4);
  write(checkpoint, 3, 5);
  expect_window(file, 3, 5);
  expect_window(previous, 2, 4);

  // Another run goes on: its first checkpoint leaves what the two before need.
  Checkpoint next(file, "test", MPI_COMM_WORLD);
  (void)next.read(cells, file, m);
  write(next, 4, 6);
  EXPECT_EQ(vector_files(written), (std::vector<unsigned int>{3, 4, 5, 6}));
  expect_window(previous, 3, 5);
  expect_window(file, 4, 6);
  write(next, 4, 6);
  EXPECT_EQ(vector_files(written), (std::vector<unsigned int>{6}));

  // A file that somebody has removed is written again.
  if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
    std::filesystem::remove(vectors(6));
  write(next, 4, 6);
  EXPECT_EQ(vector_files(written), (std::vector<unsigned int>{1}));
  expect_window(file, 4, 6);
  write(next, 5, 7);
  EXPECT_EQ(vector_files(written), (std::vector<unsigned int>{1, 2}));

  // What the last one alone needs is damaged: the one before serves, and stays when the run goes on from it.
  damage(vectors(2));
  SoundCheckpoint found = sound_checkpoint(file, "test", MPI_COMM_WORLD);
  EXPECT_EQ(found.file, previous);
  EXPECT_TRUE(found.has_vectors);
  EXPECT_NE(found.remark.find("vectors-2.h5', which is damaged: its checksum does not fit: the run goes on"),
            std::string::npos)
      << found.remark;
  Checkpoint after(file, "test", MPI_COMM_WORLD);
  (void)after.read(cells, previous, m);
  write(after, 5, 7);
  expect_window(previous, 4, 6);
  expect_window(file, 5, 7);
  EXPECT_EQ(vector_files(written), (std::vector<unsigned int>{1, 3}));
  write(after, 5, 7);
  expect_window(previous, 5, 7);

  // What both need: the last one is left without its vectors.
  damage(vectors(3));
  found = sound_checkpoint(file, "test", MPI_COMM_WORLD);
  EXPECT_EQ(found.file, file);
  EXPECT_FALSE(found.has_vectors);
  EXPECT_NE(found.remark.find("without what its method remembers"), std::string::npos) << found.remark;
  EXPECT_TRUE(checkpoint.read(cells, file, m, false).state.vectors.empty());
}

TEST(CheckpointParallel, VectorsOfOtherCellsAreWrittenAnewAndRefused)
{
  Scratch scratch;
  write_data(scratch);
  const auto model = graded_model(scratch.path(), "Young modulus, Poisson ratio");
  const auto other = graded_model(scratch.path(), "Young modulus, Poisson ratio", "3, 2, 3"); // as many cells
  NumberTable history;
  history.add("J", {1});
  const TestDirectory written("written_orders");
  const std::string file = written.directory.file("checkpoint/model.h5");
  Checkpoint checkpoint(file, "test", MPI_COMM_WORLD);
  std::shared_ptr<std::vector<float>> pair;
  for (const auto *present : {&model, &other})
  {
    const ParameterVector m = (**present)->parametrization().make_vector();
    NamedState state;
    state.numbers = {{"iteration", 1}};
    if (const bool is_shared =
            pair && pair->size() == m.values().locally_owned_size(); // the same numbers, in another order
        dealii::Utilities::MPI::min(is_shared ? 1 : 0, MPI_COMM_WORLD) == 0)
      pair = std::make_shared<std::vector<float>>(m.values().locally_owned_size(), 2.f);
    state.vectors[numbered("pair_", 0) + "s"] = NamedState::Shared<float>(pair);
    for (unsigned int twice = 0; twice < 2; ++twice)
      checkpoint.write((**present)->parametrization().cells(), m, {state, history, {}, {}, ""});
    EXPECT_EQ(vector_files(written), (std::vector<unsigned int>{present == &model ? 1u : 2u}));
    ASSERT_EQ(sound_checkpoint(file, "test", MPI_COMM_WORLD).file, file);
  }

  // A file of vectors of another run, which is sound.
  const std::string elsewhere = written.directory.file("other/checkpoint/model.h5");
  const ParameterVector m = (*other)->parametrization().make_vector();
  NamedState state;
  state.vectors[numbered("pair_", 0) + "s"] =
      std::make_shared<const std::vector<float>>(m.values().locally_owned_size(), 3.f);
  Checkpoint(elsewhere, "test", MPI_COMM_WORLD)
      .write((*other)->parametrization().cells(), m, {state, history, {}, {}, ""});
  EXPECT_EQ(checkpoint_problem(file, "test", MPI_COMM_WORLD), "");
  if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
    std::filesystem::rename(written.directory.file("other/checkpoint/vectors-1.h5"),
                            written.directory.file("checkpoint/vectors-2.h5"));
  MPI_Barrier(MPI_COMM_WORLD);
  EXPECT_NE(checkpoint_problem(file, "test", MPI_COMM_WORLD).find("which another run wrote"), std::string::npos);
}
