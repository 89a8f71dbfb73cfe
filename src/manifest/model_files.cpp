#include "manifest/model_files.hpp"

#include "support/text.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

namespace anecompat::manifest {

namespace fs = std::filesystem;

namespace {

using namespace std::string_view_literals;

constexpr std::array k_archives = {".zip"sv, ".tar.gz"sv, ".tgz"sv};
constexpr std::array k_bundles = {".mlpackage"sv, ".mlmodelc"sv};
constexpr std::array k_files = {".mlmodel"sv, ".mil"sv, ".mlmodel.gz"sv};

template <std::size_t Size>
std::string_view ending(std::string_view name, const std::array<std::string_view, Size>& endings) {
  const auto* const found = std::ranges::find_if(endings, [&](std::string_view candidate) {
    return name.size() > candidate.size() && name.ends_with(candidate);
  });
  return found == endings.end() ? std::string_view() : *found;
}

bool is_bundle_name(std::string_view name) {
  return !ending(name, k_bundles).empty();
}

bool has_wildcard(std::string_view component) {
  return component.find_first_of("*?[\\") != std::string_view::npos;
}

// One expansion; walks the pattern part by part and the directories below it.
class Expansion {
 public:
  explicit Expansion(std::string_view pattern) {
    for (const auto part : split(pattern, '/')) {
      if (!part.empty())
        m_parts.push_back(part);
    }
  }

  void walk(const fs::path& directory, const std::string& shown, std::size_t part) {
    // Several `**` reach the same place on many ways; each is looked at once.
    if (part >= m_parts.size() || m_matches.gave_up ||
        !m_seen.emplace(directory.string(), part).second)
      return;
    if (m_parts[part] == "**") {
      walk(directory, shown, part + 1);
      for_each(directory, [&](const fs::directory_entry& entry, const std::string& name) {
        std::error_code error;
        if (!name.starts_with('.') && !is_bundle_name(name) && !entry.is_symlink(error) &&
            entry.is_directory(error))
          walk(entry.path(), shown + name + '/', part);
        if (part + 1 == m_parts.size() && !name.starts_with('.'))
          take(entry, shown + name);
      });
      return;
    }
    if (!has_wildcard(m_parts[part])) {
      step(fs::directory_entry(directory / m_parts[part]), shown + std::string(m_parts[part]),
           part);
      return;
    }
    for_each(directory, [&](const fs::directory_entry& entry, const std::string& name) {
      if (name.starts_with('.') && !m_parts[part].starts_with('.'))
        return;
      if (glob_match(m_parts[part], name))
        step(entry, shown + name, part);
    });
  }

  GlobMatches take() && {
    std::ranges::sort(m_matches.paths);
    const auto repeated = std::ranges::unique(m_matches.paths);
    m_matches.paths.erase(repeated.begin(), repeated.end());
    return std::move(m_matches);
  }

 private:
  static constexpr std::size_t k_most_looked_at = 1'000'000;

  template <typename Visit>
  void for_each(const fs::path& directory, Visit visit) {
    std::error_code error;
    fs::directory_iterator iterator(directory, error);
    for (; !error && iterator != fs::directory_iterator(); iterator.increment(error)) {
      if (++m_looked_at > k_most_looked_at)
        m_matches.gave_up = true;
      if (m_matches.gave_up)
        return;
      visit(*iterator, iterator->path().filename().string());
    }
  }

  // The entry matches its part of the pattern.
  void step(const fs::directory_entry& entry, const std::string& shown, std::size_t part) {
    std::error_code error;
    if (part + 1 == m_parts.size()) {
      take(entry, shown);
    } else if (entry.is_directory(error)) {
      walk(entry.path(), shown + '/', part + 1);
    }
  }

  void take(const fs::directory_entry& entry, const std::string& shown) {
    std::error_code error;
    const auto name = entry.path().filename().string();
    if (!entry.exists(error))
      return;
    const bool directory = entry.is_directory(error);
    if (directory ? is_bundle_name(name) : is_model_name(name))
      m_matches.paths.push_back(shown);
    else if (!directory)
      ++m_matches.others;
  }

  std::vector<std::string_view> m_parts;
  std::set<std::pair<std::string, std::size_t>> m_seen;
  std::size_t m_looked_at = 0;
  GlobMatches m_matches;
};

}  // namespace

bool is_model_name(std::string_view name) {
  if (const auto archive = ending(name, k_archives); !archive.empty())
    return is_bundle_name(name.substr(0, name.size() - archive.size()));
  return is_bundle_name(name) || !ending(name, k_files).empty();
}

std::string default_name(std::string_view path_or_url) {
  auto name = path_or_url;
  if (name.find("://") != std::string_view::npos)
    name = name.substr(0, name.find_first_of("?#"));
  while (name.ends_with('/'))
    name.remove_suffix(1);
  name = name.substr(name.find_last_of('/') + 1);
  const auto drop = [&](std::string_view last) {
    name.remove_suffix(last.size());
    return !last.empty();
  };
  drop(ending(name, k_archives));
  if (!drop(ending(name, k_bundles)) && !drop(ending(name, k_files))) {
    if (const auto dot = name.find_last_of('.'); dot != std::string_view::npos && dot > 0)
      name = name.substr(0, dot);
  }
  return printable(name);
}

GlobMatches expand_glob(const std::string& directory, const std::string& pattern) {
  Expansion expansion(pattern);
  if (pattern.starts_with('/'))
    expansion.walk("/", "/", 0);
  else
    expansion.walk(directory.empty() ? fs::path(".") : fs::path(directory), "", 0);
  return std::move(expansion).take();
}

}  // namespace anecompat::manifest
