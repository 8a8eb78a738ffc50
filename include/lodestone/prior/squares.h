#pragma once

#include <lodestone/discretization/parameter_vector.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace lodestone
{

/// One square of a prior, w/2 (sum_i a_i m_i - c)^2, and what it stands for.
struct Square
{
  enum class Kind
  {
    mass,     ///< the value of one field on one cell
    face,     ///< the difference of one field across one face
    boundary, ///< the value of one field on one cell, for one of its faces at the boundary
    global    ///< an unknown that belongs to no cell
  };
  /// One a_i and the unknown that it multiplies.
  struct Term
  {
    dealii::types::global_dof_index unknown;
    double coefficient;
  };

  Kind kind = Kind::mass;
  unsigned int field = 0;    ///< the unknown field, or the global unknown, counted from 0
  double weight = 0;         ///< w, not negative
  double target = 0;         ///< c
  double vertical_share = 0; ///< of a face: n_z^2, n its unit normal
  double distance = 0;       ///< of a face: d_f, between the centres on both sides (m)
  /// Names this square on any number of ranks. Two of a million squares share a number with a probability of 1e-7.
  std::uint64_t number = 0;
  std::vector<Term> terms; ///< a; every unknown occurs once

  /// Adds a to the coefficient of the unknown.
  void add(dealii::types::global_dof_index unknown, double a);
};

/// A prior as a list of squares, J(m) = 1/2 sum_t w_t (a_t m - c_t)^2. With A's rows sqrt(w_t) a_t, its precision is
/// R = A^T A.
///
/// A list is distributed: every square is on one rank, and its unknowns may be those of other ranks. It need not be
/// held in memory: it is walked through.
class Squares
{
public:
  using Visit = std::function<void(const Square &)>;

  virtual ~Squares() = default;
  /// Calls `visit` with every square of this rank, in the same order each time; the square that it gets is valid
  /// during that call. Not collective.
  virtual void for_each(const Visit &visit) const = 0;
};

/// The squares of several lists one after the other: the sum of their priors.
class JoinedSquares : public Squares
{
public:
  explicit JoinedSquares(std::vector<std::shared_ptr<const Squares>> lists) : lists_(std::move(lists)) {}
  /// Squares that share a number in two lists get different ones here.
  void for_each(const Visit &visit) const override;

private:
  std::vector<std::shared_ptr<const Squares>> lists_;
};

/// The squares of a list about m_ref instead of 0: every target c becomes c + a m_ref.
class SquaresAbout : public Squares
{
public:
  /// Collective. Ghost entries of the reference need not be up to date.
  SquaresAbout(std::shared_ptr<const Squares> squares, const ParameterVector &reference);
  void for_each(const Visit &visit) const override;

private:
  std::shared_ptr<const Squares> squares_;
  DistributedVector reference_; ///< its ghosts are the unknowns of the squares
};

/// The partitioner with the given unknowns as ghosts, as far as other ranks own them. Collective.
/// @param unknowns in any order, each any number of times
std::shared_ptr<const dealii::Utilities::MPI::Partitioner>
partitioner_with_ghosts(const dealii::Utilities::MPI::Partitioner &owned,
                        std::vector<dealii::types::global_dof_index> unknowns);
/// The same with all unknowns of this rank's squares. Collective.
std::shared_ptr<const dealii::Utilities::MPI::Partitioner>
partitioner_of(const Squares &squares, const dealii::Utilities::MPI::Partitioner &owned);

/// The residual a m - c of a square. @param m with up-to-date ghost entries for the squares' unknowns
double residual(const Square &square, const DistributedVector &m);

/// Hashes two numbers into one; the numbers of squares are made with it.
std::uint64_t mixed(std::uint64_t a, std::uint64_t b);

/// A sample of the standard normal distribution, the same for the same seed and number.
double standard_normal(std::uint64_t seed, std::uint64_t number);

} // namespace lodestone
