#include <lodestone/forward/multigrid/line_couplings.h>

#include <deal.II/base/mpi.h>
#include <deal.II/fe/fe_q.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace lodestone
{

namespace
{
constexpr float weakest_link = 0.1f;    // relative to the diagonal; 0.5 is a line without any other coupling
constexpr unsigned int n_classes = 256; // of strength, for sorting

// Pairs of nodes of a cell on the same line of its lattice: neighbours, then (Q2) the two ends.
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
LineCouplings<dim>::LineCouplings(const DisplacementSpace<dim> &space, const BoundaryConditions<dim> &boundary_conditions,
                                  const StiffnessOperator<dim, float> &stiffness)
    : stiffness_(stiffness), comm_(space.mesh().communicator()), n_nodes_(space.dof_handler().n_locally_owned_dofs() / dim),
      cell_pairs_(lattice_pairs<dim>(space.degree(), n_adjacent_))
{
  find_pairs(space, boundary_conditions.constraints());
  coupling_.resize(second_.size() * dim);
}

template <int dim>
void LineCouplings<dim>::find_pairs(const DisplacementSpace<dim> &space, const dealii::AffineConstraints<double> &constraints)
{
  using namespace dealii;
  Vector layout;
  stiffness_.initialize_vector(layout);
  const auto &partitioner = *layout.get_partitioner();
  const auto &element = space.element();
  const std::vector<unsigned int> numbering = FE_Q<dim>(space.degree()).get_poly_space_numbering_inverse();
  std::vector<unsigned int> rank_of_ghost;
  for (const auto &[rank, n] : partitioner.ghost_targets())
    rank_of_ghost.insert(rank_of_ghost.end(), n, rank);

  std::vector<CellPair> found;
  // Pairs of nodes that another rank owns, three numbers each: the nodes' first unknowns, the place in its
  // pair_of_cell_.
  std::map<unsigned int, std::vector<types::global_dof_index>> outgoing;

  const auto cells = space.mesh().triangulation().global_active_cell_index_partitioner().lock();
  const unsigned int n_pairs = cell_pairs_.size();
  constrained_.assign(n_nodes_ * dim, false);
  std::vector<types::global_dof_index> dofs(element.dofs_per_cell);
  std::vector<types::global_dof_index> node(numbering.size()); // first unknown of each; invalid if constrained
  for (const auto &cell : space.dof_handler().active_cell_iterators())
    if (cell->is_locally_owned())
    {
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
      // some component is not constrained, but not always the first
      const auto owner = [&](const types::global_dof_index first) {
        for (unsigned int c = 0; c < dim; ++c)
          if (partitioner.is_ghost_entry(first + c))
            return rank_of_ghost[partitioner.global_to_local(first + c) - partitioner.locally_owned_size()];
        return none;
      };
      const unsigned int begin = cells->global_to_local(cell->global_active_cell_index()) * n_pairs;
      for (unsigned int p = 0; p < n_pairs; ++p)
      {
        const auto a = node[cell_pairs_[p].first], b = node[cell_pairs_[p].second];
        if (a == numbers::invalid_dof_index || b == numbers::invalid_dof_index)
          continue;
        const bool own_a = partitioner.in_local_range(a), own_b = partitioner.in_local_range(b);
        if (own_a && own_b)
          found.push_back({unsigned(partitioner.global_to_local(a)) / dim, unsigned(partitioner.global_to_local(b)) / dim, begin + p});
        else if (!own_a && !own_b)
        {
          const unsigned int rank = owner(a);
          if (rank == none || rank != owner(b))
            continue;
          for (const types::global_dof_index x : {a, b, types::global_dof_index(begin + p)})
            outgoing[rank].push_back(x);
          sent_[rank].push_back(begin + p);
        }
      }
    }
  // Other ranks' cells come after one's own.
  unsigned int n_cells = cells->locally_owned_size();
  for (const auto &[rank, pairs] : Utilities::MPI::some_to_some(comm_, outgoing))
  {
    unsigned int last = none;
    for (std::size_t i = 0; i < pairs.size(); i += 3)
    {
      const unsigned int cell = pairs[i + 2] / n_pairs;
      n_cells += cell != last;
      last = cell;
      const unsigned int place = (n_cells - 1) * n_pairs + pairs[i + 2] % n_pairs;
      found.push_back({unsigned(partitioner.global_to_local(pairs[i])) / dim, unsigned(partitioner.global_to_local(pairs[i + 1])) / dim, place});
      received_[rank].push_back(place);
    }
  }
  pair_of_cell_.assign(std::size_t(n_cells) * n_pairs, none);
  find_opposites(found);
  number_pairs(found);
}

template <int dim>
void LineCouplings<dim>::number_pairs(const std::vector<CellPair> &found)
{
  std::vector<unsigned int> begin(n_nodes_ + 1, 0);
  for (const CellPair &pair : found)
    ++begin[std::min(pair.a, pair.b) + 1];
  for (unsigned int n = 0; n < n_nodes_; ++n)
    begin[n + 1] += begin[n];
  // Of each node the partners: the other node, whether ends of a cell (sorts after "next to each other"), the place.
  std::vector<std::array<unsigned int, 3>> partners(found.size());
  std::vector<unsigned int> at = begin;
  for (const CellPair &pair : found)
    partners[at[std::min(pair.a, pair.b)]++] = {{std::max(pair.a, pair.b), pair.place % cell_pairs_.size() >= n_adjacent_, pair.place}};
  row_.assign(n_nodes_ + 1, 0);
  for (unsigned int n = 0; n < n_nodes_; ++n)
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
  row_[n_nodes_] = second_.size();
}

template <int dim>
void LineCouplings<dim>::find_opposites(const std::vector<CellPair> &found)
{
  // Of each node its neighbours: the other node, the cell, the direction in it.
  std::vector<unsigned int> begin(n_nodes_ + 1, 0);
  const auto is_adjacent = [&](const CellPair &pair) { return pair.place % cell_pairs_.size() < n_adjacent_; };
  for (const CellPair &pair : found)
    if (is_adjacent(pair))
      for (const unsigned int node : {pair.a, pair.b})
        ++begin[node + 1];
  for (unsigned int n = 0; n < n_nodes_; ++n)
    begin[n + 1] += begin[n];
  std::vector<std::array<unsigned int, 3>> neighbours(begin.back());
  std::vector<unsigned int> at = begin;
  for (const CellPair &pair : found)
    if (is_adjacent(pair))
    {
      const unsigned int cell = pair.place / cell_pairs_.size(), p = pair.place % cell_pairs_.size();
      const unsigned int direction = cell_pairs_[p].second - cell_pairs_[p].first; // as good as its number
      neighbours[at[pair.a]++] = {{pair.b, cell, direction}};
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
      outgoing[rank].insert(outgoing[rank].end(), of_cells.begin() + std::size_t(place) * dim, of_cells.begin() + std::size_t(place + 1) * dim);
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
TridiagonalLines LineCouplings<dim>::make_lines(const Vector &inverse_diagonal) const
{
  // Links from the strongest on: each unknown takes two at most, on opposite sides, and none that would close a ring.
  const unsigned int n = n_nodes_ * dim;
  const auto strength_class = [&](const unsigned int first, const unsigned int pair, const unsigned int c) -> unsigned int {
    const unsigned int i = first * dim + c, j = second_[pair] * dim + c;
    if (!adjacent_[pair] || constrained_[i] || constrained_[j])
      return 0;
    const float strength =
        std::abs(coupling_[std::size_t(pair) * dim + c]) * std::sqrt(inverse_diagonal.local_element(i) * inverse_diagonal.local_element(j));
    return strength < weakest_link ? 0 : std::min(unsigned(strength * n_classes), n_classes - 1);
  };
  std::array<std::size_t, n_classes + 1> begin{};
  for (unsigned int node = 0; node < n_nodes_; ++node)
    for (unsigned int pair = row_[node]; pair < row_[node + 1]; ++pair)
      for (unsigned int c = 0; c < dim; ++c)
        ++begin[strength_class(node, pair, c)];
  begin[0] = 0; // not candidates
  std::size_t sum = 0;
  for (unsigned int s = n_classes; s-- > 0;)
  {
    const std::size_t count = begin[s];
    begin[s] = sum;
    sum += count;
  }
  std::vector<std::array<unsigned int, 2>> candidate(sum);
  for (unsigned int node = 0; node < n_nodes_; ++node)
    for (unsigned int pair = row_[node]; pair < row_[node + 1]; ++pair)
      for (unsigned int c = 0; c < dim; ++c)
        if (const unsigned int s = strength_class(node, pair, c))
          candidate[begin[s]++] = {{node * dim + c, second_[pair] * dim + c}};

  std::vector<std::array<unsigned int, 2>> links(n, {{none, none}});
  std::vector<unsigned int> other_end(n);
  for (unsigned int i = 0; i < n; ++i)
    other_end[i] = i;
  const auto can_take = [&](const unsigned int i, const unsigned int j) {
    if (links[i][0] == none)
      return true;
    if (links[i][1] != none)
      return false;
    return goes_straight(links[i][0] / dim, i / dim, j / dim);
  };
  for (const auto &[i, j] : candidate)
    if (other_end[i] != j && can_take(i, j) && can_take(j, i))
    {
      links[i][links[i][0] != none] = j;
      links[j][links[j][0] != none] = i;
      const unsigned int end_i = other_end[i], end_j = other_end[j];
      other_end[end_i] = end_j;
      other_end[end_j] = end_i;
    }

  std::vector<unsigned int> unknowns, starts;
  unknowns.reserve(n);
  for (unsigned int i = 0; i < n; ++i)
    if (links[i][1] == none && other_end[i] >= i) // a line's end, each line once
    {
      starts.push_back(unknowns.size());
      for (unsigned int last = none, at = i; at != none;)
      {
        unknowns.push_back(at);
        const unsigned int next = links[at][0] == last ? links[at][1] : links[at][0];
        last = at;
        at = next;
      }
    }
  starts.push_back(n);
  AssertThrow(unknowns.size() == n, dealii::ExcInternalError());
  return TridiagonalLines(std::move(unknowns), std::move(starts));
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
void LineCouplings<dim>::factorize(TridiagonalLines &lines, const Vector &inverse_diagonal) const
{
  const std::vector<unsigned int> &unknowns = lines.unknowns(), &starts = lines.starts();
  std::vector<float> diagonal(unknowns.size()), coupling(unknowns.size(), 0.f);
  for (std::size_t k = 0; k < unknowns.size(); ++k)
    diagonal[k] = 1 / inverse_diagonal.local_element(unknowns[k]);
  for (std::size_t line = 0; line + 1 < starts.size(); ++line)
    for (unsigned int k = starts[line]; k + 1 < starts[line + 1]; ++k)
    {
      coupling[k] = coupling_along(unknowns[k], unknowns[k + 1]);
      if (cell_pairs_.size() > n_adjacent_ && k + 2 < starts[line + 1])
      {
        const float ends = std::abs(coupling_along(unknowns[k], unknowns[k + 2]));
        diagonal[k] += ends;
        diagonal[k + 2] += ends;
      }
    }
  lines.factorize(diagonal, coupling);
}

template <int dim>
std::size_t LineCouplings<dim>::memory_consumption() const
{
  std::size_t exchanged = 0;
  for (const auto &list : {&sent_, &received_})
    for (const auto &[rank, places] : *list)
      exchanged += places.size();
  return (row_.size() + second_.size() + opposite_row_.size() + 2 * opposites_.size() + pair_of_cell_.size() + exchanged) * sizeof(unsigned int) +
         coupling_.size() * sizeof(float) + (adjacent_.size() + constrained_.size()) / 8;
}

template class LineCouplings<2>;
template class LineCouplings<3>;

} // namespace lodestone
