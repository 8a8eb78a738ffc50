#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/printable.h>
#include <lodestone/base/text.h>
#include <lodestone/discretization/msh_file.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <unordered_map>

namespace lodestone
{

namespace
{

const std::string convert_remedy = "Write it with: gmsh -save -format msh41 -o NEW.msh FILE";
const std::string damaged_remedy = "The file is damaged: write it again.";

/// The start of a text for a message; "binary data" where it cannot be printed.
std::string shown(const std::string &text)
{
  constexpr std::size_t most = 60;
  if (!is_printable(text) || text.find('\t') != std::string::npos)
    return "binary data";
  std::size_t end = std::min(text.size(), most);
  while (end < text.size() && (text[end] & 0xC0) == 0x80) // inside a character of several bytes
    --end;
  return "'" + text.substr(0, end) + (end < text.size() ? "..." : "") + "'";
}

/// Goes through a .msh file from its first byte to its last: lines of text, and numbers as text or binary.
///
/// In a text file the numbers of a record stand on a line of their own, as gmsh writes them.
class Reader
{
public:
  Reader(const std::string &text, const std::string &file) : text_(text), file_(file) {}

  [[noreturn]] void fail(const std::string &found, const std::string &remedy = damaged_remedy) const
  {
    const std::string place = binary_
                                  ? ", byte " + std::to_string(last_)
                                  : ":" + std::to_string(1 + std::count(text_.begin(), text_.begin() + last_, '\n'));
    throw InputError(file_ + place, found, remedy);
  }

  bool is_binary() const { return binary_; }
  /// From here on numbers are binary; the next one is the 1 by which the order of bytes is known.
  void begin_binary()
  {
    binary_ = true;
    if (integer() != 1)
      fail("the file was written on a machine with another order of bytes",
           "Write it as text: gmsh -save -format msh41 -o NEW.msh FILE");
    skip_blanks("\r\n");
  }

  /// The next line without blanks at its ends; false at the end of the file.
  bool line(std::string &line)
  {
    last_ = at_;
    if (at_ >= text_.size())
      return false;
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    line = trimmed(text_.substr(at_, end - at_));
    at_ = std::min(end + 1, text_.size());
    in_record_ = false;
    return true;
  }
  /// A count that is text in binary files, too.
  std::size_t count_line()
  {
    std::string text;
    std::uint64_t count = 0;
    if (!line(text) || !is_number(text, count))
      fail("found " + shown(text) + " where a count should stand");
    return count;
  }

  /// Begins a record. @throws InputError if the one before holds more than was read
  void begin_record()
  {
    if (binary_)
      return;
    if (in_record_)
    {
      skip_blanks(" \t\r");
      last_ = at_;
      if (at_ < text_.size() && text_[at_] != '\n')
        fail("the line holds more than it should: " + shown(rest_of_line()));
    }
    skip_blanks(" \t\r\n");
    in_record_ = true;
  }
  int integer() { return number<std::int32_t>("a whole number"); }
  std::uint64_t size() { return number<std::uint64_t>("a count or a number of a node or element"); }
  double coordinate()
  {
    const double value = number<double>("a coordinate");
    if (!std::isfinite(value))
      fail("a coordinate is not finite");
    return value;
  }
  /// @param numbers, bytes what each of `count` things takes at least, as text and binary
  /// @throws InputError if the rest of the file is too short for so many
  std::size_t checked(const std::uint64_t count, const std::string &things, const unsigned int numbers,
                      const unsigned int bytes) const
  {
    const std::size_t left = text_.size() - at_, each = binary_ ? bytes : 2 * numbers;
    if (count > left / each + 1)
      fail("it says that there are " + std::to_string(count) + " " + things + ", but the file goes on for only " +
           counted(left, "byte"));
    return count;
  }

  /// Ends a section. @throws InputError if its end does not stand here
  void end_section(const std::string &name)
  {
    if (binary_)
      skip_blanks(" \t\r\n");
    else
      begin_record();
    std::string text;
    if (line(text) && text == "$End" + name)
      return;
    fail("found " + (text.empty() ? "the end of the file" : shown(text)) + " where $End" + name + " should stand");
  }
  void skip_section(const std::string &name)
  {
    const std::size_t end = text_.find("\n$End" + name, at_ - 1);
    if (end == std::string::npos)
      fail("the section " + shown("$" + name) + " has no end");
    at_ = end + 1;
    end_section(name);
  }

private:
  const std::string &text_, &file_;
  std::size_t at_ = 0, last_ = 0; ///< what is read next, and what was read last
  bool binary_ = false, in_record_ = false;

