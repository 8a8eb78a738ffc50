#include <lodestone/base/deck.h>
#include <lodestone/base/error.h>
#include <lodestone/base/parameter_text.h>
#include <lodestone/base/printable.h>

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <sstream>

using namespace lodestone;
using dealii::ParameterHandler;
namespace Patterns = dealii::Patterns;

namespace
{

struct Settings
{
  unsigned int dimension = 3;
  std::string source = "box", corner = "0, 0, 0";
  double poisson = 0.25;
  bool hold = true;
  std::vector<unsigned int> cells = {1, 1, 1};

  void add_to(ParameterHandler &handler)
  {
    handler.add_parameter("Dimension", dimension, "Space dimension.", Patterns::Integer(2, 3));
    handler.enter_subsection("Mesh");
    handler.add_parameter("Source", source, "Where the mesh comes from.", Patterns::Selection("box|gmsh"));
    handler.add_parameter("Lower corner", corner, "Corner (m).", Patterns::Anything());
    handler.add_parameter("Cells", cells, "Cells per axis.");
    handler.leave_subsection();
    handler.enter_subsection("Material");
    handler.add_parameter("Poisson ratio", poisson, "Poisson's ratio.", Patterns::Double(0, 0.5));
    handler.add_parameter("Hold", hold, "Hold the stiffness near sources.");
    handler.enter_subsection("Extra");
    handler.leave_subsection();
    handler.leave_subsection();
  }
};

Settings read(const Deck &deck)
{
  Settings settings;
  ParameterHandler handler;
  settings.add_to(handler);
  deck.fill(handler);
  deck.check(handler);
  return settings;
}

void expect_error(const std::function<void()> &action, const std::vector<std::string> &parts)
{
  try
  {
    action();
    ADD_FAILURE() << "no error that holds " << parts[0];
  }
  catch (const InputError &error)
  {
    for (const auto &part : parts)
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << part << " in: " << error.what();
  }
}

void expect_read_error(const std::string &text, const std::vector<std::string> &parts,
                       const std::string &file = "a.prm")
{
  expect_error([&]() { read(Deck::from_text(text, file)); }, parts);
}

const char *const good = R"(# a deck
set Dimension = 2   # plane strain
subsection Mesh
  set Source       = gmsh
  set Lower corner = -10 km, \
                     # the east
                     -8 km
  set Cells = 4, 5
end
subsection Material
  set Poisson  ratio = 0.3
  set Hold = no
end
)";

} // namespace

TEST(Deck, ReadsPrm)
{
  const Settings s = read(Deck::from_text(good));
  EXPECT_EQ(s.dimension, 2u);
  EXPECT_EQ(s.source, "gmsh");
  EXPECT_EQ(s.corner, "-10 km, -8 km");
  EXPECT_EQ(s.cells, (std::vector<unsigned int>{4, 5}));
  EXPECT_EQ(s.poisson, 0.3);
  EXPECT_FALSE(s.hold);
}

TEST(Deck, ReadsJson)
{
  const Settings s = read(Deck::from_text(R"({
    // plane strain
    "Dimension": 2,
    "Mesh": { "Source": "gmsh", "Lower corner": ["-10 km", "-8 km"], "Cells": [4, 5] },
    "Material": { "Poisson ratio": 0.3, "Hold": false }
  })",
                                          "deck.json"));
  EXPECT_EQ(s.dimension, 2u);
  EXPECT_EQ(s.corner, "-10 km, -8 km");
  EXPECT_EQ(s.cells, (std::vector<unsigned int>{4, 5}));
  EXPECT_EQ(s.poisson, 0.3);
  EXPECT_FALSE(s.hold);
}

TEST(Deck, WhatIsPrintedIsReadBack)
{
  const Settings original = read(Deck::from_text(good));
  ParameterHandler handler;
  Settings bound;
  bound.add_to(handler);
  Deck::from_text(good).fill(handler);
  std::ostringstream json, prm;
  handler.print_parameters(json, ParameterHandler::JSON);
  handler.print_parameters(prm, ParameterHandler::PRM);
  const Settings from_json = read(Deck::from_text(json.str(), "a.json"));
  const Settings from_prm = read(Deck::from_text(prm.str(), "a.prm"));
  const Settings from_text = read(Deck::from_text(parameter_text(handler, "Resolved"), "a.prm"));
  for (const auto &copy : {from_json, from_prm, from_text})
  {
    EXPECT_EQ(copy.corner, original.corner);
    EXPECT_EQ(copy.cells, original.cells);
    EXPECT_EQ(copy.poisson, original.poisson);
    EXPECT_EQ(copy.hold, original.hold);
    EXPECT_EQ(copy.source, original.source);
  }
}

