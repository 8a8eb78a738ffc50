#include <lodestone/base/collective.h>
#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/spatial_value.h>
#include <lodestone/prior/cut_faces.h>
#include <lodestone/prior/prior_fields.h>

#include <limits>
#include <optional>

namespace lodestone
{

namespace
{

/// One of the two quantities that change from place to place.
struct Quantities
{
  std::string entry, column;
  std::string PriorParameters::*general;
  std::string PriorParameters::Zone::*of_zone;
  double above; ///< which values do not reach
};
const Quantities deviation = {"Standard deviation", "standard_deviation", &PriorParameters::standard_deviation,
                              &PriorParameters::Zone::standard_deviation, 0};
const Quantities mean = {"Mean", "mean", &PriorParameters::mean, &PriorParameters::Zone::mean,
                         -std::numeric_limits<double>::infinity()};

template <int dim>
std::vector<SpatialValue<dim>> read_items(const std::string &text, const Quantities &what, const std::string &where,
                                          const std::string &deck_directory, const MPI_Comm comm)
{
  const double infinity = std::numeric_limits<double>::infinity();
  const std::map<std::string, TableColumn> known = {{"standard_deviation", {Quantity::number, 0, infinity}},
                                                    {"mean", {Quantity::number, -infinity, infinity}}};
  std::vector<SpatialValue<dim>> values;
  for (const std::string &item : split_list(text))
    values.emplace_back(item, where, what.column, known, deck_directory, comm);
  return values;
}

template <int dim>
std::vector<SpatialValue<dim>> read_fields(const std::string &text, const Quantities &what, const std::string &where,
                                           const std::string &deck_directory, const MPI_Comm comm,
                                           const std::size_t n_fields)
{
  auto values = read_items<dim>(text, what, where, deck_directory, comm);
  if (values.size() != 1 && values.size() != n_fields)
    throw InputError(where,
                     "\"" + text + "\" holds " + std::to_string(values.size()) + " values for " +
                         std::to_string(n_fields) + " unknown fields",
                     "Give one, or one for each field.");
  return values;
}

/// The values of the model outside zones, and those of zones that have their own.
template <int dim>
struct Values
{
  std::vector<SpatialValue<dim>> general;
  std::map<dealii::types::material_id, std::vector<SpatialValue<dim>>> zones;

