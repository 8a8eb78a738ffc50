#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/parameter_entries.h>
#include <lodestone/base/units.h>
#include <lodestone/loads/sources/source_position.h>

namespace lodestone
{

template <int dim>
void SourcePosition<dim>::add_parameters(dealii::ParameterHandler &handler, const std::string &what)
{
  add_text(handler, "Position", model_text,
           "Place of " + what + " in model coordinates: " + (dim == 2 ? "x, depth" : "x, y, depth") +
               " (m; depth is positive below z = 0), e.g. " + (dim == 2 ? "1 km, 3 km." : "1 km, -2 km, 3 km."));
  if (dim == 3)
    add_text(handler, "Geographic position", geographic_text,
             "Instead of Position: longitude, latitude (degrees, WGS84), depth (m), e.g. -164.65, 54.53, 6.9 km.");
}

template <int dim>
dealii::Point<dim> SourcePosition<dim>::read(const std::function<std::string(const std::string &)> &where_of,
                                             const LoadContext &context) const
{
  const bool in_model = !is_blank(model_text), geographic = !is_blank(geographic_text);
  if (in_model == geographic)
    throw InputError(where_of("Position"),
                     in_model ? "Position and Geographic position are both given" : "no position is given",
                     "Give one of them.");
  const std::string where = where_of(in_model ? "Position" : "Geographic position");
  const std::string &text = in_model ? model_text : geographic_text;
  const std::vector<std::string> items = split_list(text);
  if (items.size() != dim)
    throw InputError(where, "'" + text + "' has " + counted(items.size(), "item"),
                     in_model ? (dim == 2 ? "Give x, depth." : "Give x, y, depth.")
                              : "Give longitude, latitude, depth.");
  dealii::Point<dim> p;
  for (int d = 0; d + 1 < dim; ++d)
    p[d] = parse_quantity(items[d], in_model ? Quantity::length : Quantity::angle, where);
  const double depth = parse_quantity(items[dim - 1], Quantity::length, where);
  if (depth < 0)
    throw InputError(where, "the depth " + items[dim - 1] + " lies above the surface",
                     "Depths are positive below z = 0; write " + items[dim - 1].substr(1) + " for a place below it.");
  p[dim - 1] = -depth;
  if constexpr (dim == 3)
    if (geographic)
    {
      const dealii::Point<2> xy =
          context.need_projection(where, "the place is given", "give Position").to_model(p[0], p[1]);
      p[0] = xy[0];
      p[1] = xy[1];
    }
  return p;
}

template struct SourcePosition<2>;
template struct SourcePosition<3>;

} // namespace lodestone
