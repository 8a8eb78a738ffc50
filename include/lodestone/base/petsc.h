#pragma once

#include <petscsys.h>

#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace lodestone
{

/// Does nothing when a PETSc call succeeded.
/// @param call text of the call, for the message
/// @throws SolverError with PETSc's own message if a PetscErrorCapture is alive; std::bad_alloc if PETSc found no memory
void check_petsc(PetscErrorCode code, const char *call = nullptr);

/// While an object of this class lives, PETSc's errors are recorded instead of being printed with a stack trace.
class PetscErrorCapture
{
public:
  PetscErrorCapture();
  ~PetscErrorCapture();
  PetscErrorCapture(const PetscErrorCapture &) = delete;
  PetscErrorCapture &operator=(const PetscErrorCapture &) = delete;
};

/// The words of the command line that PETSc was given.
std::vector<std::string> petsc_arguments();

/// Whether PETSc's option table holds `name` ("-tao_type"). @param value becomes the option's text
bool petsc_option(const std::string &name, std::string &value);
/// The same for callers that do not need the text.
bool has_petsc_option(const std::string &name);

/// Gives an option of PETSc's a value unless the user has given it one.
void set_default_option(const std::string &name, const std::string &value);

/// Entries of PETSc's option table that hold while this object lives, unless the user has set them.
class PetscOptionDefaults
{
public:
  explicit PetscOptionDefaults(const std::vector<std::pair<std::string, std::string>> &options);
  ~PetscOptionDefaults();
  PetscOptionDefaults(const PetscOptionDefaults &) = delete;
  PetscOptionDefaults &operator=(const PetscOptionDefaults &) = delete;

private:
  std::vector<std::string> set_;
};

/// Runs `body` inside a C callback: an exception is stored, and an error code returned instead.
template <typename Body>
PetscErrorCode guard_exceptions(std::exception_ptr &stored, const Body &body) noexcept
{
  try
  {
    body();
    return 0;
  }
  catch (...)
  {
    if (!stored)
      stored = std::current_exception();
    return PETSC_ERR_USER;
  }
}

} // namespace lodestone

/// Checks a PETSc call; the message of a failure holds the text of the call.
#define LODESTONE_PETSC(call) ::lodestone::check_petsc((call), #call)