  double at(const typename dealii::Triangulation<dim>::active_cell_iterator &cell, const std::size_t field,
            const Quantities &what) const
  {
    const auto zone = zones.find(cell->material_id());
    const auto &values = zone == zones.end() ? general : zone->second;
    const SpatialValue<dim> &value = values.size() == 1 ? values.front() : values[field];
    const double x = value.value(cell->center());
    if (!(x > what.above && std::isfinite(x)))
      throw InputError(value.where(), "at " + point_text(cell->center()) + " it is " + significant(x),
                       what.above == 0 ? "Give a positive number for every place." : "Give a number for every place.");
    return x;
  }
};

template <int dim>
Values<dim> read(const PriorParameters &parameters, const Quantities &what, const Mesh<dim> &mesh,
                 const std::string &deck_directory, const std::size_t n_fields)
{
  const MPI_Comm comm = mesh.communicator();
  Values<dim> values;
  values.general =
      read_fields<dim>(parameters.*what.general, what, parameters.entry(what.entry), deck_directory, comm, n_fields);
  for (const PriorParameters::Zone &zone : parameters.zones)
    if (!is_blank(zone.*what.of_zone))
      values.zones.emplace(mesh.zone_id(zone.name, "Prior/Zones"),
                           read_fields<dim>(zone.*what.of_zone, what, "Prior/" + zone.name + "/" + what.entry,
                                            deck_directory, comm, n_fields));
  return values;
}

/// @param of_globals the value of unknowns of no cell and no zone
template <int dim>
ParameterVector evaluate(const PriorParameters &parameters, const Quantities &what, const ParameterCells<dim> &cells,
                         const std::shared_ptr<const ParameterLayout> &layout, const std::string &deck_directory,
                         const double of_globals)
{
  const std::size_t n_fields = layout->unknown_fields.size();
  const Values<dim> values = read<dim>(parameters, what, cells.mesh(), deck_directory, n_fields);
  ParameterVector result(layout);
  std::optional<InputError> error;
  for (const auto &cell : cells.mesh().triangulation().active_cell_iterators())
    if (cell->is_locally_owned() && cells.index(cell) != dealii::numbers::invalid_dof_index && !error)
      try
      {
        for (std::size_t k = 0; k < n_fields; ++k)
          result.values()(cells.entry(cell, *layout, k)) += cell->measure() * values.at(cell, k, what);
      }
      catch (const InputError &e)
      {
        error = e;
      }
  throw_on_all_ranks(error, cells.mesh().communicator());
  result.values().compress(dealii::VectorOperation::add);
  const DistributedVector volumes = cells.volumes(*layout);
  for (unsigned int i = 0; i < result.values().locally_owned_size(); ++i)
    if (const double volume = volumes.local_element(i); volume > 0)
      result.values().local_element(i) /= volume;
    else
      result.values().local_element(i) = of_globals;
  return result;
}

} // namespace

template <int dim>
ParameterVector prior_deviations(const PriorParameters &parameters, const ParameterCells<dim> &cells,
                                 const std::shared_ptr<const ParameterLayout> &layout,
                                 const std::string &deck_directory)
{
  return evaluate<dim>(parameters, deviation, cells, layout, deck_directory, 1);
}

template <int dim>
ParameterVector prior_mean(const PriorParameters &parameters, const ParameterCells<dim> &cells,
                           const std::shared_ptr<const ParameterLayout> &layout, const std::string &deck_directory)
{
  return evaluate<dim>(parameters, mean, cells, layout, deck_directory, 0);
}

template <int dim>
void check_prior(const PriorParameters &parameters, const MeshNames &names, const std::string &deck_directory,
                 const MPI_Comm comm)
{
  check_cut<dim>(parameters.cut_at, names);
  (void)parameters.layering(dim);
  for (const Quantities &what : {deviation, mean})
  {
    if (!(what.column == mean.column && parameters.mean_file()))
      (void)read_items<dim>(parameters.*what.general, what, parameters.entry(what.entry), deck_directory, comm);
    for (const PriorParameters::Zone &zone : parameters.zones)
    {
      names.check_zone(zone.name, "Prior/Zones");
      (void)read_items<dim>(zone.*what.of_zone, what, "Prior/" + zone.name + "/" + what.entry, deck_directory, comm);
    }
  }
  for (const PriorParameters &term : parameters.resolved_terms())
  {
    check_cut<dim>(term.cut_at, names);
    (void)term.layering(dim);
    (void)read_items<dim>(term.standard_deviation, deviation, term.entry(deviation.entry), deck_directory, comm);
  }
}

template ParameterVector prior_deviations<2>(const PriorParameters &, const ParameterCells<2> &,
                                             const std::shared_ptr<const ParameterLayout> &, const std::string &);
template ParameterVector prior_deviations<3>(const PriorParameters &, const ParameterCells<3> &,
                                             const std::shared_ptr<const ParameterLayout> &, const std::string &);
template ParameterVector prior_mean<2>(const PriorParameters &, const ParameterCells<2> &,
                                       const std::shared_ptr<const ParameterLayout> &, const std::string &);
template ParameterVector prior_mean<3>(const PriorParameters &, const ParameterCells<3> &,
                                       const std::shared_ptr<const ParameterLayout> &, const std::string &);
template void check_prior<2>(const PriorParameters &, const MeshNames &, const std::string &, MPI_Comm);
template void check_prior<3>(const PriorParameters &, const MeshNames &, const std::string &, MPI_Comm);

} // namespace lodestone
