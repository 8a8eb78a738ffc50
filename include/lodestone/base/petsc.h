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

/// Gives an option of PETSc's a value unless the user has given it one.
inline void set_default_option(const char *name, const char *value)
{
  PetscBool given = PETSC_FALSE;
  check_petsc(PetscOptionsHasName(nullptr, nullptr, name, &given), "PetscOptionsHasName");
  if (given == PETSC_FALSE)
    check_petsc(PetscOptionsSetValue(nullptr, name, value), "PetscOptionsSetValue");
}

} // namespace lodestone

/// Every PETSc call goes through this.
#define LODESTONE_PETSC(call) ::lodestone::check_petsc((call), #call)
