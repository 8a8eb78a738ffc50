#pragma once

// Half-spaces as boxes whose cells halve again and again toward the source, and how well their surface agrees with a
// reference. The rule of all comparisons: at every point of a table the error is at most 2 % of the displacement there
// or 0.5 % of the largest displacement in the table, whichever is more.

#include <lodestone/loads/load_list.h>

#include <deal.II/base/timer.h>

#include <gtest/gtest.h>

#include "elastic_problem.h"
#include "surface_points.h"
#include <iostream>

namespace lodestone::testing
{

/// The cells within a distance of some points are halved so many times.
template <int dim>
struct Halving
{
  std::vector<dealii::Point<dim>> points;
  double distance;
  unsigned int levels;
};

/// What is solved on: a cube of half-space below z = 0, or the quarter (in 2-D the half) of it with x, y > 0.
template <int dim>
struct Setting
{
  double size;        ///< depth, and half of the width
  unsigned int cells; ///< over the depth, before any halving
  bool symmetric;     ///< only x, y > 0, with rollers at x = 0 and y = 0
  Halving<dim> wide, near;
  std::string young = "10e9";
  unsigned int degree = 2;

  /// The same cells in a box of twice the size: one more halving of coarse cells twice as large.
  Setting doubled(const unsigned int times) const
  {
    Setting s = *this;
    s.size = std::ldexp(size, times);
    s.wide.levels += times;
    s.near.levels += times;
    return s;
  }

  /// All halved cells half as large, so many times (less than 0: twice as large).
  Setting finer(const int times) const
  {
    Setting s = *this;
    s.wide.levels += times;
    s.near.levels += times;
    return s;
  }
};

/// A load's type and entries.
struct LoadText
{
  std::string type;
  std::map<std::string, std::string> entries;
};

template <int dim>
using Field = std::vector<dealii::Tensor<1, dim>>;

/// A box, fixed below, with rollers around, nu 1/4.
template <int dim>
class Ground
{
public:
  explicit Ground(const Setting<dim> &setting)
      : problem_(mesh(setting), setting.degree, material(setting), conditions(),
                 [&](Mesh<dim> &mesh) { mesh.refine(setting.wide.points, setting.near.points); }),
        locator_(problem_.space)
  {
  }

  /// Cells as they are given.
  Ground(const typename Mesh<dim>::Parameters &mesh, const unsigned int degree)
      : problem_(mesh, degree, typename Parametrization<dim>::Parameters(), conditions()), locator_(problem_.space)
  {
  }

  /// Surface displacement under each of the loads alone.
  std::vector<Field<dim>> solve(const std::vector<LoadText> &texts, const std::vector<dealii::Point<dim>> &points)
  {
    std::vector<LoadParameters<dim>> parameters;
    for (const auto &text : texts)
    {
      const std::string name = "load " + std::to_string(parameters.size());
      parameters.push_back(LoadParameters<dim>::from_texts(name, name, text.type, text.entries));
    }
    const auto loads = make_loads<dim>(parameters, {});
    problem_.set_loads(assemble_loads<dim>(problem_.space, locator_, loads, problem_.log),
                       dim == 2 ? SolverMethod::direct : SolverMethod::amg, 1e-8);
    std::vector<Field<dim>> fields;
    for (unsigned int l = 0; l < texts.size(); ++l)
    {
      State u = problem_.forward->make_state(0);
      u.affine = 1;
      std::fill(u.load_factors.begin(), u.load_factors.end(), 0.);
      u.load_factors[l] = 1;
      const SolveReport report = problem_.forward->solve(0, u);
      if (!report.converged)
        throw SolverError(report.reason);
      fields.push_back(displacement_at<dim>(problem_.space, u.step[0], points));
    }
    return fields;
  }

  Field<dim> solve(const LoadText &text, const std::vector<dealii::Point<dim>> &points)
  {
    return solve(std::vector<LoadText>{text}, points)[0];
  }

  double smallest_cell() const { return problem_.mesh.smallest_cell_size(); }
  dealii::types::global_dof_index n_dofs() const { return problem_.space.n_dofs(); }

private:
  ElasticProblem<dim> problem_;
  PointLocator<dim> locator_;

