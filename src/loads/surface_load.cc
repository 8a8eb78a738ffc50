#include <lodestone/base/error.h>
#include <lodestone/discretization/mesh_extent.h>
#include <lodestone/loads/surface_load.h>

#include <deal.II/base/quadrature_lib.h>

#include <algorithm>
#include <cmath>

namespace lodestone
{

namespace
{

/// Whether a formula can jump at all; formulas that cannot are never sampled for jumps.
template <int dim>
bool may_jump(const Formula<dim> &formula)
{
  if (formula.is_constant())
    return false;
  for (const char *mark : {"<", ">", "=", "?", "if", "sign", "floor", "ceil", "rint", "round"})
    if (formula.text().find(mark) != std::string::npos)
      return true;
  return false;
}

/// The value half-way up the largest jump of f on the unit cube [0,1]^d; nothing where f is continuous.
///
/// Between two neighbours on a grid of 9^d points, a jump keeps its size under bisection, and a steep slope does not.
template <int d>
std::optional<double> jump_level(const std::function<double(const dealii::Point<d> &)> &f)
{
  constexpr unsigned int n = 9;
  constexpr double margin = 1e-6;
  struct Pair
  {
    dealii::Point<d> a, b;
    double fa, fb;
    double size() const { return std::abs(fa - fb); }
  };
  std::vector<dealii::Point<d>> points(1);
  std::vector<double> values;
  std::array<unsigned int, d> stride;
  for (int k = 0; k < d; ++k)
  {
    stride[k] = points.size();
    std::vector<dealii::Point<d>> more;
    for (unsigned int i = 0; i < n; ++i)
      for (dealii::Point<d> p : points)
      {
        p[k] = margin + (1 - 2 * margin) * i / (n - 1);
        more.push_back(p);
      }
    points = std::move(more);
  }
  for (const auto &p : points)
    values.push_back(f(p));
  std::vector<Pair> pairs;
  for (unsigned int i = 0; i < points.size(); ++i)
    for (int k = 0; k < d; ++k)
      if (i / stride[k] % n + 1 < n && values[i] != values[i + stride[k]])
        pairs.push_back({points[i], points[i + stride[k]], values[i], values[i + stride[k]]});
  std::stable_sort(pairs.begin(), pairs.end(), [](const Pair &p, const Pair &q) { return p.size() > q.size(); });
  for (std::size_t i = 0; i < std::min<std::size_t>(pairs.size(), 4); ++i)
  {
    Pair pair = pairs[i];
    const double first = pair.size();
    for (unsigned int halving = 0; halving < 30; ++halving)
    {
      const dealii::Point<d> middle = pair.a + 0.5 * (pair.b - pair.a);
      const double value = f(middle);
      if (std::abs(pair.fa - value) > std::abs(pair.fb - value))
      {
        pair.b = middle;
        pair.fb = value;
      }
      else
      {
        pair.a = middle;
        pair.fa = value;
      }
    }
    if (pair.size() > 0.25 * first)
      return 0.5 * (pair.fa + pair.fb);
  }
  return std::nullopt;
}

} // namespace

/// Integrates the traction on one face after the other and gives it to the assembler.
template <int dim>
class SurfaceLoad<dim>::FaceIntegral
{
public:
  using Cell = typename LoadAssembler<dim>::Cell;
  using FacePoint = dealii::Point<dim - 1>;

  FaceIntegral(const SurfaceLoad<dim> &load, LoadAssembler<dim> &assembler) : load_(load), assembler_(assembler)
  {
    for (const Formula<dim> *formula : load.formulas())
      if (may_jump(*formula))
        jumping_.push_back(formula);
  }

