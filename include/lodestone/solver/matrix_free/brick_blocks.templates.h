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

/// The corners of a block of 3^dim nodes whose mean a node inside an edge or a face of the block is, if it hangs.
template <int dim>
std::vector<unsigned int> corners_of(const unsigned int node)
{
  std::vector<unsigned int> corners(1, 0);
  for (unsigned int d = 0, rest = node, stride = 1; d < dim; ++d, rest /= 3, stride *= 3)
  {
    std::vector<unsigned int> next;
    for (const unsigned int corner : corners)
    {
      if (rest % 3 != 2)
        next.push_back(corner);
      if (rest % 3 != 0)
        next.push_back(corner + 2 * stride);
    }
    corners = next;
  }
  return corners;
}

/// corners_of all nodes, as a number and an array each, for loops.
template <int dim>
const auto &all_corners()
{
  constexpr unsigned int n = dim == 2 ? 9 : 27;
  static const auto table = [] {
    std::array<std::pair<unsigned int, std::array<unsigned int, 8>>, n> result;
    for (unsigned int a = 0; a < n; ++a)
    {
      const auto corners = corners_of<dim>(a);
      result[a].first = corners.size();
      std::copy(corners.begin(), corners.end(), result[a].second.begin());
    }
    return result;
  }();
  return table;
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
                                            const bool ghosts_are_complete) -> std::vector<Block>
{
  const dealii::DoFHandler<dim> &dofs = space.dof_handler();
  const BlockNumbering<dim, degree> numbering(space.element());
  std::array<std::vector<dealii::types::global_dof_index>, n_bricks> indices;
  for (auto &of_cell : indices)
    of_cell.resize(space.element().n_dofs_per_cell());
  const auto is_usable = [](const auto &cell) {
    return cell->is_active() && cell->is_locally_owned() && brick_blocks::brick_edges<dim>(cell);
  };
  const auto index = [&](const unsigned int node, const unsigned int component) {
    const auto [cell, place] = numbering(node, component);
    return indices[cell][place];
  };
  const auto is_zero = [&](const dealii::types::global_dof_index dof) {
    return constraints.is_constrained(dof) && constraints.get_constraint_entries(dof)->empty();
  };
  const auto is_read = [&](const unsigned int node) {
    for (unsigned int d = 0; d < dim; ++d)
    {
      const auto dof = index(node, d);
      if (constraints.is_constrained(dof) &&
          !(is_zero(dof) && (ghosts_are_complete || dofs.locally_owned_dofs().is_element(dof))))
        return false;
    }
    return true;
  };
  const auto is_mean_of_corners = [&](const unsigned int node) {
    const auto corners = brick_blocks::corners_of<dim>(node);
    if (degree != 1 || corners.size() == 1)
      return false;
    for (unsigned int d = 0; d < dim; ++d)
    {
      std::map<dealii::types::global_dof_index, double> expected;
      for (const unsigned int corner : corners)
        if (!is_zero(index(corner, d)))
          expected[index(corner, d)] = 1. / corners.size();
      const auto *entries = constraints.get_constraint_entries(index(node, d));
      if (entries == nullptr || entries->size() != expected.size())
        return false;
      for (const auto &[dof, weight] : *entries)
        if (const auto entry = expected.find(dof); entry == expected.end() || std::abs(entry->second - weight) > 1e-12)
          return false;
    }
    return true;
  };
  std::vector<Block> blocks;
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
    Block block{cell};
    bool usable = true;
    for (unsigned int a = 0; a < n_nodes && usable; ++a)
    {
      for (unsigned int d = 1; d < dim; ++d)
        usable = usable && index(a, d) == index(a, 0) + d;
      if (!is_read(a))
      {
        usable = usable && is_mean_of_corners(a);
        block.hanging |= 1u << a;
      }
    }
    if (usable)
      blocks.push_back(block);
  }
  return blocks;
}

template <int dim, int degree, typename Number>
BrickBlocks<dim, degree, Number>::BrickBlocks(const DisplacementSpace<dim> &space, const std::vector<Block> &blocks,
                                              const dealii::Utilities::MPI::Partitioner &layout)
{
  const BlockNumbering<dim, degree> numbering(space.element());
  std::vector<std::array<unsigned int, n_nodes>> nodes(blocks.size());
  std::array<std::array<std::vector<unsigned int>, 2>, 2> parts; // [needs ghosts][has hanging nodes]
  std::array<std::vector<dealii::types::global_dof_index>, n_bricks> indices;
  for (auto &of_cell : indices)
    of_cell.resize(space.element().n_dofs_per_cell());
  for (unsigned int b = 0; b < blocks.size(); ++b)
  {
    const Siblings all = siblings(blocks[b].first);
    for (unsigned int c = 0; c < n_bricks; ++c)
      all[c]->get_dof_indices(indices[c]);
    bool owned = true;
    for (unsigned int a = 0; a < n_nodes; ++a)
    {
      // A hanging node may be unknown here. Instead of it a corner is read, and not used.
      const bool hangs = blocks[b].hanging >> a & 1;
      const auto [cell, place] = numbering(hangs ? brick_blocks::corners_of<dim>(a)[0] : a, 0);
      nodes[b][a] = layout.global_to_local(indices[cell][place]);
      owned = owned && nodes[b][a] < layout.locally_owned_size();
      Assert(layout.global_to_local(indices[cell][place] + dim - 1) == nodes[b][a] + dim - 1,
             dealii::ExcInternalError());
    }
    parts[owned ? 0 : 1][blocks[b].hanging != 0 ? 1 : 0].push_back(b);
  }
  constexpr unsigned int lanes = Lanes::size();
  std::size_t n_batches_expected = 0;
  for (const auto &part : parts)
    for (const auto &members : part)
      n_batches_expected += (members.size() + lanes - 1) / lanes;
  nodes_.reserve(n_batches_expected * n_nodes * lanes);
  cells_.reserve(n_batches_expected * n_bricks * lanes);
  size_of_.reserve(n_batches_expected * n_bricks);
  filled_.reserve(n_batches_expected);
  first_hanging_.assign(1, 0);
  for (const auto &part : parts)
  {
    for (const auto &members : part)
      for (std::size_t begin = 0; begin < members.size(); begin += lanes)
        add_batch(blocks, {members.begin() + begin, members.begin() + std::min(begin + lanes, members.size())}, space,
                  nodes);
    if (&part == &parts[0])
      n_interior_ = n_batches();
  }
  size_numbers_.clear();
}

