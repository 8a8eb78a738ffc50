#pragma once

#include <deal.II/base/parameter_handler.h>

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

/// Entries of subsection `Prior`. Lists hold one number for all unknown fields, or one for each.
struct PriorParameters
{
  PriorType type = PriorType::h1;
  std::string standard_deviation = "1"; ///< of m (dimensionless), list
  std::string horizontal_length;        ///< correlation length (m), list; empty: a tenth of the model's width
  std::string vertical_length;          ///< m, list; empty: the horizontal one
  std::string cut_at;                   ///< faces without smoothing, see make_cut; empty: none
  std::string weight = "1";             ///< factor of the whole prior
  std::string gradient_weight;          ///< of the squared gradient's integral (m^(2-dim)); empty: 0 with a mass weight
  std::string variation_weight;         ///< of the jumps times their area (m^(1-dim)); empty: from the rest
  std::string epsilon = "0.01";         ///< difference of m from which on jumps count by their size
  std::string mass_weight;              ///< of the integral of m^2 (m^-dim); empty: both weights follow from the rest

  /// Declares the entries in the handler's present subsection.
  void add_parameters(dealii::ParameterHandler &handler);
  /// @throws InputError
  void validate() const;

  // The numbers of the entries. All throw InputError when there is neither one number nor one per field.
  std::vector<double> standard_deviations(std::size_t n_fields) const;
  /// @param by_default where the entry is empty
  std::vector<double> horizontal_lengths(std::size_t n_fields, double by_default) const;
  std::vector<double> vertical_lengths(std::size_t n_fields, const std::vector<double> &by_default) const;
  double factor() const;
  double mass_factor() const;      ///< of `Mass weight`, which must be given
  double variation_factor() const; ///< of `Variation weight`, which must be given
  double smallest_jump() const;    ///< of `Epsilon`
  double gradient_factor() const;  ///< of `Gradient weight`; 0 where it is empty

private:
  void validate_variation() const;
};

} // namespace lodestone
