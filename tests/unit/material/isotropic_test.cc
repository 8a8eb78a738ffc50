#include <lodestone/material/isotropic.h>
#include <lodestone/material/transform.h>

#include <gtest/gtest.h>

#include <cmath>

using namespace lodestone;

// Handbook values: E 210, nu 0.3 (steel, GPa) has K = 175 and G = 80.769230769...; nu = 1/4 has lambda = mu = 2E/5.
TEST(Isotropic, KnownMaterials)
{
  const Lame steel = lame_moduli(ModuliPair::young_poisson, {{210, 0.3}});
  EXPECT_NEAR(steel.bulk(), 175, 1e-12);
  EXPECT_NEAR(steel.shear(), 1050. / 13, 1e-12);
  EXPECT_NEAR(steel.lambda, 1575. / 13, 1e-12);
  const Lame poisson_solid = lame_moduli(ModuliPair::young_poisson, {{2.5, 0.25}});
  EXPECT_NEAR(poisson_solid.lambda, 1, 1e-15);
  EXPECT_NEAR(poisson_solid.mu, 1, 1e-15);
}

// E = 9KG/(3K+G), nu = (3K-2G)/(2(3K+G)): formulas that the code does not use.
TEST(Isotropic, PairsAgree)
{
  const double K = 37.5, G = 11.25, E = 9 * K * G / (3 * K + G), nu = (3 * K - 2 * G) / (2 * (3 * K + G));
  const Lame by_kg = lame_moduli(ModuliPair::bulk_shear, {{K, G}});
  for (const Lame &other :
       {lame_moduli(ModuliPair::young_poisson, {{E, nu}}), lame_moduli(ModuliPair::shear_poisson, {{G, nu}})})
  {
    EXPECT_NEAR(other.lambda, by_kg.lambda, 1e-13 * K);
    EXPECT_NEAR(other.mu, by_kg.mu, 1e-13 * K);
  }
  for (const ModuliPair pair : {ModuliPair::young_poisson, ModuliPair::bulk_shear, ModuliPair::shear_poisson})
  {
    const Lame back = lame_moduli(pair, by_kg.as(pair));
    EXPECT_NEAR(back.lambda, by_kg.lambda, 1e-13 * K);
    EXPECT_NEAR(back.mu, by_kg.mu, 1e-13 * K);
  }
}

// Central differences of the values; their error is of order step^2, hence the tolerance.
TEST(Isotropic, DerivativesMatchDifferences)
{
  for (const ModuliPair pair : {ModuliPair::young_poisson, ModuliPair::bulk_shear, ModuliPair::shear_poisson})
    for (const double second : {-0.4, 0.05, 0.3, 0.45})
    {
      const std::array<double, 2> x{{1.7, pair == ModuliPair::bulk_shear ? 1 + second : second}};
      for (unsigned int a = 0; a < 2; ++a)
      {
        const Lame d = lame_derivative(pair, x, a);
        const double step = 1e-5;
        auto up = x, down = x;
        up[a] += step;
        down[a] -= step;
        const Lame plus = lame_moduli(pair, up), minus = lame_moduli(pair, down);
        EXPECT_NEAR((plus.lambda - minus.lambda) / (2 * step), d.lambda, 1e-6 * (1 + std::abs(d.lambda)));
        EXPECT_NEAR((plus.mu - minus.mu) / (2 * step), d.mu, 1e-6);
        for (unsigned int b = 0; b < 2; ++b)
        {
          const Lame dd = lame_second_derivative(pair, x, b, a);
          const Lame d_plus = lame_derivative(pair, up, b), d_minus = lame_derivative(pair, down, b);
          EXPECT_NEAR((d_plus.lambda - d_minus.lambda) / (2 * step), dd.lambda, 1e-5 * (1 + std::abs(dd.lambda)));
          EXPECT_NEAR((d_plus.mu - d_minus.mu) / (2 * step), dd.mu, 1e-5 * (1 + std::abs(dd.mu)));
        }
      }
    }
}

TEST(Transform, BackgroundAtZeroAndInverse)
{
  for (const auto kind : {Transform::Kind::log, Transform::Kind::logit, Transform::Kind::identity})
  {
    const Transform transform{kind, 1, 9};
    EXPECT_NEAR(transform(0, 2.5, 2.5).x, 2.5, 1e-15);
    for (const double m : {-0.5, 0.3, 1.2})
      EXPECT_NEAR(transform.inverse(transform(m, 2.5, 2.5).x, 2.5, 2.5), m, 1e-14);
  }
  EXPECT_DOUBLE_EQ((Transform{Transform::Kind::log, 0, 0})(std::log(2.), 3, 0).x, 6);
}

TEST(Transform, LogitStaysBetweenBoundsAndFinite)
{
  const Transform logit{Transform::Kind::logit, 0.05, 0.45};
  for (const double m : {-1e4, -700., -40., 40., 700., 1e4})
  {
    const auto t = logit(m, 0.25, 1);
    EXPECT_GE(t.x, 0.05);
    EXPECT_LE(t.x, 0.45);
    EXPECT_TRUE(std::isfinite(t.first) && std::isfinite(t.second));
  }
  // At the centre the slope is a quarter of the width and there is no curvature.
  EXPECT_NEAR(logit(0, 0.25, 1).first, 0.1, 1e-15);
  EXPECT_NEAR(logit(0, 0.25, 1).second, 0, 1e-15);
}

TEST(Transform, DerivativesMatchDifferences)
{
  for (const auto kind : {Transform::Kind::log, Transform::Kind::logit, Transform::Kind::identity})
  {
    const Transform transform{kind, 1, 9};
    for (const double m : {-1., 0.2, 2.})
    {
      const double step = 1e-5;
      const auto t = transform(m, 2.5, 2.5), up = transform(m + step, 2.5, 2.5), down = transform(m - step, 2.5, 2.5);
      EXPECT_NEAR((up.x - down.x) / (2 * step), t.first, 1e-7);
      EXPECT_NEAR((up.first - down.first) / (2 * step), t.second, 1e-7);
    }
  }
}
