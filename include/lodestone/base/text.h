#pragma once

#include <string>
#include <vector>

namespace lodestone
{

/// The text without blanks (space, tab, carriage return, line feed) at its ends.
std::string trimmed(const std::string &text);
/// Whether the text holds nothing but blanks.
bool is_blank(const std::string &text);
bool starts_with(const std::string &text, const std::string &start);
/// The text with ASCII letters in lower case.
std::string lower_case(std::string text);

/// Splits "a, b, c" at commas outside parentheses and trims the items; blank text has no items.
std::vector<std::string> split_list(const std::string &text);
/// "a, b, c"
std::string join(const std::vector<std::string> &items, const std::string &separator = ", ");

/// The known name nearest to a misspelt one in edit distance; empty when none is near.
std::string nearest_name(const std::string &name, const std::vector<std::string> &known);
/// The known name that a text is a slip of: one letter too many, too few, wrong or swapped, two in long names, or its
/// first letters; empty when there is none. Stricter than nearest_name, for names that may be meant as they are.
std::string misspelt_name(const std::string &name, const std::vector<std::string> &known);
/// What to say of a name that is not among those known: "Did you mean 'top'? Known are bottom, top."
std::string name_advice(const std::string &name, const std::vector<std::string> &known);

/// "A decimal comma is not understood: write 0.5. " where the text is a number with one, "0,5" or "0,5 km"; else empty.
std::string decimal_comma_advice(const std::string &text);

} // namespace lodestone
