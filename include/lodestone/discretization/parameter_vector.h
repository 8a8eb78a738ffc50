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
struct ParameterLayout
{
  std::vector<std::string> fields; ///< "ln E/E0", ...
  dealii::types::global_dof_index n_cells = 0;
  std::vector<std::string> globals; ///< names of unknowns that belong to no cell
  /// It owns a part of the entries and has as ghosts those that this rank's cells and ghost cells need.
  std::shared_ptr<const dealii::Utilities::MPI::Partitioner> partitioner;

  /// Number of unknowns, over all ranks.
  dealii::types::global_dof_index size() const { return n_cells * fields.size() + globals.size(); }
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
