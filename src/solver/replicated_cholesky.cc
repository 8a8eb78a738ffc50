#include <lodestone/base/petsc.h>
#include <lodestone/solver/replicated_cholesky.h>

#include <algorithm>

namespace lodestone
{
namespace
{

/// What the preconditioner keeps; PETSc owns it and calls the three functions.
struct ReplicatedCholesky
{
  std::string prefix;
  KSP solver = nullptr; ///< the solver of this rank alone
  Mat *all = nullptr;   ///< an array of one matrix, the whole one
  IS rows = nullptr;    ///< all rows
  VecScatter gather = nullptr;
  Vec all_b = nullptr, all_x = nullptr;

  static ReplicatedCholesky &of(PC pc)
  {
    void *context = nullptr;
    PCShellGetContext(pc, &context);
    return *static_cast<ReplicatedCholesky *>(context);
  }

  PetscErrorCode create(Mat matrix)
  {
    PetscInt n;
    Vec b;
    PetscCall(MatGetSize(matrix, &n, nullptr));
    PetscCall(ISCreateStride(PETSC_COMM_SELF, n, 0, 1, &rows));
    PetscCall(MatCreateSubMatrices(matrix, 1, &rows, &rows, MAT_INITIAL_MATRIX, &all));
    PetscCall(MatCreateVecs(matrix, nullptr, &b));
    PetscCall(VecScatterCreateToAll(b, &gather, &all_b));
    PetscCall(VecDestroy(&b));
    PetscCall(VecDuplicate(all_b, &all_x));
    PC factorisation;
    PetscCall(KSPCreate(PETSC_COMM_SELF, &solver));
    PetscCall(KSPSetOptionsPrefix(solver, prefix.c_str()));
    PetscCall(KSPSetType(solver, KSPPREONLY));
    PetscCall(KSPGetPC(solver, &factorisation));
    PetscCall(PCSetType(factorisation, PCCHOLESKY));
    PetscCall(KSPSetOperators(solver, all[0], all[0]));
    PetscCall(KSPSetFromOptions(solver));
    return 0;
  }

  static PetscErrorCode set_up(PC pc)
  {
    ReplicatedCholesky &self = of(pc);
    Mat matrix;
    PetscCall(PCGetOperators(pc, nullptr, &matrix));
    if (self.solver == nullptr)
      PetscCall(self.create(matrix));
    else
    {
      PetscCall(MatCreateSubMatrices(matrix, 1, &self.rows, &self.rows, MAT_REUSE_MATRIX, &self.all));
      // This says that values have changed: PETSc 3.18 does not say it if every rank gets everything.
      PetscCall(MatAssemblyBegin(self.all[0], MAT_FINAL_ASSEMBLY));
      PetscCall(MatAssemblyEnd(self.all[0], MAT_FINAL_ASSEMBLY));
    }
    PetscCall(MatSetOption(self.all[0], MAT_SPD, PETSC_TRUE));
    PetscCall(KSPSetOperators(self.solver, self.all[0], self.all[0]));
    PetscCall(KSPSetUp(self.solver));
    return 0;
  }

  static PetscErrorCode apply(PC pc, Vec b, Vec x)
  {
    const ReplicatedCholesky &self = of(pc);
    PetscCall(VecScatterBegin(self.gather, b, self.all_b, INSERT_VALUES, SCATTER_FORWARD));
    PetscCall(VecScatterEnd(self.gather, b, self.all_b, INSERT_VALUES, SCATTER_FORWARD));
    PetscCall(KSPSolve(self.solver, self.all_b, self.all_x));
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
    ReplicatedCholesky *self = &of(pc);
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

void make_replicated_cholesky(PC pc, const std::string &prefix)
{
  LODESTONE_PETSC(PCSetType(pc, PCSHELL));
  auto *context = new ReplicatedCholesky;
  context->prefix = prefix;
  LODESTONE_PETSC(PCShellSetContext(pc, context));
  LODESTONE_PETSC(PCShellSetName(pc, "Cholesky factors on every rank"));
  LODESTONE_PETSC(PCShellSetSetUp(pc, &ReplicatedCholesky::set_up));
  LODESTONE_PETSC(PCShellSetApply(pc, &ReplicatedCholesky::apply));
  LODESTONE_PETSC(PCShellSetDestroy(pc, &ReplicatedCholesky::destroy));
}

} // namespace lodestone
