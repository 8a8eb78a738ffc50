#include <lodestone/base/interruptible_ksp.h>
#include <lodestone/base/petsc.h>
#include <lodestone/base/stop_request.h>

namespace lodestone
{

namespace
{
/// While it lives, it stands before the convergence test of a KSP.
class TestWithSafePoints
{
public:
  explicit TestWithSafePoints(KSP ksp)
      : interrupted(false), ksp_(ksp), points_(PetscObjectComm(reinterpret_cast<PetscObject>(ksp)))
  {
    LODESTONE_PETSC(KSPGetAndClearConvergenceTest(ksp_, &inner_, &context_, &destroy_));
    LODESTONE_PETSC(KSPSetConvergenceTest(ksp_, &TestWithSafePoints::test, this, nullptr));
  }
  ~TestWithSafePoints() { (void)KSPSetConvergenceTest(ksp_, inner_, context_, destroy_); }
  TestWithSafePoints(const TestWithSafePoints &) = delete;
  TestWithSafePoints &operator=(const TestWithSafePoints &) = delete;

  bool interrupted;

private:
  static PetscErrorCode test(KSP ksp, const PetscInt iteration, const PetscReal norm, KSPConvergedReason *reason,
                             void *context)
  {
    auto &self = *static_cast<TestWithSafePoints *>(context);
    if (const PetscErrorCode code = self.inner_(ksp, iteration, norm, reason, self.context_))
      return code;
    if (*reason == KSP_CONVERGED_ITERATING && self.points_.must_stop())
    {
      self.interrupted = true;
      *reason = KSP_DIVERGED_ITS;
    }
    return 0;
  }

  KSP ksp_;
  SafePoints points_;
  PetscErrorCode (*inner_)(KSP, PetscInt, PetscReal, KSPConvergedReason *, void *) = nullptr;
  PetscErrorCode (*destroy_)(void *) = nullptr;
  void *context_ = nullptr;
};
} // namespace

void solve_interruptibly(KSP ksp, Vec b, Vec x)
{
  const TestWithSafePoints test(ksp);
  LODESTONE_PETSC(KSPSolve(ksp, b, x));
  if (test.interrupted)
    throw Interrupted();
}

} // namespace lodestone
