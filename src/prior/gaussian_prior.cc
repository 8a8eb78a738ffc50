#include <lodestone/base/petsc.h>
#include <lodestone/prior/gaussian_prior.h>

#include <deal.II/base/mpi.h>

#include <petscksp.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace lodestone
{

namespace
{

constexpr PetscInt largest_factored =
    10000;                          ///< unknowns; above, a factorisation of a 3-D problem costs more than iterating
constexpr double tolerance = 1e-12; ///< relative residual
constexpr PetscInt most_iterations = 1000;

using dealii::types::global_dof_index;

/// The entries of the rows of this rank: its own, and what others have for it, rank after rank, so that sums are the
/// same in every run.
class OwnedEntries
{
public:
  /// Collective.
  OwnedEntries(const dealii::Utilities::MPI::Partitioner &partitioner, const GaussianPrior::Entries &own)
      : range_(partitioner.local_range()), own_(own)
  {
    if (partitioner.size() == 0) // deal.II cannot look for the owners of no entries
      return;
    const MPI_Comm comm = partitioner.get_mpi_communicator();
    const dealii::IndexSet &ghosts = partitioner.ghost_indices();
    const std::vector<unsigned int> owners =
        dealii::Utilities::MPI::compute_index_owner(partitioner.locally_owned_range(), ghosts, comm);
    std::map<unsigned int, std::vector<Entry>> to_send;
    own_([&](const global_dof_index row, const global_dof_index column, const double value) {
      if (!is_owned(row))
        to_send[owners[ghosts.index_within_set(row)]].push_back({row, column, value});
    });
    received_ = dealii::Utilities::MPI::some_to_some(comm, to_send);
  }

  void for_each(const GaussianPrior::AddEntry &add) const
  {
    own_([&](const global_dof_index row, const global_dof_index column, const double value) {
      if (is_owned(row))
        add(row, column, value);
    });
    for (const auto &of_rank : received_)
      for (const Entry &entry : of_rank.second)
        add(entry.row, entry.column, entry.value);
  }

private:
  struct Entry
  {
    global_dof_index row, column;
    double value;

    template <class Archive>
    void serialize(Archive &archive, const unsigned int /*version*/)
    {
      archive &row &column &value;
    }
  };

  bool is_owned(const global_dof_index row) const { return row >= range_.first && row < range_.second; }

  std::pair<global_dof_index, global_dof_index> range_;
  const GaussianPrior::Entries &own_;
  std::map<unsigned int, std::vector<Entry>> received_;
};

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

  Precision(const ParameterLayout &layout, const Entries &entries)
  {
    const MPI_Comm comm = layout.partitioner->get_mpi_communicator();
    const PetscInt n_owned = layout.partitioner->locally_owned_size(), n = layout.partitioner->size();
    LODESTONE_PETSC(MatCreate(comm, &matrix));
    LODESTONE_PETSC(MatSetSizes(matrix, n_owned, n_owned, n, n));
    LODESTONE_PETSC(MatSetType(matrix, MATAIJ));
    fill(OwnedEntries(*layout.partitioner, entries), layout.partitioner->local_range());
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

  void fill(const OwnedEntries &entries, const std::pair<global_dof_index, global_dof_index> &range)
  {
    const PetscInt n_owned = range.second - range.first;
    PetscInt n = 0;
    LODESTONE_PETSC(MatGetSize(matrix, &n, nullptr));
    // Entries that are added up are counted more than once, but for the diagonal: an upper bound.
    std::vector<PetscInt> here(n_owned, 1), elsewhere(n_owned, 0);
    entries.for_each([&](const global_dof_index row, const global_dof_index column, double) {
      const bool of_this_rank = column >= range.first && column < range.second;
      auto &count = (of_this_rank ? here : elsewhere)[row - range.first];
      if (row != column && count < (of_this_rank ? n_owned : n - n_owned))
        ++count;
    });
    LODESTONE_PETSC(MatSeqAIJSetPreallocation(matrix, 0, here.data()));
    LODESTONE_PETSC(MatMPIAIJSetPreallocation(matrix, 0, here.data(), 0, elsewhere.data()));
    entries.for_each([&](const global_dof_index row, const global_dof_index column, const double value) {
      LODESTONE_PETSC(MatSetValue(matrix, row, column, value, ADD_VALUES));
    });
    LODESTONE_PETSC(MatAssemblyBegin(matrix, MAT_FINAL_ASSEMBLY));
    LODESTONE_PETSC(MatAssemblyEnd(matrix, MAT_FINAL_ASSEMBLY));
  }

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
      // Coarsening of half the work and a third of the memory of hypre's default on three-dimensional grids.
      set_default_option("-prior_pc_hypre_boomeramg_coarsen_type", "HMIS");
      set_default_option("-prior_pc_hypre_boomeramg_interp_type", "ext+i");
      set_default_option("-prior_pc_hypre_boomeramg_P_max", "4");
      set_default_option("-prior_pc_hypre_boomeramg_agg_nl", "1");
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

  void precondition(const DistributedVector &b, DistributedVector &x) const
  {
    PC preconditioner = nullptr;
    LODESTONE_PETSC(KSPGetPC(solver, &preconditioner));
    with_arrays(b, x, [&] { LODESTONE_PETSC(PCApply(preconditioner, right, left)); });
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

GaussianPrior::GaussianPrior(std::shared_ptr<const ParameterLayout> layout, const Entries &entries,
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

void GaussianPrior::precondition(const ParameterVector &dual, ParameterVector &out) const
{
  out.values() = 0;
  const double size = largest(dual.values());
  if (size == 0)
    return;
  DistributedVector b(dual.values()), x(layout_->partitioner);
  b /= size;
  precision_->precondition(b, x);
  x *= size;
  out.values() = x;
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
