#include <lodestone/solver/multigrid/distributed_lines.h>

#include <deal.II/base/mpi.h>

#include <algorithm>
#include <map>
#include <numeric>

namespace lodestone
{

using dealii::types::global_dof_index;

namespace
{
// Relative to the diagonal. Below this, rounding errors dominate the interface's pivot.
constexpr float smallest_pivot = 1e-5f;

// Sorts the pieces such that whole lines come first.
LinePieces sorted(const LinePieces &pieces)
{
  LinePieces result;
  for (const bool broken : {false, true})
    for (unsigned int p = 0; p < pieces.beyond.size(); ++p)
    {
      const auto &beyond = pieces.beyond[p];
      if ((beyond[0].rank != LinePieces::none || beyond[1].rank != LinePieces::none) != broken)
        continue;
      result.starts.push_back(result.unknowns.size());
      result.unknowns.insert(result.unknowns.end(), pieces.unknowns.begin() + pieces.starts[p],
                             pieces.unknowns.begin() + pieces.starts[p + 1]);
      result.beyond.push_back(beyond);
    }
  result.starts.push_back(result.unknowns.size());
  return result;
}

} // namespace

DistributedLines::DistributedLines(const MPI_Comm comm, const global_dof_index first_owned, LinePieces pieces)
    : comm_(comm), first_owned_(first_owned), pieces_(std::move(pieces))
{
  auto walks = walk_along_lines();
  orient_and_cut(walks);
  number_interfaces(walks);
}

global_dof_index DistributedLines::end_unknown(const unsigned int piece, const unsigned int end) const
{
  return first_owned_ + pieces_.unknowns[end == 0 ? pieces_.starts[piece] : pieces_.starts[piece + 1] - 1];
}

// From each end of a line a token moves along it, by one piece per round.
std::vector<std::array<DistributedLines::Walk, 2>> DistributedLines::walk_along_lines() const
{
  std::vector<std::array<Walk, 2>> walks(pieces_.beyond.size());
  std::map<std::array<global_dof_index, 2>, std::array<unsigned int, 2>>
      entrances; // piece and end by own unknown and the unknown beyond
  std::map<unsigned int, std::vector<global_dof_index>>
      outgoing; // per token: unknown there, unknown here, start, home, steps
  const auto send_on = [&](const unsigned int p, const unsigned int through, const Walk &walk) {
    const auto &beyond = pieces_.beyond[p][through];
    if (beyond.rank != none)
      for (const global_dof_index x : {beyond.unknown, end_unknown(p, through), walk.start, global_dof_index(walk.home),
                                       global_dof_index(walk.steps + 1)})
        outgoing[beyond.rank].push_back(x);
  };
  for (unsigned int p = 0; p < walks.size(); ++p)
    for (const unsigned int end : {0, 1})
      if (pieces_.beyond[p][end].rank != none)
      {
        entrances[{{end_unknown(p, end), pieces_.beyond[p][end].unknown}}] = {{p, end}};
        if (pieces_.beyond[p][1 - end].rank == none)
        {
          walks[p][1 - end] = {end_unknown(p, 1 - end), dealii::Utilities::MPI::this_mpi_process(comm_), 0};
          send_on(p, end, walks[p][1 - end]);
        }
      }
  while (dealii::Utilities::MPI::max(unsigned(!outgoing.empty()), comm_) != 0)
  {
    const auto incoming = dealii::Utilities::MPI::some_to_some(comm_, outgoing);
    outgoing.clear();
    for (const auto &[rank, tokens] : incoming)
      for (std::size_t t = 0; t < tokens.size(); t += 5)
      {
        const auto [p, end] = entrances.at({{tokens[t], tokens[t + 1]}});
        walks[p][end] = {tokens[t + 2], static_cast<unsigned int>(tokens[t + 3]),
                         static_cast<unsigned int>(tokens[t + 4])};
        send_on(p, 1 - end, walks[p][end]);
      }
  }
  return walks;
}

// Orients lines: a line begins at the end with the smaller unknown. Cuts rings.
void DistributedLines::orient_and_cut(std::vector<std::array<Walk, 2>> &walks)
{
  std::vector<std::array<Walk, 2>> of_broken;
  for (unsigned int p = 0; p < walks.size(); ++p)
  {
    auto &beyond = pieces_.beyond[p];
    if (beyond[0].rank == none && beyond[1].rank == none)
      continue;
    if (walks[p][0].start == dealii::numbers::invalid_dof_index)
    {
      beyond = {};
      continue;
    }
    if (walks[p][1].start < walks[p][0].start)
    {
      std::reverse(pieces_.unknowns.begin() + pieces_.starts[p], pieces_.unknowns.begin() + pieces_.starts[p + 1]);
      std::swap(beyond[0], beyond[1]);
      std::swap(walks[p][0], walks[p][1]);
    }
    of_broken.push_back(walks[p]);
  }
  pieces_ = sorted(pieces_);
  walks = std::move(of_broken);
}

void DistributedLines::number_interfaces(const std::vector<std::array<Walk, 2>> &walks)
{
  using namespace dealii;
  const unsigned int n_whole = pieces_.beyond.size() - walks.size(), me = Utilities::MPI::this_mpi_process(comm_);
  whole_ = TridiagonalLines({pieces_.unknowns.begin(), pieces_.unknowns.begin() + pieces_.starts[n_whole]},
                            {pieces_.starts.begin(), pieces_.starts.begin() + n_whole + 1});

  // Lines that begin here number their interfaces one after the other.
  std::map<global_dof_index, unsigned int> first_of_line; // by the line's start
  std::vector<unsigned int> starts(1, 0);
  for (const auto &walk : walks)
    if (walk[0].steps == 0)
    {
      first_of_line[walk[0].start] = starts.back();
      starts.push_back(starts.back() + walk[1].steps);
    }
  const unsigned int n_owned = starts.back();
  unsigned int offset = 0;
  MPI_Exscan(&n_owned, &offset, 1, MPI_UNSIGNED, MPI_SUM, comm_);
  if (me == 0)
    offset = 0; // MPI_Exscan leaves it undefined there
  const unsigned int n_interfaces = Utilities::MPI::sum(n_owned, comm_);
  any_interfaces_ = n_interfaces > 0;
  if (!any_interfaces_)
    return;
  std::vector<unsigned int> itself(n_owned);
  std::iota(itself.begin(), itself.end(), 0);
  interfaces_ = TridiagonalLines(itself, starts);

  // The other pieces ask where their line begins.
  std::map<unsigned int, std::vector<global_dof_index>> questions, answers;
  for (const auto &walk : walks)
    if (walk[0].home != me)
      questions[walk[0].home].push_back(walk[0].start);
  for (const auto &[rank, asked] : Utilities::MPI::some_to_some(comm_, questions))
    for (const global_dof_index start : asked)
      answers[rank].push_back(offset + first_of_line.at(start));
  const auto answered = Utilities::MPI::some_to_some(comm_, answers);

  IndexSet owned(n_interfaces), ghosts(n_interfaces);
  owned.add_range(offset, offset + n_owned);
  std::vector<unsigned int> first(walks.size());
  std::map<unsigned int, unsigned int> read; // number of answers that were used, by rank
  for (unsigned int w = 0; w < walks.size(); ++w)
  {
    const auto &[from_start, from_end] = walks[w];
    first[w] = from_start.home == me ? offset + first_of_line.at(from_start.start)
                                     : answered.at(from_start.home)[read[from_start.home]++];
    if (from_start.steps > 0)
      ghosts.add_index(first[w] + from_start.steps - 1);
    if (from_end.steps > 0)
      ghosts.add_index(first[w] + from_start.steps);
  }
  ghosts.subtract_set(owned);
  interface_.reinit(owned, ghosts, comm_);

  break_lines(walks, first);
}

void DistributedLines::break_lines(const std::vector<std::array<Walk, 2>> &walks,
                                   const std::vector<unsigned int> &first)
{
  const unsigned int n_whole = pieces_.beyond.size() - walks.size();
  std::vector<unsigned int> interior_starts(1, 0);
  for (unsigned int w = 0; w < walks.size(); ++w)
  {
    const unsigned int line = n_whole + w, position = walks[w][0].steps;
    const bool last = walks[w][1].steps == 0;
    const auto local = [&](const unsigned int i) { return interface_.get_partitioner()->global_to_local(i); };
    Piece piece;
    piece.first_place = pieces_.starts[line];
    piece.before = position == 0 ? none : local(first[w] + position - 1);
    piece.after = last ? none : local(first[w] + position);
    piece.line = interior_starts.size() - 1;
    piece.begin = interior_unknowns_.size();
    interior_unknowns_.insert(interior_unknowns_.end(), pieces_.unknowns.begin() + pieces_.starts[line],
                              pieces_.unknowns.begin() + pieces_.starts[line + 1] - !last);
    piece.end = interior_unknowns_.size();
    if (piece.begin < piece.end)
      interior_starts.push_back(piece.end);
    broken_.push_back(piece);
  }
  std::vector<unsigned int> itself(interior_unknowns_.size());
  std::iota(itself.begin(), itself.end(), 0);
  interiors_ = TridiagonalLines(std::move(itself), std::move(interior_starts));
  spike_before_.resize(interior_unknowns_.size());
  spike_after_.resize(interior_unknowns_.size());
  solution_.resize(interior_unknowns_.size());
}

void DistributedLines::factorize(const std::vector<float> &diagonal, const std::vector<float> &coupling,
                                 const std::vector<float> &coupling_before)
{
  whole_.factorize(diagonal, coupling);
  if (!any_interfaces_)
    return;
  std::vector<float> interior_diagonal(interior_unknowns_.size()), interior_coupling(interior_unknowns_.size());
  for (const Piece &piece : broken_)
    for (unsigned int k = piece.begin; k < piece.end; ++k)
    {
      interior_diagonal[k] = diagonal[piece.first_place + k - piece.begin];
      interior_coupling[k] = coupling[piece.first_place + k - piece.begin];
    }
  interiors_.factorize(interior_diagonal, interior_coupling);

  const unsigned int n_whole = pieces_.beyond.size() - broken_.size();
  Vector schur(interface_), own(interface_), link(interface_);
  for (Vector *v : {&schur, &own, &link})
    *v = 0;
  for (unsigned int b = 0; b < broken_.size(); ++b)
  {
    Piece &piece = broken_[b];
    const unsigned int n = piece.end - piece.begin;
    const float before = piece.before == none ? 0 : coupling_before[n_whole + b],
                after = piece.after == none || n == 0 ? 0 : coupling[piece.first_place + n - 1];
    piece.coupling_before = before;
    piece.coupling_after = after;
    if (piece.after != none)
      own.local_element(piece.after) += diagonal[piece.first_place + n];
    if (n == 0)
    {
      if (piece.before != none)
        link.local_element(piece.before) += before;
      continue;
    }
    const auto spike = [&](std::vector<float> &values, const unsigned int place, const float c) {
      interiors_.solve_line(
          piece.line, [&](const unsigned int k) { return k == place ? c : 0.f; },
          [&](const unsigned int k, const float z) { values[k] = z; });
    };
    spike(spike_before_, piece.begin, before);
    spike(spike_after_, piece.end - 1, after);
    if (piece.before != none)
      schur.local_element(piece.before) -= before * spike_before_[piece.begin];
    if (piece.after != none)
      schur.local_element(piece.after) -= after * spike_after_[piece.end - 1];
    if (piece.before != none && piece.after != none)
      link.local_element(piece.before) -= before * spike_after_[piece.begin];
  }
  for (Vector *v : {&schur, &own, &link})
    v->compress(dealii::VectorOperation::add);
  std::vector<float> pivot(interface_.locally_owned_size()), next(pivot.size());
  for (unsigned int i = 0; i < pivot.size(); ++i)
  {
    const float d = own.local_element(i), s = d + schur.local_element(i);
    pivot[i] = s > smallest_pivot * d ? s : d;
    next[i] = link.local_element(i);
  }
  interfaces_.factorize(pivot, next);
}

std::size_t DistributedLines::memory_consumption() const
{
  return (pieces_.unknowns.size() + pieces_.starts.size() + interior_unknowns_.size()) * sizeof(unsigned int) +
         pieces_.beyond.size() * sizeof(pieces_.beyond[0]) + broken_.size() * sizeof(Piece) +
         3 * solution_.size() * sizeof(float) + whole_.memory_consumption() + interiors_.memory_consumption() +
         interfaces_.memory_consumption() + interface_.memory_consumption();
}

} // namespace lodestone
