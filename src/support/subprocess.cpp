#include "support/subprocess.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <filesystem>
#include <mutex>
#include <system_error>

#if defined(__APPLE__)
#include <mach-o/dyld.h>
#endif

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX asks for it

namespace anecompat {

namespace {

using Clock = std::chrono::steady_clock;

Error system_error(std::string_view what, int code) {
  return {.kind = ErrorKind::system,
          .message = fmt::format("cannot {}: {}", what, std::generic_category().message(code))};
}

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int file) : m_file(file) {}
  FileDescriptor(FileDescriptor&& other) noexcept : m_file(std::exchange(other.m_file, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(m_file, other.m_file);
    return *this;
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() { close(); }

  int get() const { return m_file; }
  bool is_open() const { return m_file >= 0; }
  void close() {
    if (m_file >= 0)
      ::close(m_file);
    m_file = -1;
  }

 private:
  int m_file = -1;
};

struct Pipe {
  FileDescriptor read;
  FileDescriptor write;
};

// A pipe none of whose ends is 0…3 (so that dup2 in the child cannot clobber another end), and that
// no other process we start inherits.
Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
#if defined(__APPLE__)
  // No pipe2 here: POSIX_SPAWN_CLOEXEC_DEFAULT keeps the ends out of children instead.
  if (::pipe(ends.data()) != 0)
    return fail(system_error("make a pipe", errno));
  for (const int end : ends)
    ::fcntl(end, F_SETFD, FD_CLOEXEC);
#else
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return fail(system_error("make a pipe", errno));
#endif
  for (int& end : ends) {
    if (end > k_result_channel)
      continue;
    const int moved = ::fcntl(end, F_DUPFD_CLOEXEC, k_result_channel + 1);
    ::close(end);
    end = moved;
  }
  return Pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

std::vector<std::string> environment_with(
    const std::vector<std::pair<std::string, std::string>>& additions) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto name = text.substr(0, text.find('='));
    const bool replaced =
        std::ranges::any_of(additions, [&](const auto& a) { return a.first == name; });
    if (!replaced)
      result.emplace_back(text);
  }
  for (const auto& [name, value] : additions)
    result.push_back(name + "=" + value);
  return result;
}

std::vector<char*> c_strings(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (auto& text : texts)
    pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// What posix_spawn needs, released when done.
class SpawnSetup {
 public:
  SpawnSetup() {
    ::posix_spawn_file_actions_init(&m_actions);
    ::posix_spawnattr_init(&m_attributes);
    short flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
#if defined(__APPLE__)
    flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
#endif
    ::posix_spawnattr_setflags(&m_attributes, flags);
    ::posix_spawnattr_setpgroup(&m_attributes, 0);
    // The child starts with no signal blocked or ignored, whatever we do ourselves.
    sigset_t signals;
    // Unqualified: they are macros on macOS.
    sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&m_attributes, &signals);
    for (const int signal : {SIGINT, SIGTERM, SIGPIPE, SIGHUP, SIGCHLD})
      sigaddset(&signals, signal);
    ::posix_spawnattr_setsigdefault(&m_attributes, &signals);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;
  ~SpawnSetup() {
    ::posix_spawn_file_actions_destroy(&m_actions);
    ::posix_spawnattr_destroy(&m_attributes);
  }

  void attach(int from, int to) {
    ::posix_spawn_file_actions_adddup2(&m_actions, from, to);
  }
  const posix_spawn_file_actions_t* actions() const {
    return &m_actions;
  }
  const posix_spawnattr_t* attributes() const {
    return &m_attributes;
  }

 private:
  posix_spawn_file_actions_t m_actions{};
  posix_spawnattr_t m_attributes{};
};

// One running child and the three channels to it.
class Child {
 public:
  explicit Child(const ProcessOptions& options) : m_options(options) {}

  Result<void> start();
  ProcessResult run_to_end();

 private:
  using Outcome = ProcessResult::Outcome;

  void pump(int timeout_ms);
  void feed();
  void drain(FileDescriptor& from, std::string& into, std::size_t keep_last);
  bool has_ended() const;
  void finish(Outcome outcome);

  const ProcessOptions& m_options;
  ProcessResult m_result;
  pid_t m_pid = -1;
  FileDescriptor m_input;
  FileDescriptor m_results;
  FileDescriptor m_log;
  std::size_t m_fed = 0;
};

Result<void> Child::start() {
  ANECOMPAT_TRY_ASSIGN(auto input, make_pipe());
  ANECOMPAT_TRY_ASSIGN(auto results, make_pipe());
  ANECOMPAT_TRY_ASSIGN(auto log, make_pipe());

  SpawnSetup setup;
  setup.attach(input.read.get(), STDIN_FILENO);
  setup.attach(log.write.get(), STDOUT_FILENO);
  setup.attach(log.write.get(), STDERR_FILENO);
  setup.attach(results.write.get(), k_result_channel);

  auto arguments = m_options.arguments;
  auto environment = environment_with(m_options.environment);
  const auto argv = c_strings(arguments);
  const auto envp = c_strings(environment);
  const int code = ::posix_spawn(&m_pid, arguments.at(0).c_str(), setup.actions(),
                                 setup.attributes(), argv.data(), envp.data());
  if (code != 0)
    return fail(system_error(fmt::format("start {}", arguments[0]), code));

  m_input = std::move(input.write);
  m_results = std::move(results.read);
  m_log = std::move(log.read);
  for (const auto* channel : {&m_input, &m_results, &m_log})
    ::fcntl(channel->get(), F_SETFL, O_NONBLOCK);
  if (m_options.input.empty())
    m_input.close();
  return {};
}

ProcessResult Child::run_to_end() {
  const auto started = Clock::now();
  const auto deadline = started + m_options.deadline;
  // Ends are noticed at once when the channels close; the tick is for children that closed them
  // early.
  constexpr int k_tick_ms = 20;
  auto outcome = Outcome::exited;
  while (true) {
    pump(k_tick_ms);
    if (m_result.result.size() > m_options.max_result) {
      outcome = Outcome::flooded;
      break;
    }
    if (has_ended())
      break;
    if (m_options.cancel != nullptr && m_options.cancel->load()) {
      outcome = Outcome::cancelled;
      break;
    }
    if (Clock::now() >= deadline) {
      outcome = Outcome::timed_out;
      break;
    }
  }
  finish(outcome);
  m_result.duration = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started);
  return std::move(m_result);
}

