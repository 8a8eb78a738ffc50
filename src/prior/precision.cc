#include <lodestone/base/interruptible_ksp.h>
#include <lodestone/base/petsc.h>
#include <lodestone/base/serial_cholesky.h>
#include <lodestone/prior/precision.h>

#include <deal.II/base/mpi.h>
#include <deal.II/base/partitioner.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <map>

namespace lodestone
{

namespace
{

using dealii::types::global_dof_index;

constexpr PetscInt largest_factored =
    10000;                          ///< unknowns; above, a factorisation of a 3-D problem costs more than iterating
constexpr double tolerance = 1e-12; ///< relative residual
constexpr PetscInt most_iterations = 1000;

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

/// The entries of R that one square contributes to.
template <typename Add>
void add_entries(const Square &square, const Add &add)
{
  for (const Square::Term &row : square.terms)
    for (const Square::Term &column : square.terms)
      add(Entry{row.unknown, column.unknown, square.weight * (row.coefficient * column.coefficient)});
}

/// The rank that owns a ghost entry of a partitioner.
unsigned int owner_of_ghost(const dealii::Utilities::MPI::Partitioner &partitioner, const global_dof_index unknown)
{
  dealii::types::global_dof_index position = partitioner.ghost_indices().index_within_set(unknown);
  for (const auto &[rank, n] : partitioner.ghost_targets())
  {
    if (position < n)
      return rank;
    position -= n;
  }
  return dealii::numbers::invalid_unsigned_int;
}

/// Largest absolute value over all ranks; infinite when an entry is infinite or not a number.
double largest(const DistributedVector &vector)
{
  double result = 0;
  for (const double x : vector)
    result = std::max(result, std::isfinite(x) ? std::abs(x) : std::numeric_limits<double>::infinity());
  return dealii::Utilities::MPI::max(result, vector.get_mpi_communicator());
}

} // namespace

/// What this rank's rows get from other ranks' squares, rank after rank, so that sums are the same in every run, and an
/// upper bound of how many entries the rows have. Collective.
struct Precision::OwnedEntries
{
  std::pair<global_dof_index, global_dof_index> range;
  global_dof_index size;
  std::vector<PetscInt> here, elsewhere; ///< numbers of columns of this rank and of others
  std::map<unsigned int, std::vector<Entry>> received;
  std::shared_ptr<const dealii::Utilities::MPI::Partitioner> unknowns; ///< with those of this rank's squares as ghosts
  bool has_targets = false;

  OwnedEntries(const dealii::Utilities::MPI::Partitioner &owned, const Squares &squares)
      : range(owned.local_range()), size(owned.size()), here(range.second - range.first, 1),
        elsewhere(range.second - range.first, 0)
  {
    std::vector<Entry> of_others;
    squares.for_each([&](const Square &square) {
      has_targets = has_targets || square.target != 0;
      add_entries(square, [&](const Entry &entry) {
        if (is_owned(entry.row))
          count(entry);
        else
          of_others.push_back(entry);
      });
    });
    exchange(owned, of_others);
    for (const auto &of_rank : received)
      for (const Entry &entry : of_rank.second)
        count(entry);
  }

  bool is_owned(const global_dof_index unknown) const { return unknown >= range.first && unknown < range.second; }

  /// Entries that are added up are counted more than once, but for the diagonal.
  void count(const Entry &entry)
  {
    const bool of_this_rank = is_owned(entry.column);
    const PetscInt n_owned = range.second - range.first;
    auto &n = (of_this_rank ? here : elsewhere)[entry.row - range.first];
    if (entry.row != entry.column && n < (of_this_rank ? n_owned : PetscInt(size) - n_owned))
      ++n;
  }

