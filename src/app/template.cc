#include <lodestone/app/commands.h>
#include <lodestone/app/run_parameters.h>
#include <lodestone/loads/load.h>

namespace lodestone
{

namespace
{
template <int dim>
std::string text_for()
{
  // Every kind of load once, so that each entry there is appears.
  std::string loads, subsections;
  for (const auto &type : load_types())
  {
    std::string name = "some " + type;
    loads += (loads.empty() ? "" : ", ") + name;
    subsections += "subsection " + name + "\n set Type = " + type + "\nend\n";
  }
  const Deck deck = Deck::from_text("set Dimension = " + std::to_string(dim) +
                                    "\nsubsection Load cases\n set Names = some case\n"
                                    "subsection some case\n set Loads = " +
                                    loads + "\n set Data sets = some data\n" + subsections + "end\nend\n");
  return RunParameters<dim>::describe(deck);
}
} // namespace

std::string template_text(const unsigned int dim)
{
  return dim == 2 ? text_for<2>() : text_for<3>();
}

} // namespace lodestone
