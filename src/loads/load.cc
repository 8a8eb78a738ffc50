#include <lodestone/base/entry_values.h>
#include <lodestone/base/error.h>
#include <lodestone/discretization/mesh_extent.h>
#include <lodestone/loads/load.h>
#include <lodestone/loads/load_types.h>
#include <lodestone/loads/rates.h>

#include <algorithm>

namespace lodestone
{

template <int dim>
void Load<dim>::add_parameters(dealii::ParameterHandler &handler)
{
  add_text(handler, "Type", type_entry_, load_type_help<dim>(type_));
  add_text(handler, "Strength", strength_text_, "Factor of the whole load, or \"estimate\" to find it from the data.");
  add_text(handler, "Strength mean", mean_text_,
           "Only with Strength = estimate and a Strength standard deviation: the strength that is expected, as a "
           "multiple of the load. 1: the load as it is given.");
  add_text(handler, "Strength standard deviation", deviation_text_,
           "Only with Strength = estimate: the expected spread of the strength about its mean, as a multiple of the "
           "load. 0: the strength is free.");
  add_own_parameters(handler);
}

template <int dim>
void Load<dim>::validate(const LoadContext &context)
{
  read_strength();
  validate_own(context);
  read_amounts(context);
}

template <int dim>
void Load<dim>::read_strength()
{
  const std::string deviation = where("Strength standard deviation");
  estimated_ = trimmed(strength_text_) == "estimate";
  strength_ = estimated_ ? 1 : parse_quantity(strength_text_, Quantity::number, where("Strength"));
  mean_ = parse_quantity(mean_text_, Quantity::number, where("Strength mean"));
  deviation_ = parse_quantity(deviation_text_, Quantity::number, deviation);
  if (deviation_ < 0)
    throw InputError(deviation, "found " + deviation_text_, "It is positive, or 0 where the strength is free.");
  if (!estimated_ && deviation_ > 0)
    throw InputError(deviation, "found " + deviation_text_ + " for a strength that is not estimated",
                     "Set Strength = estimate, or leave the standard deviation out.");
}

template <int dim>
void Load<dim>::read_amounts(const LoadContext &context)
{
  zero_as_given_ = false;
  amount_entry_.clear();
  for (const AmountEntry &entry : amount_entries())
  {
    const auto items = split_list(*entry.text);
    if (items.empty())
      continue;
    if (amount_entry_.empty())
      amount_entry_ = entry.name;
    for (const auto &item : items)
      if (!entry.is_factor)
        check_rate(item, entry.quantity, context.rates, where(entry.name));
    zero_as_given_ = zero_as_given_ || std::all_of(items.begin(), items.end(), [&](const std::string &item) {
                       return is_plain_zero(item, entry.quantity);
                     });
  }
}

template <int dim>
typename Load<dim>::Nothing Load<dim>::describe_nothing(const Mesh<dim> &mesh) const
{
  return {amount_entry_, "the load is zero everywhere and has no effect",
          "Check its formula and where it differs from 0. " + mesh_extent_text(mesh) +
              ". If the load should not act, leave it out of Loads or give a plain 0."};
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
LoadVector<dim> Load<dim>::assemble(const DisplacementSpace<dim> &space, const PointLocator<dim> &locator,
                                    const Surroundings<dim> *surroundings) const
{
  LoadAssembler<dim> assembler(space, locator, where(), surroundings);
  add_to(assembler);
  LoadVector<dim> load = assembler.finish();
  check_acts(load, space.mesh());
  load.name = name_;
  load.strength = strength_;
  load.estimated = estimated_;
  load.prior_mean = mean_;
  load.prior_sigma = deviation_;
  load.kinematic = kinematic();
  const auto with_moduli = std::move(load.amounts); // such as the moment
  load.amounts = amounts();
  load.amounts.insert(load.amounts.end(), with_moduli.begin(), with_moduli.end());
  return load;
}

template class Load<2>;
template class Load<3>;

} // namespace lodestone
