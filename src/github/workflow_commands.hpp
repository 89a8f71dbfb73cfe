// Workflow commands: lines on standard output that the GitHub Actions runner acts upon.
//
// Escaping and limits follow actions/toolkit (packages/core/src/command.ts) and actions/runner
// (ActionCommand.cs, ActionCommandManager.cs, ExecutionContext.cs).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace anecompat::github {

// What the runner keeps of each kind in one step.
inline constexpr std::size_t k_annotations_per_level = 10;
// Where it cuts a message.
inline constexpr std::size_t k_message_limit = 4096;

enum class AnnotationLevel : std::uint8_t { notice, warning, error };

struct Annotation {
  AnnotationLevel level = AnnotationLevel::error;
  std::string title;
  std::string message;     // may have several lines
  std::string file;        // empty: no place
  std::uint64_t line = 0;  // 0: unknown
};

std::string escape_data(std::string_view text);
std::string escape_property(std::string_view text);

// "::error file=…,line=…,title=…::message\n". The message is cut to k_message_limit; control
// characters in it are made visible.
std::string to_command(const Annotation& annotation);

// Text that is printed where a runner may read it: "::" at the start of a line and "##[" anywhere
// get a backslash, so that no line is taken for a command.
std::string scrub_commands(std::string_view text);

}  // namespace anecompat::github
