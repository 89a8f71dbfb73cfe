#include "source/transfer.hpp"

#include "source/http_hop.hpp"
#include "source/stdio_file.hpp"
#include "support/sha256.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

namespace anecompat::source {

namespace fs = std::filesystem;

namespace {

Error file_error(const std::string& path, const char* what, int code) {
  return {.kind = ErrorKind::system,
          .message = fmt::format("cannot {}: {}", what, std::generic_category().message(code)),
          .file = path};
}

// "bytes 100-199/200" → 100; nullopt for anything else.
std::optional<std::uint64_t> range_start(const std::string& content_range) {
  constexpr std::string_view k_unit = "bytes ";
  std::uint64_t start = 0;
  if (!content_range.starts_with(k_unit))
    return std::nullopt;
  const auto* end = content_range.data() + content_range.size();
  const auto [at, code] = std::from_chars(content_range.data() + k_unit.size(), end, start);
  return code == std::errc() && at != end && *at == '-' ? std::optional(start) : std::nullopt;
}

// What counts as progress: a server that hands out crumbs is as good as one that hands out nothing.
constexpr std::uint64_t k_progress = 1U << 20U;

// The attempts at one file.
class Download {
 public:
  Download(HttpRequest request, const NetworkPolicy& policy, const std::string& path,
           const Progress& progress)
      : m_request(std::move(request)),
        m_policy(policy),
        m_path(path + k_incomplete),
        m_progress(progress) {}

  // Gets all bytes into the incomplete file, however many attempts it takes.
  Result<void> fetch();
  const std::string& incomplete_path() const { return m_path; }
  // Bytes of an earlier run are part of the file.
  bool resumed() const { return m_resumed; }

 private:
  Result<void> begin(const HttpResponse& response);
  Result<void> write(std::string_view bytes);
  tl::expected<HttpResponse, HttpFailure> attempt();
  enum class Keep { nothing, bytes };
  tl::unexpected<Error> give_up(Error error, Keep keep) const;

  HttpRequest m_request;
  const NetworkPolicy& m_policy;
  std::string m_path;
  const Progress& m_progress;
  StdioFile m_file{nullptr, &std::fclose};
  std::uint64_t m_done = 0;
  std::uint64_t m_total = 0;
  std::uint64_t m_furthest = 0;  // the most bytes that were ever there
  bool m_resumed = false;
};

Result<void> Download::begin(const HttpResponse& response) {
  // A server may ignore Range (200), which starts the file over.
  const bool continues = response.status == 206;
  if (continues && (m_request.resume_from == 0 ||
                    range_start(response.header("content-range")) != m_request.resume_from)) {
    return fail(download_error("the server sends another part of the file than it was asked for"));
  }
  m_done = continues ? m_request.resume_from : 0;
  m_resumed = m_resumed || continues;
  const auto length = std::strtoull(response.header("content-length").c_str(), nullptr, 10);
  m_total = length == 0 ? 0 : m_done + length;
  if (m_total > m_policy.max_bytes) {
    return fail(download_error(fmt::format("it has {}, more than the limit of {}",
                                           human_bytes(m_total), human_bytes(m_policy.max_bytes))));
  }
  m_file = open_file(m_path, continues ? "ab" : "wb");
  if (!m_file)
    return fail(file_error(m_path, "write", errno));
  return {};
}

Result<void> Download::write(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), m_file.get()) != bytes.size())
    return fail(file_error(m_path, "write", errno));
  m_done += bytes.size();
  if (m_progress)
    m_progress(m_done, m_total);
  return {};
}

tl::expected<HttpResponse, HttpFailure> Download::attempt() {
  std::error_code missing;
  const auto size = fs::file_size(m_path, missing);
  m_request.resume_from = missing ? 0 : size;
  const HttpSink sink{.begin = [this](const HttpResponse& response) { return begin(response); },
                      .write = [this](std::string_view bytes) { return write(bytes); }};
  auto response = http_exchange(m_request, m_policy, sink);
  // Closing writes what is still in the buffer, and that can fail.
  if (m_file && std::fclose(m_file.release()) != 0 && response)
    return tl::unexpected(HttpFailure{.error = file_error(m_path, "write", errno)});
  return response;
}

// Why it ended. Bytes are kept only where a later run may carry on from them.
tl::unexpected<Error> Download::give_up(Error error, Keep keep) const {
  std::error_code ignored;
  if (keep == Keep::nothing || fs::file_size(m_path, ignored) == 0)
    fs::remove(m_path, ignored);
  return fail(std::move(error));
}

Result<void> Download::fetch() {
  auto wait = m_policy.first_pause;
  for (int attempts = 1;; ++attempts) {
    const auto response = attempt();
    if (response && response->status < 300)
      return {};
    // The rest was asked for and there is none: what is on disk is whole already, or not this file.
    if (response && response->status == 416 && m_request.resume_from != 0) {
      if (response->header("content-range") == fmt::format("bytes */{}", m_request.resume_from))
        return {};
      fs::remove(m_path);
      continue;
    }
    if (!response && !response.error().retryable) {
      const auto& error = response.error().error;
      return give_up(error, error.kind == ErrorKind::interrupted ? Keep::bytes : Keep::nothing);
    }
    if (response && !is_retryable_status(response->status))
      return give_up(status_error(*response), Keep::nothing);

    if (m_done >= m_furthest + k_progress) {  // it moves: count anew
      m_furthest = m_done;
      attempts = 0;
      wait = m_policy.first_pause;
    }
    const auto asked =
        response ? pause_asked_for(*response, wait, std::chrono::system_clock::now()) : wait;
    if (attempts >= m_policy.attempts || asked > m_policy.longest_pause || !pause(asked, m_policy))
      return give_up(response ? status_error(*response) : response.error().error, Keep::bytes);
    wait *= 2;
  }
}

}  // namespace

Result<FileDigest> digest_file(const std::string& path) {
  const auto file = open_file(path, "rb");
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
