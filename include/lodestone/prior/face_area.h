#pragma once

#include <deal.II/base/tensor.h>
#include <deal.II/grid/tria.h>

namespace lodestone
{

/// Area times unit normal (of either sign) of a face, exact also for faces that are not plane.
template <int dim>
dealii::Tensor<1, dim> area_vector(const typename dealii::Triangulation<dim>::face_iterator &face)
{
  if constexpr (dim == 2)
  {
    const dealii::Tensor<1, 2> edge = face->vertex(1) - face->vertex(0);
    return dealii::cross_product_2d(edge);
  }
  else
    return 0.5 * dealii::cross_product_3d(face->vertex(3) - face->vertex(0), face->vertex(2) - face->vertex(1));
}

} // namespace lodestone
