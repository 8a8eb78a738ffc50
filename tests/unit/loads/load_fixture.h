#pragma once

#include <lodestone/loads/load_list.h>

#include <deal.II/base/function.h>
#include <deal.II/numerics/vector_tools_interpolate.h>

#include <functional>

namespace lodestone
{

/// A box, refined near its surface where the parameters say so, with a space on it, and loads written as in a deck.
template <int dim>
struct LoadFixture
{
  Mesh<dim> mesh;
  DisplacementSpace<dim> space;
  PointLocator<dim> locator;
  LoadContext context;

  explicit LoadFixture(const typename Mesh<dim>::Parameters &parameters, const unsigned int degree = 1)
      : mesh(parameters, MPI_COMM_WORLD), space((mesh.refine({}, {}), mesh), degree), locator(space)
  {
  }

  static typename Mesh<dim>::Parameters box(const dealii::Point<dim> &lower, const dealii::Point<dim> &upper,
                                            const std::vector<unsigned int> &cells)
  {
    typename Mesh<dim>::Parameters parameters;
    parameters.lower = lower;
    parameters.upper = upper;
    parameters.cells = cells;
    return parameters;
  }

  LoadList<dim> load(const std::string &type, const std::map<std::string, std::string> &entries) const
  {
    return make_loads<dim>({LoadParameters<dim>::from_texts("test", "Load cases/a/test", type, entries)}, context);
  }

  LoadVector<dim> vector(const std::string &type, const std::map<std::string, std::string> &entries) const
  {
    return load(type, entries)[0]->assemble(space, locator);
  }

  /// f(v) with the same moduli in all cells, v interpolated.
  double apply(const LoadVector<dim> &load, const double lambda, const double mu,
               const std::function<dealii::Tensor<1, dim>(const dealii::Point<dim> &)> &v) const
  {
    class Field : public dealii::Function<dim>
    {
    public:
      explicit Field(const std::function<dealii::Tensor<1, dim>(const dealii::Point<dim> &)> &f)
          : dealii::Function<dim>(dim), f_(f)
      {
      }
      double value(const dealii::Point<dim> &p, const unsigned int component) const override
      {
        return f_(p)[component];
      }

    private:
      const std::function<dealii::Tensor<1, dim>(const dealii::Point<dim> &)> &f_;
    };
    DistributedVector field = space.make_vector();
    dealii::VectorTools::interpolate(space.mapping(), space.dof_handler(), Field(v), field);
    field.update_ghost_values();
    double cells = 0;
    for (const auto &part : load.cell_parts)
      for (unsigned int i = 0; i < part.dofs.size(); ++i)
        cells += (lambda * part.lambda[i] + mu * part.mu[i]) * field(part.dofs[i]);
    // hanging entries of `fixed` are zero: interpolated values there play no part
    return load.fixed * field + dealii::Utilities::MPI::sum(cells, mesh.communicator());
  }
};

/// v = component * e_row for position column: the linear field whose gradient has a single entry.
template <int dim>
std::function<dealii::Tensor<1, dim>(const dealii::Point<dim> &)> linear_field(const int row, const int column)
{
  return [row, column](const dealii::Point<dim> &p) {
    dealii::Tensor<1, dim> v;
    v[row] = p[column];
    return v;
  };
}

template <int dim>
std::function<dealii::Tensor<1, dim>(const dealii::Point<dim> &)> translation(const int direction)
{
  return [direction](const dealii::Point<dim> &) {
    dealii::Tensor<1, dim> v;
    v[direction] = 1;
    return v;
  };
}

} // namespace lodestone
