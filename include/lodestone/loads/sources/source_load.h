#pragma once

#include <lodestone/loads/load_entries.h>

namespace lodestone
{

/// `point force`: f(v) = F . v(x) at a point on the surface or inside (N; in 2-D N/m).
template <int dim>
class PointForce : public Load<dim>
{
public:
  PointForce(const std::string &name, const std::string &path) : Load<dim>("point force", name, path) {}
  std::vector<dealii::Point<dim>> source_points(double) const override { return {point_}; }

protected:
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  std::vector<std::pair<std::string, Quantity>> amount_entries() const override { return {{"Force", Quantity::force}}; }
  void add_to(LoadAssembler<dim> &assembler) const override;

private:
  SourcePosition<dim> position_;
  std::string force_text_;
  dealii::Point<dim> point_;
  dealii::Tensor<1, dim> force_;
};

/// A source of inelastic strain inside the body: f(v) = sum_q (C(m at x_q) : P_q) : eps(v)(x_q).
///
/// Its strength can be traded against the stiffness of the very cells that hold it (halving E there changes the surface
/// by a third, at any mesh size), so these cells and one ring around them keep their background unless the user says
/// otherwise.
template <int dim>
class SourceLoad : public Load<dim>
{
public:
  bool kinematic() const override { return true; }
  bool holds_stiffness() const override { return hold_stiffness_ == "yes" || hold_stiffness_ == "true"; }

protected:
  using Load<dim>::Load;
  void add_own_parameters(dealii::ParameterHandler &handler) override;

private:
  std::string hold_stiffness_ = "yes";
};

/// `point source`: volume change dV in the sense of Mogi (1958), the moment (lambda + 2 mu) dV I, spread evenly over a
/// ball. Outside the ball the field of a homogeneous body is that of the point; in the mesh a bare point is wrong by
/// 10 to 50 %.
template <int dim>
class PointSource : public SourceLoad<dim>
{
public:
  PointSource(const std::string &name, const std::string &path) : SourceLoad<dim>("point source", name, path) {}
  std::vector<dealii::Point<dim>> source_points(double) const override { return {centre_}; }
  void mark_source_cells(const Mesh<dim> &mesh, CellField &cells) const override;
  void report(const Mesh<dim> &mesh, Log &log) const override;
  /// As given, or 2 local cell sizes but at most 0.3 of the depth. Collective. @throws InputError outside the mesh
  double radius(const Mesh<dim> &mesh) const;

protected:
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  std::vector<std::pair<std::string, Quantity>> amount_entries() const override
  {
    return {{"Volume change", dim == 2 ? Quantity::number : Quantity::volume}};
  }
  void add_to(LoadAssembler<dim> &assembler) const override;
  std::vector<typename LoadVector<dim>::Amount> amounts() const override;

private:
  SourcePosition<dim> position_;
  std::string volume_text_, radius_text_;
  dealii::Point<dim> centre_;
  double volume_change_ = 0; ///< m^dim
  double given_radius_ = -1; ///< m; negative: default
};

/// `potency points`: a table of points with the components of their potencies (m^3; in 2-D m^2).
template <int dim>
class PotencyPoints : public SourceLoad<dim>
{
public:
  PotencyPoints(const std::string &name, const std::string &path) : SourceLoad<dim>("potency points", name, path) {}
  std::vector<dealii::Point<dim>> source_points(double) const override { return points_; }
  void mark_source_cells(const Mesh<dim> &mesh, CellField &cells) const override;
  void report(const Mesh<dim> &mesh, Log &log) const override;

protected:
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  void add_to(LoadAssembler<dim> &assembler) const override;
  typename Load<dim>::Nothing describe_nothing(const Mesh<dim> &mesh) const override;
  std::vector<typename LoadVector<dim>::Amount> amounts() const override;

private:
  std::string file_;
  std::vector<dealii::Point<dim>> points_;
  std::vector<Potency<dim>> potencies_;
};

} // namespace lodestone
