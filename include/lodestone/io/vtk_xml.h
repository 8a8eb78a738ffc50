#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lodestone
{

/// Pieces of VTK's XML formats: arrays as zlib-compressed base64, NaN and every bit of a double kept.
namespace vtk_xml
{

/// First line of a file of the given type ("UnstructuredGrid", "PolyData"), to be ended with close().
std::string open(const std::string &type);
std::string close(const std::string &type);

/// One element DataArray. The numbers of a point or cell are adjacent. @param components numbers per point or cell
std::string array(const std::string &name, unsigned int components, const std::vector<double> &values);
std::string array(const std::string &name, unsigned int components, const std::vector<std::int32_t> &values);
std::string array(const std::string &name, unsigned int components, const std::vector<std::uint8_t> &values);
/// Texts, one per point or cell.
std::string array(const std::string &name, const std::vector<std::string> &values);
/// The same with a name for each component, which ParaView shows: {"xx", "yy", ...}.
std::string array(const std::string &name, const std::vector<std::string> &components,
                  const std::vector<double> &values);

/// Text with &, <, > and quotes escaped, as attribute values need.
std::string escaped(const std::string &text);

} // namespace vtk_xml

} // namespace lodestone
