#include <lodestone/prior/squares.h>

#include <deal.II/base/partitioner.h>

#include <algorithm>
#include <cmath>

namespace lodestone
{

using dealii::types::global_dof_index;

void Square::add(const global_dof_index unknown, const double a)
{
  for (Term &term : terms)
    if (term.unknown == unknown)
    {
      term.coefficient += a;
      return;
    }
  terms.push_back({unknown, a});
}

void JoinedSquares::for_each(const Visit &visit) const
{
  for (std::size_t k = 0; k < lists_.size(); ++k)
    lists_[k]->for_each([&, square = Square()](const Square &original) mutable {
      square = original;
      square.number = mixed(original.number, k);
      visit(square);
    });
}

SquaresAbout::SquaresAbout(std::shared_ptr<const Squares> squares, const ParameterVector &reference)
    : squares_(std::move(squares)), reference_(partitioner_of(*squares_, *reference.layout().partitioner))
{
  reference_.copy_locally_owned_data_from(reference.values());
  reference_.update_ghost_values();
}

void SquaresAbout::for_each(const Visit &visit) const
{
  squares_->for_each([&, square = Square()](const Square &original) mutable {
    square = original;
    square.target = 0;
    square.target = original.target + residual(square, reference_);
    visit(square);
  });
}

std::shared_ptr<const dealii::Utilities::MPI::Partitioner>
partitioner_with_ghosts(const dealii::Utilities::MPI::Partitioner &owned, std::vector<global_dof_index> unknowns)
{
  const dealii::IndexSet &own = owned.locally_owned_range();
  if (owned.size() == 0) // deal.II cannot look for the owners of no entries
    return std::make_shared<const dealii::Utilities::MPI::Partitioner>(own, owned.get_mpi_communicator());
  std::sort(unknowns.begin(), unknowns.end());
  dealii::IndexSet ghosts(owned.size());
  ghosts.add_indices(unknowns.begin(), std::unique(unknowns.begin(), unknowns.end()));
  return std::make_shared<const dealii::Utilities::MPI::Partitioner>(own, ghosts, owned.get_mpi_communicator());
}

std::shared_ptr<const dealii::Utilities::MPI::Partitioner>
partitioner_of(const Squares &squares, const dealii::Utilities::MPI::Partitioner &owned)
{
  std::vector<global_dof_index> elsewhere;
  squares.for_each([&](const Square &square) {
    for (const Square::Term &term : square.terms)
      if (!owned.in_local_range(term.unknown))
        elsewhere.push_back(term.unknown);
  });
  return partitioner_with_ghosts(owned, std::move(elsewhere));
}

double residual(const Square &square, const DistributedVector &m)
{
  double sum = 0;
  for (const Square::Term &term : square.terms)
    sum += term.coefficient * m(term.unknown);
  return sum - square.target;
}

std::uint64_t mixed(const std::uint64_t a, const std::uint64_t b)
{
  // The finaliser of SplitMix64 (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195), after each of the two.
  const auto finalise = [](std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
  };
  return finalise(finalise(a + 0x9e3779b97f4a7c15u) + b + 0x9e3779b97f4a7c15u);
}

double standard_normal(const std::uint64_t seed, const std::uint64_t number)
{
  // Box and Muller 1958, doi:10.1214/aoms/1177706645. The first number is in (0, 1], so that its logarithm is finite.
  const std::uint64_t state = mixed(seed, number);
  const double u = ((mixed(state, 1) >> 11) + 1) * 0x1p-53, v = (mixed(state, 2) >> 11) * 0x1p-53;
  return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::acos(-1.) * v);
}

} // namespace lodestone
