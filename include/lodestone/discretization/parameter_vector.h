#pragma once

#include <lodestone/discretization/vectors.h>

#include <memory>
#include <string>
#include <vector>

namespace lodestone
{

/// Which unknowns a parameter vector holds: `n_cells` parameter cells with one number per field each, then named global numbers.
///
/// Index of field k on parameter cell j: j * fields.size() + k. Global numbers come last and belong to the last rank.
struct ParameterLayout
{
  std::vector<std::string> fields; ///< "ln E/E0", ...
  dealii::types::global_dof_index n_cells = 0;
  std::vector<std::string> globals; ///< unknowns that belong to no cell
  /// Owned entries, and as ghosts those that the cells of this rank and its ghost cells need.
  std::shared_ptr<const dealii::Utilities::MPI::Partitioner> partitioner;

  dealii::types::global_dof_index size() const { return n_cells * fields.size() + globals.size(); }
};

/// The unknown m: dimensionless numbers of order one, 0 at the background model. Also used for m_hat and, as a dual vector (one
/// derivative per number, growing with the parameter cell's volume), for gradients: the Riesz map between the two is the
/// prior's precision or the cell volumes.
class ParameterVector
{
public:
  ParameterVector() = default;
  explicit ParameterVector(std::shared_ptr<const ParameterLayout> layout);

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
