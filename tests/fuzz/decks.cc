#include <lodestone/base/csv.h>
#include <lodestone/base/deck.h>

#include <deal.II/base/parameter_handler.h>

#include "readers.h"

namespace lodestone::fuzz
{

namespace
{

/// Reads a deck, and gives its entries to a handler that declares one of each kind under the names of the program.
void read_deck(const std::string &text, const std::string &file)
{
  check_is_text(text, file);
  const Deck deck = Deck::from_text(text, file);
  dealii::ParameterHandler handler;
  using namespace dealii::Patterns;
  handler.declare_entry("Dimension", "3", Integer(2, 3));
  handler.declare_entry("Output directory", "results", Anything());
  handler.enter_subsection("Mesh");
  handler.declare_entry("Type", "box", Selection("box|gmsh"));
  handler.declare_entry("Cells", "1, 1, 1", List(Integer(1), 1, 3));
  handler.declare_entry("Grading", "1", List(Double(1), 0, 3));
  handler.leave_subsection();
  handler.enter_subsection("Optimizer");
  handler.declare_entry("Inexact solves", "true", Bool());
  handler.declare_entry("Gradient tolerance", "1e-6", Double(0));
  handler.leave_subsection();
  deck.fill(handler);
  deck.check(handler, {{"Cell", "Cells"}});
}

} // namespace

void read_prm_deck(const std::string &text)
{
  read_deck(text, "deck.prm");
}

void read_json_deck(const std::string &text)
{
  read_deck(text, "deck.json");
}

} // namespace lodestone::fuzz
