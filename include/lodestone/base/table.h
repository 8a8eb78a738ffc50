#pragma once

#include <lodestone/base/csv.h>
#include <lodestone/base/units.h>

#include <deal.II/base/mpi.h>
#include <deal.II/base/point.h>

#include <array>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lodestone
{

// Values of all tables are in SI: a unit behind a column's name, "young [GPa]", is applied. Files are read on rank 0
// and broadcast (collective); the tables are replicated.

/// The factor that brings a column to SI. @param quantity, advice as unit_factor has them
/// @throws InputError naming file, column and unit
double column_factor(const CsvTable &csv, unsigned int column, std::optional<Quantity> quantity = {},
                     const std::string &advice = "");

/// What a column with values may hold: a quantity between two numbers (SI) that it does not reach.
struct TableColumn
{
  Quantity quantity;
  double above, below;
};

/// Properties against depth: header `depth,young,...`, depth in metres positive down.
///
/// Piecewise linear between rows, constant above the first and below the last. Two rows of equal depth are a jump; at
/// that depth the second holds. @throws InputError for depths that decrease, a third row of equal depth, nan, or no
/// rows
class DepthTable
{
public:
  /// Reads every column, whatever it holds.
  explicit DepthTable(const CsvTable &csv);
  /// Reads the columns that are known, and checks their units and every row; others are ignored. A table with one
  /// column beside the depth has the values of `wanted` there, unless its name is that of another one.
  /// @throws InputError also without a column for `wanted`, and for a column whose name is a slip of a known one
  DepthTable(const CsvTable &csv, const std::string &wanted, const std::map<std::string, TableColumn> &known);

  /// Names of all columns that were read except `depth`; value() takes the index in this list.
  const std::vector<std::string> &columns() const { return columns_; }
  bool has(const std::string &column) const;
  /// @throws InputError naming the columns that exist
  unsigned int column(const std::string &name) const;
  /// Index of the column that was wanted.
  unsigned int wanted() const { return wanted_; }
  /// Names of the columns that nothing is known of.
  const std::vector<std::string> &ignored() const { return ignored_; }

  /// Value (SI) at a depth (m, positive down).
  double value(unsigned int column, double depth) const;
  /// Depths of the rows (m).
  const std::vector<double> &depths() const { return depths_; }

private:
  void read_depths(const CsvTable &csv);

  std::string file_;
  std::vector<std::string> columns_, ignored_;
  unsigned int wanted_ = 0;
  std::vector<double> depths_;
  std::vector<std::vector<double>> values_; ///< [column][row]
};

/// What GridTable does with a position off the grid.
enum class OutsideGrid
{
  zero,
  error
};

/// Values on a regular or rectilinear grid, bilinear between the nodes: rows `x,y,value` in any order, or
/// `lon,lat,value`.
///
/// The first two columns are the coordinates, the last `n_values` are values; a table with one coordinate, `x,value`,
/// is a profile that is constant in the second one. The table does not project: coordinate_names() tells in what the
/// caller has to ask. Node lines closer than 1e-7 of the extent are one (rounding in the file).
/// @throws InputError for a grid with a hole, a node given twice, nan, fewer than two nodes in a direction, or
/// coordinates in a unit that is none of length (lon and lat: of angle)
class GridTable
{
public:
  /// @param quantity, advice what the values are, as unit_factor has them
  explicit GridTable(const CsvTable &csv, OutsideGrid outside = OutsideGrid::zero, unsigned int n_values = 1,
                     std::optional<Quantity> quantity = {}, const std::string &advice = "");
  GridTable(const std::string &file, MPI_Comm comm, OutsideGrid outside = OutsideGrid::zero)
      : GridTable(CsvTable(file, comm), outside)
  {
  }

  /// {"x", "y"}, {"lon", "lat"} or, for a profile, {"x", ""}.
  const std::array<std::string, 2> &coordinate_names() const { return names_; }
  const std::string &value_name(const unsigned int k = 0) const { return value_names_[k]; }
  bool is_profile() const { return nodes_[1].empty(); }

  /// Whether the position lies on the grid, its edges included.
  bool inside(double a, double b) const;
  /// Value number k at a position. Off the grid: zero, or an error.
  /// @throws InputError off the grid with OutsideGrid::error, on this rank alone
  double value(double a, double b, unsigned int k = 0) const;

  /// The lowest and the highest coordinate of the grid in each direction.
  std::array<std::array<double, 2>, 2> extent() const;

private:
  unsigned int node_of(unsigned int direction, double coordinate) const;
  bool locate(unsigned int direction, double coordinate, unsigned int &interval, double &weight) const;

  std::string file_;
  std::vector<std::string> value_names_;
  std::array<std::string, 2> names_;
  OutsideGrid outside_;
  std::array<std::vector<double>, 2> nodes_;
  std::vector<std::vector<double>> values_; ///< [value][second * n_first + first]
};

/// How PointTable finds a value between its points.
enum class Scattered
{
  nearest,         ///< the value of the nearest point; of several that are equally near, that of the first in the file
  inverse_distance ///< weights that fall with distance: continuous, and exact at the points
};

/// One value on scattered points: rows `x,y,z,value` (z up), or with `depth` for z; in 2-D models rows `x,z,value`.
///
/// Inverse distance: weights ((R - d) / (R d))^2 of the 8 nearest points, where R is the distance of the ninth (Franke
/// and Nielson 1980, Int. J. Numer. Methods Eng. 15, doi:10.1002/nme.1620151110); with up to 8 points in all, 1/d^2.
/// A value costs one search in a k-d tree. Points given as `lon,lat` must be moved to model coordinates before the
/// first value is asked (see coordinate_names, move_points).
/// @throws InputError for nan, no rows, a unit that does not fit, or a point given twice with different values
class PointTable
{
public:
  /// @param quantity what the values are; empty: anything
  explicit PointTable(const CsvTable &csv, Scattered scattered = Scattered::inverse_distance,
                      std::optional<Quantity> quantity = {});
  PointTable(const std::string &file, MPI_Comm comm, Scattered scattered = Scattered::inverse_distance)
      : PointTable(CsvTable(file, comm), scattered)
  {
  }

  /// Names of the two horizontal coordinates, {"x", "y"} or {"lon", "lat"}; {"x", ""} in a table without the second.
  const std::array<std::string, 2> &coordinate_names() const { return names_; }
  const std::string &value_name() const { return value_name_; }
  std::size_t size() const { return points_.size(); }

  /// Replaces every point by move(point), for projections.
  void move_points(const std::function<dealii::Point<3>(const dealii::Point<3> &)> &move);

  /// Value at a place; in 2-D the point is (x, z).
  template <int dim>
  double value(const dealii::Point<dim> &p) const;

private:
  struct Neighbour
  {
    double square = std::numeric_limits<double>::infinity(); ///< of the distance
    unsigned int point = 0;
    bool operator<(const Neighbour &other) const
    {
      return square < other.square || (square == other.square && point < other.point);
    }
  };
  static constexpr unsigned int n_nearest = 8;

  void build(std::size_t begin, std::size_t end, unsigned int axis);
  void search(const dealii::Point<3> &p, std::size_t begin, std::size_t end, unsigned int axis, std::size_t wanted,
              std::vector<Neighbour> &found) const;
  void check_duplicates(const CsvTable &csv) const;
  double interpolated(const dealii::Point<3> &p) const;

  std::string value_name_;
  std::array<std::string, 2> names_;
  Scattered scattered_;
  std::vector<dealii::Point<3>> points_;
  std::vector<double> values_;
  std::vector<unsigned int> order_; ///< points in the order of the k-d tree: the middle of a range splits it
};

} // namespace lodestone
