#include "support/strict_yaml.hpp"

#include "support/text.hpp"
#include "support/yaml_text.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <tuple>
#include <utility>

namespace anecompat::yaml {

namespace {

// Ends the parse from inside an event; what is wrong has been added to the problems already.
struct Stop {};

// Builds the tree from the parser's events.
class Builder : public YAML::EventHandler {
 public:
  Builder(const Lines& lines, Problems& problems, const Limits& limits)
      : m_lines(lines), m_problems(problems), m_limits(limits) {}

  Node take() && { return std::move(m_root); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.position = position_of(mark);
    leaf(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto position = position_of(mark);
    const auto found = m_anchors.find(anchor);
    if (found == m_anchors.end()) {
      m_problems.add(position, "the alias stands inside what it names");
      throw Stop{};
    }
    const auto& [target, size] = found->second;
    m_alias_nodes += size;
    if (m_alias_nodes > m_limits.alias_nodes) {
      m_problems.add(position,
                     fmt::format("aliases repeat more than {} values", m_limits.alias_nodes),
                     "write the values out or use `defaults`");
      throw Stop{};
    }
    if (m_frames.size() + target.height > m_limits.depth)
      too_deep(position);
    add(Node(target));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node;
    node.kind = Node::Kind::text;
    node.position = position_of(mark);
    node.quoted = tag != "?";
    node.text = value;
    if (tag != "tag:yaml.org,2002:str")
      check_tag(tag, node.position);
    if (node.quoted && !m_lines.quote_is_closed(node.position))
      m_problems.add(node.position, "the quote that opens here is never closed",
                     "add the closing quote");
    leaf(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Kind::list, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Kind::map, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  // A list or map whose end has not been seen yet.
  struct Frame {
    Node node;
    YAML::anchor_t anchor = 0;
    std::size_t nodes_before = 0;
    std::map<std::string, TextPosition, std::less<>> seen;
    bool at_key = true;      // of a map: the next node is a key
    bool drop_next = false;  // of a map: its key was refused, the value goes nowhere
  };

  void too_deep(TextPosition position) {
    m_problems.add(position, fmt::format("is nested more than {} levels deep", m_limits.depth));
    throw Stop{};
  }

  void check_tag(const std::string& tag, TextPosition position) {
    if (!tag.empty() && tag != "?" && tag != "!")
      m_problems.add(position, fmt::format("the tag \"{}\" is not supported", printable(tag)),
                     "remove it; quotes make a text of anything");
  }

  void check_node(TextPosition position) {
    if (m_lines.starts_line(position)) {
      if (const auto tab = m_lines.indenting_tab(position.line))
        m_problems.add(*tab, std::string(k_tab_message), std::string(k_tab_advice));
    }
    if (++m_nodes > m_limits.nodes) {
      m_problems.add(position, fmt::format("has more than {} values", m_limits.nodes));
      throw Stop{};
    }
  }

  void leaf(Node node, YAML::anchor_t anchor) {
    check_node(node.position);
    if (anchor != 0)
      remember(anchor, node, 1);
    add(std::move(node));
  }

  // Keeps what aliases may name later. Nested anchors hold the same nodes again, hence the limit.
  void remember(YAML::anchor_t anchor, const Node& node, std::size_t size) {
    m_anchored_nodes += size;
    if (m_anchored_nodes > 10 * m_limits.alias_nodes) {
      m_problems.add(node.position, "anchors (&) name too many values",
                     "write the values out or use `defaults`");
      throw Stop{};
    }
    m_anchors[anchor] = {node, size};
  }

  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    const auto position = position_of(mark);
    check_node(position);
    check_tag(tag, position);
    if (m_frames.size() >= m_limits.depth)
      too_deep(position);
    Frame frame;
    frame.node.kind = kind;
    frame.node.position = position;
    frame.anchor = anchor;
    frame.nodes_before = m_nodes + m_alias_nodes;
    m_frames.push_back(std::move(frame));
  }

  void close() {
    auto frame = std::move(m_frames.back());
    m_frames.pop_back();
    if (frame.anchor != 0)
      remember(frame.anchor, frame.node, 1 + m_nodes + m_alias_nodes - frame.nodes_before);
    add(std::move(frame.node));
  }

  void add(Node node) {
    if (m_frames.empty()) {
      m_root = std::move(node);
      return;
    }
    auto& frame = m_frames.back();
    if (frame.node.kind == Node::Kind::map && frame.at_key) {
      frame.at_key = false;
      frame.drop_next = !add_key(frame, std::move(node));
      return;
    }
    frame.at_key = true;
    if (std::exchange(frame.drop_next, false))
      return;
    if (node.kind == Node::Kind::null && frame.node.kind == Node::Kind::map)
      node.position = frame.node.keys.back().position;  // the parser gives where it noticed
    frame.node.height = std::max(frame.node.height, node.height + 1);
    frame.node.items.push_back(std::move(node));
  }

  bool add_key(Frame& frame, Node key) {
    if (key.kind != Node::Kind::text) {
      m_problems.add(key.position, fmt::format("a key must be a text, found {}", describe(key)));
      return false;
    }
    if (key.text == "<<" && !key.quoted) {
      m_problems.add(key.position, "merge keys (<<) are not supported",
                     "write the values out or use `defaults`");
      return false;
    }
    const auto [first, is_new] = frame.seen.emplace(key.text, key.position);
    if (!is_new) {
      m_problems.add(key.position,
                     fmt::format("the key \"{}\" is here twice, first in line {}",
                                 printable(key.text), first->second.line),
                     "remove one of them");
      return false;
    }
    frame.node.keys.push_back({std::move(key.text), key.position});
    return true;
  }

  const Lines& m_lines;
  Problems& m_problems;
  const Limits& m_limits;
  Node m_root;
  std::vector<Frame> m_frames;
  std::map<YAML::anchor_t, std::pair<Node, std::size_t>> m_anchors;
  std::size_t m_nodes = 0;
  std::size_t m_alias_nodes = 0;
  std::size_t m_anchored_nodes = 0;
};

// Notices only that there is a document.
class SecondDocument : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { m_position = position_of(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override { throw Stop{}; }
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {
    throw Stop{};
  }
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    throw Stop{};
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    throw Stop{};
  }
  void OnMapEnd() override {}

  TextPosition position() const { return m_position; }

 private:
  TextPosition m_position;
};

}  // namespace

void Problems::add(TextPosition position, std::string message, std::string advice) {
  m_errors.push_back({.kind = ErrorKind::manifest,
                      .message = std::move(message),
                      .position = position,
                      .advice = std::move(advice)});
}

std::vector<Error> Problems::take(const std::string& file) && {
  const auto place = [](const Error& error) {
    return std::tie(error.position.line, error.position.column);
  };
  std::ranges::stable_sort(m_errors, {}, place);
  std::vector<Error> result;
  std::set<std::tuple<std::size_t, std::size_t, std::string>> seen;
  for (auto& error : m_errors) {
    if (seen.emplace(error.position.line, error.position.column, error.message).second)
      result.push_back(std::move(error).in_file(file));
  }
  return result;
}

const Node* Node::find(std::string_view key) const {
  const auto found = std::ranges::find(keys, key, &Key::text);
  return found == keys.end() ? nullptr : &items[static_cast<std::size_t>(found - keys.begin())];
}

std::string_view describe(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return "nothing";
    case Node::Kind::text:
      return "a text";
    case Node::Kind::list:
      return "a list";
    case Node::Kind::map:
      return "a map";
  }
  return "nothing";
}

Node parse(std::string_view raw, Problems& problems, const Limits& limits) {
  if (raw.size() > limits.bytes) {
    problems.add({}, fmt::format("has {} bytes, more than the {} that are allowed", raw.size(),
                                 limits.bytes));
    return {};
  }
  const auto text = normalized(raw);
  if (!check_characters(text, problems))
    return {};
  const Lines lines(text);
  Builder builder(lines, problems, limits);
  std::istringstream stream(text);
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder))
      return {};
    SecondDocument second;
    try {
      if (!parser.HandleNextDocument(second))
        return std::move(builder).take();
    } catch (const Stop&) {
      // It has content; more need not be known.
    }
    problems.add(second.position(), "a second document starts here, only one is allowed",
                 "remove the `---` line or what follows it");
  } catch (const Stop&) {
    return {};
  } catch (const YAML::ParserException& exception) {
    add_syntax_error(exception, lines, problems);
  } catch (const YAML::Exception& exception) {
    problems.add(position_of(exception.mark),
                 fmt::format("is not valid YAML: {}", printable(exception.msg)));
  }
  return std::move(builder).take();
}

}  // namespace anecompat::yaml
