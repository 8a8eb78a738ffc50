#pragma once

#include <lodestone/discretization/displacement_space.h>

#include <array>
#include <map>
#include <string>

namespace lodestone
{

/// Which directions of displacement a boundary holds; those that it does not hold are free.
template <int dim>
struct HeldDirections
{
  bool normal = false, tangential = false;
  std::array<bool, dim> components{}; ///< along the model's axes
};

/// The rigid motions that nothing prevents, in words.
struct FreeRigidMotions
{
  std::string
      motions; ///< "translation along x (east-west), rotation about the vertical axis"; empty when the model is held
  std::string
      rollers; ///< the fewest boundaries on which rollers would hold it; empty when none would, or none are needed
};

/// Finds the rigid motions that the boundary conditions do not resist: the null space of the Gram matrix
/// G_ij = (1/A) int (held part of motion i) . (held part of motion j) dA over the boundaries that hold something. Collective.
/// @param held what each boundary holds; boundaries that are not named are free
template <int dim>
FreeRigidMotions free_rigid_motions(const DisplacementSpace<dim> &space,
                                    const std::map<dealii::types::boundary_id, HeldDirections<dim>> &held);

} // namespace lodestone
