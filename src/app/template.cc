#include <lodestone/app/commands.h>
#include <lodestone/app/run_parameters.h>
#include <lodestone/loads/load_types.h>

#include <sstream>

namespace lodestone
{

namespace
{

// Names that open subsections whose entries the template shows as an example.
const char *const some_zone = "some zone", *const some_boundary = "some boundary",
                  *const other_boundary = "other boundary";

/// A deck with every kind of load once, so that each entry there is appears.
template <int dim>
std::string deck_text()
{
  std::vector<std::string> names;
  std::string subsections;
  for (const LoadType<dim> &type : load_types<dim>())
  {
    names.push_back("some " + type.name);
    subsections += "subsection " + names.back() + "\n set Type = " + type.name + "\nend\n";
  }
  return "set Dimension = " + std::to_string(dim) + "\nsubsection Material\n set Zones = " + some_zone +
         "\nend\nsubsection Prior\n set Zones = " + some_zone +
         "\nend\nsubsection Boundary conditions\n set Prescribed displacement = " + some_boundary +
         "\n set Springs = " + other_boundary +
         "\nend\nsubsection Load cases\n set Names = some case\n subsection some case\n set Loads = " + join(names) +
         "\n set Data sets = some data\n" + subsections + "end\nend\n";
}

/// Makes comments of the examples, since their names are no zone or boundary of any mesh, and empties the lists that
/// name them.
std::string with_commented_examples(const std::string &text)
{
  std::istringstream in(text);
  std::string result, waiting; // a comment that may belong to a list to be emptied
  unsigned int depth = 0;      // of subsections in an example
  for (std::string line; std::getline(in, line);)
  {
    const std::string statement = trimmed(line), indent = line.substr(0, line.find_first_not_of(' '));
    bool example = depth > 0, list = false;
    for (const std::string name : {some_zone, some_boundary, other_boundary})
    {
      if (statement == "subsection " + name)
      {
        example = true;
        ++depth;
      }
      list = list || (starts_with(statement, "set ") && statement.find("= " + name) != std::string::npos);
    }
    if (depth > 0 && statement == "end")
      --depth;
    if (statement == "# Default: empty")
    {
      waiting = line + "\n";
      continue;
    }
    if (list) // its default is what is shown
      line = line.substr(0, line.find('=') + 1);
    else
      result += waiting;
    waiting.clear();
    if (example && !statement.empty() && statement.front() != '#')
      line = indent + "# " + statement;
    result += line + "\n";
  }
  return result;
}

template <int dim>
std::string text_for()
{
  return with_commented_examples(RunParameters<dim>::describe(Deck::from_text(deck_text<dim>())));
}

} // namespace

std::string template_text(const unsigned int dim)
{
  return dim == 2 ? text_for<2>() : text_for<3>();
}

} // namespace lodestone
