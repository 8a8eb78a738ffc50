#include <lodestone/app/result_source.h>

namespace lodestone
{

template <int dim>
ResultSource<dim> result_source(const Problem<dim> &problem, const DiscretizationError *const error,
                                const StandardErrors *const standard_errors,
                                const VarianceComponents *const variance_components)
{
  ResultSource<dim> source{problem.parameters().title,
                           problem.space(),
                           problem.locator(),
                           problem.parametrization(),
                           problem.parameters().material.zone_backgrounds,
                           problem.objective(),
                           problem.volume_weights(),
                           problem.projection() ? &*problem.projection() : nullptr,
                           error,
                           standard_errors,
                           variance_components,
                           {}};
  for (unsigned int s = 0; s < problem.objective().load_cases().size(); ++s)
  {
    const LoadCaseParameters<dim> &load_case = problem.parameters().load_cases[s];
    source.cases.push_back(
        {problem.data_sets(s), problem.loads(s), load_case.rate_suffix(), any_observed(problem.data_sets(s))});
  }
  return source;
}

template ResultSource<2> result_source<2>(const Problem<2> &, const DiscretizationError *, const StandardErrors *,
                                          const VarianceComponents *);
template ResultSource<3> result_source<3>(const Problem<3> &, const DiscretizationError *, const StandardErrors *,
                                          const VarianceComponents *);

} // namespace lodestone
