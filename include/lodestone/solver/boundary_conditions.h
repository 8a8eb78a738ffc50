#pragma once

#include <lodestone/base/log.h>
#include <lodestone/discretization/displacement_space.h>
#include <lodestone/discretization/mesh_names.h>

#include <deal.II/base/parameter_handler.h>

#include <array>
#include <set>
#include <string>
#include <vector>

namespace lodestone
{

/// Boundary conditions of the displacement: fixed, roller and prescribed boundaries are constraints, Winkler springs
/// are a surface stiffness, and other boundaries are free.
///
///   fixed u = 0;  roller u.n = 0;  prescribed u_i = formula_i for the components given;
///   spring: traction t = -k_n (u.n) n - k_t (u - (u.n) n),  k in Pa/m.
/// The constructor refuses a model that can still move rigidly and names the motion that nothing prevents.
template <int dim>
class BoundaryConditions
{
public:
  /// Displacement that is prescribed on one boundary.
  struct Prescribed
  {
    std::string boundary;
    std::array<std::string, 3> component; ///< formulas for east, north, up (m); an empty component is free
  };
  /// Winkler springs on one boundary, as the deck gives them.
  struct Spring
  {
    std::string boundary, normal = "0 Pa/m", tangential = "0 Pa/m";
  };
  /// The section `Boundary conditions` of a deck.
  struct Parameters
  {
    std::string fixed, rollers, prescribed_names, spring_names; ///< lists of boundary names
    std::vector<Prescribed> prescribed;
    std::vector<Spring> springs;

    /// Declares the lists of boundary names.
    void add_parameters(dealii::ParameterHandler &handler);
    /// Declares one subsection per name. Call it when the two lists of names are known.
    void add_named_parameters(dealii::ParameterHandler &handler);
    /// Checks what can be checked before the mesh is built: names, formulas, stiffnesses. @throws InputError
    void check(const MeshNames &names) const;
  };

  /// Collective. @throws InputError if a formula or a name is wrong, or if the model can still move rigidly
  BoundaryConditions(const DisplacementSpace<dim> &space, const Parameters &parameters);

  /// Constraints of hanging nodes, and homogeneous ones of the boundary.
  const dealii::AffineConstraints<double> &constraints() const { return constraints_; }
  /// A displacement (m, primal, with valid ghosts) that has the prescribed values, satisfies the constraints of hanging
  /// nodes, and is zero elsewhere.
  const DistributedVector &lift() const { return lift_; }
  bool has_prescribed_values() const { return has_prescribed_values_; }
  /// Replaces f by C^T f, where u = C u_free are the constraints of the boundaries. If rollers do not lie along an
  /// axis, a force on a constrained component also pushes the components that it depends on. Collective; f is a dual
  /// vector without ghosts in use.
  void move_to_free_components(DistributedVector &f) const;

  /// Stiffness of the springs on one boundary per area.
  struct SpringStiffness
  {
    double normal, tangential; ///< Pa/m
  };
  /// Springs by boundary.
  const std::map<dealii::types::boundary_id, SpringStiffness> &springs() const { return springs_; }

  /// Whether nothing holds, moves or supports this boundary.
  bool is_free(const dealii::types::boundary_id id) const { return supported_.count(id) == 0; }

  const Parameters &parameters() const { return parameters_; }
  /// Names the conditions and their boundaries in one line, for the log.
  std::string describe() const { return description_; }

private:
  void constrain_rollers(const std::set<dealii::types::boundary_id> &rollers);
  void check_rigid_body_motion(const std::set<dealii::types::boundary_id> &fixed,
                               const std::set<dealii::types::boundary_id> &rollers,
                               const std::map<dealii::types::boundary_id, std::array<bool, dim>> &prescribed) const;

  const DisplacementSpace<dim> &space_;
  Parameters parameters_;
  dealii::AffineConstraints<double> constraints_;
  DistributedVector lift_;
  std::set<dealii::types::boundary_id> supported_; ///< fixed, rollers, prescribed or on springs
  bool has_prescribed_values_ = false;
  bool has_oblique_rollers_ = false;
  std::map<dealii::types::boundary_id, SpringStiffness> springs_;
  std::string description_;
};

} // namespace lodestone
