#include <lodestone/loads/half_space/plane_potentials.h>

namespace lodestone
{

namespace
{
using Complex = PlanePotentials::Complex;

/// f with three derivatives and g with two, at the distance w from the source.
struct Functions
{
  Complex f[4], g[3];

  Functions(const Complex &w, const PlanePotentials::Kind kind, const Complex &log)
  {
    const Complex i = 1. / w;
    if (kind == PlanePotentials::logarithm)
    {
      f[0] = log, f[1] = i, f[2] = -i * i, f[3] = 2. * i * i * i;
      g[0] = i, g[1] = -i * i, g[2] = 2. * i * i * i;
    }
    else
    {
      f[0] = i, f[1] = -i * i, f[2] = 2. * i * i * i, f[3] = -6. * i * i * i * i;
      g[0] = i * i, g[1] = -2. * i * i * i, g[2] = 6. * i * i * i * i;
    }
  }
};
} // namespace

void PlanePotentials::add(const Complex &z0, const Kind kind, const Complex &a, const Complex &b, const Complex &c,
                          const Complex &log_direct, const Complex &log_image)
{
  const Functions direct(z_ - z0, kind, log_direct), image(z_ - std::conj(z0), kind, log_image);
  const Complex ca = std::conj(a), cb = std::conj(b), cc = std::conj(c);
  const Complex *const f = image.f, *const g = image.g;
  const Complex phi = -(z_ * ca * f[1] + cb * f[0] + cc * g[0]);
  const Complex phi1 = -(ca * f[1] + z_ * ca * f[2] + cb * f[1] + cc * g[1]);
  const Complex phi2 = -(2. * ca * f[2] + z_ * ca * f[3] + cb * f[2] + cc * g[2]);
  phi_ += a * direct.f[0] + phi;
  phi1_ += a * direct.f[1] + phi1;
  phi2_ += a * direct.f[2] + phi2;
  psi_ += b * direct.f[0] + c * direct.g[0] - ca * f[0] - z_ * phi1;
  psi1_ += b * direct.f[1] + c * direct.g[1] - ca * f[1] - phi1 - z_ * phi2;
}

dealii::Tensor<1, 2> PlanePotentials::displacement() const
{
  const Complex u = 0.5 * (kappa_ * phi_ - z_ * std::conj(phi1_) - std::conj(psi_));
  dealii::Tensor<1, 2> result;
  result[0] = u.real();
  result[1] = u.imag();
  return result;
}

dealii::SymmetricTensor<2, 2> PlanePotentials::strain() const
{
  const Complex even = kappa_ * phi1_ - std::conj(phi1_), odd = z_ * std::conj(phi2_) + std::conj(psi1_);
  const Complex dx = 0.5 * (even - odd), dy = 0.5 * Complex(0, 1) * (even + odd);
  dealii::SymmetricTensor<2, 2> result;
  result[0][0] = dx.real();
  result[1][1] = dy.imag();
  result[0][1] = 0.5 * (dx.imag() + dy.real());
  return result;
}

} // namespace lodestone
