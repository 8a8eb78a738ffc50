#pragma once

#include <deal.II/base/mpi.h>

#include <new>
#include <string>

namespace lodestone
{

/// Memory that a whole run takes per displacement unknown (bytes), as measured (doc/performance.md).
namespace memory_per_unknown
{
constexpr double least = 400; ///< no run was seen to take less
constexpr double multigrid = 1300;
constexpr double algebraic_multigrid = 4000;
/// With a factorisation, at a million unknowns in 2-D and 100,000 in 3-D; in 3-D it grows with their number.
constexpr double factorisation(const unsigned int dim)
{
  return dim == 2 ? 2000 : 20000;
}
} // namespace memory_per_unknown

/// Names the part of the program that is at work while this object lives, for the message when memory runs out. Parts
/// nest. An exception that ends a part leaves its name until another part begins.
class WorkingPart
{
public:
  /// @param name as it stands in "memory ran out in NAME"; the text must live as long as the program
  /// @param bytes_per_unknown what a run with such a part takes per displacement unknown
  /// @param remedy a sentence for the end of the message; may be empty
  explicit WorkingPart(const char *name, double bytes_per_unknown = memory_per_unknown::multigrid,
                       const char *remedy = "");
  ~WorkingPart();
  WorkingPart(const WorkingPart &) = delete;
  WorkingPart &operator=(const WorkingPart &) = delete;

  /// What a part is described by.
  struct Description
  {
    const char *name;
    double bytes_per_unknown;
    const char *remedy;
  };

private:
  Description before_;
  int exceptions_before_;
};

/// Name of the part that is at work. May be called by any thread, and by handlers of signals.
const char *working_part_name();

/// Memory (bytes) that all ranks together may take: that of their machines, or less where a control group (container,
/// batch job) or ulimit allows less. What else runs there is not counted. Collective.
double memory_of_all_ranks(MPI_Comm comm);

/// "4.3 GB"
std::string gigabytes(double bytes);
/// "1,300,000": a large number without digits that mean nothing.
std::string roughly(double n);

/// Keeps the number of displacement unknowns of the run for out_of_memory_text().
void remember_unknowns(double n);

/// Memory ran out: says in which part, for how many unknowns on how many ranks, and what fits. Not collective; ranks
/// and their memory are those of the last call of memory_of_all_ranks().
std::string out_of_memory_text();

/// Whether an exception says that memory ran out: std::bad_alloc, or that of deal.II.
bool is_out_of_memory(const std::exception &error);

} // namespace lodestone