  void skip_blanks(const char *blanks) { at_ = std::min(text_.find_first_not_of(blanks, at_), text_.size()); }
  std::string rest_of_line() const { return trimmed(text_.substr(at_, text_.find('\n', at_) - at_)); }

  /// Reads all of a text as a number. @return false if it is none
  template <typename Number>
  static bool is_number(const std::string &text, Number &value)
  {
    const char *const end = text.data() + text.size();
    const auto [after, error] = std::from_chars(text.data(), end, value);
    return error == std::errc() && after == end;
  }

  template <typename Number>
  Number number(const char *what)
  {
    Number value;
    last_ = at_;
    if (binary_)
    {
      if (text_.size() - at_ < sizeof(value))
        fail(std::string("the file ends where ") + what + " should stand");
      std::memcpy(&value, text_.data() + at_, sizeof(value));
      at_ += sizeof(value);
      return value;
    }
    skip_blanks(" \t\r");
    const std::size_t end = std::min(text_.find_first_of(" \t\r\n", at_), text_.size());
    if (end == at_)
      fail(std::string("the line ends where ") + what + " should stand");
    const std::string word = text_.substr(at_, end - at_);
    if (!is_number(word, value))
      fail("found " + shown(word) + " where " + what + " should stand");
    at_ = end;
    return value;
  }
};

/// Kinds of elements by gmsh's number, their corners, and what they are called.
struct Shape
{
  unsigned int n_corners, dim;
  const char *name;
};
const std::map<int, Shape> shapes = {{1, {2, 1, "edges"}},      {2, {3, 2, "triangles"}}, {3, {4, 2, "quadrilaterals"}},
                                     {4, {4, 3, "tetrahedra"}}, {5, {8, 3, "hexahedra"}}, {6, {6, 3, "prisms"}},
                                     {7, {5, 3, "pyramids"}},   {15, {1, 0, "points"}}};

/// Reads the sections that matter into an MshFile.
class Parser
{
public:
  Parser(const std::string &text, const std::string &file, const unsigned int dim)
      : reader_(text, file), file_(file), dim_(dim)
  {
  }

  MshFile parse()
  {
    for (std::string line; reader_.line(line);)
    {
      if (line.empty() || line[0] != '$')
        continue;
      const std::string name = line.substr(1);
      if (name == "MeshFormat")
        read_format();
      else if (is_new_ < 0 && name != "Comments")
        break;
      else if (name == "PhysicalNames")
        read_names();
      else if (name == "Entities" && is_new_ == 1)
        read_entities();
      else if (name == "PartitionedEntities")
        reader_.fail("the mesh is in partitions", "Save it whole: without -part, or after UnpartitionMesh.");
      else if (name == "Nodes")
        is_new_ == 1 ? read_node_blocks() : read_nodes();
      else if (name == "Elements")
        is_new_ == 1 ? read_element_blocks() : read_elements();
      else
      {
        reader_.skip_section(name);
        continue;
      }
      reader_.end_section(name);
    }
    if (is_new_ < 0)
      throw InputError(file_, "this is no gmsh mesh: it does not begin with $MeshFormat", convert_remedy);
    return std::move(result_);
  }

private:
  Reader reader_;
  const std::string &file_;
  unsigned int dim_;
  int is_new_ = -1; ///< 1: format 4.1; 0: format 2.2; -1: not known yet
  MshFile result_;
  std::unordered_map<std::uint64_t, unsigned int> place_of_node_;
  std::map<std::pair<int, int>, std::vector<int>> groups_of_entity_; ///< by dimension and tag

  void read_format()
  {
    std::string line, version, kind, size;
    reader_.line(line);
    std::size_t word = 0;
    for (std::string *text : {&version, &kind, &size})
    {
      const std::size_t end = std::min(line.find(' ', word), line.size());
      *text = line.substr(word, end - word);
      word = std::min(line.find_first_not_of(' ', end), line.size());
    }
    is_new_ = version == "4.1" ? 1 : version == "2.2" || version == "2" ? 0 : -1;
    if (is_new_ < 0 || (kind != "0" && kind != "1") || size != "8")
      throw InputError(file_, "found " + shown(line) + " in $MeshFormat",
                       "Known are formats 2.2 and 4.1, ASCII and binary, with numbers of 8 bytes. " + convert_remedy);
    if (kind == "1")
      reader_.begin_binary();
  }

