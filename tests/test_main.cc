// GoogleTest under MPI: every rank runs the tests, rank 0 reports, a failure on any rank fails the run.
#include <deal.II/base/mpi.h>

#include <gtest/gtest.h>

namespace
{
/// Prints failures alone, with the rank.
class FailuresOfRank : public ::testing::EmptyTestEventListener
{
public:
  explicit FailuresOfRank(const unsigned int rank) : rank_(rank) {}
  void OnTestPartResult(const ::testing::TestPartResult &result) override
  {
    if (result.failed())
      std::fprintf(stderr, "rank %u: %s:%d: %s\n", rank_, result.file_name() == nullptr ? "" : result.file_name(),
                   result.line_number(), result.message());
  }

private:
  unsigned int rank_;
};
} // namespace

int main(int argc, char **argv)
{
  ::testing::InitGoogleTest(&argc, argv);
  dealii::Utilities::MPI::MPI_InitFinalize mpi(argc, argv, 1);
  const unsigned int rank = dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD);
  if (rank != 0)
  {
    auto &listeners = ::testing::UnitTest::GetInstance()->listeners();
    delete listeners.Release(listeners.default_result_printer());
    listeners.Append(new FailuresOfRank(rank));
  }
  const int failed = RUN_ALL_TESTS();
  const int failed_anywhere = dealii::Utilities::MPI::max(failed, MPI_COMM_WORLD);
  if (rank == 0 && failed_anywhere != 0 && failed == 0)
    std::fprintf(stderr, "[  FAILED  ] on a rank other than 0\n");
  return failed_anywhere;
}
