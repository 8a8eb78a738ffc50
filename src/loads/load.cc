#include <lodestone/base/csv.h>
#include <lodestone/base/deck.h>
#include <lodestone/base/error.h>
#include <lodestone/loads/dislocation.h>
#include <lodestone/loads/load_entries.h>
#include <lodestone/loads/region_load.h>
#include <lodestone/loads/source_load.h>
#include <lodestone/loads/surface_load.h>

#include <algorithm>

namespace lodestone
{

namespace
{
const std::string type_help =
    "Kind of load: traction, pressure, traction table, pressure table, point force (forces); body force, pore "
    "pressure, eigenstrain, eigenstress (in a region); point source, dislocation, potency "
    "points (volume change or slip).";
} // namespace

template <int dim>
void Load<dim>::add_parameters(dealii::ParameterHandler &handler)
{
  declare_load_type(handler, type_entry_);
  handler.add_parameter("Strength", strength_text_,
                        "Factor of the whole load, or \"estimate\" to find it from the data.",
                        dealii::Patterns::Anything());
  handler.add_parameter("Prior mean", prior_mean_text_, "Expected strength, when it is estimated (factor).",
                        dealii::Patterns::Anything());
  handler.add_parameter("Prior standard deviation", prior_sigma_text_,
                        "Of an estimated strength about its prior mean (factor); 0: no prior.",
                        dealii::Patterns::Anything());
  add_own_parameters(handler);
}

template <int dim>
void Load<dim>::validate(const LoadContext &context)
{
  estimated_ = trimmed(strength_text_) == "estimate";
  strength_ = estimated_ ? 1 : parse_quantity(strength_text_, Quantity::number, where("Strength"));
  prior_mean_ = parse_quantity(prior_mean_text_, Quantity::number, where("Prior mean"));
  prior_sigma_ = parse_quantity(prior_sigma_text_, Quantity::number, where("Prior standard deviation"));
  if (prior_sigma_ < 0)
    throw InputError(where("Prior standard deviation"), "found " + prior_sigma_text_,
                     "It is positive, or 0 for no prior.");
  if (!estimated_ && prior_sigma_ > 0)
    throw InputError(where("Prior standard deviation"), "a prior is given for a strength that is not estimated",
                     "Set Strength = estimate, or leave the prior out.");
  validate_own(context);
}

template <int dim>
void Load<dim>::note_zeros(const std::map<std::string, std::string> &texts)
{
  auto entries = amount_entries();
  for (const char *factor : {"Biot coefficient", "Expansion coefficient", "Gravity"})
    entries.emplace_back(factor, Quantity::number);
  for (const auto &[entry, quantity] : entries)
    if (const auto text = texts.find(entry); text != texts.end() && !trimmed(text->second).empty())
    {
      if (amount_entry_.empty())
        amount_entry_ = entry;
      const auto items = split_list(text->second);
      const auto zero = [unit = quantity](const std::string &item) { return is_plain_zero(item, unit); };
      zero_as_given_ = zero_as_given_ || (!items.empty() && std::all_of(items.begin(), items.end(), zero));
    }
}

template <int dim>
typename Load<dim>::Nothing Load<dim>::describe_nothing(const Mesh<dim> &mesh) const
{
  return {amount_entry_, "the load is zero everywhere and has no effect",
          "Check its formula and where it differs from 0; the mesh spans " + point_text<dim>(mesh.lower()) + " to " +
              point_text<dim>(mesh.upper()) +
              " m, z up. If the load should not act, leave it out of Loads or give a plain 0."};
}

template <int dim>
void Load<dim>::check_acts(const LoadVector<dim> &load, const Mesh<dim> &mesh) const
{
  if (!load.is_zero())
    return;
  if (zero_as_given_ && !estimated_)
    return;
  if (zero_as_given_)
    throw InputError(where("Strength"), "the strength of a load that is 0 as given cannot be estimated",
                     "Give the load the size that a strength of 1 stands for.");
  const Nothing nothing = describe_nothing(mesh);
  throw InputError(where(nothing.entry), nothing.found, nothing.remedy);
}

template <int dim>
void Load<dim>::check_rates(const std::map<std::string, std::string> &texts, const LoadContext &context) const
{
  for (const auto &[entry, quantity] : amount_entries())
    if (const auto text = texts.find(entry); text != texts.end())
      for (const auto &item : split_list(text->second))
        check_rate(item, quantity, context.rates, where(entry));
}

template <int dim>
LoadVector<dim> Load<dim>::assemble(const DisplacementSpace<dim> &space, const PointLocator<dim> &locator) const
{
  LoadAssembler<dim> assembler(space, locator, where());
  add_to(assembler);
  LoadVector<dim> load = assembler.finish();
  check_acts(load, space.mesh());
  load.name = name_;
  load.strength = strength_;
  load.estimated = estimated_;
  load.prior_mean = prior_mean_;
  load.prior_sigma = prior_sigma_;
  load.kinematic = kinematic();
  load.amounts = amounts();
  return load;
}

const std::vector<std::string> &load_types()
{
  static const std::vector<std::string> types = {"traction",    "pressure",     "traction table", "pressure table",
                                                 "point force", "body force",   "pore pressure",  "eigenstrain",
                                                 "eigenstress", "point source", "dislocation",    "potency points"};
  return types;
}

void declare_load_type(dealii::ParameterHandler &handler, std::string &type)
{
  handler.add_parameter("Type", type, type_help, dealii::Patterns::Anything());
}

template <int dim>
std::unique_ptr<Load<dim>> make_load(const std::string &entry, const std::string &name, const std::string &path)
{
  const std::string type = trimmed(entry);
  if (type == "traction")
    return std::make_unique<Traction<dim>>(name, path);
  if (type == "pressure")
    return std::make_unique<Pressure<dim>>(name, path);
  if (type == "pressure table")
    return std::make_unique<PressureTable<dim>>(name, path);
  if (type == "traction table")
    return std::make_unique<TractionTable<dim>>(name, path);
  if (type == "point force")
    return std::make_unique<PointForce<dim>>(name, path);
  if (type == "body force")
    return std::make_unique<BodyForce<dim>>(name, path);
  if (type == "pore pressure")
    return std::make_unique<PorePressure<dim>>(name, path);
  if (type == "eigenstrain")
    return std::make_unique<Eigenstrain<dim>>(name, path);
  if (type == "eigenstress")
    return std::make_unique<Eigenstress<dim>>(name, path);
  if (type == "point source")
    return std::make_unique<PointSource<dim>>(name, path);
  if (type == "dislocation")
    return std::make_unique<Dislocation<dim>>(name, path);
  if (type == "potency points")
    return std::make_unique<PotencyPoints<dim>>(name, path);

  std::string known;
  for (const auto &t : load_types())
    known += (known.empty() ? "" : ", ") + t;
  const std::string nearest = nearest_name(type, load_types());
  throw InputError(path + "/Type", type.empty() ? "no type is given" : "there is no type \"" + type + "\"",
                   (nearest.empty() ? "" : "Did you mean \"" + nearest + "\"? ") + ("Known: " + known + "."));
}

template class Load<2>;
template class Load<3>;
template std::unique_ptr<Load<2>> make_load<2>(const std::string &, const std::string &, const std::string &);
template std::unique_ptr<Load<3>> make_load<3>(const std::string &, const std::string &, const std::string &);

} // namespace lodestone
