#include "manifest/entries.hpp"

#include "manifest/model_files.hpp"
#include "source/locator.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace anecompat::manifest {

namespace {

namespace fs = std::filesystem;
using yaml::MapReader;
using yaml::Problems;

constexpr std::array<std::string_view, 3> k_sources = {"path", "glob", "url"};
constexpr std::size_t k_longest_name = 200;

bool is_sha256(std::string_view text) {
  return text.size() == 64 && std::ranges::all_of(text, [](char c) {
           return std::isxdigit(static_cast<unsigned char>(c)) != 0;
         });
}

// One item of `models` before globs are expanded.
struct Item {
  EntrySpec entry;
  std::string path;                 // "models[2]", for messages
  std::optional<std::string> glob;  // instead of a source
  TextPosition name_position;       // of what gives the name
};

// The same file however it is written.
std::string identity(const std::string& path) {
  return fs::path(path).lexically_normal().string();
}

void read_shapes(MapReader& reader, EntrySpec& entry, Problems& problems) {
  const auto* node = reader.node("shapes");
  if (node == nullptr)
    return;
  MapReader map(*node, reader.path_of("shapes"), problems);
  for (const auto& key : node->keys) {
    const auto* dimensions = map.list(key.text);
    if (dimensions == nullptr)
      continue;
    auto& shape = entry.shapes[key.text];
    for (std::size_t i = 0; i < dimensions->size(); ++i) {
      const auto path = fmt::format("{}[{}]", map.path_of(key.text), i);
      if (const auto size = yaml::integer_of((*dimensions)[i], path, 1, INT32_MAX, problems))
        shape.push_back(*size);
    }
  }
}

void read_reshape_frequency(MapReader& reader, EntrySpec& entry) {
  const auto word = reader.text("reshape_frequency");
  if (!word)
    return;
  if (const auto frequency = ane::parse_reshape_frequency(*word)) {
    entry.reshape_frequency = *frequency;
  } else {
    reader.problem("reshape_frequency", yaml::unknown_word("frequency", *word),
                   yaml::advice_for(*word, {"frequent", "infrequent"}));
  }
}

void read_url(MapReader& reader, const std::string& url, EntrySpec& entry) {
  entry.source = {.kind = Source::Kind::url, .text = url, .resolved = url, .sha256 = {}};
  if (url.find("://") == std::string::npos) {
    reader.problem("url", fmt::format("\"{}\" is no address", printable(url)),
                   "for a file of this machine use `path`");
    // Whether this machine may be reached is for the run to say, not for the manifest.
  } else if (const auto locator = source::parse_locator(url, /*allow_loopback=*/true); !locator) {
    reader.problem("url", locator.error().message, locator.error().advice);
  } else if (default_name(url).empty() || url.ends_with('/')) {
    reader.problem("url", fmt::format("\"{}\" names no file", printable(url)));
  }
  if (!reader.has("sha256")) {
    reader.problem("url", "`sha256` is missing: a download counts only when its content is known",
                   "add the output of `shasum -a 256 FILE`");
  }
}

void read_source(MapReader& reader, const std::string& directory, Item& item) {
  std::vector<std::string_view> given;
  std::ranges::copy_if(k_sources, std::back_inserter(given),
                       [&](std::string_view key) { return reader.has(key); });
  const auto path = reader.text("path");
  item.glob = reader.text("glob");
  const auto url = reader.text("url");
  const auto sha256 = reader.text("sha256");

  if (given.empty()) {
    reader.problem_here("names no model: one of `path`, `glob` or `url` is needed");
  } else if (given.size() > 1) {
    reader.problem(given[1],
                   fmt::format("there is a `{}` already, only one of them is possible", given[0]),
                   "make two entries of it");
  }
  if (path) {
    item.entry.source = {.kind = Source::Kind::path,
                         .text = *path,
                         .resolved = resolve(directory, *path),
                         .sha256 = {}};
  }
  if (url)
    read_url(reader, *url, item.entry);
  if (sha256 && !is_sha256(*sha256)) {
    reader.problem("sha256",
                   fmt::format("expected 64 hex digits, found {} characters", sha256->size()),
                   "use the output of `shasum -a 256 FILE`");
  } else if (sha256 && !url) {
    reader.problem("sha256", "is only for a `url`", "remove it");
  } else if (sha256) {
    item.entry.source.sha256 = to_lower(*sha256);
  }
}

void read_name(MapReader& reader, Item& item) {
  const auto name = reader.text("name");
  item.name_position = reader.position();
  if (!name) {
    if (!reader.has("name"))
      item.entry.name = default_name(item.entry.source.text);
    return;
  }
  item.name_position = reader.position_of("name");
  item.entry.name = *name;
  if (item.glob)
    reader.problem("name", "cannot name the matches of a `glob`: each is named after its file",
                   "list the model by `path` to name it");
  else if (trim(*name) != *name || printable(*name) != *name)
    reader.problem("name", "has characters that cannot be seen");
  else if (name->size() > k_longest_name)
    reader.problem("name", fmt::format("is longer than {} bytes", k_longest_name));
}

Item read_item(const yaml::Node& node, std::size_t index, const std::string& directory,
               const Settings& defaults, Problems& problems) {
  Item item;
  item.path = fmt::format("models[{}]", index);
  MapReader reader(node, item.path, problems);
  item.entry.position = node.position;
  reader.node("name");  // first among the keys that are possible
  if (node.kind == yaml::Node::Kind::map) {
    read_source(reader, directory, item);
    read_name(reader, item);
    apply(read_settings(reader, problems), defaults, item.entry);
    read_shapes(reader, item.entry, problems);
    read_reshape_frequency(reader, item.entry);
  } else {
    item.name_position = node.position;
  }
  reader.finish();
  return item;
}

// Gathers the entries under names that are there once.
class Names {
 public:
  explicit Names(Problems& problems) : m_problems(problems) {}

