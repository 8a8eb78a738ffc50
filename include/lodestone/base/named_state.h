#pragma once

#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace lodestone
{

/// Where a computation stands: named numbers, the same on all ranks, and named vectors of unknowns.
///
/// A vector holds this rank's part in single or in double precision. Vectors are shared and not copied: a state of many
/// of them costs nothing until it is written. Names are of letters, digits and underscores.
struct NamedState
{
  template <typename Number>
  using Shared = std::shared_ptr<const std::vector<Number>>;
  using Vector = std::variant<Shared<float>, Shared<double>>;

  std::map<std::string, double> numbers;
  std::map<std::string, Vector> vectors;

  bool empty() const { return numbers.empty() && vectors.empty(); }
  /// A number, or what to take where it is missing.
  double number(const std::string &name, const double otherwise) const
  {
    const auto found = numbers.find(name);
    return found == numbers.end() ? otherwise : found->second;
  }
  /// A vector of the given precision; null where there is none.
  template <typename Number>
  Shared<Number> vector(const std::string &name) const
  {
    const auto found = vectors.find(name);
    const auto *shared = found == vectors.end() ? nullptr : std::get_if<Shared<Number>>(&found->second);
    return shared == nullptr ? nullptr : *shared;
  }
};

/// Whether a member of a state is one of several: such members outlast the state, and later ones hold them again under
/// this name or another one.
inline bool is_numbered(const std::string &name)
{
  const auto is_digit = [&](const std::size_t i) { return name[i] >= '0' && name[i] <= '9'; };
  for (std::size_t i = 3; i < name.size(); ++i)
    if (name[i] == '_' && is_digit(i - 1) && is_digit(i - 2) && is_digit(i - 3))
      return true;
  return false;
}

/// Numbers of one rank alone, by name: what a computation needs to go on to the last digit. They mean something on the
/// same number of ranks only, with the same partition of the mesh.
using RankState = std::map<std::string, std::vector<double>>;

/// "prefix001_" for k = 0: what members of a state are called that there are several of, in the order of their names.
inline std::string numbered(const std::string &prefix, const std::size_t k)
{
  std::string number = std::to_string(k + 1);
  number.insert(0, number.size() < 3 ? 3 - number.size() : 0, '0');
  return prefix + number + "_";
}

} // namespace lodestone
