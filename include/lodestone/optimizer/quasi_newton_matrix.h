#pragma once

#include <lodestone/base/named_state.h>

#include <petscksp.h>

#include <deque>
#include <string>
#include <vector>

namespace lodestone
{

/// The limited-memory BFGS matrix of a quasi-Newton method, which can be made again from a state.
///
/// TAO's lmvm, blmvm and bqnls own a matrix that nobody else can reach. It is given no memory of its own, and this one as
/// its initial matrix J0, which PETSc updates, resets and inverts in its place. The formula is the same: algorithm 7.4 of
/// Nocedal and Wright (2006). A state holds the points x and gradients g of the steps in the memory,
/// exact_point_001_x, exact_point_001_g, ..., the oldest first; PETSc forms and tests the pairs from their differences,
/// so a matrix made again is the same to the last bit. 16 bytes per unknown and step.
class QuasiNewtonMatrix
{
public:
  using Array = std::vector<double>;

  /// @param metric the initial matrix, which can solve @param prefix of PETSc's options, "tao_lmvm_"
  QuasiNewtonMatrix(Mat metric, const std::string &prefix);
  ~QuasiNewtonMatrix();
  QuasiNewtonMatrix(const QuasiNewtonMatrix &) = delete;
  QuasiNewtonMatrix &operator=(const QuasiNewtonMatrix &) = delete;

  Mat matrix() const { return matrix_; }
  /// Fills the matrix with the steps of a state that lead to the point where the run goes on. Returns whether there are
  /// any. Collective. @param like a vector of unknowns
  bool take_from(const NamedState &state, Vec like);
  void add_to(NamedState &state) const;
  /// Takes note of an iterate, which TAO puts into the matrix when the next step begins.
  /// @param is_emptied whether the search for it emptied the matrix on the way
  void accept(const Array &x, const Array &g, bool is_emptied);
  /// TAO empties the matrix and begins again at the last iterate.
  void begin_again();

private:
  struct Point
  {
    NamedState::Shared<double> x, g;
    bool has_pair = false; ///< whether the step to this point is in the matrix
  };
  PetscInt n_rejected() const;
  void drop_oldest();

  Mat matrix_ = nullptr;
  std::size_t capacity_ = 0;
  PetscInt rejected_ = 0;
  std::deque<Point> points_;   ///< the last one is not in the matrix yet
  bool is_made_again_ = false; ///< it is: no step has been made since the matrix was filled
};

} // namespace lodestone
