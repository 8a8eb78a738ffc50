#pragma once
// A reader of VTK's XML arrays for the tests, written from the format's description: it shares nothing with the writer.
#include <deal.II/base/utilities.h>

#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>
#include <zlib.h>

inline std::string text_of(const std::string &file)
{
  std::ifstream stream(file, std::ios::binary);
  if (!stream)
    throw std::runtime_error("no file " + file);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

/// Base64 of [n_blocks, block_size, last_size, compressed sizes...], then base64 of the blocks.
template <typename Number>
std::vector<Number> decode(const std::string &text)
{
  const auto bytes_of = [](const std::string &t) { return dealii::Utilities::decode_base64(t); };
  std::uint64_t n_blocks;
  std::memcpy(&n_blocks, bytes_of(text.substr(0, 12)).data(), 8);
  const std::size_t header_bytes = 8 * (3 + n_blocks), header_length = (header_bytes + 2) / 3 * 4;
  std::vector<std::uint64_t> header(3 + n_blocks);
  std::memcpy(header.data(), bytes_of(text.substr(0, header_length)).data(), header_bytes);
  const auto blocks = bytes_of(text.substr(header_length));
  std::vector<unsigned char> data;
  std::size_t begin = 0;
  for (std::uint64_t b = 0; b < n_blocks; ++b)
  {
    uLongf size = b + 1 == n_blocks && header[2] > 0 ? header[2] : header[1];
    std::vector<unsigned char> block(size);
    if (uncompress(block.data(), &size, blocks.data() + begin, header[3 + b]) != Z_OK || size != block.size())
      throw std::runtime_error("torn block");
    data.insert(data.end(), block.begin(), block.end());
    begin += header[3 + b];
  }
  std::vector<Number> numbers(data.size() / sizeof(Number));
  if (!data.empty())
    std::memcpy(numbers.data(), data.data(), data.size());
  return numbers;
}

/// The array of a name in the first piece at or after `from`.
template <typename Number>
std::vector<Number> array_named(const std::string &xml, const std::string &name, std::size_t from = 0)
{
  const std::size_t tag = xml.find("Name=\"" + name + "\"", from);
  if (tag == std::string::npos)
    throw std::runtime_error("no array " + name);
  const std::size_t begin = xml.find(">\n", tag) + 2;
  return decode<Number>(xml.substr(begin, xml.find('\n', begin) - begin));
}

inline std::vector<std::size_t> pieces_of(const std::string &xml)
{
  std::vector<std::size_t> begins;
  for (std::size_t at = xml.find("<Piece"); at != std::string::npos; at = xml.find("<Piece", at + 1))
    begins.push_back(at);
  return begins;
}
