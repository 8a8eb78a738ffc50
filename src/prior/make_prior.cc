#include <lodestone/base/error.h>
#include <lodestone/base/formula.h>
#include <lodestone/base/units.h>
#include <lodestone/prior/face_terms.h>
#include <lodestone/prior/gaussian_prior.h>

#include <algorithm>
#include <cmath>

namespace lodestone
{

namespace
{

const double pi = std::acos(-1.);

/// A list of positive numbers.
std::vector<double> read_list(const std::string &text, const Quantity quantity, const std::string &where)
{
  std::vector<double> values;
  for (const auto &item : split_list(text))
  {
    values.push_back(parse_quantity(item, quantity, where));
    if (!(values.back() > 0 && std::isfinite(values.back())))
      throw InputError(where, "\"" + item + "\" is not positive", "Give a positive number.");
  }
  if (values.empty())
    throw InputError(where, "it is empty", "Give one positive number, or one for each unknown field.");
  return values;
}

/// One value for each field.
std::vector<double> read_fields(const std::string &text, const Quantity quantity, const std::string &where,
                                const std::vector<std::string> &fields)
{
  auto values = read_list(text, quantity, where);
  if (values.size() == 1)
    values.resize(fields.size(), values[0]);
  if (values.size() != fields.size())
    throw InputError(where,
                     "\"" + text + "\" holds " + std::to_string(values.size()) + " numbers for " +
                         std::to_string(fields.size()) + " unknown fields",
                     "Give one number, or one for each field.");
  return values;
}

/// Factors of M, K_h and K_v of one field.
struct Factors
{
  double mass, horizontal, vertical;
};

template <int dim>
std::vector<Factors> smoothing_factors(const PriorParameters &p, const Mesh<dim> &mesh,
                                       const std::vector<std::string> &fields, const double weight)
{
  double width = mesh.upper()[0] - mesh.lower()[0];
  for (unsigned int d = 1; d + 1 < dim; ++d)
    width = std::max(width, mesh.upper()[d] - mesh.lower()[d]);
  const auto deviations = read_fields(p.standard_deviation, Quantity::number, "Prior/Standard deviation", fields);
  const auto horizontal = p.horizontal_length.empty() ? std::vector<double>(fields.size(), 0.1 * width)
                                                      : read_fields(p.horizontal_length, Quantity::length,
                                                                    "Prior/Horizontal correlation length", fields);
  const auto vertical = p.vertical_length.empty() ? horizontal
                                                  : read_fields(p.vertical_length, Quantity::length,
                                                                "Prior/Vertical correlation length", fields);
  std::vector<Factors> factors;
  for (std::size_t k = 0; k < fields.size(); ++k)
  {
    const double Lh = horizontal[k], Lv = vertical[k];
    const double volume = dim == 3 ? 8 * pi * Lh * Lh * Lv : 2 * pi * Lh * Lv;
    const double mass = weight / (deviations[k] * deviations[k] * volume);
    factors.push_back({mass, mass * Lh * Lh, mass * Lv * Lv});
  }
  return factors;
}

template <int dim>
std::vector<Factors> factors_by_field(const PriorParameters &p, const Mesh<dim> &mesh,
                                      const std::vector<std::string> &fields, const double mean_volume)
{
  p.validate();
  const double weight = parse_quantity(p.weight, Quantity::number, "Prior/Weight");
  if (!p.mass_weight.empty())
  {
    const double mass = parse_quantity(p.mass_weight, Quantity::number, "Prior/Mass weight");
    const double gradient =
        p.gradient_weight.empty() ? 0 : parse_quantity(p.gradient_weight, Quantity::number, "Prior/Gradient weight");
    return std::vector<Factors>(fields.size(), Factors{weight * mass, weight * gradient, weight * gradient});
  }
  if (p.type == "H1")
    return smoothing_factors(p, mesh, fields, weight);
  std::vector<Factors> factors;
  for (const double s : read_fields(p.standard_deviation, Quantity::number, "Prior/Standard deviation", fields))
    factors.push_back({weight / (s * s * mean_volume), 0, 0});
  return factors;
}

void add_term(const FaceTerm &term, const std::vector<Factors> &factors, const GaussianPrior::AddEntry &add)
{
  const unsigned int n_fields = factors.size();
  for (unsigned int k = 0; k < n_fields; ++k)
  {
    const double weight = factors[k].horizontal * term.horizontal + factors[k].vertical * term.vertical;
    for (unsigned int i = 0; i < term.size; ++i)
      for (unsigned int j = 0; j < term.size; ++j)
        add(term.cell[i] * n_fields + k, term.cell[j] * n_fields + k,
            weight * (term.coefficient[i] * term.coefficient[j]));
  }
}

} // namespace

void PriorParameters::add_parameters(dealii::ParameterHandler &handler)
{
  const dealii::Patterns::Anything anything;
  const std::string list = " One number for all unknown fields, or a list with one for each.";
  handler.add_parameter(
      "Type", type,
      "What is held against a model m: Tikhonov, its squared distance from the background cell by cell; H1, that "
      "and its squared gradient, which makes it smooth over the correlation lengths.",
      dealii::Patterns::Selection("Tikhonov|H1"));
  handler.add_parameter(
      "Standard deviation", standard_deviation,
      "How far m is expected to be from the background (dimensionless; 0.5 with the log transform: a factor "
      "exp(0.5) = 1.65), positive." +
          list,
      anything);
  handler.add_parameter(
      "Horizontal correlation length", horizontal_length,
      "H1: distance over which m changes (m; units m, km), positive. Empty: a tenth of the model's width." + list,
      anything);
  handler.add_parameter("Vertical correlation length", vertical_length,
                        "H1: the same in the vertical. Empty: the horizontal one." + list, anything);
  handler.add_parameter("Weight", weight, "Factor of the whole prior (dimensionless), positive.", anything);
  handler.add_parameter(
      "Gradient weight", gradient_weight,
      "Factor of the squared gradient's integral itself, 0 or positive (m^(2-dim)); needs `Mass weight`. Empty: from "
      "standard deviation and correlation lengths.",
      anything);
  handler.add_parameter(
      "Mass weight", mass_weight,
      "Factor of the integral of m^2 itself, positive (m^-dim); it and `Gradient weight` replace standard deviation "
      "and correlation lengths. Empty: from those.",
      anything);
}

void PriorParameters::validate() const
{
  if (type != "Tikhonov" && type != "H1")
    throw InputError("Prior/Type", "\"" + type + "\" is not known", "Choose Tikhonov or H1.");
  (void)read_list(standard_deviation, Quantity::number, "Prior/Standard deviation");
  if (!horizontal_length.empty())
    (void)read_list(horizontal_length, Quantity::length, "Prior/Horizontal correlation length");
  if (!vertical_length.empty())
    (void)read_list(vertical_length, Quantity::length, "Prior/Vertical correlation length");
  if (read_list(weight, Quantity::number, "Prior/Weight").size() != 1)
    throw InputError("Prior/Weight", "\"" + weight + "\" is a list", "Give one number.");
  if (!mass_weight.empty() && !(parse_quantity(mass_weight, Quantity::number, "Prior/Mass weight") > 0))
    throw InputError("Prior/Mass weight", "\"" + mass_weight + "\" is not positive",
                     "The gradient alone does not see a constant: give a positive number.");
  if (gradient_weight.empty())
    return;
  if (mass_weight.empty())
    throw InputError("Prior/Mass weight", "it is not given, but `Gradient weight` is", "Give both, or neither.");
  if (!(parse_quantity(gradient_weight, Quantity::number, "Prior/Gradient weight") >= 0))
    throw InputError("Prior/Gradient weight", "\"" + gradient_weight + "\" is negative",
                     "Give 0 or a positive number.");
  if (type == "Tikhonov")
    throw InputError("Prior/Gradient weight", "it is given, but the type is Tikhonov",
                     "Set Type = H1, or leave it empty.");
}

template <int dim>
std::unique_ptr<GaussianPrior> make_prior(const PriorParameters &parameters, const ParameterCells<dim> &cells,
                                          const std::shared_ptr<const ParameterLayout> &layout)
{
  const unsigned int n_fields = layout->fields.size();
  const auto n_cell_entries = layout->n_cells * n_fields;
  DistributedVector volumes = cells.volumes(*layout);
  double mean = 0;
  for (const auto i : volumes.locally_owned_elements())
    mean += i < n_cell_entries ? volumes(i) : 0;
  mean = n_cell_entries > 0 ? dealii::Utilities::MPI::sum(mean, cells.mesh().communicator()) / n_cell_entries : 1;

  const std::vector<Factors> factors = factors_by_field(parameters, cells.mesh(), layout->fields, mean);
  ParameterVector weights(layout);
  for (const auto i : volumes.locally_owned_elements())
    weights.values()(i) = i < n_cell_entries ? volumes(i) / mean : 1;
  const bool smooth =
      std::any_of(factors.begin(), factors.end(), [](const Factors &f) { return f.horizontal > 0 || f.vertical > 0; });
  std::unique_ptr<FaceTerms<dim>> terms;
  if (smooth)
    terms = std::make_unique<FaceTerms<dim>>(cells);

  const auto entries = [&](const GaussianPrior::AddEntry &add) {
    for (const auto i : volumes.locally_owned_elements())
      add(i, i, i < n_cell_entries ? factors[i % n_fields].mass * volumes(i) : 1);
    if (smooth)
      terms->for_each([&](const FaceTerm &term) { add_term(term, factors, add); });
  };
  return std::make_unique<GaussianPrior>(layout, entries, std::move(weights));
}

template std::unique_ptr<GaussianPrior> make_prior<2>(const PriorParameters &, const ParameterCells<2> &,
                                                      const std::shared_ptr<const ParameterLayout> &);
template std::unique_ptr<GaussianPrior> make_prior<3>(const PriorParameters &, const ParameterCells<3> &,
                                                      const std::shared_ptr<const ParameterLayout> &);

} // namespace lodestone
