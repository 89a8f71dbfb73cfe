#include "support/git.hpp"

#include "support/subprocess.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace anecompat {

namespace {

constexpr int k_no_such_program = 127;

// Standard output of a child is its log here; git's goes where results are taken from. What follows
// the script are arguments, which the shell does not look into.
constexpr const char* k_script = "exec git \"$@\" >&3";

Result<ProcessResult> git(const GitFile& file, std::vector<std::string> arguments) {
  ProcessOptions options;
  options.arguments = {"/bin/sh", "-c", k_script, "git", "-C", file.directory};
  std::ranges::move(arguments, std::back_inserter(options.arguments));
  options.environment = {
      {"GIT_TERMINAL_PROMPT", "0"}, {"GIT_OPTIONAL_LOCKS", "0"}, {"LC_ALL", "C"}};
  options.max_result = file.largest;
  ANECOMPAT_TRY_ASSIGN(auto result, run_process(options));
  using Outcome = ProcessResult::Outcome;
  if (result.outcome == Outcome::flooded) {
    return fail({.kind = ErrorKind::unreadable,
                 .message = fmt::format("{}:{} has more than {}", file.ref, file.path,
                                        human_bytes(file.largest))});
  }
  if (result.outcome != Outcome::exited || result.exit_code == k_no_such_program) {
    return fail({.kind = ErrorKind::system,
                 .message = fmt::format("git cannot be run: {}", trim(result.log)),
                 .advice = "install git, or give the baseline as a path"});
  }
  return result;
}

bool succeeded(const ProcessResult& result) {
  return result.exit_code == 0;
}

// The command that brings `ref` here.
std::string fetch_command(const std::string& ref) {
  constexpr std::string_view k_remote = "origin/";
  if (ref.find_first_of("~^@") != std::string::npos)
    return "git fetch --unshallow origin";
  const bool commit =
      ref.size() >= 7 && ref.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (commit)
    return fmt::format("git fetch --no-tags --depth=1 origin {}", ref);
  if (ref.starts_with("refs/"))
    return fmt::format("git fetch --no-tags --depth=1 origin +{}:{}", ref, ref);
  if (ref.starts_with(k_remote)) {
    const auto branch = ref.substr(k_remote.size());
    return fmt::format("git fetch --no-tags --depth=1 origin +refs/heads/{}:refs/remotes/origin/{}",
                       branch, branch);
  }
  if (ref.starts_with("v") || ref.find('.') != std::string::npos)
    return fmt::format("git fetch --no-tags --depth=1 origin +refs/tags/{}:refs/tags/{}", ref, ref);
  return fmt::format("git fetch --no-tags --depth=1 origin +refs/heads/{}:refs/heads/{}", ref, ref);
}

Result<void> check_names(const GitFile& file) {
  const auto odd = [](const std::string& text) {
    return std::ranges::any_of(
        text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
  };
  // git would take the first for an option; the others can be part of no ref, or make it a search.
  if (file.ref.empty() || file.ref.front() == '-' ||
      file.ref.find_first_of(" ?*[\\") != std::string::npos || odd(file.ref) || file.path.empty() ||
      odd(file.path)) {
    return fail({.kind = ErrorKind::usage,
                 .message = fmt::format("\"{}:{}\" is no GITREF:PATH, and there is no such file",
                                        printable(file.ref), printable(file.path)),
                 .advice = "write it as origin/main:anecompat.baseline.json"});
  }
  return {};
}

Result<void> require_ref(const GitFile& file) {
  ANECOMPAT_TRY_ASSIGN(const auto inside, git(file, {"rev-parse", "--is-shallow-repository"}));
  if (!succeeded(inside)) {
    return fail({.kind = ErrorKind::usage,
                 .message = fmt::format("{}:{}: git says: {}", file.ref, file.path,
                                        printable(split(trim(inside.log), '\n').front())),
                 .advice = "GITREF:PATH needs a manifest inside a git work tree"});
  }
  ANECOMPAT_TRY_ASSIGN(const auto commit, git(file, {"rev-parse", "--verify", "--quiet",
                                                     "--end-of-options", file.ref + "^{commit}"}));
  if (succeeded(commit))
    return {};
  const bool shallow = trim(inside.result) == "true";
  return fail({.kind = ErrorKind::not_found,
               .message = fmt::format("git has no `{}` here{}", printable(file.ref),
                                      shallow ? ": the clone is shallow" : ""),
               .advice = fmt::format("run `{}` first", printable(fetch_command(file.ref)))});
}

}  // namespace

Result<std::optional<std::string>> git_show(const GitFile& file) {
  ANECOMPAT_TRY(check_names(file));
  ANECOMPAT_TRY(require_ref(file));
  const auto object = file.ref + ":" + file.path;
  ANECOMPAT_TRY_ASSIGN(const auto type, git(file, {"cat-file", "-t", object}));
  if (!succeeded(type))
    return std::optional<std::string>();
  if (trim(type.result) != "blob") {
    return fail({.kind = ErrorKind::unreadable,
                 .message = fmt::format("{} is a {}, not a file", printable(object),
                                        printable(trim(type.result)))});
  }
  ANECOMPAT_TRY_ASSIGN(auto shown, git(file, {"show", "--no-textconv", "--no-ext-diff",
                                              "--end-of-options", object}));
  if (!succeeded(shown)) {
    return fail({.kind = ErrorKind::system,
                 .message = fmt::format("git cannot show {}: {}", printable(object),
                                        printable(trim(shown.log)))});
  }
  return std::optional(std::move(shown.result));
}

}  // namespace anecompat
