#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/observation/correlated_errors.h>
#include <lodestone/observation/data_format.h>
#include <lodestone/observation/load_case_noise.h>
#include <lodestone/observation/station_errors.h>

#include <gtest/gtest.h>

#include "example_sets.h"
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <unistd.h>

namespace lodestone
{
namespace
{

using testing::read_text;
using testing::set_parameters;

using Matrix = std::vector<std::vector<double>>;

/// Gamma from a noise: W^-1 W^-T, column by column.
Matrix covariance(const Noise &noise)
{
  Matrix w_inverse; // by columns
  for (unsigned int j = 0; j < noise.n_data(); ++j)
  {
    DataVector e(noise.n_data(), 0.);
    e[j] = 1;
    noise.colour(e);
    w_inverse.push_back(e);
  }
  Matrix result(noise.n_data(), std::vector<double>(noise.n_data(), 0.));
  for (unsigned int i = 0; i < noise.n_data(); ++i)
    for (unsigned int j = 0; j < noise.n_data(); ++j)
      for (const auto &column : w_inverse)
        result[i][j] += column[i] * column[j];
  return result;
}

/// W and W^T are transposed to each other, and colour is the inverse of whiten.
void expect_consistent(const Noise &noise, const double tolerance = 1e-12)
{
  DataVector a(noise.n_data()), b(noise.n_data());
  for (unsigned int i = 0; i < a.size(); ++i)
  {
    a[i] = std::sin(1. + i);
    b[i] = std::cos(2.3 * i);
  }
  DataVector w_a = a, wt_b = b, back = a;
  noise.whiten(w_a);
  noise.whiten_transpose(wt_b);
  noise.colour(back);
  noise.whiten(back);
  double left = 0, right = 0, size = 0;
  for (unsigned int i = 0; i < a.size(); ++i)
  {
    left += w_a[i] * b[i];
    right += a[i] * wt_b[i];
    size += std::abs(w_a[i] * b[i]);
    EXPECT_NEAR(back[i], a[i], tolerance);
  }
  EXPECT_NEAR(left, right, tolerance * size);
}

DataSet::Parameters correlated(const Correlation correlation, const std::string &sill, const std::string &range,
                               const std::string &nugget, const std::string &units = "mm")
{
  auto parameters = set_parameters("gnss", units);
  parameters.noise.correlation = correlation;
  parameters.noise.sill = sill;
  parameters.noise.range = range;
  parameters.noise.nugget = nugget;
  return parameters;
}

// Two points 3 km apart with sigma 1, 2 mm (east) and 3, 4 mm (up).
const char *const two_points = "name,x,y,east,up,sigma_east,sigma_up\nA,0,0,1,1,1,3\nB,1800,2400,1,1,2,4\n";

TEST(CorrelatedErrors, CovarianceByHand)
{
  struct Case
  {
    Correlation correlation;
    double rho; ///< at 3 km for a range of 4 km
  };
  for (const auto &[correlation, rho] : {Case{Correlation::exponential, std::exp(-0.75)},
                                         {Correlation::gaussian, std::exp(-0.5625)},
                                         {Correlation::spherical, 1 - 1.5 * 0.75 + 0.5 * 0.421875}})
  {
    // Relative: sill 0.7 and nugget 0.3 times sigma_i sigma_j. Data stand as east A, up A, east B, up B.
    const DataSet relative = read_text(two_points, correlated(correlation, "0.7", "4 km", "0.3"));
    const CorrelatedErrors noise(relative, MPI_COMM_SELF);
    expect_consistent(noise);
    const double ee = 0.7 * rho * 2e-6, uu = 0.7 * rho * 12e-6;
    const double expected[4][4] = {{1e-6, 0, ee, 0}, {0, 9e-6, 0, uu}, {ee, 0, 4e-6, 0}, {0, uu, 0, 16e-6}};
    const Matrix gamma = covariance(noise);
    for (unsigned int i = 0; i < 4; ++i)
      for (unsigned int j = 0; j < 4; ++j)
        EXPECT_NEAR(gamma[i][j], expected[i][j], 1e-18) << i << ' ' << j;
    EXPECT_NEAR(noise.log_determinant(), std::log((4e-12 - ee * ee) * (144e-12 - uu * uu)), 1e-11);
    EXPECT_EQ(relative.sigma, (std::vector<double>{1e-3, 3e-3, 2e-3, 4e-3}));

    // An atmosphere of 9 mm^2 above the errors of the file.
    const DataSet mixed = read_text(two_points, correlated(correlation, "9 mm^2", "4000", "1"));
    EXPECT_NEAR(mixed.sigma[0], std::sqrt(10e-6), 1e-17);
    EXPECT_NEAR(mixed.sigma[3], 5e-3, 1e-17);
    const Matrix of_mixed = covariance(CorrelatedErrors(mixed, MPI_COMM_SELF));
    EXPECT_NEAR(of_mixed[0][2], 9e-6 * rho, 1e-18);
    EXPECT_NEAR(of_mixed[1][3], 9e-6 * rho, 1e-18);
    EXPECT_NEAR(of_mixed[1][1], 18e-6, 1e-17);
  }
  // From its range on the spherical correlation is zero, and no more.
  const DataSet apart = read_text(two_points, correlated(Correlation::spherical, "0.7", "2.9 km", "0.3"));
  EXPECT_EQ(covariance(CorrelatedErrors(apart, MPI_COMM_SELF))[0][2], 0);
}

// The factor of sigma multiplies every covariance with its square: of a model, of one station, of independent errors.
TEST(CorrelatedErrors, FactorOfSigma)
{
  auto correlated = set_parameters("scene", "mm");
  correlated.noise.correlation = Correlation::exponential;
  correlated.noise.sill = "9 mm^2";
  correlated.noise.range = "1 km";
  correlated.noise.nugget = "0.5";
  const std::string points = "x,y,up,sigma_up\n0,0,1,1\n900,0,2,2\n2000,0,3,3\n",
                    station = "x,y,east,north,up,sigma_east,sigma_north,sigma_up,corr_en,corr_eu,corr_nu\n"
                              "0,0,1,2,3,1,2,3,0.4,0.1,-0.3\n";
  for (DataSet set : {read_text(points, correlated), read_text(points, set_parameters("line", "mm")),
                      read_text(station, set_parameters("station", "mm"))})
  {
    const Matrix before = covariance(*make_noise(set, MPI_COMM_SELF));
    NoiseModel scaled = set.noise;
    scaled.factor = 2.5;
    const double sigma = set.sigma[1];
    set.change_noise(scaled);
    EXPECT_DOUBLE_EQ(set.sigma[1], 2.5 * sigma);
    const Matrix after = covariance(*make_noise(set, MPI_COMM_SELF));
    for (unsigned int i = 0; i < 3; ++i)
      for (unsigned int j = 0; j < 3; ++j)
        EXPECT_NEAR(after[i][j], 6.25 * before[i][j], 1e-12 * before[i][i]) << set.name << i << j;
    EXPECT_NE(set.noise.describe(1e-3, "mm").find("sigma times 2.5"), std::string::npos);
  }
}

TEST(CorrelatedErrors, VariancesWithUnitsNeedNoSigma)
{
  const std::string text = "x,y,up\n0,0,1\n1000,0,2\n";
  const DataSet set = read_text(text, correlated(Correlation::exponential, "9 mm^2", "1 km", "7 mm^2"));
  EXPECT_NEAR(set.sigma[0], 4e-3, 1e-17);
  EXPECT_EQ(set.noise.describe(set.unit, set.unit_name), "exponential, sill 9 mm^2, range 1000 m, nugget 7 mm^2");
  EXPECT_NEAR(covariance(CorrelatedErrors(set, MPI_COMM_SELF))[0][1], 9e-6 * std::exp(-1.), 1e-18);
  const DataSet rates =
      read_text(text, correlated(Correlation::exponential, "9 mm^2/yr^2", "1 km", "7 mm^2/yr^2", "mm/yr"));
  EXPECT_NEAR(rates.sigma[0], 4e-3, 1e-17);
  EXPECT_THROW(read_text(text, correlated(Correlation::exponential, "0.5", "1 km", "7 mm^2")), InputError);
}

// Values from 1e-150 to 1e150 m: only ratios of standard deviations enter the factorisation.
TEST(CorrelatedErrors, AnyMagnitude)
{
  for (const char *exponent : {"e-150", "e150"})
  {
    const std::string e = exponent;
    const DataSet set = read_text("x,y,up,sigma_up\n0,0,1" + e + ",1" + e + "\n1,0,1" + e + ",2" + e + "\n",
                                  correlated(Correlation::exponential, "0.5", "1", "0.5", "m"));
    DataVector d = set.value;
    CorrelatedErrors(set, MPI_COMM_SELF).whiten(d);
    const double rho = 0.5 * std::exp(-1.);
    EXPECT_NEAR(d[0], 1, 1e-14);
    EXPECT_NEAR(d[1], (0.5 - rho) / std::sqrt(1 - rho * rho), 1e-14);
  }
}

std::string message(const std::function<void()> &action)
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

TEST(CorrelatedErrors, Refusals)
{
  const auto read = [](const Correlation correlation, const std::string &sill, const std::string &range,
                       const std::string &nugget) {
    return message([&] { read_text(two_points, correlated(correlation, sill, range, nugget)); });
  };
  const auto expect_in = [](const std::string &text, const std::vector<std::string> &parts) {
    for (const auto &part : parts)
      EXPECT_NE(text.find(part), std::string::npos) << text << " lacks " << part;
  };
  expect_in(read(Correlation::independent, "0.7", "", ""), {"gnss/Sill", "Noise = independent"});
  expect_in(read(Correlation::independent, "", "2 km", ""), {"gnss/Range"});
  expect_in(read(Correlation::independent, "", "", "0.3"), {"gnss/Nugget"});
  expect_in(read(Correlation::exponential, "", "2 km", ""), {"gnss/Sill", "empty"});
  expect_in(read(Correlation::exponential, "1", "", ""), {"gnss/Range", "empty"});
  expect_in(read(Correlation::exponential, "-1", "2 km", ""), {"gnss/Sill", "not a variance"});
  expect_in(read(Correlation::exponential, "0", "2 km", ""), {"gnss/Sill", "zero"});
  expect_in(read(Correlation::exponential, "3 mm", "2 km", ""), {"gnss/Sill", "mm"});
  expect_in(read(Correlation::exponential, "9 mm^2/yr^2", "2 km", ""), {"gnss/Sill", "Units"});
  expect_in(read(Correlation::exponential, "1", "0", ""), {"gnss/Range", "above 0"});
  expect_in(read(Correlation::exponential, "1", "2 MPa", ""), {"gnss/Range"});

  auto estimated = correlated(Correlation::independent, "", "", "0");
  estimated.noise.estimate = true;
  expect_in(message([&] { read_text(two_points, estimated); }), {"gnss/Estimate noise", "Noise = independent"});

  auto absolute = correlated(Correlation::exponential, "9 mm^2", "1 km", "0");
  absolute.relative_error = 0.1;
  expect_in(message([&] { read_text(two_points, absolute); }), {"gnss/Relative error", "Nugget = 1"});

  // Points a metre apart, and a range of 10 km.
  std::string dense = "name,x,y,up,sigma_up\n";
  for (unsigned int i = 0; i < 30; ++i)
    dense += "P" + std::to_string(i) + "," + std::to_string(i) + ",0,1,1\n";
  const DataSet set = read_text(dense, correlated(Correlation::gaussian, "1", "10 km", "0"));
  expect_in(message([&] { CorrelatedErrors(set, MPI_COMM_SELF); }),
            {"gnss/Noise", "not positive definite", "up at P", "Nugget"});

  DataSet large = set;
  for (unsigned int i = 30; i <= 20000; ++i)
  {
    large.add_row({1. * i, 0, 0}, 0);
    large.add_datum(2, axis(2), 0, 1e-3);
  }
  expect_in(message([&] { CorrelatedErrors(large, MPI_COMM_SELF); }), {"20,001 data", "1.6 GB", "20,000", "Subsample"});
}

// The distributed factor against the serial one, with panels that do not divide the size.
TEST(DistributedCholeskyParallel, EqualsReplicatedFactor)
{
  constexpr unsigned int n = 97;
  const auto entry = [](const unsigned int i, const unsigned int j) {
    return i == j ? 1 : 0.8 * std::exp(-std::abs(double(i) - double(j)) / 20);
  };
  DistributedCholesky serial(n, MPI_COMM_SELF, n), distributed(n, MPI_COMM_WORLD, 8);
  serial.fill(entry);
  distributed.fill(entry);
  ASSERT_FALSE(serial.factorize());
  ASSERT_FALSE(distributed.factorize());
  EXPECT_NEAR(distributed.log_determinant(), serial.log_determinant(), 1e-11);
  DataVector y(n);
  for (unsigned int i = 0; i < n; ++i)
    y[i] = std::sin(1.3 * i);
  using Function = void (DistributedCholesky::*)(MutableDataView) const;
  for (const Function f :
       {&DistributedCholesky::solve, &DistributedCholesky::solve_transpose, &DistributedCholesky::multiply})
  {
    DataVector a = y, b = y;
    (serial.*f)(a);
    (distributed.*f)(b);
    for (unsigned int i = 0; i < n; ++i)
      EXPECT_NEAR(a[i], b[i], 1e-13);
    // The same on all ranks, to the last bit.
    EXPECT_EQ(dealii::Utilities::MPI::broadcast(MPI_COMM_WORLD, b, 0), b);
  }
  // R itself: L L^T e_60.
  DataVector e(n, 0.);
  e[60] = 1;
  DataVector lt_e = e; // L^T e by <L^T e, x> = <e, L x>
  for (unsigned int j = 0; j < n; ++j)
  {
    DataVector x(n, 0.);
    x[j] = 1;
    distributed.multiply(x);
    lt_e[j] = x[60];
  }
  distributed.multiply(lt_e);
  for (unsigned int i = 0; i < n; ++i)
    EXPECT_NEAR(lt_e[i], i >= 60 ? entry(i, 60) : entry(60, i), 1e-14);

  const auto indefinite = [](const unsigned int i, const unsigned int j) {
    return i == j ? 1. : (i < 50 ? 0 : 0.999999999999);
  };
  DistributedCholesky failing(n, MPI_COMM_WORLD, 8);
  failing.fill(indefinite);
  const auto row = failing.factorize();
  ASSERT_TRUE(row);
  EXPECT_EQ(dealii::Utilities::MPI::max(*row, MPI_COMM_WORLD), dealii::Utilities::MPI::min(*row, MPI_COMM_WORLD));
}

// 1,200 data are more than are factorised on every rank.
TEST(CorrelatedErrorsParallel, LargeSetsAreDistributed)
{
  std::string text = "x,y,up,sigma_up\n";
  for (unsigned int i = 0; i < 1200; ++i)
    text += std::to_string(100 * (i % 40)) + "," + std::to_string(100 * (i / 40)) + ",1," +
            std::to_string(1 + 0.001 * i) + "\n";
  const DataSet set = read_text(text, correlated(Correlation::exponential, "0.7", "500", "0.3"));
  const CorrelatedErrors serial(set, MPI_COMM_SELF), distributed(set, MPI_COMM_WORLD);
  expect_consistent(distributed);
  DataVector a(1200), b;
  for (unsigned int i = 0; i < 1200; ++i)
    a[i] = std::sin(0.7 * i);
  b = a;
  serial.whiten(a);
  distributed.whiten(b);
  for (unsigned int i = 0; i < 1200; ++i)
    EXPECT_NEAR(a[i], b[i], 1e-12 * 1e3);
  EXPECT_NEAR(serial.log_determinant(), distributed.log_determinant(), 1e-9);
}

// Sample covariance of 20,000 draws of three stations: one standard error is sqrt((1 + rho^2) / 20000) of the variances.
TEST(CorrelatedErrors, DrawsHaveTheCovariance)
{
  auto parameters = correlated(Correlation::exponential, "0.7", "4 km", "0.3");
  const DataSet set = read_text(two_points, parameters);
  const Matrix gamma = covariance(CorrelatedErrors(set, MPI_COMM_SELF));
  constexpr unsigned int n_draws = 20000;
  Matrix sample(4, std::vector<double>(4, 0.));
  for (unsigned int draw = 0; draw < n_draws; ++draw)
  {
    const DataVector e = gaussian_noise({set}, 1000 + draw);
    for (unsigned int i = 0; i < 4; ++i)
      for (unsigned int j = 0; j < 4; ++j)
        sample[i][j] += e[i] * e[j] / n_draws;
  }
  for (unsigned int i = 0; i < 4; ++i)
    for (unsigned int j = 0; j < 4; ++j)
      EXPECT_NEAR(sample[i][j], gamma[i][j], 4 * std::sqrt(2. / n_draws) * set.sigma[i] * set.sigma[j]);
}

// East 1, north 2, up 4 mm with correlations 0.5, -0.2, 0.1; the second station lacks north.
TEST(StationErrors, ComponentsOfOneStation)
{
  const std::string header = "name,x,y,east,north,up,sigma_east,sigma_north,sigma_up,";
  const DataSet correlations =
      read_text(header + "corr_en,corr_eu,corr_nu\nA,0,0,1,1,1,1,2,4,0.5,-0.2,0.1\nB,1,0,1,nan,1,1,2,4,nan,0.3,nan\n",
                set_parameters("gnss", "mm"));
  const StationErrors noise(correlations);
  expect_consistent(noise);
  const Matrix gamma = covariance(noise);
  const double expected[5][5] = {
      {1, 1, -0.8, 0, 0}, {1, 4, 0.8, 0, 0}, {-0.8, 0.8, 16, 0, 0}, {0, 0, 0, 1, 1.2}, {0, 0, 0, 1.2, 16}};
  for (unsigned int i = 0; i < 5; ++i)
    for (unsigned int j = 0; j < 5; ++j)
      EXPECT_NEAR(gamma[i][j], expected[i][j] * 1e-6, 1e-20) << i << ' ' << j;
  const double det = 1 + 2 * 0.5 * -0.2 * 0.1 - 0.25 - 0.04 - 0.01;
  EXPECT_NEAR(noise.log_determinant(), std::log(det * 64e-18 * (1 - 0.09) * 16e-12), 1e-11);

  // The same as covariances, and through make_noise.
  const DataSet covariances =
      read_text(header + "cov_en,cov_eu,cov_nu\nA,0,0,1,1,1,1,2,4,1,-0.8,0.8\nB,1,0,1,nan,1,1,2,4,nan,1.2,nan\n",
                set_parameters("gnss", "mm"));
  const Matrix again = covariance(*make_noise(covariances, MPI_COMM_SELF));
  for (unsigned int i = 0; i < 5; ++i)
    for (unsigned int j = 0; j < 5; ++j)
      EXPECT_NEAR(again[i][j], gamma[i][j], 1e-20);

  // A floor adds independent errors: the covariance stays, the correlation does not. What is written is read as the same.
  auto parameters = set_parameters("gnss", "mm");
  parameters.floor = "2 mm";
  const DataSet floored = read_text(header + "corr_en,corr_eu,corr_nu\nA,0,0,1,1,1,1,2,4,0.5,-0.2,0.1\n", parameters);
  const Matrix with_floor = covariance(*make_noise(floored, MPI_COMM_SELF));
  EXPECT_NEAR(with_floor[0][0], 4e-6, 1e-18);
  EXPECT_NEAR(with_floor[0][1], 1e-6, 1e-18);
  const DataSet reread =
      read_text(floored.source->contents(floored, {floored.value.data(), 3}), set_parameters("gnss", "mm"));
  const Matrix of_reread = covariance(*make_noise(reread, MPI_COMM_SELF));
  for (unsigned int i = 0; i < 3; ++i)
    for (unsigned int j = 0; j < 3; ++j)
      EXPECT_NEAR(of_reread[i][j], with_floor[i][j], 1e-18);

  // Between points the sill acts, within a station the nugget.
  auto both = correlated(Correlation::exponential, "9 mm^2", "1", "1");
  const Matrix of_both = covariance(*make_noise(
      read_text(header + "corr_en,corr_eu,corr_nu\nA,0,0,1,1,1,1,2,4,0.5,-0.2,0.1\nB,1,0,1,nan,1,1,2,4,nan,0.3,nan\n",
                both),
      MPI_COMM_SELF));
  EXPECT_NEAR(of_both[0][1], 1e-6, 1e-18);
  EXPECT_NEAR(of_both[0][3], 9e-6 * std::exp(-1.), 1e-18);
  EXPECT_NEAR(of_both[0][0], 10e-6, 1e-18);
}

TEST(StationErrors, Refusals)
{
  const std::string header = "x,y,east,north,up,sigma_east,sigma_north,sigma_up,";
  const auto found = [&](const std::string &text, const std::string &sigma = "") {
    auto parameters = set_parameters("gnss", "mm");
    parameters.sigma = sigma;
    return message([&] { make_noise(read_text(text, parameters), MPI_COMM_SELF); });
  };
  EXPECT_NE(found(header + "corr_en\n0,0,1,1,1,1,1,1,1.2\n").find("corr_en is 1.2"), std::string::npos);
  EXPECT_NE(found(header + "cov_en\n0,0,1,1,1,1,1,1,1.2\n").find("product of the two"), std::string::npos);
  EXPECT_NE(found(header + "corr_en,cov_en\n0,0,1,1,1,1,1,1,0,0\n").find("both corr_en and cov_en"), std::string::npos);
  EXPECT_NE(found("x,y,east,sigma_east,corr_en\n0,0,1,1,0\n").find("corr_en without"), std::string::npos);
  EXPECT_NE(found(header + "cov_en\n0,0,1,1,1,1,1,1,0.2\n", "1 mm").find("Sigma stands for"), std::string::npos);
  const std::string indefinite = found(header + "corr_en,corr_eu,corr_nu\n0,0,1,1,1,1,1,1,0.9,0.9,-0.9\n");
  EXPECT_NE(indefinite.find("gnss.csv:2"), std::string::npos) << indefinite;
  EXPECT_NE(indefinite.find("not positive definite"), std::string::npos) << indefinite;
}

/// A file that is removed at the end.
struct TemporaryFile
{
  TemporaryFile(const std::string &text, const std::string &name)
  {
    const auto rank = dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD);
    path = dealii::Utilities::MPI::broadcast(MPI_COMM_WORLD,
                                             ::testing::TempDir() + "lodestone_" + std::to_string(getpid()) + name, 0);
    if (rank == 0)
      std::ofstream(path) << text;
    MPI_Barrier(MPI_COMM_WORLD);
  }
  ~TemporaryFile()
  {
    MPI_Barrier(MPI_COMM_WORLD);
    if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
      std::remove(path.c_str());
  }
  std::string path;
};

DataSet::Parameters with_matrix(const std::string &data_file, const std::string &matrix_file)
{
  auto parameters = set_parameters("gnss", "mm");
  parameters.file = data_file;
  parameters.noise.correlation = Correlation::matrix;
  parameters.noise.covariance_file = matrix_file;
  return parameters;
}

TEST(CovarianceFileParallel, MatrixOfTheDataThatAreLeft)
{
  const TemporaryFile data("x,y,east,up\n0,0,1,2\n1,0,nan,3\n2,0,4,5\n", "data");
  const TemporaryFile matrix("# mm^2\n4, 1, 0, 0, 0.5\n1 9 2 0 0\n0 2 16 0 1\n0;0;0;25;0\n0.5\t0\t1\t0\t1\n", "matrix");
  DataSet set = read_data_set(with_matrix(data.path, matrix.path), {});
  EXPECT_NEAR(set.sigma[1], 3e-3, 1e-17);
  EXPECT_EQ(set.noise.describe(1e-3, "mm"), "of a covariance file");
  remove_rows(set, {1}); // takes number 2 out
  const auto noise = make_noise(set, MPI_COMM_WORLD);
  expect_consistent(*noise);
  const double expected[4][4] = {{4, 1, 0, 0.5}, {1, 9, 0, 0}, {0, 0, 25, 0}, {0.5, 0, 0, 1}};
  const Matrix gamma = covariance(*noise);
  for (unsigned int i = 0; i < 4; ++i)
    for (unsigned int j = 0; j < 4; ++j)
      EXPECT_NEAR(gamma[i][j], expected[i][j] * 1e-6, 1e-19) << i << ' ' << j;
  // What is predicted has no standard deviations of its own: the matrix stands for them.
  EXPECT_EQ(set.source->contents(set, {set.value.data(), 4}).find("sigma"), std::string::npos);

  // Large enough to be distributed: exp(-|i - j| / 50) in panels of three ranks.
  constexpr unsigned int n = 1100;
  std::string points = "x,y,up\n", rows;
  for (unsigned int i = 0; i < n; ++i)
  {
    points += std::to_string(i) + ",0,1\n";
    for (unsigned int j = 0; j < n; ++j)
      rows += (j > 0 ? " " : "") + exact(std::exp(-std::abs(double(i) - double(j)) / 50));
    rows += "\n";
  }
  const TemporaryFile many(points, "data"), large(rows, "matrix");
  const DataSet line = read_data_set(with_matrix(many.path, large.path), {});
  DataVector e(n, 0.);
  e[700] = 1e-3;
  make_noise(line, MPI_COMM_WORLD)->whiten(e);
  // Whitened: each datum given the one before it, with the correlation a of neighbours.
  const double a = std::exp(-1 / 50.), rest = std::sqrt(1 - a * a);
  EXPECT_NEAR(e[699], 0, 1e-12);
  EXPECT_NEAR(e[700], 1 / rest, 1e-9);
  EXPECT_NEAR(e[701], -a / rest, 1e-9);
  EXPECT_NEAR(e[702], 0, 1e-9);
}

TEST(CovarianceFileParallel, Refusals)
{
  const TemporaryFile data("x,y,up\n0,0,1\n1,0,2\n", "data");
  const auto found = [&](const std::string &matrix, const std::function<void(DataSet::Parameters &)> &change = {}) {
    const TemporaryFile file(matrix, "matrix");
    auto parameters = with_matrix(data.path, file.path);
    if (change)
      change(parameters);
    return message([&] { make_noise(read_data_set(parameters, {}), MPI_COMM_WORLD); });
  };
  const auto expect_in = [](const std::string &text, const std::string &part) {
    EXPECT_NE(text.find(part), std::string::npos) << text << " lacks " << part;
  };
  EXPECT_EQ(found("1 0\n0 1\n"), "");
  expect_in(found("1 0 0\n0 1 0\n0 0 1\n"), "3 rows");
  expect_in(found("1 0\n"), "1 rows of 2");
  expect_in(found("1 0\n0 1\n0 0\n"), "more than 2 rows");
  expect_in(found("1 0\n0 1 0\n"), "matrix:2");
  expect_in(found("1 0\n0 one\n"), "'one' is no number");
  expect_in(found("1 0\n0 -1\n"), "a variance, is -1");
  expect_in(found("1 0.5\n0.4 1\n"), "not symmetric: the covariance of data 2 and 1");
  expect_in(found("1 2\n2 1\n"), "not positive definite: the error of up at x = 1 m");
  expect_in(found("1 0\n0 1\n", [](auto &p) { p.noise.covariance_file = ""; }), "gnss/Covariance file");
  expect_in(found("1 0\n0 1\n", [](auto &p) { p.noise.covariance_file = "/nowhere"; }), "cannot be read");
  expect_in(found("1 0\n0 1\n", [](auto &p) { p.noise.correlation = Correlation::independent; }), "Set Noise = matrix");
  expect_in(found("1 0\n0 1\n", [](auto &p) { p.noise.range = "2 km"; }), "gnss/Range");
  expect_in(found("1 0\n0 1\n", [](auto &p) { p.sigma = "1 mm"; }), "gnss/Sigma");
}

} // namespace
} // namespace lodestone