TEST(Deck, SyntaxErrorsNameFileAndLine)
{
  expect_read_error("subsection Mesh\n set Source = box\n", {"a.prm:1", "Mesh", "never ended"});
  expect_read_error("set Dimension = 2\nend\n", {"a.prm:2", "end"});
  expect_read_error("\nsett Dimension = 2\n", {"a.prm:2", "sett"});
  expect_read_error("set Dimension 2\n", {"a.prm:1", "Dimension 2"});
  expect_read_error("subsection\nend\n", {"a.prm:1"});
  expect_read_error("set Dimension = 2\nset Dimension = 3\n", {"a.prm:2", "Dimension", "a.prm:1"});
  expect_read_error("subsection Mesh\nset Source=box\nend\nsubsection Mesh\nset Source=box\nend\n",
                    {"a.prm:5", "a.prm:2"});
  expect_read_error("{\n\"Dimension\": 2,\n\"Dimension\": 3}", {"a.json:3", "Dimension", "a.json:2"}, "a.json");
  expect_read_error("{\n\"Dimension\": 2,\n]}", {"a.json:3"}, "a.json");
  expect_read_error("{\"Mesh\": {\n\"Cells\": [[1,2],[3]]}}", {"a.json:2"}, "a.json");
  expect_read_error("{\"Dimension\": null}", {"a.json:1"}, "a.json");
  expect_read_error("[1]", {"a.json"}, "a.json");
  expect_read_error("", {"a.json"}, "a.json");
}

TEST(Deck, UnknownNamesAreErrorsWithTheNearest)
{
  expect_read_error("subsection Mesh\n\nset Celsl = 2\nend\n", {"a.prm:3", "Mesh/Celsl", "'Cells'"});
  expect_read_error("subsection Mseh\nend\n", {"a.prm:1", "'Mseh'", "'Mesh'"});
  expect_read_error("subsection Material\nsubsection Other thing\nset a = 1\nend\nend\n",
                    {"a.prm:2", "Material/Other thing"});
  expect_read_error("set Poisson ratio = 0.2\n", {"a.prm:1", "Material/Poisson ratio"});
  expect_read_error("{\"Mesh\": {\n\"cells \": 2, \n \"Sorce\": \"box\"}}", {"a.json:2", "'Cells'"}, "a.json");
}

TEST(Deck, RefusedValuesAreExplained)
{
  expect_read_error("subsection Material\nset Poisson ratio = 0.7\nend\n",
                    {"a.prm:2: Material/Poisson ratio", "0.7", "a number from 0 to 0.5"});
  expect_read_error("subsection Mesh\nset Source = boxx\nend\n", {"a.prm:2", "boxx", "one of box, gmsh", "'box'"});
  expect_read_error("subsection Material\nset Hold = maybe\nend\n", {"a.prm:2", "yes or no"});
  expect_read_error("subsection Mesh\nset Cells = a\nend\n",
                    {"a.prm:2", "a list separated by commas, each a whole number"});
}

TEST(Deck, HandlerIsAtItsTopLevelAfterAnError)
{
  ParameterHandler handler;
  Settings settings;
  settings.add_to(handler);
  EXPECT_THROW(Deck::from_text("subsection Material\nset Poisson ratio = 7\nend\n").fill(handler), InputError);
  EXPECT_EQ(handler.get("Dimension"), "3");
}

TEST(Deck, FillSkipsWhatIsNotDeclared)
{
  ParameterHandler handler;
  handler.declare_entry("Dimension", "3");
  const Deck deck = Deck::from_text(good);
  deck.fill(handler);
  EXPECT_EQ(handler.get("Dimension"), "2");
  EXPECT_THROW(deck.check(handler), InputError);
}

TEST(DeckParallel, FileWithSetOptions)
{
  const std::string file = "deck_test_parallel.prm";
  const bool first = dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0;
  if (first)
    std::ofstream(file) << good;
  MPI_Barrier(MPI_COMM_WORLD);
  const Deck deck("./" + file, {"Mesh/Cells=7, 8", "Mesh / Cells = 9,9", "Dimension=3"});
  const Settings s = read(deck);
  EXPECT_EQ(s.dimension, 3u);
  EXPECT_EQ(s.cells, (std::vector<unsigned int>{9, 9}));
  EXPECT_EQ(s.poisson, 0.3);
  EXPECT_EQ(deck.directory(), ".");
  EXPECT_EQ(deck.where("Mesh/Source"), "./" + file + ":4: Mesh/Source");
  EXPECT_EQ(deck.where("Mesh/Cells"), "--set: Mesh/Cells");
  EXPECT_EQ(deck.where("Material/Other"), "Material/Other");
  expect_error([&]() { read(Deck(file, {"Mesh/Celsl=3"})); }, {"--set", "Mesh/Celsl", "'Cells'"});
  expect_error([&]() { read(Deck(file, {"Material/Poisson ratio=3"})); }, {"--set", "Poisson ratio", "0.5"});
  expect_error([&]() { Deck(file, {"Mesh/Cells"}); }, {"--set", "Mesh/Cells"});
  expect_error([&]() { Deck(file, {"/Cells=1"}); }, {"--set"});
  expect_error([&]() { Deck("no/such/file.prm", {}); }, {"no/such/file.prm"});
  MPI_Barrier(MPI_COMM_WORLD);
  if (first)
    std::remove(file.c_str());
}

