#include <lodestone/base/deck_path.h>
#include <lodestone/base/spatial_value.h>

namespace lodestone
{

template <int dim>
SpatialValue<dim>::SpatialValue(const std::string &entry, const std::string &where, const std::string &column,
                                const std::map<std::string, TableColumn> &known, const std::string &deck_directory,
                                const MPI_Comm comm)
    : where_(where)
{
  if (const auto file = table_file(entry))
    table_ = std::make_unique<DepthTable>(CsvTable(path_from_deck(*file, deck_directory), comm), column, known);
  else
    formula_ = read_value<dim>(entry, known.at(column).quantity, where);
}

template <int dim>
SpatialValue<dim>::~SpatialValue() = default;

template <int dim>
SpatialValue<dim>::SpatialValue(SpatialValue &&) noexcept = default;

template <int dim>
SpatialValue<dim> &SpatialValue<dim>::operator=(SpatialValue &&) noexcept = default;

template <int dim>
double SpatialValue<dim>::value(const dealii::Point<dim> &p) const
{
  if (table_)
    return table_->value(table_->wanted(), -p[dim - 1]);
  return formula_.value(p);
}

template class SpatialValue<2>;
template class SpatialValue<3>;

} // namespace lodestone
