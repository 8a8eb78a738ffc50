#pragma once

#include <lodestone/solver/multigrid/tridiagonal_lines.h>

#include <deal.II/lac/la_parallel_vector.h>

#include <array>
#include <vector>

namespace lodestone
{

/// What a rank owns of lines of unknowns: pieces, and where other ranks go on with them.
struct LinePieces
{
  static constexpr unsigned int none = static_cast<unsigned int>(-1);

  /// The unknown of another rank that follows an end of a piece; rank `none` where the line ends.
  struct Beyond
  {
    unsigned int rank = none;
    dealii::types::global_dof_index unknown = 0;
  };

  std::vector<unsigned int> unknowns;        ///< each owned one once (local index), piece after piece
  std::vector<unsigned int> starts;          ///< of each piece in `unknowns`, and at last the size of it
  std::vector<std::array<Beyond, 2>> beyond; ///< of each piece: before its first unknown, after its last
};

/// A matrix of tridiagonal blocks, one for each line of unknowns, factorised; lines may go through any number of ranks.
///
/// Where a line goes on to another rank, the last unknown before the border is an interface b; the others of the line's
/// pieces are interior, i, and fall apart without it:
///
///   T = [T_ii C; C^T T_bb],   S = T_bb - C^T T_ii^-1 C,   z_b = S^-1 (r_b - C^T T_ii^-1 r_i),   z_i = T_ii^-1 (r_i - C
///   z_b)
///
/// S is tridiagonal along the line again. It is kept where the line begins, so that memory is spread as lines are, and
/// a solve takes one exchange to there and one back, of a number for each interface and side of it; none if no line is
/// broken. Exact: the same answer on any number of ranks. Symmetric and positive definite whatever the couplings are,
/// as TridiagonalLines is. Construction, `factorize` and `solve` are collective. Source: Wang (1981), A parallel method
/// for tridiagonal equations, doi:10.1145/355945.355947.
class DistributedLines
{
public:
  /// @param first_owned the rank's first unknown
  /// @param pieces two neighbours must both say that a line goes on. Rings through several ranks are cut at all
  /// borders.
  DistributedLines(MPI_Comm comm, dealii::types::global_dof_index first_owned, LinePieces pieces);

  /// As given, but that some are reversed and rings are cut.
  const LinePieces &pieces() const { return pieces_; }

  /// @param diagonal at each place of pieces().unknowns
  /// @param coupling of each place with the next one, of a piece's last place with the unknown beyond
  /// @param coupling_before of each piece's first place with the unknown beyond
  void factorize(const std::vector<float> &diagonal, const std::vector<float> &coupling,
                 const std::vector<float> &coupling_before);

  /// T z = r, with r_i = read(i) and write(i, z_i), i the unknown; all of an unknown's line is read before it is
  /// written.
  template <typename Read, typename Write>
  void solve(const Read &read, const Write &write) const;

  std::size_t memory_consumption() const; ///< bytes on this rank

private:
  using Vector = dealii::LinearAlgebra::distributed::Vector<float>;
  static constexpr unsigned int none = LinePieces::none;

  /// A piece of a broken line: its interior, the interface before it on another rank and the one at its end.
  struct Piece
  {
    unsigned int first_place;                      ///< in pieces_.unknowns
    unsigned int line, begin, end;                 ///< of interiors_; an empty interior has no line
    unsigned int before, after;                    ///< in interface_, or none
    float coupling_before = 0, coupling_after = 0; ///< of the interior with these
  };
  /// Where a piece stands in its line, counted from one end of it.
  struct Walk
  {
    dealii::types::global_dof_index start =
        dealii::numbers::invalid_dof_index; ///< the line's end unknown; invalid in rings
    unsigned int home = none, steps = 0;    ///< its rank, pieces from there
  };

  std::vector<std::array<Walk, 2>> walk_along_lines() const;
  void orient_and_cut(std::vector<std::array<Walk, 2>> &walks);
  void number_interfaces(const std::vector<std::array<Walk, 2>> &walks);
  /// The pieces between the interfaces, whose lines' first interfaces are given, and their interiors.
  void break_lines(const std::vector<std::array<Walk, 2>> &walks, const std::vector<unsigned int> &first);
  dealii::types::global_dof_index end_unknown(unsigned int piece, unsigned int end) const;
  unsigned int interface_unknown(const Piece &piece) const
  {
    return pieces_.unknowns[piece.first_place + piece.end - piece.begin];
  }

  MPI_Comm comm_;
  dealii::types::global_dof_index first_owned_;
  LinePieces pieces_;      ///< whole lines first
  TridiagonalLines whole_; ///< lines that lie on this rank
  std::vector<Piece> broken_;
  std::vector<unsigned int> interior_unknowns_;   ///< of the places of interiors_
  TridiagonalLines interiors_;                    ///< its unknowns are places
  std::vector<float> spike_before_, spike_after_; ///< T_ii^-1 C at each place
  TridiagonalLines interfaces_;                   ///< S of lines that begin here; unknowns: local indices in interface_
  bool any_interfaces_ = false;                   ///< on any rank
  mutable std::vector<float> solution_;           ///< T_ii^-1 r_i
  mutable Vector interface_;                      ///< r_b, then z_b
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
