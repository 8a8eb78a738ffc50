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

void put(const State &u, const std::string &name, RankState &state)
{
  for (std::size_t k = 0; k < u.step.size(); ++k)
    state[name + "_" + std::to_string(k)] = {u.step[k].begin(), u.step[k].begin() + u.step[k].locally_owned_size()};
  std::vector<double> factors = u.load_factors;
  factors.push_back(u.affine);
  state[name + "_factors"] = std::move(factors);
}

/// Returns false where the state does not fit. Ghosts are not set.
bool take(const RankState &state, const std::string &name, State &u)
{
  const auto factors = state.find(name + "_factors");
  if (factors == state.end() || factors->second.size() != u.load_factors.size() + 1)
    return false;
  u.load_factors.assign(factors->second.begin(), factors->second.end() - 1);
  u.affine = factors->second.back();
  for (std::size_t k = 0; k < u.step.size(); ++k)
  {
    const auto entries = state.find(name + "_" + std::to_string(k));
    if (entries == state.end() || entries->second.size() != u.step[k].locally_owned_size())
      return false;
    u.step[k].zero_out_ghost_values();
    std::copy(entries->second.begin(), entries->second.end(), u.step[k].begin());
  }
  return true;
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

RankState ReducedObjective::rank_state() const
{
  RankState state;
  if (!evaluated_)
    return state;
  for (std::size_t s = 0; s < cases_.size(); ++s)
  {
    const Case &c = cases_[s];
    const std::string name = "case_" + std::to_string(s) + "_";
    put(c.u, name + "u", state);
    if (has_adjoints_)
      put(c.p, name + "p", state);
    state[name + "known"] = c.predictions.of_known_loads;
    if (!corrections_.empty())
      state[name + "correction"] = corrections_[s].of_known_loads;
    for (std::size_t j = 0; j < c.responses.size(); ++j)
    {
      const std::string of_load = name + "response_" + std::to_string(j);
      put(c.responses[j], of_load, state);
      state[of_load + "_data"] = c.predictions.responses[j];
      if (!corrections_.empty())
        state[of_load + "_correction"] = corrections_[s].responses[j];
    }
  }
  state["accuracy"] = {adjoint_tolerance_, accuracy_.gradient, accuracy_.hessian_action, has_adjoints_ ? 1. : 0.};
  forward_.add_to(state);
  if (prior_ != nullptr)
    prior_->add_to(state, "prior");
  return state;
}

bool ReducedObjective::take_states(const RankState &state)
{
  const auto numbers = [&state](const std::string &name) {
    const auto found = state.find(name);
    return found == state.end() ? std::vector<double>() : found->second;
  };
  const std::vector<double> accuracy = numbers("accuracy");
  bool fits = accuracy.size() == 4;
  corrections_.resize(state.count("case_0_correction") > 0 ? cases_.size() : 0);
  for (std::size_t s = 0; s < cases_.size() && fits; ++s)
  {
    Case &c = cases_[s];
    const std::string name = "case_" + std::to_string(s) + "_";
    fits = take(state, name + "u", c.u) && (accuracy[3] == 0 || take(state, name + "p", c.p));
    c.predictions.of_known_loads = numbers(name + "known");
    if (!corrections_.empty())
      corrections_[s] = {numbers(name + "correction"), {}};
    for (std::size_t j = 0; j < c.responses.size() && fits; ++j)
    {
      const std::string of_load = name + "response_" + std::to_string(j);
      fits = take(state, of_load, c.responses[j]);
      c.predictions.responses[j] = numbers(of_load + "_data");
      if (!corrections_.empty())
        corrections_[s].responses.push_back(numbers(of_load + "_correction"));
    }
    fits = fits && c.predictions.of_known_loads.size() == load_cases_[s].misfit->n_data();
  }
  return fits;
}

bool ReducedObjective::go_on_from(const ParameterVector &m, const RankState &state)
{
  const std::vector<Predictions> corrections = corrections_;
  const bool is_here = is_at(m);
  evaluated_ = has_adjoints_ = false;
  if (dealii::Utilities::MPI::min(take_states(state) ? 1 : 0, m.values().get_mpi_communicator()) == 0)
  {
    corrections_ = corrections;
    return false;
  }
  if (!is_here)
  {
    m_ = m;
    m_.values().update_ghost_values();
    forward_.linearize_at(m_);
  }
  forward_.take_from(state);
  misfit_value_ = 0;
  for (std::size_t s = 0; s < cases_.size(); ++s)
  {
    Case &c = cases_[s];
    for (State *u : {&c.u, &c.p})
      for (auto &step : u->step)
        step.update_ghost_values();
    for (State &response : c.responses)
      for (auto &step : response.step)
        step.update_ghost_values();
    c.evaluation = load_cases_[s].misfit->evaluate(c.predictions.of_known_loads, c.predictions.responses);
    misfit_value_ += c.evaluation.value;
  }
  if (prior_ != nullptr)
    prior_->take_from(state, "prior");
  prior_value_ = prior_ != nullptr ? prior_->value(m_) : 0;
  const std::vector<double> &accuracy = state.at("accuracy");
  adjoint_tolerance_ = accuracy[0];
  accuracy_ = {accuracy[1], accuracy[2]};
  has_adjoints_ = accuracy[3] != 0;
  return evaluated_ = true;
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
