#include <lodestone/app/file_names.h>
#include <lodestone/app/run_parameters.h>
#include <lodestone/app/time_limit.h>
#include <lodestone/base/error.h>
#include <lodestone/base/formula.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/parameter_entries.h>
#include <lodestone/base/parameter_text.h>
#include <lodestone/loads/load_types.h>
#include <lodestone/loads/rates.h>

#include <algorithm>
#include <set>

namespace lodestone
{

namespace
{
using dealii::ParameterHandler;
using dealii::Patterns::Anything;

// Entries that have been renamed: a deck that uses the old name is told the new one.
const std::vector<Deck::RenamedEntry> renamed_entries = {{"Prior mean", "Strength mean"},
                                                         {"Prior standard deviation", "Strength standard deviation"},
                                                         {"Every", "VTU every"},
                                                         {"History", "Quasi-Newton memory"}};

const Choice<DataWeights> data_weight_choices = {{DataWeights::given, "given"}, {DataWeights::estimate, "estimate"}};

// Entries of one subsection, declared by the class that they configure.
template <typename Declare>
void in_subsection(ParameterHandler &handler, const std::string &name, const Declare &declare)
{
  handler.enter_subsection(name);
  declare();
  handler.leave_subsection();
}

std::vector<std::string> distinct_names(const std::string &list, const std::string &entry, std::set<std::string> &used)
{
  std::vector<std::string> names = split_list(list);
  for (const auto &name : names)
    if (name.find('.') != std::string::npos)
      throw InputError(entry, "the name '" + name + "' has a dot in it",
                       "Write another character in its place: parameter files keep the dot for paths of subsections.");
    else if (!used.insert(name).second)
      throw InputError(entry, "the name '" + name + "' is used twice in '" + list + "'",
                       "Give every load case, and every load and data set of a load case, a name of its own.");
  return names;
}
} // namespace

unsigned int read_dimension(const Deck &deck)
{
  std::string text = "3";
  ParameterHandler handler;
  handler.add_parameter("Dimension", text, "", dealii::Patterns::Selection("2|3"));
  deck.fill(handler);
  return std::stoul(text);
}

template <int dim>
void RunParameters<dim>::declare(ParameterHandler &handler)
{
  handler.add_parameter("Title", title, "A line for the log.", Anything());
  handler.add_parameter("Dimension", dimension, "3, or 2 for plane strain (x and z).",
                        dealii::Patterns::Selection("2|3"));
  handler.add_parameter("Output directory", output_directory,
                        "Where results go; made when it does not exist. A relative path starts from the folder of this "
                        "file, as all others do.",
                        Anything());
  handler.add_parameter("Wall time limit", wall_time_limit,
                        "Time that the run may take, such as 11.5 h. It stops by itself before that, writes its "
                        "results and a checkpoint, and ends with exit code 3. auto: what the scheduler leaves to the "
                        "job (Slurm, PBS). none: no limit.",
                        Anything());
  handler.add_parameter(
      "Geographic origin", origin,
      "Longitude and latitude (degrees, WGS84) of x = y = 0, for input in lon, lat; empty: model coordinates only.",
      Anything());
  in_subsection(handler, "Mesh", [&] {
    mesh.add_parameters(handler);
    mesh.add_zone_parameters(handler);
  });
  in_subsection(handler, "Material", [&] {
    material.add_parameters(handler);
    material.add_zone_parameters(handler);
  });
  in_subsection(handler, "Boundary conditions", [&] {
    boundary_conditions.add_parameters(handler);
    boundary_conditions.add_named_parameters(handler);
  });
  in_subsection(handler, "Load cases", [&] {
    handler.add_parameter("Names", load_case_names,
                          "Load cases; each opens a subsection of its name with its loads and its data.", Anything());
    add_choice(handler, "Weights", data_weights, data_weight_choices,
               "Relative weights of the data sets. given: those that follow from sigma and from the sets' own Weight. "
               "estimate: at the minimum, sigma of each set is multiplied by the factor that its residuals and its "
               "redundancy ask for (variance components), and the minimisation goes on from there, until the factors "
               "stay.");
    for (auto &load_case : load_cases)
      in_subsection(handler, load_case.name, [&] {
        handler.add_parameter("Loads", load_case.load_names, "Loads of the case; each opens a subsection of its name.",
                              Anything());
        handler.add_parameter("Data sets", load_case.data_set_names,
                              "Data sets of the case; each opens a subsection of its name.", Anything());
        for (auto &load : load_case.loads)
          in_subsection(handler, load.name, [&] { load.add_parameters(handler); });
        for (auto &data_set : load_case.data_sets)
          in_subsection(handler, data_set.name, [&] { data_set.add_parameters(handler); });
      });
  });
  in_subsection(handler, "Prior", [&] { prior.add_parameters(handler); });
  in_subsection(handler, "Optimizer", [&] { inversion.add_parameters(handler); });
  in_subsection(handler, "Solver", [&] {
    handler.add_parameter("Element degree", element_degree, "Polynomial degree of the displacement (1 or 2).",
                          dealii::Patterns::Integer(1, 2));
    solver.add_parameters(handler);
  });
  in_subsection(handler, "Output", [&] { output.add_parameters(handler); });
}

template <int dim>
void RunParameters<dim>::take_names(const RunParameters &coarser)
{
  mesh.zone_list = coarser.mesh.zone_list;
  material.zones = coarser.material.zones;
  prior.take_names(coarser.prior);
  boundary_conditions.prescribed_names = coarser.boundary_conditions.prescribed_names;
  boundary_conditions.spring_names = coarser.boundary_conditions.spring_names;
  std::set<std::string> case_names;
  for (const auto &name : distinct_names(coarser.load_case_names, "Load cases/Names", case_names))
  {
    LoadCaseParameters<dim> load_case;
    load_case.name = name;
    const std::string path = "Load cases/" + name;
    for (const auto &known : coarser.load_cases)
      if (known.name == name)
      {
        std::set<std::string> used;
        for (const auto &load_name : distinct_names(known.load_names, path + "/Loads", used))
        {
          LoadParameters<dim> load;
          load.name = load_name;
          load.path = path + "/" + load_name;
          for (const auto &known_load : known.loads)
            if (known_load.name == load_name)
              load.type = known_load.type;
          load_case.loads.push_back(load);
        }
        for (const auto &set_name : distinct_names(known.data_set_names, path + "/Data sets", used))
        {
          DataSet::Parameters data_set;
          data_set.name = set_name;
          data_set.where = path + "/" + set_name;
          load_case.data_sets.push_back(data_set);
        }
      }
    load_cases.push_back(load_case);
  }
  std::vector<NamesOfCase> names;
  for (const auto &load_case : load_cases)
  {
    names.push_back({load_case.name, {}});
    for (const auto &data_set : load_case.data_sets)
      names.back().second.push_back(data_set.name);
  }
  check_file_names(names);
}

template <int dim>
void RunParameters<dim>::check_load_types() const
{
  for (const auto &load_case : load_cases)
    for (const auto &load : load_case.loads)
      if (trimmed(load.type).empty())
        (void)find_load_type<dim>(load.type, load.path); // says which types there are
}

template <int dim>
void RunParameters<dim>::check_continuation() const
{
  const std::string where = "Optimizer/Continuation levels";
  const unsigned int levels = inversion.continuation_levels, most = mesh.n_coarser();
  if (levels == 0)
    return;
  if (mesh.adapt)
    throw InputError(where, "found " + std::to_string(levels) + ", and Mesh/Adapt = yes changes the finest mesh",
                     "Set one of the two: Continuation levels = 0, or Adapt = no.");
  if (material.cells.differ())
    throw InputError(where, "found " + std::to_string(levels) + ", and one field has zones while another has cells",
                     "Set Continuation levels = 0, or give all fields the same Material/Parameter cells.");
  if (levels > most)
    throw InputError(where,
                     "found " + std::to_string(levels) +
                         ", but the cells of this mesh can be joined to cells twice as "
                         "large only " +
                         counted(most, "time"),
                     std::string("Give at most ") + std::to_string(most) +
                         (mesh.source == MeshSource::box
                              ? ", or numbers in Mesh/Cells all of which can be divided by 2 so often."
                              : ", or a coarser mesh of gmsh and Mesh/Refinements."));
}

template <int dim>
RunParameters<dim> RunParameters<dim>::read_levels(const Deck &deck, const std::string &heading, std::string &resolved)
{
  // Names of cases; names of their loads and data sets; types of the loads; then everything.
  constexpr unsigned int n_levels = 4;
  RunParameters coarser;
  for (unsigned int level = 0; level < n_levels; ++level)
  {
    RunParameters finer;
    finer.take_names(coarser);
    ParameterHandler handler;
    finer.declare(handler);
    deck.fill(handler);
    if (level + 1 == n_levels)
    {
      finer.check_load_types(); // first: without its type none of a load's entries is known
      if (finer.prior.means_h1())
        in_subsection(handler, "Prior", [&] { handler.set("Type", "H1"); });
      deck.check(handler, renamed_entries);
      resolved = parameter_text(handler, heading);
    }
    coarser = std::move(finer);
  }
  return coarser;
}

template <int dim>
std::string RunParameters<dim>::describe(const Deck &deck)
{
  std::string text;
  (void)read_levels(deck,
                    "Every entry with its default and what is allowed. Copy what you need; entries that are left out "
                    "have their defaults.",
                    text);
  return text;
}

template <int dim>
RunParameters<dim> RunParameters<dim>::read(const Deck &deck, std::string &resolved)
{
  RunParameters parameters =
      read_levels(deck, "Every entry, with its value in this run, what is allowed, and its default.", resolved);
  parameters.mesh.validate(deck.directory());
  parameters.material.validate();
  for (auto &load_case : parameters.load_cases)
  {
    if (load_case.loads.empty() && parameters.boundary_conditions.prescribed.empty())
      throw InputError("Load cases/" + load_case.name + "/Loads", "the load case has no load",
                       "Name at least one load, or prescribe the displacement of a boundary.");
    load_case.validate();
  }
  const char *const components[] = {"East", "North", "Up"};
  for (const auto &load_case : parameters.load_cases)
    for (const auto &boundary : parameters.boundary_conditions.prescribed)
      for (unsigned int d = 0; d < 3; ++d)
        check_rate(boundary.component[d], Quantity::length, load_case.has_rates(),
                   "Boundary conditions/" + boundary.boundary + "/" + components[d]);
  (void)TimeLimit::read(parameters.wall_time_limit);
  (void)parameters.output.read_surface_grid(dim, !trimmed(parameters.origin).empty());
  if (parameters.load_cases.empty())
    throw InputError("Load cases/Names", "no load case is named",
                     "Name at least one, and give it a subsection with its loads.");
  parameters.inversion.validate();
  parameters.prior.validate();
  parameters.check_continuation();
  if (parameters.inversion.target > 0 && parameters.prior.weight_choice().choice != WeightChoice::given)
    throw InputError("Optimizer/Target misfit",
                     "it is " + significant(parameters.inversion.target) + ", and Prior/Weight = " +
                         trimmed(parameters.prior.weight) + " needs minimisers, which early stopping does not find",
                     "Set it to 0 and give Prior/Discrepancy target instead, or give Prior/Weight a number.");
  return parameters;
}

template <int dim>
bool RunParameters<dim>::has_rates() const
{
  return std::any_of(load_cases.begin(), load_cases.end(), [](const auto &load_case) { return load_case.has_rates(); });
}

template struct RunParameters<2>;
template struct RunParameters<3>;

} // namespace lodestone
