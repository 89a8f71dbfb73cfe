// Strict reading of the cost tables' YAML.
#pragma once

#include "ane/cost_table.hpp"
#include "support/text.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace anecompat::ane {

inline constexpr std::size_t k_max_yaml_bytes = 1U << 20U;

// Getters for nodes, with the path of the node for messages. The first mistake is kept and ends the
// reading; until then every getter that fails returns something harmless.
class CostYaml {
 public:
  explicit CostYaml(std::string_view file) : m_file(file) {}

  bool ok() const { return !m_error; }
  Error take_error() { return std::move(*m_error); }

  void fail(const YAML::Mark& mark, std::string message, std::string advice = {}) {
    if (m_error)
      return;
    TextPosition position;
    if (!mark.is_null())
      position = {.line = static_cast<std::size_t>(mark.line) + 1,
                  .column = static_cast<std::size_t>(mark.column) + 1};
    m_error = Error{.kind = ErrorKind::manifest,
                    .message = std::move(message),
                    .file = m_file,
                    .position = position,
                    .advice = std::move(advice)};
  }

  // The only document of `text`, or a null node after a failure.
  YAML::Node document(std::string_view text) {
    if (text.size() > k_max_yaml_bytes) {
      fail(YAML::Mark::null_mark(), "the file has more than 1 MiB");
      return {};
    }
    try {
      const auto documents = YAML::LoadAll(std::string(text));
      if (documents.size() == 1)
        return documents.front();
      fail(documents.empty() ? YAML::Mark::null_mark() : documents[1].Mark(),
           fmt::format("one YAML document is wanted, {} found", documents.size()));
    } catch (const YAML::Exception& error) {
      fail(error.mark, fmt::format("not YAML: {}", printable(error.msg)));
    }
    return {};
  }

  // Whether `node` is a mapping with all `required` keys and none but those and `optional`, each
  // once.
  bool mapping(const YAML::Node& node, const std::string& path,
               std::initializer_list<std::string_view> required,
               std::initializer_list<std::string_view> optional = {}) {
    if (!ok())
      return false;
    if (!node.IsDefined() || !node.IsMap()) {
      fail(mark_of(node), fmt::format("{}: a mapping is wanted", path));
      return false;
    }
    std::vector<std::string_view> known(required);
    known.insert(known.end(), optional.begin(), optional.end());
    std::set<std::string> seen;
    for (const auto& entry : node) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : std::string();
      if (std::find(known.begin(), known.end(), key) == known.end()) {
        const auto meant = did_you_mean(key, known);
        fail(entry.first.Mark(), fmt::format("{}: unknown key \"{}\"", path, printable(key)),
             meant ? fmt::format("did you mean \"{}\"?", *meant) : std::string());
        return false;
      }
      if (!seen.insert(key).second) {
        fail(entry.first.Mark(), fmt::format("{}: key \"{}\" is given twice", path, key));
        return false;
      }
    }
    for (const std::string_view key : required) {
      if (!seen.contains(std::string(key))) {
        fail(node.Mark(), fmt::format("{}: key \"{}\" is missing", path, key));
        return false;
      }
    }
    return true;
  }

  bool sequence(const YAML::Node& node, const std::string& path) {
    if (!ok())
      return false;
    if (node.IsDefined() && node.IsSequence())
      return true;
    fail(mark_of(node), fmt::format("{}: a list is wanted", path));
    return false;
  }

  std::string text(const YAML::Node& node, const std::string& path) {
    if (!ok())
      return {};
    if (!node.IsDefined() || !node.IsScalar()) {
      fail(mark_of(node), fmt::format("{}: text is wanted", path));
      return {};
    }
    return node.Scalar();
  }

  // A finite number from `lowest` on.
  double number(const YAML::Node& node, const std::string& path, double lowest = 0) {
    const std::string written = text(node, path);
    if (!ok())
      return 0;
    char* end = nullptr;
    const double value = std::strtod(written.c_str(), &end);
    const bool plain =
        !written.empty() && written.find_first_not_of("0123456789+-.eE") == std::string::npos;
    if (!plain || end != written.c_str() + written.size() || !std::isfinite(value)) {
      fail(node.Mark(),
           fmt::format("{}: a number is wanted, not \"{}\"", path, printable(written)));
      return 0;
    }
    if (value < lowest) {
      fail(node.Mark(), fmt::format("{}: {} is less than {}", path, written, lowest));
      return 0;
    }
    return value;
  }

  // Greater than nought: what is divided by.
  double positive(const YAML::Node& node, const std::string& path) {
    const double value = number(node, path);
    if (ok() && !(value > 0))
      fail(node.Mark(), fmt::format("{}: must be greater than 0", path));
    return value;
  }

  bool boolean(const YAML::Node& node, const std::string& path) {
    const std::string word = text(node, path);
    if (ok() && word != "true" && word != "false")
      fail(node.Mark(),
           fmt::format("{}: true or false is wanted, not \"{}\"", path, printable(word)));
    return word == "true";
  }

  // One word out of a list of (word, meaning).
  template <typename T>
  T word(const YAML::Node& node, const std::string& path,
         std::initializer_list<std::pair<std::string_view, T>> words) {
    const std::string written = text(node, path);
    if (!ok())
      return words.begin()->second;
    std::vector<std::string_view> known;
    for (const auto& [name, meaning] : words) {
      if (name == written)
        return meaning;
      known.push_back(name);
    }
    const auto meant = did_you_mean(written, known);
    fail(node.Mark(), fmt::format("{}: unknown word \"{}\"", path, printable(written)),
         fmt::format("{} \"{}\"", meant ? "did you mean" : "the first of the known words is",
                     meant ? *meant : known.front()));
    return words.begin()->second;
  }

  std::vector<std::string> texts(const YAML::Node& node, const std::string& path) {
    std::vector<std::string> all;
    if (sequence(node, path))
      for (std::size_t i = 0; i < node.size(); ++i)
        all.push_back(text(node[i], fmt::format("{}[{}]", path, i)));
    return all;
  }

  CostBackend backend(const YAML::Node& node, const std::string& path) {
    return word<CostBackend>(node, path,
                             {{"ane", CostBackend::ane},
                              {"bnns", CostBackend::bnns},
                              {"classic_cpu", CostBackend::classic_cpu},
                              {"mps_graph", CostBackend::mps_graph}});
  }

  PerBackend<bool> backends(const YAML::Node& node, const std::string& path) {
    PerBackend<bool> on;
    if (sequence(node, path))
      for (std::size_t i = 0; i < node.size(); ++i)
        on[backend(node[i], fmt::format("{}[{}]", path, i))] = true;
    return on;
  }

  Rates rates(const YAML::Node& node, const std::string& path) {
    Rates all;
    if (mapping(node, path, {}, {"ane", "bnns", "classic_cpu", "mps_graph"}))
      for (const CostBackend each : k_cost_backends)
        if (const auto value = node[std::string(to_string(each))])
          all[each] = positive(value, fmt::format("{}.{}", path, to_string(each)));
    return all;
  }

  static YAML::Mark mark_of(const YAML::Node& node) {
    return node.IsDefined() ? node.Mark() : YAML::Mark::null_mark();
  }

 private:
  std::string m_file;
  std::optional<Error> m_error;
};

}  // namespace anecompat::ane
