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

/// Fixed, roller and prescribed boundaries as constraints, Winkler springs as a surface stiffness; other boundaries are free.
///
///   fixed u = 0;  roller u.n = 0;  prescribed u_i = formula_i for the components given;
///   spring: traction t = -k_n (u.n) n - k_t (u - (u.n) n),  k in Pa/m.
/// A model that can still move rigidly is refused (`check_rigid_body_motion`), naming the motion that nothing prevents.
template <int dim>
class BoundaryConditions
{
public:
  struct Prescribed
  {
    std::string boundary;
    std::array<std::string, 3> component; ///< formulas for east, north, up (m); empty: free
  };
  struct Spring
  {
    std::string boundary, normal = "0 Pa/m", tangential = "0 Pa/m";
  };
  struct Parameters
  {
    std::string fixed, rollers, prescribed_names, spring_names; ///< lists of boundary names
    std::vector<Prescribed> prescribed;
    std::vector<Spring> springs;

    void add_parameters(dealii::ParameterHandler &handler);
    /// After the two lists of names are known: one subsection a name.
    void add_named_parameters(dealii::ParameterHandler &handler);
    /// What can be checked before the mesh is built: names, formulas, stiffnesses. @throws InputError
    void check(const MeshNames &names) const;
  };

  BoundaryConditions(const DisplacementSpace<dim> &space, const Parameters &parameters);

  /// Hanging nodes, and zero on the constrained entries of the boundary.
  const dealii::AffineConstraints<double> &constraints() const { return constraints_; }
  /// Takes the prescribed values on constrained entries, zero elsewhere but for hanging nodes; ghosts valid.
  const DistributedVector &lift() const { return lift_; }
  bool has_prescribed_values() const { return has_prescribed_values_; }
  /// f becomes C^T f as far as boundaries are concerned, u = C u_free: where rollers do not lie along an axis, what pushes a constrained
  /// component also pushes those that it depends on. Collective; f is a dual vector without ghosts in use.
  void move_to_free_components(DistributedVector &f) const;

  struct SpringStiffness
  {
    double normal, tangential; ///< Pa/m
  };
  const std::map<dealii::types::boundary_id, SpringStiffness> &springs() const { return springs_; }

  const Parameters &parameters() const { return parameters_; }
  /// Boundaries on which something is prescribed: their names in a readable line for the log.
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
  bool has_prescribed_values_ = false;
  bool has_oblique_rollers_ = false;
  std::map<dealii::types::boundary_id, SpringStiffness> springs_;
  std::string description_;
};

} // namespace lodestone
