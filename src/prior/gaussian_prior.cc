#include <lodestone/base/petsc.h>
#include <lodestone/prior/gaussian_prior.h>

#include <petscksp.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lodestone
{

namespace
{

constexpr PetscInt largest_factored =
    10000;                          ///< unknowns; above, a factorisation of a 3-D problem costs more than iterating
constexpr double tolerance = 1e-12; ///< relative residual
constexpr PetscInt most_iterations = 1000;

/// Largest absolute value over all ranks; infinite when an entry is infinite or not a number.
double largest(const DistributedVector &vector)
{
  double result = 0;
  for (const double x : vector)
    result = std::max(result, std::isfinite(x) ? std::abs(x) : std::numeric_limits<double>::infinity());
  return dealii::Utilities::MPI::max(result, vector.get_mpi_communicator());
}

} // namespace

/// R and its inverse.
struct GaussianPrior::Precision
{
  Mat matrix = nullptr;
  KSP solver = nullptr;
  Vec left = nullptr, right = nullptr; ///< without memory of their own: VecPlaceArray

  Precision(const ParameterLayout &layout, const std::vector<Entry> &entries)
  {
    const MPI_Comm comm = layout.partitioner->get_mpi_communicator();
    const PetscInt n_owned = layout.partitioner->locally_owned_size(), n = layout.partitioner->size();
    std::vector<PetscInt> rows, columns;
    std::vector<PetscScalar> values;
    for (const Entry &entry : entries)
    {
      rows.push_back(entry.row);
      columns.push_back(entry.column);
      values.push_back(entry.value);
    }
    LODESTONE_PETSC(MatCreate(comm, &matrix));
    LODESTONE_PETSC(MatSetSizes(matrix, n_owned, n_owned, n, n));
    LODESTONE_PETSC(MatSetType(matrix, MATAIJ));
    LODESTONE_PETSC(MatSetPreallocationCOO(matrix, entries.size(), rows.data(), columns.data()));
    LODESTONE_PETSC(MatSetValuesCOO(matrix, values.data(), INSERT_VALUES));
    LODESTONE_PETSC(MatSetOption(matrix, MAT_SPD, PETSC_TRUE));
    LODESTONE_PETSC(VecCreateMPIWithArray(comm, 1, n_owned, n, nullptr, &left));
    LODESTONE_PETSC(VecCreateMPIWithArray(comm, 1, n_owned, n, nullptr, &right));
    if (n > 0)
      make_solver(comm, n);
  }

  ~Precision()
  {
    KSPDestroy(&solver);
    VecDestroy(&left);
    VecDestroy(&right);
    MatDestroy(&matrix);
  }
  Precision(const Precision &) = delete;
  Precision &operator=(const Precision &) = delete;

  void make_solver(const MPI_Comm comm, const PetscInt n)
  {
    PC preconditioner = nullptr;
    LODESTONE_PETSC(KSPCreate(comm, &solver));
    LODESTONE_PETSC(KSPSetOperators(solver, matrix, matrix));
    LODESTONE_PETSC(KSPGetPC(solver, &preconditioner));
    if (n <= largest_factored)
    {
      LODESTONE_PETSC(KSPSetType(solver, KSPPREONLY));
      LODESTONE_PETSC(PCSetType(preconditioner, PCCHOLESKY));
#ifdef PETSC_HAVE_MUMPS
      LODESTONE_PETSC(PCFactorSetMatSolverType(preconditioner, MATSOLVERMUMPS));
#endif
    }
    else
    {
      LODESTONE_PETSC(KSPSetType(solver, KSPCG));
      LODESTONE_PETSC(KSPSetNormType(solver, KSP_NORM_UNPRECONDITIONED));
      LODESTONE_PETSC(KSPSetTolerances(solver, tolerance, 0, 1e10, most_iterations));
#ifdef PETSC_HAVE_HYPRE
      LODESTONE_PETSC(PCSetType(preconditioner, PCHYPRE));
      LODESTONE_PETSC(PCHYPRESetType(preconditioner, "boomeramg"));
#else
      LODESTONE_PETSC(PCSetType(preconditioner, PCGAMG));
#endif
    }
    LODESTONE_PETSC(KSPSetOptionsPrefix(solver, "prior_"));
    LODESTONE_PETSC(KSPSetFromOptions(solver));
    LODESTONE_PETSC(KSPSetUp(solver));
  }

  /// Lends the memory of two vectors to `right` and `left` while `call` runs.
  template <typename Call>
  void with_arrays(const DistributedVector &in, DistributedVector &out, const Call &call) const
  {
    LODESTONE_PETSC(VecPlaceArray(right, in.begin()));
    LODESTONE_PETSC(VecPlaceArray(left, out.begin()));
    call();
    LODESTONE_PETSC(VecResetArray(right));
    LODESTONE_PETSC(VecResetArray(left));
  }

  void apply(const DistributedVector &in, DistributedVector &out) const
  {
    with_arrays(in, out, [&] { LODESTONE_PETSC(MatMult(matrix, right, left)); });
  }

  SolveReport solve(const DistributedVector &b, DistributedVector &x) const
  {
    SolveReport report;
    const double start = MPI_Wtime();
    KSPConvergedReason reason = KSP_CONVERGED_ITERATING;
    PetscInt iterations = 0;
    with_arrays(b, x, [&] {
      LODESTONE_PETSC(KSPSolve(solver, right, left));
      LODESTONE_PETSC(KSPGetConvergedReason(solver, &reason));
      LODESTONE_PETSC(KSPGetIterationNumber(solver, &iterations));
    });
    report.converged = reason > 0;
    if (!report.converged)
      report.reason = std::string("the prior's inverse did not converge: ") + KSPConvergedReasons[reason];
    report.iterations = iterations;
    DistributedVector residual(b);
    apply(x, residual);
    residual.sadd(-1, 1, b);
    report.relative_residual = residual.l2_norm() / b.l2_norm();
    report.seconds = MPI_Wtime() - start;
    return report;
  }
};

GaussianPrior::GaussianPrior(std::shared_ptr<const ParameterLayout> layout, const std::vector<Entry> &entries,
                             ParameterVector volume_weights)
    : layout_(std::move(layout)), precision_(std::make_unique<Precision>(*layout_, entries)), reference_(layout_),
      volume_weights_(std::move(volume_weights))
{
}

GaussianPrior::~GaussianPrior() = default;

double GaussianPrior::value(const ParameterVector &m) const
{
  DistributedVector deviation(m.values()), product(layout_->partitioner);
  deviation.add(-1, reference_.values());
  precision_->apply(deviation, product);
  return 0.5 * (deviation * product);
}

void GaussianPrior::add_gradient(const ParameterVector &m, ParameterVector &g) const
{
  DistributedVector deviation(m.values()), product(layout_->partitioner);
  deviation.add(-1, reference_.values());
  precision_->apply(deviation, product);
  g.values().add(1, product);
}

void GaussianPrior::add_hessian(const ParameterVector &, const ParameterVector &m_hat, ParameterVector &out) const
{
  DistributedVector product(layout_->partitioner);
  precision_->apply(m_hat.values(), product);
  out.values().add(1, product);
}

SolveReport GaussianPrior::apply_inverse(const ParameterVector &dual, ParameterVector &out) const
{
  const double size = largest(dual.values());
  SolveReport report;
  if (size == 0 || !std::isfinite(size))
  {
    report.converged = size == 0;
    report.reason = report.converged ? "" : "the derivative that the prior's inverse was given is not finite";
    out.values() = 0;
    return report;
  }
  DistributedVector b(dual.values()), x(layout_->partitioner);
  b /= size; // any size of the derivative: squares in norms neither underflow nor overflow
  report = precision_->solve(b, x);
  x *= size;
  out.values() = x;
  return report;
}

} // namespace lodestone
