#include <lodestone/base/named_state.h>

#include <gtest/gtest.h>

using lodestone::NamedState;

TEST(NamedState, GivesWhatItHolds)
{
  NamedState state;
  EXPECT_TRUE(state.empty());
  state.numbers["trust_radius"] = 2.5;
  EXPECT_FALSE(state.empty());
  EXPECT_EQ(state.number("trust_radius", 1), 2.5);
  EXPECT_EQ(state.number("radius", 1), 1);
  const auto values = std::make_shared<std::vector<float>>(3, 0.5f);
  state.vectors["s"] = NamedState::Shared<float>(values);
  EXPECT_EQ(state.vector<float>("s"), values) << "the vector itself, not a copy";
  EXPECT_EQ(state.vector<double>("s"), nullptr) << "its precision is part of it";
  EXPECT_EQ(state.vector<float>("y"), nullptr);
}