  void read_names()
  {
    std::string line;
    for (std::size_t left = reader_.checked(reader_.count_line(), "names", 3, 7); left > 0 && reader_.line(line);
         --left)
    {
      int group_dim = -1, tag = 0, length = 0;
      const auto open = line.find('"'), close = line.rfind('"');
      if (!is_printable(line))
        reader_.fail("a name in $PhysicalNames is not text in UTF-8", "Give the physical group another name.");
      if (std::sscanf(line.c_str(), "%d %d%n", &group_dim, &tag, &length) != 2 || group_dim < 0 || group_dim > 3 ||
          tag < 1 || open == std::string::npos || close <= open + 1)
        reader_.fail("found " + shown(line) + " in $PhysicalNames", "It should read: DIMENSION TAG \"NAME\".");
      const std::string name = trimmed(line.substr(open + 1, close - open - 1));
      if (!result_.names[group_dim].emplace(name, tag).second)
        reader_.fail("two physical groups are called \"" + name + "\"", "Give each its own name.");
    }
  }

  void add_node(const std::uint64_t number, const dealii::Point<3> &point)
  {
    if (!place_of_node_.emplace(number, result_.nodes.size()).second)
      reader_.fail("the node " + std::to_string(number) + " is there twice");
    result_.nodes.push_back(point);
  }
  dealii::Point<3> read_point()
  {
    const double x = reader_.coordinate(), y = reader_.coordinate(), z = reader_.coordinate();
    return {x, y, z};
  }

  /// Reads the corners of an element of a known shape that is in one or several groups.
  void add_element(const Shape &shape, const std::vector<int> &groups, const bool is_new)
  {
    MshElement element;
    const bool wanted = shape.dim == dim_ || (shape.dim == dim_ - 1 && !groups.empty());
    for (unsigned int c = 0; c < shape.n_corners; ++c)
    {
      const std::uint64_t node = is_new ? reader_.size() : static_cast<std::uint64_t>(reader_.integer());
      if (!wanted)
        continue;
      const auto found = place_of_node_.find(node);
      if (found == place_of_node_.end())
        reader_.fail("an element has the corner " + std::to_string(static_cast<std::int64_t>(node)) +
                     ", and $Nodes has no such node");
      element.corners[c] = found->second;
    }
    if (!wanted)
      return;
    auto &elements = shape.dim == dim_ ? result_.cells : result_.faces;
    for (const int group : groups)
    {
      element.group = group;
      elements.push_back(element);
    }
    if (groups.empty())
      elements.push_back(element);
  }

  /// @throws InputError if a mesh for this program cannot hold such elements
  const Shape &shape(const int type) const
  {
    const auto found = shapes.find(type);
    const bool is_of_higher_order = found == shapes.end() && type >= 8 && type <= 140;
    if (is_of_higher_order || (found != shapes.end() && found->second.dim >= 2 && type != 3 && type != 5))
      throw InputError(file_,
                       is_of_higher_order ? "it holds curved elements (gmsh type " + std::to_string(type) + ")"
                                          : std::string("it holds ") + found->second.name,
                       dim_ == 2
                           ? "All cells must be quadrilaterals of first order: in gmsh use Recombine Surface or "
                             "Mesh.RecombineAll = 1, and Mesh.ElementOrder = 1."
                           : "All cells must be hexahedra of first order: in gmsh use Recombine Surface for volumes "
                             "that are extruded, otherwise Mesh.SubdivisionAlgorithm = 2, and Mesh.ElementOrder = 1.");
    if (found == shapes.end())
      reader_.fail("found an element of the type " + std::to_string(type) + ", which gmsh does not have");
    if (found->second.dim > dim_)
      throw InputError(file_, "it holds hexahedra", "Dimension = 2 needs a mesh of quadrilaterals; set Dimension = 3.");
    return found->second;
  }

  // Format 2.2

  void read_nodes()
  {
    const std::size_t n = reader_.checked(reader_.count_line(), "nodes", 4, 28);
    for (std::size_t i = 0; i < n; ++i)
    {
      reader_.begin_record();
      const int number = reader_.integer();
      add_node(number, read_point());
    }
  }

  void read_elements()
  {
    const std::size_t n = reader_.checked(reader_.count_line(), "elements", 4, 8);
    for (std::size_t i = 0; i < n;)
    {
      reader_.begin_record();
      std::uint64_t n_alike = 1;
      if (!reader_.is_binary())
        reader_.integer();
      const Shape &of = shape(reader_.integer());
      if (reader_.is_binary())
        n_alike = reader_.integer();
      if (n_alike < 1 || n_alike > n - i)
        reader_.fail("a block has " + std::to_string(static_cast<std::int64_t>(n_alike)) + " elements");
      const int n_tags = reader_.integer();
      if (n_tags < 0)
        reader_.fail("an element has " + std::to_string(n_tags) + " tags");
      for (std::uint64_t e = 0; e < n_alike; ++e, ++i)
        read_element(of, n_tags);
    }
  }
  void read_element(const Shape &of, const int n_tags)
  {
    if (reader_.is_binary())
      reader_.integer(); // its number
    std::vector<int> groups;
    for (int t = 0; t < n_tags; ++t)
      if (const int tag = reader_.integer(); t == 0 && tag != 0)
        groups.push_back(group_number(tag));
    add_element(of, groups, false);
  }

