#include "source/fetcher.hpp"

#include "source/model_digest.hpp"
#include "support/http_server.hpp"
#include "support/sha256.hpp"
#include "support/temp_dir.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace anecompat::source {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using test::HttpServer;
using test::respond;
using test::ServedRequest;
using test::ServedResponse;
using testing::AllOf;
using testing::HasSubstr;

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

class Fetch : public testing::Test {
 protected:
  FetchOptions options() const {
    FetchOptions result{.cache = m_directory.path() / "cache"};
    result.network.allow_loopback = true;
    result.network.attempts = 3;
    result.network.first_pause = 1ms;
    result.network.connect_timeout = 2s;
    result.network.stall_timeout = 1s;
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

  // Neither a model nor half of one is to be found in the cache.
  void expect_nothing_kept() const {
    EXPECT_FALSE(fs::exists(m_directory.path() / "cache/models")) << "a model was accepted";
  }

  std::string contents(const std::string& path) const {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  test::TempDir m_directory;
  const std::string m_model = std::string(100'000, 'm') + "end";
  const std::string m_digest = sha256_hex(m_model);
};

TEST_F(Fetch, DownloadsOnceAndThenUsesTheCache) {
  HttpServer server([&](const ServedRequest&) { return respond(200, m_model); });
  const auto first = fetch(server.url("/a/Encoder.mlmodel"), m_digest);
  ASSERT_TRUE(first) << first.error().to_string();
  EXPECT_EQ(fs::path(*first).filename(), "Encoder.mlmodel");
  EXPECT_EQ(contents(*first), m_model);
  EXPECT_EQ(fetch(server.url("/a/Encoder.mlmodel"), m_digest), first);
  EXPECT_EQ(server.requests().size(), 1U);
  EXPECT_FALSE(fs::exists(m_directory.path() / "cache/incoming" / m_digest));
}

TEST_F(Fetch, OfflineUsesOnlyTheCache) {
  HttpServer server([&](const ServedRequest&) { return respond(200, m_model); });
  auto offline = options();
  offline.offline = true;
  const auto missing = fetch(server.url("/x.mlmodel"), m_digest, offline);
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().to_string(), HasSubstr("--offline"));
  EXPECT_TRUE(server.requests().empty());
  ASSERT_TRUE(fetch(server.url("/x.mlmodel"), m_digest));
  EXPECT_TRUE(fetch(server.url("/x.mlmodel"), m_digest, offline));
}

TEST_F(Fetch, RefusesTheWrongDigestAndSaysBoth) {
  HttpServer server([&](const ServedRequest&) { return respond(200, "something else"); });
  const auto result = fetch(server.url("/x.mlmodel"), m_digest);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message,
              AllOf(HasSubstr(m_digest), HasSubstr(sha256_hex("something else"))));
  expect_nothing_kept();
}

TEST_F(Fetch, CarriesOnAfterEachTenthIsCutOff) {
  for (std::size_t tenth = 0; tenth < 10; ++tenth) {
    const auto cut = m_model.size() * tenth / 10;
    int calls = 0;
    HttpServer server([&](const ServedRequest& request) -> ServedResponse {
      if (++calls == 1) {
        auto whole = respond(200, m_model);
        whole.bytes.resize(whole.bytes.size() - m_model.size() + cut);
        return whole;
      }
      const auto range = request.header("range");
      if (range.empty())
        return respond(200, m_model);
      const auto from = std::strtoull(range.c_str() + std::string("bytes=").size(), nullptr, 10);
      return respond(206, m_model.substr(from),
                     {"Content-Range: bytes " + std::to_string(from) + "-" +
                      std::to_string(m_model.size() - 1) + "/" + std::to_string(m_model.size())});
    });
    auto with = options();
    with.cache = m_directory.path() / ("cache" + std::to_string(tenth));
    const auto result = fetch(server.url("/x.mlmodel"), m_digest, with);
    ASSERT_TRUE(result) << tenth << ": " << result.error().to_string();
    EXPECT_EQ(contents(*result), m_model);
    if (cut != 0) {
      EXPECT_EQ(server.requests().at(1).header("range"), "bytes=" + std::to_string(cut) + "-");
    }
  }
}

TEST_F(Fetch, StartsOverWhenTheServerIgnoresRange) {
  int calls = 0;
  HttpServer server([&](const ServedRequest&) {
    auto whole = respond(200, m_model);
    if (++calls == 1)
      whole.bytes.resize(whole.bytes.size() - 1000);
    return whole;
  });
  const auto result = fetch(server.url("/x.mlmodel"), m_digest);
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(contents(*result), m_model);
  EXPECT_FALSE(server.requests().at(1).header("range").empty());
}

TEST_F(Fetch, RefusesARangeThatStartsElsewhere) {
  int calls = 0;
  HttpServer server([&](const ServedRequest&) {
    if (++calls == 1) {
      auto whole = respond(200, m_model);
      whole.bytes.resize(whole.bytes.size() - 1000);
      return whole;
    }
    return respond(206, "x", {"Content-Range: bytes 0-0/1"});
  });
  EXPECT_FALSE(fetch(server.url("/x.mlmodel"), m_digest));
  expect_nothing_kept();
}

TEST_F(Fetch, StartsOverOnceWhenTheFileChangedBetweenTwoHalves) {
  int calls = 0;
  HttpServer server([&](const ServedRequest& request) {
    ++calls;
    if (calls == 1) {
      auto old = respond(200, std::string(m_model.size(), 'o'));
      old.bytes.resize(old.bytes.size() - 1000);
      return old;
    }
    const auto range = request.header("range");
    if (range.empty())
      return respond(200, m_model);
    const auto from = std::strtoull(range.c_str() + std::string("bytes=").size(), nullptr, 10);
    return respond(206, m_model.substr(from),
                   {"Content-Range: bytes " + std::to_string(from) + "-/x"});
  });
  const auto result = fetch(server.url("/x.mlmodel"), m_digest);
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(contents(*result), m_model);
}

TEST_F(Fetch, GivesUpOnAServerThatAlwaysCutsAndLies) {
  HttpServer server([&](const ServedRequest&) {
    auto wrong = respond(200, std::string(5000, 'w'));
    wrong.bytes.resize(wrong.bytes.size() - 4999);
    return wrong;
  });
  EXPECT_FALSE(fetch(server.url("/x.mlmodel"), m_digest));
  expect_nothing_kept();
}

TEST_F(Fetch, WaitsAsToldAfter429AndRetries503) {
  int calls = 0;
  HttpServer server([&](const ServedRequest&) {
    switch (++calls) {
      case 1:
        return respond(429, "", {"Retry-After: 0"});
      case 2:
        return respond(503);
      default:
        return respond(200, m_model);
    }
  });
  const auto started = std::chrono::steady_clock::now();
  ASSERT_TRUE(fetch(server.url("/x.mlmodel"), m_digest));
  EXPECT_GE(std::chrono::steady_clock::now() - started,
            1s);  // Retry-After plus the customary second
  EXPECT_EQ(server.requests().size(), 3U);
}

TEST_F(Fetch, DoesNotWaitForeverForARateLimit) {
  HttpServer server([&](const ServedRequest&) { return respond(429, "", {"Retry-After: 86400"}); });
  const auto result = fetch(server.url("/x.mlmodel"), m_digest);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("429"));
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(Fetch, DoesNotRetryNotFound) {
  HttpServer server([&](const ServedRequest&) { return respond(404, "gone"); });
  const auto result = fetch(server.url("/x.mlmodel"), m_digest);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().to_string(), AllOf(HasSubstr("404"), HasSubstr("spelling")));
  EXPECT_EQ(server.requests().size(), 1U);
  expect_nothing_kept();
}

