#include "evaluate/worker.hpp"

#include "evaluate/apple/apple_evaluator.hpp"
#include "evaluate/measurement_json.hpp"
#include "evaluate/predictor.hpp"
#include "evaluate/worker_protocol.hpp"
#include "support/subprocess.hpp"
#include "support/text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <new>
#include <system_error>
#include <thread>

namespace anecompat::evaluate {

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool k_reserves_memory = true;
#elif defined(__has_feature)
constexpr bool k_reserves_memory = __has_feature(address_sanitizer);
#else
constexpr bool k_reserves_memory = false;
#endif

// Paths and names only.
constexpr std::size_t k_largest_request = 16U << 20U;

Error system_error(std::string_view what) {
  return {.kind = ErrorKind::system,
          .message =
              fmt::format("worker: cannot {}: {}", what, std::generic_category().message(errno))};
}

// AddressSanitizer reserves terabytes of address space: no limit can be set there.
void limit_memory(std::uint64_t bytes) {
  if (bytes == 0 || k_reserves_memory)
    return;
  // macOS takes the limit and ignores it; the deadline holds there all the same.
  rlimit limit = {};
  if (::getrlimit(RLIMIT_AS, &limit) != 0)
    return;
  const auto wanted = static_cast<rlim_t>(bytes);
  if (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur <= wanted)
    return;
  limit.rlim_cur = wanted;
  ::setrlimit(RLIMIT_AS, &limit);
}

// Saying what happened takes memory, too.
void lift_memory_limit() {
  rlimit limit = {};
  if (::getrlimit(RLIMIT_AS, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_AS, &limit);
  }
}

// A batch may lose many workers, and a core file of each would fill the disk.
void write_no_core_files() {
  rlimit limit = {};
  if (::getrlimit(RLIMIT_CORE, &limit) == 0) {
    limit.rlim_cur = 0;
    ::setrlimit(RLIMIT_CORE, &limit);
  }
}

// Ends this process once nobody reads its result channel any more, whatever it is doing.
void end_with_parent() {
  std::thread([] {
    pollfd channel = {.fd = k_result_channel, .events = 0, .revents = 0};
    while (true) {
      const int count = ::poll(&channel, 1, -1);
      if (count > 0 && (channel.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0)
        ::_exit(1);
    }
  }).detach();
}

Result<std::string> read_request() {
  std::string text;
  std::array<char, 65536> buffer{};
  while (text.size() <= k_largest_request) {
    const auto count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return fail(system_error("read the request"));
    if (count == 0)
      return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return fail({.kind = ErrorKind::usage,
               .message = fmt::format("worker: the request is larger than {}",
                                      human_bytes(k_largest_request))});
}

Result<void> write_answer(std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(k_result_channel, text.data(), text.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return fail(system_error("write the answer"));
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

std::string predict(const WorkerRequest& request) {
  const auto predictor =
      make_predictor({.rules_directory = request.rules_directory, .what_if = request.what_if});
  if (!predictor) {
    return error_document({.kind = to_string(predictor.error().kind),
                           .signal = {},
                           .message = predictor.error().to_string()});
  }
  return result_document(to_json((*predictor)->evaluate(request.request)));
}

const char* word_of(MeasureStep step) {
  switch (step) {
    case MeasureStep::probe:
      return "looking at the host";
    case MeasureStep::compile:
      return "compiling the model";
    case MeasureStep::load:
      return "loading the model";
    case MeasureStep::input:
      return "making inputs";
    case MeasureStep::predict:
      return "predicting";
    case MeasureStep::done:
      break;
  }
  return "done";
}

// The step goes to the log, which shows where a lost process was.
std::string measure(const WorkerRequest& request) {
  if (!measuring_available()) {
    return error_document({.kind = to_string(ErrorKind::unsupported),
                           .signal = {},
                           .message = "this build of anecompat cannot measure"});
  }
  MeasureRequest question;
  question.model_path = request.request.model_path;
  question.function = request.request.function;
  question.compute_units = request.request.compute_units;
  question.reshape_frequency = request.request.reshape_frequency;
  question.shapes = request.request.shapes;
  question.log_directory = request.log_directory;
  question.depth = request.mode == WorkerMode::plan ? MeasureDepth::plan : MeasureDepth::run;
  question.on_step = [](MeasureStep step) {
    fmt::print(stderr, "anecompat worker: {}\n", word_of(step));
    std::fflush(stderr);
  };
  return result_document(nlohmann::ordered_json::parse(to_json(evaluate::measure(question))));
}

}  // namespace

Result<std::string> answer_request(std::string_view text) {
  ANECOMPAT_TRY_ASSIGN(const auto request, read_worker_request(text));
  try {
    limit_memory(request.memory_limit);
    return request.mode == WorkerMode::predict ? predict(request) : measure(request);
  } catch (const std::bad_alloc&) {
    lift_memory_limit();
    return error_document(
        {.kind = "memory",
         .signal = {},
         .message = fmt::format("evaluating it takes more than the {} a worker may use",
                                human_bytes(request.memory_limit))});
  } catch (const std::exception& error) {
    return error_document({.kind = "crash", .signal = {}, .message = error.what()});
  }
}

Result<void> serve_worker() {
  if (::fcntl(k_result_channel, F_GETFD) < 0) {
    return fail({.kind = ErrorKind::usage,
                 .message = fmt::format("worker: there is no result channel on file descriptor {}",
                                        k_result_channel),
                 .advice = "workers are started by anecompat itself, not by hand"});
  }
  write_no_core_files();
  end_with_parent();
  ANECOMPAT_TRY_ASSIGN(const auto request, read_request());
  ANECOMPAT_TRY_ASSIGN(const auto answer, answer_request(request));
  return write_answer(answer);
}

}  // namespace anecompat::evaluate
