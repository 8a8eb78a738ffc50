#include <lodestone/app/model_report.h>
#include <lodestone/app/poisson_watch.h>
#include <lodestone/base/number_text.h>
#include <lodestone/material/unknown_fields.h>

#include <algorithm>

namespace lodestone
{

namespace
{
constexpr double lowest_usual = 0, highest_usual = 0.49;

bool changes_poisson(const UnknownFields &unknowns)
{
  const auto is_poisson = [](const UnknownField &field) { return field.is_poisson; };
  return (unknowns.pair == ModuliPair::bulk_shear && !unknowns.fields.empty()) ||
         std::any_of(unknowns.fields.begin(), unknowns.fields.end(), is_poisson);
}
} // namespace

template <int dim>
PoissonWatch<dim>::PoissonWatch(const Problem<dim> &problem, Log &log)
    : problem_(problem), log_(log), is_needed_(changes_poisson(UnknownFields(problem.parameters().material)))
{
}

template <int dim>
void PoissonWatch<dim>::look(const unsigned int iteration, const ParameterVector &m)
{
  if (!is_needed_)
    return;
  const ValueRange range = range_of(problem_, "nu", m);
  const bool too_low = range.smallest < lowest_usual;
  if (!too_low && range.largest <= highest_usual)
    return;
  is_needed_ = false;
  const auto &at = too_low ? range.smallest_at : range.largest_at;
  std::string place;
  for (const double x : at)
    place += (place.empty() ? "" : ", ") + significant(x);
  log_.warning("Poisson's ratio is " + significant(too_low ? range.smallest : range.largest, 3) + " at (" + place +
               ") m at iteration " + std::to_string(iteration) +
               ". Rocks and soils have 0 to 0.49. If this is not meant, keep it between bounds (Material/Poisson lower "
               "bound and Poisson upper bound, with Unknowns = Young modulus, Poisson ratio), or strengthen the prior");
}

template class PoissonWatch<2>;
template class PoissonWatch<3>;

} // namespace lodestone
