#include <lodestone/base/number_text.h>
#include <lodestone/loads/load_list.h>

#include <cmath>

namespace lodestone
{

template <int dim>
LoadList<dim> make_loads(const std::vector<LoadParameters<dim>> &parameters, const LoadContext &context)
{
  LoadList<dim> loads;
  for (const auto &given : parameters)
  {
    loads.push_back(given.make_load());
    loads.back()->validate(context);
  }
  return loads;
}

template <int dim>
std::string describe_strength(const LoadVector<dim> &load, const double strength, const std::string &per)
{
  std::string text;
  for (const auto &amount : load.amounts)
  {
    const double value = amount.at(strength);
    text += (text.empty() ? "" : ", ") + amount.what + " " + significant(value) + " " + amount.unit + per;
    if (amount.what == "moment" && per.empty() && value > 0)
      text += " (Mw " + fixed(2. / 3 * (std::log10(value) - 9.1), 2) + ")";
  }
  const bool pushes = load.resultant.norm() > 1e-8 * load.fixed.l1_norm(); // below that, the sum is rounding
  if (load.amounts.empty() && load.cell_parts.empty() && pushes)
    text = "resultant force " + significant(strength * load.resultant.norm()) + (dim == 2 ? " N/m" : " N") + per;
  return text;
}

template <int dim>
std::string describe_load(const Load<dim> &load, const LoadVector<dim> &vector, const std::string &per)
{
  std::string text = "  " + load.name() + " (" + load.type() + ")";
  const std::string amount = describe_strength(vector, 1, per);
  if (vector.estimated)
    text +=
        ", strength to be estimated" + (amount.empty() ? "" : ", 1 being " + amount) +
        (vector.prior_sigma > 0 ? ", prior " + significant(vector.prior_mean) + " +- " + significant(vector.prior_sigma)
                                : "");
  else
  {
    if (vector.strength != 1)
      text += ", strength " + significant(vector.strength);
    if (!vector.amounts.empty())
      text += ", " + describe_strength(vector, vector.strength, per);
  }
  if (vector.region_volume > 0)
    text += ", volume " + significant(vector.region_volume) + (dim == 2 ? " m^2" : " m^3");
  dealii::Tensor<1, dim> force = vector.resultant;
  double largest = 0;
  for (int d = 0; d < dim; ++d)
    largest = std::max(largest, std::abs(force[d]));
  for (int d = 0; d < dim; ++d)
    if (std::abs(force[d]) < 1e-12 * largest)
      force[d] = 0; // rounding
  if (vector.cell_parts.empty() && largest > 0)
    text += ", resultant force " + point_text<dim>(force) + (dim == 2 ? " N/m" : " N") + per;
  return text;
}

template <int dim>
std::vector<LoadVector<dim>> assemble_loads(const DisplacementSpace<dim> &space, const PointLocator<dim> &locator,
                                            const LoadList<dim> &loads, Log &log, const std::string &per,
                                            const Surroundings<dim> *surroundings)
{
  std::vector<LoadVector<dim>> vectors;
  for (const auto &load : loads)
  {
    vectors.push_back(load->assemble(space, locator, surroundings));
    log.line(describe_load(*load, vectors.back(), per));
    if (vectors.back().is_zero())
      log.line("    the load is 0 as given and has no effect");
    load->report(space.mesh(), vectors.back(), log);
  }
  return vectors;
}

template <int dim>
std::vector<dealii::Point<dim>> source_points(const LoadList<dim> &loads, const double spacing)
{
  std::vector<dealii::Point<dim>> points;
  for (const auto &load : loads)
  {
    const auto more = load->source_points(spacing);
    points.insert(points.end(), more.begin(), more.end());
  }
  return points;
}

template <int dim>
CellField cells_near_sources(const Mesh<dim> &mesh, const LoadList<dim> &loads)
{
  CellField cells = mesh.make_cell_field();
  for (const auto &load : loads)
    if (load->holds_stiffness())
      load->mark_source_cells(mesh, cells);
  cells.update_ghost_values();

  std::vector<bool> at_source(mesh.triangulation().n_vertices(), false);
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (!cell->is_artificial() && cells(cell->global_active_cell_index()) > 0)
      for (const unsigned int v : cell->vertex_indices())
        at_source[cell->vertex_index(v)] = true;
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      for (const unsigned int v : cell->vertex_indices())
        if (at_source[cell->vertex_index(v)])
          cells(cell->global_active_cell_index()) = 1;
  cells.update_ghost_values();
  return cells;
}

#define INSTANTIATE(dim)                                                                                               \
  template LoadList<dim> make_loads<dim>(const std::vector<LoadParameters<dim>> &, const LoadContext &);               \
  template std::string describe_load<dim>(const Load<dim> &, const LoadVector<dim> &, const std::string &);            \
  template std::string describe_strength<dim>(const LoadVector<dim> &, double, const std::string &);                   \
  template std::vector<LoadVector<dim>> assemble_loads<dim>(const DisplacementSpace<dim> &, const PointLocator<dim> &, \
                                                            const LoadList<dim> &, Log &, const std::string &,         \
                                                            const Surroundings<dim> *);                                \
  template std::vector<dealii::Point<dim>> source_points<dim>(const LoadList<dim> &, double);                          \
  template CellField cells_near_sources<dim>(const Mesh<dim> &, const LoadList<dim> &);
INSTANTIATE(2)
INSTANTIATE(3)

} // namespace lodestone
