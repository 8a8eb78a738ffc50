#include <lodestone/io/array_name.h>

#include <gtest/gtest.h>

using namespace lodestone;

TEST(ArrayName, HasLowerCaseLettersDigitsAndUnderscores)
{
  EXPECT_EQ(array_name("m (ln E/E0)"), "m_ln_e_over_e0");
  EXPECT_EQ(array_name("gradient E/E0 - 1"), "gradient_e_over_e0_minus_1");
  EXPECT_EQ(array_name("nu - nu0"), "nu_minus_nu0");
  EXPECT_EQ(array_name("logit nu"), "logit_nu");
  EXPECT_EQ(array_name("Hessian actions"), "hessian_actions");
  EXPECT_EQ(array_name("a-b -c- d"), "a_b_c_d"); // a hyphen is no minus
  EXPECT_EQ(array_name("[m/yr]|x"), "m_over_yr_x");
  EXPECT_EQ(array_name("\xC3\x85lesund"), "lesund");
  EXPECT_EQ(array_name("(-)"), "unnamed");
  EXPECT_EQ(array_name(""), "unnamed");
  for (const std::string name : {"m_ln_e_over_e0", "curvature_01_s", "x"})
    EXPECT_EQ(array_name(name), name);
}

TEST(ArrayName, NoNameIsRepeated)
{
  EXPECT_EQ(without_repetition({"a", "b", "a", "a_2", "a"}), (std::vector<std::string>{"a", "b", "a_3", "a_2", "a_4"}));
  EXPECT_TRUE(without_repetition({}).empty());
}
