#include <lodestone/base/number_text.h>
#include <lodestone/discretization/mesh_names.h>
#include <lodestone/solver/rigid_motions.h>

#include <deal.II/fe/fe_values.h>
#include <deal.II/lac/full_matrix.h>
#include <deal.II/lac/lapack_full_matrix.h>

#include <algorithm>
#include <numeric>

namespace lodestone
{

namespace
{

// The rigid motions about the centre of the model: translations, then rotations scaled to displacements of order one.
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

/// The integrals of (held part of mode i) . (held part of mode j) over the area where something is held.
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
  /// Each matrix is divided by its own area, so that a small boundary counts too.
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

/// @return a basis of the motions that nothing holds, in reduced echelon form with the rotations first, so that a
/// motion that is a translation or a rotation alone comes out as one
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
    text += (d > 0 ? ", " : "(") + significant(std::abs(x[d]) < 1e-9 ? 0. : x[d], 4);
  return text + ")";
}

/// @return the only nonzero entry of v, or n
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

/// @return a motion in words: "translation along x (east-west)", "rotation about the vertical axis"
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
                                         "translation along z (vertical)"}}[dim == 2 && axis == 1 ? 2 : axis];
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
  // The axis passes through the point x0 that does not move: u = w x (x - x0).
  dealii::Point<dim> fixed = centre;
  if constexpr (dim == 2)
    fixed += half / w[0] * dealii::Point<2>(-t[1], t[0]);
  else
    for (unsigned int d = 0; d < 3; ++d)
      fixed[d] += half / (spin * spin) * (w[(d + 1) % 3] * t[(d + 2) % 3] - w[(d + 2) % 3] * t[(d + 1) % 3]);
  return text + " through " + coordinates_text(fixed.begin_raw(), dim) + " m";
}

/// @return the fewest free boundaries on which rollers would hold the model, the top only if nothing else does; empty
///   if none would
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

/// @return the parts of the rigid motions at one point that the boundary holds
template <int dim>
std::array<dealii::Tensor<1, dim>, n_rigid_modes<dim>>
held_parts(const HeldDirections<dim> &held, const dealii::Tensor<1, dim> &x, const dealii::Tensor<1, dim> &n)
{
  std::array<dealii::Tensor<1, dim>, n_rigid_modes<dim>> parts;
  for (unsigned int i = 0; i < n_rigid_modes<dim>; ++i)
  {
    const auto u = rigid_mode<dim>(i, x);
    const dealii::Tensor<1, dim> normal = (u * n) * n;
    if (held.normal)
      parts[i] += normal;
    if (held.tangential)
      parts[i] += u - normal;
    for (unsigned int d = 0; d < dim; ++d)
      if (held.components[d])
        parts[i][d] = u[d];
  }
  return parts;
}

/// Computes how strongly boundaries resist the rigid motions, and how strongly rollers on each free boundary would.
template <int dim>
struct Resistance
{
  Gram<dim> held;
  std::map<dealii::types::boundary_id, Gram<dim>> with_rollers;
};

template <int dim>
Resistance<dim> measure_resistance(const DisplacementSpace<dim> &space,
                                   const std::map<dealii::types::boundary_id, HeldDirections<dim>> &held,
                                   const dealii::Point<dim> &centre, const double half)
{
  const Mesh<dim> &mesh = space.mesh();
  HeldDirections<dim> rollers;
  rollers.normal = true;
  Resistance<dim> resistance;
  for (const auto &name : mesh.boundary_names())
    resistance.with_rollers[name.second]; // the entry exists on all ranks alike
  dealii::FEFaceValues<dim> face_values(space.mapping(), space.element(), space.face_quadrature(),
                                        dealii::update_quadrature_points | dealii::update_normal_vectors |
                                            dealii::update_JxW_values);
  for (const auto &cell : space.dof_handler().active_cell_iterators())
    if (cell->is_locally_owned())
      for (const unsigned int f : cell->face_indices())
        if (cell->face(f)->at_boundary())
        {
          const auto id = cell->face(f)->boundary_id();
          const auto directions = held.find(id);
          const bool is_free = directions == held.end();
          if (is_free && resistance.with_rollers.count(id) == 0)
            continue;
          Gram<dim> &gram = is_free ? resistance.with_rollers[id] : resistance.held;
          face_values.reinit(cell, f);
          for (unsigned int q = 0; q < face_values.n_quadrature_points; ++q)
            gram.add(held_parts<dim>(is_free ? rollers : directions->second,
                                     (face_values.quadrature_point(q) - centre) / half, face_values.normal_vector(q)),
                     face_values.JxW(q));
        }
  resistance.held.sum(mesh.communicator());
  for (auto &candidate : resistance.with_rollers)
    candidate.second.sum(mesh.communicator());
  return resistance;
}

} // namespace

template <int dim>
FreeRigidMotions free_rigid_motions(const DisplacementSpace<dim> &space,
                                    const std::map<dealii::types::boundary_id, HeldDirections<dim>> &held)
{
  const dealii::Tensor<1, dim> extent = space.mesh().upper() - space.mesh().lower();
  const dealii::Point<dim> centre = space.mesh().lower() + 0.5 * extent;
  const double half = 0.5 * extent.norm();
  const Resistance<dim> resistance = measure_resistance(space, held, centre, half);
  FreeRigidMotions result;
  for (const auto &motion : free_motions(resistance.held))
    result.motions += (result.motions.empty() ? "" : ", ") + describe_motion<dim>(motion, centre, half);
  if (!result.motions.empty())
    result.rollers = missing_rollers(resistance.held, resistance.with_rollers, space.mesh().boundary_names());
  return result;
}

template FreeRigidMotions free_rigid_motions(const DisplacementSpace<2> &,
                                             const std::map<dealii::types::boundary_id, HeldDirections<2>> &);
template FreeRigidMotions free_rigid_motions(const DisplacementSpace<3> &,
                                             const std::map<dealii::types::boundary_id, HeldDirections<3>> &);

} // namespace lodestone
