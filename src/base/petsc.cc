#include <lodestone/base/error.h>
#include <lodestone/base/petsc.h>

#include <cstring>
#include <new>

namespace lodestone
{
namespace
{

std::string captured;
bool found_no_memory = false;

PetscErrorCode capture(MPI_Comm, int, const char *function, const char *, PetscErrorCode code, PetscErrorType,
                       const char *text, void *)
{
  // PETSc 3.18 loses the code on the way from its allocation to the function that asked.
  if (code == PETSC_ERR_MEM || (function != nullptr && std::strcmp(function, "PetscMallocAlign") == 0))
    found_no_memory = true;
  if (captured.empty())
  {
    captured = std::string(function ? function : "PETSc") + ": " + (text ? text : "");
    while (!captured.empty() && (captured.back() == '\n' || captured.back() == ' '))
      captured.pop_back();
  }
  return code;
}

/// The option of the command line whose value a message of PETSc quotes; empty where there is none.
std::string option_quoted_in(const std::string &message)
{
  const auto quotes = [&message](const std::string &value) {
    const std::string text = " " + message + " ";
    return text.find(" " + value + " ") != std::string::npos;
  };
  const std::vector<std::string> words = petsc_arguments();
  for (std::size_t i = 0; i + 1 < words.size(); ++i)
    if (words[i][0] == '-' && quotes(words[i + 1]))
      return words[i] + " " + words[i + 1];
  return "";
}

} // namespace

void check_petsc(const PetscErrorCode code, const char *call)
{
  if (code == 0)
    return;
  const std::string first = std::exchange(captured, "");
  if (std::exchange(found_no_memory, false) || code == PETSC_ERR_MEM)
    throw std::bad_alloc();
  if (code == PETSC_ERR_ARG_UNKNOWN_TYPE || first.rfind("PetscOptions", 0) == 0)
    if (const std::string option = option_quoted_in(first); !option.empty())
      throw InputError("PETSc options", option + ": " + first, "Correct the value.");
  const char *text = nullptr;
  PetscErrorMessage(code, &text, nullptr);
  throw SolverError("PETSc error " + std::to_string(code) + (text != nullptr ? std::string(" (") + text + ")" : "") +
                    (first.empty() ? "" : " in " + first) +
                    (call == nullptr ? "" : std::string(", called as ") + call));
}

PetscErrorCapture::PetscErrorCapture()
{
  captured.clear();
  found_no_memory = false;
  check_petsc(PetscPushErrorHandler(capture, nullptr));
}

PetscErrorCapture::~PetscErrorCapture()
{
  PetscPopErrorHandler();
  captured.clear();
  found_no_memory = false;
}

PetscOptionDefaults::PetscOptionDefaults(const std::vector<std::pair<std::string, std::string>> &options)
{
  for (const auto &[name, value] : options)
    if (!has_petsc_option(name))
    {
      set_default_option(name, value);
      set_.push_back(name);
    }
}

PetscOptionDefaults::~PetscOptionDefaults()
{
  for (const std::string &name : set_)
    PetscOptionsClearValue(nullptr, name.c_str());
}

std::vector<std::string> petsc_arguments()
{
  int n = 0;
  char **words = nullptr; // the program's name is the first
  if (PetscGetArgs(&n, &words) != 0 || n < 1)
    return {};
  return {words + 1, words + n};
}

bool petsc_option(const std::string &name, std::string &value)
{
  char text[256] = "";
  PetscBool found = PETSC_FALSE;
  check_petsc(PetscOptionsGetString(nullptr, nullptr, name.c_str(), text, sizeof(text), &found));
  value = text;
  return found == PETSC_TRUE;
}

bool has_petsc_option(const std::string &name)
{
  PetscBool found = PETSC_FALSE;
  check_petsc(PetscOptionsHasName(nullptr, nullptr, name.c_str(), &found));
  return found == PETSC_TRUE;
}

void set_default_option(const std::string &name, const std::string &value)
{
  if (!has_petsc_option(name))
    check_petsc(PetscOptionsSetValue(nullptr, name.c_str(), value.c_str()));
}

} // namespace lodestone
