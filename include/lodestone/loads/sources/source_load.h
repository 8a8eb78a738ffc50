#pragma once

#include <lodestone/loads/half_space/incident_field.h>
#include <lodestone/loads/load.h>

#include <optional>

namespace lodestone
{

/// How a source is put into the model.
enum class Formulation
{
  incident, ///< by its field in a half-space; the mesh computes what differs from that
  mesh      ///< by its strain in the cells that hold it
};

/// A source of inelastic strain inside the body: f(v) = sum_q (C(m at x_q) : P_q) : eps(v)(x_q).
///
/// A mesh of cells represents such a source badly, so its field in a half-space is used (LoadVector::incident) wherever
/// that is right. It is not where the surface is not flat and free, where the source touches a side of the mesh, where
/// the stiffness of its own cells is unknown (with all moduli doubled, its displacement would not stay the same), and
/// for points between cells of different moduli.
///
/// The data can hardly tell its strength from the stiffness of the very cells that hold it: halving E there changes the
/// displacement of the surface by a third, at any mesh size. So these cells and one ring of cells around them keep
/// their background unless the user says otherwise.
template <int dim>
class SourceLoad : public Load<dim>
{
public:
  using Load<dim>::Load;

  bool kinematic() const override { return true; }
  bool holds_stiffness() const override { return hold_stiffness_; }
  void report(const Mesh<dim> &mesh, const LoadVector<dim> &load, Log &log) const override;

protected:
  using Sources = typename IncidentField<dim>::Sources;

  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void add_to(LoadAssembler<dim> &assembler) const final;

  /// Adds the source's strain to the cells that hold it. Collective. @throws InputError
  virtual void add_to_mesh(LoadAssembler<dim> &assembler) const = 0;
  /// Places whose moduli are those of the source's bodies. They lie in the mesh, or an error names `position_entry`.
  virtual std::vector<dealii::Point<dim>> body_points() const = 0;
  /// Places over which the potency is spread, for the moment, and the potencies there.
  virtual std::vector<dealii::Point<dim>> potency_points() const { return body_points(); }
  virtual std::vector<Potency<dim>> potencies() const = 0;
  /// The outermost places of the source.
  virtual std::vector<dealii::Point<dim>> outline() const { return body_points(); }
  /// The sources in a half-space whose surface lies at z = `surface`, for the moduli at the body points.
  virtual Sources half_space_sources(const std::vector<BodyModuli> &moduli, double surface) const = 0;
  /// Whether the moduli of cells that touch the source may differ from those of its body.
  virtual bool has_integrable_strain() const { return false; }
  /// The entry that gives the places.
  virtual std::string position_entry() const { return "Position"; }
  /// Says how the source was put into the mesh.
  virtual void report_in_mesh(const Mesh<dim> & /*mesh*/, Log & /*log*/) const {}

private:
  Formulation formulation_ = Formulation::incident;
  bool hold_stiffness_ = true;

  /// The moduli at points; none outside the mesh. Collective.
  std::vector<std::optional<BodyModuli>> moduli_at(const std::vector<dealii::Point<dim>> &points,
                                                   const LoadAssembler<dim> &assembler) const;
  /// The same at the body points. @throws InputError for points outside the mesh
  std::vector<BodyModuli> find_moduli(const LoadAssembler<dim> &assembler) const;
  /// The scalar moment sqrt(M : M / 2) (N m; Silver and Jordan 1982), M the sum of C : P with the background's moduli
  /// at the potency points: of a fault mu times its potency. Collective.
  double moment(const LoadAssembler<dim> &assembler) const;
  /// Why the field in a half-space would be wrong; empty if it would not. Collective.
  std::string obstacle(const LoadAssembler<dim> &assembler, const std::vector<BodyModuli> &moduli) const;
};

/// Sets the owned cells whose bounding boxes come within `distance` (m) of one of the points to 1.
template <int dim>
void mark_cells_near(std::vector<dealii::Point<dim>> points, double distance, const Mesh<dim> &mesh, CellField &cells);

} // namespace lodestone
