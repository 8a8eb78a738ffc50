#include <lodestone/base/error.h>
#include <lodestone/base/formula.h>
#include <lodestone/base/units.h>
#include <lodestone/forward/boundary_conditions.h>

#include <deal.II/base/function.h>
#include <deal.II/fe/fe_values.h>
#include <deal.II/lac/full_matrix.h>
#include <deal.II/lac/lapack_full_matrix.h>
#include <deal.II/numerics/vector_tools_boundary.h>
#include <deal.II/numerics/vector_tools_constraints.h>

namespace lodestone
{

namespace
{
const std::string section = "Boundary conditions/";
const std::array<std::string, 3> direction_names = {{"east", "north", "up"}};

// The component's place among the three model directions: in 2-D, x and z.
template <int dim>
constexpr unsigned int model_direction(const unsigned int component)
{
  return dim == 2 && component == 1 ? 2 : component;
}

template <int dim>
class FormulaDisplacement : public dealii::Function<dim>
{
public:
  FormulaDisplacement(const std::vector<Formula<dim>> &components) : dealii::Function<dim>(dim), components_(components) {}
  double value(const dealii::Point<dim> &p, const unsigned int component) const override
  {
    return components_[component].value(p);
  }

private:
  const std::vector<Formula<dim>> &components_;
};

// Rigid motions about the centre of the model: translations, then rotations scaled to displacements of order one.
template <int dim>
dealii::Tensor<1, dim> rigid_mode(const unsigned int mode, const dealii::Tensor<1, dim> &x)
{
  dealii::Tensor<1, dim> u;
  if (mode < dim)
    u[mode] = 1;
  else
  {
    const unsigned int i = dim == 2 ? 0 : (mode - dim + 1) % dim, j = dim == 2 ? 1 : (mode - dim + 2) % dim;
    u[i] = -x[j];
    u[j] = x[i];
  }
  return u;
}

template <int dim>
std::string rigid_mode_name(const unsigned int mode)
{
  if (mode < dim)
    return std::array<std::string, 3>{{"translation along x (east-west)", "translation along y (north-south)",
                                      "translation along z (vertical)"}}[model_direction<dim>(mode)];
  return dim == 2 ? "rotation in the x-z plane"
                  : std::array<std::string, 3>{{"rotation about the x axis", "rotation about the y axis",
                                                "rotation about the vertical axis"}}[mode - dim];
}
} // namespace

template <int dim>
void BoundaryConditions<dim>::Parameters::add_parameters(dealii::ParameterHandler &handler)
{
  using dealii::Patterns::Anything;
  handler.add_parameter("Fixed", fixed, "Names of boundaries that do not move (box: west, east, south, north, bottom, top).", Anything());
  handler.add_parameter("Rollers", rollers, "Names of boundaries that slide freely along themselves: no normal displacement.", Anything());
  handler.add_parameter("Prescribed displacement", prescribed_names,
                        "Names of boundaries with prescribed displacement; each opens a subsection of its name with East, North, Up.",
                        Anything());
  handler.add_parameter("Springs", spring_names,
                        "Names of boundaries on Winkler springs; each opens a subsection of its name with Normal and Tangential stiffness.",
                        Anything());
}

template <int dim>
void BoundaryConditions<dim>::Parameters::add_named_parameters(dealii::ParameterHandler &handler)
{
  using dealii::Patterns::Anything;
  prescribed.clear();
  springs.clear();
  for (const auto &name : split_list(prescribed_names))
    prescribed.push_back({name, {}});
  for (const auto &name : split_list(spring_names))
    springs.push_back({name});
  for (auto &p : prescribed)
  {
    handler.enter_subsection(p.boundary);
    handler.add_parameter("East", p.component[0], "Displacement along x (m), a formula of x, y, z; empty: free.", Anything());
    if (dim == 3)
      handler.add_parameter("North", p.component[1], "Displacement along y (m), a formula of x, y, z; empty: free.", Anything());
    handler.add_parameter("Up", p.component[2], "Displacement along z (m), a formula of x, y, z; empty: free.", Anything());
    handler.leave_subsection();
  }
  for (auto &s : springs)
  {
    handler.enter_subsection(s.boundary);
    handler.add_parameter("Normal stiffness", s.normal, "Winkler stiffness against normal displacement (Pa/m, at least 0).", Anything());
    handler.add_parameter("Tangential stiffness", s.tangential, "Winkler stiffness against tangential displacement (Pa/m, at least 0).",
                          Anything());
    handler.leave_subsection();
  }
}

template <int dim>
BoundaryConditions<dim>::BoundaryConditions(const DisplacementSpace<dim> &space, const Parameters &parameters)
    : space_(space), parameters_(parameters), lift_(space.make_vector())
{
  const Mesh<dim> &mesh = space.mesh();
  std::map<dealii::types::boundary_id, std::string> used;
  const auto claim = [&](const std::string &name, const std::string &entry)
  {
    const auto id = mesh.boundary_id(name, section + entry);
    if (const auto [it, inserted] = used.emplace(id, entry); !inserted)
      throw InputError(section + entry, "boundary '" + name + "' has a condition already, under '" + it->second + "'",
                       "Name each boundary once.");
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
    dealii::ComponentMask mask(dim, false);
    for (unsigned int d = 0; d < dim; ++d)
    {
      const unsigned int m = model_direction<dim>(d);
      prescribed[id][d] = !p.component[m].empty();
      mask.set(d, prescribed[id][d]);
      if (prescribed[id][d])
        components[d] = Formula<dim>(p.component[m], section + p.boundary + "/" + direction_names[m]);
    }
    const FormulaDisplacement<dim> displacement(components);
    dealii::VectorTools::interpolate_boundary_values(space.mapping(), space.dof_handler(), id, displacement, with_values, mask);
    dealii::VectorTools::interpolate_boundary_values(space.mapping(), space.dof_handler(), id, zero, constraints_, mask);
    has_prescribed_values_ = true;
  }
  constrain_rollers(rollers);
  constraints_.close();

  for (const auto &s : parameters.springs)
  {
    const auto id = claim(s.boundary, "Springs");
    const std::string where = section + s.boundary + "/";
    const SpringStiffness k = {parse_quantity(s.normal, Quantity::spring, where + "Normal stiffness"),
                               parse_quantity(s.tangential, Quantity::spring, where + "Tangential stiffness")};
    if (k.normal < 0 || k.tangential < 0)
      throw InputError(where, "a spring stiffness is negative", "Give values of at least 0 Pa/m.");
    springs_[id] = k;
  }
  check_rigid_body_motion(fixed, rollers, prescribed);

  if (has_prescribed_values_)
  {
    // On an edge that a fixed boundary shares the prescribed value holds.
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
  // On a plane along the axes the constraint is one component; elsewhere the normal decides.
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
    if (dealii::Utilities::MPI::max(int(other || oblique.count(id) > 0), comm) > 0)
      no_flux.insert(id);
    else
    {
      dealii::ComponentMask mask(dim, false);
      mask.set(largest - 1, true);
      dealii::VectorTools::interpolate_boundary_values(space_.mapping(), space_.dof_handler(), id,
                                                       dealii::Functions::ZeroFunction<dim>(dim), constraints_, mask);
    }
  }
  if (!no_flux.empty())
    dealii::VectorTools::compute_no_normal_flux_constraints(space_.dof_handler(), 0, no_flux, constraints_, space_.mapping());
}

template <int dim>
void BoundaryConditions<dim>::check_rigid_body_motion(
    const std::set<dealii::types::boundary_id> &fixed, const std::set<dealii::types::boundary_id> &rollers,
    const std::map<dealii::types::boundary_id, std::array<bool, dim>> &prescribed) const
{
  constexpr unsigned int n_modes = dim * (dim + 1) / 2;
  const Mesh<dim> &mesh = space_.mesh();
  const dealii::Tensor<1, dim> extent = mesh.upper() - mesh.lower();
  const dealii::Point<dim> centre = mesh.lower() + 0.5 * extent;
  const double half = 0.5 * extent.norm();

  // How strongly the constraints resist each rigid motion: the Gram matrix of the modes' constrained parts.
  std::vector<double> gram(n_modes * n_modes, 0.);
  double area = 0;
  dealii::FEFaceValues<dim> face_values(space_.mapping(), space_.element(), space_.face_quadrature(),
                                        dealii::update_quadrature_points | dealii::update_normal_vectors | dealii::update_JxW_values);
  for (const auto &cell : space_.dof_handler().active_cell_iterators())
    if (cell->is_locally_owned())
      for (const unsigned int f : cell->face_indices())
        if (cell->face(f)->at_boundary())
        {
          const auto id = cell->face(f)->boundary_id();
          const auto spring = springs_.find(id);
          const auto given = prescribed.find(id);
          const bool is_fixed = fixed.count(id) > 0, is_roller = rollers.count(id) > 0;
          if (!is_fixed && !is_roller && given == prescribed.end() && spring == springs_.end())
            continue;
          face_values.reinit(cell, f);
          for (unsigned int q = 0; q < face_values.n_quadrature_points; ++q)
          {
            const dealii::Tensor<1, dim> x = (face_values.quadrature_point(q) - centre) / half;
            const auto n = face_values.normal_vector(q);
            const double w = face_values.JxW(q);
            area += w;
            std::array<dealii::Tensor<1, dim>, n_modes> held;
            for (unsigned int i = 0; i < n_modes; ++i)
            {
              const auto u = rigid_mode<dim>(i, x);
              const dealii::Tensor<1, dim> normal = (u * n) * n;
              if (is_fixed || (spring != springs_.end() && spring->second.normal > 0 && spring->second.tangential > 0))
                held[i] = u;
              else if (is_roller || (spring != springs_.end() && spring->second.normal > 0))
                held[i] = normal;
              else if (spring != springs_.end() && spring->second.tangential > 0)
                held[i] = u - normal;
              else if (given != prescribed.end())
                for (unsigned int d = 0; d < dim; ++d)
                  held[i][d] = given->second[d] ? u[d] : 0.;
            }
            for (unsigned int i = 0; i < n_modes; ++i)
              for (unsigned int j = 0; j < n_modes; ++j)
                gram[i * n_modes + j] += w * (held[i] * held[j]);
          }
        }
  dealii::Utilities::MPI::sum(gram, mesh.communicator(), gram);
  area = dealii::Utilities::MPI::sum(area, mesh.communicator());

  dealii::LAPACKFullMatrix<double> matrix(n_modes, n_modes);
  for (unsigned int i = 0; i < n_modes; ++i)
    for (unsigned int j = 0; j < n_modes; ++j)
      matrix(i, j) = area > 0 ? gram[i * n_modes + j] / area : 0.;
  dealii::Vector<double> eigenvalues;
  dealii::FullMatrix<double> vectors;
  matrix.compute_eigenvalues_symmetric(-1e-9, 1e-9, 1e-14, eigenvalues, vectors);
  if (eigenvalues.size() == 0)
    return;
  std::string motions;
  for (unsigned int k = 0; k < eigenvalues.size(); ++k)
  {
    unsigned int largest = 0;
    for (unsigned int i = 1; i < n_modes; ++i)
      if (std::abs(vectors(i, k)) > std::abs(vectors(largest, k)) + 1e-9)
        largest = i;
    const std::string name = rigid_mode_name<dim>(largest);
    if (motions.find(name) == std::string::npos)
      motions += (motions.empty() ? "" : ", ") + name;
  }
  throw InputError(section, "the model can still move rigidly: nothing prevents " + motions,
                   "Fix a boundary (usually Fixed = bottom), or put Rollers, Springs or Prescribed displacement on enough boundaries.");
}

template class BoundaryConditions<2>;
template class BoundaryConditions<3>;

} // namespace lodestone
