#include <lodestone/base/memory.h>
#include <lodestone/objective/reduced_objective.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <iomanip>
#include <limits>
#include <sstream>

namespace lodestone
{

namespace
{
void add(DataVector &to, const DataVector &more)
{
  std::transform(to.begin(), to.end(), more.begin(), to.begin(), std::plus<>());
}

/// Whether the entries that this rank owns are the same to the last bit.
bool equal_here(const ParameterVector &a, const ParameterVector &b)
{
  bool same = true;
  for (unsigned int i = 0; same && i < a.values().locally_owned_size(); ++i)
    same = a.values().local_element(i) == b.values().local_element(i);
  return same;
}
} // namespace

ReducedObjective::ReducedObjective(ForwardSolver &forward, std::vector<LoadCase> load_cases, Prior *prior)
    : forward_(forward), adjoint_(forward), load_cases_(std::move(load_cases)), prior_(prior)
{
  for (unsigned int s = 0; s < load_cases_.size(); ++s)
  {
    Case c;
    c.u = c.p = forward_.make_state(s);
    c.responses.assign(load_cases_[s].estimated_loads.size(), c.u);
    c.predictions.responses.resize(c.responses.size());
    cases_.push_back(std::move(c));
  }
}

bool ReducedObjective::is_at(const ParameterVector &m) const
{
  const bool same = evaluated_ && forward_.refers_to(m_) // another user of the forward solver may have moved it
                    && equal_here(m, m_);
  return dealii::Utilities::MPI::min(int(same), m.values().get_mpi_communicator()) != 0;
}

void ReducedObjective::keep()
{
  if (!evaluated_)
    return;
  kept_ = Point{m_, cases_, misfit_value_, has_adjoints_, adjoint_tolerance_};
}

bool ReducedObjective::return_to(const ParameterVector &m)
{
  const bool same = kept_ && equal_here(m, kept_->m);
  if (dealii::Utilities::MPI::min(int(same), m.values().get_mpi_communicator()) == 0)
    return false;
  m_ = kept_->m;
  m_.values().update_ghost_values();
  forward_.linearize_at(m_);
  cases_ = kept_->cases;
  misfit_value_ = kept_->misfit_value;
  prior_value_ = prior_ != nullptr ? prior_->value(m_) : 0;
  has_adjoints_ = kept_->has_adjoints;
  adjoint_tolerance_ = kept_->adjoint_tolerance;
  evaluated_ = true;
  return true;
}

void ReducedObjective::correct_predictions(std::vector<Predictions> corrections)
{
  Assert(corrections.empty() || corrections.size() == cases_.size(),
         dealii::ExcDimensionMismatch(corrections.size(), cases_.size()));
  corrections_ = std::move(corrections);
  evaluated_ = has_adjoints_ = false;
  kept_.reset();
}

SolveReport ReducedObjective::evaluate(const ParameterVector &m)
{
  if (is_at(m))
  {
    prior_value_ = prior_ != nullptr ? prior_->value(m_) : 0; // its weight may have changed
    return {};
  }
  if (return_to(m))
    return {};
  const WorkingPart part("the predictions and the misfit");
  m_ = m;
  m_.values().update_ghost_values();
  evaluated_ = has_adjoints_ = false;
  ++ledger_.values;
  forward_.linearize_at(m_);
  SolveReport report;
  misfit_value_ = 0;
  for (unsigned int s = 0; s < cases_.size() && report.converged; ++s)
  {
    report += evaluate_case(s);
    if (report.converged)
      misfit_value_ += cases_[s].evaluation.value;
  }
  prior_value_ = prior_ != nullptr ? prior_->value(m_) : 0;
  if (report.converged && !std::isfinite(value()))
  {
    report.converged = false;
    report.reason = why_not_finite();
  }
  evaluated_ = report.converged;
  return report;
}

std::string ReducedObjective::why_not_finite() const
{
  for (unsigned int s = 0; s < cases_.size(); ++s)
  {
    const Case &c = cases_[s];
    if (std::isfinite(c.evaluation.value))
      continue;
    double largest = 0;
    for (const double d : c.predictions.of_known_loads)
      largest = std::isfinite(d) ? std::max(largest, std::abs(d)) : std::numeric_limits<double>::infinity();
    std::ostringstream text;
    text << std::setprecision(3) << "the misfit of load case " << load_cases_[s].name
         << " is not a finite number; its loads make data of up to " << largest
         << " m. Check the values of its loads, and the sigma of its data";
    return text.str();
  }
  return "the prior's part of the objective is not a finite number. Check the entries of section Prior";
}

SolveReport ReducedObjective::evaluate_case(const unsigned int s)
{
  const LoadCase &load_case = load_cases_[s];
  Case &c = cases_[s];
  SolveReport report;
  const auto solve = [&](State &u) {
    const SolveReport one = forward_.solve(s, u);
    ledger_.forward.add(one);
    report += one;
  };

  // First solve for the known loads alone.
  c.u = forward_.make_state(s);
  c.u.affine = 1;
  c.u.load_factors = load_case.strengths;
  for (const unsigned int l : load_case.estimated_loads)
    c.u.load_factors[l] = 0;
  solve(c.u);
  if (!report.converged)
  {
    if (cases_.size() > 1)
      report.reason = "load case " + load_case.name + ": " + report.reason;
    return report;
  }
  c.predictions.of_known_loads = load_case.observation->apply(c.u);

  for (unsigned int j = 0; j < c.responses.size(); ++j)
  {
    c.responses[j] = forward_.make_state(s);
    c.responses[j].load_factors[load_case.estimated_loads[j]] = 1;
    solve(c.responses[j]);
    if (!report.converged)
      return report;
    c.predictions.responses[j] = load_case.observation->apply(c.responses[j]);
  }
  if (!corrections_.empty())
  {
    add(c.predictions.of_known_loads, corrections_[s].of_known_loads);
    for (unsigned int j = 0; j < c.responses.size(); ++j)
      add(c.predictions.responses[j], corrections_[s].responses[j]);
  }
  c.evaluation = load_case.misfit->evaluate(c.predictions.of_known_loads, c.predictions.responses);
  for (unsigned int j = 0; j < c.responses.size(); ++j)
    add(c.u, c.evaluation.strengths[j], c.responses[j]);
  return report;
}

SolveReport ReducedObjective::ensure_adjoints(const double tolerance)
{
  SolveReport report;
  if (has_adjoints_ && adjoint_tolerance_ <= tolerance)
    return report;
  for (unsigned int s = 0; s < cases_.size() && report.converged; ++s)
  {
    StateDual source = forward_.make_dual(s);
    load_cases_[s].observation->add_transpose(cases_[s].evaluation.adjoint_source, source);
    if (!has_adjoints_)
      cases_[s].p = forward_.make_state(s);
    const SolveReport one = adjoint_.solve_adjoint(s, std::move(source), cases_[s].p, accuracy_.gradient);
    ledger_.adjoint.add(one);
    report += one;
  }
  has_adjoints_ = report.converged;
  adjoint_tolerance_ = accuracy_.gradient;
  return report;
}

SolveReport ReducedObjective::gradient(ParameterVector &g)
{
  Assert(evaluated_, dealii::ExcMessage("evaluate first"));
  const WorkingPart part("the gradient");
  ++ledger_.gradients;
  g = ParameterVector(m_.shared_layout());
  if (m_.size() == 0)
    return {}; // nothing is unknown: no adjoint is needed
  SolveReport report = ensure_adjoints(accuracy_.gradient);
  if (!report.converged)
    return report;
  // Strengths and nuisance terms are at their minimum: to first order they do not move (envelope theorem).
  for (unsigned int s = 0; s < cases_.size(); ++s)
    adjoint_.add_gradient(s, cases_[s].u, cases_[s].p, g);
  if (prior_ != nullptr)
    prior_->add_gradient(m_, g);
  return report;
}

SolveReport ReducedObjective::apply_hessian(const ParameterVector &m_hat, ParameterVector &out, const bool gauss_newton)
{
  ParameterVector direction = m_hat;
  direction.values().update_ghost_values();
  SolveReport report = apply_misfit_hessian(direction, out, gauss_newton);
  if (report.converged && prior_ != nullptr)
    prior_->add_hessian(m_, direction, out);
  return report;
}

SolveReport ReducedObjective::apply_newton_matrix(const ParameterVector &m_hat, ParameterVector &out,
                                                  const bool gauss_newton)
{
  ParameterVector direction = m_hat;
  direction.values().update_ghost_values();
  SolveReport report = apply_misfit_hessian(direction, out, gauss_newton);
  if (report.converged && prior_ != nullptr)
    prior_->add_precision(direction, out);
  return report;
}

SolveReport ReducedObjective::apply_misfit_hessian(const ParameterVector &direction, ParameterVector &out,
                                                   const bool gauss_newton)
{
  Assert(evaluated_, dealii::ExcMessage("evaluate first"));
  ++ledger_.hessian_actions;
  out = ParameterVector(m_.shared_layout());
  SolveReport report;
  if (!gauss_newton)
    report += ensure_adjoints(std::max(accuracy_.gradient, accuracy_.hessian_action));
  for (unsigned int s = 0; s < cases_.size() && report.converged; ++s)
  {
    const LoadCase &load_case = load_cases_[s];
    Case &c = cases_[s];
    const State *p = gauss_newton ? nullptr : &c.p;

    State u_hat = forward_.make_state(s);
    SolveReport one = adjoint_.solve_incremental_forward(s, c.u, direction, u_hat, accuracy_.hessian_action);
    ledger_.incremental_forward.add(one);
    report += one;
    if (!report.converged)
      break;

    // The eliminated strengths change with m, and so does the state.
    std::vector<double> extra;
    if (p != nullptr)
      for (const State &response : c.responses)
        extra.push_back(adjoint_.mixed_derivative(s, response, *p, direction));
    const Misfit::Increment increment =
        load_case.misfit->increment(c.evaluation, load_case.observation->apply(u_hat), c.predictions.responses, extra,
                                    gauss_newton ? Misfit::Curvature::positive : Misfit::Curvature::exact);
    for (unsigned int j = 0; j < c.responses.size(); ++j)
      add(u_hat, increment.strengths[j], c.responses[j]);

    StateDual source_hat = forward_.make_dual(s);
    load_case.observation->add_transpose(increment.adjoint_source, source_hat);
    State p_hat = forward_.make_state(s);
    one = adjoint_.solve_incremental_adjoint(s, std::move(source_hat), p, direction, p_hat, accuracy_.hessian_action);
    ledger_.incremental_adjoint.add(one);
    report += one;
    if (report.converged)
      adjoint_.add_hessian_action(s, c.u, p, u_hat, p_hat, direction, out);
  }
  return report;
}

SolveReport ReducedObjective::apply_tangent(const ParameterVector &m_hat, std::vector<DataVector> &d_hat)
{
  Assert(evaluated_, dealii::ExcMessage("evaluate first"));
  ParameterVector direction = m_hat;
  direction.values().update_ghost_values();
  d_hat.resize(cases_.size());
  SolveReport report;
  for (unsigned int s = 0; s < cases_.size() && report.converged; ++s)
  {
    State u_hat = forward_.make_state(s);
    const SolveReport one = adjoint_.solve_incremental_forward(s, cases_[s].u, direction, u_hat);
    ledger_.incremental_forward.add(one);
    report += one;
    d_hat[s] = load_cases_[s].observation->apply(u_hat);
  }
  return report;
}

Misfit::Increment ReducedObjective::gauss_newton_increment(const unsigned int load_case, const DataVector &d_hat,
                                                           const Misfit::Curvature curvature) const
{
  const Case &c = cases_[load_case];
  return load_cases_[load_case].misfit->increment(c.evaluation, d_hat, c.predictions.responses, {}, curvature);
}

SolveReport ReducedObjective::apply_tangent_transpose(const unsigned int load_case, const DataVector &w,
                                                      ParameterVector &g)
{
  Assert(evaluated_, dealii::ExcMessage("evaluate first"));
  StateDual source = forward_.make_dual(load_case);
  load_cases_[load_case].observation->add_transpose(w, source);
  State p = forward_.make_state(load_case);
  SolveReport report = adjoint_.solve_adjoint(load_case, std::move(source), p);
  ledger_.adjoint.add(report);
  if (report.converged)
    adjoint_.add_gradient(load_case, cases_[load_case].u, p, g);
  return report;
}

SolveReport ReducedObjective::directional_derivative(const ParameterVector &m_hat, double &derivative)
{
  std::vector<DataVector> d_hat;
  SolveReport report = apply_tangent(m_hat, d_hat);
  derivative = 0;
  if (!report.converged)
    return report;
  for (unsigned int s = 0; s < cases_.size(); ++s)
    for (unsigned int i = 0; i < d_hat[s].size(); ++i)
      derivative += cases_[s].evaluation.adjoint_source[i] * d_hat[s][i];
  if (prior_ != nullptr)
  {
    ParameterVector slope(m_.shared_layout());
    prior_->add_gradient(m_, slope);
    derivative += slope.values() * m_hat.values();
  }
  return report;
}

} // namespace lodestone