TEST_F(Fetch, EndsAStalledTransfer) {
  auto impatient = options();
  impatient.network.attempts = 1;
  HttpServer server([&](const ServedRequest&) {
    auto stalled = respond(200, m_model);
    stalled.bytes.resize(stalled.bytes.size() - m_model.size());
    stalled.stall_seconds = 20;
    return stalled;
  });
  const auto started = std::chrono::steady_clock::now();
  EXPECT_FALSE(fetch(server.url("/x.mlmodel"), m_digest, impatient));
  EXPECT_LT(std::chrono::steady_clock::now() - started, 10s);
}

TEST_F(Fetch, EndsARedirectLoop) {
  HttpServer server([&](const ServedRequest&) { return respond(302, "", {"Location: /again"}); });
  const auto result = fetch(server.url("/x.mlmodel"), m_digest);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("redirects"));
  EXPECT_EQ(server.requests().size(), 11U);
}

TEST_F(Fetch, RefusesRedirectsToInternalAddressesAndOtherSchemes) {
  for (const std::string target :
       {"https://169.254.169.254/latest/meta-data", "https://10.0.0.1/", "https://[fd00::1]/x",
        "file:///etc/passwd", "http://example.org/x", "ftp://example.org/x"}) {
    HttpServer server(
        [&](const ServedRequest&) { return respond(302, "", {"Location: " + target}); });
    const auto result = fetch(server.url("/x.mlmodel"), m_digest);
    ASSERT_FALSE(result) << target;
    EXPECT_THAT(result.error().message,
                testing::AnyOf(HasSubstr("inside this network"), HasSubstr("not https")))
        << target;
    expect_nothing_kept();
  }
}

