#include <lodestone/solver/multigrid/line_couplings.h>

#include <deal.II/base/mpi.h>
#include <deal.II/fe/fe_q.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace lodestone
{

namespace
{
constexpr float weakest_link = 0.1f;    // relative to the diagonal; on a line without any other coupling it is 0.5
constexpr unsigned int n_classes = 256; // classes of strength, for sorting

// @return the pairs of nodes of a cell on the same line of its lattice: neighbours, then (Q2) the two ends
template <int dim>
std::vector<std::pair<unsigned int, unsigned int>> lattice_pairs(const unsigned int degree, unsigned int &n_adjacent)
{
  std::vector<std::pair<unsigned int, unsigned int>> pairs;
  const unsigned int n = dealii::Utilities::pow(degree + 1, dim);
  for (unsigned int distance = 1; distance <= degree; ++distance)
  {
    for (unsigned int a = 0; a < n; ++a)
      for (unsigned int d = 0, stride = 1; d < dim; ++d, stride *= degree + 1)
        if (a / stride % (degree + 1) + distance <= degree)
          pairs.emplace_back(a, a + distance * stride);
    if (distance == 1)
      n_adjacent = pairs.size();
  }
  return pairs;
}
} // namespace

template <int dim>
LineCouplings<dim>::LineCouplings(const DisplacementSpace<dim> &space,
                                  const BoundaryConditions<dim> &boundary_conditions,
                                  const StiffnessOperator<dim, float> &stiffness)
    : stiffness_(stiffness), comm_(space.mesh().communicator()),
      n_nodes_(space.dof_handler().n_locally_owned_dofs() / dim),
      cell_pairs_(lattice_pairs<dim>(space.degree(), n_adjacent_))
{
  find_pairs(space, boundary_conditions.constraints());
  coupling_.resize(second_.size() * dim);
}

template <int dim>
void LineCouplings<dim>::find_nodes(const typename dealii::DoFHandler<dim>::active_cell_iterator &cell,
                                    const dealii::FiniteElement<dim> &element,
                                    const dealii::AffineConstraints<double> &constraints,
                                    const dealii::Utilities::MPI::Partitioner &partitioner,
                                    const std::vector<unsigned int> &numbering,
                                    std::vector<dealii::types::global_dof_index> &node)
{
  using namespace dealii;
  std::vector<types::global_dof_index> dofs(element.dofs_per_cell);
  cell->get_dof_indices(dofs);
  for (unsigned int a = 0; a < node.size(); ++a)
  {
    node[a] = dofs[element.component_to_system_index(0, numbering[a])];
    unsigned int n_constrained = 0;
    for (unsigned int c = 0; c < dim; ++c)
    {
      const types::global_dof_index i = dofs[element.component_to_system_index(c, numbering[a])];
      AssertThrow(i == node[a] + c, ExcInternalError());
      const bool constrained = constraints.is_constrained(i);
      n_constrained += constrained;
      if (partitioner.in_local_range(i))
        constrained_[partitioner.global_to_local(i)] = constrained;
    }
    if (n_constrained == dim)
      node[a] = numbers::invalid_dof_index;
  }
}

template <int dim>
unsigned int
LineCouplings<dim>::receive_pairs(unsigned int n_cells,
                                  const std::map<unsigned int, std::vector<dealii::types::global_dof_index>> &outgoing,
                                  std::vector<GlobalPair> &found)
{
  const unsigned int n_pairs = cell_pairs_.size();
  // The cells of other ranks are numbered after those of this rank.
  for (const auto &[rank, pairs] : dealii::Utilities::MPI::some_to_some(comm_, outgoing))
  {
    unsigned int last = none;
    for (std::size_t i = 0; i < pairs.size(); i += 3)
    {
      const unsigned int cell = pairs[i + 2] / n_pairs;
      n_cells += cell != last;
      last = cell;
      const unsigned int place = (n_cells - 1) * n_pairs + pairs[i + 2] % n_pairs;
      found.push_back({pairs[i], pairs[i + 1], place});
      received_[rank].push_back(place);
    }
  }
  return n_cells;
}

template <int dim>
void LineCouplings<dim>::find_pairs(const DisplacementSpace<dim> &space,
                                    const dealii::AffineConstraints<double> &constraints)
{
  using namespace dealii;
  Vector layout;
  stiffness_.initialize_vector(layout);
  const auto &partitioner = *layout.get_partitioner();
  const auto &element = space.element();
  const std::vector<unsigned int> numbering = FE_Q<dim>(space.degree()).get_poly_space_numbering_inverse();
  const unsigned int me = Utilities::MPI::this_mpi_process(comm_);
  std::vector<unsigned int> rank_of_ghost;
  for (const auto &[rank, n] : partitioner.ghost_targets())
    rank_of_ghost.insert(rank_of_ghost.end(), n, rank);

  std::vector<GlobalPair> found;
  // For other ranks: three numbers per pair, which are the nodes' first unknowns and the place in pair_of_cell_.
  std::map<unsigned int, std::vector<types::global_dof_index>> outgoing;

  const auto cells = space.mesh().triangulation().global_active_cell_index_partitioner().lock();
  const unsigned int n_pairs = cell_pairs_.size();
  constrained_.assign(n_nodes_ * dim, false);
  std::vector<types::global_dof_index> node(numbering.size());
  for (const auto &cell : space.dof_handler().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      find_nodes(cell, element, constraints, partitioner, numbering, node);
      // At least one component is not constrained, but it need not be the first one.
      const auto owner = [&](const types::global_dof_index first) {
        if (partitioner.in_local_range(first))
          return me;
        for (unsigned int c = 0; c < dim; ++c)
          if (partitioner.is_ghost_entry(first + c))
            return rank_of_ghost[partitioner.global_to_local(first + c) - partitioner.locally_owned_size()];
        return none;
      };
      const unsigned int begin = cells->global_to_local(cell->global_active_cell_index()) * n_pairs;
      for (unsigned int p = 0; p < n_pairs; ++p)
      {
        const auto [first, second] = cell_pairs_[p];
        const auto a = node[first], b = node[second], middle = node[(first + second) / 2];
        if (a == numbers::invalid_dof_index || b == numbers::invalid_dof_index ||
            (p >= n_adjacent_ && middle == numbers::invalid_dof_index))
          continue;
        // These ranks may follow a line through both nodes.
        std::array<unsigned int, 2> ranks = {{owner(a), owner(b)}};
        if (p >= n_adjacent_)
          ranks[0] = ranks[1] = owner(middle);
        for (unsigned int k = 0; k < (ranks[0] == ranks[1] ? 1 : 2); ++k)
          if (ranks[k] == me)
            found.push_back({a, b, begin + p});
          else if (ranks[k] != none)
          {
            for (const types::global_dof_index x : {a, b, types::global_dof_index(begin + p)})
              outgoing[ranks[k]].push_back(x);
            sent_[ranks[k]].push_back(begin + p);
          }
      }
    }
  const unsigned int n_cells = receive_pairs(cells->locally_owned_size(), outgoing, found);
  pair_of_cell_.assign(std::size_t(n_cells) * n_pairs, none);
  set_layout(found);
  std::vector<CellPair> local;
  local.reserve(found.size());
  for (const GlobalPair &pair : found)
    local.push_back({layout_->global_to_local(pair.a) / dim, layout_->global_to_local(pair.b) / dim, pair.place});
  find_opposites(local);
  number_pairs(local);
}

template <int dim>
void LineCouplings<dim>::set_layout(const std::vector<GlobalPair> &found)
{
  using namespace dealii;
  Vector owned;
  stiffness_.initialize_vector(owned);
  const IndexSet range = owned.locally_owned_elements();
  std::vector<types::global_dof_index> beyond;
  for (const GlobalPair &pair : found)
    for (const auto first : {pair.a, pair.b})
      if (!range.is_element(first))
        for (unsigned int c = 0; c < dim; ++c)
          beyond.push_back(first + c);
  std::sort(beyond.begin(), beyond.end());
  beyond.erase(std::unique(beyond.begin(), beyond.end()), beyond.end());
  IndexSet ghosts(range.size());
  ghosts.add_indices(beyond.begin(), beyond.end());
  layout_ = std::make_shared<const Utilities::MPI::Partitioner>(range, ghosts, comm_);
  for (const auto &[rank, n] : layout_->ghost_targets())
    rank_of_ghost_.insert(rank_of_ghost_.end(), n, rank);
}

template <int dim>
void LineCouplings<dim>::number_pairs(const std::vector<CellPair> &found)
{
  const unsigned int n_nodes = n_nodes_ + rank_of_ghost_.size() / dim;
  std::vector<unsigned int> begin(n_nodes + 1, 0);
  for (const CellPair &pair : found)
    ++begin[std::min(pair.a, pair.b) + 1];
  for (unsigned int n = 0; n < n_nodes; ++n)
    begin[n + 1] += begin[n];
  // Per node its partners: the other node, whether the two are ends of a cell (neighbours sort first), and the place.
  std::vector<std::array<unsigned int, 3>> partners(found.size());
  std::vector<unsigned int> at = begin;
  for (const CellPair &pair : found)
    partners[at[std::min(pair.a, pair.b)]++] = {
        {std::max(pair.a, pair.b), pair.place % cell_pairs_.size() >= n_adjacent_, pair.place}};
  row_.assign(n_nodes + 1, 0);
  for (unsigned int n = 0; n < n_nodes; ++n)
  {
    row_[n] = second_.size();
    std::sort(partners.begin() + begin[n], partners.begin() + begin[n + 1]);
    for (unsigned int i = begin[n]; i < begin[n + 1]; ++i)
    {
      if (second_.size() == row_[n] || partners[i][0] != second_.back())
      {
        second_.push_back(partners[i][0]);
        adjacent_.push_back(!partners[i][1]);
      }
      pair_of_cell_[partners[i][2]] = second_.size() - 1;
    }
  }
  row_[n_nodes] = second_.size();
}

template <int dim>
void LineCouplings<dim>::find_opposites(const std::vector<CellPair> &found)
{
  // Per node its neighbours: the other node, the cell, and the direction in the cell.
  std::vector<unsigned int> begin(n_nodes_ + 1, 0);
  const auto is_adjacent = [&](const CellPair &pair) { return pair.place % cell_pairs_.size() < n_adjacent_; };
  for (const CellPair &pair : found)
    if (is_adjacent(pair))
      for (const unsigned int node : {pair.a, pair.b})
        if (node < n_nodes_)
          ++begin[node + 1];
  for (unsigned int n = 0; n < n_nodes_; ++n)
    begin[n + 1] += begin[n];
  std::vector<std::array<unsigned int, 3>> neighbours(begin.back());
  std::vector<unsigned int> at = begin;
  for (const CellPair &pair : found)
    if (is_adjacent(pair))
    {
      const unsigned int cell = pair.place / cell_pairs_.size(), p = pair.place % cell_pairs_.size();
      const unsigned int direction = cell_pairs_[p].second - cell_pairs_[p].first; // serves as its number
      if (pair.a < n_nodes_)
        neighbours[at[pair.a]++] = {{pair.b, cell, direction}};
      if (pair.b < n_nodes_)
        neighbours[at[pair.b]++] = {{pair.a, cell, direction}};
    }
  opposite_row_.assign(n_nodes_ + 1, 0);
  std::vector<unsigned int> others, opposite;
  for (unsigned int n = 0; n < n_nodes_; ++n)
  {
    opposite_row_[n] = opposites_.size();
    const auto first = neighbours.begin() + begin[n], last = neighbours.begin() + begin[n + 1];
    others.clear();
    for (auto i = first; i != last; ++i)
      others.push_back((*i)[0]);
    std::sort(others.begin(), others.end());
    others.erase(std::unique(others.begin(), others.end()), others.end());
    const auto turns = [&](const unsigned int x, const unsigned int y) {
      for (auto i = first; i != last; ++i)
        if ((*i)[0] == x)
          for (auto j = first; j != last; ++j)
            if ((*j)[0] == y && (*i)[1] == (*j)[1] && (*i)[2] != (*j)[2])
              return true;
      return false;
    };
    opposite.assign(others.size(), none);
    for (unsigned int x = 0; x < others.size(); ++x)
    {
      unsigned int n_straight = 0;
      for (unsigned int y = 0; y < others.size(); ++y)
        if (x != y && !turns(others[x], others[y]))
        {
          ++n_straight;
          opposite[x] = y;
        }
      if (n_straight != 1)
        opposite[x] = none;
    }
    for (unsigned int x = 0; x < others.size(); ++x)
      if (opposite[x] != none && x < opposite[x] && opposite[opposite[x]] == x)
        opposites_.emplace_back(others[x], others[opposite[x]]);
  }
  opposite_row_[n_nodes_] = opposites_.size();
}

template <int dim>
void LineCouplings<dim>::renew()
{
  std::vector<float> of_cells;
  stiffness_.compute_couplings(cell_pairs_, of_cells);
  std::map<unsigned int, std::vector<float>> outgoing;
  for (const auto &[rank, places] : sent_)
    for (const unsigned int place : places)
      outgoing[rank].insert(outgoing[rank].end(), of_cells.begin() + std::size_t(place) * dim,
                            of_cells.begin() + std::size_t(place + 1) * dim);
  of_cells.resize(pair_of_cell_.size() * dim, 0.f);
  for (const auto &[rank, values] : dealii::Utilities::MPI::some_to_some(comm_, outgoing))
  {
    const std::vector<unsigned int> &places = received_.at(rank);
    for (std::size_t i = 0; i < places.size(); ++i)
      std::copy_n(values.begin() + i * dim, dim, of_cells.begin() + std::size_t(places[i]) * dim);
  }
  std::fill(coupling_.begin(), coupling_.end(), 0.f);
  for (std::size_t place = 0; place < pair_of_cell_.size(); ++place)
    if (pair_of_cell_[place] != none)
      for (unsigned int c = 0; c < dim; ++c)
        coupling_[std::size_t(pair_of_cell_[place]) * dim + c] += of_cells[place * dim + c];
}

template <int dim>
typename LineCouplings<dim>::Links LineCouplings<dim>::candidates(const Vector &inverse_diagonal) const
{
  // Zeros on constrained unknowns leave these without couplings.
  Vector inverse(layout_);
  for (unsigned int i = 0; i < n_nodes_ * dim; ++i)
    inverse.local_element(i) = constrained_[i] ? 0 : inverse_diagonal.local_element(i);
  inverse.update_ghost_values();
  const auto strength_class = [&](const unsigned int first, const unsigned int pair,
                                  const unsigned int c) -> unsigned int {
    const unsigned int i = first * dim + c, j = second_[pair] * dim + c;
    if (!adjacent_[pair])
      return 0;
    const float strength = std::abs(coupling_[std::size_t(pair) * dim + c]) *
                           std::sqrt(inverse.local_element(i) * inverse.local_element(j));
    return strength < weakest_link ? 0 : std::min(unsigned(strength * n_classes), n_classes - 1);
  };
  std::array<std::size_t, n_classes + 1> begin{};
  for (unsigned int node = 0; node < n_nodes_; ++node)
    for (unsigned int pair = row_[node]; pair < row_[node + 1]; ++pair)
      for (unsigned int c = 0; c < dim; ++c)
        ++begin[strength_class(node, pair, c)];
  begin[0] = 0; // class 0 holds what is no candidate
  std::size_t sum = 0;
  for (unsigned int s = n_classes; s-- > 0;)
  {
    const std::size_t count = begin[s];
    begin[s] = sum;
    sum += count;
  }
  Links candidates(sum);
  for (unsigned int node = 0; node < n_nodes_; ++node)
    for (unsigned int pair = row_[node]; pair < row_[node + 1]; ++pair)
      for (unsigned int c = 0; c < dim; ++c)
        if (const unsigned int s = strength_class(node, pair, c))
          candidates[begin[s]++] = {{node * dim + c, second_[pair] * dim + c}};
  return candidates;
}

template <int dim>
bool LineCouplings<dim>::can_take(const Links &links, const unsigned int unknown, const unsigned int other) const
{
  if (links[unknown][0] == none)
    return true;
  return links[unknown][1] == none && goes_straight(links[unknown][0] / dim, unknown / dim, other / dim);
}

template <int dim>
std::unique_ptr<DistributedLines> LineCouplings<dim>::make_lines(const Vector &inverse_diagonal) const
{
  // The strongest links are taken first. Each unknown takes at most two, on opposite sides, and none that would close a
  // ring.
  const unsigned int n = n_nodes_ * dim;
  const Links candidates = this->candidates(inverse_diagonal);
  Links links(n, {{none, none}});
  std::vector<unsigned int> other_end(n);
  for (unsigned int i = 0; i < n; ++i)
    other_end[i] = i;
  const auto add = [&](const unsigned int i, const unsigned int j) { links[i][links[i][0] != none] = j; };
  const auto take = [&](const bool beyond) {
    for (const auto &[i, j] : candidates)
      if (j >= n)
      {
        if (beyond && can_take(links, i, j))
          add(i, j);
      }
      else if (other_end[i] != j && can_take(links, i, j) && can_take(links, j, i))
      {
        add(i, j);
        add(j, i);
        const unsigned int end_i = other_end[i], end_j = other_end[j];
        other_end[end_i] = end_j;
        other_end[end_j] = end_i;
      }
  };
  take(true);
  agree_with_neighbours(links);
  take(false); // unknowns that were kept free for links that other ranks refused
  return std::make_unique<DistributedLines>(comm_, layout_->local_range().first, pieces(links, other_end));
}

template <int dim>
void LineCouplings<dim>::agree_with_neighbours(Links &links) const
{
  using dealii::types::global_dof_index;
  const unsigned int n = n_nodes_ * dim;
  std::map<unsigned int, std::vector<global_dof_index>> outgoing; // per link an unknown there and one here
  for (unsigned int i = 0; i < n; ++i)
    for (const unsigned int j : links[i])
      if (j != none && j >= n)
        for (const unsigned int k : {j, i})
          outgoing[rank_of_ghost_[j - n]].push_back(layout_->local_to_global(k));
  std::vector<std::array<global_dof_index, 2>> wanted;
  for (const auto &[rank, pairs] : dealii::Utilities::MPI::some_to_some(comm_, outgoing))
    for (std::size_t k = 0; k < pairs.size(); k += 2)
      wanted.push_back({{pairs[k], pairs[k + 1]}});
  std::sort(wanted.begin(), wanted.end());
  const auto refused = [&](const unsigned int i, const unsigned int j) {
    return j != none && j >= n &&
           !std::binary_search(
               wanted.begin(), wanted.end(),
               std::array<global_dof_index, 2>{{layout_->local_to_global(i), layout_->local_to_global(j)}});
  };
  for (unsigned int i = 0; i < n; ++i)
  {
    if (refused(i, links[i][1]))
      links[i][1] = none;
    if (refused(i, links[i][0]))
      links[i] = {{links[i][1], none}};
  }
}

template <int dim>
LinePieces LineCouplings<dim>::pieces(const Links &links, const std::vector<unsigned int> &other_end) const
{
  const unsigned int n = n_nodes_ * dim;
  LinePieces pieces;
  pieces.unknowns.reserve(n);
  const auto is_owned = [&](const unsigned int i) { return i < n; };
  for (unsigned int i = 0; i < n; ++i)
    if (!(is_owned(links[i][0]) && is_owned(links[i][1])) &&
        other_end[i] >= i) // this is the end of a piece; each piece is taken once
    {
      pieces.starts.push_back(pieces.unknowns.size());
      unsigned int end = i;
      for (unsigned int last = none, at = i; at != none;)
      {
        pieces.unknowns.push_back(at);
        end = at;
        unsigned int next = none;
        for (const unsigned int j : links[at])
          if (is_owned(j) && j != last)
            next = j;
        last = at;
        at = next;
      }
      // A single unknown is both ends of its piece.
      std::array<LinePieces::Beyond, 2> beyond;
      unsigned int side = 0;
      for (const unsigned int at : {i, end})
      {
        for (const unsigned int j : links[at])
          if (j != none && !is_owned(j) && side < 2)
            beyond[i == end ? side++ : at == end] = {rank_of_ghost_[j - n], layout_->local_to_global(j)};
        if (i == end)
          break;
      }
      pieces.beyond.push_back(beyond);
    }
  pieces.starts.push_back(n);
  AssertThrow(pieces.unknowns.size() == n, dealii::ExcInternalError());
  return pieces;
}

template <int dim>
bool LineCouplings<dim>::goes_straight(const unsigned int from, const unsigned int node, const unsigned int to) const
{
  for (unsigned int i = opposite_row_[node]; i < opposite_row_[node + 1]; ++i)
    if (opposites_[i] == NodePair(from, to) || opposites_[i] == NodePair(to, from))
      return true;
  return false;
}

template <int dim>
unsigned int LineCouplings<dim>::find(unsigned int node, unsigned int other) const
{
  if (node > other)
    std::swap(node, other);
  for (unsigned int pair = row_[node]; pair < row_[node + 1]; ++pair)
    if (second_[pair] == other)
      return pair;
  return none;
}

template <int dim>
float LineCouplings<dim>::coupling_along(const unsigned int unknown, const unsigned int other) const
{
  const unsigned int pair = find(unknown / dim, other / dim);
  return pair == none ? 0 : coupling_[std::size_t(pair) * dim + unknown % dim];
}

template <int dim>
void LineCouplings<dim>::factorize(DistributedLines &lines, const Vector &inverse_diagonal) const
{
  const LinePieces &pieces = lines.pieces();
  const std::vector<unsigned int> &unknowns = pieces.unknowns, &starts = pieces.starts;
  std::vector<float> coupling(unknowns.size(), 0.f), coupling_before(pieces.beyond.size(), 0.f);
  Vector diagonal(layout_);
  for (unsigned int i = 0; i < unknowns.size(); ++i)
    diagonal.local_element(i) = 1 / inverse_diagonal.local_element(i);
  for (std::size_t line = 0; line + 1 < starts.size(); ++line)
  {
    const auto beyond = [&](const unsigned int end) {
      const auto &[rank, unknown] = pieces.beyond[line][end];
      return rank == LinePieces::none ? none : layout_->global_to_local(unknown);
    };
    unsigned int last = beyond(0);
    for (unsigned int k = starts[line]; k < starts[line + 1]; ++k)
    {
      const unsigned int next = k + 1 < starts[line + 1] ? unknowns[k + 1] : beyond(1);
      if (k == starts[line] && last != none)
        coupling_before[line] = coupling_along(unknowns[k], last);
      if (next != none)
        coupling[k] = coupling_along(unknowns[k], next);
      if (cell_pairs_.size() > n_adjacent_ && last != none && next != none)
      {
        const float ends = std::abs(coupling_along(last, next));
        diagonal.local_element(last) += ends;
        diagonal.local_element(next) += ends;
      }
      last = unknowns[k];
    }
  }
  diagonal.compress(dealii::VectorOperation::add);
  std::vector<float> of_places(unknowns.size());
  for (std::size_t k = 0; k < unknowns.size(); ++k)
    of_places[k] = diagonal.local_element(unknowns[k]);
  lines.factorize(of_places, coupling, coupling_before);
}

template <int dim>
std::size_t LineCouplings<dim>::memory_consumption() const
{
  std::size_t exchanged = 0;
  for (const auto &list : {&sent_, &received_})
    for (const auto &[rank, places] : *list)
      exchanged += places.size();
  return (rank_of_ghost_.size() + row_.size() + second_.size() + opposite_row_.size() + 2 * opposites_.size() +
          pair_of_cell_.size() + exchanged) *
             sizeof(unsigned int) +
         coupling_.size() * sizeof(float) + (adjacent_.size() + constrained_.size()) / 8;
}

template class LineCouplings<2>;
template class LineCouplings<3>;

} // namespace lodestone
