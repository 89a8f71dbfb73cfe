// Servers that are slow, broken, lying or worse. Each is answered with a message of its own, none
// gets anything accepted, and none leaves anything behind but, where a later run can carry on from
// it, the beginning of a file.
#include "fetch_fixture.hpp"
#include "source/fetcher.hpp"
#include "support/zeros_zip.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <thread>

namespace anecompat::source {
namespace {

using namespace std::chrono_literals;
using test::HttpServer;
using test::respond;
using test::ServedRequest;
using test::ServedResponse;
using testing::AllOf;
using testing::HasSubstr;

using HostileServer = Fetch;

// The response to a request for all of `whole`, cut off after `size` bytes of it.
ServedResponse cut_off(const std::string& whole, std::size_t size) {
  auto response = respond(200, whole);
  response.bytes.resize(response.bytes.size() - whole.size() + size);
  return response;
}

// The first byte asked for.
std::size_t start_of(const ServedRequest& request) {
  const auto range = request.header("range");
  return range.empty() ? 0
                       : std::strtoull(range.c_str() + std::string("bytes=").size(), nullptr, 10);
}

ServedResponse rest_of(const std::string& whole, std::size_t from) {
  return respond(206, whole.substr(from),
                 {"Content-Range: bytes " + std::to_string(from) + "-" +
                  std::to_string(whole.size() - 1) + "/" + std::to_string(whole.size())});
}

// --- slow ---

TEST_F(HostileServer, ThatStallsIsGivenUp) {
  auto impatient = options();
  impatient.network.attempts = 1;
  HttpServer server([&](const ServedRequest&) {
    auto stalled = cut_off(m_model, 1000);
    stalled.stall_seconds = 20;
    return stalled;
  });
  const auto started = std::chrono::steady_clock::now();
  expect_given_up(server.url("/x.mlmodel"), HasSubstr("Operation too slow"), impatient);
  EXPECT_LT(std::chrono::steady_clock::now() - started, 10s);
}

TEST_F(HostileServer, ThatNeverAnswersIsGivenUp) {
  auto impatient = options();
  impatient.network.attempts = 1;
  HttpServer server([&](const ServedRequest&) { return ServedResponse{.stall_seconds = 20}; });
  expect_refused(server.url("/x.mlmodel"), HasSubstr("Operation too slow"), impatient);
}

TEST_F(HostileServer, ThatDripsByteByByteIsGivenUp) {
  auto impatient = options();
  impatient.network.attempts = 1;
  HttpServer server([&](const ServedRequest&) {
    auto slow = cut_off(m_model, 0);
    slow.drip = m_model;  // would take over an hour
    return slow;
  });
  const auto started = std::chrono::steady_clock::now();
  expect_given_up(server.url("/x.mlmodel"), HasSubstr("Operation too slow"), impatient);
  EXPECT_LT(std::chrono::steady_clock::now() - started, 10s);
}

TEST_F(HostileServer, ThatHandsOutCrumbsIsGivenUp) {
  HttpServer server([&](const ServedRequest& request) {
    auto crumb =
        start_of(request) == 0 ? respond(200, m_model) : rest_of(m_model, start_of(request));
    crumb.bytes.resize(crumb.bytes.find("\r\n\r\n") + 5);
    return crumb;
  });
  expect_given_up(server.url("/x.mlmodel"), HasSubstr("bytes remaining to read"), options());
  EXPECT_EQ(server.requests().size(), 3U);
}

TEST_F(HostileServer, WithHeadersWithoutEndIsRefused) {
  HttpServer server([&](const ServedRequest&) {
    std::string bytes = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 20'000; ++i)
      bytes += "X-" + std::to_string(i) + ": " + std::string(20, 'x') + "\r\n";
    return ServedResponse{.bytes = bytes + "\r\n" + m_model};
  });
  expect_refused(server.url("/x.mlmodel"), HasSubstr("headers without end"));
}

TEST_F(HostileServer, WithAnErrorPageWithoutEndIsRefused) {
  HttpServer server(
      [&](const ServedRequest&) { return respond(404, std::string(3'000'000, 'e')); });
  expect_refused(server.url("/x.mlmodel"), HasSubstr("answered 404 with a page without end"));
}

// --- cut off ---

TEST_F(HostileServer, ThatCutsOffAtAnyTenthIsCarriedOnFrom) {
  for (std::size_t tenth = 0; tenth < 10; ++tenth) {
    const auto cut = m_model.size() * tenth / 10;
    int calls = 0;
    HttpServer server([&](const ServedRequest& request) {
      if (++calls == 1)
        return cut_off(m_model, cut);
      return start_of(request) == 0 ? respond(200, m_model) : rest_of(m_model, start_of(request));
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

TEST_F(HostileServer, ThatAlwaysCutsOffAtATenthIsGivenUp) {
  for (std::size_t tenth = 1; tenth < 10; ++tenth) {
    const auto cut = m_model.size() * tenth / 10;
    HttpServer server([&](const ServedRequest&) { return cut_off(m_model, cut); });
    expect_given_up(server.url("/x.mlmodel"),
                    AllOf(HasSubstr("/x.mlmodel"), HasSubstr("bytes remaining to read")),
                    options());
    EXPECT_EQ(server.requests().size(), 3U);
  }
}

TEST_F(HostileServer, ThatCutsOffInItsHeadersIsRefused) {
  HttpServer server(
      [&](const ServedRequest&) { return ServedResponse{.bytes = "HTTP/1.1 200 O"}; });
  expect_refused(server.url("/x.mlmodel"), HasSubstr("/x.mlmodel: "));
}

TEST_F(HostileServer, ThatHangsUpIsRefused) {
  HttpServer server([&](const ServedRequest&) { return ServedResponse{}; });
  expect_refused(server.url("/x.mlmodel"), HasSubstr("Empty reply"));
  EXPECT_EQ(server.requests().size(), 3U);
}

// --- wrong lengths ---

TEST_F(HostileServer, ThatPromisesMoreThanItSendsIsGivenUp) {
  HttpServer server([&](const ServedRequest&) {
    return ServedResponse{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" +
                                   m_model.substr(0, 50'000)};
  });
  expect_given_up(server.url("/x.mlmodel"), HasSubstr("150000 bytes remaining"), options());
}

TEST_F(HostileServer, ThatSendsMoreThanItPromisedIsRefused) {
  HttpServer server([&](const ServedRequest&) {
    return ServedResponse{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n" + m_model};
  });
  expect_refused(server.url("/x.mlmodel"),
                 AllOf(HasSubstr(sha256_hex(m_model.substr(0, 50'000))), HasSubstr(m_digest)));
}

TEST_F(HostileServer, WithALengthThatIsNoNumberIsRefused) {
  HttpServer server([&](const ServedRequest&) {
    return ServedResponse{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n" + m_model};
  });
  expect_refused(server.url("/x.mlmodel"), HasSubstr("Content-Length"));
}

TEST_F(HostileServer, WithMoreThanTheLimitIsRefused) {
  HttpServer server([&](const ServedRequest&) { return respond(200, m_model); });
  HttpServer liar([&](const ServedRequest&) {
    return ServedResponse{.bytes = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" +
                                   m_model};  // no length given
  });
  auto strict = options();
  strict.network.max_bytes = 1000;
  expect_refused(server.url("/x.mlmodel"),
                 HasSubstr("it has 100.0 kB, more than the limit of 1.0 kB"), strict);
  expect_refused(liar.url("/x.mlmodel"), HasSubstr("it is larger than the limit of 1.0 kB"),
                 strict);
}

// --- wrong contents ---

TEST_F(HostileServer, WithTheWrongDigestIsToldBoth) {
  HttpServer server([&](const ServedRequest&) { return respond(200, "something else"); });
  expect_refused(server.url("/x.mlmodel"),
                 AllOf(HasSubstr(m_digest), HasSubstr(sha256_hex("something else"))));
}

TEST_F(HostileServer, WithAnEmptyFileIsRefused) {
  HttpServer server([&](const ServedRequest&) { return respond(200, ""); });
  expect_refused(server.url("/x.mlmodel"), HasSubstr(sha256_hex("")));
}

// --- ranges ---

TEST_F(HostileServer, ThatIgnoresRangeIsStartedOver) {
  int calls = 0;
  HttpServer server([&](const ServedRequest&) {
    return cut_off(m_model, ++calls == 1 ? m_model.size() - 1000 : m_model.size());
  });
  const auto result = fetch(server.url("/x.mlmodel"), m_digest);
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(contents(*result), m_model);
  EXPECT_FALSE(server.requests().at(1).header("range").empty());
}

TEST_F(HostileServer, ThatContinuesElsewhereIsRefused) {
  for (const auto* range : {"bytes 0-0/1", "bytes 99999999999999999999-/x", "nonsense", ""}) {
    int calls = 0;
    HttpServer server([&](const ServedRequest&) {
      return ++calls == 1 ? cut_off(m_model, 1000)
                          : respond(206, "x", {std::string("Content-Range: ") + range});
    });
    expect_refused(server.url("/x.mlmodel"), HasSubstr("another part of the file"));
  }
}

TEST_F(HostileServer, ThatSendsAPartUnaskedIsRefused) {
  HttpServer server([&](const ServedRequest&) { return rest_of(m_model, 10); });
  expect_refused(server.url("/x.mlmodel"), HasSubstr("another part of the file"));
}

TEST_F(HostileServer, WhoseFileChangesBetweenTwoHalvesIsStartedOverOnce) {
  int calls = 0;
  HttpServer server([&](const ServedRequest& request) {
    if (++calls == 1)
      return cut_off(std::string(m_model.size(), 'o'), m_model.size() - 1000);
    return start_of(request) == 0 ? respond(200, m_model) : rest_of(m_model, start_of(request));
  });
  const auto result = fetch(server.url("/x.mlmodel"), m_digest);
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(contents(*result), m_model);
}

// --- statuses ---

TEST_F(HostileServer, ThatAsksToWaitIsWaitedFor) {
  int calls = 0;
  HttpServer server([&](const ServedRequest&) {
    return ++calls == 1 ? respond(429, "", {"Retry-After: 0"}) : respond(200, m_model);
  });
  const auto started = std::chrono::steady_clock::now();
  ASSERT_TRUE(fetch(server.url("/x.mlmodel"), m_digest));
  EXPECT_GE(std::chrono::steady_clock::now() - started,
            1s);  // Retry-After plus the customary second
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST_F(HostileServer, ThatIsUnavailableIsTriedAgain) {
  int calls = 0;
  HttpServer server(
      [&](const ServedRequest&) { return ++calls == 1 ? respond(503) : respond(200, m_model); });
  ASSERT_TRUE(fetch(server.url("/x.mlmodel"), m_digest));
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST_F(HostileServer, ThatStaysUnavailableIsGivenUp) {
  HttpServer server([&](const ServedRequest&) { return respond(503, "<html>down</html>"); });
  expect_refused(server.url("/x.mlmodel"), HasSubstr("the server answered 503"));
  EXPECT_EQ(server.requests().size(), 3U);
}

TEST_F(HostileServer, WithARateLimitOfADayIsNotWaitedFor) {
  HttpServer server([&](const ServedRequest&) { return respond(429, "", {"Retry-After: 86400"}); });
  expect_refused(server.url("/x.mlmodel"),
                 AllOf(HasSubstr("answered 429"), HasSubstr("limits requests")));
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(HostileServer, WithoutTheFileIsAskedOnce) {
  HttpServer server([&](const ServedRequest&) { return respond(404, "gone"); });
  expect_refused(server.url("/x.mlmodel"), AllOf(HasSubstr("404"), HasSubstr("spelling")));
  EXPECT_EQ(server.requests().size(), 1U);
}

// --- redirects ---

TEST_F(HostileServer, ThatRedirectsInALoopIsLeft) {
  HttpServer server([&](const ServedRequest&) { return respond(302, "", {"Location: /again"}); });
  expect_refused(server.url("/x.mlmodel"), HasSubstr("more than 10 redirects"));
  EXPECT_EQ(server.requests().size(), 11U);
}

TEST_F(HostileServer, ThatRedirectsNowhereIsRefused) {
  HttpServer silent([&](const ServedRequest&) { return respond(302); });
  expect_refused(silent.url("/x.mlmodel"), HasSubstr("without saying where"));
  HttpServer babbling(
      [&](const ServedRequest&) { return respond(302, "", {"Location: http://["}); });
  expect_refused(babbling.url("/x.mlmodel"), HasSubstr("which is no URL"));
}

TEST_F(HostileServer, ThatRedirectsToInternalAddressesIsRefused) {
  for (const std::string host :
       {"169.254.169.254", "10.0.0.1", "[fd00::1]", "[::ffff:169.254.169.254]", "0xA9FEA9FE",
        "2852039166", "192.168.0.1", "0.0.0.0"}) {
    HttpServer server([&](const ServedRequest&) {
      return respond(302, "", {"Location: https://" + host + "/latest/meta-data"});
    });
    expect_refused(server.url("/x.mlmodel"), HasSubstr("an address inside this network"));
  }
}

TEST_F(HostileServer, ThatRedirectsToOtherSchemesIsRefused) {
  for (const std::string target :
       {"file:///etc/passwd", "http://example.org/x", "ftp://example.org/x", "gopher://h/x"}) {
    HttpServer server(
        [&](const ServedRequest&) { return respond(302, "", {"Location: " + target}); });
    expect_refused(server.url("/x.mlmodel"), HasSubstr(target + " is not https"));
  }
}

TEST_F(HostileServer, ThatRedirectsToCredentialsIsRefused) {
  HttpServer server([&](const ServedRequest&) {
    return respond(302, "", {"Location: https://user:secret@example.org/x"});
  });
  expect_refused(server.url("/x.mlmodel"),
                 AllOf(HasSubstr("holds credentials"), testing::Not(HasSubstr("secret"))));
}

TEST_F(HostileServer, ThatRedirectsToAHostThatIsNotAllowedIsRefused) {
  HttpServer server([&](const ServedRequest&) {
    return respond(302, "", {"Location: https://elsewhere.example.org/x"});
  });
  auto strict = options();
  strict.network.allowed_hosts = {"127.0.0.1"};
  expect_refused(server.url("/x.mlmodel"),
                 AllOf(HasSubstr("elsewhere.example.org"), HasSubstr("--allow-host")), strict);
}

TEST_F(HostileServer, OutsideTheAllowedHostsIsNotAsked) {
  HttpServer server([&](const ServedRequest&) { return respond(200, m_model); });
  auto strict = options();
  strict.network.allowed_hosts = {"models.example.org", "*.example.net"};
  expect_refused(server.url("/x.mlmodel"), HasSubstr("--allow-host"), strict);
  EXPECT_TRUE(server.requests().empty());
}

// Hugging Face: the token goes to the endpoint, and not to the storage it redirects to, nor back
// with a redirect from there.
TEST_F(HostileServer, NeverGetsTheTokenOfAnotherHost) {
  std::string back;
  HttpServer storage([&](const ServedRequest& request) {
    if (request.target == "/blob")
      return respond(302, "", {"Location: " + back});
    return respond(200, m_model);
  });
  HttpServer hub([&](const ServedRequest& request) {
    const bool again = request.target == "/again";
    return respond(302, "",
                   {"Location: http://localhost:" + std::to_string(storage.port()) +
                    (again ? "/file" : "/blob")});
  });
  back = hub.url("/again");
  const ScopedVariable endpoint("HF_ENDPOINT", hub.url(""));
  const ScopedVariable token("HF_TOKEN", "hf_secret");
  const auto result = fetch("hf://org/repo@abc/x.mlmodel", m_digest);
  ASSERT_TRUE(result) << result.error().to_string();
  ASSERT_EQ(hub.requests().size(), 2U);
  EXPECT_EQ(hub.requests().at(0).header("authorization"), "Bearer hf_secret");
  EXPECT_EQ(hub.requests().at(0).target, "/org/repo/resolve/abc/x.mlmodel");
  EXPECT_EQ(hub.requests().at(1).header("authorization"), "");
  ASSERT_EQ(storage.requests().size(), 2U);
  for (const auto& request : storage.requests())
    EXPECT_EQ(request.header("authorization"), "");
}

// --- names and addresses ---

TEST_F(HostileServer, OnLoopbackIsRefusedUnlessAllowed) {
  HttpServer server([&](const ServedRequest&) { return respond(200, m_model); });
  auto strict = options();
  strict.network.allow_loopback = false;
  for (const std::string host : {"127.0.0.1", "localhost"}) {
    const auto result = fetch(
        "https://" + host + ":" + std::to_string(server.port()) + "/x.mlmodel", m_digest, strict);
    ASSERT_FALSE(result) << host;
    EXPECT_THAT(result.error().message, HasSubstr("an address inside this network"));
  }
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(HostileServer, WhoseNameLeadsInsideIsRefused) {
  HttpServer server([&](const ServedRequest&) { return respond(200, m_model); });
  const auto port = std::to_string(server.port());
  for (const std::string address :
       {"127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.1.1", "[::1]", "[fd00::1]"}) {
    auto strict = options();
    strict.network.allow_loopback = false;
    strict.network.resolve = {"models.example.org:" + port + ":" + address};
    const auto result =
        fetch("https://models.example.org:" + port + "/x.mlmodel", m_digest, strict);
    ASSERT_FALSE(result) << address;
    EXPECT_THAT(result.error().message, HasSubstr("an address inside this network")) << address;
    EXPECT_THAT(kept(), testing::IsEmpty());
  }
  EXPECT_TRUE(server.requests().empty());
}

// --- archives: right by their digest, and still not what they should be ---

class HostileArchive : public Fetch {
 protected:
  void expect_archive_refused(const std::string& bytes, const std::string& why) {
    HttpServer server([&](const ServedRequest&) { return respond(200, bytes); });
    const auto result = fetch(server.url("/model.zip"), sha256_hex(bytes));
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, AllOf(HasSubstr("/model.zip: "), HasSubstr(why)));
    EXPECT_THAT(kept(), testing::IsEmpty());
    EXPECT_FALSE(std::filesystem::exists(m_directory.path() / "cache/incoming/evil"));
    EXPECT_FALSE(std::filesystem::exists("/tmp/anecompat-evil"));
  }

  // A zip with a model and one more entry.
  std::string zip_with(const std::string& name, unsigned type, const std::string& link = "") {
    std::string bytes(1U << 16U, '\0');
    std::size_t used = 0;
    auto* handle = archive_write_new();
    archive_write_set_format_zip(handle);
    archive_write_open_memory(handle, bytes.data(), bytes.size(), &used);
    for (const bool first : {true, false}) {
      auto* entry = archive_entry_new();
      archive_entry_set_pathname(entry, first ? "ok.mlmodel" : name.c_str());
      archive_entry_set_filetype(entry, first ? AE_IFREG : type);
      archive_entry_set_perm(entry, 0644);
      archive_entry_set_size(entry, link.empty() || first ? 4 : 0);
      if (!first && !link.empty())
        archive_entry_set_symlink(entry, link.c_str());
      archive_write_header(handle, entry);
      archive_write_data(handle, "evil", 4);
      archive_entry_free(entry);
    }
    archive_write_close(handle);
    archive_write_free(handle);
    bytes.resize(used);
    return bytes;
  }
};

TEST_F(HostileArchive, ThatLeavesItsDirectoryIsRefused) {
  expect_archive_refused(zip_with("../../evil", AE_IFREG), "leads out of its directory");
}
TEST_F(HostileArchive, WithAnAbsolutePathIsRefused) {
  expect_archive_refused(zip_with("/tmp/anecompat-evil", AE_IFREG), "absolute");
}
TEST_F(HostileArchive, WithALinkIsRefused) {
  expect_archive_refused(zip_with("link", AE_IFLNK, "/etc/passwd"), "link is a link or a device");
}
TEST_F(HostileArchive, OfTenGigabytesOfZerosIsRefused) {
  expect_archive_refused(test::make_zeros_zip({.size = 10ULL << 30U}),
                         "zeros.mlmodel grows to more than 200 times its packed size");
}
TEST_F(HostileArchive, CutInTwoIsRefused) {
  const auto whole = test::make_zeros_zip({.size = 64U << 20U});
  expect_archive_refused(whole.substr(0, whole.size() / 2), "damaged");
}

}  // namespace
}  // namespace anecompat::source
