// What a run says when memory runs out, and what it may take: sentences and bounds written by hand.
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
