#include <lodestone/inversion/inversion.h>

#include <gtest/gtest.h>

namespace lodestone
{

// One forward and one adjoint solve per load case, for a Newton step ten Hessian actions of two solves each, and one
// solve per load of unknown strength.
TEST(InversionParameters, ExpectedSolvesCountWhatTheMethodNeeds)
{
  InversionParameters newton;
  ASSERT_TRUE(newton.optimizer.is_newton());
  EXPECT_EQ(newton.expected_solves(true, 3, 0), 66u);
  EXPECT_EQ(newton.expected_solves(true, 1, 4), 26u);
  InversionParameters quasi_newton;
  quasi_newton.optimizer.method = "lmvm";
  EXPECT_EQ(quasi_newton.expected_solves(true, 3, 1), 7u);
  EXPECT_EQ(newton.expected_solves(false, 3, 1), 4u);
}

} // namespace lodestone
