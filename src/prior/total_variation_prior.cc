#include <lodestone/prior/precision.h>
#include <lodestone/prior/total_variation_prior.h>

#include <deal.II/base/mpi.h>

#include <algorithm>
#include <cmath>

namespace lodestone
{

namespace
{

/// w_f
double edge_weight(const Square &edge)
{
  return edge.weight * edge.distance;
}

} // namespace

/// The edges as squares of weight w_f/rho_f (1 - theta y_f d_f/rho_f).
class TotalVariationPrior::Reweighted : public Squares
{
public:
  explicit Reweighted(const TotalVariationPrior &prior) : prior_(prior) {}
  void for_each(const Visit &visit) const override
  {
    auto y = prior_.dual_.begin();
    prior_.edges_->for_each([&, square = Square()](const Square &edge) mutable {
      square = edge;
      const double d = residual(edge, prior_.point_), rho = std::hypot(d, prior_.epsilon_);
      square.weight = edge_weight(edge) / rho * (1 - prior_.theta_ * *y++ * (d / rho));
      visit(square);
    });
  }

private:
  const TotalVariationPrior &prior_;
};

TotalVariationPrior::TotalVariationPrior(std::shared_ptr<const ParameterLayout> layout,
                                         std::shared_ptr<const Squares> edges, std::shared_ptr<const Squares> quadratic,
                                         const double epsilon)
    : layout_(std::move(layout)), edges_(std::move(edges)), epsilon_(epsilon),
      unknowns_(partitioner_of(*edges_, *layout_->partitioner)),
      quadratic_(std::make_unique<Precision>(*layout_->partitioner, *quadratic)), point_(unknowns_)
{
  squares_ = std::make_shared<JoinedSquares>(
      std::vector<std::shared_ptr<const Squares>>{std::move(quadratic), std::make_shared<Reweighted>(*this)});
  std::size_t n_edges = 0;
  edges_->for_each([&](const Square &) { ++n_edges; });
  dual_.assign(n_edges, 0);
  renew();
}

TotalVariationPrior::~TotalVariationPrior() = default;

void TotalVariationPrior::renew()
{
  precision_ = std::make_unique<Precision>(*layout_->partitioner, *squares_);
}

DistributedVector TotalVariationPrior::with_ghosts(const ParameterVector &m) const
{
  DistributedVector result(unknowns_);
  result.copy_locally_owned_data_from(m.values());
  result.update_ghost_values();
  return result;
}

bool TotalVariationPrior::is_at(const DistributedVector &m) const
{
  bool same = true;
  for (unsigned int i = 0; i < m.locally_owned_size(); ++i)
    same = same && m.local_element(i) == point_.local_element(i);
  return dealii::Utilities::MPI::min(same ? 1 : 0, m.get_mpi_communicator()) != 0;
}

void TotalVariationPrior::step_duals(const DistributedVector &next)
{
  auto y = dual_.begin();
  edges_->for_each([&](const Square &edge) {
    const double d = residual(edge, point_), rho = std::hypot(d, epsilon_), after = residual(edge, next),
                 direction = d / rho + (1 - *y * (d / rho)) * ((after - d) / rho), sign = after < 0 ? -1 : 1;
    *y++ = sign * std::clamp(sign * direction, 0., std::abs(after) / std::hypot(after, epsilon_));
  });
}

void TotalVariationPrior::follow_curvature(const DistributedVector &next)
{
  double sums[3] = {0, 0, 0}; // along the step: curvature of J, of R with theta = 0, and what theta = 1 takes from that
  auto y = dual_.begin();
  edges_->for_each([&](const Square &edge) {
    const double d = residual(edge, point_), rho = std::hypot(d, epsilon_), after = residual(edge, next),
                 step = after - d, w = edge_weight(edge);
    sums[0] += 2 * w * step * ((d + after) / (rho + std::hypot(after, epsilon_)) - d / rho);
    sums[1] += w / rho * step * step;
    sums[2] += w / rho * *y++ * (d / rho) * step * step;
  });
  dealii::Utilities::MPI::sum(sums, point_.get_mpi_communicator(), sums);
  const double best = sums[2] > 0 ? std::clamp((sums[1] - sums[0]) / sums[2], 0., 1.) : 1.;
  theta_ = best < theta_ ? best : 0.25 * theta_ + 0.75 * best;
}

void TotalVariationPrior::linearize_at(const ParameterVector &m)
{
  const DistributedVector next = with_ghosts(m);
  const bool is_first = !has_begun_;
  has_begun_ = true;
  if (is_at(next))
    return;
  if (!is_first)
  {
    follow_curvature(next);
    step_duals(next);
  }
  point_ = next;
  point_.update_ghost_values();
  renew();
}

void TotalVariationPrior::add_to(RankState &state, const std::string &name) const
{
  if (!has_begun_)
    return;
  state[name + "_point"] = {point_.begin(), point_.begin() + point_.locally_owned_size()};
  state[name + "_dual"] = dual_;
  state[name + "_theta"] = {theta_};
}

void TotalVariationPrior::take_from(const RankState &state, const std::string &name)
{
  const auto point = state.find(name + "_point"), dual = state.find(name + "_dual"),
             theta = state.find(name + "_theta");
  const bool fits = point != state.end() && dual != state.end() && theta != state.end() && theta->second.size() == 1 &&
                    point->second.size() == point_.locally_owned_size() && dual->second.size() == dual_.size();
  if (dealii::Utilities::MPI::min(fits ? 1 : 0, point_.get_mpi_communicator()) == 0)
    return;
  point_.zero_out_ghost_values();
  std::copy(point->second.begin(), point->second.end(), point_.begin());
  point_.update_ghost_values();
  dual_ = dual->second;
  theta_ = theta->second[0];
  has_begun_ = true;
  renew();
}

double TotalVariationPrior::value(const ParameterVector &m) const
{
  const DistributedVector values = with_ghosts(m);
  DistributedVector product(layout_->partitioner);
  quadratic_->apply(m.values(), product);
  double sum = 0;
  edges_->for_each(
      [&](const Square &edge) { sum += edge_weight(edge) * std::hypot(residual(edge, values), epsilon_); });
  return factor() * (dealii::Utilities::MPI::sum(sum, values.get_mpi_communicator()) + 0.5 * (m.values() * product));
}

void TotalVariationPrior::add_sum(const std::function<double(const Square &)> &number, ParameterVector &out) const
{
  DistributedVector sum(unknowns_), owned(layout_->partitioner);
  edges_->for_each([&](const Square &edge) {
    const double x = number(edge);
    for (const Square::Term &term : edge.terms)
      sum(term.unknown) += x * term.coefficient;
  });
  sum.compress(dealii::VectorOperation::add);
  owned.copy_locally_owned_data_from(sum);
  out.values().add(factor(), owned);
}

void TotalVariationPrior::add_gradient(const ParameterVector &m, ParameterVector &g) const
{
  const DistributedVector values = with_ghosts(m);
  add_sum(
      [&](const Square &edge) {
        const double d = residual(edge, values);
        return edge_weight(edge) * d / std::hypot(d, epsilon_);
      },
      g);
  DistributedVector product(layout_->partitioner);
  quadratic_->apply(m.values(), product);
  g.values().add(factor(), product);
}

void TotalVariationPrior::add_hessian(const ParameterVector &m, const ParameterVector &m_hat,
                                      ParameterVector &out) const
{
  const DistributedVector values = with_ghosts(m), direction = with_ghosts(m_hat);
  add_sum(
      [&](const Square &edge) {
        const double rho = std::hypot(residual(edge, values), epsilon_), share = epsilon_ / rho;
        return edge_weight(edge) / rho * share * share * residual(edge, direction);
      },
      out);
  DistributedVector product(layout_->partitioner);
  quadratic_->apply(m_hat.values(), product);
  out.values().add(factor(), product);
}

void TotalVariationPrior::add_precision(const ParameterVector &m_hat, ParameterVector &out) const
{
  DistributedVector product(layout_->partitioner);
  precision_->apply(m_hat.values(), product);
  out.values().add(factor(), product);
}

SolveReport TotalVariationPrior::apply_inverse(const ParameterVector &dual, ParameterVector &out) const
{
  SolveReport report = precision_->solve(dual.values(), out.values());
  out.values() /= factor();
  return report;
}

void TotalVariationPrior::precondition(const ParameterVector &dual, ParameterVector &out) const
{
  precision_->precondition(dual.values(), out.values());
  out.values() /= factor();
}

SolveReport TotalVariationPrior::sample(const std::uint64_t seed, ParameterVector &out) const
{
  ParameterVector noise(layout_);
  add_noise(seed, noise);
  return apply_inverse(noise, out);
}

void TotalVariationPrior::add_noise(const std::uint64_t seed, ParameterVector &out) const
{
  DistributedVector sum(precision_->unknowns_of_squares()), owned(layout_->partitioner);
  squares_->for_each([&](const Square &square) {
    const double x = std::sqrt(square.weight) * standard_normal(seed, square.number);
    for (const Square::Term &term : square.terms)
      sum(term.unknown) += x * term.coefficient;
  });
  sum.compress(dealii::VectorOperation::add);
  owned.copy_locally_owned_data_from(sum);
  out.values().add(std::sqrt(factor()), owned);
}

} // namespace lodestone