  // Format 4.1

  /// The number of a group; the sign of a tag says only which way a curve or surface is turned.
  int group_number(const int tag) const
  {
    if (tag == 0 || tag == std::numeric_limits<int>::min())
      reader_.fail("found the physical group " + std::to_string(tag));
    return std::abs(tag);
  }

  void read_entities()
  {
    std::uint64_t n[4];
    reader_.begin_record();
    for (std::uint64_t &count : n)
      count = reader_.size();
    for (int d = 0; d < 4; ++d)
    {
      reader_.checked(n[d], "points, curves, surfaces or volumes", d == 0 ? 5 : 9, d == 0 ? 36 : 68);
      for (std::uint64_t i = 0; i < n[d]; ++i)
        read_entity(d);
    }
  }
  void read_entity(const int d)
  {
    reader_.begin_record();
    const int tag = reader_.integer();
    for (int i = 0; i < (d == 0 ? 3 : 6); ++i)
      reader_.coordinate();
    std::vector<int> &groups = groups_of_entity_[{d, tag}];
    for (std::size_t left = reader_.checked(reader_.size(), "physical groups", 1, 4); left > 0; --left)
      groups.push_back(group_number(reader_.integer()));
    std::sort(groups.begin(), groups.end());
    groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
    constexpr std::size_t most = 8; // each of its elements is stored so often
    if (groups.size() > most)
      reader_.fail("a part of the body is in " + std::to_string(groups.size()) + " physical groups",
                   "At most " + std::to_string(most) + " are possible.");
    if (d > 0)
      for (std::size_t left = reader_.checked(reader_.size(), "boundary parts", 1, 4); left > 0; --left)
        reader_.integer();
  }

  void read_node_blocks()
  {
    reader_.begin_record();
    const std::uint64_t n_blocks = reader_.size();
    for (int i = 0; i < 3; ++i)
      reader_.size();
    reader_.checked(n_blocks, "blocks", 4, 20);
    for (std::uint64_t b = 0; b < n_blocks; ++b)
    {
      reader_.begin_record();
      const int block_dim = reader_.integer();
      reader_.integer();
      const int parametric = reader_.integer();
      if (block_dim < 0 || block_dim > 3 || parametric < 0 || parametric > 1)
        reader_.fail("found a block of nodes of dimension " + std::to_string(block_dim));
      std::vector<std::uint64_t> numbers(reader_.checked(reader_.size(), "nodes", 4, 32));
      for (std::uint64_t &number : numbers)
      {
        reader_.begin_record();
        number = reader_.size();
      }
      for (const std::uint64_t number : numbers)
      {
        reader_.begin_record();
        add_node(number, read_point());
        for (int i = 0; i < parametric * block_dim; ++i)
          reader_.coordinate();
      }
    }
  }

  void read_element_blocks()
  {
    reader_.begin_record();
    const std::uint64_t n_blocks = reader_.size();
    for (int i = 0; i < 3; ++i)
      reader_.size();
    reader_.checked(n_blocks, "blocks", 4, 20);
    for (std::uint64_t b = 0; b < n_blocks; ++b)
    {
      reader_.begin_record();
      const int block_dim = reader_.integer(), entity = reader_.integer();
      const Shape &of = shape(reader_.integer());
      const auto groups = groups_of_entity_.find({block_dim, entity});
      if (groups == groups_of_entity_.end() || of.dim != static_cast<unsigned int>(block_dim))
        reader_.fail("found a block of " + std::string(of.name) + " in an entity of dimension " +
                     std::to_string(block_dim) + " and tag " + std::to_string(entity) +
                     (groups == groups_of_entity_.end() ? ", which $Entities does not have" : ""));
      for (std::size_t left = reader_.checked(reader_.size(), "elements", 1 + of.n_corners, 8 * (1 + of.n_corners));
           left > 0; --left)
      {
        reader_.begin_record();
        reader_.size(); // its number
        add_element(of, groups->second, true);
      }
    }
  }
};

} // namespace

MshFile parse_msh(const std::string &text, const std::string &file, const unsigned int dim)
{
  return Parser(text, file, dim).parse();
}

} // namespace lodestone
