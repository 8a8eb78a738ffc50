#include <lodestone/base/collective.h>
#include <lodestone/base/error.h>
#include <lodestone/base/formula.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/parameter_entries.h>
#include <lodestone/base/units.h>
#include <lodestone/solver/boundary_conditions.h>
#include <lodestone/solver/rigid_motions.h>

#include <deal.II/base/function.h>
#include <deal.II/fe/fe_values.h>
#include <deal.II/numerics/vector_tools_boundary.h>
#include <deal.II/numerics/vector_tools_constraints.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace lodestone
{

namespace
{
const std::string section = "Boundary conditions/";
const std::array<std::string, 3> entry_names = {{"East", "North", "Up"}};

using UsedBoundaries = std::map<dealii::types::boundary_id, std::string>; // the entry that names each boundary

dealii::types::boundary_id claim_boundary(UsedBoundaries &used, const dealii::types::boundary_id id,
                                          const std::string &name, const std::string &entry)
{
  if (const auto [it, inserted] = used.emplace(id, entry); !inserted)
    throw InputError(section + entry, "boundary '" + name + "' has a condition already, under '" + it->second + "'",
                     "Name each boundary once.");
  return id;
}

// Beyond these, squares overflow. Any system of units stays far below.
constexpr double largest_displacement = 1e15, largest_spring = 1e30;

double spring_stiffness(const std::string &text, const std::string &boundary, const std::string &entry)
{
  const std::string where = section + boundary + "/" + entry;
  const double stiffness = parse_quantity(text, Quantity::spring, where);
  if (stiffness < 0)
    throw InputError(where, "'" + text + "' is negative", "Give a spring stiffness of at least 0 Pa/m.");
  if (stiffness > largest_spring)
    throw InputError(where, "'" + text + "' is too large",
                     "Give at most 1e30 Pa/m; a boundary that does not move belongs to Fixed or Rollers.");
  return stiffness;
}

// The number of a component among the three directions of the model; 2-D has x and z.
template <int dim>
constexpr unsigned int model_direction(const unsigned int component)
{
  return dim == 2 && component == 1 ? 2 : component;
}

template <int dim>
class FormulaDisplacement : public dealii::Function<dim>
{
public:
  /// @param boundary its name, @param paths the entries of the components, for the message
  FormulaDisplacement(const std::vector<Formula<dim>> &components, const std::string &boundary,
                      const std::vector<std::string> &paths)
      : dealii::Function<dim>(dim), components_(components), boundary_(boundary), paths_(paths)
  {
  }
  double value(const dealii::Point<dim> &p, const unsigned int component) const override
  {
    const double u = components_[component].value(p);
    if (!wrong_ && !(std::abs(u) <= largest_displacement))
      wrong_.emplace(
          paths_[component],
          "the prescribed displacement of " + boundary_ + " is " +
              (std::isfinite(u) ? significant(u, 3) + " m" : "not finite") + " at " + point_text(p),
          "Give a formula that has a value of at most 1e15 m everywhere on the boundary: look for a division "
          "by zero, or a root or logarithm of a negative number.");
    return u;
  }
  /// The first value that cannot be used, of those that this rank asked for.
  const std::optional<InputError> &wrong() const { return wrong_; }

private:
  const std::vector<Formula<dim>> &components_;
  std::string boundary_;
  std::vector<std::string> paths_;
  mutable std::optional<InputError> wrong_;
};

} // namespace

template <int dim>
void BoundaryConditions<dim>::Parameters::add_parameters(dealii::ParameterHandler &handler)
{
  add_text(handler, "Fixed", fixed,
           "Names of boundaries that do not move (box: west, east, south, north, bottom, top).");
  add_text(handler, "Rollers", rollers,
           "Names of boundaries that slide freely along themselves: their normal displacement is zero.");
  add_text(handler, "Prescribed displacement", prescribed_names,
           "Names of boundaries whose displacement is given. Each name opens a subsection with East, North and Up.");
  add_text(handler, "Springs", spring_names,
           "Names of boundaries on Winkler springs. Each name opens a subsection with Normal stiffness and Tangential "
           "stiffness.");
}

template <int dim>
void BoundaryConditions<dim>::Parameters::add_named_parameters(dealii::ParameterHandler &handler)
{
  prescribed.clear();
  springs.clear();
  for (const auto &name : split_list(prescribed_names))
    prescribed.push_back({name, {}});
  for (const auto &name : split_list(spring_names))
    springs.push_back({name});
  for (auto &p : prescribed)
  {
    handler.enter_subsection(p.boundary);
    const std::string what = " (m; m/yr where the data are rates), a value or a formula of x, y, z. Empty: free.";
    add_text(handler, "East", p.component[0], "Displacement along x" + what);
    if (dim == 3)
      add_text(handler, "North", p.component[1], "Displacement along y" + what);
    add_text(handler, "Up", p.component[2], "Displacement along z" + what);
    handler.leave_subsection();
  }
  for (auto &s : springs)
  {
    handler.enter_subsection(s.boundary);
    add_text(handler, "Normal stiffness", s.normal,
             "Winkler stiffness against normal displacement (Pa/m, at least 0).");
    add_text(handler, "Tangential stiffness", s.tangential,
             "Winkler stiffness against tangential displacement (Pa/m, at least 0).");
    handler.leave_subsection();
  }
}

template <int dim>
void BoundaryConditions<dim>::Parameters::check(const MeshNames &names) const
{
  UsedBoundaries used;
  const auto claim = [&](const std::string &name, const std::string &entry) {
    claim_boundary(used, find_boundary(names.boundaries, name, section + entry), name, entry);
  };
  for (const auto &name : split_list(fixed))
    claim(name, "Fixed");
  for (const auto &name : split_list(rollers))
    claim(name, "Rollers");
  for (const auto &p : prescribed)
  {
    claim(p.boundary, "Prescribed displacement");
    for (unsigned int d = 0; d < 3; ++d)
      if (!p.component[d].empty())
        (void)Formula<dim>(p.component[d], section + p.boundary + "/" + entry_names[d]);
  }
  for (const auto &s : springs)
  {
    claim(s.boundary, "Springs");
    (void)spring_stiffness(s.normal, s.boundary, "Normal stiffness");
    (void)spring_stiffness(s.tangential, s.boundary, "Tangential stiffness");
  }
}

template <int dim>
BoundaryConditions<dim>::BoundaryConditions(const DisplacementSpace<dim> &space, const Parameters &parameters)
    : space_(space), parameters_(parameters), lift_(space.make_vector())
{
  const Mesh<dim> &mesh = space.mesh();
  UsedBoundaries used;
  const auto claim = [&](const std::string &name, const std::string &entry) {
    const auto id = claim_boundary(used, mesh.boundary_id(name, section + entry), name, entry);
    supported_.insert(id);
    return id;
  };

  std::set<dealii::types::boundary_id> fixed, rollers;
  for (const auto &name : split_list(parameters.fixed))
    fixed.insert(claim(name, "Fixed"));
  for (const auto &name : split_list(parameters.rollers))
    rollers.insert(claim(name, "Rollers"));

  const auto &hanging = space.hanging_nodes();
  constraints_.reinit(hanging.get_local_lines());
  constraints_.merge(hanging);
  dealii::AffineConstraints<double> with_values;
  with_values.reinit(hanging.get_local_lines());

  const dealii::Functions::ZeroFunction<dim> zero(dim);
  for (const auto id : fixed)
    dealii::VectorTools::interpolate_boundary_values(space.mapping(), space.dof_handler(), id, zero, constraints_);

  std::map<dealii::types::boundary_id, std::array<bool, dim>> prescribed;
  for (const auto &p : parameters.prescribed)
  {
    const auto id = claim(p.boundary, "Prescribed displacement");
    std::vector<Formula<dim>> components(dim);
    std::vector<std::string> paths(dim);
    dealii::ComponentMask mask(dim, false);
    for (unsigned int d = 0; d < dim; ++d)
    {
      const unsigned int m = model_direction<dim>(d);
      prescribed[id][d] = !p.component[m].empty();
      mask.set(d, prescribed[id][d]);
      paths[d] = section + p.boundary + "/" + entry_names[m];
      if (prescribed[id][d])
        components[d] = Formula<dim>(p.component[m], paths[d]);
    }
    const FormulaDisplacement<dim> displacement(components, p.boundary, paths);
    dealii::VectorTools::interpolate_boundary_values(space.mapping(), space.dof_handler(), id, displacement,
                                                     with_values, mask);
    throw_on_all_ranks(displacement.wrong(), mesh.communicator());
    dealii::VectorTools::interpolate_boundary_values(space.mapping(), space.dof_handler(), id, zero, constraints_,
                                                     mask);
    has_prescribed_values_ = true;
  }
  constrain_rollers(rollers);
  constraints_.close();

  for (const auto &s : parameters.springs)
  {
    const auto id = claim(s.boundary, "Springs");
    springs_[id] = {spring_stiffness(s.normal, s.boundary, "Normal stiffness"),
                    spring_stiffness(s.tangential, s.boundary, "Tangential stiffness")};
  }
  check_rigid_body_motion(fixed, rollers, prescribed);

  if (has_prescribed_values_)
  {
    // On an edge shared with a fixed boundary, the prescribed value holds.
    for (const auto i : lift_.locally_owned_elements())
      if (with_values.is_inhomogeneously_constrained(i) && constraints_.is_constrained(i) && !hanging.is_constrained(i))
        lift_(i) = with_values.get_inhomogeneity(i);
    lift_.update_ghost_values();
    hanging.distribute(lift_);
    lift_.update_ghost_values();
  }

  description_ = (parameters.fixed.empty() ? "" : "fixed: " + parameters.fixed + "  ") +
                 (parameters.rollers.empty() ? "" : "rollers: " + parameters.rollers + "  ") +
                 (parameters.prescribed_names.empty() ? "" : "prescribed: " + parameters.prescribed_names + "  ") +
                 (parameters.spring_names.empty() ? "" : "springs: " + parameters.spring_names + "  ") + "others: free";
}

template <int dim>
void BoundaryConditions<dim>::constrain_rollers(const std::set<dealii::types::boundary_id> &rollers)
{
  // On a plane along the axes the constraint concerns one component; elsewhere it follows from the normal.
  const dealii::Quadrature<dim - 1> centre = dealii::QMidpoint<dim - 1>();
  dealii::FEFaceValues<dim> face_values(space_.mapping(), space_.element(), centre, dealii::update_normal_vectors);
  std::map<dealii::types::boundary_id, unsigned int> axis;
  for (const auto id : rollers)
    axis[id] = dealii::numbers::invalid_unsigned_int;
  std::set<dealii::types::boundary_id> oblique;
  for (const auto &cell : space_.dof_handler().active_cell_iterators())
    if (cell->is_locally_owned())
      for (const unsigned int f : cell->face_indices())
        if (cell->face(f)->at_boundary() && rollers.count(cell->face(f)->boundary_id()) > 0)
        {
          const auto id = cell->face(f)->boundary_id();
          face_values.reinit(cell, f);
          const auto n = face_values.normal_vector(0);
          for (unsigned int d = 0; d < dim; ++d)
            if (std::abs(n[d]) > 1 - 1e-9)
            {
              if (axis[id] != dealii::numbers::invalid_unsigned_int && axis[id] != d)
                oblique.insert(id);
              axis[id] = d;
            }
          if (n.norm() > 0 && std::none_of(n.begin_raw(), n.end_raw(), [](double c) { return std::abs(c) > 1 - 1e-9; }))
            oblique.insert(id);
        }
  const MPI_Comm comm = space_.mesh().communicator();
  std::set<dealii::types::boundary_id> no_flux;
  for (const auto id : rollers)
  {
    const unsigned int mine = axis[id] == dealii::numbers::invalid_unsigned_int ? 0 : axis[id] + 1;
    const unsigned int largest = dealii::Utilities::MPI::max(mine, comm);
    const bool other = mine != 0 && mine != largest;
    if (on_any_rank(other || oblique.count(id) > 0, comm))
      no_flux.insert(id);
    else
    {
      dealii::ComponentMask mask(dim, false);
      mask.set(largest - 1, true);
      dealii::VectorTools::interpolate_boundary_values(space_.mapping(), space_.dof_handler(), id,
                                                       dealii::Functions::ZeroFunction<dim>(dim), constraints_, mask);
    }
  }
  has_oblique_rollers_ = !no_flux.empty();
  if (has_oblique_rollers_)
    dealii::VectorTools::compute_no_normal_flux_constraints(space_.dof_handler(), 0, no_flux, constraints_,
                                                            space_.mapping());
}

template <int dim>
void BoundaryConditions<dim>::move_to_free_components(DistributedVector &f) const
{
  if (!has_oblique_rollers_)
    return; // constrained components depend on others at hanging nodes only
  f.zero_out_ghost_values();
  std::vector<std::pair<dealii::types::global_dof_index, double>> moved;
  for (const auto i : f.locally_owned_elements())
    if (const auto *entries = constraints_.is_constrained(i) ? constraints_.get_constraint_entries(i) : nullptr)
    {
      for (const auto &[master, weight] : *entries)
        moved.emplace_back(master, weight * f(i));
      f(i) = 0;
    }
  for (const auto &[master, value] : moved)
    f(master) += value;
  f.compress(dealii::VectorOperation::add);
}

template <int dim>
void BoundaryConditions<dim>::check_rigid_body_motion(
    const std::set<dealii::types::boundary_id> &fixed, const std::set<dealii::types::boundary_id> &rollers,
    const std::map<dealii::types::boundary_id, std::array<bool, dim>> &prescribed) const
{
  std::map<dealii::types::boundary_id, HeldDirections<dim>> held;
  for (const auto id : fixed)
    held[id].normal = held[id].tangential = true;
  for (const auto id : rollers)
    held[id].normal = true;
  for (const auto &[id, components] : prescribed)
    held[id].components = components;
  for (const auto &[id, stiffness] : springs_)
  {
    held[id].normal = stiffness.normal > 0;
    held[id].tangential = stiffness.tangential > 0;
  }
  const auto motions = free_rigid_motions(space_, held);
  if (motions.motions.empty())
    return;
  throw InputError(
      "Boundary conditions", "the model can still move rigidly: nothing prevents " + motions.motions,
      motions.rollers.empty()
          ? "Fix a boundary (Fixed), or put Springs or Prescribed displacement on it."
          : "Add to Rollers: " + motions.rollers +
                "; or hold these motions by Fixed (usually the bottom), Springs or Prescribed displacement.");
}

template class BoundaryConditions<2>;
template class BoundaryConditions<3>;

} // namespace lodestone
