#include "coreml/package_reader.hpp"

#include "coreml/confined_path.hpp"
#include "coreml/json_file.hpp"
#include "coreml/model_reader.hpp"
#include "coreml/placeholder.hpp"
#include "support/byte_source.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <optional>
#include <vector>

namespace anecompat::coreml {

namespace {

constexpr std::uint64_t k_max_manifest_bytes = 1U << 20U;
constexpr std::string_view k_data = "Data/";

struct Item {
  std::string identifier;
  std::string path;  // below Data/
};

struct PackageManifest {
  std::string root;  // rootModelIdentifier; may be empty
  std::vector<Item> items;
};

Result<PackageManifest> parse_manifest(std::string_view text) {
  ANECOMPAT_TRY_ASSIGN(const auto json, parse_json(text));
  if (!json.is_object())
    return fail({.message = "the manifest is not a JSON object"});
  PackageManifest manifest{.root = json_string(json, "rootModelIdentifier"), .items = {}};
  const auto entries = json.find("itemInfoEntries");
  if (entries == json.end() || !entries->is_object())
    return fail({.message = "the manifest has no object \"itemInfoEntries\"",
                 .advice = "export the package again"});
  for (const auto& [identifier, entry] : entries->items()) {
    const auto path = entry.is_object() ? entry.find("path") : entry.end();
    if (!entry.is_object() || path == entry.end() || !path->is_string())
      return fail({.message = fmt::format("item \"{}\" has no \"path\"", printable(identifier))});
    manifest.items.push_back({.identifier = identifier, .path = path->get<std::string>()});
  }
  return manifest;
}

// The item that is the model, and what is odd about how it was found.
Result<Item> choose_model(const PackageManifest& manifest, std::string& oddity) {
  for (const auto& item : manifest.items) {
    if (!manifest.root.empty() && item.identifier == manifest.root)
      return item;
  }
  std::vector<Item> models;
  for (const auto& item : manifest.items) {
    if (item.path.ends_with(".mlmodel"))
      models.push_back(item);
  }
  const auto complaint =
      manifest.root.empty() ? std::string("the manifest has no \"rootModelIdentifier\"")
                            : fmt::format("the manifest's root model \"{}\" is not among its items",
                                          printable(manifest.root));
  if (models.size() == 1) {
    oddity = complaint +
             fmt::format("; its only model, \"{}\", was read", printable(models.front().path));
    return models.front();
  }
  return fail(
      {.message = fmt::format("{}, and {} of its items are models", complaint,
                              models.empty() ? std::string("none") : std::to_string(models.size())),
       .advice = "export the package again"});
}

// Weights are not needed, and are often left out of repositories; it is worth a note.
void note_missing_items(const std::string& directory, const PackageManifest& manifest,
                        const Item& model, GraphBuilder& builder) {
  constexpr std::size_t k_most = 20;
  std::size_t noted = 0;
  for (const auto& item : manifest.items) {
    if (item.identifier == model.identifier || noted == k_most)
      continue;
    const auto opened = open_below(directory, std::string(k_data) + item.path);
    if (opened)
      continue;
    builder.note(fmt::format("item \"{}\" cannot be used: {}", printable(item.path),
                             opened.error().message));
    ++noted;
  }
}

}  // namespace

Result<Graph> read_package(const std::string& directory, const ReadLimits& limits) {
  ANECOMPAT_TRY_ASSIGN(const auto manifest_path, confined_path(directory, "Manifest.json"));
  ANECOMPAT_TRY_ASSIGN(const auto text, read_text_file(manifest_path, k_max_manifest_bytes));
  if (auto error = placeholder(text))
    return fail(std::move(*error).in_file(manifest_path));
  auto manifest = parse_manifest(text);
  if (!manifest)
    return fail(std::move(manifest.error()).in_file(manifest_path));
  std::string oddity;
  auto item = choose_model(*manifest, oddity);
  if (!item)
    return fail(std::move(item.error()).in_file(manifest_path));
  if (const char* objection = path_objection(item->path)) {
    return fail(
        {.message = fmt::format("the model's path \"{}\" {}", printable(item->path), objection),
         .file = manifest_path,
         .advice = "item paths are relative to the package's Data directory and stay in it"});
  }

  ANECOMPAT_TRY_ASSIGN(const auto path, confined_path(directory, std::string(k_data) + item->path));
  ANECOMPAT_TRY_ASSIGN(const auto source, ByteSource::open(path));
  if (auto error = placeholder(*source))
    return fail(std::move(*error));
  GraphBuilder builder("mlpackage");
  builder.keep(source);
  if (!oddity.empty())
    builder.note(oddity);
  note_missing_items(directory, *manifest, *item, builder);

  WireStatus status;
  const ReadContext context{.limits = limits,
                            .model_directory = std::filesystem::path(path).parent_path().string()};
  auto model = read_model_message(WireReader(*source, status), builder, context);
  if (!model)
    return fail(std::move(model.error()).in_file(path));
  return std::move(builder).finish(*model);
}

}  // namespace anecompat::coreml
