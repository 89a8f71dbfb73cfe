#include "source/transfer.hpp"

#include "support/sha256.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>
#include <vector>

namespace anecompat::source {

namespace fs = std::filesystem;

namespace {

struct FileClose {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileClose>;

Error file_error(const std::string& path, const char* what, int code) {
  return {.kind = ErrorKind::system,
          .message = fmt::format("cannot {}: {}", what, std::generic_category().message(code)),
          .file = path};
}

// "bytes 100-199/200" → 100; nullopt for anything else.
std::optional<std::uint64_t> range_start(const std::string& content_range) {
  unsigned long long start = 0;
  if (std::sscanf(content_range.c_str(), "bytes %llu-", &start) != 1)
    return std::nullopt;
  return start;
}

// The attempts at one file.
class Download {
 public:
  Download(const HttpRequest& request, const NetworkPolicy& policy, const std::string& path,
           const Progress& progress)
      : m_request(request), m_policy(policy), m_path(path + ".incomplete"), m_progress(progress) {}

  // Gets all bytes into the incomplete file, however many attempts it takes.
  Result<void> fetch();
  const std::string& incomplete_path() const { return m_path; }
  // Bytes of an earlier run are part of the file.
  bool resumed() const { return m_resumed; }

 private:
  bool begin(const HttpResponse& response);
  tl::expected<HttpResponse, HttpFailure> attempt();

  HttpRequest m_request;
  const NetworkPolicy& m_policy;
  std::string m_path;
  const Progress& m_progress;
  File m_file;
  std::uint64_t m_done = 0;
  std::uint64_t m_total = 0;
  std::uint64_t m_furthest = 0;  // the most bytes that were ever there
  bool m_resumed = false;
  std::optional<Error> m_file_error;
};

bool Download::begin(const HttpResponse& response) {
  // A server may ignore Range (200), or continue somewhere else than asked: then it starts over.
  const bool continues = response.status == 206 &&
                         range_start(response.header("content-range")) == m_request.resume_from;
  m_done = continues ? m_request.resume_from : 0;
  if (response.status == 206 && !continues)
    return false;
  m_resumed = m_resumed || continues;
  m_file.reset(std::fopen(m_path.c_str(), continues ? "ab" : "wb"));
  if (!m_file)
    m_file_error = file_error(m_path, "write", errno);
  const auto length = std::strtoull(response.header("content-length").c_str(), nullptr, 10);
  m_total = length == 0 ? 0 : m_done + length;
  if (m_total > m_policy.max_bytes) {
    m_file_error =
        Error{.kind = ErrorKind::download,
              .message = fmt::format("it has {}, more than the limit of {}", human_bytes(m_total),
                                     human_bytes(m_policy.max_bytes))};
  }
  return !m_file_error;
}

tl::expected<HttpResponse, HttpFailure> Download::attempt() {
  std::error_code missing;
  const auto size = fs::file_size(m_path, missing);
  m_request.resume_from = missing ? 0 : size;
  const HttpSink sink{
      .begin = [this](const HttpResponse& response) { return begin(response); },
      .write =
          [this](std::string_view bytes) {
            if (std::fwrite(bytes.data(), 1, bytes.size(), m_file.get()) != bytes.size()) {
              m_file_error = file_error(m_path, "write", errno);
              return false;
            }
            m_done += bytes.size();
            if (m_progress)
              m_progress(m_done, m_total);
            return true;
          }};
  auto response = http_exchange(m_request, m_policy, sink);
  if (m_file && std::fflush(m_file.get()) != 0)
    m_file_error = file_error(m_path, "write", errno);
  m_file.reset();
  return response;
}

Result<void> Download::fetch() {
  auto wait = m_policy.first_pause;
  for (int attempts = 1;; ++attempts) {
    const auto response = attempt();
    if (m_file_error)
      return fail(*m_file_error);
    if (response && response->status < 300)
      return {};

    auto asked = wait;
    bool retryable = false;
    if (response) {
      // The rest was asked for and there is none: what is on disk is whole already, or not this
      // file.
      if (response->status == 416 && m_request.resume_from != 0) {
        if (response->header("content-range") == fmt::format("bytes */{}", m_request.resume_from))
          return {};
        fs::remove(m_path);
        continue;
      }
      retryable = is_retryable_status(response->status);
      asked = pause_asked_for(*response, wait, std::chrono::system_clock::now());
    } else {
      retryable = response.error().retryable;
    }
    if (m_done > m_furthest) {  // it moves: count anew
      m_furthest = m_done;
      attempts = 0;
      wait = m_policy.first_pause;
      asked = wait;
    }
    if (!retryable || attempts >= m_policy.attempts || asked > m_policy.longest_pause ||
        !pause(asked, m_policy)) {
      return fail(response ? status_error(*response) : response.error().error);
    }
    wait *= 2;
  }
}

}  // namespace

Result<FileDigest> digest_file(const std::string& path) {
  const File file(std::fopen(path.c_str(), "rb"));
  if (!file)
    return fail(file_error(path, "read", errno));
  Sha256 hash;
  FileDigest digest;
  std::vector<char> buffer(1U << 20U);
  while (const auto count = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
    hash.update(std::string_view(buffer.data(), count));
    digest.size += count;
  }
  if (std::ferror(file.get()) != 0)
    return fail(file_error(path, "read", errno));
  digest.sha256 = hash.finish();
  return digest;
}

Result<void> download_file(const HttpRequest& request, const NetworkPolicy& policy,
                           const std::string& path, const std::string& sha256,
                           const Progress& progress) {
  std::error_code ignored;
  fs::create_directories(fs::path(path).parent_path(), ignored);
  // A second round only when the first one joined two halves between which the file may have
  // changed.
  for (bool again = true;; again = false) {
    Download download(request, policy, path, progress);
    ANECOMPAT_TRY(download.fetch());
    ANECOMPAT_TRY_ASSIGN(const auto digest, digest_file(download.incomplete_path()));
    if (sha256.empty() || digest.sha256 == sha256) {
      fs::rename(download.incomplete_path(), path, ignored);
      if (ignored)
        return fail(file_error(path, "write", ignored.value()));
      return {};
    }
    fs::remove(download.incomplete_path(), ignored);
    if (download.resumed() && again)
      continue;
    return fail(
        {.kind = ErrorKind::download,
         .message = fmt::format("its SHA-256 is {}, and {} was expected", digest.sha256, sha256),
         .advice = "if the model was meant to change, put the new value into the manifest"});
  }
}

}  // namespace anecompat::source
