#pragma once

#include <lodestone/discretization/vectors.h>

#include <memory>
#include <string>
#include <vector>

namespace lodestone
{

/// Which unknowns a parameter vector holds: `n_cells` parameter cells with one number per field each, then named global
/// numbers.
///
/// Index of field k on parameter cell j: j * fields.size() + k. Global numbers come last and belong to the last rank.
/// Where some of the unknown fields have one number per zone and others one per cell, the zones' numbers are global.
struct ParameterLayout
{
  /// A field that is unknown.
  struct UnknownField
  {
    std::string name;  ///< "ln E/E0"
    bool is_by_zone;   ///< whether its numbers are among `globals`
    std::size_t first; ///< its number in `fields`; of a field by zone, the number of its first zone in `globals`
    std::vector<std::string> zones; ///< names of the zones of a field by zone, one global number each
  };

  std::vector<std::string> fields;          ///< those with a number per parameter cell: "ln E/E0", ...
  std::vector<UnknownField> unknown_fields; ///< all of them, in the order of the parameter file
  dealii::types::global_dof_index n_cells = 0;
  std::vector<std::string> globals; ///< names of unknowns that belong to no parameter cell
  /// It owns a part of the entries and has as ghosts those that this rank's cells and ghost cells need.
  std::shared_ptr<const dealii::Utilities::MPI::Partitioner> partitioner;

  /// Number of unknowns, over all ranks.
  dealii::types::global_dof_index size() const { return n_cells * fields.size() + globals.size(); }
  /// Index of the first global number.
  dealii::types::global_dof_index first_global() const { return n_cells * fields.size(); }
  /// Number, in `unknown_fields`, of the field that an unknown belongs to; numbers::invalid_unsigned_int where it
  /// belongs to none.
  unsigned int field_of(dealii::types::global_dof_index unknown) const;
};

/// The unknown m: dimensionless numbers of order one that are 0 at the background model. Increments m_hat are vectors
/// of this kind, too. So are gradients, but as dual vectors: one derivative per number, which grows with the volume of
/// the parameter cell. The Riesz map between the two is the prior's precision or the cell volumes.
class ParameterVector
{
public:
  ParameterVector() = default;
  /// A zero vector.
  explicit ParameterVector(std::shared_ptr<const ParameterLayout> layout);
  ParameterVector(const ParameterVector &) = default;
  /// Takes the other's layout too. Collective.
  ParameterVector &operator=(const ParameterVector &other);
  ~ParameterVector() = default;

  const ParameterLayout &layout() const { return *layout_; }
  std::shared_ptr<const ParameterLayout> shared_layout() const { return layout_; }
  DistributedVector &values() { return values_; }
  const DistributedVector &values() const { return values_; }
  dealii::types::global_dof_index size() const { return values_.size(); }

private:
  std::shared_ptr<const ParameterLayout> layout_;
  DistributedVector values_;
};

} // namespace lodestone
