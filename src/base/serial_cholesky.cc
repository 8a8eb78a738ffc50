#include <lodestone/base/petsc.h>
#include <lodestone/base/serial_cholesky.h>

#include <algorithm>

namespace lodestone
{
namespace
{

/// What the preconditioner keeps; PETSc owns it and calls the three functions.
struct SerialCholesky
{
  CholeskyOn ranks = CholeskyOn::every_rank;
  std::string prefix;
  bool works = true;    ///< whether this rank factorises
  KSP solver = nullptr; ///< the solver of this rank alone
  Mat *all = nullptr;   ///< an array of one matrix, the whole one; empty where nothing is factorised
  IS rows = nullptr;    ///< all rows, or none
  VecScatter gather = nullptr;
  Vec all_b = nullptr, all_x = nullptr;
  PetscInt mumps = 0; ///< INFOG(1)

  static SerialCholesky &of(PC pc)
  {
    void *context = nullptr;
    PCShellGetContext(pc, &context);
    return *static_cast<SerialCholesky *>(context);
  }

  PetscErrorCode create(Mat matrix)
  {
    PetscInt n;
    Vec b;
    int rank;
    MPI_Comm_rank(PetscObjectComm(reinterpret_cast<PetscObject>(matrix)), &rank);
    works = ranks == CholeskyOn::every_rank || rank == 0;
    PetscCall(MatGetSize(matrix, &n, nullptr));
    PetscCall(ISCreateStride(PETSC_COMM_SELF, works ? n : 0, 0, 1, &rows));
    PetscCall(MatCreateSubMatrices(matrix, 1, &rows, &rows, MAT_INITIAL_MATRIX, &all));
    PetscCall(MatCreateVecs(matrix, nullptr, &b));
    PetscCall((ranks == CholeskyOn::every_rank ? VecScatterCreateToAll : VecScatterCreateToZero)(b, &gather, &all_b));
    PetscCall(VecDestroy(&b));
    PetscCall(VecDuplicate(all_b, &all_x));
    if (!works)
      return 0;
    PC factorisation;
    PetscCall(KSPCreate(PETSC_COMM_SELF, &solver));
    PetscCall(KSPSetType(solver, KSPPREONLY));
    PetscCall(KSPGetPC(solver, &factorisation));
    PetscCall(PCSetOptionsPrefix(factorisation, prefix.c_str()));
    PetscCall(PCSetType(factorisation, PCCHOLESKY));
#ifdef PETSC_HAVE_MUMPS
    if (ranks == CholeskyOn::first_rank)
      PetscCall(PCFactorSetMatSolverType(factorisation, MATSOLVERMUMPS));
#endif
    PetscCall(KSPSetOperators(solver, all[0], all[0]));
    PetscCall(PCSetFromOptions(factorisation));
    return 0;
  }

  static PetscErrorCode set_up(PC pc)
  {
    SerialCholesky &self = of(pc);
    Mat matrix;
    PetscCall(PCGetOperators(pc, nullptr, &matrix));
    if (self.all == nullptr)
      PetscCall(self.create(matrix));
    else
    {
      PetscCall(MatCreateSubMatrices(matrix, 1, &self.rows, &self.rows, MAT_REUSE_MATRIX, &self.all));
      // This says that values have changed: PETSc 3.18 does not say it if every rank gets everything.
      PetscCall(MatAssemblyBegin(self.all[0], MAT_FINAL_ASSEMBLY));
      PetscCall(MatAssemblyEnd(self.all[0], MAT_FINAL_ASSEMBLY));
    }
    PCFailedReason failure = PC_NOERROR;
    if (self.works)
    {
      PC factorisation;
      PetscCall(MatSetOption(self.all[0], MAT_SPD, PETSC_TRUE));
      PetscCall(KSPSetOperators(self.solver, self.all[0], self.all[0]));
      PetscCall(KSPSetUp(self.solver));
      PetscCall(KSPGetPC(self.solver, &factorisation));
      PetscCall(PCGetFailedReasonRank(factorisation, &failure));
      PetscCall(self.read_mumps(factorisation));
    }
    return self.share_failure(pc, failure);
  }

