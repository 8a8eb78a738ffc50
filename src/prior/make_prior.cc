#include <lodestone/prior/make_prior.h>
#include <lodestone/prior/prior_fields.h>
#include <lodestone/prior/prior_kinds.h>
#include <lodestone/prior/scaled_prior.h>
#include <lodestone/prior/sum_prior.h>

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

namespace
{

/// The numbers, among all unknown fields, of those with a number per parameter cell.
std::vector<std::size_t> fields_of_cells(const ParameterLayout &layout)
{
  std::vector<std::size_t> fields;
  for (std::size_t k = 0; k < layout.unknown_fields.size(); ++k)
    if (!layout.unknown_fields[k].is_by_zone)
      fields.push_back(k);
  return fields;
}

/// Keeps the deviations of the unknowns of zones alone; those of parameter cells become 1.
void keep_only_zones(ParameterVector &deviations)
{
  for (const auto i : deviations.values().locally_owned_elements())
    if (i < deviations.layout().first_global())
      deviations.values()(i) = 1;
}

/// One term, with the factor 1. Numbers of zones beside those of cells are independent of all others.
template <int dim>
std::unique_ptr<Prior> make_term(const PriorParameters &parameters, const ParameterCells<dim> &cells,
                                 const std::shared_ptr<const ParameterLayout> &layout,
                                 const std::string &deck_directory)
{
  const PriorKind &kind = prior_kind(parameters.type);
  const bool has_zones = layout->fields.size() < layout->unknown_fields.size();
  PriorParameters of_z = parameters.of_fields(fields_of_cells(*layout), layout->unknown_fields.size());
  if (parameters.has_varying_deviation())
    of_z.standard_deviation = "1";
  else if (has_zones)
    (void)parameters.standard_deviations(layout->unknown_fields.size());
  std::unique_ptr<Prior> prior;
  if constexpr (dim == 2)
    prior = kind.make_2d(of_z, cells, layout);
  else
    prior = kind.make_3d(of_z, cells, layout);
  if (!parameters.has_varying_deviation() && !has_zones)
    return prior;
  ParameterVector deviations = prior_deviations(parameters, cells, layout, deck_directory);
  if (!parameters.has_varying_deviation())
    keep_only_zones(deviations);
  return std::make_unique<ScaledPrior>(std::move(prior), deviations, ParameterVector(layout));
}

ParameterVector ones(const std::shared_ptr<const ParameterLayout> &layout)
{
  ParameterVector result(layout);
  for (unsigned int i = 0; i < result.values().locally_owned_size(); ++i)
    result.values().local_element(i) = 1;
  return result;
}

} // namespace

template <int dim>
std::unique_ptr<Prior> make_prior(const PriorParameters &parameters, const ParameterCells<dim> &cells,
                                  const std::shared_ptr<const ParameterLayout> &layout,
                                  const std::string &deck_directory, const ParameterVector *mean)
{
  parameters.validate();
  std::unique_ptr<Prior> prior;
  if (parameters.types.empty())
    prior = make_term(parameters, cells, layout, deck_directory);
  else
  {
    std::vector<std::unique_ptr<Prior>> terms;
    for (const PriorParameters &term : parameters.resolved_terms())
    {
      terms.push_back(make_term(term, cells, layout, deck_directory));
      terms.back()->set_factor(term.weight_choice().weight);
    }
    prior = std::make_unique<SumPrior>(layout, std::move(terms));
  }
  if (mean != nullptr)
    prior = std::make_unique<ScaledPrior>(std::move(prior), ones(layout), *mean);
  else if (parameters.has_mean())
    prior = std::make_unique<ScaledPrior>(std::move(prior), ones(layout),
                                          prior_mean(parameters, cells, layout, deck_directory));
  prior->set_factor(parameters.weight_choice().weight);
  return prior;
}

template std::unique_ptr<Prior> make_prior<2>(const PriorParameters &, const ParameterCells<2> &,
                                              const std::shared_ptr<const ParameterLayout> &, const std::string &,
                                              const ParameterVector *);
template std::unique_ptr<Prior> make_prior<3>(const PriorParameters &, const ParameterCells<3> &,
                                              const std::shared_ptr<const ParameterLayout> &, const std::string &,
                                              const ParameterVector *);

} // namespace lodestone
