// Wide SIMD: the instances that src/solver/simd/ makes of deal.II's matrix-free classes do what FEValues does.
#include <lodestone/solver/simd.h>

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/fe/fe_values.h>
#include <deal.II/fe/mapping_q1.h>
#include <deal.II/grid/grid_generator.h>
#include <deal.II/grid/grid_tools.h>
#include <deal.II/numerics/vector_tools.h>

#include <gtest/gtest.h>

using namespace dealii;
using lodestone::Wide;

namespace
{
constexpr types::boundary_id clamped = 0, spring = 1;

double stiffness(const double x)
{
  return 1 + 3 * x * x;
}
double spring_stiffness(const double y)
{
  return 2 + y;
}

/// Skewed cells of which no two are alike, some of them refined once more than their neighbours.
template <int dim>
void make_mesh(parallel::distributed::Triangulation<dim> &mesh)
{
  GridGenerator::subdivided_hyper_cube(mesh, 3, 0, 1, true);
  GridTools::transform(
      [](Point<dim> p) {
        for (unsigned int d = 0; d < dim; ++d)
          p[d] += 0.06 * std::sin(3 * p[(d + 1) % dim] + 2 * p[d]) * p[(d + 1) % dim];
        return p;
      },
      mesh);
  for (const auto &cell : mesh.active_cell_iterators())
    if (cell->is_locally_owned() && cell->center()[0] > 0.5 && cell->center()[1] > 0.5)
      cell->set_refine_flag();
  mesh.execute_coarsening_and_refinement();
}

/// y = A x with the elasticity operator, sigma = E (tr(eps) I + 2 eps), E constant in each cell, and springs on one
/// side.
template <int dim, typename Number>
class MatrixFreeOperator
{
public:
  using Vector = LinearAlgebra::distributed::Vector<Number>;

  MatrixFreeOperator(const DoFHandler<dim> &dofs, const AffineConstraints<Number> &constraints,
                     const unsigned int degree)
  {
    typename MatrixFree<dim, Number, Wide<Number>>::AdditionalData data;
    data.tasks_parallel_scheme = data.none;
    data.mapping_update_flags = update_gradients | update_JxW_values;
    data.mapping_update_flags_boundary_faces = update_values | update_JxW_values;
    matrix_free.reinit(MappingQ1<dim>(), dofs, constraints, QGauss<1>(degree + 1), data);
  }

  void apply(Vector &y, const Vector &x) const
  {
    matrix_free.template loop<Vector, Vector>(
        [this](const auto &, auto &to, const auto &from, const auto &range) { cells(to, from, range); },
        [](const auto &, auto &, const auto &, const auto &) {},
        [this](const auto &, auto &to, const auto &from, const auto &range) { boundary(to, from, range); }, y, x, true);
  }

  MatrixFree<dim, Number, Wide<Number>> matrix_free;

private:
  using Range = std::pair<unsigned int, unsigned int>;

  void cells(Vector &y, const Vector &x, const Range &range) const
  {
    FEEvaluation<dim, -1, 0, dim, Number, Wide<Number>> values(matrix_free);
    for (unsigned int batch = range.first; batch < range.second; ++batch)
    {
      Wide<Number> E = Number(0);
      for (unsigned int lane = 0; lane < matrix_free.n_active_entries_per_cell_batch(batch); ++lane)
        E[lane] = stiffness(matrix_free.get_cell_iterator(batch, lane)->center()[0]);
      values.reinit(batch);
      values.gather_evaluate(x, EvaluationFlags::gradients);
      for (unsigned int q = 0; q < values.n_q_points; ++q)
      {
        auto stress = values.get_symmetric_gradient(q);
        const Wide<Number> dilatation = trace(stress);
        stress *= Number(2);
        for (unsigned int d = 0; d < dim; ++d)
          stress[d][d] += dilatation;
        values.submit_symmetric_gradient(stress * E, q);
      }
      values.integrate_scatter(EvaluationFlags::gradients, y);
    }
  }