TEST_F(Fetch, RefusesLoopbackUnlessTold) {
  HttpServer server([&](const ServedRequest&) { return respond(200, m_model); });
  auto strict = options();
  strict.network.allow_loopback = false;
  const Locator locator{.text =
                            "https://127.0.0.1:" + std::to_string(server.port()) + "/x.mlmodel"};
  const auto result = fetch_model(locator, m_digest, strict);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("inside this network"));
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(Fetch, KeepsToTheAllowedHosts) {
  HttpServer server([&](const ServedRequest&) { return respond(200, m_model); });
  auto strict = options();
  strict.network.allowed_hosts = {"models.example.org", "*.example.net"};
  const auto result = fetch(server.url("/x.mlmodel"), m_digest, strict);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().to_string(), HasSubstr("--allow-host"));
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(Fetch, RefusesMoreThanTheLimit) {
  HttpServer server([&](const ServedRequest&) { return respond(200, m_model); });
  HttpServer liar([&](const ServedRequest&) {
    return ServedResponse{.bytes = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" +
                                   m_model};  // no length given
  });
  auto strict = options();
  strict.network.max_bytes = 1000;
  for (const auto* one : {&server, &liar}) {
    const auto result = fetch(one->url("/x.mlmodel"), m_digest, strict);
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("limit"));
    expect_nothing_kept();
  }
}

TEST_F(Fetch, StopsWhenCancelled) {
  std::atomic<bool> cancel = false;
  HttpServer server([&](const ServedRequest&) {
    auto stalled = respond(200, m_model);
    stalled.bytes.resize(stalled.bytes.size() - 10);
    stalled.stall_seconds = 20;
    return stalled;
  });
  auto with = options();
  with.network.cancel = &cancel;
  with.network.stall_timeout = 30s;
  std::thread canceller([&] {
    std::this_thread::sleep_for(200ms);
    cancel = true;
  });
  const auto result = fetch(server.url("/x.mlmodel"), m_digest, with);
  canceller.join();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::interrupted);
}

TEST_F(Fetch, TwoAtOnceDownloadOnce) {
  HttpServer server([&](const ServedRequest&) { return respond(200, m_model); });
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] { good += fetch(server.url("/x.mlmodel"), m_digest) ? 1 : 0; });
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(good, 4);
  EXPECT_EQ(server.requests().size(), 1U);
}

// Hugging Face: the token goes to the endpoint, and not to the storage it redirects to.
TEST_F(Fetch, NeverTakesATokenToAnotherHost) {
  HttpServer storage([&](const ServedRequest&) { return respond(200, m_model); });
  HttpServer hub([&](const ServedRequest&) {
    return respond(302, "",
                   {"Location: http://localhost:" + std::to_string(storage.port()) + "/blob"});
  });
  const ScopedVariable endpoint("HF_ENDPOINT", hub.url(""));
  const ScopedVariable token("HF_TOKEN", "hf_secret");
  const auto result = fetch("hf://org/repo@abc/x.mlmodel", m_digest);
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(hub.requests().at(0).header("authorization"), "Bearer hf_secret");
  EXPECT_EQ(hub.requests().at(0).target, "/org/repo/resolve/abc/x.mlmodel");
  EXPECT_EQ(storage.requests().at(0).header("authorization"), "");
}

class HuggingFaceBundle : public Fetch {
 protected:
  ServedResponse serve(const ServedRequest& request) const {
    if (request.target.starts_with("/api/"))
      return respond(200, m_listing);
    if (request.target.ends_with("Manifest.json"))
      return respond(200, "{}");
    return respond(200, m_model);
  }
  std::string listing(const std::string& weight_path) const {
    return R"([{"type":"directory","path":"zoo/E.mlpackage/Data"},{"type":"file","size":2,"path":"zoo/E.mlpackage/Manifest.json"},)"
           R"({"type":"file","size":1,"path":")" +
           weight_path + R"(","lfs":{"oid":")" + m_digest + R"("}}])";
  }

  std::string m_listing = listing("zoo/E.mlpackage/Data/w.bin");
};

