#include <lodestone/base/error.h>
#include <lodestone/base/units.h>

#include <gtest/gtest.h>

#include <cmath>

using namespace lodestone;

TEST(Units, NumbersWithAndWithoutUnits)
{
  EXPECT_EQ(parse_quantity("20e9", Quantity::pressure, "E"), 20e9);
  EXPECT_EQ(parse_quantity(" 20 GPa ", Quantity::pressure, "E"), 20e9);
  EXPECT_EQ(parse_quantity("-5MPa", Quantity::pressure, "p"), -5e6);
  EXPECT_EQ(parse_quantity("+2.5e3 m", Quantity::length, "L"), 2500);
  EXPECT_EQ(parse_quantity("-2 km", Quantity::length, "L"), -2000);
  EXPECT_EQ(parse_quantity("5 mm", Quantity::length, "L"), 0.005);
  EXPECT_EQ(parse_quantity("30", Quantity::angle, "strike"), 30);
  EXPECT_NEAR(parse_quantity("1 rad", Quantity::angle, "strike"), 57.29577951308232, 1e-13);
  EXPECT_EQ(parse_quantity("5 %", Quantity::number, "error"), 0.05);
  EXPECT_EQ(parse_quantity("2 d", Quantity::time, "t"), 172800);
}

// Every unit that is known, by its definition; the year has 365.25 days.
TEST(Units, EveryNameHasItsFactor)
{
  const struct
  {
    const char *text;
    Quantity quantity;
    double value;
  } units[] = {{"1 m", Quantity::length, 1},
               {"1 km", Quantity::length, 1000},
               {"1 cm", Quantity::length, 0.01},
               {"1 mm", Quantity::length, 0.001},
               {"1 Pa", Quantity::pressure, 1},
               {"1 kPa", Quantity::pressure, 1e3},
               {"1 MPa", Quantity::pressure, 1e6},
               {"1 GPa", Quantity::pressure, 1e9},
               {"1 N", Quantity::force, 1},
               {"1 kN", Quantity::force, 1e3},
               {"1 MN", Quantity::force, 1e6},
               {"1 GN", Quantity::force, 1e9},
               {"1 s", Quantity::time, 1},
               {"1 min", Quantity::time, 60},
               {"1 h", Quantity::time, 60 * 60},
               {"1 d", Quantity::time, 24 * 60 * 60},
               {"1 deg", Quantity::angle, 1},
               {"1 rad", Quantity::angle, 180 / std::acos(-1.)},
               {"1 %", Quantity::number, 0.01},
               {"1 kg/m^3", Quantity::density, 1},
               {"1 yr", Quantity::time, 365.25 * 24 * 60 * 60}};
  for (const auto &unit : units)
    EXPECT_NEAR(parse_quantity(unit.text, unit.quantity, "entry") / unit.value, 1, 1e-15) << unit.text;
}

TEST(Units, ProductsQuotientsAndPowers)
{
  EXPECT_EQ(parse_quantity("27 kN/m^3", Quantity::force_density, "f"), 27e3);
  EXPECT_EQ(parse_quantity("2 km^3", Quantity::volume, "V"), 2e9);
  EXPECT_EQ(parse_quantity("3 m^2", Quantity::area, "V"), 3);
  EXPECT_EQ(parse_quantity("3 m^3/m", Quantity::area, "V"), 3);
  EXPECT_EQ(parse_quantity("2 km^2/yr", Quantity::area, "V"), 2e6);
  EXPECT_EQ(parse_quantity("3 MPa/m", Quantity::spring, "k"), 3e6);
  EXPECT_EQ(parse_quantity("3 N m", Quantity::moment, "M"), 3);
  EXPECT_EQ(parse_quantity("10 kN/m^2", Quantity::pressure, "p"), 1e4);
  EXPECT_EQ(parse_quantity("2700 kg/m^3", Quantity::density, "rho"), 2700);
}

TEST(Units, RatesKeepTheNumberBeforePerYear)
{
  EXPECT_EQ(parse_quantity("4.8e6 m^3/yr", Quantity::volume, "V"), 4.8e6);
  EXPECT_EQ(parse_quantity("3 mm/yr", Quantity::length, "u"), 0.003);
}

