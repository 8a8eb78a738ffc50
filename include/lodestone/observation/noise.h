#pragma once

#include <lodestone/observation/data_set.h>
#include <lodestone/observation/data_vector.h>

#include <deal.II/base/mpi.h>

#include <cstdint>
#include <memory>

namespace lodestone
{

/// Errors of data: Gaussian, with mean zero and covariance Gamma, as a matrix W with Gamma^-1 = W^T W.
///
/// W takes data (m) to numbers without unit whose errors are independent and of standard deviation one. No function
/// forms a square of a datum or of a sigma. All work on vectors that all ranks have alike and give the same on all of
/// them; they are collective where a covariance matrix is so large that it is distributed (CorrelatedErrors), so all
/// ranks call them alike. One object serves a data set (`make_noise`), or all sets of a load case (LoadCaseNoise).
class Noise
{
public:
  virtual ~Noise() = default;

  virtual unsigned int n_data() const = 0;
  /// d becomes W d: from a difference of data (m) to whitened numbers (no unit).
  virtual void whiten(MutableDataView d) const = 0;
  /// w becomes W^T w: from whitened numbers to a derivative with respect to data (1/m). Gamma^-1 d is
  /// `whiten_transpose` of `whiten` of d.
  virtual void whiten_transpose(MutableDataView w) const = 0;
  /// w becomes W^-1 w: from independent numbers of standard deviation one to a draw of the errors (m).
  virtual void colour(MutableDataView w) const = 0;
  /// ln det Gamma, the data in m.
  virtual double log_determinant() const = 0;
};

/// The noise of one data set, without the set's weight: of standard deviations `set.sigma`, and correlated as
/// `set.noise` and `set.row_correlation` say. Collective. @throws InputError
std::unique_ptr<Noise> make_noise(const DataSet &set, MPI_Comm comm);

/// Refuses a covariance that is not positive definite, before anything is built for its data. That of sets with more than
/// 5,000 data, whose factorisation takes more than a few seconds, and of sets whose points may yet be dropped, is left to
/// `make_noise`. Collective. @throws InputError
void check_noise(const DataSet &set, MPI_Comm comm);

/// One draw of the noise of all sets (m), without their weights. It is W^-1 of independent normal numbers, of which
/// number i is made from the numbers 2i and 2i+1 of the standard's mt19937_64 by Box and Muller's formula, so that it
/// depends on the seed and i alone, not on ranks or the library. Collective. Source: Box & Muller 1958, Ann. Math. Stat. 29, 610,
/// doi:10.1214/aoms/1177706645.
DataVector gaussian_noise(const std::vector<DataSet> &sets, std::uint64_t seed, MPI_Comm comm = MPI_COMM_SELF);

} // namespace lodestone
