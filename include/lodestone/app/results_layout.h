#pragma once

#include <lodestone/app/fit_files.h>
#include <lodestone/app/result_source.h>
#include <lodestone/io/number_table.h>
#include <lodestone/io/results_file.h>

#include <set>
#include <string>
#include <vector>

namespace lodestone
{

/// What results.h5 says of the run itself.
struct RunRecord
{
  std::string command;             ///< forward | inversion
  std::string resolved_parameters; ///< text of the parameter file, every entry with its value
  const NumberTable *history;      ///< null: none
};

/// Fills results.h5. Every data set has attributes `units` and `description`, every group a `description`:
///
///   /parameters               resolved parameter file, a text
///   /mesh                     vertices, connectivity
///   /cells                    centre, volume, moduli, ratios to the background, m, gradient, sensitivity, zone
///   /loads/LOAD_CASE/LOAD     in which cells the load acts
///   /zones                    number, name, background, size and range of Young's modulus of each zone of the mesh
///   /data/LOAD_CASE/SET       one entry per datum: station, place, component, direction, observed, predicted, ...
///   /standard_errors          of the unknowns, with what is estimated beside them
///   /estimates/LOAD_CASE      strengths, amounts, nuisance: with standard deviations
///   /history                  one entry per iteration
///
/// Names of load cases and data sets stand in paths as ResultDirectory::safe_name makes them; attribute `name` has them
/// as in the deck. Versions, command and dimension are attributes of the root. All functions are collective.
template <int dim>
class ResultsLayout
{
public:
  ResultsLayout(const ResultSource<dim> &source, ResultsFile &file);

  void add_run(const RunRecord &record);
  void add_mesh_and_zones(const ParameterVector &m);
  void add_cells(const ParameterVector &m, const ParameterVector *gradient, const ParameterVector *sensitivity);
  /// In which cells each load acts, for pictures.
  void add_loads();
  /// @param fits of the load case's data sets
  void add_data(unsigned int load_case, const std::vector<SetFit> &fits);
  /// Strengths and nuisance terms of every load case.
  void add_estimates();
  /// Those of the source, if it has them.
  void add_standard_errors();

private:
  /// Attribute `description` of a group, written once.
  void describe(const std::string &group, const std::string &description);
  /// A square matrix. @param rows of one length
  void add_matrix(const std::string &path, const ArrayInfo &info, const std::vector<std::vector<double>> &rows);
  void add_set(const std::string &group, const SetFit &fit);
  void add_stations(const std::string &group, const SetFit &fit);

  const ResultSource<dim> &source_;
  ResultsFile &file_;
  std::vector<std::string> case_groups_; ///< names of the load cases in paths
  std::set<std::string> described_;
};

} // namespace lodestone
