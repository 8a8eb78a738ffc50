#include <lodestone/base/collective.h>
#include <lodestone/base/entry_values.h>
#include <lodestone/base/parameter_entries.h>

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace lodestone
{

namespace
{
double constant(const std::string &text, const Quantity quantity)
{
  const Formula<3> formula = read_value<3>(text, quantity, "entry");
  EXPECT_TRUE(formula.is_constant()) << text;
  return formula.value(dealii::Point<3>());
}

std::string message_of(const std::string &text, const Quantity quantity)
{
  try
  {
    (void)read_value<3>(text, quantity, "Material/Young modulus");
  }
  catch (const InputError &error)
  {
    return error.what();
  }
  return "";
}
} // namespace

TEST(EntryValues, AreQuantitiesArithmeticOrFormulas)
{
  EXPECT_DOUBLE_EQ(constant("-5 MPa", Quantity::pressure), -5e6);
  EXPECT_DOUBLE_EQ(constant(" 4.8e6 m^3/yr", Quantity::volume), 4.8e6);
  EXPECT_DOUBLE_EQ(constant("20e9/2", Quantity::pressure), 1e10);
  EXPECT_DOUBLE_EQ(constant("2*10 GPa", Quantity::pressure), 2e10);
  const Formula<3> soft = read_value<3>("5e6/depth", Quantity::pressure, "entry");
  EXPECT_FALSE(soft.is_constant());
  EXPECT_DOUBLE_EQ(soft.value(dealii::Point<3>(1, 2, -1000)), 5e3);
}

TEST(EntryValues, ErrorsNameTheEntryAndTheText)
{
  EXPECT_NE(message_of("20 GPa/2", Quantity::pressure).find("Material/Young modulus"), std::string::npos);
  EXPECT_NE(message_of("20 GPa/2", Quantity::pressure).find("20 GPa/2"), std::string::npos);
  EXPECT_NE(message_of(" ", Quantity::pressure).find("the entry is empty"), std::string::npos);
  EXPECT_NE(message_of("1,5", Quantity::length).find("write 1.5"), std::string::npos);
  EXPECT_NE(message_of("5 apples", Quantity::length).find("apples"), std::string::npos);
}

TEST(EntryValues, ListsHaveTheirLength)
{
  const auto values = read_values<3>("1 km, x, -2", 3, "a, b, c", Quantity::length, "entry");
  ASSERT_EQ(values.size(), 3u);
  const dealii::Point<3> p(7, 0, 0);
  EXPECT_DOUBLE_EQ(values[0].value(p), 1000);
  EXPECT_DOUBLE_EQ(values[1].value(p), 7);
  EXPECT_DOUBLE_EQ(values[2].value(p), -2);
  EXPECT_THROW((void)read_values<3>("1, 2", 3, "a, b, c", Quantity::length, "entry"), InputError);
}

TEST(EntryValues, PlainZerosAndTables)
{
  EXPECT_TRUE(is_plain_zero(" 0 MPa", Quantity::pressure));
  EXPECT_TRUE(is_plain_zero("0", Quantity::pressure));
  EXPECT_FALSE(is_plain_zero("0*x", Quantity::pressure));
  EXPECT_FALSE(is_plain_zero("1e-9 Pa", Quantity::pressure));
  EXPECT_FALSE(is_plain_zero("0 apples", Quantity::pressure));
  EXPECT_EQ(table_file(" table  crust.csv ").value_or("none"), "crust.csv");
  EXPECT_EQ(table_file("table\tcrust.csv").value_or("none"), "crust.csv");
  EXPECT_EQ(table_file("tableland").value_or("none"), "none");
}

TEST(Choice, WordsAndValues)
{
  enum class Colour
  {
    red,
    green
  };
  const Choice<Colour> colours = {{Colour::red, "red"}, {Colour::green, "dark green"}};
  EXPECT_EQ(colours.word(Colour::green), "dark green");
  EXPECT_EQ(colours.value(" dark green ", "Paint/Colour"), Colour::green);
  try
  {
    (void)colours.value("reed", "Paint/Colour");
    FAIL();
  }
  catch (const InputError &error)
  {
    const std::string text = error.what();
    for (const char *part : {"Paint/Colour", "reed", "Did you mean 'red'", "dark green"})
      EXPECT_NE(text.find(part), std::string::npos) << text;
  }
  dealii::ParameterHandler handler;
  Colour colour = Colour::green;
  add_choice(handler, "Colour", colour, colours, "help");
  EXPECT_EQ(handler.get("Colour"), "dark green");
  handler.set("Colour", "red");
  EXPECT_EQ(colour, Colour::red);
  EXPECT_THROW(handler.set("Colour", "blue"), std::exception);
}

// What one rank finds out is known to all: the first rank that has something to say is heard.
TEST(CollectiveParallel, OneRankSpeaksForAll)
{
  const MPI_Comm comm = MPI_COMM_WORLD;
  const unsigned int rank = dealii::Utilities::MPI::this_mpi_process(comm),
                     n = dealii::Utilities::MPI::n_mpi_processes(comm);
  EXPECT_TRUE(on_any_rank(rank == n - 1, comm));
  EXPECT_FALSE(on_any_rank(false, comm));
  EXPECT_TRUE(on_all_ranks(true, comm));
  EXPECT_EQ(on_all_ranks(rank != n - 1, comm), false);
  EXPECT_NO_THROW(throw_on_all_ranks(std::nullopt, comm));
  // All ranks but the first have an error, a different one each; with one rank it is that rank's.
  const std::optional<InputError> error =
      rank > 0 || n == 1 ? std::optional(InputError("file.csv", "found by " + std::to_string(rank), "Mend it."))
                         : std::nullopt;
  try
  {
    throw_on_all_ranks(error, comm);
    FAIL();
  }
  catch (const InputError &thrown)
  {
    const std::string text = thrown.what(), first = n == 1 ? "0" : "1";
    EXPECT_NE(text.find("file.csv: found by " + first), std::string::npos) << text;
    EXPECT_EQ(text.find("file.csv", 1), std::string::npos) << text;
    EXPECT_NE(text.find("Mend it."), std::string::npos) << text;
  }
}

} // namespace lodestone