  void add(const Cell &cell, const unsigned int face)
  {
    const CellShape<dim> shape(cell);
    const auto real = [&](const FacePoint &s) { return shape.real(CellShape<dim>::on_face(face, s)); };
    if (load_.region_)
    {
      const std::function<bool(const FacePoint &)> inside = [&](const FacePoint &s) {
        return load_.region_->holds(real(s));
      };
      const RegionSide side = sample_unit_cube<dim - 1>(inside, 9);
      if (side == RegionSide::cut)
        add_part(cell, face, inside);
      if (side != RegionSide::inside)
        return;
    }
    for (const Formula<dim> *formula : jumping_)
      if (const auto level = jump_level<dim - 1>([&](const FacePoint &s) { return formula->value(real(s)); }))
      {
        add_part(cell, face, [&](const FacePoint &s) { return formula->value(real(s)) > *level; });
        add_part(cell, face, [&](const FacePoint &s) { return !(formula->value(real(s)) > *level); });
        return;
      }
    add_whole(cell, face);
  }

  double area() const { return area_; }

private:
  const SurfaceLoad<dim> &load_;
  LoadAssembler<dim> &assembler_;
  std::vector<const Formula<dim> *> jumping_;
  std::map<unsigned int, std::unique_ptr<dealii::FEFaceValues<dim>>> rules_; ///< by divisions of the face
  std::vector<dealii::Tensor<1, dim>> forces_;
  double area_ = 0;

  void add_whole(const Cell &cell, const unsigned int face)
  {
    const DisplacementSpace<dim> &space = assembler_.space();
    std::vector<dealii::Point<dim>> corners;
    for (const unsigned int v : cell->face(face)->vertex_indices())
      corners.push_back(cell->face(face)->vertex(v));
    const unsigned int divisions = load_.divisions(corners);
    auto &values = rules_[divisions];
    if (!values)
    {
      const auto flags = dealii::update_values | dealii::update_quadrature_points | dealii::update_JxW_values |
                         dealii::update_normal_vectors;
      const dealii::Quadrature<dim - 1> rule =
          divisions == 1 ? space.face_quadrature()
                         : dealii::QIterated<dim - 1>(dealii::QGauss<1>(space.degree() + 1), divisions);
      values = std::make_unique<dealii::FEFaceValues<dim>>(space.mapping(), space.element(), rule, flags);
    }
    values->reinit(cell, face);
    forces_.clear();
    for (unsigned int q = 0; q < values->n_quadrature_points; ++q)
    {
      forces_.push_back(load_.traction(values->quadrature_point(q), values->normal_vector(q)) * values->JxW(q));
      area_ += values->JxW(q);
    }
    assembler_.add(cell, *values, forces_);
  }

