#pragma once
#include <lodestone/io/result_directory.h>

#include <deal.II/base/mpi.h>

#include <filesystem>
#include <string>

/// A result directory of one test, its own for each number of ranks, removed at the end.
class TestDirectory
{
public:
  explicit TestDirectory(const std::string &test)
      : directory(test + ".np" + std::to_string(dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD)),
                  MPI_COMM_WORLD)
  {
  }
  ~TestDirectory()
  {
    MPI_Barrier(MPI_COMM_WORLD);
    if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
      std::filesystem::remove_all(directory.path());
  }
  lodestone::ResultDirectory directory;
};
