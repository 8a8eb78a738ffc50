#pragma once

#include <lodestone/solver/matrix_free/brick_blocks.h>

#include <deal.II/fe/fe_q.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace lodestone
{

template <int dim, int degree>
BlockNumbering<dim, degree>::BlockNumbering(const dealii::FiniteElement<dim> &element)
{
  const std::vector<unsigned int> hierarchic = dealii::FE_Q<dim>(degree).get_poly_space_numbering_inverse();
  for (unsigned int a = 0; a < n_nodes; ++a)
  {
    unsigned int cell = 0, node = 0, rest = a;
    for (unsigned int d = 0, cell_stride = 1, node_stride = 1; d < dim;
         ++d, rest /= 3, cell_stride *= 2, node_stride *= degree + 1)
    {
      const unsigned int place = rest % 3, upper = degree == 1 && place == 2;
      cell += upper * cell_stride;
      node += (place - upper) * node_stride;
    }
    for (unsigned int d = 0; d < dim; ++d)
      place_[a * dim + d] = {cell, element.component_to_system_index(d, hierarchic[node])};
  }
}

namespace brick_blocks
{
/// @return the lengths of the edges along x, y, z, if the cell's own directions are these in this order
template <int dim, typename Cell>
std::optional<std::array<double, dim>> brick_edges(const Cell &cell)
{
  constexpr double tolerance = 1e-10; // relative to the longest edge
  std::array<double, dim> edges;
  double longest = 0;
  for (unsigned int d = 0; d < dim; ++d)
  {
    edges[d] = cell->vertex(1 << d)[d] - cell->vertex(0)[d];
    longest = std::max(longest, edges[d]);
  }
  for (const unsigned int v : cell->vertex_indices())
    for (unsigned int d = 0; d < dim; ++d)
      if (std::abs(cell->vertex(v)[d] - cell->vertex(0)[d] - (v >> d & 1) * edges[d]) > tolerance * longest)
        return {};
  if (*std::min_element(edges.begin(), edges.end()) <= 0)
    return {};
  return edges;
}
} // namespace brick_blocks

template <int dim, int degree, typename Number>
auto BrickBlocks<dim, degree, Number>::siblings(const Cell &first) -> Siblings
{
  Siblings all;
  all[0] = first;
  if constexpr (degree == 1)
    for (unsigned int c = 0; c < n_bricks; ++c)
      all[c] = Cell(first->parent()->child(c));
  return all;
}

template <int dim, int degree, typename Number>
auto BrickBlocks<dim, degree, Number>::find(const DisplacementSpace<dim> &space,
                                            const dealii::AffineConstraints<double> &constraints,
                                            const bool ghosts_are_complete) -> std::vector<Cell>
{
  const dealii::DoFHandler<dim> &dofs = space.dof_handler();
  const BlockNumbering<dim, degree> numbering(space.element());
  std::array<std::vector<dealii::types::global_dof_index>, n_bricks> indices;
  for (auto &of_cell : indices)
    of_cell.resize(space.element().n_dofs_per_cell());
  const auto is_usable = [](const auto &cell) {
    return cell->is_active() && cell->is_locally_owned() && brick_blocks::brick_edges<dim>(cell);
  };
  const auto may_be_in_block = [&](const dealii::types::global_dof_index dof) {
    if (!constraints.is_constrained(dof))
      return true;
    const auto *entries = constraints.get_constraint_entries(dof);
    return (entries == nullptr || entries->empty()) &&
           (ghosts_are_complete || dofs.locally_owned_dofs().is_element(dof));
  };
  std::vector<Cell> blocks;
  for (const auto &cell : dofs.active_cell_iterators())
  {
    if (!is_usable(cell))
      continue;
    if constexpr (degree == 1)
    {
      // The first child stands for its family.
      if (cell->level() == 0 || cell->parent()->child_index(0) != cell->index())
        continue;
      const auto children = cell->parent()->child_iterators();
      if (!std::all_of(children.begin(), children.end(), is_usable))
        continue;
    }
    const Siblings all = siblings(cell);
    for (unsigned int c = 0; c < n_bricks; ++c)
      all[c]->get_dof_indices(indices[c]);
    bool usable = true;
    for (unsigned int a = 0; a < n_nodes; ++a)
      for (unsigned int d = 0; d < dim; ++d)
      {
        const auto [first_cell, first_place] = numbering(a, 0);
        const auto [own_cell, place] = numbering(a, d);
        const auto dof = indices[own_cell][place];
        usable = usable && dof == indices[first_cell][first_place] + d && may_be_in_block(dof);
      }
    if (usable)
      blocks.push_back(cell);
  }
  return blocks;
}

template <int dim, int degree, typename Number>
BrickBlocks<dim, degree, Number>::BrickBlocks(const DisplacementSpace<dim> &space, const std::vector<Cell> &blocks,
                                              const dealii::Utilities::MPI::Partitioner &layout)
{
  const BlockNumbering<dim, degree> numbering(space.element());
  std::vector<std::array<unsigned int, n_nodes>> nodes(blocks.size());
  std::vector<unsigned int> interior, at_ghosts;
  std::array<std::vector<dealii::types::global_dof_index>, n_bricks> indices;
  for (auto &of_cell : indices)
    of_cell.resize(space.element().n_dofs_per_cell());
  for (unsigned int b = 0; b < blocks.size(); ++b)
  {
    const Siblings all = siblings(blocks[b]);
    for (unsigned int c = 0; c < n_bricks; ++c)
      all[c]->get_dof_indices(indices[c]);
    bool owned = true;
    for (unsigned int a = 0; a < n_nodes; ++a)
    {
      const auto [cell, place] = numbering(a, 0);
      nodes[b][a] = layout.global_to_local(indices[cell][place]);
      owned = owned && nodes[b][a] < layout.locally_owned_size();
      Assert(layout.global_to_local(indices[cell][place] + dim - 1) == nodes[b][a] + dim - 1,
             dealii::ExcInternalError());
    }
    (owned ? interior : at_ghosts).push_back(b);
  }
  constexpr unsigned int lanes = Lanes::size();
  const std::size_t n_batches_expected = (interior.size() + lanes - 1) / lanes + (at_ghosts.size() + lanes - 1) / lanes;
  nodes_.reserve(n_batches_expected * n_nodes * lanes);
  cells_.reserve(n_batches_expected * n_bricks * lanes);
  size_of_.reserve(n_batches_expected * n_bricks);
  filled_.reserve(n_batches_expected);
  for (const auto *part : {&interior, &at_ghosts})
  {
    for (unsigned int begin = 0; begin < part->size(); begin += lanes)
      add_batch(blocks, {part->begin() + begin, part->begin() + std::min<std::size_t>(begin + lanes, part->size())},
                space, nodes);
    if (part == &interior)
      n_interior_ = n_batches();
  }
  size_numbers_.clear();
}

template <int dim, int degree, typename Number>
void BrickBlocks<dim, degree, Number>::add_batch(const std::vector<Cell> &blocks,
                                                 const std::vector<unsigned int> &members,
                                                 const DisplacementSpace<dim> &space,
                                                 const std::vector<std::array<unsigned int, n_nodes>> &nodes)
{
  constexpr unsigned int lanes = Lanes::size();
  const auto cells = space.mesh().triangulation().global_active_cell_index_partitioner().lock();
  // Lanes without a block repeat the first lane, with moduli of zero.
  const auto member = [&](const unsigned int v) { return members[v < members.size() ? v : 0]; };
  for (unsigned int a = 0; a < n_nodes; ++a)
    for (unsigned int v = 0; v < lanes; ++v)
      nodes_.push_back(nodes[member(v)][a]);
  for (unsigned int q = 0; q < n_bricks; ++q)
  {
    std::array<std::array<double, dim>, lanes> edges;
    for (unsigned int v = 0; v < lanes; ++v)
    {
      const Cell cell = siblings(blocks[member(v)])[q];
      cells_.push_back(cells->global_to_local(cell->global_active_cell_index()));
      edges[v] = *brick_blocks::brick_edges<dim>(cell);
    }
    size_of_.push_back(size_number(edges));
  }
  filled_.push_back(members.size());
}

template <int dim, int degree, typename Number>
unsigned int
BrickBlocks<dim, degree, Number>::size_number(const std::array<std::array<double, dim>, Lanes::size()> &edges)
{
  // Edges are differences of coordinates and therefore rounded; twelve digits tell sizes apart.
  std::vector<double> key;
  for (const auto &of_lane : edges)
    for (const double edge : of_lane)
    {
      const double unit = std::exp2(std::floor(std::log2(edge)) - 40);
      key.push_back(std::round(edge / unit) * unit);
    }
  const auto [place, is_new] = size_numbers_.insert({key, sizes_.size()});
  if (is_new)
    sizes_.push_back(BrickKernel::make_size(edges));
  return place->second;
}

template <int dim, int degree, typename Number>
void BrickBlocks<dim, degree, Number>::gather(const Moduli &moduli, const double factor, BlockModuli &of_bricks) const
{
  constexpr unsigned int lanes = Lanes::size();
  of_bricks.resize_fast(size_of_.size());
  for (unsigned int i = 0; i < size_of_.size(); ++i)
  {
    for (unsigned int v = 0; v < lanes; ++v)
    {
      const unsigned int cell = cells_[i * lanes + v];
      const bool empty = v >= filled_[i / n_bricks];
      of_bricks[i][0][v] = empty ? 0 : factor * moduli.lambda.local_element(cell);
      of_bricks[i][1][v] = empty ? 0 : 2 * factor * moduli.mu.local_element(cell);
    }
    for (Lanes &modulus : of_bricks[i])
      modulus *= sizes_[size_of_[i]].scale;
  }
}

template <int dim, int degree, typename Number>
inline void BrickBlocks<dim, degree, Number>::load(const unsigned int batch, const Number *vector,
                                                   NodeValues &values) const
{
  const unsigned int *first = nodes(batch).first;
  for (unsigned int a = 0; a < n_nodes; ++a, first += Lanes::size())
    NodeAccess<dim, Number>::load(vector, first, &values[0][a], n_nodes);
}

template <int dim, int degree, typename Number>
inline void BrickBlocks<dim, degree, Number>::add(const unsigned int batch, const NodeValues &values,
                                                  Number *vector) const
{
  const unsigned int *first = nodes(batch).first;
  for (unsigned int a = 0; a < n_nodes; ++a, first += Lanes::size())
    NodeAccess<dim, Number>::add(&values[0][a], n_nodes, first, vector);
}

template <int dim, int degree, typename Number>
constexpr unsigned int BrickBlocks<dim, degree, Number>::node_of(const unsigned int brick, const unsigned int node)
{
  if (degree == 2)
    return node;
  const unsigned int x = (brick & 1) + (node & 1), y = (brick >> 1 & 1) + (node >> 1 & 1),
                     z = (brick >> 2) + (node >> 2);
  return x + 3 * y + 9 * z;
}

template <int dim, int degree, typename Number>
inline void BrickBlocks<dim, degree, Number>::take(const NodeValues &nodes, const unsigned int brick,
                                                   typename BrickKernel::Values &values)
{
  for (unsigned int d = 0; d < dim; ++d)
    for (unsigned int a = 0; a < BrickKernel::n_nodes; ++a)
      values[d][a] = nodes[d][node_of(brick, a)];
}

template <int dim, int degree, typename Number>
inline void BrickBlocks<dim, degree, Number>::give(const typename BrickKernel::Values &values, const unsigned int brick,
                                                   NodeValues &nodes)
{
  for (unsigned int d = 0; d < dim; ++d)
    for (unsigned int a = 0; a < BrickKernel::n_nodes; ++a)
      nodes[d][node_of(brick, a)] += values[d][a];
}

template <int dim, int degree, typename Number>
void BrickBlocks<dim, degree, Number>::add_product(const unsigned int batch, const BlockModuli &moduli,
                                                   const Number *src, Number *dst) const
{
  NodeValues in, out;
  load(batch, src, in);
  if constexpr (degree == 2)
    BrickKernel::stiffness(in, moduli[batch][0], moduli[batch][1], sizes_[size_of_[batch]], out);
  else
  {
    for (auto &component : out)
      component.fill(Lanes(Number(0)));
    typename BrickKernel::Values u, r;
    for (unsigned int q = 0; q < n_bricks; ++q)
    {
      const unsigned int i = batch * n_bricks + q;
      take(in, q, u);
      BrickKernel::stiffness(u, moduli[i][0], moduli[i][1], sizes_[size_of_[i]], r);
      give(r, q, out);
    }
  }
  add(batch, out, dst);
}

template <int dim, int degree, typename Number>
void BrickBlocks<dim, degree, Number>::add_diagonal(const BlockModuli &moduli, Number *diagonal) const
{
  // K_aa of component i is (lambda + mu) int (d_i phi_a)^2 + mu int |grad phi_a|^2, with moduli and edges scaled as in
  // Brick.
  std::array<std::array<double, dim>, BrickKernel::n_nodes> products;
  for (unsigned int a = 0; a < BrickKernel::n_nodes; ++a)
    products[a] = BrickKernel::gradient_products(a, a);
  for (unsigned int batch = 0; batch < n_batches(); ++batch)
  {
    NodeValues out;
    for (auto &component : out)
      component.fill(Lanes(Number(0)));
    for (unsigned int q = 0; q < n_bricks; ++q)
    {
      const unsigned int i = batch * n_bricks + q;
      const Size &size = sizes_[size_of_[i]];
      const Lanes mu = Number(.5 / BrickKernel::common_weight) * moduli[i][1],
                  both = Number(1 / BrickKernel::common_weight) * moduli[i][0] + mu;
      std::array<Lanes, dim> entries;
      for (unsigned int a = 0; a < BrickKernel::n_nodes; ++a)
      {
        if (a == 0 || degree > 1) // corners are alike
        {
          Lanes sum = Number(0);
          for (unsigned int d = 0; d < dim; ++d)
          {
            entries[d] = Number(products[a][d]) * size.inverse_square[d];
            sum += entries[d];
          }
          for (Lanes &entry : entries)
            entry = both * entry + mu * sum;
        }
        for (unsigned int d = 0; d < dim; ++d)
          out[d][node_of(q, a)] += entries[d];
      }
    }
    add(batch, out, diagonal);
  }
}

template <int dim, int degree, typename Number>
void BrickBlocks<dim, degree, Number>::compute_couplings(const BlockModuli &moduli,
                                                         const std::vector<NodePair> &node_pairs,
                                                         std::vector<Number> &couplings) const
{
  constexpr unsigned int lanes = Lanes::size();
  std::vector<std::array<double, dim>> products;
  for (const auto &[a, b] : node_pairs)
    products.push_back(BrickKernel::gradient_products(a, b));
  for (unsigned int i = 0; i < size_of_.size(); ++i)
  {
    const Size &size = sizes_[size_of_[i]];
    for (unsigned int v = 0; v < filled_[i / n_bricks]; ++v)
    {
      Number *of_cell = couplings.data() + cells_[i * lanes + v] * node_pairs.size() * dim;
      const Number mu = .5 / BrickKernel::common_weight * moduli[i][1][v],
                   both = moduli[i][0][v] / BrickKernel::common_weight + mu;
      for (const auto &product : products)
      {
        Number sum = 0;
        for (unsigned int d = 0; d < dim; ++d)
          sum += product[d] * size.inverse_square[d][v];
        for (unsigned int d = 0; d < dim; ++d)
          *of_cell++ = both * (product[d] * size.inverse_square[d][v]) + mu * sum;
      }
    }
  }
}

template <int dim, int degree, typename Number>
void BrickBlocks<dim, degree, Number>::add_moduli_dual(const Number *u, const Number *p, Moduli &dual) const
{
  constexpr unsigned int lanes = Lanes::size();
  NodeValues nodes_u, nodes_p;
  typename BrickKernel::Values values_u, values_p;
  for (unsigned int batch = 0; batch < n_batches(); ++batch)
  {
    load(batch, u, nodes_u);
    load(batch, p, nodes_p);
    for (unsigned int q = 0; q < n_bricks; ++q)
    {
      const unsigned int i = batch * n_bricks + q;
      take(nodes_u, q, values_u);
      take(nodes_p, q, values_p);
      const auto of_brick = BrickKernel::moduli_dual(values_u, values_p, sizes_[size_of_[i]]);
      for (unsigned int v = 0; v < filled_[batch]; ++v)
      {
        const unsigned int cell = cells_[i * lanes + v];
        dual.lambda.local_element(cell) += of_brick[0][v];
        dual.mu.local_element(cell) += of_brick[1][v];
      }
    }
  }
}

template <int dim, int degree, typename Number>
std::size_t BrickBlocks<dim, degree, Number>::memory_consumption() const
{
  return (nodes_.capacity() + cells_.capacity() + size_of_.capacity()) * sizeof(unsigned int) +
         sizes_.size() * sizeof(Size) + filled_.capacity();
}

} // namespace lodestone
