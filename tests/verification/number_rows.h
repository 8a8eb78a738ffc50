#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace lodestone::testing
{

/// The rows of numbers of a file of tests/verification/data, without comments ("#").
inline std::vector<std::vector<double>> read_rows(const std::string &file)
{
  std::vector<std::vector<double>> rows;
  std::ifstream in(std::string(LODESTONE_SOURCE_DIR) + "/tests/verification/data/" + file);
  for (std::string line; std::getline(in, line);)
    if (!line.empty() && line[0] != '#')
    {
      std::istringstream numbers(line);
      rows.emplace_back();
      for (double x; numbers >> x;)
        rows.back().push_back(x);
    }
  return rows;
}

} // namespace lodestone::testing