  static typename Mesh<dim>::Parameters mesh(const Setting<dim> &s)
  {
    dealii::Point<dim> lower, upper;
    std::vector<unsigned int> cells;
    for (unsigned int d = 0; d < dim; ++d)
    {
      const bool vertical = d == dim - 1, half = vertical || s.symmetric;
      lower[d] = vertical || !s.symmetric ? -s.size : 0;
      upper[d] = vertical ? 0 : s.size;
      cells.push_back(half ? s.cells : 2 * s.cells);
    }
    auto parameters = box<dim>(lower, upper, cells);
    parameters.observation_refinements = s.wide.levels;
    parameters.observation_distance = s.wide.distance;
    parameters.source_refinements = s.near.levels;
    parameters.source_distance = s.near.distance;
    return parameters;
  }

  static typename Parametrization<dim>::Parameters material(const Setting<dim> &s)
  {
    typename Parametrization<dim>::Parameters p;
    p.young = s.young;
    return p;
  }

  static typename BoundaryConditions<dim>::Parameters conditions()
  {
    typename BoundaryConditions<dim>::Parameters c;
    c.fixed = "bottom";
    c.rollers = dim == 2 ? "west, east" : "west, east, south, north";
    return c;
  }
};

/// A reference table: where, and the displacement there.
template <int dim>
struct Reference
{
  std::vector<dealii::Point<dim>> points;
  Field<dim> exact;
  double elsewhere = 0; ///< largest displacement at points that the table does not have

  double peak() const
  {
    double largest = elsewhere;
    for (const auto &u : exact)
      largest = std::max(largest, u.norm());
    return largest;
  }
};

inline std::string reference_file(const std::string &name)
{
  return LODESTONE_SOURCE_DIR "/tests/verification/data/" + name + ".csv";
}

/// Of a table by distance: r, then radial and upward displacement in the two columns from `column` on; points on a line
/// that no row of cells follows.
inline Reference<3> radial_reference(const std::string &name, const unsigned int column = 1, const double from = 0)
{
  Reference<3> reference;
  for (const auto &row : reference_rows(reference_file(name)))
    if (row.at(0) >= from)
    {
      reference.points.emplace_back(0.8 * row[0], 0.6 * row[0], 0);
      reference.exact.push_back(dealii::Tensor<1, 3>({0.8 * row.at(column), 0.6 * row.at(column), row.at(column + 1)}));
    }
  return reference;
}

/// Outcome of a comparison with a reference.
template <int dim>
struct Agreement
{
  double worst = 0;   ///< error over the error allowed: at most 1
  double of_peak = 0; ///< error over the largest displacement of the reference
  double peak = 0;    ///< largest displacement of the reference (m)
  Field<dim> u;       ///< what was compared
};

/// @param peak_share of the largest displacement that an error may always reach
template <int dim>
Agreement<dim> compare(const std::string &what, const Ground<dim> &ground, const Field<dim> &u,
                       const Reference<dim> &reference, const double peak_share = 0.005)
{
  Agreement<dim> agreement;
  agreement.u = u;
  const double peak = agreement.peak = reference.peak();
  unsigned int where = 0;
  for (unsigned int i = 0; i < u.size(); ++i)
  {
    const double error = (u[i] - reference.exact[i]).norm();
    const double allowed = std::max(0.02 * reference.exact[i].norm(), peak_share * peak);
    if (error / allowed > agreement.worst)
      where = i;
    agreement.worst = std::max(agreement.worst, error / allowed);
    agreement.of_peak = std::max(agreement.of_peak, error / peak);
  }
  if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
    std::cout << what << ": " << ground.n_dofs() << " unknowns, cells from " << ground.smallest_cell()
              << " m; largest error " << 100 * agreement.of_peak << " % of the peak, " << agreement.worst
              << " of the allowed at (" << reference.points[where] << "): " << u[where] << " for "
              << reference.exact[where] << std::endl;
  return agreement;
}

/// Largest difference of two fields over a scale.
template <int dim>
double change(const Field<dim> &a, const Field<dim> &b, const double scale)
{
  double largest = 0;
  for (unsigned int i = 0; i < a.size(); ++i)
    largest = std::max(largest, (a[i] - b[i]).norm());
  return largest / scale;
}

} // namespace lodestone::testing
