#pragma once

#include <lodestone/prior/prior.h>
#include <lodestone/prior/squares.h>

#include <memory>
#include <vector>

namespace lodestone
{

class Precision;

/// Total variation, which keeps edges, and a quadratic part Q:
///
///   J(m) = f (sum_f w_f rho_f + 1/2 m^T Q m),   rho_f = sqrt(d_f^2 + epsilon^2),   d_f = a_f m the jump at face f
///
/// w_f is the face's area times a weight, epsilon a difference of m: smaller ones are smoothed like squares, larger ones
/// are held against the model by their size alone. J is convex and not quadratic. `value`, `add_gradient` and
/// `add_hessian` are those of J.
///
/// Newton steps are primal-dual. Every face has a dual variable y_f in [-1, 1] for d_f/rho_f, and with it
///
///   R = f (sum_f w_f/rho_f (1 - theta y_f d_f/rho_f) a_f a_f^T + Q)
///
/// in the place of the Hessian, to which it is equal at a minimiser, where y = d/rho and theta = 1. R is positive definite,
/// and the minimiser is reached in fewer steps than by Newton's own method or by lagged diffusivity (y = 0). From one call
/// of `linearize_at` to the next m goes to m', and y becomes d/rho + (1 - y d/rho) (d' - d)/rho, cut off at 0 and d'/rho': R
/// then lies between lagged diffusivity and the Hessian at m'. theta, between 0 and 1, becomes the number with which R would
/// have had the curvature that J had along the step from m to m' (not at once where that is larger than the last one):
/// where steps go past edges, R is too small with 1, and line searches shorten them. The first call begins with y = 0 and
/// theta = 1, and so does a run that is resumed on another number of ranks. They change the way to the minimiser alone.
/// Source: Chan, Golub and Mulet 1999, doi:10.1137/S1064827596299767.
class TotalVariationPrior : public Prior
{
public:
  /// Collective. What the squares refer to lives as long as the prior.
  /// @param edges differences across faces, of weight w_f/distance; without targets
  /// @param quadratic the squares of Q, which determine every unknown; without targets
  /// @param epsilon positive
  TotalVariationPrior(std::shared_ptr<const ParameterLayout> layout, std::shared_ptr<const Squares> edges,
                      std::shared_ptr<const Squares> quadratic, double epsilon);
  ~TotalVariationPrior() override;

  bool is_quadratic() const override { return false; }
  void linearize_at(const ParameterVector &m) override;
  void add_to(RankState &state, const std::string &name) const override;
  void take_from(const RankState &state, const std::string &name) override;
  double value(const ParameterVector &m) const override;
  void add_gradient(const ParameterVector &m, ParameterVector &g) const override;
  void add_hessian(const ParameterVector &m, const ParameterVector &m_hat, ParameterVector &out) const override;
  void add_precision(const ParameterVector &m_hat, ParameterVector &out) const override;
  SolveReport apply_inverse(const ParameterVector &dual, ParameterVector &out) const override;
  void precondition(const ParameterVector &dual, ParameterVector &out) const override;
  SolveReport sample(std::uint64_t seed, ParameterVector &out) const override;
  void add_noise(std::uint64_t seed, ParameterVector &out) const override;
  std::shared_ptr<const Squares> squares() const override { return squares_; }

private:
  class Reweighted;
  /// A copy of m with the unknowns of this rank's edges.
  DistributedVector with_ghosts(const ParameterVector &m) const;
  /// out += sum over edges of number(edge) a_f
  void add_sum(const std::function<double(const Square &)> &number, ParameterVector &out) const;
  bool is_at(const DistributedVector &m) const;
  void step_duals(const DistributedVector &next);
  void follow_curvature(const DistributedVector &next);
  void renew();

  std::shared_ptr<const ParameterLayout> layout_;
  std::shared_ptr<const Squares> edges_;
  double epsilon_;
  std::shared_ptr<const dealii::Utilities::MPI::Partitioner> unknowns_;
  std::unique_ptr<Precision> quadratic_; ///< Q
  DistributedVector point_;              ///< of the last `linearize_at`, with ghosts; at first 0
  std::vector<double> dual_;             ///< y, in the order of the edges
  double theta_ = 1;
  bool has_begun_ = false; ///< whether `linearize_at` has been called
  std::shared_ptr<const Squares> squares_;
  std::unique_ptr<Precision> precision_; ///< R at the factor 1
};

} // namespace lodestone
