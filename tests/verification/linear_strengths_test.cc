// Strengths, offsets and their standard errors where nothing else is unknown, against dense algebra: the data are linear in
// all of them, with errors of full covariance C and Gaussian priors of the strengths,
//
//     x = (G^T C^-1 G + S^-2)^-1 (G^T C^-1 d + S^-2 mean),   covariance (G^T C^-1 G + S^-2)^-1
//
// with G = [D N] from forward problems of one load each, and C written out here. The algebra is that of normal equations
// solved by Cholesky in long double, which shares nothing with the QR of the program. Expected: 1e-8 of the numbers' size.
#include "problem_from_text.h"

using namespace lodestone;
using namespace lodestone::testing;

namespace
{

using Real = long double;
using Matrix = std::vector<std::vector<Real>>;

/// The inverse of a symmetric positive definite matrix, by Cholesky.
Matrix inverse(Matrix a)
{
  const std::size_t n = a.size();
  for (std::size_t k = 0; k < n; ++k)
  {
    for (std::size_t j = 0; j < k; ++j)
      a[k][k] -= a[k][j] * a[k][j];
    a[k][k] = std::sqrt(a[k][k]);
    for (std::size_t i = k + 1; i < n; ++i)
    {
      for (std::size_t j = 0; j < k; ++j)
        a[i][k] -= a[i][j] * a[k][j];
      a[i][k] /= a[k][k];
    }
  }
  Matrix result(n, std::vector<Real>(n, 0));
  for (std::size_t c = 0; c < n; ++c)
  {
    std::vector<Real> x(n, 0);
    x[c] = 1;
    for (std::size_t i = 0; i < n; ++i)
    {
      for (std::size_t j = 0; j < i; ++j)
        x[i] -= a[i][j] * x[j];
      x[i] /= a[i][i];
    }
    for (std::size_t i = n; i-- > 0;)
    {
      for (std::size_t j = i + 1; j < n; ++j)
        x[i] -= a[j][i] * x[j];
      x[i] /= a[i][i];
      result[i][c] = x[i];
    }
  }
  return result;
}

constexpr double sigma = 2e-3, sill = 0.7, nugget = 0.3, range = 1500, strength_sigma[] = {0.4, 1},
                 strength_mean[] = {1, 1.3};

struct Case : Scratch
{
  Case()
  {
    std::string text = "x,y,east,north,up\n";
    for (int i = 0; i < 5; ++i)
      for (int j = 0; j < 4; ++j)
      {
        points.push_back({{-2100. + 1000 * i, -1600. + 1100 * j}});
        text += number(points.back()[0]) + "," + number(points.back()[1]);
        for (unsigned int c = 0; c < 3; ++c)
        {
          data.push_back(0.02 * std::sin(1.7 * data.size() + 0.3));
          text += "," + number(data.back());
        }
        text += "\n";
      }
    write("gnss.csv", text);
  }

  /// With the loads of the given numbers, estimated or of strength 1.
  std::string deck(const std::vector<unsigned int> &which, const bool estimated) const
  {
    const std::vector<Named> all = {
        {"ice", {"Type = pressure", "Boundary = top", "Region = (x - 500)^2 + y^2 < 2000^2", "Value = 20 kPa"}},
        {"gas", {"Type = pore pressure", "Region = x^2 + y^2 < 3000^2 && abs(z + 2000) < 600", "Value = -30 kPa"}}};
    std::vector<Named> loads;
    for (const unsigned int j : which)
    {
      loads.push_back(all[j]);
      if (estimated)
        for (const std::string &entry : Entries{"Strength = estimate", "Strength mean = " + number(strength_mean[j]),
                                                "Strength standard deviation = " + number(strength_sigma[j])})
          loads.back().entries.push_back(entry);
    }
    return section("Mesh", {"Lower corner = -6 km, -6 km, -6 km", "Upper corner = 6 km, 6 km, 0", "Cells = 6, 6, 6",
                            "Estimate error = no"}) +
           section("Material", {"Young modulus = 10 GPa", "Poisson ratio = 0.25", "Unknowns = none"}) +
           section("Boundary conditions", {"Fixed = bottom", "Rollers = west, east, south, north"}) +
           section("Load cases", {"Names = only"},
                   load_case("only", loads,
                             {{"gnss",
                               {"File = gnss.csv", "Sigma = " + number(sigma), "Noise = exponential",
                                "Sill = " + number(sill), "Range = " + number(range), "Nugget = " + number(nugget),
                                estimated ? "Nuisance = offset" : "Nuisance = none"}}})) +
           section("Solver", {"Method = direct", "Tolerance = 1e-13"});
  }