  void add(const Item& item, EntrySpec entry) {
    if (entry.name.empty())
      return;  // its source is wrong, and that has been said
    const auto [found, is_new] =
        m_taken.emplace(entry.name, Owner{item.path, entry.source.text, item.entry.position});
    if (is_new) {
      m_entries.push_back(std::move(entry));
      return;
    }
    const auto& owner = found->second;
    auto message = fmt::format("{}: the name \"{}\" of {} is taken", item.path,
                               printable(entry.name), printable(entry.source.text));
    if (owner.item == item.path)
      message += fmt::format(" by {} of the same glob", printable(owner.source));
    else
      message += fmt::format(" by {} ({}) in line {}", owner.item, printable(owner.source),
                             owner.position.line);
    m_problems.add(item.name_position, std::move(message),
                   item.glob ? "list one of them by `path` with a `name` of its own"
                             : "give one of them another `name`");
  }

  std::vector<EntrySpec> take() && { return std::move(m_entries); }

 private:
  struct Owner {
    std::string item;
    std::string source;
    TextPosition position;
  };

  Problems& m_problems;
  std::map<std::string, Owner, std::less<>> m_taken;
  std::vector<EntrySpec> m_entries;
};

// Adds the matches that no other entry has.
void add_matches(const Item& item, TextPosition position, const std::string& directory,
                 std::set<std::string>& listed, Names& names, Problems& problems) {
  const auto matches = expand_glob(directory, *item.glob);
  if (matches.gave_up) {
    problems.add(position, fmt::format("{}.glob: there are too many files to look at", item.path),
                 "start the pattern with the directory the models are in");
    return;
  }
  if (matches.paths.empty()) {
    const auto where = directory.empty() ? std::string("the current directory") : directory;
    problems.add(
        position,
        fmt::format("{}.glob: \"{}\" matches {} in {}", item.path, printable(*item.glob),
                    matches.others == 0 ? "nothing"
                                        : counted(matches.others, "file") + " but no Core ML model",
                    printable(where)),
        "paths are relative to the manifest; models are .mlmodel, .mlpackage, .mlmodelc "
        "and .mil");
    return;
  }
  for (const auto& path : matches.paths) {
    auto entry = item.entry;
    entry.name = default_name(path);
    entry.source = {.kind = Source::Kind::path,
                    .text = path,
                    .resolved = resolve(directory, path),
                    .sha256 = {}};
    if (listed.insert(identity(entry.source.resolved)).second)
      names.add(item, std::move(entry));
  }
}

}  // namespace

std::string resolve(const std::string& directory, const std::string& path) {
  auto trimmed = std::string_view(path);
  while (trimmed.size() > 1 && trimmed.ends_with('/'))
    trimmed.remove_suffix(1);
  return (fs::path(directory) / trimmed).string();
}

std::vector<EntrySpec> read_entries(const std::vector<yaml::Node>& models,
                                    const std::string& directory, const Settings& defaults,
                                    Problems& problems) {
  std::vector<Item> items;
  std::set<std::string> listed;  // by path, wherever in the manifest
  for (std::size_t i = 0; i < models.size(); ++i) {
    items.push_back(read_item(models[i], i, directory, defaults, problems));
    const auto& source = items.back().entry.source;
    if (!items.back().glob && source.kind == Source::Kind::path && !source.resolved.empty())
      listed.insert(identity(source.resolved));
  }
  Names names(problems);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].glob)
      add_matches(items[i], models[i].find("glob")->position, directory, listed, names, problems);
    else
      names.add(items[i], items[i].entry);
  }
  return std::move(names).take();
}

}  // namespace anecompat::manifest
