// The preconditioner on a quadratic whose Hessian is the identity but for a part of low rank: after as many pairs as
// that has ranks it is the inverse there (the secant equations B y = s that BFGS formulas keep for conjugate
// directions; Nocedal and Wright 2006, section 6.1).
#include <lodestone/optimizer/curvature_pairs.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

using lodestone::CurvaturePairs;

namespace
{

constexpr unsigned int n = 30, rank = 4; // of each process

double sum(const double x)
{
  return dealii::Utilities::MPI::sum(x, MPI_COMM_WORLD);
}

double dot(const std::vector<double> &a, const std::vector<double> &b)
{
  double local = 0;
  for (unsigned int i = 0; i < n; ++i)
    local += a[i] * b[i];
  return sum(local);
}

std::vector<double> pseudo_random(const double seed)
{
  std::vector<double> v(n);
  for (unsigned int i = 0; i < n; ++i)
    v[i] = std::sin(seed * (i + 1) * (i + 1 + 7 * dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD)));
  return v;
}

/// H v = v + sum_k 3^k w_k (w_k . v) / (number of ranks), of as large eigenvalues on any number of ranks
std::vector<double> hessian(const std::vector<double> &v)
{
  std::vector<double> out = v;
  for (unsigned int k = 0; k < rank; ++k)
  {
    const std::vector<double> w = pseudo_random(.3 + k);
    const double factor = std::pow(3., k) * dot(w, v) / dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD);
    for (unsigned int i = 0; i < n; ++i)
      out[i] += factor * w[i];
  }
  return out;
}

void identity(const double *in, double *out)
{
  std::copy(in, in + n, out);
}

std::vector<double> preconditioned(CurvaturePairs &pairs, const std::vector<double> &r)
{
  std::vector<double> out(n);
  pairs.apply(identity, r.data(), out.data());
  return out;
}

/// Conjugate gradients for H x = b with the pairs' preconditioner, to 1e-6 in the residual; all directions go to
/// `pairs`.
unsigned int iterate(CurvaturePairs &pairs, const std::vector<double> &b)
{
  std::vector<double> r = b, z = preconditioned(pairs, r), p = z;
  double rz = dot(r, z);
  unsigned int iterations = 0;
  for (; iterations < 100 && std::sqrt(dot(r, r)) > 1e-6 * std::sqrt(dot(b, b)); ++iterations)
  {
    const std::vector<double> hp = hessian(p);
    pairs.add(p.data(), hp.data());
    const double step = rz / dot(p, hp);
    for (unsigned int i = 0; i < n; ++i)
      r[i] -= step * hp[i];
    z = preconditioned(pairs, r);
    const double next = dot(r, z);
    for (unsigned int i = 0; i < n; ++i)
      p[i] = z[i] + next / rz * p[i];
    rz = next;
  }
  return iterations;
}

} // namespace

TEST(CurvaturePairsParallel, TheNextSystemIsAlmostSolved)
{
  CurvaturePairs pairs(n, 10, MPI_COMM_WORLD);
  EXPECT_GE(iterate(pairs, pseudo_random(1.1)), rank);
  pairs.adopt();
  EXPECT_LE(iterate(pairs, pseudo_random(2.3)), 3u); // stored in single precision
}

TEST(CurvaturePairsParallel, SolvesForWhatItHasSeen)
{
  CurvaturePairs pairs(n, 10, MPI_COMM_WORLD);
  const std::vector<double> s = pseudo_random(.9), y = hessian(s);
  pairs.add(s.data(), y.data());
  EXPECT_EQ(preconditioned(pairs, y), y) << "not before it is adopted";
  pairs.adopt();
  const std::vector<double> again = preconditioned(pairs, y);
  for (unsigned int i = 0; i < n; ++i)
    EXPECT_NEAR(again[i], s[i], 1e-4); // single precision times the largest eigenvalue
}

TEST(CurvaturePairsParallel, SymmetricAndPositive)
{
  CurvaturePairs pairs(n, 3, MPI_COMM_WORLD);
  for (unsigned int k = 0; k < 5; ++k) // more than it keeps
  {
    const std::vector<double> s = pseudo_random(.7 + k), y = hessian(s);
    pairs.add(s.data(), y.data());
  }
  pairs.adopt();
  const std::vector<double> a = pseudo_random(1.7), b = pseudo_random(2.9), of_a = preconditioned(pairs, a),
                            of_b = preconditioned(pairs, b);
  EXPECT_NEAR(dot(a, of_b), dot(b, of_a), 1e-12 * (std::abs(dot(a, of_a)) + std::abs(dot(b, of_b))));
  EXPECT_GT(dot(a, of_a), 0);
  EXPECT_GT(dot(b, of_b), 0);
}

TEST(CurvaturePairsParallel, NegativeCurvatureIsLeftOut)
{
  CurvaturePairs pairs(n, 3, MPI_COMM_WORLD), none(n, 0, MPI_COMM_WORLD);
  const std::vector<double> s = pseudo_random(.7);
  std::vector<double> y = s;
  for (double &x : y)
    x = -x;
  pairs.add(s.data(), y.data());
  pairs.add(s.data(), std::vector<double>(n, 0).data());
  none.add(s.data(), s.data());
  for (CurvaturePairs *p : {&pairs, &none})
  {
    p->adopt();
    EXPECT_EQ(preconditioned(*p, s), s);
  }
}

// The newest pairs, in their order: with them another object preconditions in the same way, to the last bit.
TEST(CurvaturePairsParallel, StateGivesThePairsInUse)
{
  CurvaturePairs pairs(n, 12, MPI_COMM_WORLD), again(n, 12, MPI_COMM_WORLD);
  for (unsigned int k = 0; k < 14; ++k)
  {
    const std::vector<double> s = pseudo_random(.7 + k), y = hessian(s);
    pairs.add(s.data(), y.data());
    if (k < 13) // the last one is not in use yet
      pairs.adopt();
  }
  EXPECT_EQ(pairs.n_in_use(), 12u);
  lodestone::NamedState state;
  pairs.add_to(state);
  EXPECT_EQ(state.vectors.size(), 24u);
  again.take_from(state);
  EXPECT_EQ(again.n_in_use(), 12u);
  const std::vector<double> r = pseudo_random(2.3);
  EXPECT_EQ(preconditioned(again, r), preconditioned(pairs, r));
}

TEST(CurvaturePairsParallel, WhatIsForgottenHasNoEffect)
{
  CurvaturePairs pairs(n, 10, MPI_COMM_WORLD);
  iterate(pairs, pseudo_random(1.1));
  pairs.adopt();
  const std::vector<double> r = pseudo_random(2.3);
  EXPECT_NE(preconditioned(pairs, r), r);
  iterate(pairs, r);
  pairs.clear();
  pairs.adopt();
  EXPECT_EQ(preconditioned(pairs, r), r);
}