  /// Integrates over the part of a face where `inside` holds. The points are points of the cell, and by Nanson's
  /// formula n dA = det J J^-T n_unit dA_unit.
  void add_part(const Cell &cell, const unsigned int face, const std::function<bool(const FacePoint &)> &inside)
  {
    const DisplacementSpace<dim> &space = assembler_.space();
    const auto face_rule = indicator_quadrature<dim - 1>(inside, space.degree() + 1);
    if (face_rule.size() == 0)
      return;
    std::vector<dealii::Point<dim>> points;
    for (const auto &s : face_rule.get_points())
      points.push_back(CellShape<dim>::on_face(face, s));
    dealii::FEValues<dim> values(space.mapping(), space.element(),
                                 dealii::Quadrature<dim>(points, face_rule.get_weights()),
                                 dealii::update_values | dealii::update_quadrature_points | dealii::update_JxW_values |
                                     dealii::update_inverse_jacobians);
    values.reinit(cell);
    const dealii::Tensor<1, dim> unit_normal = dealii::GeometryInfo<dim>::unit_normal_vector[face];
    forces_.clear();
    for (unsigned int q = 0; q < values.n_quadrature_points; ++q)
    {
      dealii::Tensor<1, dim> normal; // times area
      for (int i = 0; i < dim; ++i)
        for (int k = 0; k < dim; ++k)
          normal[i] += values.JxW(q) * values.inverse_jacobian(q)[k][i] * unit_normal[k];
      const double area = normal.norm();
      forces_.push_back(load_.traction(values.quadrature_point(q), normal / area) * area);
      area_ += area;
    }
    assembler_.add(cell, values, forces_);
  }
};

template <int dim>
void SurfaceLoad<dim>::add_own_parameters(dealii::ParameterHandler &handler)
{
  add_text(handler, "Boundary", boundary_text_,
           "Names of the boundaries that the load acts on (box: west, east, south, north, bottom, top).");
  add_text(handler, "Region", region_text_,
           "Part of the boundary: a condition on x, y, z (m), e.g. x^2+y^2 < 4000^2. Empty: all of it.");
}

template <int dim>
void SurfaceLoad<dim>::validate_own(const LoadContext &)
{
  boundary_names_ = split_list(boundary_text_);
  if (boundary_names_.empty())
    throw InputError(this->where("Boundary"), "no boundary is named", "Name one of the mesh's boundaries, e.g. top.");
  if (!is_blank(region_text_))
    region_ = Formula<dim>(region_text_, this->where("Region"));
}

template <int dim>
void SurfaceLoad<dim>::check_names(const MeshNames &names) const
{
  for (const auto &name : boundary_names_)
    names.check_boundary(name, this->where("Boundary"));
}

template <int dim>
std::set<dealii::types::boundary_id> SurfaceLoad<dim>::boundary_ids(const Mesh<dim> &mesh) const
{
  std::set<dealii::types::boundary_id> ids;
  for (const auto &name : boundary_names_)
    ids.insert(mesh.boundary_id(name, this->where("Boundary")));
  return ids;
}

template <int dim>
void SurfaceLoad<dim>::add_to(LoadAssembler<dim> &assembler) const
{
  const Mesh<dim> &mesh = assembler.space().mesh();
  const std::set<dealii::types::boundary_id> ids = boundary_ids(mesh);
  FaceIntegral integral(*this, assembler);
  for (const auto &cell : assembler.space().dof_handler().active_cell_iterators())
    if (cell->is_locally_owned() && cell->at_boundary())
      for (const unsigned int face : cell->face_indices())
        if (cell->face(face)->at_boundary() && ids.count(cell->face(face)->boundary_id()) > 0)
          integral.add(cell, face);
  if (dealii::Utilities::MPI::sum(integral.area(), mesh.communicator()) <= 0)
    throw InputError(this->where(region_ ? "Region" : "Boundary"), "the load acts on no part of the boundary (area 0)",
                     mesh_extent_text(mesh) + "; regions narrower than 1/8 of the faces can be missed.");
}

template <int dim>
void Traction<dim>::add_own_parameters(dealii::ParameterHandler &handler)
{
  SurfaceLoad<dim>::add_own_parameters(handler);
  add_text(handler, "Value", value_text_, "Force per area (Pa), values or formulas: " + vector_names<dim>("t") + ".");
}

template <int dim>
void Traction<dim>::validate_own(const LoadContext &context)
{
  SurfaceLoad<dim>::validate_own(context);
  value_ = read_values<dim>(value_text_, dim, vector_names<dim>("t"), Quantity::pressure, this->where("Value"));
}

template <int dim>
dealii::Tensor<1, dim> Traction<dim>::traction(const dealii::Point<dim> &p, const dealii::Tensor<1, dim> &) const
{
  return vector_at<dim>(value_, p);
}

template <int dim>
std::vector<const Formula<dim> *> Traction<dim>::formulas() const
{
  std::vector<const Formula<dim> *> all;
  for (const auto &formula : value_)
    all.push_back(&formula);
  return all;
}

template <int dim>
void Pressure<dim>::add_own_parameters(dealii::ParameterHandler &handler)
{
  SurfaceLoad<dim>::add_own_parameters(handler);
  add_text(handler, "Value", value_text_, "Pressure (Pa), a value or formula; a positive one pushes into the body.");
}

template <int dim>
void Pressure<dim>::validate_own(const LoadContext &context)
{
  SurfaceLoad<dim>::validate_own(context);
  value_ = read_value<dim>(value_text_, Quantity::pressure, this->where("Value"));
}

template <int dim>
dealii::Tensor<1, dim> Pressure<dim>::traction(const dealii::Point<dim> &p, const dealii::Tensor<1, dim> &normal) const
{
  return -value_.value(p) * normal;
}

template class SurfaceLoad<2>;
template class SurfaceLoad<3>;
template class Traction<2>;
template class Traction<3>;
template class Pressure<2>;
template class Pressure<3>;

} // namespace lodestone
