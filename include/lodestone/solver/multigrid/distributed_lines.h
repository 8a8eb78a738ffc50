#pragma once

#include <lodestone/solver/multigrid/tridiagonal_lines.h>

#include <deal.II/lac/la_parallel_vector.h>

#include <array>
#include <vector>

namespace lodestone
{

/// The pieces of lines of unknowns that a rank owns, and where other ranks continue them.
struct LinePieces
{
  /// Stands for no rank.
  static constexpr unsigned int none = static_cast<unsigned int>(-1);

  /// The unknown of another rank that follows an end of a piece. Its rank is `none` where the line ends.
  struct Beyond
  {
    unsigned int rank = none;
    dealii::types::global_dof_index unknown = 0;
  };

  std::vector<unsigned int> unknowns; ///< local indices of all owned unknowns, each once, piece after piece
  std::vector<unsigned int> starts;   ///< where each piece starts in `unknowns`, and at the end the size of `unknowns`
  std::vector<std::array<Beyond, 2>> beyond; ///< per piece: what comes before its first unknown and after its last one
};

/// A factorised matrix of tridiagonal blocks, one per line of unknowns. Lines may pass through any number of ranks.
///
/// Where a line continues on another rank, the last unknown before the border is an interface, b. The other unknowns of
/// the line's pieces are interior, i, and only the interfaces connect them:
///
///   T = [T_ii C; C^T T_bb],   S = T_bb - C^T T_ii^-1 C,
///   z_b = S^-1 (r_b - C^T T_ii^-1 r_i),   z_i = T_ii^-1 (r_i - C z_b)
///
/// S is tridiagonal along the line again. The rank where the line begins keeps it, so memory is spread as lines are. A
/// solve needs one exchange to these ranks and one back, of one number per interface and side; it needs none if every
/// line lies on one rank. The solution is exact and does not depend on the number of ranks. T is symmetric and positive
/// definite whatever the couplings are, as in TridiagonalLines. The constructor, `factorize` and `solve` are
/// collective. Source: Wang (1981), A parallel method for tridiagonal equations, doi:10.1145/355945.355947.
class DistributedLines
{
public:
  /// @param comm the ranks
  /// @param first_owned the global index of this rank's first unknown
  /// @param pieces the pieces of this rank; where a line continues, both ranks must say so. Rings through several ranks
  /// are cut at all borders.
  DistributedLines(MPI_Comm comm, dealii::types::global_dof_index first_owned, LinePieces pieces);

  /// The pieces passed to the constructor, some reversed so that lines run one way, closed rings cut open.
  const LinePieces &pieces() const { return pieces_; }

  /// Factorises T.
  /// @param diagonal diagonal entries in the order of pieces().unknowns
  /// @param coupling coupling of each of these unknowns with the next one; for the last one of a piece, with the
  ///   unknown beyond
  /// @param coupling_before coupling of each piece's first unknown with the unknown beyond
  void factorize(const std::vector<float> &diagonal, const std::vector<float> &coupling,
                 const std::vector<float> &coupling_before);

  /// Solves T z = r. It calls read(i), which returns r_i, and write(i, z_i) for each unknown i, and it reads all of a
  /// line before it writes any of it.
  template <typename Read, typename Write>
  void solve(const Read &read, const Write &write) const;

  std::size_t memory_consumption() const; ///< bytes on this rank

private:
  using Vector = dealii::LinearAlgebra::distributed::Vector<float>;
  /// Stands for no rank.
  static constexpr unsigned int none = LinePieces::none;

  /// A piece of a line that passes through several ranks: its interior, the interface before it on another rank, and
  /// the interface at its end.
  struct Piece
  {
    unsigned int first_place;      ///< place of its first unknown in pieces_.unknowns
    unsigned int line, begin, end; ///< its line in interiors_ and the places of that; an empty interior has no line
    unsigned int before, after;    ///< places of its interfaces in interface_, or none
    float coupling_before = 0, coupling_after = 0; ///< couplings of the interior with these
  };
  /// Where a piece lies in its line, counted from one end of the line.
  struct Walk
  {
    dealii::types::global_dof_index start =
        dealii::numbers::invalid_dof_index; ///< the unknown at that end; invalid in rings
    unsigned int home = none, steps = 0;    ///< the rank of that unknown, and the number of pieces from there
  };

  std::vector<std::array<Walk, 2>> walk_along_lines() const;
  void orient_and_cut(std::vector<std::array<Walk, 2>> &walks);
  void number_interfaces(const std::vector<std::array<Walk, 2>> &walks);
  /// Makes the pieces between the interfaces, and their interiors.
  /// @param first the first interface of each piece's line
  void break_lines(const std::vector<std::array<Walk, 2>> &walks, const std::vector<unsigned int> &first);
  dealii::types::global_dof_index end_unknown(unsigned int piece, unsigned int end) const;
  unsigned int interface_unknown(const Piece &piece) const
  {
    return pieces_.unknowns[piece.first_place + piece.end - piece.begin];
  }

  MPI_Comm comm_;
  dealii::types::global_dof_index first_owned_;
  LinePieces pieces_;      ///< whole lines first
  TridiagonalLines whole_; ///< lines that lie on this rank alone
  std::vector<Piece> broken_;
  std::vector<unsigned int> interior_unknowns_;   ///< unknowns at the places of interiors_
  TridiagonalLines interiors_;                    ///< T_ii; its unknowns are places
  std::vector<float> spike_before_, spike_after_; ///< T_ii^-1 C at each place
  TridiagonalLines interfaces_;         ///< S of lines that begin here; its unknowns are local indices in interface_
  bool any_interfaces_ = false;         ///< whether any rank has interfaces
  mutable std::vector<float> solution_; ///< T_ii^-1 r_i
  mutable Vector interface_;            ///< r_b, then z_b
};

template <typename Read, typename Write>
void DistributedLines::solve(const Read &read, const Write &write) const
{
  if (!any_interfaces_)
  {
    whole_.solve(read, write);
    return;
  }
  interface_ = 0;
  for (const Piece &piece : broken_)
  {
    if (piece.after != none)
      interface_.local_element(piece.after) += read(interface_unknown(piece));
    if (piece.begin == piece.end)
      continue;
    interiors_.solve_line(
        piece.line, [&](const unsigned int k) { return read(interior_unknowns_[k]); },
        [&](const unsigned int k, const float z) { solution_[k] = z; });
    if (piece.before != none)
      interface_.local_element(piece.before) -= piece.coupling_before * solution_[piece.begin];
    if (piece.after != none)
      interface_.local_element(piece.after) -= piece.coupling_after * solution_[piece.end - 1];
  }
  interface_.compress_start(0, dealii::VectorOperation::add);
  whole_.solve(read, write);
  interface_.compress_finish(dealii::VectorOperation::add);
  interfaces_.solve([&](const unsigned int i) { return interface_.local_element(i); },
                    [&](const unsigned int i, const float z) { interface_.local_element(i) = z; });
  interface_.update_ghost_values();
  for (const Piece &piece : broken_)
  {
    const float before = piece.before == none ? 0 : interface_.local_element(piece.before),
                after = piece.after == none ? 0 : interface_.local_element(piece.after);
    for (unsigned int k = piece.begin; k < piece.end; ++k)
      write(interior_unknowns_[k], solution_[k] - spike_before_[k] * before - spike_after_[k] * after);
    if (piece.after != none)
      write(interface_unknown(piece), after);
  }
  interface_.zero_out_ghost_values();
}

} // namespace lodestone
