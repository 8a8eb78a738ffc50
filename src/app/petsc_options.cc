#include <lodestone/app/petsc_options.h>
#include <lodestone/base/error.h>
#include <lodestone/base/petsc.h>
#include <lodestone/base/text.h>

#include <cctype>
#include <fstream>

namespace lodestone
{

namespace
{
const std::string where = "PETSc options";

bool is_name(const std::string &word)
{
  return word.size() > 1 && word[0] == '-' && std::isalpha(static_cast<unsigned char>(word[1])) != 0;
}
} // namespace

void check_petsc_options(const std::vector<std::string> &words)
{
  for (std::size_t i = 0; i < words.size(); ++i)
  {
    const bool is_value = i > 0 && is_name(words[i - 1]);
    if (!is_name(words[i]) && !is_value)
      throw InputError(where, "'" + words[i] + "' is the value of no option",
                       "Write a name with one value, or a name alone: -- -tao_type bqnkls -log_view.");
    if (is_value && words[i - 1] == "-options_file" && !std::ifstream(words[i]).good())
      throw InputError(where, "-options_file " + words[i] + ": the file cannot be read", "Check its name.");
  }
}

void require_used(const std::string &consequence)
{
  std::vector<std::string> unused;
  for (const std::string &word : petsc_arguments())
  {
    PetscBool used = PETSC_TRUE;
    if (is_name(word))
      check_petsc(PetscOptionsUsed(nullptr, word.c_str() + 1, &used));
    if (used == PETSC_FALSE)
      unused.push_back(word);
  }
  if (!unused.empty())
    throw InputError(where, join(unused) + (unused.size() == 1 ? " was" : " were") + " not used" + consequence,
                     "It is misspelt, lacks the prefix of its solver, or belongs to a method that does not run.");
}

} // namespace lodestone
