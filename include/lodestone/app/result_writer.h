#pragma once

#include <lodestone/app/fit_files.h>
#include <lodestone/app/result_source.h>
#include <lodestone/app/station_displacement.h>
#include <lodestone/app/surface_grid.h>
#include <lodestone/io/result_directory.h>
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
  /// @param collection name of the VTU files: forward | inversion
  /// @param resolved_parameters text of the parameter file, every entry with its value
  /// @throws InputError when the surface grid that the deck asks for reaches out of the mesh
  ResultWriter(const ResultSource<dim> &source, const OutputParameters &parameters, const ResultDirectory &directory,
               const std::string &collection, const std::string &resolved_parameters);
  ResultWriter(const ResultWriter &) = delete;
  ResultWriter &operator=(const ResultWriter &) = delete;

  /// One step of the collection: moduli, unknowns, gradient and sensitivity (per volume) where given, displacement of
  /// every load case.
  void write_step(unsigned int step, const ParameterVector &m, const ParameterVector *gradient,
                  const ParameterVector *sensitivity);
  /// The same with strain and stress of every load case.
  void write_last_step(unsigned int step, const ParameterVector &m, const ParameterVector *gradient,
                       const ParameterVector *sensitivity);
  /// Observed, predicted, residual and sigma of every data set, for ParaView and as CSV; statistics go to the log.
  void write_fits(Log &log);
  /// Displacement of the surface on a regular grid, when the deck asks for one.
  void write_surface_grid() const { surface_grid_.write(directory_); }
  /// results.h5. @param history null: none
  void write_results_file(const ParameterVector &m, const ParameterVector *gradient, const ParameterVector *sensitivity,
                          const NumberTable *history);

  /// "gnss", with the load case before it when there are several.
  std::string data_name(unsigned int load_case, const DataSet &set) const;

private:
  void write_step(unsigned int step, const ParameterVector &m, const ParameterVector *gradient,
                  const ParameterVector *sensitivity, std::vector<CellArray> arrays);
  /// What the last evaluation predicts of a load case's data sets.
  std::vector<SetFit> fits(unsigned int load_case);
  void report_fits(unsigned int load_case, Log &log) const;

  const ResultSource<dim> source_;
  const ResultDirectory &directory_;
  std::string resolved_parameters_;
  std::string collection_;
  std::optional<VtuWriter<dim>> vtu_; ///< from the first step on, so that earlier results can be set aside before
  SurfaceGridWriter<dim> surface_grid_;
  std::vector<std::unique_ptr<StationDisplacement<dim>>> stations_; ///< by load case, when needed
};

} // namespace lodestone
