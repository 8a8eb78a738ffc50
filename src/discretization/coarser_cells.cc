#include <lodestone/discretization/coarser_cells.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace lodestone
{

namespace
{

/// The place of a cell: its ancestor in the coarsest mesh, and the way from there. On this way the cells of an ancestor
/// lie one after the other; a cell comes before all of its descendants but the first, which has the same place.
using Place = std::array<std::uint64_t, 2>;

template <int dim>
Place place(const dealii::CellId &id)
{
  Place result{{id.get_coarse_cell_id(), 0}};
  unsigned int shift = 64;
  for (const auto child : id.get_child_indices())
    result[1] |= std::uint64_t(child) << (shift -= dim);
  return result;
}

/// Where the cells of ranks begin among the descendants of a cell of the coarsest mesh, ascending.
using Beginnings = std::vector<std::pair<Place, unsigned int>>;

/// Collective.
template <int dim>
Beginnings find_beginnings(const dealii::Triangulation<dim> &mesh)
{
  std::map<std::uint64_t, std::uint64_t> first;
  for (const auto &cell : mesh.active_cell_iterators())
    if (cell->is_locally_owned())
    {
      const Place here = place<dim>(cell->id());
      std::uint64_t &way = first.emplace(here[0], here[1]).first->second;
      way = std::min(way, here[1]);
    }
  std::vector<Place> own;
  for (const auto &[ancestor, way] : first)
    own.push_back({{ancestor, way}});
  Beginnings result;
  const auto all = dealii::Utilities::MPI::all_gather(mesh.get_communicator(), own);
  for (unsigned int rank = 0; rank < all.size(); ++rank)
    for (const Place &begin : all[rank])
      result.emplace_back(begin, rank);
  std::sort(result.begin(), result.end());
  return result;
}

/// The owned cell of the mesh that is the cell with this id, or an ancestor of it.
template <int dim>
typename CoarserCells<dim>::Cell holder(const dealii::Triangulation<dim> &mesh, const dealii::CellId &id)
{
  auto cell = mesh.create_cell_iterator(dealii::CellId(id.get_coarse_cell_id(), {}));
  for (const auto child : id.get_child_indices())
    if (!cell->is_active())
      cell = cell->child(child);
  return cell;
}

} // namespace

template <int dim>
CoarserCells<dim>::CoarserCells(const Mesh<dim> &fine, const Mesh<dim> &coarse) : comm_(fine.communicator())
{
  const auto &triangulation = fine.triangulation(), &coarser = coarse.triangulation();
  const Beginnings beginnings = find_beginnings<dim>(coarser);
  std::map<unsigned int, std::vector<dealii::CellId::binary_type>> ids;
  std::map<unsigned int, std::vector<unsigned int>> of_rank; // the owned cells that ask it
  unsigned int n = 0;
  for (const auto &cell : triangulation.active_cell_iterators())
    if (cell->is_locally_owned())
    {
      const dealii::CellId id = cell->id();
      // The owner has the last cell that does not come after this one.
      const unsigned int owner =
          std::upper_bound(beginnings.begin(), beginnings.end(), place<dim>(id),
                           [](const Place &here, const auto &begin) { return here < begin.first; })[-1]
              .second;
      ids[owner].push_back(id.template to_binary<dim>());
      of_rank[owner].push_back(n++);
    }

  // Children of one parent mostly ask one after the other, and share the answer.
  std::map<unsigned int, std::vector<std::array<unsigned int, 2>>> found; // position of the answer, and level
  for (const auto &[rank, asking] : dealii::Utilities::MPI::some_to_some(comm_, ids))
    for (const auto &binary : asking)
    {
      const Cell cell = holder(coarser, dealii::CellId(binary));
      std::vector<Cell> &cells = asked_[rank];
      if (cells.empty() || cells.back() != cell)
        cells.push_back(cell);
      found[rank].push_back({{static_cast<unsigned int>(cells.size() - 1), static_cast<unsigned int>(cell->level())}});
    }

  std::vector<unsigned int> level(n);
  number_.resize(n);
  std::size_t n_answers = 0;
  for (const auto &[rank, answers] : dealii::Utilities::MPI::some_to_some(comm_, found))
  {
    first_of_rank_[rank] = n_answers;
    for (std::size_t i = 0; i < answers.size(); ++i)
    {
      const unsigned int cell = of_rank.at(rank)[i];
      number_[cell] = first_of_rank_[rank] + answers[i][0];
      level[cell] = answers[i][1];
    }
    n_answers += answers.back()[0] + 1;
  }
  is_child_.reserve(n);
  for (const auto &cell : triangulation.active_cell_iterators())
    if (cell->is_locally_owned())
      is_child_.push_back(level[is_child_.size()] < static_cast<unsigned int>(cell->level()));
}

template class CoarserCells<2>;
template class CoarserCells<3>;

} // namespace lodestone
