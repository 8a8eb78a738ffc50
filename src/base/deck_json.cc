#include <lodestone/base/csv.h>
#include <lodestone/base/deck_syntax.h>
#include <lodestone/base/error.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

namespace lodestone
{

namespace
{

using Json = nlohmann::json;

/// A JSON value with the line where its key stands, which nlohmann's own tree forgets.
struct JsonNode
{
  enum class Kind
  {
    scalar,
    array,
    object
  };
  Kind kind = Kind::scalar;
  std::string key, text;
  unsigned int line = 0;
  std::vector<JsonNode> children;
  std::map<std::string, unsigned int> line_of_key; ///< of the children, while the file is read
};

/// Builds the tree while nlohmann's parser runs; the position in the stream gives the line.
class JsonTreeBuilder : public nlohmann::json_sax<Json>
{
public:
  JsonTreeBuilder(const std::string &text, const std::string &file) : text_(text), stream_(text), file_(file) {}

  JsonNode build()
  {
    Json::sax_parse(stream_, this, Json::input_format_t::json, true, true);
    if (root_.kind != JsonNode::Kind::object)
      throw InputError(file_, "the file holds no JSON object", "It starts with '{' and holds entries and subsections.");
    return std::move(root_);
  }

  bool null() override { throw InputError(place(), "null is not a value", "Leave the entry out to keep its default."); }
  bool boolean(bool value) override { return add_scalar(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return add_scalar(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return add_scalar(std::to_string(value)); }
  bool number_float(number_float_t, const string_t &text) override { return add_scalar(text); }
  bool string(string_t &text) override { return add_scalar(text); }
  bool binary(binary_t &) override { return false; }

  bool start_object(std::size_t) override { return open(JsonNode::Kind::object); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(JsonNode::Kind::array); }
  bool end_array() override { return close(); }

  bool key(string_t &key) override
  {
    key_ = key;
    key_line_ = line_at(position());
    const auto [known, is_new] = open_nodes_.back().line_of_key.emplace(key, key_line_);
    if (!is_new)
      throw InputError(place(), "'" + key + "' is set a second time",
                       "It is already set at " + file_ + ":" + std::to_string(known->second) +
                           "; remove one of the two.");
    return true;
  }

  bool parse_error(std::size_t position, const std::string &, const Json::exception &error) override
  {
    std::string reason = error.what();
    const auto start = reason.find(": ");
    throw InputError(file_ + ":" + std::to_string(line_at(position)),
                     "this is not JSON (" + (start == std::string::npos ? reason : reason.substr(start + 2)) + ")");
  }

private:
  std::size_t position() { return stream_.rdbuf()->pubseekoff(0, std::ios::cur, std::ios::in); }
  /// Positions mostly ascend: lines are counted from the last one on.
  unsigned int line_at(std::size_t position)
  {
    position = std::min(position, text_.size());
    if (position < counted_)
      counted_ = lines_ = 0;
    lines_ += std::count(text_.begin() + counted_, text_.begin() + position, '\n');
    counted_ = position;
    return 1 + lines_;
  }
  std::string place() { return file_ + ":" + std::to_string(line_at(position())); }

  bool in_array() const { return !open_nodes_.empty() && open_nodes_.back().kind == JsonNode::Kind::array; }

  bool add_scalar(const std::string &text)
  {
    JsonNode node;
    node.text = text;
    node.key = key_;
    node.line = key_line_;
    return attach(std::move(node));
  }

  bool open(const JsonNode::Kind kind)
  {
    if (in_array())
      throw InputError(place(), "a list inside which another list or object stands", "Lists hold numbers or texts.");
    if (open_nodes_.size() > DeckSyntax::most_nested)
      throw InputError(place(), "objects are nested more than " + std::to_string(DeckSyntax::most_nested) + " deep");
    JsonNode node;
    node.kind = kind;
    node.key = key_;
    node.line = key_line_;
    open_nodes_.push_back(std::move(node));
    return true;
  }

  bool close()
  {
    JsonNode node = std::move(open_nodes_.back());
    open_nodes_.pop_back();
    node.line_of_key.clear();
    for (std::size_t i = 0; node.kind == JsonNode::Kind::array && i < node.children.size(); ++i)
      node.text += (i == 0 ? "" : ", ") + node.children[i].text;
    return attach(std::move(node));
  }

  bool attach(JsonNode node)
  {
    if (open_nodes_.empty())
      root_ = std::move(node);
    else
      open_nodes_.back().children.push_back(std::move(node));
    return true;
  }

  const std::string &text_;
  std::istringstream stream_;
  std::string file_, key_;
  unsigned int key_line_ = 1;
  std::size_t counted_ = 0, lines_ = 0; ///< ends of lines before a position
  std::vector<JsonNode> open_nodes_;
  JsonNode root_;
};

/// True for {"value": ..., "default_value": ..., ...}, and for the alias of an entry.
bool is_printed_entry(const JsonNode &node)
{
  static const std::set<std::string> keys = {"value",   "default_value",       "documentation",
                                             "pattern", "pattern_description", "actions",
                                             "alias",   "deprecation_status"};
  bool has_value = false;
  for (const auto &child : node.children)
  {
    if (keys.count(child.key) == 0 || child.kind == JsonNode::Kind::object)
      return false;
    has_value = has_value || child.key == "value" || child.key == "alias";
  }
  return node.kind == JsonNode::Kind::object && has_value;
}

bool holds_printed_entry(const JsonNode &node)
{
  return is_printed_entry(node) || std::any_of(node.children.begin(), node.children.end(), holds_printed_entry);
}

class JsonFlattener
{
public:
  JsonFlattener(const std::string &file, const bool printed) : file_(file), printed_(printed) {}

  void flatten(const JsonNode &node, const std::vector<std::string> &path)
  {
    for (const auto &child : node.children)
    {
      const std::string where = file_ + ":" + std::to_string(child.line);
      const std::string name = trimmed(child.key);
      // deal.II prints an empty subsection as an empty text
      const bool empty_section = printed_ && child.kind == JsonNode::Kind::scalar && child.text.empty();
      if (is_printed_entry(child))
      {
        for (const auto &part : child.children)
          if (part.key == "value")
            syntax.add({path, name, trimmed(part.text), where});
      }
      else if (child.kind == JsonNode::Kind::object || empty_section)
      {
        std::vector<std::string> inner = path;
        inner.push_back(name);
        syntax.add_section({inner, where});
        flatten(child, inner);
      }
      else
        syntax.add({path, name, trimmed(child.text), where});
    }
  }

  DeckSyntax syntax;

private:
  std::string file_;
  bool printed_;
};

} // namespace

DeckSyntax read_json(const std::string &text, const std::string &file)
{
  const JsonNode root = JsonTreeBuilder(text, file).build();
  JsonFlattener flattener(file, holds_printed_entry(root));
  flattener.flatten(root, {});
  return std::move(flattener.syntax);
}

} // namespace lodestone
