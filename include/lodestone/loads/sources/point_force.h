#pragma once

#include <lodestone/loads/load.h>
#include <lodestone/loads/sources/source_position.h>

namespace lodestone
{

/// `point force`: f(v) = F . v(x) at a point on the surface or inside (N; in 2-D N/m).
template <int dim>
class PointForce : public Load<dim>
{
public:
  using Load<dim>::Load;
  std::vector<dealii::Point<dim>> source_points(double) const override { return {point_}; }

protected:
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  std::vector<typename Load<dim>::AmountEntry> amount_entries() const override
  {
    return {{"Force", Quantity::force, &force_text_}};
  }
  void add_to(LoadAssembler<dim> &assembler) const override;

private:
  SourcePosition<dim> position_;
  std::string force_text_;
  dealii::Point<dim> point_;
  dealii::Tensor<1, dim> force_;
};

} // namespace lodestone
