#include <lodestone/base/error.h>
#include <lodestone/base/formula.h>
#include <lodestone/base/units.h>
#include <lodestone/material/parametrization.h>

namespace lodestone
{

namespace
{

const std::string default_young = "20 GPa", default_poisson = "0.25";

void declare_background(dealii::ParameterHandler &handler, BackgroundEntries &entries, const std::string &otherwise)
{
  const std::string forms =
      " A value, a formula of x, y, z (m) and depth (m), evaluated at the centre of each cell, or \"table FILE\", a "
      "CSV with "
      "columns depth (m below z = 0) and young, poisson, bulk or shear, linear between its rows." +
      otherwise;
  const dealii::Patterns::Anything anything;
  handler.add_parameter("Young modulus", entries.young,
                        "Young's modulus E (Pa; units Pa, kPa, MPa, GPa), positive." + forms, anything);
  handler.add_parameter("Poisson ratio", entries.poisson,
                        "Poisson's ratio nu (dimensionless), between -1 and 0.5." + forms, anything);
  handler.add_parameter("Bulk modulus", entries.bulk,
                        "Bulk modulus K (Pa), positive; together with the shear modulus instead of E and nu." + forms,
                        anything);
  handler.add_parameter("Shear modulus", entries.shear,
                        "Shear modulus G (Pa), positive; together with the bulk modulus instead of E and nu." + forms,
                        anything);
}

} // namespace

template <int dim>
Parametrization<dim>::Parameters::Parameters() : BackgroundEntries{default_young, default_poisson, "", ""}
{
}

template <int dim>
void Parametrization<dim>::Parameters::add_parameters(dealii::ParameterHandler &handler)
{
  const dealii::Patterns::Anything anything;
  declare_background(handler, *this, "");
  handler.add_parameter(
      "Zones", zones,
      "Names of zones with a background of their own, each opening a subsection of that name with the same four "
      "entries; those left empty are taken from here.",
      anything);
  handler.add_parameter(
      "Unknowns", unknowns,
      "Which fields are to be found: none | Young modulus | Shear modulus | Bulk modulus | Poisson ratio | Bulk "
      "modulus, Shear modulus | Young modulus, Poisson ratio. With one of E and nu the other keeps its background; "
      "with K, G does.",
      anything);
  handler.add_parameter("Held fixed", held, "What keeps its background when only the shear modulus is unknown.",
                        dealii::Patterns::Selection("Poisson ratio|Bulk modulus"));
  handler.add_parameter(
      "Transform", transform,
      "How a modulus follows from its unknown m (m = 0: background): log, x = background exp(m); logit, x between "
      "the bounds; identity, x = background (1 + m) with bounds on m.",
      dealii::Patterns::Selection("log|logit|identity"));
  handler.add_parameter(
      "Lower bound", lower_bound,
      "Smallest value of the unknown moduli (Pa). Needed by logit; identity takes 1 % of the background when empty.",
      anything);
  handler.add_parameter("Upper bound", upper_bound, "Largest value of the unknown moduli (Pa). Needed by logit.",
                        anything);
  handler.add_parameter("Poisson lower bound", poisson_lower, "Smallest value of an unknown Poisson's ratio, above -1.",
                        anything);
  handler.add_parameter("Poisson upper bound", poisson_upper, "Largest value of an unknown Poisson's ratio, below 0.5.",
                        anything);
  handler.add_parameter("Fixed region", fixed_region,
                        "A formula of x, y, z (m); cells whose centre fulfils it keep their background. Empty: none.",
                        anything);
  handler.add_parameter("Fixed zones", fixed_zones, "Names of zones whose cells keep their background.", anything);
  handler.add_parameter("Parameter cells", cells.kind,
                        "One unknown per finite-element cell (or ancestor of it), or per zone.",
                        dealii::Patterns::Selection("cells|zones"));
  handler.add_parameter("Parameter coarsening", cells.coarsening,
                        "Levels of refinement between the finite-element cells and the parameter cells, at least 0.");
}

template <int dim>
void Parametrization<dim>::Parameters::add_zone_parameters(dealii::ParameterHandler &handler)
{
  zone_backgrounds.clear();
  for (const auto &name : split_list(zones))
  {
    zone_backgrounds.emplace_back();
    zone_backgrounds.back().name = name;
  }
  for (auto &zone : zone_backgrounds) // after the last emplace_back: the handler keeps references
  {
    handler.enter_subsection(zone.name);
    declare_background(handler, zone, " Empty: as outside the zone.");
    handler.leave_subsection();
  }
}

template <int dim>
BackgroundEntries Parametrization<dim>::Parameters::background() const
{
  BackgroundEntries entries = *this;
  const bool by_bulk = !bulk.empty() || !shear.empty();
  if (by_bulk && young == default_young && poisson == default_poisson)
    entries.young = entries.poisson = "";
  if (by_bulk && !(entries.young.empty() && entries.poisson.empty()))
    throw InputError("Material", "both (Young modulus, Poisson ratio) and (Bulk modulus, Shear modulus) are given",
                     "Two numbers describe the material: give one pair.");
  return entries;
}

template <int dim>
void Parametrization<dim>::Parameters::validate() const
{
  (void)UnknownFields(*this);
  (void)background();
  if (cells.kind != "cells" && cells.kind != "zones")
    throw InputError("Material/Parameter cells", "\"" + cells.kind + "\" is not known", "Choose cells or zones.");
}

template <int dim>
void Parametrization<dim>::Parameters::check(const MeshNames &names, const std::string &deck_directory,
                                             const MPI_Comm comm) const
{
  Background<dim>::check(background(), zone_backgrounds, deck_directory, comm);
  for (const auto &zone : zone_backgrounds)
    names.check_zone(zone.name, "Material/" + zone.name);
  if (!fixed_region.empty())
    (void)Formula<dim>(fixed_region, "Material/Fixed region");
  for (const auto &name : split_list(fixed_zones))
    names.check_zone(name, "Material/Fixed zones");
}

template struct Parametrization<2>::Parameters;
template struct Parametrization<3>::Parameters;

} // namespace lodestone
