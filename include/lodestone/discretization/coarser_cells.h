#pragma once

#include <lodestone/discretization/mesh.h>

#include <deal.II/base/mpi.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <vector>

namespace lodestone
{

/// Which cell of a coarser mesh holds each owned cell of a mesh, and on which rank: the two meshes are distributed
/// differently.
///
/// The cells of either mesh lie one after the other along a curve, and every rank owns a piece of it. So the first cells
/// of the ranks tell who owns any place of the curve. What a rank stores goes with its cells, the ranks, and the cells
/// of the coarsest mesh, which every rank knows anyway; nothing is as large as a mesh of the smallest cells would be.
template <int dim>
class CoarserCells
{
public:
  using Cell = typename dealii::Triangulation<dim>::active_cell_iterator;

  /// Both meshes must outlive this object, unchanged. Collective.
  /// @param coarse a mesh of the same box or file, each of whose cells is one of `fine` or was split into such: the
  ///   result of fine.make_coarser(), a mesh that `fine` is a refinement of, or `fine` itself
  CoarserCells(const Mesh<dim> &fine, const Mesh<dim> &coarse);

  /// What their owners answer about the coarser cells that hold owned cells of the finer mesh; `number` says which
  /// answer belongs to which cell. `answer` is called on the rank that owns the coarser cell. Collective.
  template <typename Answer>
  std::vector<Answer> ask(const std::function<Answer(const Cell &)> &answer) const;
  /// Of each owned cell of the finer mesh, in the order of the mesh, the position of its answer.
  const std::vector<unsigned int> &number() const { return number_; }
  /// Of the same cells, whether the coarser mesh has an ancestor, and not the cell itself.
  const std::vector<bool> &is_child() const { return is_child_; }

private:
  MPI_Comm comm_;
  std::vector<unsigned int> number_;
  std::vector<bool> is_child_;
  std::map<unsigned int, std::vector<Cell>> asked_;   ///< by rank: the coarser cells that it wants to know of
  std::map<unsigned int, std::size_t> first_of_rank_; ///< by rank: position of its first answer
};

template <int dim>
template <typename Answer>
std::vector<Answer> CoarserCells<dim>::ask(const std::function<Answer(const Cell &)> &answer) const
{
  std::map<unsigned int, std::vector<Answer>> answers;
  for (const auto &[rank, cells] : asked_)
    for (const Cell &cell : cells)
      answers[rank].push_back(answer(cell));
  std::vector<Answer> result;
  for (auto &[rank, received] : dealii::Utilities::MPI::some_to_some(comm_, answers))
  {
    AssertThrow(first_of_rank_.at(rank) == result.size(), dealii::ExcInternalError());
    std::move(received.begin(), received.end(), std::back_inserter(result));
  }
  return result;
}

} // namespace lodestone
