#pragma once

#include <lodestone/base/entry_values.h>
#include <lodestone/base/table.h>

#include <deal.II/base/point.h>

#include <memory>
#include <string>

namespace lodestone
{

/// An entry that gives a number to every place: a value with its unit, a formula of position, or "table FILE".
///
/// A table gives the value by depth below z = 0 (see DepthTable): in the column that is asked for, so that one file can
/// hold all properties; or in its only column, unless that is named as another property.
template <int dim>
class SpatialValue
{
public:
  /// Collective when a table is read. @param column, known as DepthTable has them @throws InputError naming `where`
  SpatialValue(const std::string &text, const std::string &where, const std::string &column,
               const std::map<std::string, TableColumn> &known, const std::string &deck_directory, MPI_Comm comm);
  ~SpatialValue();
  SpatialValue(SpatialValue &&) noexcept;
  SpatialValue &operator=(SpatialValue &&) noexcept;

  /// The value at a place, in SI. @throws InputError, on this rank only, where a formula cannot be evaluated
  double value(const dealii::Point<dim> &p) const;
  /// Whether it is the same number everywhere.
  bool is_constant() const { return table_ == nullptr && formula_.is_constant(); }
  /// The entry's path, for errors about its values.
  const std::string &where() const { return where_; }

private:
  std::string where_;
  Formula<dim> formula_; ///< where there is no table
  std::unique_ptr<DepthTable> table_;
};

} // namespace lodestone
