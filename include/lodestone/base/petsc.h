#pragma once

#include <lodestone/base/error.h>

#include <petscsys.h>

#include <string>

namespace lodestone
{

/// Throws SolverError for a PETSc return code that is not zero.
inline void check_petsc(const PetscErrorCode code, const char *call)
{
  if (code != 0)
  {
    const char *text = nullptr;
    PetscErrorMessage(code, &text, nullptr);
    throw SolverError(std::string("PETSc: ") + call + " failed: " + (text != nullptr ? text : "unknown error"));
  }
}

} // namespace lodestone

/// Every PETSc call goes through this.
#define LODESTONE_PETSC(call) ::lodestone::check_petsc((call), #call)
