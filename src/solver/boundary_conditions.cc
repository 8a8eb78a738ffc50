#include <lodestone/base/error.h>
#include <lodestone/base/formula.h>
#include <lodestone/base/units.h>
#include <lodestone/solver/boundary_conditions.h>

#include <deal.II/base/function.h>
#include <deal.II/fe/fe_values.h>
#include <deal.II/lac/full_matrix.h>
#include <deal.II/lac/lapack_full_matrix.h>
#include <deal.II/numerics/vector_tools_boundary.h>
#include <deal.II/numerics/vector_tools_constraints.h>

#include <algorithm>
#include <cstdio>
#include <numeric>

namespace lodestone
{

namespace
{
const std::string section = "Boundary conditions/";
const std::array<std::string, 3> entry_names = {{"East", "North", "Up"}};

using UsedBoundaries = std::map<dealii::types::boundary_id, std::string>; // the entry that names each

dealii::types::boundary_id claim_boundary(UsedBoundaries &used, const dealii::types::boundary_id id,
                                          const std::string &name, const std::string &entry)
{
  if (const auto [it, inserted] = used.emplace(id, entry); !inserted)
    throw InputError(section + entry, "boundary '" + name + "' has a condition already, under '" + it->second + "'",
                     "Name each boundary once.");
  return id;
}

double spring_stiffness(const std::string &text, const std::string &boundary, const std::string &entry)
{
  const std::string where = section + boundary + "/" + entry;
  const double stiffness = parse_quantity(text, Quantity::spring, where);
  if (stiffness < 0)
    throw InputError(where, "'" + text + "' is negative", "Give a spring stiffness of at least 0 Pa/m.");
  return stiffness;
}

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
constexpr unsigned int n_rigid_modes = dim *(dim + 1) / 2;

/// int (held part of mode i) . (held part of mode j) over the area where something is held.
template <int dim>
struct Gram
{
  std::vector<double> entries = std::vector<double>(n_rigid_modes<dim> * n_rigid_modes<dim>, 0.);
  double area = 0;