template <int dim, int degree, typename Number>
void BrickBlocks<dim, degree, Number>::add_batch(const std::vector<Block> &blocks,
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
      const Cell cell = siblings(blocks[member(v)].first)[q];
      cells_.push_back(cells->global_to_local(cell->global_active_cell_index()));
      edges[v] = *brick_blocks::brick_edges<dim>(cell);
    }
    size_of_.push_back(size_number(edges));
  }
  for (unsigned int a = 0; a < n_nodes; ++a)
  {
    HangingNode hanging{a, Lanes(Number(0))};
    bool any = false;
    for (unsigned int v = 0; v < lanes; ++v)
      if ((blocks[member(v)].hanging >> a & 1) != 0)
      {
        hanging.here[v] = 1;
        any = true;
      }
    if (any)
      hanging_.push_back(hanging);
  }
  first_hanging_.push_back(hanging_.size());
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
inline void BrickBlocks<dim, degree, Number>::set_hanging(const unsigned int batch, NodeValues &values) const
{
  for (unsigned int h = first_hanging_[batch]; h < first_hanging_[batch + 1]; ++h)
  {
    const auto &[n, corners] = brick_blocks::all_corners<dim>()[hanging_[h].node];
    const Lanes part = Number(1. / n) * hanging_[h].here, rest = Number(1) - hanging_[h].here;
    for (auto &of_nodes : values)
    {
      Lanes sum = of_nodes[corners[0]];
      for (unsigned int c = 1; c < n; ++c)
        sum += of_nodes[corners[c]];
      of_nodes[hanging_[h].node] = rest * of_nodes[hanging_[h].node] + part * sum;
    }
  }
}

template <int dim, int degree, typename Number>
inline void BrickBlocks<dim, degree, Number>::move_from_hanging(const unsigned int batch, NodeValues &values) const
{
  for (unsigned int h = first_hanging_[batch]; h < first_hanging_[batch + 1]; ++h)
  {
    const auto &[n, corners] = brick_blocks::all_corners<dim>()[hanging_[h].node];
    const Lanes part = Number(1. / n) * hanging_[h].here, rest = Number(1) - hanging_[h].here;
    for (auto &of_nodes : values)
    {
      const Lanes share = part * of_nodes[hanging_[h].node];
      of_nodes[hanging_[h].node] *= rest;
      for (unsigned int c = 0; c < n; ++c)
        of_nodes[corners[c]] += share;
    }
  }
}

template <int dim, int degree, typename Number>
inline void BrickBlocks<dim, degree, Number>::load(const unsigned int batch, const Number *vector,
                                                   NodeValues &values) const
{
  const unsigned int *first = nodes(batch).first;
  for (unsigned int a = 0; a < n_nodes; ++a, first += Lanes::size())
    NodeAccess<dim, Number>::load(vector, first, &values[0][a], n_nodes);
  set_hanging(batch, values);
}

template <int dim, int degree, typename Number>
inline void BrickBlocks<dim, degree, Number>::add(const unsigned int batch, NodeValues &values, Number *vector) const
{
  move_from_hanging(batch, values);
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
inline void BrickBlocks<dim, degree, Number>::multiply(const unsigned int batch, const BlockModuli &moduli,
                                                       NodeValues &in, NodeValues &out) const
{
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
}

template <int dim, int degree, typename Number>
void BrickBlocks<dim, degree, Number>::add_product(const unsigned int batch, const BlockModuli &moduli,
                                                   const Number *src, Number *dst) const
{
  NodeValues in, out;
  load(batch, src, in);
  multiply(batch, moduli, in, out);
  add(batch, out, dst);
}

template <int dim, int degree, typename Number>
void BrickBlocks<dim, degree, Number>::set_corners_of_diagonal(const unsigned int batch, const BlockModuli &moduli,
                                                               NodeValues &diagonal) const
{
  for (unsigned int h = first_hanging_[batch]; h < first_hanging_[batch + 1]; ++h)
    for (auto &of_nodes : diagonal)
      of_nodes[hanging_[h].node] *= Number(1) - hanging_[h].here;
  NodeValues in, out;
  const auto &[n, corners] = brick_blocks::all_corners<dim>()[(n_nodes - 1) / 2];
  for (unsigned int c = 0; c < n; ++c)
    for (unsigned int d = 0; d < dim; ++d)
    {
      for (auto &of_nodes : in)
        of_nodes.fill(Lanes(Number(0)));
      in[d][corners[c]] = Number(1);
      set_hanging(batch, in);
      multiply(batch, moduli, in, out);
      move_from_hanging(batch, out);
      diagonal[d][corners[c]] = out[d][corners[c]];
    }
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
    if (first_hanging_[batch] < first_hanging_[batch + 1])
      set_corners_of_diagonal(batch, moduli, out);
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
