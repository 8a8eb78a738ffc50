#pragma once

#include <map>
#include <string>

namespace lodestone::fuzz
{

// One function for each kind of input that the program reads, with the same entry functions as the program uses. Each
// takes what a file of that kind holds. InputError is how bad input ends; anything else that is thrown, a crash, more
// than ten seconds or more memory than 100 MB and 20 times the size of the input is a finding.

void read_prm_deck(const std::string &text);
void read_json_deck(const std::string &text);
void read_observations(const std::string &text);
void read_tables(const std::string &text);
void read_formula(const std::string &text);
void read_msh(const std::string &text);
void read_results(const std::string &text);

/// The functions by the name of their folder in tests/fuzz/corpus.
inline const std::map<std::string, void (*)(const std::string &)> readers = {
    {"prm", read_prm_deck},   {"json", read_json_deck},  {"observations", read_observations},
    {"tables", read_tables},  {"formula", read_formula}, {"msh", read_msh},
    {"results", read_results}};

} // namespace lodestone::fuzz