  void boundary(Vector &y, const Vector &x, const Range &range) const
  {
    FEFaceEvaluation<dim, -1, 0, dim, Number, Wide<Number>> values(matrix_free, true);
    for (unsigned int batch = range.first; batch < range.second; ++batch)
    {
      if (matrix_free.get_boundary_id(batch) != spring)
        continue;
      Wide<Number> k = Number(0);
      for (unsigned int lane = 0; lane < matrix_free.n_active_entries_per_face_batch(batch); ++lane)
      {
        const auto [cell, face] = matrix_free.get_face_iterator(batch, lane);
        k[lane] = spring_stiffness(cell->face(face)->center()[1]);
      }
      values.reinit(batch);
      values.gather_evaluate(x, EvaluationFlags::values);
      for (unsigned int q = 0; q < values.n_q_points; ++q)
        values.submit_value(values.get_value(q) * k, q);
      values.integrate_scatter(EvaluationFlags::values, y);
    }
  }
};

/// The same, cell by cell with FEValues.
template <int dim>
LinearAlgebra::distributed::Vector<double> apply_by_values(const DoFHandler<dim> &dofs,
                                                           const AffineConstraints<double> &constraints,
                                                           LinearAlgebra::distributed::Vector<double> x)
{
  constraints.distribute(x);
  x.update_ghost_values();
  LinearAlgebra::distributed::Vector<double> y(x.get_partitioner());
  const auto &element = dofs.get_fe();
  const FEValuesExtractors::Vector displacement(0);
  FEValues<dim> in_cell(element, QGauss<dim>(element.degree + 1), update_gradients | update_JxW_values);
  FEFaceValues<dim> on_face(element, QGauss<dim - 1>(element.degree + 1), update_values | update_JxW_values);
  std::vector<types::global_dof_index> indices(element.n_dofs_per_cell());
  for (const auto &cell : dofs.active_cell_iterators())
    if (cell->is_locally_owned())
    {
      Vector<double> local(indices.size());
      cell->get_dof_indices(indices);
      in_cell.reinit(cell);
      std::vector<SymmetricTensor<2, dim>> strain(in_cell.n_quadrature_points);
      in_cell[displacement].get_function_symmetric_gradients(x, strain);
      for (const unsigned int q : in_cell.quadrature_point_indices())
      {
        const SymmetricTensor<2, dim> stress =
            stiffness(cell->center()[0]) * (2 * strain[q] + trace(strain[q]) * unit_symmetric_tensor<dim>());
        for (const unsigned int i : in_cell.dof_indices())
          local[i] += stress * in_cell[displacement].symmetric_gradient(i, q) * in_cell.JxW(q);
      }
      for (const auto &face : cell->face_iterators())
        if (face->at_boundary() && face->boundary_id() == spring)
        {
          on_face.reinit(cell, face);
          std::vector<Tensor<1, dim>> u(on_face.n_quadrature_points);
          on_face[displacement].get_function_values(x, u);
          for (const unsigned int q : on_face.quadrature_point_indices())
            for (const unsigned int i : on_face.dof_indices())
              local[i] +=
                  spring_stiffness(face->center()[1]) * (u[q] * on_face[displacement].value(i, q)) * on_face.JxW(q);
        }
      constraints.distribute_local_to_global(local, indices, y);
    }
  y.compress(VectorOperation::add);
  return y;
}

/// Largest difference of the two actions, relative to the largest entry.
template <int dim, typename Number>
double difference(const unsigned int degree)
{
  parallel::distributed::Triangulation<dim> mesh(MPI_COMM_WORLD);
  make_mesh(mesh);
  DoFHandler<dim> dofs(mesh);
  dofs.distribute_dofs(FESystem<dim>(FE_Q<dim>(degree), dim));
  IndexSet relevant;
  DoFTools::extract_locally_relevant_dofs(dofs, relevant);
  AffineConstraints<double> constraints(relevant);
  DoFTools::make_hanging_node_constraints(dofs, constraints);
  const auto hanging = Utilities::MPI::sum(constraints.n_constraints(), MPI_COMM_WORLD);
  EXPECT_GT(hanging, 0);
  ComponentMask first(dim, false);
  first.set(0, true);
  DoFTools::make_zero_boundary_constraints(dofs, clamped, constraints, first);
  constraints.close();
  AffineConstraints<Number> own_constraints;
  own_constraints.copy_from(constraints);

  const MatrixFreeOperator<dim, Number> matrix_free_operator(dofs, own_constraints, degree);
  LinearAlgebra::distributed::Vector<Number> x, y;
  matrix_free_operator.matrix_free.initialize_dof_vector(x);
  matrix_free_operator.matrix_free.initialize_dof_vector(y);
  LinearAlgebra::distributed::Vector<double> reference_x(dofs.locally_owned_dofs(), relevant, MPI_COMM_WORLD);
  for (const auto i : dofs.locally_owned_dofs())
    if (!constraints.is_constrained(i))
      reference_x(i) = x(i) = Number(std::sin(0.7 * i * i));
  matrix_free_operator.apply(y, x);
  const auto reference = apply_by_values(dofs, constraints, reference_x);
  double largest = 0;
  for (const auto i : dofs.locally_owned_dofs())
    largest = std::max(largest, std::abs(reference(i) - y(i)));
  return Utilities::MPI::max(largest, MPI_COMM_WORLD) / reference.linfty_norm();
}
} // namespace

TEST(Simd, WidthIsWhatCMakeChose)
{
  EXPECT_EQ(lodestone::WideDouble::size(), std::max(1, LODESTONE_SIMD_BITS / 64));
  EXPECT_EQ(lodestone::WideFloat::size(), std::max(1, LODESTONE_SIMD_BITS / 32));
  EXPECT_EQ(sizeof(lodestone::WideDouble), 8 * lodestone::WideDouble::size());
  // what the library itself was compiled with is left alone
  EXPECT_EQ(VectorizedArray<double>::size(), std::max(1, DEAL_II_VECTORIZATION_WIDTH_IN_BITS / 64));
}

TEST(SimdParallel, OperatorsAgreeWithFEValues)
{
  for (const unsigned int degree : {1, 2})
  {
    EXPECT_LT((difference<2, double>(degree)), 1e-12) << "Q" << degree;
    EXPECT_LT((difference<3, double>(degree)), 1e-12) << "Q" << degree;
    EXPECT_LT((difference<2, float>(degree)), 1e-5) << "Q" << degree;
    EXPECT_LT((difference<3, float>(degree)), 1e-5) << "Q" << degree;
  }
}
