// The table of load types, and how a load's entries are read.
#include <lodestone/base/deck.h>
#include <lodestone/base/error.h>
#include <lodestone/base/parameter_text.h>
#include <lodestone/loads/load_list.h>
#include <lodestone/loads/load_types.h>

#include <gtest/gtest.h>

#include <set>

using namespace lodestone;

namespace
{

std::string message_of(const std::function<void()> &action)
{
  try
  {
    action();
  }
  catch (const InputError &error)
  {
    return error.what();
  }
  return "";
}

void expect_in(const std::string &text, const std::vector<std::string> &words)
{
  for (const auto &word : words)
    EXPECT_NE(text.find(word), std::string::npos) << "'" << word << "' is not in: " << text;
}

/// The entries that a dislocation needs, and those given.
LoadList<3> dislocation(std::map<std::string, std::string> entries)
{
  entries.insert({{"Position", "0, 0, 3 km"}, {"Dip", "30"}, {"Slip", "1"}, {"Width", "1 km"}});
  return make_loads<3>({LoadParameters<3>::from_texts("fault", "Load cases/a/fault", "dislocation", entries)}, {});
}

} // namespace

template <int dim>
void expect_rows_to_make_their_loads()
{
  std::set<std::string> names;
  for (const LoadType<dim> &type : load_types<dim>())
  {
    EXPECT_TRUE(names.insert(type.name).second) << type.name;
    EXPECT_FALSE(type.help.empty()) << type.name;
    const auto load = type.make("a", "Load cases/c/a");
    EXPECT_EQ(load->type(), type.name);
    EXPECT_EQ(load->where("Value"), "Load cases/c/a/Value");
    const auto copy = type.copy(*load);
    EXPECT_EQ(copy->type(), type.name);
    EXPECT_EQ(&find_load_type<dim>(" " + type.name + " ", "a"), &type);
    expect_in(load_type_help<dim>(type.name), {type.name + ": " + type.help, "Other types: "});
  }
  EXPECT_EQ(names.size(), 12u);
}

TEST(LoadTypes, RowsMakeTheirLoads)
{
  expect_rows_to_make_their_loads<2>();
  expect_rows_to_make_their_loads<3>();
}

TEST(LoadTypes, UnknownTypesAreNamed)
{
  expect_in(
      message_of([] { find_load_type<3>("pore presure", "Load cases/c/a"); }),
      {"Load cases/c/a/Type", "'pore presure'", "Did you mean 'pore pressure'?", "Known are traction, pressure,"});
  expect_in(message_of([] { find_load_type<3>(" ", "Load cases/c/a"); }), {"no type is given", "potency points"});
}

// Each type declares its own entries and no others, and only once it is known.
TEST(LoadParameters, EntriesDependOnTheType)
{
  LoadParameters<3> load;
  load.path = "Load cases/c/a";
  dealii::ParameterHandler first;
  load.add_parameters(first);
  EXPECT_EQ(declarations_of(first).entries.size(), 1u);
  first.set("Type", "point source");
  EXPECT_EQ(load.type, "point source");
  dealii::ParameterHandler second;
  load.add_parameters(second);
  second.set("Volume change", "2 km^3");
  EXPECT_THROW(second.set("Biot coefficient", "1"), dealii::ParameterHandler::ExcEntryUndeclared);
}

// Loads made from the same entries are independent of each other and of the entries.
TEST(LoadParameters, LoadsAreCopiesOfWhatWasRead)
{
  const auto parameters = LoadParameters<3>::from_texts(
      "source", "Load cases/a/source", "point source",
      {{"Position", "1 km, 2 km, 3 km"}, {"Volume change", "1e6"}, {"Hold stiffness near source", "no"}});
  for (unsigned int i = 0; i < 2; ++i)
  {
    const auto loads = make_loads<3>({parameters}, {});
    ASSERT_EQ(loads.size(), 1u);
    EXPECT_EQ(loads[0]->source_points(1)[0], dealii::Point<3>(1000, 2000, -3000));
    EXPECT_FALSE(loads[0]->holds_stiffness());
  }
}

TEST(LoadParameters, EntriesOfOtherTypesAreRefused)
{
  expect_in(message_of([] {
              LoadParameters<3>::from_texts("a", "a", "pressure", {{"Dip", "30"}});
            }),
            {"Dip", "there is no entry"});
}

TEST(Dislocation, LengthAndWidthAreRequired)
{
  expect_in(message_of([] { dislocation({}); }), {"Load cases/a/fault/Length", "the entry is empty", "km"});
  expect_in(message_of([] {
              dislocation({{"Length", "2 km"}, {"Width", ""}});
            }),
            {"Load cases/a/fault/Width", "the entry is empty"});
  expect_in(message_of([] {
              dislocation({{"Length", "0,5 km"}});
            }),
            {"A decimal comma is not understood: write 0.5 km."});
  EXPECT_EQ(message_of([] { dislocation({{"Length", "2 km"}}); }), "");
}

// Position 0, 0, 3 km, dip 30 degrees, strike north, width 1 km: the up-dip direction is (-cos 30, 0, sin 30).
TEST(Dislocation, ReferenceSaysWhatPositionIs)
{
  const auto middle = [](const std::string &reference) {
    const auto loads = dislocation({{"Length", "2 km"}, {"Reference", reference}});
    return loads[0]->source_points(1e9)[0]; // one patch
  };
  const double along = 500 * std::cos(dealii::numbers::PI / 6), down = 250;
  EXPECT_LT(middle("centroid").distance(dealii::Point<3>(0, 0, -3000)), 1e-9);
  EXPECT_LT(middle("top edge").distance(dealii::Point<3>(along, 0, -3000 - down)), 1e-9);
  EXPECT_LT(middle("corner").distance(dealii::Point<3>(-along, 1000, -3000 + down)), 1e-9);
  expect_in(message_of([&] { middle("center"); }), {"Reference", "found 'center'"});
}

TEST(Load, StrengthMeanIsOneAndNeedsADeviation)
{
  const auto strength = [](std::map<std::string, std::string> entries) {
    entries.insert({{"Boundary", "top"}, {"Value", "1 MPa"}});
    return make_loads<3>({LoadParameters<3>::from_texts("a", "Load cases/c/a", "pressure", entries)}, {});
  };
  expect_in(message_of([&] {
              strength({{"Strength standard deviation", "0.5"}});
            }),
            {"Load cases/c/a/Strength standard deviation", "not estimated", "Set Strength = estimate"});
  expect_in(message_of([&] {
              strength({{"Strength", "estimate"}, {"Strength standard deviation", "-1"}});
            }),
            {"Load cases/c/a/Strength standard deviation", "-1"});
  Mesh<3>::Parameters box;
  box.lower = dealii::Point<3>(-1, -1, -1);
  box.upper = dealii::Point<3>(1, 1, 0);
  box.cells = {2, 2, 2};
  const Mesh<3> mesh(box, MPI_COMM_WORLD);
  const DisplacementSpace<3> space(mesh, 1);
  const PointLocator<3> locator(space);
  const auto loads = strength({{"Strength", "estimate"}, {"Strength standard deviation", "0.5"}});
  const LoadVector<3> load = loads[0]->assemble(space, locator);
  EXPECT_TRUE(load.estimated);
  EXPECT_EQ(load.prior_mean, 1);
  EXPECT_EQ(load.prior_sigma, 0.5);
}
