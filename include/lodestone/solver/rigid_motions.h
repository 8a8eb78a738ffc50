#pragma once

#include <lodestone/discretization/displacement_space.h>

#include <array>
#include <map>
#include <string>

namespace lodestone
{

/// The directions of displacement that a boundary holds; the others are free.
template <int dim>
struct HeldDirections
{
  bool normal = false, tangential = false;
  std::array<bool, dim> components{}; ///< along the model's axes
};

/// The rigid motions that nothing prevents, in words.
struct FreeRigidMotions
{
  /// "translation along x (east-west), rotation about the vertical axis"; empty if the model is held.
  std::string motions;
  /// The fewest boundaries on which rollers would hold the model; empty if rollers cannot hold it or are not needed.
  std::string rollers;
};

/// Finds the rigid motions that the boundary conditions do not resist: the null space of the Gram matrix
/// G_ij = (1/A) int (held part of motion i) . (held part of motion j) dA over the boundaries that hold something.
/// Collective.
/// @param space displacements, whose mesh has the boundaries
/// @param held what each boundary holds; boundaries that are not listed are free
template <int dim>
FreeRigidMotions free_rigid_motions(const DisplacementSpace<dim> &space,
                                    const std::map<dealii::types::boundary_id, HeldDirections<dim>> &held);

} // namespace lodestone