  void exchange(const dealii::Utilities::MPI::Partitioner &owned, const std::vector<Entry> &of_others)
  {
    std::vector<global_dof_index> rows;
    for (const Entry &entry : of_others)
      rows.push_back(entry.row);
    unknowns = partitioner_with_ghosts(owned, rows);
    const MPI_Comm comm = owned.get_mpi_communicator();
    has_targets = dealii::Utilities::MPI::max(has_targets ? 1 : 0, comm) != 0;
    std::map<unsigned int, std::vector<Entry>> to_send;
    for (const Entry &entry : of_others)
      to_send[owner_of_ghost(*unknowns, entry.row)].push_back(entry);
    received = dealii::Utilities::MPI::some_to_some(comm, to_send);
  }
};

Precision::Precision(const dealii::Utilities::MPI::Partitioner &owned, const Squares &squares)
    : comm_(owned.get_mpi_communicator())
{
  const PetscInt n_owned = owned.locally_owned_size(), n = owned.size();
  LODESTONE_PETSC(MatCreate(comm_, &matrix_));
  LODESTONE_PETSC(MatSetSizes(matrix_, n_owned, n_owned, n, n));
  LODESTONE_PETSC(MatSetType(matrix_, MATAIJ));
  const OwnedEntries entries(owned, squares);
  unknowns_ = entries.unknowns;
  has_targets_ = entries.has_targets;
  fill(entries, squares);
  LODESTONE_PETSC(MatSetOption(matrix_, MAT_SPD, PETSC_TRUE));
  LODESTONE_PETSC(VecCreateMPIWithArray(comm_, 1, n_owned, n, nullptr, &left_));
  LODESTONE_PETSC(VecCreateMPIWithArray(comm_, 1, n_owned, n, nullptr, &right_));
}

Precision::~Precision()
{
  // Ranks destroy it together. Where an exception leaves it, this rank may be alone with that: then it stays.
  if (std::uncaught_exceptions() > 0)
    return;
  KSPDestroy(&solver_);
  VecDestroy(&left_);
  VecDestroy(&right_);
  MatDestroy(&matrix_);
}

void Precision::fill(const OwnedEntries &entries, const Squares &squares)
{
  LODESTONE_PETSC(MatSeqAIJSetPreallocation(matrix_, 0, entries.here.data()));
  LODESTONE_PETSC(MatMPIAIJSetPreallocation(matrix_, 0, entries.here.data(), 0, entries.elsewhere.data()));
  const auto add = [&](const Entry &entry) {
    LODESTONE_PETSC(MatSetValue(matrix_, entry.row, entry.column, entry.value, ADD_VALUES));
  };
  squares.for_each([&](const Square &square) {
    add_entries(square, [&](const Entry &entry) {
      if (entries.is_owned(entry.row))
        add(entry);
    });
  });
  for (const auto &of_rank : entries.received)
    for (const Entry &entry : of_rank.second)
      add(entry);
  LODESTONE_PETSC(MatAssemblyBegin(matrix_, MAT_FINAL_ASSEMBLY));
  LODESTONE_PETSC(MatAssemblyEnd(matrix_, MAT_FINAL_ASSEMBLY));
}

void Precision::ensure_solver() const
{
  if (solver_ != nullptr)
    return;
  PC preconditioner = nullptr;
  PetscInt n = 0;
  LODESTONE_PETSC(MatGetSize(matrix_, &n, nullptr));
  LODESTONE_PETSC(KSPCreate(comm_, &solver_));
  LODESTONE_PETSC(KSPSetOperators(solver_, matrix_, matrix_));
  LODESTONE_PETSC(KSPGetPC(solver_, &preconditioner));
  if (n <= largest_factored)
  {
    LODESTONE_PETSC(KSPSetType(solver_, KSPPREONLY));
    make_serial_cholesky(preconditioner, CholeskyOn::first_rank, "prior_");
  }
  else
  {
    LODESTONE_PETSC(KSPSetType(solver_, KSPCG));
    LODESTONE_PETSC(KSPSetNormType(solver_, KSP_NORM_UNPRECONDITIONED));
    LODESTONE_PETSC(KSPSetTolerances(solver_, tolerance, 0, 1e10, most_iterations));
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
  LODESTONE_PETSC(KSPSetOptionsPrefix(solver_, "prior_"));
  LODESTONE_PETSC(KSPSetFromOptions(solver_));
  LODESTONE_PETSC(KSPSetUp(solver_));
}

/// Lends the memory of two vectors to right_ and left_ while `call` runs.
template <typename Call>
void Precision::with_arrays(const DistributedVector &in, DistributedVector &out, const Call &call) const
{
  struct Loan // an exception ends it too
  {
    Loan(Vec v, const double *values) : to(v) { LODESTONE_PETSC(VecPlaceArray(v, values)); }
    ~Loan() { (void)VecResetArray(to); }
    Vec to;
  };
  const Loan right(right_, in.begin()), left(left_, out.begin());
  call();
}

void Precision::apply(const DistributedVector &in, DistributedVector &out) const
{
  with_arrays(in, out, [&] { LODESTONE_PETSC(MatMult(matrix_, right_, left_)); });
}

void Precision::for_each_row(
    const std::function<void(global_dof_index, const std::vector<Square::Term> &)> &visit) const
{
  PetscInt begin = 0, end = 0;
  LODESTONE_PETSC(MatGetOwnershipRange(matrix_, &begin, &end));
  std::vector<Square::Term> terms;
  for (PetscInt row = begin; row < end; ++row)
  {
    PetscInt n = 0;
    const PetscInt *columns = nullptr;
    const PetscScalar *values = nullptr;
    LODESTONE_PETSC(MatGetRow(matrix_, row, &n, &columns, &values));
    terms.clear();
    for (PetscInt i = 0; i < n; ++i)
      terms.push_back({global_dof_index(columns[i]), values[i]});
    LODESTONE_PETSC(MatRestoreRow(matrix_, row, &n, &columns, &values));
    visit(row, terms);
  }
}

void Precision::precondition(const DistributedVector &dual, DistributedVector &out) const
{
  out = 0;
  const double size = largest(dual);
  if (size == 0)
    return;
  DistributedVector b(dual), x(out.get_partitioner());
  b /= size;
  ensure_solver();
  PC preconditioner = nullptr;
  LODESTONE_PETSC(KSPGetPC(solver_, &preconditioner));
  with_arrays(b, x, [&] { LODESTONE_PETSC(PCApply(preconditioner, right_, left_)); });
  x *= size;
  out = x;
}

SolveReport Precision::solve(const DistributedVector &dual, DistributedVector &out) const
{
  const double size = largest(dual);
  SolveReport report;
  if (size == 0 || !std::isfinite(size))
  {
    report.converged = size == 0;
    report.reason = report.converged ? "" : "the derivative that the prior's inverse was given is not finite";
    out = 0;
    return report;
  }
  DistributedVector b(dual), x(out.get_partitioner());
  b /= size; // any size of the derivative: squares in norms neither underflow nor overflow
  report = solve_scaled(b, x);
  x *= size;
  out = x;
  return report;
}

SolveReport Precision::solve_scaled(const DistributedVector &b, DistributedVector &x) const
{
  ensure_solver();
  SolveReport report;
  const double start = MPI_Wtime();
  KSPConvergedReason reason = KSP_CONVERGED_ITERATING;
  PetscInt iterations = 0;
  with_arrays(b, x, [&] {
    solve_interruptibly(solver_, right_, left_);
    LODESTONE_PETSC(KSPGetConvergedReason(solver_, &reason));
    LODESTONE_PETSC(KSPGetIterationNumber(solver_, &iterations));
  });
  report.converged = reason > 0;
  if (!report.converged)
    report.reason = std::string("the prior's inverse did not converge: ") + KSPConvergedReasons[reason];
  report.iterations = iterations;
  DistributedVector difference(b);
  apply(x, difference);
  difference.sadd(-1, 1, b);
  report.relative_residual = difference.l2_norm() / b.l2_norm();
  report.seconds = MPI_Wtime() - start;
  return report;
}

} // namespace lodestone
