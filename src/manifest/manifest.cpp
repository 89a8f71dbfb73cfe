#include "manifest/manifest.hpp"

#include "manifest/entries.hpp"
#include "manifest/settings.hpp"
#include "manifest/suppressions.hpp"
#include "support/files.hpp"
#include "support/strict_yaml.hpp"
#include "support/yaml_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <utility>

namespace anecompat::manifest {

namespace {

using yaml::MapReader;
using yaml::Problems;

constexpr std::int64_t k_version = 1;

constexpr std::array<std::pair<Expect, std::string_view>, 5> k_expects = {
    {{Expect::full, "full"},
     {Expect::partial, "partial"},
     {Expect::none, "none"},
     {Expect::at_least_partial, "at-least-partial"},
     {Expect::any, "any"}}};

// False when the rest cannot be understood.
bool check_version(MapReader& reader) {
  reader.require("version", fmt::format("write `version: {}`", k_version));
  const auto version = reader.integer("version", 0, std::numeric_limits<std::int64_t>::max());
  if (!version || *version == k_version)
    return true;
  reader.problem("version", fmt::format("{} is not known here, only {}", *version, k_version),
                 *version > k_version ? "install a newer anecompat" : "");
  return false;
}

bool is_path(std::string_view policy) {
  return policy.find('/') != std::string_view::npos || policy.ends_with(".yml") ||
         policy.ends_with(".yaml");
}

Settings read_defaults(MapReader& reader, Problems& problems) {
  auto defaults = reader.map("defaults");
  if (!defaults)
    return {};
  auto settings = read_settings(*defaults, problems);
  defaults->finish();
  return settings;
}

// GITREF:PATH goes by git's rules, so it stays as written; a file that is there wins over it.
std::string resolve_baseline(const std::string& directory, const std::string& text) {
  auto path = resolve(directory, text);
  std::error_code ignored;
  const bool in_commit =
      text.find(':') != std::string::npos && !std::filesystem::exists(path, ignored);
  return in_commit ? text : path;
}

}  // namespace

std::string_view to_string(Expect expect) {
  return std::ranges::find(k_expects, expect, &std::pair<Expect, std::string_view>::first)->second;
}

std::optional<Expect> parse_expect(std::string_view text) {
  const auto* const found =
      std::ranges::find(k_expects, text, &std::pair<Expect, std::string_view>::second);
  return found == k_expects.end() ? std::nullopt : std::optional(found->first);
}

tl::expected<Manifest, std::vector<Error>> parse_manifest(std::string_view text,
                                                          const std::string& path) {
  Problems problems;
  const auto document = yaml::parse(text, problems);
  const auto refuse = [&] { return tl::make_unexpected(std::move(problems).take(path)); };
  if (document.kind == yaml::Node::Kind::null) {
    if (problems.empty())
      problems.add({1, 1}, "the manifest is empty", "`anecompat init` writes one");
    return refuse();
  }

  const auto directory = std::filesystem::path(path).parent_path().string();
  Manifest manifest;
  manifest.path = path;
  MapReader reader(document, "", problems);
  if (!check_version(reader))
    return refuse();
  manifest.policy = reader.text("policy").value_or("");
  manifest.policy_position = reader.position_of("policy");
  if (is_path(manifest.policy))
    manifest.policy = resolve(directory, manifest.policy);
  if (const auto baseline = reader.text("baseline"))
    manifest.baseline = resolve_baseline(directory, *baseline);
  const auto defaults = read_defaults(reader, problems);
  reader.require("models", "list the models to check");
  if (const auto* models = reader.list("models"))
    manifest.entries = read_entries(*models, directory, defaults, problems);
  if (const auto* suppressions = reader.list("suppressions"))
    manifest.suppressions = read_suppressions(*suppressions, problems);
  reader.finish();
  if (!problems.empty())
    return refuse();
  return manifest;
}

tl::expected<Manifest, std::vector<Error>> load_manifest(const std::string& path) {
  auto text = read_text_file(path, yaml::Limits{}.bytes);
  if (!text) {
    auto error = std::move(text.error()).in_file(path);
    if (error.kind == ErrorKind::not_found)
      error.advice = "`anecompat init` writes a manifest for the models it finds";
    return tl::make_unexpected(std::vector<Error>{std::move(error)});
  }
  return parse_manifest(*text, path);
}

}  // namespace anecompat::manifest
