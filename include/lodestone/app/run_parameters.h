#pragma once

#include <lodestone/app/load_case_parameters.h>
#include <lodestone/app/output_parameters.h>
#include <lodestone/base/deck.h>
#include <lodestone/discretization/mesh.h>
#include <lodestone/inversion/inversion.h>
#include <lodestone/material/parametrization.h>
#include <lodestone/prior/prior_parameters.h>
#include <lodestone/solver/boundary_conditions.h>
#include <lodestone/solver/linear_solver.h>

#include <string>
#include <vector>

namespace lodestone
{

/// Whether the relative weights of data sets are those of the deck, or follow from the residuals (VarianceComponents).
enum class DataWeights
{
  given,
  estimate
};

/// What a parameter file says, section by section.
///
/// Lists of names open subsections (load cases, their loads and data sets, zones, boundaries), so the file is read once
/// for every level of names, entries not yet known being skipped, and then strictly: an entry that nobody knows is an
/// error that names the nearest one.
template <int dim>
struct RunParameters
{
  std::string dimension = std::to_string(dim);
  std::string title;
  std::string output_directory = "output";
  std::string wall_time_limit = "auto"; ///< TimeLimit
  std::string origin;                   ///< "longitude, latitude" (degrees); empty: no geographic coordinates
  unsigned int element_degree = 1;
  typename Mesh<dim>::Parameters mesh;
  typename Parametrization<dim>::Parameters material;
  typename BoundaryConditions<dim>::Parameters boundary_conditions;
  std::string load_case_names;
  DataWeights data_weights = DataWeights::given;
  std::vector<LoadCaseParameters<dim>> load_cases;
  PriorParameters prior;
  LinearSolver::Parameters solver;
  InversionParameters inversion;
  OutputParameters output;

  /// Reads and checks a deck; `resolved` becomes the text of every entry with its value, for parameters.prm.
  /// @throws InputError
  static RunParameters read(const Deck &deck, std::string &resolved);
  bool has_rates() const; ///< whether the data of any load case are rates

  /// Every entry with its help, for the names that the deck has; nothing is checked but the names.
  static std::string describe(const Deck &deck);
  /// Declares every entry known so far.
  void declare(dealii::ParameterHandler &handler);

private:
  /// @param heading of the text of all entries, `resolved`
  static RunParameters read_levels(const Deck &deck, const std::string &heading, std::string &resolved);
  /// Takes over from a coarser reading what decides which subsections exist.
  void take_names(const RunParameters &coarser);
  /// @throws InputError where the mesh cannot be made as coarse as the continuation asks for
  void check_continuation() const;
  /// @throws InputError for a load without a type
  void check_load_types() const;
};

/// Value of the entry `Dimension` (2 or 3), the one thing to know before anything else. @throws InputError
unsigned int read_dimension(const Deck &deck);

} // namespace lodestone
