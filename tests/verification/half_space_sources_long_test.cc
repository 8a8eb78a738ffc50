// The sources of half_space_sources_test.cc once more.
//
// - Falling: on cells twice as large the largest error is more, by 4/3 at least (found: Mogi 2.4, normal fault 9); no
//   order of convergence, since what the box leaves out stays.
// - Box: in one of twice the size, with the same cells inside, the surface changes by less than 0.7 % of the peak.
// - All nine cases of Okada's Table 2, to 2 % of the displacement or 0.5 % of the peak; cells of a sixth of the
//   distance from the fault to the surface.
#include "half_space_sources.h"

using namespace lodestone::testing;

TEST(HalfSpaceSourcesConverge, MogiPointSource)
{
  const auto coarse = mogi_source(-1, 0), usual = mogi_source(0, 0), larger = mogi_source(0, 1);
  EXPECT_LT(usual.of_peak, 0.75 * coarse.of_peak);
  EXPECT_LT(change(usual.u, larger.u, usual.peak), 0.007);
}

TEST(HalfSpaceSourcesConverge, OkadaNormalFault)
{
  const auto coarse = normal_faults({0}, -1, 0)[0], usual = normal_faults({0}, 0, 0)[0],
             larger = normal_faults({0}, 0, 1)[0];
  EXPECT_LT(usual.of_peak, 0.75 * coarse.of_peak);
  EXPECT_LT(change(usual.u, larger.u, usual.peak), 0.007);
}

TEST(HalfSpaceSourcesConverge, OkadaTable2)
{
  const auto rows = okada_table_2(9, 0, 0);
  ASSERT_EQ(rows.size(), 9u);
  for (const auto &row : rows)
    EXPECT_LT(row.worst, 1);
  const auto usual = okada_table_2(3, -1, 0), larger = okada_table_2(3, -1, 1);
  for (unsigned int i = 0; i < 3; ++i)
    EXPECT_LT(change(usual[i].u, larger[i].u, usual[i].peak), 0.007);
}
