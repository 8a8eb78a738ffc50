#include <lodestone/base/error.h>
#include <lodestone/optimizer/petsc_calls.h>

namespace lodestone
{
namespace
{

std::string captured;

PetscErrorCode capture(MPI_Comm, int, const char *function, const char *, PetscErrorCode code, PetscErrorType,
                       const char *text, void *)
{
  if (captured.empty())
  {
    captured = std::string(function ? function : "PETSc") + ": " + (text ? text : "");
    while (!captured.empty() && (captured.back() == '\n' || captured.back() == ' '))
      captured.pop_back();
  }
  return code;
}

} // namespace

void check_petsc(const PetscErrorCode code)
{
  if (code == 0)
    return;
  const char *text = nullptr;
  PetscErrorMessage(code, &text, nullptr);
  std::string message = "PETSc error " + std::to_string(code) + (text ? std::string(" (") + text + ")" : "");
  if (!captured.empty())
    message += " in " + captured;
  throw SolverError(message);
}

PetscErrorCapture::PetscErrorCapture()
{
  captured.clear();
  check_petsc(PetscPushErrorHandler(capture, nullptr));
}

PetscErrorCapture::~PetscErrorCapture()
{
  PetscPopErrorHandler();
  captured.clear();
}

PetscOptionDefaults::PetscOptionDefaults(const std::vector<std::pair<std::string, std::string>> &options)
{
  for (const auto &option : options)
  {
    PetscBool found = PETSC_FALSE;
    check_petsc(PetscOptionsHasName(nullptr, nullptr, option.first.c_str(), &found));
    if (found)
      continue;
    check_petsc(PetscOptionsSetValue(nullptr, option.first.c_str(), option.second.c_str()));
    set_.push_back(option.first);
  }
}

PetscOptionDefaults::~PetscOptionDefaults()
{
  for (const std::string &name : set_)
    PetscOptionsClearValue(nullptr, name.c_str());
}

bool petsc_option(const std::string &name, std::string &value)
{
  char text[256] = "";
  PetscBool found = PETSC_FALSE;
  check_petsc(PetscOptionsGetString(nullptr, nullptr, name.c_str(), text, sizeof(text), &found));
  value = text;
  return found == PETSC_TRUE;
}

} // namespace lodestone