  void add(const std::array<dealii::Tensor<1, dim>, n_rigid_modes<dim>> &held, const double weight)
  {
    area += weight;
    for (unsigned int i = 0; i < n_rigid_modes<dim>; ++i)
      for (unsigned int j = 0; j < n_rigid_modes<dim>; ++j)
        entries[i * n_rigid_modes<dim> + j] += weight * (held[i] * held[j]);
  }
  void sum(MPI_Comm comm)
  {
    dealii::Utilities::MPI::sum(entries, comm, entries);
    area = dealii::Utilities::MPI::sum(area, comm);
  }
  /// Each divided by its own area, so that a small boundary counts too.
  Gram operator+(const Gram &other) const
  {
    Gram result;
    result.area = 1;
    for (unsigned int i = 0; i < entries.size(); ++i)
      result.entries[i] = (area > 0 ? entries[i] / area : 0.) + (other.area > 0 ? other.entries[i] / other.area : 0.);
    return result;
  }
};

/// Coefficients of the rigid modes.
template <int dim>
using RigidMotion = std::array<double, n_rigid_modes<dim>>;

/// A basis of the motions that nothing holds, in reduced echelon form with the rotations first: what can be said as a
/// translation or a rotation alone comes out as one.
template <int dim>
std::vector<RigidMotion<dim>> free_motions(const Gram<dim> &gram)
{
  constexpr unsigned int n = n_rigid_modes<dim>;
  if (gram.area == 0) // nothing is held: rotations, then translations
  {
    std::vector<RigidMotion<dim>> all(n, RigidMotion<dim>{});
    for (unsigned int k = 0; k < n; ++k)
      all[k][(k + dim) % n] = 1;
    return all;
  }
  dealii::LAPACKFullMatrix<double> matrix(n, n);
  for (unsigned int i = 0; i < n; ++i)
    for (unsigned int j = 0; j < n; ++j)
      matrix(i, j) = gram.entries[i * n + j] / gram.area;
  dealii::Vector<double> eigenvalues;
  dealii::FullMatrix<double> vectors;
  matrix.compute_eigenvalues_symmetric(-1e-9, 1e-9, 1e-14, eigenvalues, vectors);
  std::vector<RigidMotion<dim>> rows(eigenvalues.size());
  for (unsigned int k = 0; k < rows.size(); ++k)
    for (unsigned int i = 0; i < n; ++i)
      rows[k][i] = vectors(i, k);

  unsigned int done = 0;
  for (unsigned int c = 0; c < n && done < rows.size(); ++c)
  {
    const unsigned int column = (c + dim) % n;
    unsigned int pivot = done;
    for (unsigned int k = done; k < rows.size(); ++k)
      if (std::abs(rows[k][column]) > std::abs(rows[pivot][column]))
        pivot = k;
    if (std::abs(rows[pivot][column]) < 1e-6)
      continue;
    std::swap(rows[done], rows[pivot]);
    const double p = rows[done][column];
    for (double &entry : rows[done])
      entry /= p;
    for (unsigned int k = 0; k < rows.size(); ++k)
      if (k != done)
      {
        const double factor = rows[k][column];
        for (unsigned int i = 0; i < n; ++i)
          rows[k][i] -= factor * rows[done][i];
      }
    ++done;
  }
  return rows;
}

std::string coordinates_text(const double *x, const unsigned int n)
{
  std::string text;
  for (unsigned int d = 0; d < n; ++d)
  {
    char number[32];
    std::snprintf(number, sizeof(number), "%.4g", std::abs(x[d]) < 1e-9 ? 0. : x[d]);
    text += (d > 0 ? ", " : "(") + std::string(number);
  }
  return text + ")";
}

/// The only nonzero entry of v, or n.
unsigned int axis_of(const double *v, const unsigned int n)
{
  unsigned int axis = n;
  for (unsigned int d = 0; d < n; ++d)
    if (std::abs(v[d]) > 1e-6)
    {
      if (axis != n)
        return n;
      axis = d;
    }
  return axis;
}

/// "translation along x (east-west)", "rotation about the vertical axis".
template <int dim>
std::string describe_motion(const RigidMotion<dim> &motion, const dealii::Point<dim> &centre, const double half)
{
  constexpr unsigned int n_rotations = n_rigid_modes<dim> - dim;
  const double *t = motion.data(), *w = motion.data() + dim;
  const double spin = std::sqrt(std::inner_product(w, w + n_rotations, w, 0.));
  const bool translates = std::any_of(t, t + dim, [](const double c) { return std::abs(c) > 1e-6; });
  if (spin < 1e-6)
  {
    if (const unsigned int axis = axis_of(t, dim); axis < dim)
      return std::array<std::string, 3>{{"translation along x (east-west)", "translation along y (north-south)",
                                         "translation along z (vertical)"}}[model_direction<dim>(axis)];
    return "translation along " + coordinates_text(t, dim);
  }
  std::string text = "rotation in the x-z plane";
  if (dim == 3)
  {
    const unsigned int axis = axis_of(w, n_rotations);
    text = axis < 3 ? std::array<std::string, 3>{{"rotation about the x axis", "rotation about the y axis",
                                                  "rotation about the vertical axis"}}[axis]
                    : "rotation about an axis along " + coordinates_text(w, n_rotations);
  }
  if (!translates)
    return text;
  // The axis through the point that does not move: u = w x (x - x0).
  dealii::Point<dim> fixed = centre;
  if constexpr (dim == 2)
    fixed += half / w[0] * dealii::Point<2>(-t[1], t[0]);
  else
    for (unsigned int d = 0; d < 3; ++d)
      fixed[d] += half / (spin * spin) * (w[(d + 1) % 3] * t[(d + 2) % 3] - w[(d + 2) % 3] * t[(d + 1) % 3]);
  return text + " through " + coordinates_text(fixed.begin_raw(), dim) + " m";
}

/// The fewest free boundaries on which rollers would hold the model, the top if nothing else does; empty when none do.
template <int dim>
std::string missing_rollers(const Gram<dim> &gram, const std::map<dealii::types::boundary_id, Gram<dim>> &with_rollers,
                            const BoundaryNames &names)
{
  std::vector<std::string> order;
  for (const char *preferred : {"bottom", "west", "south", "east", "north"})
    if (names.count(preferred) > 0)
      order.emplace_back(preferred);
  for (const auto &name : names)
    if (name.first != "top" && std::find(order.begin(), order.end(), name.first) == order.end())
      order.push_back(name.first);
  if (names.count("top") > 0)
    order.emplace_back("top");
  order.erase(std::remove_if(order.begin(), order.end(),
                             [&](const auto &name) { return with_rollers.at(names.at(name)).area == 0; }),
              order.end());

  const auto gram_of = [&](const std::string &name) -> const Gram<dim> & { return with_rollers.at(names.at(name)); };
  for (const auto &a : order)
    if (free_motions<dim>(gram + gram_of(a)).empty())
      return a;
  for (std::size_t i = 0; i < order.size(); ++i)
    for (std::size_t j = i + 1; j < order.size(); ++j)
      if (free_motions<dim>(gram + gram_of(order[i]) + gram_of(order[j])).empty())
        return order[i] + ", " + order[j];
  for (std::size_t i = 0; i < order.size(); ++i)
    for (std::size_t j = i + 1; j < order.size(); ++j)
      for (std::size_t k = j + 1; k < order.size(); ++k)
        if (free_motions<dim>(gram + gram_of(order[i]) + gram_of(order[j]) + gram_of(order[k])).empty())
          return order[i] + ", " + order[j] + ", " + order[k];
  return "";
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
    return claim_boundary(used, mesh.boundary_id(name, section + entry), name, entry);
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
        components[d] = Formula<dim>(p.component[m], section + p.boundary + "/" + entry_names[m]);
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
    springs_[id] = {spring_stiffness(s.normal, s.boundary, "Normal stiffness"),
                    spring_stiffness(s.tangential, s.boundary, "Tangential stiffness")};
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
  const Mesh<dim> &mesh = space_.mesh();
  const dealii::Tensor<1, dim> extent = mesh.upper() - mesh.lower();
  const dealii::Point<dim> centre = mesh.lower() + 0.5 * extent;
  const double half = 0.5 * extent.norm();

  // How strongly the constraints resist each rigid motion: the Gram matrix of the modes' constrained parts. The same
  // for rollers on each boundary, to know which would help.
  Gram<dim> gram;
  std::map<dealii::types::boundary_id, Gram<dim>> with_rollers;
  for (const auto &name : mesh.boundary_names())
    with_rollers[name.second]; // on all ranks the same
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
          const bool is_free = !is_fixed && !is_roller && given == prescribed.end() && spring == springs_.end();
          if (is_free && with_rollers.count(id) == 0)
            continue;
          face_values.reinit(cell, f);
          for (unsigned int q = 0; q < face_values.n_quadrature_points; ++q)
          {
            const dealii::Tensor<1, dim> x = (face_values.quadrature_point(q) - centre) / half;
            const auto n = face_values.normal_vector(q);
            std::array<dealii::Tensor<1, dim>, n_rigid_modes<dim>> held, rolled;
            for (unsigned int i = 0; i < n_rigid_modes<dim>; ++i)
            {
              const auto u = rigid_mode<dim>(i, x);
              const dealii::Tensor<1, dim> normal = (u * n) * n;
              rolled[i] = normal;
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
            if (is_free)
              with_rollers[id].add(rolled, face_values.JxW(q));
            else
              gram.add(held, face_values.JxW(q));
          }
        }
  gram.sum(mesh.communicator());
  for (auto &candidate : with_rollers)
    candidate.second.sum(mesh.communicator());
  const std::vector<RigidMotion<dim>> free = free_motions(gram);
  if (free.empty())
    return;
  std::string motions;
  for (const auto &motion : free)
    motions += (motions.empty() ? "" : ", ") + describe_motion<dim>(motion, centre, half);
  const std::string rollers_needed = missing_rollers(gram, with_rollers, mesh.boundary_names());
  throw InputError(
      "Boundary conditions", "the model can still move rigidly: nothing prevents " + motions,
      rollers_needed.empty()
          ? "Fix a boundary (Fixed), or put Springs or Prescribed displacement on it."
          : "Add to Rollers: " + rollers_needed +
                "; or hold these motions by Fixed (usually the bottom), Springs or Prescribed displacement.");
}

template class BoundaryConditions<2>;
template class BoundaryConditions<3>;

} // namespace lodestone
