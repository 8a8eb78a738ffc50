#pragma once

#include <lodestone/objective/reduced_objective.h>

namespace lodestone
{

/// How strongly the data depend on each unknown: s_j = |W dd/dm_j|, in units of their noise, the root of the
/// Gauss-Newton Hessian's diagonal (without eliminating strengths and nuisance terms), estimated from random
/// combinations of data.
///
/// With xi_i = +-1 at random, the mean of (J^T Gamma^-1/2 xi)_j^2 over samples tends to s_j^2; the relative error of
/// s_j is about 1/sqrt(2 n_samples). It costs one adjoint solve per load case and
/// sample, and gives the same on any number of ranks. Source: Bekas, Kokiopoulou &
/// Saad 2007, doi:10.1016/j.apnum.2007.01.003 (diagonal estimator, applied to a Gram matrix).
SolveReport sample_sensitivity(ReducedObjective &objective, unsigned int n_samples, ParameterVector &sensitivity);

} // namespace lodestone
