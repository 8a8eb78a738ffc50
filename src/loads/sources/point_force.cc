#include <lodestone/loads/components.h>
#include <lodestone/loads/sources/point_force.h>

namespace lodestone
{

template <int dim>
void PointForce<dim>::add_own_parameters(dealii::ParameterHandler &handler)
{
  position_.add_parameters(handler, "the force");
  add_text(handler, "Force", force_text_,
           "Components of the force: " + vector_names<dim>("f") + (dim == 2 ? " (N per m of thickness)." : " (N)."));
}

template <int dim>
void PointForce<dim>::validate_own(const LoadContext &context)
{
  point_ = position_.read([this](const std::string &entry) { return this->where(entry); }, context);
  const auto components =
      read_values<dim>(force_text_, dim, vector_names<dim>("f"), Quantity::force, this->where("Force"));
  force_ = vector_at<dim>(components, point_);
}

template <int dim>
void PointForce<dim>::add_to(LoadAssembler<dim> &assembler) const
{
  assembler.template add_points<dealii::Tensor<1, dim>>({point_}, {force_}, this->where("Position"));
}

template class PointForce<2>;
template class PointForce<3>;

} // namespace lodestone