TEST(Deck, NearestName)
{
  const std::vector<std::string> known = {"Cells", "Source", "Lower corner", "Young modulus"};
  EXPECT_EQ(nearest_name("cells", known), "Cells");
  EXPECT_EQ(nearest_name("Lower conrer", known), "Lower corner");
  EXPECT_EQ(nearest_name("Young", known), "Young modulus");
  EXPECT_EQ(nearest_name("Zzzzzz", known), "");
  EXPECT_EQ(nearest_name("log", {"lgo"}), "lgo") << "a swap of neighbours is one change";
}

TEST(ParameterText, HelpAllowedValuesAndDefaults)
{
  ParameterHandler handler;
  Settings settings;
  settings.add_to(handler);
  handler.set("Dimension", "2");
  const std::string text = parameter_text(handler, "All entries");
  for (const char *part :
       {"# All entries\n",
        "# Space dimension.\n# Allowed: a whole number from 2 to 3\n# Default: 3\nset Dimension = 2\n",
        "subsection Mesh\n  # Where the mesh comes from.\n  # Allowed: one of box, gmsh\n  set Source = box\n"})
    EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
}

TEST(ParameterText, PatternsInWords)
{
  const auto words = [](const Patterns::PatternBase &pattern) { return pattern_in_words(pattern.description()); };
  EXPECT_EQ(words(Patterns::Anything()), "");
  EXPECT_EQ(words(Patterns::Double()), "a number");
  EXPECT_EQ(words(Patterns::Double(0)), "a number not below 0");
  EXPECT_EQ(words(Patterns::Integer(1)), "a whole number not below 1");
  EXPECT_EQ(words(Patterns::Integer()), "a whole number");
  EXPECT_EQ(words(Patterns::Selection("a|b c")), "one of a, b c");
  EXPECT_EQ(words(Patterns::MultipleSelection("a|b")), "any of a, b, separated by commas");
  EXPECT_EQ(words(Patterns::List(Patterns::Double(0, 1), 2, 2)),
            "a list separated by commas, 2 items, each a number from 0 to 1");
  EXPECT_EQ(words(Patterns::List(Patterns::Anything(), 1)), "a list separated by commas, at least 1 item");
  EXPECT_EQ(words(Patterns::List(Patterns::Integer(0, 5), 0, 3, ";")),
            "a list separated by ';', 0 to 3 items, each a whole number from 0 to 5");
}

TEST(Deck, NamesNestingAndTextAreLimited)
{
  const auto refused = [](const std::string &text, const std::string &file, const std::string &what) {
    try
    {
      Deck::from_text(text, file);
      ADD_FAILURE() << "accepted: " << what;
    }
    catch (const InputError &error)
    {
      EXPECT_NE(std::string(error.what()).find(what), std::string::npos) << error.what();
    }
  };
  const auto nested = [](const unsigned int n) {
    std::string text;
    for (unsigned int i = 0; i < n; ++i)
      text += "subsection a\n";
    for (unsigned int i = 0; i < n; ++i)
      text += "end\n";
    return text;
  };
  EXPECT_NO_THROW(Deck::from_text(nested(100)));
  refused(nested(101), "a.prm", "a.prm:101: subsections are nested more than 100 deep");
  EXPECT_NO_THROW(Deck::from_text("set " + std::string(200, 'a') + " = 1"));
  refused("set " + std::string(201, 'a') + " = 1", "a.prm", "a.prm:1: a name has 201 bytes");
  EXPECT_NO_THROW(Deck::from_text("# Gr\xf6\xdf"
                                  "e\nset a = Gr\xc3\xb6\xc3\x9f"
                                  "e"));
  refused("\nset a = Gr\xf6", "a.prm", "a.prm:2: the value of 'a' is not printable text");
  refused("{\"a\": \"\\u001b[31m\"}", "a.json", "a.json:1: the value of 'a' is not printable text");
}

TEST(Printable, WhatCouldSteerATerminalIsShownAsCodes)
{
  EXPECT_EQ(printable("Gr\u00f6\u00dfe\t\u03c3\n\U0001f30b"), "Gr\u00f6\u00dfe\t\u03c3\n\U0001f30b");
  EXPECT_EQ(printable("\x1b[31ma\x7f\r"), "\\x1b[31ma\\x7f\\x0d");
  EXPECT_EQ(printable("\xc2\x9b"
                      "2J"),
            "\\xc2\\x9b2J");                                                   // the same as ESC [ in UTF-8
  EXPECT_EQ(printable("Gr\xf6\xdf\x65 \xe2\x82"), "Gr\\xf6\\xdfe \\xe2\\x82"); // Latin-1, and a character cut off
  EXPECT_EQ(std::string(InputError("a\x1b.csv", "bad", "").what()), "a\\x1b.csv: bad");
}