  std::vector<std::array<double, 2>> points;
  std::vector<double> data;
};

} // namespace

TEST(LinearStrengthsParallel, AgreeWithDenseAlgebra)
{
  const Case column;
  const std::size_t n = column.data.size();
  Matrix g; // columns
  for (const unsigned int j : {0u, 1u})
  {
    TextProblem<3> one(column.deck({j}, false), column.path());
    one.evaluate(one->parametrization().make_vector());
    const DataVector predicted = one->predict(0);
    g.emplace_back(predicted.begin(), predicted.end());
  }
  for (unsigned int c = 0; c < 3; ++c)
  {
    g.emplace_back(n, 0);
    for (std::size_t i = c; i < n; i += 3)
      g.back()[i] = 1;
  }
  Matrix covariance(n, std::vector<Real>(n, 0));
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      if (i % 3 == j % 3)
      {
        const auto &p = column.points[i / 3], &q = column.points[j / 3];
        const Real distance = std::hypot(Real(p[0] - q[0]), Real(p[1] - q[1]));
        covariance[i][j] =
            Real(sigma) * sigma * (Real(sill) * std::exp(-distance / range) + (i == j ? Real(nugget) : 0));
      }
  const Matrix precision = inverse(covariance);
  const auto product = [&](const std::vector<Real> &a, const std::vector<Real> &b) {
    Real sum = 0;
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j)
        sum += a[i] * precision[i][j] * b[j];
    return sum;
  };
  const std::vector<Real> d(column.data.begin(), column.data.end());
  Matrix normal(g.size(), std::vector<Real>(g.size(), 0));
  std::vector<Real> right(g.size(), 0);
  for (std::size_t k = 0; k < g.size(); ++k)
  {
    for (std::size_t l = 0; l < g.size(); ++l)
      normal[k][l] = product(g[k], g[l]);
    right[k] = product(g[k], d);
    if (k < 2)
    {
      normal[k][k] += 1 / (Real(strength_sigma[k]) * strength_sigma[k]);
      right[k] += strength_mean[k] / (Real(strength_sigma[k]) * strength_sigma[k]);
    }
  }
  const Matrix posterior = inverse(normal);
  std::vector<double> x(g.size(), 0.), deviations;
  for (std::size_t k = 0; k < g.size(); ++k)
  {
    for (std::size_t l = 0; l < g.size(); ++l)
      x[k] += posterior[k][l] * right[l];
    deviations.push_back(std::sqrt(posterior[k][k]));
  }

  TextProblem<3> model(column.deck({0, 1}, true), column.path());
  model.evaluate(model->parametrization().make_vector());
  const Misfit::Evaluation &found = model->objective().evaluation(0);
  std::vector<double> all = found.strengths, of_all = found.strength_deviations;
  all.insert(all.end(), found.nuisance.begin(), found.nuisance.end());
  of_all.insert(of_all.end(), found.nuisance_deviations.begin(), found.nuisance_deviations.end());
  ASSERT_EQ(all.size(), x.size());
  double largest = 0;
  for (std::size_t k = 0; k < x.size(); ++k)
  {
    EXPECT_NEAR(all[k], x[k], 1e-8 * deviations[k]) << k;
    EXPECT_NEAR(of_all[k], deviations[k], 1e-8 * deviations[k]) << k;
    largest = std::max({largest, std::abs(all[k] - x[k]) / deviations[k], std::abs(of_all[k] / deviations[k] - 1)});
    for (std::size_t l = 0; l < x.size(); ++l)
      EXPECT_NEAR(found.correlations[k][l], double(posterior[k][l]) / deviations[k] / deviations[l], 1e-8);
  }
  std::printf("strengths %.6g +- %.3g and %.6g +- %.3g, largest relative difference %.2g\n", all[0], deviations[0],
              all[1], deviations[1], largest);
  // Both priors matter, and so do the data.
  EXPECT_LT(deviations[0], 0.9 * strength_sigma[0]);
}
