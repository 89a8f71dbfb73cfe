// YAML read strictly: what other readers let pass in silence is a mistake with a position here.
#pragma once

#include "support/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::yaml {

// Collects the mistakes of one file, so that all of them can be shown at once.
class Problems {
 public:
  // One mistake; the same message at the same place is kept once.
  void add(TextPosition position, std::string message, std::string advice = {});

  bool empty() const { return m_errors.empty(); }
  // All of them by position, as errors of kind `manifest` in `file`.
  std::vector<Error> take(const std::string& file) &&;

 private:
  std::vector<Error> m_errors;
};

struct Key {
  std::string text;
  TextPosition position;
};

// One value of the file. A tree: aliases have been replaced by what they stand for.
struct Node {
  enum class Kind : std::uint8_t { null, text, list, map };

  Kind kind = Kind::null;
  bool quoted = false;  // a text in quotes or a block: never a number, a truth value or nothing
  TextPosition position;
  std::string text;
  std::vector<Key> keys;     // of a map, in file order, each once
  std::vector<Node> items;   // of a list, or a map's values beside `keys`
  std::uint32_t height = 0;  // levels below this one

  // The value of a key; null when there is none.
  const Node* find(std::string_view key) const;
};

// "a text", "a list", …, for messages.
std::string_view describe(const Node& node);

// What a hostile file may make of us.
struct Limits {
  std::size_t bytes = std::size_t{4} << 20U;
  std::size_t nodes = 500'000;
  std::size_t alias_nodes = 10'000;  // what aliases may add to them
  std::uint32_t depth = 64;
};

// Parses one document of UTF-8 text (a byte order mark and CRLF are fine). Mistakes are added to
// `problems`: syntax, second documents, duplicate keys, keys that are no texts, merge keys, tags,
// tabs in the indentation, control characters, invalid UTF-8, sizes over the limits. The result is
// usable when `problems` stays empty. An empty file gives a null node.
Node parse(std::string_view text, Problems& problems, const Limits& limits = {});

}  // namespace anecompat::yaml
