#include "source/fetcher.hpp"

#include "fetch_fixture.hpp"
#include "source/model_digest.hpp"

#include <filesystem>
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
