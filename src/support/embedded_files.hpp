// The files of policies/, carried inside the program.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace anecompat {

struct EmbeddedFile {
  std::string_view name;  // relative to policies/: "pre-merge.yml", "ane/ops.yml"
  std::string_view contents;
};

std::span<const EmbeddedFile> embedded_files();

// The contents of one of them, or nullopt.
std::optional<std::string_view> embedded_file(std::string_view name);

}  // namespace anecompat
