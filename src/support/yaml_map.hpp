// Takes the values out of a YAML map, key by key, and reports everything that is not as it should
// be.
#pragma once

#include "support/strict_yaml.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::yaml {

// Each reader of a value adds one problem and gives nullopt when the value is of the wrong type; a
// key that is not there gives nullopt without a problem. Messages name values by their path
// ("models[2].expect"). Does not own the node.
class MapReader {
 public:
  // A node that is no map is a problem, and is then read as an empty one. `path` is empty for the
  // document itself.
  MapReader(const Node& node, std::string path, Problems& problems);

  const std::string& path() const { return m_path; }
  TextPosition position() const { return m_node->position; }

  bool has(std::string_view key) const { return m_node->find(key) != nullptr; }
  // "models[2].expect"
  std::string path_of(std::string_view key) const;
  // Of the value; of the map when the key is not there.
  TextPosition position_of(std::string_view key) const;

  // The value as it is; null when there is none.
  const Node* node(std::string_view key);
  // Any scalar as it is written (`yes` and `010` are texts here), not empty.
  std::optional<std::string> text(std::string_view key);
  // Decimal digits without leading zeros, within the range.
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t minimum,
                                      std::int64_t maximum);
  std::optional<double> number(std::string_view key, double minimum, double maximum);
  std::optional<bool> boolean(std::string_view key);
  std::optional<MapReader> map(std::string_view key);
  // The items of a list.
  const std::vector<Node>* list(std::string_view key);

  // "models[2].expect: <what>" at the value.
  void problem(std::string_view key, std::string_view what, std::string advice = {});
  // The same about the map itself.
  void problem_here(std::string_view what, std::string advice = {});
  // A problem when the key is absent; `what` says what it is for.
  bool require(std::string_view key, std::string_view what);

  // Call last: every key that nobody asked for is a problem, with the key that was meant.
  void finish();

 private:
  const Node* find(std::string_view key);

  const Node* m_node;
  std::string m_path;
  Problems* m_problems;
  bool m_is_map;
  std::vector<std::string_view> m_known;
};

// The scalar readers for values that stand in lists; `path` names the value in messages.
std::optional<std::string> text_of(const Node& node, const std::string& path, Problems& problems);
std::optional<std::int64_t> integer_of(const Node& node, const std::string& path,
                                       std::int64_t minimum, std::int64_t maximum,
                                       Problems& problems);
std::optional<double> number_of(const Node& node, const std::string& path, double minimum,
                                double maximum, Problems& problems);

// `unknown level "ful"` and `did you mean "full"?`, or the list of what is possible.
std::string unknown_word(std::string_view what, std::string_view word);
std::string advice_for(std::string_view word, const std::vector<std::string_view>& possible);

}  // namespace anecompat::yaml
