#pragma once

#include <lodestone/prior/weight_parameters.h>

#include <deal.II/base/parameter_handler.h>

#include <optional>
#include <string>
#include <vector>

namespace lodestone
{

/// The kinds of priors; prior_kinds() describes them.
enum class PriorType
{
  tikhonov,
  h1,
  matern,
  total_variation
};

/// Entries of subsection `Prior`, or of the subsection of one term of a sum. Lists hold one number for all unknown
/// fields, or one for each.
struct PriorParameters
{
  /// Entries of a zone. Where one is empty, that of the rest of the model holds.
  struct Zone
  {
    std::string name, standard_deviation, mean;
  };

  std::string path = "Prior"; ///< of these entries
  PriorType type = PriorType::matern;
  std::vector<PriorType> types;            ///< of the terms of a sum; empty: there is one, `type`
  std::vector<PriorParameters> terms;      ///< what the subsections of terms say; empty entries are those of the sum
  std::string standard_deviation = "1";    ///< of m (dimensionless), list; formulas and tables are allowed
  std::string mean = "0";                  ///< of m, list; formulas and tables are allowed, or "results FILE"
  std::string horizontal_length;           ///< correlation length (m), list; empty: a tenth of the model's width
  std::string vertical_length;             ///< m, list; empty: the horizontal one
  std::string correlation = "0";           ///< of two unknown fields at one point
  std::string strike, dip;                 ///< of the layers (degrees), see normal_of_layers; empty: 0
  std::string boundary_correction = "yes"; ///< Matern: whether the deviation holds beside the boundary too
  std::string cut_at;                      ///< faces without smoothing, see make_cut; empty: none
  std::string zone_list;                   ///< names of zones that open subsections
  std::vector<Zone> zones;
  std::string weight = "discrepancy";   ///< factor of the whole prior, or how it is chosen; of a term: its factor
  std::string discrepancy_target = "1"; ///< chi^2/N of the discrepancy principle
  std::string gradient_weight;  ///< of the squared gradient's integral (m^(2-dim)), list; empty: 0 with a mass weight
  std::string variation_weight; ///< of the jumps times their area (m^(1-dim)), list; empty: from the rest
  std::string epsilon = "0.01"; ///< difference of m from which on jumps count by their size
  std::string mass_weight;      ///< of the integral of m^2 (m^-dim), list; empty: both weights follow from the rest

  /// Declares the entries in the handler's present subsection, and the subsections of terms and zones.
  void add_parameters(dealii::ParameterHandler &handler);
  /// Whether the deck gives the weights of H1 themselves, which have no meaning for Matern: then it means H1.
  bool means_h1() const;
  /// Takes over which terms and zones there are from a coarser reading of the same file.
  void take_names(const PriorParameters &coarser);
  /// @throws InputError
  void validate() const;
  /// Checks that lists hold one number, or one for each of the unknown fields. @throws InputError
  void check_fields(std::size_t n_fields) const;
  /// The entries for some of the unknown fields alone: lists of numbers keep the items of these fields.
  /// @param fields their numbers @param n_fields how many unknown fields there are
  PriorParameters of_fields(const std::vector<std::size_t> &fields, std::size_t n_fields) const;
  /// The terms of the sum, with the entries of the sum where they have none of their own.
  std::vector<PriorParameters> resolved_terms() const;

  /// The results file of "results FILE" in the entry `Mean`; nothing where it is something else.
  std::optional<std::string> mean_file() const;
  /// Whether the standard deviation is another one from place to place.
  bool has_varying_deviation() const;
  bool has_mean() const;

  // The numbers of the entries. All throw InputError when there is neither one number nor one per field.
  std::vector<double> standard_deviations(std::size_t n_fields) const;
  /// @param by_default where the entry is empty
  std::vector<double> horizontal_lengths(std::size_t n_fields, double by_default) const;
  std::vector<double> vertical_lengths(std::size_t n_fields, const std::vector<double> &by_default) const;
  double field_correlation(std::size_t n_fields) const;
  WeightParameters weight_choice() const;
  std::vector<double> mass_factors(std::size_t n_fields) const;      ///< of `Mass weight`, which must be given
  std::vector<double> gradient_factors(std::size_t n_fields) const;  ///< of `Gradient weight`; 0 where it is empty
  std::vector<double> variation_factors(std::size_t n_fields) const; ///< of `Variation weight`, which must be given
  double smallest_jump() const;                                      ///< of `Epsilon`
  /// Strike and dip of the layers (degrees). @throws InputError
  std::pair<double, double> layering(unsigned int dim) const;

  std::string entry(const std::string &name) const { return path + "/" + name; }

private:
  void set_types(const std::string &text);
  void add_entries(dealii::ParameterHandler &handler);
  void validate_sum() const;
  void validate_weights() const;
  void validate_variation() const;
  void validate_matern() const;
};

} // namespace lodestone
