// What tests of downloads share.
#pragma once

#include "source/fetcher.hpp"
#include "support/http_server.hpp"
#include "support/sha256.hpp"
#include "support/temp_dir.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace anecompat::source {

// Sets an environment variable for one test.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const std::string& value) : m_name(name) {
    ::setenv(name, value.c_str(), 1);
  }
  ~ScopedVariable() { ::unsetenv(m_name); }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  const char* m_name;
};

// Fetches from servers of its own into a cache of its own.
class Fetch : public testing::Test {
 protected:
  // Whatever proxies the machine has: the servers of these tests are on it.
  Fetch() {
    for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
      ::unsetenv(name);
  }

  FetchOptions options() const {
    FetchOptions result{.cache = m_directory.path() / "cache"};
    result.network.allow_loopback = true;
    result.network.attempts = 3;
    result.network.first_pause = std::chrono::milliseconds(1);
    result.network.connect_timeout = std::chrono::seconds(2);
    result.network.stall_timeout = std::chrono::seconds(1);
    return result;
  }

  Result<std::string> fetch(const std::string& url, const std::string& sha256,
                            const FetchOptions& with) const {
    const auto locator = parse_locator(url, true);
    if (!locator)
      return fail(locator.error());
    return fetch_model(*locator, sha256, with);
  }
  Result<std::string> fetch(const std::string& url, const std::string& sha256) const {
    return fetch(url, sha256, options());
  }

  // What the cache holds, locks and the place for unfinished downloads aside.
  std::vector<std::string> kept() const {
    std::vector<std::string> files;
    const auto cache = m_directory.path() / "cache";
    std::error_code missing;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(cache, missing)) {
      const auto name = entry.path().lexically_relative(cache).string();
      if (!name.starts_with("locks") && name != "incoming")
        files.push_back(name);
    }
    return files;
  }

  // Fetches, and expects to be told why not; neither a model nor half of one is left behind.
  void expect_refused(const std::string& url, const testing::Matcher<std::string>& why,
                      const FetchOptions& with) const {
    const auto result = fetch(url, m_digest, with);
    ASSERT_FALSE(result) << "was accepted";
    EXPECT_THAT(result.error().to_string(), why);
    EXPECT_THAT(kept(), testing::IsEmpty());
  }
  void expect_refused(const std::string& url, const testing::Matcher<std::string>& why) const {
    expect_refused(url, why, options());
  }

  // The same for a download that a later run can carry on from: all it leaves is its beginning.
  void expect_given_up(const std::string& url, const testing::Matcher<std::string>& why,
                       const FetchOptions& with) const {
    const auto result = fetch(url, m_digest, with);
    ASSERT_FALSE(result) << "was accepted";
    EXPECT_THAT(result.error().to_string(), why);
    const auto work = "incoming/" + m_digest;
    EXPECT_THAT(kept(), testing::UnorderedElementsAre(work, work + "/download",
                                                      work + "/download/x.mlmodel.incomplete"));
    const auto rest =
        contents((m_directory.path() / "cache" / work / "download/x.mlmodel.incomplete").string());
    EXPECT_LT(rest.size(), m_model.size());
  }

  std::string contents(const std::string& path) const {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  test::TempDir m_directory;
  const std::string m_model = std::string(100'000, 'm') + "end";
  const std::string m_digest = sha256_hex(m_model);
};

}  // namespace anecompat::source
