#pragma once

#include <lodestone/app/problem.h>
#include <lodestone/io/history_writer.h>
#include <lodestone/io/result_directory.h>
#include <lodestone/io/results_file.h>
#include <lodestone/io/vtu_writer.h>

#include <memory>
#include <optional>

namespace lodestone
{

/// Writes what a run found, in the files that doc/reference.md ("Results") lists.
template <int dim>
class ResultWriter
{
public:
  /// @throws InputError when the surface grid that the deck asks for reaches out of the mesh
  ResultWriter(Problem<dim> &problem, const ResultDirectory &directory, const std::string &collection,
               const std::string &resolved_parameters);

  /// One step of the collection: moduli, unknowns, gradient (per volume), sensitivity when given, displacement of every
  /// load case.
  void write_step(unsigned int step, const ParameterVector &m, const ParameterVector *gradient,
                  const ParameterVector *sensitivity);
  /// Observed, predicted, residual and sigma of every data set, for ParaView and as CSV; statistics go to the log.
  void write_fits(Log &log);
  /// Displacement of the surface on a regular grid, when the deck asks for one.
  void write_surface_grid();
  void write_results_file(const ParameterVector &m, const ParameterVector *gradient, const ParameterVector *sensitivity,
                          const NumberTable *history);

  /// "gnss", with the load case before it when there are several.
  std::string data_name(unsigned int load_case, const DataSet &set) const;

private:
  void make_surface_grid();
  /// Strengths and nuisance terms, each a group of its own.
  void add_estimates(ResultsFile &file) const;
  NamedFields cell_fields(const ParameterVector &m, const ParameterVector *gradient,
                          const ParameterVector *sensitivity) const;

  Problem<dim> &problem_;
  const ResultDirectory &directory_;
  std::string resolved_parameters_;
  std::string collection_;
  std::optional<VtuWriter<dim>> vtu_; ///< from the first step on, so that earlier results can be set aside before
  NumberTable grid_coordinates_;
  std::unique_ptr<ObservationOperator<dim>> grid_; ///< null: no grid
};

/// Strengths of estimated loads and nuisance terms of every load case, as log lines.
template <int dim>
void report_estimates(const Problem<dim> &problem, Log &log);

} // namespace lodestone