void Child::pump(int timeout_ms) {
  std::array<pollfd, 3> polled = {
      {{m_input.get(), POLLOUT, 0}, {m_results.get(), POLLIN, 0}, {m_log.get(), POLLIN, 0}}};
  if (::poll(polled.data(), polled.size(), timeout_ms) <= 0)
    return;
  if (polled[0].revents != 0)
    feed();
  if (polled[1].revents != 0)
    drain(m_results, m_result.result, SIZE_MAX);
  if (polled[2].revents != 0)
    drain(m_log, m_result.log, m_options.max_log);
}

void Child::feed() {
  const auto rest = std::string_view(m_options.input).substr(m_fed);
  const auto count = ::write(m_input.get(), rest.data(), rest.size());
  if (count < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (count > 0)
    m_fed += static_cast<std::size_t>(count);
  if (count <= 0 || m_fed == m_options.input.size())
    m_input.close();
}

void Child::drain(FileDescriptor& from, std::string& into, std::size_t keep_last) {
  std::array<char, 65536> buffer{};
  while (true) {
    const auto count = ::read(from.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0 && errno == EAGAIN)
      return;
    if (count <= 0) {
      from.close();
      return;
    }
    into.append(buffer.data(), static_cast<std::size_t>(count));
    if (into.size() / 2 > keep_last)
      into.erase(0, into.size() - keep_last);
    if (into.size() > m_options.max_result && keep_last == SIZE_MAX)
      return;
  }
}

bool Child::has_ended() const {
  siginfo_t info{};
  // WNOWAIT leaves it a zombie, so that its process group id cannot be reused before we kill the
  // group.
  return ::waitid(P_PID, static_cast<id_t>(m_pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == m_pid;
}

void Child::finish(Outcome outcome) {
  if (outcome == Outcome::exited)
    pump(0);  // what it wrote just before it ended
  ::kill(-m_pid, SIGKILL);
  int status = 0;
  while (::waitpid(m_pid, &status, 0) < 0 && errno == EINTR) {
  }
  pump(0);
  if (m_result.log.size() > m_options.max_log)
    m_result.log.erase(0, m_result.log.size() - m_options.max_log);
  if (WIFEXITED(status))
    m_result.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status))
    m_result.signal = WTERMSIG(status);
  if (outcome == Outcome::exited && WIFSIGNALED(status))
    outcome = Outcome::signaled;
  m_result.outcome = outcome;
}

// A child that closes its standard input early must not kill us.
void ignore_broken_pipes() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction current = {};
    if (::sigaction(SIGPIPE, nullptr, &current) == 0 && current.sa_handler == SIG_DFL)
      ::signal(SIGPIPE, SIG_IGN);
  });
}

}  // namespace

Result<ProcessResult> run_process(const ProcessOptions& options) {
  ignore_broken_pipes();
  Child child(options);
  ANECOMPAT_TRY(child.start());
  return child.run_to_end();
}

std::string signal_name(int signal) {
  struct Row {
    int signal;
    const char* name;
  };
  constexpr std::array k_names = {
      Row{SIGABRT, "SIGABRT"}, Row{SIGALRM, "SIGALRM"}, Row{SIGBUS, "SIGBUS"},
      Row{SIGFPE, "SIGFPE"},   Row{SIGHUP, "SIGHUP"},   Row{SIGILL, "SIGILL"},
      Row{SIGINT, "SIGINT"},   Row{SIGKILL, "SIGKILL"}, Row{SIGPIPE, "SIGPIPE"},
      Row{SIGQUIT, "SIGQUIT"}, Row{SIGSEGV, "SIGSEGV"}, Row{SIGSYS, "SIGSYS"},
      Row{SIGTERM, "SIGTERM"}, Row{SIGTRAP, "SIGTRAP"}, Row{SIGXCPU, "SIGXCPU"},
      Row{SIGXFSZ, "SIGXFSZ"},
  };
  const auto* found = std::ranges::find(k_names, signal, &Row::signal);
  return found == k_names.end() ? fmt::format("signal {}", signal) : found->name;
}

Result<std::string> own_executable() {
#if defined(__APPLE__)
  std::string path(PATH_MAX, '\0');
  auto size = static_cast<std::uint32_t>(path.size());
  if (::_NSGetExecutablePath(path.data(), &size) != 0) {
    path.resize(size);
    if (::_NSGetExecutablePath(path.data(), &size) != 0)
      return fail({.kind = ErrorKind::system, .message = "cannot find the running executable"});
  }
  return std::string(path.c_str());
#else
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error)
    return fail(system_error("find the running executable", error.value()));
  return path.string();
#endif
}

}  // namespace anecompat
