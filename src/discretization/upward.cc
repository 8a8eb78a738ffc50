#include <lodestone/discretization/upward.h>

namespace lodestone
{

template <int dim>
double upward(const typename dealii::Triangulation<dim>::cell_iterator &cell, const unsigned int face)
{
  const dealii::Tensor<1, dim> out = cell->face(face)->center() - cell->center();
  if constexpr (dim == 2)
  {
    const dealii::Tensor<1, 2> along = cell->face(face)->vertex(1) - cell->face(face)->vertex(0);
    const dealii::Tensor<1, 2> normal({along[1], -along[0]});
    return (normal * out > 0 ? 1 : -1) * normal[1] / along.norm();
  }
  else
  {
    const dealii::Tensor<1, 3> normal =
        dealii::cross_product_3d(cell->face(face)->vertex(3) - cell->face(face)->vertex(0),
                                 cell->face(face)->vertex(2) - cell->face(face)->vertex(1));
    return (normal * out > 0 ? 1 : -1) * normal[2] / normal.norm();
  }
}

template double upward<2>(const dealii::Triangulation<2>::cell_iterator &, unsigned int);
template double upward<3>(const dealii::Triangulation<3>::cell_iterator &, unsigned int);

} // namespace lodestone
