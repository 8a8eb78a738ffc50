#pragma once

#include <stdexcept>
#include <string>

namespace lodestone
{

/// Exit codes of the program (doc/reference.md, "Exit codes").
enum class ExitCode
{
  done = 0,
  wrong_input = 1,
  solver_failure = 2,
  stopped_early = 3, ///< running on helps
  no_progress = 4    ///< it does not, although the tolerance was not met
};

/// The user's input cannot be used: says where, what was found, what is allowed and what to do about it.
///
/// `where` names a file with its line, or an entry of the parameter file with its full path
/// ("Load cases/drawdown/gnss/File"). Thrown alike on every rank; app reports it on rank 0 and ends with
/// ExitCode::wrong_input.
class InputError : public std::runtime_error
{
public:
  /// @param where   file:line or entry path
  /// @param found   what is wrong, with the value found
  /// @param remedy  the allowed range and what to do (may be empty)
  InputError(const std::string &where, const std::string &found, const std::string &remedy = "");

  const std::string &where() const { return where_; }

private:
  std::string where_;
};

/// A linear or nonlinear solver failed beyond what the caller can recover from (ExitCode::solver_failure).
class SolverError : public std::runtime_error
{
public:
  using std::runtime_error::runtime_error;
};

} // namespace lodestone
