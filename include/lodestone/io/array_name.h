#pragma once

#include <string>
#include <vector>

namespace lodestone
{

/// A name for an array that every tool accepts: lower-case letters, digits and single underscores.
///
/// "/" becomes "over", " - " becomes "minus", and any other run of characters an underscore: "m (ln E/E0)" gives
/// "m_ln_e_over_e0". A name that is already of this form stays as it is.
std::string array_name(const std::string &text);

/// The names, with "_2", "_3", ... appended where one would occur again.
std::vector<std::string> without_repetition(const std::vector<std::string> &names);

} // namespace lodestone
