#pragma once

#include <deal.II/base/parameter_handler.h>

#include <cmath>
#include <string>

namespace lodestone
{

/// What a residual y of one datum, in standard deviations, adds to the misfit: the negative logarithm of its probability
/// without constants.
///
///     Gaussian    y^2/2
///     Huber       y^2/2 for |y| <= t, t |y| - t^2/2 beyond: convex, outliers pull with the force of t
///     Student-t   (n + 1)/2 ln(1 + y^2/n), n degrees of freedom: not convex, far outliers pull with no force at all
///
/// Sources: Huber 1964, Ann. Math. Stat. 35, 73, doi:10.1214/aoms/1177703732; Lange, Little & Taylor 1989, J. Am. Stat.
/// Assoc. 84, 881, doi:10.1080/01621459.1989.10478852.
struct Loss
{
  enum class Kind
  {
    gaussian,
    huber,
    student_t
  };
  Kind kind = Kind::gaussian;
  double parameter = 0; ///< t or n

  bool is_robust() const { return kind != Kind::gaussian; }
  double value(double y) const;
  /// The derivative of `value`.
  double first(const double y) const { return weight(y) * y; }
  /// The second derivative; Student-t has negative ones.
  double second(double y) const;
  /// First derivative over y: with these weights, which grow nowhere with |y|, a quadratic touches the loss at y and
  /// lies above it elsewhere.
  double weight(double y) const;
  /// A curvature that is never negative: the second derivative of a convex loss, the weight of another.
  double positive_curvature(const double y) const { return kind == Kind::student_t ? weight(y) : second(y); }
  /// How much a datum counts for: its weight over that of a residual of zero, 1 to 0.
  double share(const double y) const { return weight(y) / weight(0); }
  /// "Huber with threshold 1.345"
  std::string describe() const;

  /// Entries of the data set's subsection in the deck.
  struct Parameters
  {
    Kind kind = Kind::gaussian;
    double threshold = 1.345, degrees_of_freedom = 4;

    void add_parameters(dealii::ParameterHandler &handler);
    /// @param prefix path of the subsection with a slash behind it @throws InputError naming the entry
    Loss read(const std::string &prefix) const;
  };
};

} // namespace lodestone