TEST_F(HuggingFaceBundle, IsListedDownloadedAndVerifiedAsAWhole) {
  HttpServer hub([&](const ServedRequest& request) { return serve(request); });
  const ScopedVariable endpoint("HF_ENDPOINT", hub.url(""));
  m_directory.write("expected/Manifest.json", "{}");
  m_directory.write("expected/Data/w.bin", m_model);
  const auto digest = model_digest(m_directory.file("expected"));
  ASSERT_TRUE(digest);
  const auto result = fetch("hf://org/repo/zoo/E.mlpackage", *digest);
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(fs::path(*result).filename(), "E.mlpackage");
  EXPECT_EQ(contents(*result + "/Data/w.bin"), m_model);
  EXPECT_EQ(hub.requests().at(0).target,
            "/api/models/org/repo/tree/main/zoo/E.mlpackage?recursive=true");
}

TEST_F(HuggingFaceBundle, IsRefusedWhenTheListingLeavesIt) {
  for (const auto* path :
       {"zoo/other.bin", "zoo/E.mlpackage/../../x", "/etc/passwd", "zoo/E.mlpackage/a//b"}) {
    m_listing = listing(path);
    HttpServer hub([&](const ServedRequest& request) { return serve(request); });
    const ScopedVariable endpoint("HF_ENDPOINT", hub.url(""));
    const auto result = fetch("hf://org/repo/zoo/E.mlpackage", m_digest);
    ASSERT_FALSE(result) << path;
    EXPECT_THAT(result.error().message, HasSubstr("names a file elsewhere"));
  }
}

TEST_F(HuggingFaceBundle, IsRefusedWhenTheListingIsNonsense) {
  for (const auto* text : {"", "{}", "[1,2]", R"([{"type":"file","path":7}])", "[[[["}) {
    m_listing = text;
    HttpServer hub([&](const ServedRequest& request) { return serve(request); });
    const ScopedVariable endpoint("HF_ENDPOINT", hub.url(""));
    EXPECT_FALSE(fetch("hf://org/repo/zoo/E.mlpackage", m_digest)) << text;
  }
}

TEST_F(Fetch, FindsPrivateReleaseAssetsThroughTheApi) {
  HttpServer storage([&](const ServedRequest&) { return respond(200, m_model); });
  HttpServer api([&](const ServedRequest& request) {
    if (request.target == "/repos/o/r/releases/tags/v1")
      return respond(200,
                     R"({"assets":[{"id":7,"name":"other.zip"},{"id":9,"name":"x.mlmodel"}]})");
    return respond(302, "",
                   {"Location: http://localhost:" + std::to_string(storage.port()) + "/a"});
  });
  const ScopedVariable url("GITHUB_API_URL", api.url(""));
  const ScopedVariable token("GITHUB_TOKEN", "ghs_secret");
  const auto found = fetch("gh://o/r@v1/x.mlmodel", m_digest);
  ASSERT_TRUE(found) << found.error().to_string();
  EXPECT_EQ(api.requests().at(1).target, "/repos/o/r/releases/assets/9");
  EXPECT_EQ(api.requests().at(1).header("accept"), "application/octet-stream");
  EXPECT_EQ(storage.requests().at(0).header("authorization"), "");
  const auto missing = fetch("gh://o/r@v1/y.mlmodel", std::string(64, '0'));
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().to_string(), HasSubstr("other.zip, x.mlmodel"));
}

TEST(PauseAskedFor, ReadsEveryHeader) {
  const auto now = std::chrono::system_clock::from_time_t(1'000'000);
  const auto pause = [&](const std::string& name, const std::string& value) {
    return pause_asked_for({.headers = {{name, value}, {"x-ratelimit-remaining", "0"}}}, 5ms, now);
  };
  EXPECT_EQ(pause("retry-after", "30"), 31s);
  EXPECT_EQ(pause("retry-after", "Mon, 12 Jan 1970 13:47:40 GMT"), 61s);
  EXPECT_EQ(pause("ratelimit", "\"api\";r=0;t=55"), 56s);
  EXPECT_EQ(pause("x-ratelimit-reset", "1000120"), 121s);
  EXPECT_EQ(pause("retry-after", "soon"), 5ms);
  EXPECT_GT(pause("retry-after", "18446744073709551615"), 1h);
}

}  // namespace
}  // namespace anecompat::source
