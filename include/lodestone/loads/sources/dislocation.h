#pragma once

#include <lodestone/loads/sources/source_load.h>
#include <lodestone/loads/sources/source_position.h>

#include <array>
#include <string>
#include <vector>

namespace lodestone
{

/// A rectangular dislocation (Okada 1985, Bull. Seism. Soc. Am. 75, 1135-1154) as potency points: fault, dike or sill.
///
/// x east, y north, z up; strike phi clockwise from north, dip delta down to the right of strike, rake l in the plane
/// from the strike direction upward (0: left-lateral, 90: thrust). Unit vectors: along strike s = (sin phi, cos phi,
/// 0), up-dip a = (-cos phi cos delta, sin phi cos delta, sin delta), normal into the hanging wall n = (cos phi sin
/// delta, -sin phi sin delta, cos delta). The hanging wall moves by b = slip (cos l s + sin l a) + opening n against
/// the footwall; potency per area (b n + n b)/2. In 2-D (x, z): strike 0 or 180, length 1 m, no slip along strike.
template <int dim>
struct Rectangle
{
  dealii::Point<dim> centre;
  dealii::Tensor<1, dim> along_strike; ///< zero in 2-D
  dealii::Tensor<1, dim> up_dip, normal;
  double length = 1, width = 0; ///< along strike and along dip (m)

  /// A rectangle about its centroid; strike and dip in degrees, length and width in metres.
  static Rectangle at(const dealii::Point<dim> &centre, double strike, double dip, double length, double width);
  /// The potency per area (m); slip and opening in metres, rake in degrees.
  Potency<dim> potency_density(double slip, double rake, double opening) const;
  /// The centres of n_length x n_width equal patches.
  std::vector<dealii::Point<dim>> patch_centres(unsigned int n_length, unsigned int n_width) const;
  /// Whether a cell with these vertices reaches the rectangle: the extents of both along strike, dip and normal
  /// overlap.
  bool reached_by(const std::vector<dealii::Point<dim>> &vertices) const;
};

/// Which point of the rectangle `Position` is.
enum class RectangleReference
{
  centroid,
  top_edge, ///< the middle of the upper edge
  corner    ///< the lower corner from which strike points along the lower edge
};

/// `dislocation`: slip and opening on a Rectangle, integrated with at least four points per shortest cell edge in both
/// directions.
template <int dim>
class Dislocation : public SourceLoad<dim>
{
public:
  using SourceLoad<dim>::SourceLoad;
  std::vector<dealii::Point<dim>> source_points(double spacing) const override;
  void mark_source_cells(const Mesh<dim> &mesh, CellField &cells) const override;
  void report(const Mesh<dim> &mesh, Log &log) const override;

protected:
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  std::vector<typename Load<dim>::AmountEntry> amount_entries() const override
  {
    return {{"Slip", Quantity::length, &slip_text_}, {"Opening", Quantity::length, &opening_text_}};
  }
  void add_to(LoadAssembler<dim> &assembler) const override;
  std::vector<typename LoadVector<dim>::Amount> amounts() const override;

private:
  SourcePosition<dim> position_;
  RectangleReference reference_ = RectangleReference::centroid;
  std::string strike_text_ = "0", dip_text_, rake_text_ = dim == 2 ? "90" : "0", slip_text_ = "0", opening_text_ = "0",
              length_text_, width_text_;
  Rectangle<dim> rectangle_;
  double slip_ = 0, rake_ = 0, opening_ = 0;

  /// The numbers of patches along length and width for this mesh. Collective. @throws InputError where the rectangle
  /// lies outside it
  std::array<unsigned int, 2> patches(const Mesh<dim> &mesh) const;
};

} // namespace lodestone
