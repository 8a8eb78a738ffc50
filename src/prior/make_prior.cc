#include <lodestone/prior/make_prior.h>
#include <lodestone/prior/prior_kinds.h>

#include <deal.II/base/exceptions.h>

namespace lodestone
{

const std::vector<PriorKind> &prior_kinds()
{
  static const std::vector<PriorKind> kinds = {
      {PriorType::tikhonov, "Tikhonov", "the squared distance of each cell from the background", make_tikhonov<2>,
       make_tikhonov<3>},
      {PriorType::h1, "H1",
       "the same, and the squared gradient, so that the model is smooth over the correlation lengths", make_h1<2>,
       make_h1<3>},
      {PriorType::matern, "Matern",
       "the improbability of m as a field with the given pointwise standard deviation, whose correlation falls to 0.1 "
       "over the correlation lengths",
       make_matern<2>, make_matern<3>},
      {PriorType::total_variation, "TV",
       "the size of the jumps between neighbours, times the area between them: the model has few faces at which it "
       "jumps, and keeps its edges",
       make_total_variation<2>, make_total_variation<3>}};
  return kinds;
}

const PriorKind &prior_kind(const PriorType type)
{
  for (const PriorKind &kind : prior_kinds())
    if (kind.type == type)
      return kind;
  AssertThrow(false, dealii::ExcMessage("a kind of prior has no row in prior_kinds()"));
  return prior_kinds()[0];
}

template <int dim>
std::unique_ptr<Prior> make_prior(const PriorParameters &parameters, const ParameterCells<dim> &cells,
                                  const std::shared_ptr<const ParameterLayout> &layout)
{
  parameters.validate();
  const PriorKind &kind = prior_kind(parameters.type);
  std::unique_ptr<Prior> prior;
  if constexpr (dim == 2)
    prior = kind.make_2d(parameters, cells, layout);
  else
    prior = kind.make_3d(parameters, cells, layout);
  prior->set_factor(parameters.factor());
  return prior;
}

template std::unique_ptr<Prior> make_prior<2>(const PriorParameters &, const ParameterCells<2> &,
                                              const std::shared_ptr<const ParameterLayout> &);
template std::unique_ptr<Prior> make_prior<3>(const PriorParameters &, const ParameterCells<3> &,
                                              const std::shared_ptr<const ParameterLayout> &);

} // namespace lodestone
