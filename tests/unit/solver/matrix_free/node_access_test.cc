// Reading and adding of nodes with as many lanes as any processor has, whatever this one has: all numbers are whole, so
// that sums are exact. Expected are the numbers themselves.
#include <lodestone/solver/matrix_free/node_access.h>

#include <gtest/gtest.h>

#include <vector>

using lodestone::NodeAccess;

namespace
{

/// As a vector register, of any length.
template <typename Number, unsigned int n>
struct Lanes
{
  Number numbers[n];

  static constexpr unsigned int size() { return n; }
  Number &operator[](const unsigned int v) { return numbers[v]; }
  const Number &operator[](const unsigned int v) const { return numbers[v]; }
};

template <int dim, typename Number, unsigned int n>
void expect_nodes_are_moved()
{
  using Access = NodeAccess<dim, Number, Lanes<Number, n>>;
  constexpr unsigned int n_nodes = 40, stride = 2;
  std::vector<Number> vector(dim * n_nodes);
  for (unsigned int i = 0; i < vector.size(); ++i)
    vector[i] = 3 * i + 1;
  // The last lane reads the vector's last node, and the first two read the same one.
  unsigned int first[n];
  for (unsigned int v = 0; v < n; ++v)
    first[v] = dim * (v == 0 ? 7 : (7 + 11 * (v - 1)) % n_nodes);
  first[n - 1] = dim * (n_nodes - 1);

  Lanes<Number, n> values[dim * stride];
  Access::load(vector.data(), first, values, stride);
  for (unsigned int v = 0; v < n; ++v)
    for (unsigned int d = 0; d < dim; ++d)
      EXPECT_EQ(values[d * stride][v], vector[first[v] + d]) << "lane " << v << " of " << n;

  std::vector<Number> expected = vector;
  for (unsigned int v = 0; v < n; ++v)
    for (unsigned int d = 0; d < dim; ++d)
    {
      values[d * stride][v] = 100 * v + d;
      expected[first[v] + d] += 100 * v + d;
    }
  Access::add(values, stride, first, vector.data());
  EXPECT_EQ(vector, expected) << n << " lanes";
}

} // namespace

TEST(NodeAccess, SinglePrecision)
{
  expect_nodes_are_moved<3, float, 1>();
  expect_nodes_are_moved<3, float, 4>();
  expect_nodes_are_moved<3, float, 8>();
  expect_nodes_are_moved<3, float, 16>();
  expect_nodes_are_moved<2, float, 8>();
}

TEST(NodeAccess, DoublePrecision)
{
  expect_nodes_are_moved<3, double, 1>();
  expect_nodes_are_moved<3, double, 2>();
  expect_nodes_are_moved<3, double, 4>();
  expect_nodes_are_moved<3, double, 8>();
  expect_nodes_are_moved<2, double, 4>();
}
