#include <lodestone/base/csv.h>
#include <lodestone/base/table.h>
#include <lodestone/material/spatial_value.h>

#include <cctype>

namespace lodestone
{

namespace
{

/// "20e9", "20 GPa": a number that may be followed by a word. Everything else is a formula.
bool is_plain_value(const std::string &text)
{
  std::size_t end = 0;
  try
  {
    (void)std::stod(text, &end);
  }
  catch (const std::exception &)
  {
    return false;
  }
  while (end < text.size() && (std::isspace(static_cast<unsigned char>(text[end])) != 0))
    ++end;
  for (; end < text.size(); ++end)
    if (std::isalpha(static_cast<unsigned char>(text[end])) == 0 && text[end] != '%')
      return false;
  return true;
}

} // namespace

template <int dim>
SpatialValue<dim>::SpatialValue(const std::string &entry, const Quantity quantity, const std::string &where,
                                const std::string &column, const std::string &deck_directory, const MPI_Comm comm)
    : where_(where)
{
  const std::string text = trimmed(entry);
  if (text.rfind("table ", 0) == 0 || text.rfind("table\t", 0) == 0)
  {
    const std::string file = trimmed(text.substr(6));
    const bool absolute = !file.empty() && file[0] == '/';
    table_ =
        std::make_unique<DepthTable>(absolute || deck_directory.empty() ? file : deck_directory + "/" + file, comm);
    column_ = table_->columns().size() == 1 ? 0 : table_->column(column);
  }
  else if (is_plain_value(text))
    constant_ = parse_quantity(text, quantity, where);
  else
    formula_ = std::make_unique<Formula<dim>>(text, where);
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
    return table_->value(column_, -p[dim - 1]);
  return formula_ ? formula_->value(p) : constant_;
}

template class SpatialValue<2>;
template class SpatialValue<3>;

} // namespace lodestone
