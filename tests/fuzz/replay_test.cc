// Reads the corpus of the fuzz targets with the normal build.
#include <lodestone/base/error.h>

#include <gtest/gtest.h>

#include "readers.h"
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace lodestone;

namespace
{

/// How reading ends: an InputError is as good as none. @return seconds
double seconds_to_read(const std::string &kind, const std::string &text)
{
  const auto start = std::chrono::steady_clock::now();
  try
  {
    fuzz::readers.at(kind)(text);
  }
  catch (const InputError &error)
  {
    EXPECT_NE(std::string(error.what()), "");
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string repeated(const std::string &text, const unsigned int n)
{
  std::string result;
  for (unsigned int i = 0; i < n; ++i)
    result += text;
  return result;
}

} // namespace

TEST(Fuzz, CorpusIsReadOrRefused)
{
  const std::filesystem::path corpus = LODESTONE_SOURCE_DIR "/tests/fuzz/corpus";
  for (const auto &[kind, read] : fuzz::readers)
  {
    unsigned int n = 0;
    for (const auto &file : std::filesystem::directory_iterator(corpus / kind))
    {
      SCOPED_TRACE(file.path().string());
      std::ostringstream text;
      text << std::ifstream(file.path(), std::ios::binary).rdbuf();
      EXPECT_NO_THROW(EXPECT_LT(seconds_to_read(kind, text.str()), 5));
      ++n;
    }
    EXPECT_GT(n, 0u) << kind;
  }
}

TEST(Fuzz, LargeDecksAreReadOrRefusedSoon)
{
  std::string prm, json = "{";
  for (unsigned int i = 0; i < 50000; ++i)
  {
    prm += "set entry " + std::to_string(i) + " = 1\n";
    json += (i > 0 ? ",\n\"" : "\"") + std::to_string(i) + "\":1";
  }
  EXPECT_NO_THROW(EXPECT_LT(seconds_to_read("prm", prm), 5));
  EXPECT_NO_THROW(EXPECT_LT(seconds_to_read("json", json + "}"), 5));
  EXPECT_NO_THROW(EXPECT_LT(seconds_to_read("prm", repeated("subsection a\n", 50000)), 5));
  EXPECT_NO_THROW(EXPECT_LT(seconds_to_read("json", repeated("{\"a\":", 100000)), 5));
}