  PetscErrorCode read_mumps(PC factorisation)
  {
#ifdef PETSC_HAVE_MUMPS
    Mat factor;
    MatSolverType type = nullptr;
    PetscBool is_mumps = PETSC_FALSE;
    PetscCall(PCFactorGetMatSolverType(factorisation, &type));
    if (type != nullptr)
      PetscCall(PetscStrcmp(type, MATSOLVERMUMPS, &is_mumps));
    if (is_mumps == PETSC_FALSE)
      return 0;
    PetscCall(PCFactorGetMatrix(factorisation, &factor));
    PetscCall(MatMumpsGetInfog(factor, 1, &mumps));
#else
    (void)factorisation;
#endif
    return 0;
  }

  /// Ranks go on alike: what the first one met becomes that of all.
  PetscErrorCode share_failure(PC pc, const PCFailedReason failure)
  {
    PetscInt both[] = {failure, mumps};
    if (ranks == CholeskyOn::first_rank)
      MPI_Bcast(both, 2, MPIU_INT, 0, PetscObjectComm(reinterpret_cast<PetscObject>(pc)));
    mumps = both[1];
    PetscCall(PCSetFailedReason(pc, static_cast<PCFailedReason>(both[0])));
    return 0;
  }

  static PetscErrorCode apply(PC pc, Vec b, Vec x)
  {
    SerialCholesky &self = of(pc);
    PetscCall(VecScatterBegin(self.gather, b, self.all_b, INSERT_VALUES, SCATTER_FORWARD));
    PetscCall(VecScatterEnd(self.gather, b, self.all_b, INSERT_VALUES, SCATTER_FORWARD));
    if (self.works)
      PetscCall(KSPSolve(self.solver, self.all_b, self.all_x));
    if (self.ranks == CholeskyOn::first_rank)
    {
      PetscCall(VecScatterBegin(self.gather, self.all_x, x, INSERT_VALUES, SCATTER_REVERSE));
      PetscCall(VecScatterEnd(self.gather, self.all_x, x, INSERT_VALUES, SCATTER_REVERSE));
      return 0;
    }
    PetscCall(KSPCheckSolve(self.solver, pc, self.all_x));
    PetscInt begin, end;
    const PetscScalar *everything;
    PetscScalar *own;
    PetscCall(VecGetOwnershipRange(x, &begin, &end));
    PetscCall(VecGetArrayRead(self.all_x, &everything));
    PetscCall(VecGetArrayWrite(x, &own));
    std::copy(everything + begin, everything + end, own);
    PetscCall(VecRestoreArrayWrite(x, &own));
    PetscCall(VecRestoreArrayRead(self.all_x, &everything));
    return 0;
  }

  static PetscErrorCode destroy(PC pc)
  {
    SerialCholesky *self = &of(pc);
    KSPDestroy(&self->solver);
    if (self->all != nullptr)
      MatDestroySubMatrices(1, &self->all);
    ISDestroy(&self->rows);
    VecScatterDestroy(&self->gather);
    VecDestroy(&self->all_b);
    VecDestroy(&self->all_x);
    delete self;
    return 0;
  }
};

} // namespace

void make_serial_cholesky(PC pc, const CholeskyOn ranks, const std::string &prefix)
{
  LODESTONE_PETSC(PCSetType(pc, PCSHELL));
  auto *context = new SerialCholesky;
  context->ranks = ranks;
  context->prefix = prefix;
  LODESTONE_PETSC(PCShellSetContext(pc, context));
  LODESTONE_PETSC(PCShellSetName(pc, ranks == CholeskyOn::every_rank ? "Cholesky factors on every rank"
                                                                     : "Cholesky factors on the first rank"));
  LODESTONE_PETSC(PCShellSetSetUp(pc, &SerialCholesky::set_up));
  LODESTONE_PETSC(PCShellSetApply(pc, &SerialCholesky::apply));
  LODESTONE_PETSC(PCShellSetDestroy(pc, &SerialCholesky::destroy));
}

PetscInt mumps_error_of_serial_cholesky(PC pc)
{
  void *context = nullptr; // stays so if an option has chosen another preconditioner
  LODESTONE_PETSC(PCShellGetContext(pc, &context));
  return context != nullptr ? static_cast<SerialCholesky *>(context)->mumps : 0;
}

} // namespace lodestone
