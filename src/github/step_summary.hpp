// The job summary: a Markdown file the runner shows on the run's page.
#pragma once

#include "support/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace anecompat::github {

// What a step may write; the runner drops a larger file whole (FileCommandManager.cs).
inline constexpr std::uint64_t k_step_summary_limit = 1U << 20U;

// $GITHUB_STEP_SUMMARY. Errors: usage, when it is not set.
Result<std::string> step_summary_path();

// How many bytes still fit: the step may have written to the file before.
std::uint64_t step_summary_room(const std::string& path);

// Appends; makes the file if need be. Errors: system.
Result<void> append_step_summary(const std::string& path, std::string_view markdown);

}  // namespace anecompat::github
