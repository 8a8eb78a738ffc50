#include <lodestone/app/command_line.h>
#include <lodestone/app/problem_notes.h>
#include <lodestone/app/run.h>
#include <lodestone/base/deck_path.h>
#include <lodestone/io/atomic_file.h>

#include <algorithm>

namespace lodestone
{

template <int dim>
Run<dim>::Run(const Deck &deck, MPI_Comm comm, Log &log, const Needs &needs)
    : comm_(comm), log_(log), parameters_(RunParameters<dim>::read(deck, resolved_))
{
  parameters_.solver.tolerance = std::min(parameters_.solver.tolerance, needs.largest_tolerance);
  if (needs.check)
    needs.check(parameters_);
  if (!needs.data)
    for (auto &load_case : parameters_.load_cases)
      load_case.data_sets.clear();
  if (needs.observations)
    for (auto &load_case : parameters_.load_cases)
      load_case.require_data();
  if (needs.results)
    directory_.emplace(path_from_deck(parameters_.output_directory, deck.directory()) +
                           (needs.folder.empty() ? "" : "/" + needs.folder),
                       comm);
  if (needs.results)
    lock_.emplace(*directory_, log);
  if (needs.look)
    needs.look(*this);
  log.line(version_text() + (parameters_.title.empty() ? "" : parameters_.title + "\n"));
  time_limit_.emplace(parameters_.wall_time_limit, comm, log);
  problem_ = std::make_unique<Problem<dim>>(parameters_, deck.directory(), comm, log);
  warn_of_implausible_input(*problem_, log);
  note_consequences(*problem_, log);
  ParameterVector background = problem_->parametrization().make_vector();
  (void)adapt_at(background, FirstMesh::is_unknown);
}

template <int dim>
bool Run<dim>::adapt_at(ParameterVector &m, const FirstMesh first)
{
  if (!parameters_.mesh.adapt)
    return false;
  const auto n_cells = [&] { return problem_->mesh().triangulation().n_global_active_cells(); };
  const auto n_before = n_cells();
  problem_ = adapt_mesh(std::move(problem_), m, first, log_);
  m = copy_for(*problem_, m);
  return n_cells() != n_before;
}

template <int dim>
void Run<dim>::begin_results(const bool continue_earlier)
{
  if (!continue_earlier)
    directory_->set_earlier_results_aside();
  log_.open(directory_->file("log.txt"));
  write_atomically(directory_->file("parameters.prm"), resolved_, comm_);
}

template class Run<2>;
template class Run<3>;

} // namespace lodestone
