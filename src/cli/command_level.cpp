#include "cli/command_level.hpp"

#include "cli/console.hpp"
#include "cli/level_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

namespace anecompat::cli {

bool looks_like_model(const std::string& argument) {
  static constexpr std::array<std::string_view, 6> k_endings = {
      ".mlmodel", ".mlpackage", ".mlmodelc", ".mil", ".mlmodel.gz", "/"};
  std::error_code error;
  return std::filesystem::exists(argument, error) ||
         std::ranges::any_of(k_endings,
                             [&](std::string_view ending) { return argument.ends_with(ending); });
}

int run_level(std::span<const std::string> arguments) {
  if (arguments.size() > 2) {
    print_error({.kind = ErrorKind::usage,
                 .message = fmt::format("unexpected argument `{}` after MODELPATH and LOGDIR",
                                        arguments[2]),
                 .advice = "see anecompat --help; options belong to commands such as check"});
    return k_level_other;
  }
  LevelRequest request;
  request.model_path = arguments[0];
  if (arguments.size() == 2)
    request.log_directory = arguments[1];
  const auto run = run_for_level(request);
  if (!run) {
    print_error(run.error());
    return k_level_other;
  }
  if (run->evaluation().error)
    print_error({.kind = ErrorKind::unreadable, .message = run->evaluation().error->message});
  else if (!print(run->text))
    return k_level_other;
  return run->report.exit_code;
}

}  // namespace anecompat::cli
