#include "source/hugging_face.hpp"

#include "support/files.hpp"
#include "support/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>

namespace anecompat::source {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t k_most_files = 10'000;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Percent-encodes everything but unreserved characters and `/`.
std::string encode_path(std::string_view path) {
  std::string result;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    result += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return result;
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// A path the server lists must stay below the bundle it was asked for.
bool is_below(std::string_view path, std::string_view directory) {
  if (!path.starts_with(directory) || path.size() <= directory.size() + 1 ||
      path[directory.size()] != '/')
    return false;
  return std::ranges::none_of(split(path.substr(directory.size() + 1), '/'), [](auto part) {
    return part.empty() || part == "." || part == "..";
  });
}

Error unexpected(std::string_view what) {
  return {.kind = ErrorKind::download,
          .message = fmt::format("the repository's file list {}", what)};
}

Result<std::vector<RepositoryFile>> parse_listing(const Locator& locator, const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_array())
    return fail(unexpected("is not the list it should be"));
  std::vector<RepositoryFile> files;
  for (const auto& item : json) {
    if (!item.is_object() || item.value("type", "") != "file")
      continue;
    RepositoryFile file{.path = item.value("path", ""),
                        .size = item.value("size", std::uint64_t{0})};
    if (!is_below(file.path, locator.path))
      return fail(unexpected("names a file elsewhere"));
    if (item.contains("lfs") && item["lfs"].is_object()) {
      const auto oid = item["lfs"].value("oid", "");
      if (is_sha256(oid))
        file.sha256 = oid;
    }
    files.push_back(std::move(file));
  }
  if (files.size() > k_most_files)
    return fail(unexpected("is longer than any model's"));
  return files;
}

bool names_bundle(const Locator& locator) {
  const auto name = to_lower(locator.file_name());
  return name.ends_with(".mlpackage") || name.ends_with(".mlmodelc");
}

}  // namespace

std::string hugging_face_endpoint() {
  auto endpoint = environment("HF_ENDPOINT");
  while (endpoint.ends_with('/'))
    endpoint.pop_back();
  return endpoint.empty() ? "https://huggingface.co" : endpoint;
}

std::string hugging_face_token() {
  for (const char* name : {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}) {
    if (auto token = environment(name); !token.empty())
      return token;
  }
  auto path = environment("HF_TOKEN_PATH");
  if (path.empty())
    path = environment("HOME") + "/.cache/huggingface/token";
  const auto text = read_text_file(path, 4096);
  return text ? std::string(trim(*text)) : "";
}

Result<std::vector<RepositoryFile>> list_hugging_face(const Locator& locator,
                                                      const NetworkPolicy& policy) {
  if (!names_bundle(locator))
    return std::vector{RepositoryFile{.path = locator.path}};
  const HttpRequest request{
      .url = fmt::format("{}/api/models/{}/tree/{}/{}?recursive=true", hugging_face_endpoint(),
                         encode_path(locator.repository), encode_path(locator.revision),
                         encode_path(locator.path)),
      .headers = {"Accept: application/json"},
      .token = hugging_face_token()};
  ANECOMPAT_TRY_ASSIGN(const auto text, http_get_text(request, policy));
  try {
    ANECOMPAT_TRY_ASSIGN(auto files, parse_listing(locator, text));
    if (files.empty())
      return fail(unexpected("is empty"));
    std::ranges::sort(files, {}, &RepositoryFile::path);
    return files;
  } catch (const nlohmann::json::exception&) {  // a field of another type than documented
    return fail(unexpected("is not the list it should be"));
  }
}

Result<std::string> fetch_hugging_face(const Locator& locator, const NetworkPolicy& policy,
                                       const fs::path& directory, const Progress& progress) {
  ANECOMPAT_TRY_ASSIGN(const auto files, list_hugging_face(locator, policy));
  const auto parent = locator.path.size() - locator.file_name().size();
  for (const auto& file : files) {
    const auto target = directory / file.path.substr(parent);
    if (fs::exists(target))
      continue;  // a file of an earlier, interrupted run is whole: download_file() saw to it
    const HttpRequest request{
        .url = fmt::format("{}/{}/resolve/{}/{}", hugging_face_endpoint(),
                           encode_path(locator.repository), encode_path(locator.revision),
                           encode_path(file.path)),
        .headers = {"Accept-Encoding: identity"},
        .token = hugging_face_token()};
    ANECOMPAT_TRY(download_file(request, policy, target.string(), file.sha256, progress));
  }
  return (directory / locator.file_name()).string();
}

}  // namespace anecompat::source
