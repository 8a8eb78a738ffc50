// What a run says when memory runs out, and what it may take: sentences and bounds written by hand.
#include <lodestone/base/machine_memory.h>
#include <lodestone/base/memory.h>
#include <lodestone/base/petsc.h>

#include <deal.II/base/exceptions.h>

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <unistd.h>

using namespace lodestone;

namespace
{
std::string part()
{
  const std::string text = out_of_memory_text(), start = "memory ran out in ";
  EXPECT_EQ(text.compare(0, start.size(), start), 0) << text;
  return text.substr(start.size(), text.find('.') - start.size());
}
} // namespace

TEST(Memory, ThePartAtWorkIsNamed)
{
  const std::string outside = part();
  {
    const WorkingPart mesh("the mesh");
    EXPECT_EQ(part(), "the mesh");
    {
      const WorkingPart space("the space");
      EXPECT_EQ(part(), "the space");
    }
    EXPECT_EQ(part(), "the mesh");
  }
  EXPECT_EQ(part(), outside);
}

TEST(Memory, ThePartThatAnExceptionLeavesIsNamed)
{
  const WorkingPart outer("the outer part");
  try
  {
    const WorkingPart mesh("the mesh");
    const WorkingPart space("the space");
    throw std::bad_alloc();
  }
  catch (const std::bad_alloc &)
  {
    EXPECT_EQ(part(), "the space");
  }
  const WorkingPart next("the next part");
  EXPECT_EQ(part(), "the next part");
}

TEST(Memory, TheMessageSaysWhatFits)
{
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "the sanitizer reserves more memory than any limit";
#endif
  rlimit before;
  getrlimit(RLIMIT_DATA, &before);
  rlimit limit = before;
  limit.rlim_cur = 1'000'000'000;
  setrlimit(RLIMIT_DATA, &limit);
  const double memory = memory_of_all_ranks(MPI_COMM_WORLD);
  setrlimit(RLIMIT_DATA, &before);
  EXPECT_EQ(memory, 1e9);
  remember_unknowns(5'123'456);
  const WorkingPart part("the factorisation", 20000, "Take another.");
  EXPECT_EQ(out_of_memory_text(),
            "memory ran out in the factorisation. The model has about 5,100,000 displacement unknowns on 1 rank. With "
            "the 1 GB that the run may take, about 50,000 unknowns fit (20 kB each): use more ranks on more machines, "
            "or a coarser mesh. Take another.");
  remember_unknowns(20'000);
  EXPECT_NE(out_of_memory_text().find("use a machine on which nothing else takes the memory"), std::string::npos);
}

TEST(MemoryParallel, MachinesHaveAllRanks)
{
  const auto machines = memory_of_machines(MPI_COMM_WORLD);
  ASSERT_EQ(machines.size(), 1u); // tests run on one machine
  const MachineMemory machine = total(machines);
  EXPECT_EQ(machine.n_ranks, dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD));
  EXPECT_FALSE(machines[0].name.empty());
  EXPECT_GT(machine.in_use, 1e6 * machine.n_ranks); // no program with these libraries takes less
  EXPECT_GE(machine.peak, machine.in_use);
  EXPECT_GT(machine.room, machine.in_use);
}

TEST(MemoryParallel, WhatUlimitLeavesIsTheRoom)
{
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "the sanitizer reserves more memory than any limit";
#endif
  (void)memory_limits(); // the start
  rlimit before;
  getrlimit(RLIMIT_DATA, &before);
  rlimit limit = before;
  limit.rlim_cur = 300'000'000;
  setrlimit(RLIMIT_DATA, &limit);
  const double left = memory_limits().left_to_process;
  const MachineMemory machine = total(memory_of_machines(MPI_COMM_WORLD));
  setrlimit(RLIMIT_DATA, &before);
  EXPECT_LE(left, 3e8);
  EXPECT_GT(left, 1e8);
  EXPECT_NEAR(machine.room, machine.in_use + machine.n_ranks * left, 0.1 * machine.room);
}

TEST(Memory, ErrorsOfLibrariesAreKnown)
{
  EXPECT_TRUE(is_out_of_memory(std::bad_alloc()));
  EXPECT_TRUE(is_out_of_memory(dealii::StandardExceptions::ExcOutOfMemory(8)));
  EXPECT_FALSE(is_out_of_memory(std::runtime_error("another")));

  const PetscErrorCapture capture;
  void *memory = nullptr;
  EXPECT_THROW(check_petsc(PetscMalloc(std::size_t(1) << 60, &memory)), std::bad_alloc);
  EXPECT_THROW(check_petsc(PETSC_ERR_MEM), std::bad_alloc);
  EXPECT_NO_THROW(check_petsc(0));
}
