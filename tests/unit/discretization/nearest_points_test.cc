// The nearest of points that are seen in pieces, against looking at all of them.
#include <lodestone/discretization/nearest_points.h>

#include <gtest/gtest.h>

#include <map>

using namespace lodestone;
using dealii::Point;

TEST(NearestPointsParallel, PiecesDoNotMatter)
{
  Mesh<2>::Parameters parameters;
  parameters.upper = {1, 1};
  parameters.cells = {5, 4};
  const Mesh<2> mesh(parameters, MPI_COMM_WORLD);
  CellField held = mesh.make_cell_field();
  const ParameterCells<2> cells(mesh, {}, held);

  std::vector<Point<2>> points;
  for (unsigned int i = 0; i < 17; ++i)
    points.emplace_back(0.5 + 0.5 * std::sin(1.3 * i), 0.5 + 0.5 * std::cos(2.9 * i));
  NearestPoints<2> nearest(cells);
  for (const auto &[begin, end] : {std::make_pair(0, 9), std::make_pair(9, 10), std::make_pair(10, 17)})
    nearest.offer({points.begin() + begin, points.begin() + end});
  std::map<dealii::types::global_dof_index, std::size_t> found;
  for (std::size_t first = 0; first < points.size(); first += 4)
    nearest.visit(first, std::min<std::size_t>(4, points.size() - first), [&](const auto &cell, const std::size_t i) {
      EXPECT_TRUE(found.emplace(cells.index(cell), first + i).second) << "each cell takes one point";
    });

  unsigned int n = 0;
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      ++n;
      const auto closer = [&](const Point<2> &a, const Point<2> &b) {
        return a.distance(cell->center()) < b.distance(cell->center());
      };
      const std::size_t expected = std::min_element(points.begin(), points.end(), closer) - points.begin();
      EXPECT_EQ(found.at(cells.index(cell)), expected) << cell->center();
    }
  EXPECT_EQ(found.size(), n);
}
