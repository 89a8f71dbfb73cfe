#include "cli/model_finder.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>
#include <string_view>

namespace anecompat::cli {

namespace fs = std::filesystem;

namespace {

bool ends_with_any(std::string_view name, std::span<const std::string_view> endings) {
  return std::ranges::any_of(endings,
                             [&](std::string_view ending) { return name.ends_with(ending); });
}

bool is_model_file(std::string_view name) {
  static constexpr std::array<std::string_view, 3> k_endings = {".mlmodel", ".mlmodel.gz", ".mil"};
  return ends_with_any(name, k_endings);
}

bool is_bundle(std::string_view name) {
  static constexpr std::array<std::string_view, 2> k_endings = {".mlpackage", ".mlmodelc"};
  return ends_with_any(name, k_endings);
}

bool is_left_out(std::string_view name) {
  static constexpr std::array<std::string_view, 5> k_names = {"build", "node_modules",
                                                              "DerivedData", "Pods", "venv"};
  return name.starts_with('.') || std::ranges::find(k_names, name) != k_names.end();
}

}  // namespace

Result<std::vector<std::string>> find_models(const std::string& directory) {
  std::error_code error;
  if (!fs::is_directory(directory, error)) {
    const bool exists = fs::exists(directory, error);
    return fail({.kind = exists ? ErrorKind::unreadable : ErrorKind::not_found,
                 .message = exists ? "is no directory" : "no such directory",
                 .file = directory});
  }
  std::vector<std::string> models;
  fs::recursive_directory_iterator walk(directory, fs::directory_options::skip_permission_denied,
                                        error);
  for (; !error && walk != fs::recursive_directory_iterator(); walk.increment(error)) {
    const auto name = walk->path().filename().string();
    std::error_code entry_error;
    if (walk->is_directory(entry_error)) {
      if (is_bundle(name))
        models.push_back(fs::path(walk->path()).lexically_relative(directory).generic_string());
      if (is_bundle(name) || is_left_out(name))
        walk.disable_recursion_pending();
    } else if (is_model_file(name) && walk->is_regular_file(entry_error)) {
      models.push_back(fs::path(walk->path()).lexically_relative(directory).generic_string());
    }
  }
  if (error) {
    return fail({.kind = ErrorKind::unreadable,
                 .message = "cannot be listed: " + error.message(),
                 .file = directory});
  }
  std::ranges::sort(models);
  return models;
}

}  // namespace anecompat::cli
