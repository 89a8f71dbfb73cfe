#include "capi/anecompat.h"

#include "capi/options.hpp"
#include "capi/worker_program.hpp"
#include "cli/console.hpp"
#include "cli/level_run.hpp"
#include "cli/single_model.hpp"
#include "report/reporter.hpp"
#include "support/files.hpp"
#include "support/version.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>

namespace {

using namespace anecompat;

// For the caller to free; null when memory runs out.
char* copy_of(const std::string& text) {
  auto* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (copy != nullptr)
    std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

std::string error_json(const Error& error) {
  const nlohmann::ordered_json json = {
      {"error", {{"kind", to_string(error.kind)}, {"message", error.to_string()}}}};
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

// What needs another process is predicted in this one when there is no program to start, which the
// evidence of the result says; what was asked for in so many words is refused.
Result<void> choose_program(cli::EvaluatorChoice& choice) {
  if (choice.worker_program.empty())
    choice.worker_program = capi::find_worker_program();
  if (!choice.worker_program.empty())
    return {};
  const bool must = choice.isolate || (choice.evidence != evaluate::EvidenceWanted::automatic &&
                                       choice.evidence != evaluate::EvidenceWanted::predicted);
  if (must) {
    return fail({.kind = ErrorKind::not_found,
                 .message = "the anecompat program, which runs models in another process, is "
                            "neither beside this library nor in ../bin",
                 .advice = "install it, or name it in $ANECOMPAT_PROGRAM"});
  }
  choice.evidence = evaluate::EvidenceWanted::predicted;
  return {};
}

Result<std::string> evaluate_json(const char* path, const char* options_json) {
  if (path == nullptr || *path == '\0')
    return fail({.kind = ErrorKind::usage, .message = "no model path was given"});
  ANECOMPAT_TRY_ASSIGN(auto options,
                       capi::read_options(options_json == nullptr ? "" : options_json));
  options.request.model_path = path;
  ANECOMPAT_TRY(choose_program(options.choice));
  ANECOMPAT_TRY_ASSIGN(const auto evaluator, cli::make_evaluator(options.choice));
  const auto report = cli::evaluate_single(*evaluator, options.request);
  if (!options.choice.log_directory.empty()) {
    ANECOMPAT_TRY(
        write_text_file(options.choice.log_directory + "/report.json", report::to_json(report)));
  }
  return report::to_json(report.entries[0]);
}

int level_of(const char* path, const char* log_dir) {
  if (path == nullptr || *path == '\0') {
    cli::print_error({.kind = ErrorKind::usage, .message = "no model path was given"});
    return ANECOMPAT_ERROR_OTHER;
  }
  cli::LevelRequest request;
  request.model_path = path;
  if (log_dir != nullptr)
    request.log_directory = log_dir;
  request.worker_program = capi::find_worker_program();
  if (request.worker_program.empty())
    request.evidence = evaluate::EvidenceWanted::predicted;
  const auto run = cli::run_for_level(request);
  if (!run) {
    cli::print_error(run.error());
    return ANECOMPAT_ERROR_OTHER;
  }
  std::fputs(run->text.c_str(), stderr);
  return run->report.exit_code;
}

static_assert(ANECOMPAT_FULL == static_cast<int>(ane::Level::full));
static_assert(ANECOMPAT_PARTIAL == static_cast<int>(ane::Level::partial));
static_assert(ANECOMPAT_NONE == static_cast<int>(ane::Level::none));
static_assert(ANECOMPAT_UNKNOWN == static_cast<int>(ane::Level::unknown));
static_assert(ANECOMPAT_ERROR_READ == cli::k_level_unreadable);
static_assert(ANECOMPAT_ERROR_COMPILE == cli::k_level_compile);
static_assert(ANECOMPAT_ERROR_INPUT == cli::k_level_input);
static_assert(ANECOMPAT_ERROR_PREDICTION == cli::k_level_prediction);
static_assert(ANECOMPAT_ERROR_OTHER == cli::k_level_other);

}  // namespace

// No exception may reach a C caller: whatever is thrown below becomes ANECOMPAT_ERROR_OTHER.

int anecompat_api_version(void) {
  return ANECOMPAT_API_VERSION;
}

const char* anecompat_version(void) {
  return k_version.data();
}

int test_ane_compatibility_coreml_model(const char* path, const char* log_dir) {
  try {
    return level_of(path, log_dir);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "anecompat: error: %s\n", error.what());
  } catch (...) {
    std::fputs("anecompat: error: unknown\n", stderr);
  }
  return ANECOMPAT_ERROR_OTHER;
}

int anecompat_evaluate_json(const char* path, const char* options_json, char** out) {
  if (out == nullptr)
    return ANECOMPAT_ERROR_OTHER;
  *out = nullptr;
  try {
    const auto json = evaluate_json(path, options_json);
    *out = copy_of(json ? *json : error_json(json.error()));
    return json && *out != nullptr ? 0 : ANECOMPAT_ERROR_OTHER;
  } catch (const std::exception& error) {
    try {
      *out = copy_of(error_json({.kind = ErrorKind::system, .message = error.what()}));
    } catch (...) {
      // Not even the message fits into memory: *out stays null, as the header says.
      *out = nullptr;
    }
  } catch (...) {
    *out = nullptr;
  }
  return ANECOMPAT_ERROR_OTHER;
}

void anecompat_free(char* text) {
  std::free(text);
}
