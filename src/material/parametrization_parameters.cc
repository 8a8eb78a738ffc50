#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/parameter_entries.h>
#include <lodestone/material/parametrization.h>

namespace lodestone
{

namespace
{

const std::string default_young = "20 GPa", default_poisson = "0.25";

const Choice<CutCells> cut_cell_rules = {{CutCells::mean, "mean"}, {CutCells::centre, "centre"}};
const Choice<ParameterCellKind> kinds = {{ParameterCellKind::cells, "cells"}, {ParameterCellKind::zones, "zones"}};

void declare_background(dealii::ParameterHandler &handler, BackgroundEntries &entries, const std::string &otherwise)
{
  for (const BackgroundEntry &entry : background_entries())
    add_text(handler, entry.name, entries.*entry.text,
             entry.help +
                 " A value, a formula of x, y, z (m) and depth (m), or \"table "
                 "FILE\": a CSV with the columns depth [m] below z = 0 and " +
                 entry.column + (entry.allowed.quantity == Quantity::pressure ? " [GPa] (units in brackets)" : "") +
                 ", linear between its rows and constant beyond its ends; two rows of one depth make a jump." +
                 otherwise);
}

} // namespace

template <int dim>
Parametrization<dim>::Parameters::Parameters() : BackgroundEntries{default_young, default_poisson, "", ""}
{
}

template <int dim>
void Parametrization<dim>::Parameters::add_parameters(dealii::ParameterHandler &handler)
{
  declare_background(handler, *this, "");
  add_text(handler, "Zones", zones,
           "Names of zones with a background of their own. Each name opens a subsection with the same four entries; "
           "those left empty are taken from here.");
  add_choice(handler, "Cut cells", cut_cells, cut_cell_rules,
             "What cells take inside which the background jumps: mean: means of its moduli over the cell; centre: "
             "its moduli at the centre of the cell.");
  UnknownEntries::add_parameters(handler);
  add_text(handler, "Fixed region", fixed_region,
           "A formula of x, y, z (m); cells whose centre fulfils it keep their background. Empty: none.");
  add_text(handler, "Fixed zones", fixed_zones, "Names of zones whose cells keep their background.");
  handler.declare_entry("Parameter cells", kinds.word(cells.kind), dealii::Patterns::Anything(),
                        "cells: there is one unknown per finite-element cell, or per ancestor of it (see Parameter "
                        "coarsening); zones: there is one per zone. One word for all unknown fields, or one for each: "
                        "zones, cells.");
  handler.add_action("Parameter cells", [this](const std::string &text) {
    cells.by_field.clear();
    for (const std::string &word : split_list(text))
      cells.by_field.push_back(kinds.value(word, "Material/Parameter cells"));
    if (cells.by_field.empty())
      throw InputError("Material/Parameter cells", "it is empty", "Give one of cells and zones.");
    cells.kind = cells.differ() ? ParameterCellKind::cells : cells.by_field.front();
    if (cells.by_field.size() == 1)
      cells.by_field.clear();
  });
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
  if (gives_bulk_or_shear() && young == default_young && poisson == default_poisson)
    entries.young = entries.poisson = "";
  if (entries.gives_bulk_or_shear() && entries.gives_young_or_poisson())
    throw InputError("Material", "both (Young modulus, Poisson ratio) and (Bulk modulus, Shear modulus) are given",
                     "Two numbers describe the material: give one pair.");
  return entries;
}

template <int dim>
void Parametrization<dim>::Parameters::validate() const
{
  const std::size_t n_fields = UnknownFields(*this).fields.size(), n_words = cells.by_field.size();
  if (n_words > 0 && n_words != n_fields)
    throw InputError("Material/Parameter cells",
                     "found " + counted(n_words, "word") + " for " + counted(n_fields, "unknown field"),
                     "Give one of cells and zones, or one for each field, in the order of Unknowns.");
  (void)background();
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