TEST(Units, ErrorsNameTheEntryTheTextAndTheUnits)
{
  try
  {
    parse_quantity("20 km", Quantity::pressure, "Material/Young modulus");
    FAIL();
  }
  catch (const InputError &error)
  {
    const std::string text = error.what();
    EXPECT_EQ(error.where(), "Material/Young modulus");
    EXPECT_NE(text.find("20 km"), std::string::npos);
    EXPECT_NE(text.find("Pa, kPa, MPa, GPa"), std::string::npos);
  }
  for (const char *text : {"", "abc", "20 gpa", "1e", "nan", "inf", "1e999", "20 GPa x", "20 GPa/", "1 2", "GPa"})
    EXPECT_THROW(parse_quantity(text, Quantity::pressure, "E"), InputError) << text;
  EXPECT_THROW(parse_quantity("1 m", Quantity::number, "nu"), InputError);
}

TEST(Units, ExpandLeavesNamesAlone)
{
  EXPECT_EQ(expand_units("z > -2 km"), "z > -(2*1000)");
  EXPECT_EQ(expand_units("max(x, m) + min(2, 3)"), "max(x, m) + min(2, 3)");
  EXPECT_EQ(expand_units("x2 m"), "x2 m");
  EXPECT_EQ(expand_units("2*m + 3 max"), "2*m + 3 max");
  EXPECT_EQ(expand_units("2 min(x,3)"), "2 min(x,3)");
  EXPECT_EQ(expand_units("x^2 < 2 km^2"), "x^2 < (2*1000000)");
  EXPECT_EQ(expand_units("10 MPa/km*depth"), "(10*1000)*depth");
  EXPECT_EQ(expand_units("5 mm"), "(5/1000)");
  EXPECT_EQ(expand_units("-5 MPa/yr"), "-(5*1000000)");
  EXPECT_EQ(expand_units("1e3/x"), "1e3/x");
  EXPECT_EQ(expand_units("2 km/x"), "(2*1000)/x");
}

TEST(Units, FactorsOfHeaderUnits)
{
  EXPECT_EQ(unit_factor("", "t"), 1);
  EXPECT_EQ(unit_factor("GPa", "t"), 1e9);
  EXPECT_EQ(unit_factor("deg", "t"), 1);
  EXPECT_EQ(unit_factor("mm/yr", "t"), 1e-3);
  EXPECT_THROW(unit_factor("furlong", "t"), InputError);
  EXPECT_EQ(unit_factor("kPa", "t", Quantity::pressure), 1e3);
  EXPECT_EQ(unit_factor("kPa/yr", "t", Quantity::pressure), 1e3);
  EXPECT_EQ(unit_factor("N/m^2", "t", Quantity::pressure), 1);
  EXPECT_EQ(unit_factor("", "t", Quantity::pressure), 1);
  EXPECT_EQ(unit_factor("%", "t", Quantity::number), 0.01);
  EXPECT_THROW(unit_factor("m", "t", Quantity::pressure), InputError);
  EXPECT_THROW(unit_factor("GPa", "t", Quantity::number), InputError);
}

TEST(Units, SayWhetherAValueIsPerYear)
{
  const std::optional<bool> yes = true, no = false, unknown;
  EXPECT_EQ(is_per_year("4.8e6 m^3/yr", Quantity::volume), yes);
  EXPECT_EQ(is_per_year("-4.8e6 m^3 / yr ", Quantity::volume), yes);
  EXPECT_EQ(is_per_year("4.8e6 m^3", Quantity::volume), no);
  EXPECT_EQ(is_per_year("3 mm/yr", Quantity::length), yes);
  EXPECT_EQ(is_per_year("3 mm", Quantity::length), no);
  EXPECT_EQ(is_per_year("5 %", Quantity::number), no);
  EXPECT_EQ(is_per_year("4.8e6", Quantity::volume), unknown);
  EXPECT_EQ(is_per_year("", Quantity::volume), unknown);
  EXPECT_EQ(is_per_year("if(z < -2 km, -5 MPa/yr, 0)", Quantity::pressure), yes);
  EXPECT_EQ(is_per_year("if(z < -2 km, -5 MPa, 0)", Quantity::pressure), no);
  EXPECT_EQ(is_per_year("-5 MPa/km*depth", Quantity::pressure), unknown);
  EXPECT_EQ(is_per_year("if(z < -2 km, -5e6, 0)", Quantity::pressure), unknown);
  EXPECT_EQ(is_per_year("if(z < -2 km, 0.01, 0)", Quantity::length), unknown); // a place
  EXPECT_EQ(is_per_year("if(z < -2 km, 1 cm/yr, 0)", Quantity::length), yes);
  EXPECT_EQ(is_per_year("5e6 kg/m^3/yr", Quantity::density), yes);
}
