#include <lodestone/app/cell_shares.h>
#include <lodestone/base/error.h>
#include <lodestone/discretization/coarser_cells.h>

#include <deal.II/fe/fe_values.h>

#include <boost/serialization/vector.hpp>
#include <random>

namespace lodestone
{

namespace
{
template <int dim>
using Cell = typename dealii::Triangulation<dim>::active_cell_iterator;

/// The values of functions at the nodes of a cell, one function after the other.
template <int dim>
std::vector<double> nodal_values(const DisplacementSpace<dim> &space, const Cell<dim> &cell,
                                 const std::vector<const DistributedVector *> &functions)
{
  const typename dealii::DoFHandler<dim>::active_cell_iterator here(&space.mesh().triangulation(), cell->level(),
                                                                    cell->index(), &space.dof_handler());
  const unsigned int n = space.element().n_dofs_per_cell();
  std::vector<double> all;
  dealii::Vector<double> values(n);
  for (const DistributedVector *const function : functions)
  {
    here->get_dof_values(*function, values);
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

/// Random signs over the standard deviations of the data, the same on all ranks.
DataVector random_weights(const std::vector<DataSet> &sets, std::mt19937 &random)
{
  DataVector w;
  for (const DataSet &set : sets)
    for (const double sigma : set.sigma)
      w.push_back((random() % 2 == 0 ? 1 : -1) / sigma);
  return w;
}

/// z with K z = B^T w, to a few digits.
template <int dim>
State solve_dual(ElasticForwardSolver<dim> &forward, const ObservationOperator<dim> &observation, const unsigned int s,
                 const DataVector &w)
{
  constexpr double tolerance = 1e-4;
  StateDual source = forward.make_dual(s);
  observation.add_transpose(w, source);
  State z = forward.make_state(s);
  if (const SolveReport report = forward.solve_jacobian_transpose(s, std::move(source), z, {tolerance, true});
      !report.converged)
    throw SolverError("the problem that weights the cells for Mesh/Adapt could not be solved: " + report.reason);
  return z;
}

/// Differences of pairs of functions u and z on two meshes, paired by the stiffness of each cell.
template <int dim>
class Pairing
{
public:
  Pairing(const Problem<dim> &problem, const ComparisonProblem<dim> &coarser)
      : problem_(problem), coarser_(coarser), cells_(problem.mesh(), coarser.mesh()),
        fe_values_(problem.space().mapping(), problem.space().element(), problem.space().cell_quadrature(),
                   dealii::update_gradients | dealii::update_JxW_values)
  {
  }

  /// shares += | k_c(u - u_2h, z - z_2h) | for the owned cells. Collective.
  void add(const DistributedVector &u, const DistributedVector &z, const DistributedVector &u_2h,
           const DistributedVector &z_2h, std::vector<double> &shares)
  {
    const DisplacementSpace<dim> &space = problem_.space();
    const auto answers = cells_.template ask<std::vector<double>>([&](const auto &cell) {
      return nodal_values<dim>(coarser_.space(), cell, {&u_2h, &z_2h});
    });
    const unsigned int n = space.element().n_dofs_per_cell();
    std::size_t c = 0;
    for (const auto &cell : problem_.mesh().triangulation().active_cell_iterators())
      if (cell->is_locally_owned())
      {
        std::vector<double> differences = nodal_values<dim>(space, cell, {&u, &z});
        const std::vector<double> &coarse = answers[cells_.number()[c]];
        for (unsigned int f = 0; f < 2; ++f)
          subtract(coarse.data() + f * n, cells_.is_child()[c], cell->id(), differences.data() + f * n);
        shares[c] += std::abs(energy(cell, differences));
        ++c;
      }
  }

private:
  /// values -= the function of the coarser cell at the nodes of this cell.
  void subtract(const double *const coarse, const bool is_child, const dealii::CellId &id, double *const values) const
  {
    const auto &element = problem_.space().element();
    const unsigned int n = element.n_dofs_per_cell();
    if (!is_child)
    {
      for (unsigned int i = 0; i < n; ++i)
        values[i] -= coarse[i];
      return;
    }
    const auto &prolongation = element.get_prolongation_matrix(*(id.get_child_indices().end() - 1));
    for (unsigned int i = 0; i < n; ++i)
      for (unsigned int j = 0; j < n; ++j)
        values[i] -= prolongation(i, j) * coarse[j];
  }

  /// int_c lambda tr eps(u) tr eps(z) + 2 mu eps(u) : eps(z) for the two functions of `values`.
  double energy(const Cell<dim> &cell, const std::vector<double> &values)
  {
    const auto &element = problem_.space().element();
    const unsigned int n = element.n_dofs_per_cell();
    const Moduli &moduli = problem_.forward().moduli();
    const auto index = cell->global_active_cell_index();
    fe_values_.reinit(cell);
    double sum = 0;
    for (const unsigned int q : fe_values_.quadrature_point_indices())
    {
      std::array<dealii::Tensor<2, dim>, 2> gradient;
      for (unsigned int i = 0; i < n; ++i)
      {
        const unsigned int component = element.system_to_component_index(i).first;
        for (unsigned int f = 0; f < 2; ++f)
          gradient[f][component] += values[f * n + i] * fe_values_.shape_grad(i, q);
      }
      const auto eps_u = dealii::symmetrize(gradient[0]), eps_z = dealii::symmetrize(gradient[1]);
      sum += (moduli.lambda(index) * dealii::trace(eps_u) * dealii::trace(eps_z) +
              2 * moduli.mu(index) * (eps_u * eps_z)) *
             fe_values_.JxW(q);
    }
    return sum;
  }

  const Problem<dim> &problem_;
  const ComparisonProblem<dim> &coarser_;
  CoarserCells<dim> cells_;
  dealii::FEValues<dim> fe_values_;
};
} // namespace

template <int dim>
std::vector<double> cell_shares(Problem<dim> &problem, ComparisonProblem<dim> &coarser, const unsigned int n_samples)
{
  std::vector<double> shares(problem.mesh().triangulation().n_locally_owned_active_cells(), 0.);
  Pairing<dim> pairing(problem, coarser);
  std::mt19937 random(1);
  for (unsigned int s = 0; s < problem.objective().load_cases().size(); ++s)
    for (unsigned int sample = 0; sample < n_samples; ++sample)
    {
      const DataVector w = random_weights(problem.data_sets(s), random);
      const State z = solve_dual(problem.forward(), problem.observation(s), s, w);
      const State z_2h = solve_dual(coarser.forward(), coarser.observation(s), s, w);
      pairing.add(problem.objective().state(s).step[0], z.step[0], coarser.state(s).step[0], z_2h.step[0], shares);
    }
  return shares;
}

template std::vector<double> cell_shares<2>(Problem<2> &, ComparisonProblem<2> &, unsigned int);
template std::vector<double> cell_shares<3>(Problem<3> &, ComparisonProblem<3> &, unsigned int);

} // namespace lodestone
