#include <lodestone/app/file_names.h>
#include <lodestone/base/error.h>
#include <lodestone/io/result_directory.h>

#include <map>

namespace lodestone
{

namespace
{
constexpr std::size_t longest = 200; // bytes: file systems allow 255, with what stands before and behind a name

/// Names of files, with those that they are made of.
class Owners
{
public:
  void add(const std::string &file_name, const std::string &owner, const std::string &entry)
  {
    if (file_name.size() > longest)
      throw InputError(entry, owner + " has a name too long for files: " + std::to_string(file_name.size()) + " bytes",
                       "A load case and a data set together may have " + std::to_string(longest) + " bytes.");
    const auto [known, is_new] = owners_.emplace(file_name, owner);
    if (!is_new)
      throw InputError(
          entry, owner + " and " + known->second + " would write to the same files ('" + file_name + "')",
          "In the names of files, all but letters, digits, '-' and '_' becomes '_'. Rename one of the two.");
  }

private:
  std::map<std::string, std::string> owners_;
};
} // namespace

std::string data_file_name(const std::size_t n_cases, const std::string &load_case, const std::string &data_set)
{
  return ResultDirectory::safe_name(n_cases > 1 ? load_case + "_" + data_set : data_set);
}

std::string case_file_name(const std::string &load_case)
{
  return ResultDirectory::safe_name(load_case);
}

void check_file_names(const std::vector<NamesOfCase> &cases)
{
  Owners of_cases, of_sets;
  for (const auto &[load_case, data_sets] : cases)
  {
    of_cases.add(case_file_name(load_case), "load case '" + load_case + "'", "Load cases/Names");
    for (const auto &data_set : data_sets)
      of_sets.add(data_file_name(cases.size(), load_case, data_set),
                  "data set '" + data_set + "' of load case '" + load_case + "'",
                  "Load cases/" + load_case + "/Data sets");
  }
}

} // namespace lodestone
