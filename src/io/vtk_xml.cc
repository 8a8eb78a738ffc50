#include <lodestone/io/vtk_xml.h>

#include <deal.II/base/exceptions.h>

#include <algorithm>
#include <zlib.h>

namespace lodestone
{

namespace vtk_xml
{

namespace
{

constexpr std::size_t block_size = 1 << 20; // bytes before compression; readers hold one block at a time

void append_base64(std::string &text, const unsigned char *data, const std::size_t size)
{
  constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t begin = text.size();
  text.resize(begin + (size + 2) / 3 * 4, '=');
  char *out = &text[begin];
  std::size_t i = 0;
  for (; i + 2 < size; i += 3)
  {
    const unsigned int triple = data[i] << 16 | data[i + 1] << 8 | data[i + 2];
    *out++ = digits[triple >> 18];
    *out++ = digits[triple >> 12 & 63];
    *out++ = digits[triple >> 6 & 63];
    *out++ = digits[triple & 63];
  }
  if (i == size)
    return;
  const bool two = i + 2 == size;
  const unsigned int rest = data[i] << 16 | (two ? data[i + 1] << 8 : 0);
  out[0] = digits[rest >> 18];
  out[1] = digits[rest >> 12 & 63];
  if (two)
    out[2] = digits[rest >> 6 & 63];
}

std::size_t compressed_size(const unsigned char *data, const std::size_t size, const int level,
                            std::vector<unsigned char> &buffer)
{
  uLongf result = buffer.size();
  const int code = compress2(buffer.data(), &result, data, size, level);
  AssertThrow(code == Z_OK, dealii::ExcMessage("zlib could not compress a block of output"));
  return result;
}

/// Appends header (number of blocks, size of a block, size of the last one if shorter, compressed sizes) and blocks,
/// both in base64. Digits of smooth fields hardly compress, at 40 MB/s: where the begin of a block does not become
/// smaller by a third, the block is stored as it is.
void append_compressed(std::string &text, const unsigned char *data, std::size_t size)
{
  constexpr std::size_t sample = 1 << 15;
  const std::size_t n_blocks = (size + block_size - 1) / block_size;
  std::vector<std::uint64_t> header = {n_blocks, block_size, size % block_size};
  std::vector<unsigned char> blocks;
  std::vector<unsigned char> buffer(compressBound(block_size));
  for (std::size_t begin = 0; begin < size; begin += block_size)
  {
    const std::size_t of_block = std::min(block_size, size - begin), of_sample = std::min(sample, of_block);
    const bool pays = 3 * compressed_size(data + begin, of_sample, Z_BEST_SPEED, buffer) < 2 * of_sample;
    header.push_back(compressed_size(data + begin, of_block, pays ? Z_BEST_SPEED : Z_NO_COMPRESSION, buffer));
    blocks.insert(blocks.end(), buffer.begin(), buffer.begin() + header.back());
  }
  append_base64(text, reinterpret_cast<const unsigned char *>(header.data()), header.size() * sizeof(header[0]));
  append_base64(text, blocks.data(), blocks.size());
}

/// @param element "DataArray", or "Array" of texts
/// @param attributes more of them, each with a blank before it
std::string data_array(const std::string &element, const std::string &type, const std::string &name,
                       const unsigned int components, const std::string &attributes, const void *data,
                       const std::size_t size)
{
  std::string text = "<" + element + " type=\"" + type + "\" Name=\"" + escaped(name) + "\" NumberOfComponents=\"" +
                     std::to_string(components) + "\"" + attributes + " format=\"binary\">\n";
  append_compressed(text, static_cast<const unsigned char *>(data), size);
  text += "\n</" + element + ">\n";
  return text;
}

template <typename Number>
std::string data_array(const std::string &type, const std::string &name, const unsigned int components,
                       const std::vector<Number> &values, const std::string &attributes = "")
{
  return data_array("DataArray", type, name, components, attributes, values.data(), values.size() * sizeof(Number));
}

} // namespace

std::string open(const std::string &type)
{
  const std::uint16_t one = 1;
  const bool little = *reinterpret_cast<const unsigned char *>(&one) == 1;
  return "<?xml version=\"1.0\"?>\n<VTKFile type=\"" + type + "\" version=\"1.0\" byte_order=\"" +
         (little ? "LittleEndian" : "BigEndian") +
         "\" header_type=\"UInt64\" compressor=\"vtkZLibDataCompressor\">\n<" + type + ">\n";
}

std::string close(const std::string &type)
{
  return "</" + type + ">\n</VTKFile>\n";
}

std::string array(const std::string &name, unsigned int components, const std::vector<double> &values)
{
  return data_array("Float64", name, components, values);
}

std::string array(const std::string &name, unsigned int components, const std::vector<std::int32_t> &values)
{
  return data_array("Int32", name, components, values);
}

std::string array(const std::string &name, unsigned int components, const std::vector<std::uint8_t> &values)
{
  return data_array("UInt8", name, components, values);
}

std::string array(const std::string &name, const std::vector<std::string> &values)
{
  std::string characters;
  for (const std::string &value : values)
    characters.append(value.c_str(), value.size() + 1); // VTK ends each with a zero
  return data_array("Array", "String", name, 1, "", characters.data(), characters.size());
}

std::string array(const std::string &name, const std::vector<std::string> &components,
                  const std::vector<double> &values)
{
  std::string attributes;
  for (std::size_t c = 0; c < components.size(); ++c)
    attributes += " ComponentName" + std::to_string(c) + "=\"" + escaped(components[c]) + "\"";
  return data_array("Float64", name, components.size(), values, attributes);
}

std::string escaped(const std::string &text)
{
  std::string result;
  for (const char c : text)
    switch (c)
    {
    case '&':
      result += "&amp;";
      break;
    case '<':
      result += "&lt;";
      break;
    case '>':
      result += "&gt;";
      break;
    case '"':
      result += "&quot;";
      break;
    default:
      result += c;
    }
  return result;
}

} // namespace vtk_xml

} // namespace lodestone
