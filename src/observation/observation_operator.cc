#include <lodestone/base/error.h>
#include <lodestone/observation/data_layout.h>
#include <lodestone/observation/observation_operator.h>

#include <cmath>
#include <sstream>

namespace lodestone
{

namespace
{

/// Direction in the mesh's axes: in 2-D east and up.
template <int dim>
dealii::Tensor<1, dim> mesh_direction(const dealii::Tensor<1, 3> &e)
{
  dealii::Tensor<1, dim> direction;
  direction[0] = e[0];
  if (dim == 3)
    direction[1] = e[1];
  direction[dim - 1] = e[2];
  return direction;
}

template <int dim>
void check_dimension(const DataSet &set)
{
  if (dim == 3 && set.section)
    throw InputError(set.file, "positions have x without y, but the model is three-dimensional",
                     "Add the column y (m).");
  if (dim == 3)
    return;
  if (set.geographic || !set.section)
    throw InputError(set.file,
                     "positions have " + std::string(set.geographic ? "lon and lat" : "y") +
                         ", but the model is two-dimensional",
                     "Give x (m) along the section, and z (m) for buried points.");
  for (const unsigned int c : set.component)
    if (c == 1)
      throw InputError(set.file, "the file has a north component, but the model is two-dimensional",
                       "Give east (along the section) and up.");
}

template <int dim>
[[noreturn]] void refuse_outside(const DataSet &set, const std::vector<unsigned int> &rows,
                                 const std::vector<dealii::Point<dim>> &points, const Mesh<dim> &mesh)
{
  std::ostringstream found, remedy;
  const unsigned int first = rows.front();
  found << "the point (" << points[first] << ") m";
  if (set.geographic)
    found << ", longitude " << set.row_lonlat[first][0] << ", latitude " << set.row_lonlat[first][1] << ",";
  found << " is outside the mesh";
  if (rows.size() > 1)
    found << ", and so are " << rows.size() - 1 << " more of the " << set.n_rows() << " points";
  remedy << "The mesh reaches from (" << mesh.lower() << ") to (" << mesh.upper() << ") m: enlarge it, correct the "
         << (set.observed ? "point" : "grid") << ", or set Outside points = drop in " << set.where << ".";
  throw InputError(set.location(first), found.str(), remedy.str());
}

} // namespace

template <int dim>
std::vector<dealii::Point<dim>> mesh_points(const DataSet &set, const double surface_elevation)
{
  check_dimension<dim>(set);
  std::vector<dealii::Point<dim>> points(set.n_rows());
  for (unsigned int r = 0; r < set.n_rows(); ++r)
  {
    const dealii::Point<3> &p = set.row_points[r];
    points[r][0] = p[0];
    if (dim == 3)
      points[r][1] = p[1];
    // NaN, too, ends up on the surface.
    points[r][dim - 1] = p[2] < surface_elevation ? p[2] : surface_elevation;
  }
  return points;
}

unsigned int count_above_surface(const DataSet &set, const double surface_elevation)
{
  return std::count_if(set.row_points.begin(), set.row_points.end(),
                       [&](const dealii::Point<3> &p) { return p[2] > surface_elevation; });
}

template <int dim>
std::vector<unsigned int> rows_outside(const DataSet &set, const DisplacementSpace<dim> &space,
                                       const PointLocator<dim> &locator)
{
  std::vector<unsigned int> missing;
  locator.owners(mesh_points<dim>(set, space.mesh().surface_elevation()), missing);
  return missing;
}

template <int dim>
std::vector<unsigned int> drop_outside_points(DataSet &set, const DisplacementSpace<dim> &space,
                                              const PointLocator<dim> &locator)
{
  std::vector<unsigned int> outside = rows_outside(set, space, locator);
  if (!set.drop_outside || outside.empty())
    return outside;
  if (outside.size() == set.n_rows())
    throw InputError(set.file, "all " + std::to_string(set.n_rows()) + " points are outside the mesh",
                     "Check Geographic origin and the extent of the mesh.");
  remove_rows(set, outside);
  return outside;
}

template <int dim>
ObservationOperator<dim>::ObservationOperator(const DisplacementSpace<dim> &space, const PointLocator<dim> &locator,
                                              const std::vector<DataSet> &data_sets,
                                              const std::vector<const ClosedFormField<dim> *> &fields)
    : space_(space), n_data_(DataLayout(data_sets).n_data()), field_data_(fields.size())
{
  const DataLayout layout(data_sets);
  for (unsigned int k = 0; k < data_sets.size(); ++k)
    add_set(locator, data_sets[k], layout.first(k), fields);
}

template <int dim>
void ObservationOperator<dim>::add_set(const PointLocator<dim> &locator, const DataSet &set,
                                       const unsigned int first_datum,
                                       const std::vector<const ClosedFormField<dim> *> &fields)
{
  const std::vector<dealii::Point<dim>> points = mesh_points<dim>(set, space_.mesh().surface_elevation());
  std::vector<unsigned int> missing;
  const auto owned = locator.owners(points, missing);
  if (!missing.empty())
    refuse_outside(set, missing, points, space_.mesh());

  std::vector<std::vector<unsigned int>> data_of_row(set.n_rows());
  for (unsigned int i = 0; i < set.n_data(); ++i)
    data_of_row[set.row[i]].push_back(i);

  std::vector<dealii::Point<dim>> places;
  for (const auto &found : owned)
    places.push_back(points[found.point]);
  std::vector<std::vector<dealii::Tensor<1, dim>>> of_fields(fields.size());
  for (unsigned int l = 0; l < fields.size(); ++l)
    if (fields[l] != nullptr)
      of_fields[l] = fields[l]->displacement(places);

  const dealii::FiniteElement<dim> &element = space_.element();
  std::vector<dealii::types::global_dof_index> dofs(element.n_dofs_per_cell());
  for (unsigned int place = 0; place < owned.size(); ++place)
  {
    const auto &[row, hit] = owned[place];
    hit.cell->get_dof_indices(dofs);
    for (const unsigned int i : data_of_row[row])
    {
      const dealii::Tensor<1, dim> e = mesh_direction<dim>(set.direction[i]);
      Evaluation evaluation{first_datum + i, {}, {}};
      for (unsigned int j = 0; j < dofs.size(); ++j)
      {
        const double weight = e[element.system_to_component_index(j).first] * element.shape_value(j, hit.unit_point);
        if (weight != 0)
        {
          evaluation.dofs.push_back(dofs[j]);
          evaluation.weights.push_back(weight);
        }
      }
      evaluations_.push_back(std::move(evaluation));
      for (unsigned int l = 0; l < fields.size(); ++l)
        if (fields[l] != nullptr)
          field_data_[l].push_back(e * of_fields[l][place]);
    }
  }
}

template <int dim>
DataVector ObservationOperator<dim>::apply(const State &u) const
{
  const DistributedVector &displacement = u.step.front();
  // One rank contributes to a datum, the others add zero: the sum is exact and the same on all ranks.
  DataVector local(n_data_, 0.), data(n_data_);
  for (const Evaluation &evaluation : evaluations_)
    for (unsigned int j = 0; j < evaluation.dofs.size(); ++j)
      local[evaluation.datum] += evaluation.weights[j] * displacement(evaluation.dofs[j]);
  for (unsigned int l = 0; l < field_data_.size(); ++l)
    if (u.load_factors[l] != 0)
      for (unsigned int i = 0; i < field_data_[l].size(); ++i)
        local[evaluations_[i].datum] += u.load_factors[l] * field_data_[l][i];
  dealii::Utilities::MPI::sum(local, space_.mesh().communicator(), data);
  return data;
}

template <int dim>
void ObservationOperator<dim>::add_transpose(const DataVector &w, StateDual &out) const
{
  AssertDimension(w.size(), n_data_);
  DistributedVector contribution = space_.make_vector();
  dealii::Vector<double> local;
  for (const Evaluation &evaluation : evaluations_)
  {
    local.reinit(evaluation.dofs.size(), true);
    for (unsigned int j = 0; j < evaluation.dofs.size(); ++j)
      local[j] = evaluation.weights[j] * w[evaluation.datum];
    space_.hanging_nodes().distribute_local_to_global(local, evaluation.dofs, contribution);
  }
  contribution.compress(dealii::VectorOperation::add);
  out.step.front().add(1., contribution);
}

template class ObservationOperator<2>;
template class ObservationOperator<3>;
template std::vector<dealii::Point<2>> mesh_points<2>(const DataSet &, double);
template std::vector<dealii::Point<3>> mesh_points<3>(const DataSet &, double);
template std::vector<unsigned int> rows_outside<2>(const DataSet &, const DisplacementSpace<2> &,
                                                   const PointLocator<2> &);
template std::vector<unsigned int> rows_outside<3>(const DataSet &, const DisplacementSpace<3> &,
                                                   const PointLocator<3> &);
template std::vector<unsigned int> drop_outside_points<2>(DataSet &, const DisplacementSpace<2> &,
                                                          const PointLocator<2> &);
template std::vector<unsigned int> drop_outside_points<3>(DataSet &, const DisplacementSpace<3> &,
                                                          const PointLocator<3> &);

} // namespace lodestone
