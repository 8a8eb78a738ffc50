#include <lodestone/app/prior_report.h>
#include <lodestone/base/number_text.h>
#include <lodestone/material/unknown_fields.h>

#include <cmath>

namespace lodestone
{

namespace
{

/// The mean over the model, by volume, of a quantity at m.
template <int dim>
double mean_of(const Problem<dim> &problem, const std::string &quantity, const ParameterVector &m)
{
  double sums[2] = {0, 0};
  for (const auto &[name, field] : problem.parametrization().fields(m))
    if (name == quantity)
      for (const auto &cell : problem.mesh().triangulation().active_cell_iterators())
        if (cell->is_locally_owned() &&
            problem.parametrization().cells().index(cell) != dealii::numbers::invalid_dof_index)
        {
          sums[0] += cell->measure() * field(cell->global_active_cell_index());
          sums[1] += cell->measure();
        }
  dealii::Utilities::MPI::sum(sums, problem.mesh().communicator(), sums);
  return sums[0] / sums[1];
}

std::string amount(const std::string &quantity, const double value)
{
  if (!std::isfinite(value))
    return "0 or less"; // of the identity, where E and nu follow from moduli that are not positive
  return quantity == "nu" ? significant(value, 3) : significant(value / 1e9, 3);
}

} // namespace

template <int dim>
ParameterVector prior_centre(const Problem<dim> &problem)
{
  // J is quadratic about its centre: R centre = -g(0).
  const Prior &prior = *problem.objective().prior();
  ParameterVector centre = problem.parametrization().make_vector(), g = centre;
  prior.add_gradient(centre, g);
  g.values() *= -1;
  (void)prior.apply_inverse(g, centre);
  return centre;
}

template <int dim>
void report_one_sigma(const Problem<dim> &problem, const ParameterVector &centre, const std::vector<double> &deviations,
                      Log &log)
{
  const UnknownFields unknowns(problem.parameters().material);
  for (std::size_t k = 0; k < unknowns.fields.size(); ++k)
  {
    const std::string quantity = unknowns.quantity(unknowns.fields[k]);
    const auto at = [&](const double sigmas) {
      ParameterVector m = centre;
      for (const auto i : m.values().locally_owned_elements())
        if (m.layout().field_of(i) == k)
          m.values()(i) += sigmas * deviations[k];
      m.values().update_ghost_values();
      return amount(quantity, mean_of(problem, quantity, m));
    };
    const std::string unit = quantity == "nu" ? "" : " GPa";
    log.line("one sigma of the prior: " + quantity + " is " + at(-1) + " to " + at(1) + unit +
             " (means over the unknown cells; " + at(0) + unit + " in the middle)");
  }
}

template <int dim>
void report_one_sigma(const Problem<dim> &problem, Log &log)
{
  const PriorParameters &prior = problem.parameters().prior;
  if (problem.parametrization().layout()->n_cells == 0 || prior.type != PriorType::matern || !prior.types.empty() ||
      prior.has_varying_deviation() || prior.weight_choice().choice != WeightChoice::given)
    return;
  std::vector<double> deviations = prior.standard_deviations(problem.parametrization().layout()->unknown_fields.size());
  for (double &deviation : deviations)
    deviation /= std::sqrt(prior.weight_choice().weight);
  report_one_sigma(problem, prior_centre(problem), deviations, log);
}

template ParameterVector prior_centre<2>(const Problem<2> &);
template ParameterVector prior_centre<3>(const Problem<3> &);
template void report_one_sigma<2>(const Problem<2> &, const ParameterVector &, const std::vector<double> &, Log &);
template void report_one_sigma<3>(const Problem<3> &, const ParameterVector &, const std::vector<double> &, Log &);
template void report_one_sigma<2>(const Problem<2> &, Log &);
template void report_one_sigma<3>(const Problem<3> &, Log &);

} // namespace lodestone
