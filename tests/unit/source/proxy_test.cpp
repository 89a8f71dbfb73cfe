#include "source/proxy.hpp"

#include "fetch_fixture.hpp"

#include <initializer_list>
#include <utility>

namespace anecompat::source {
namespace {

using testing::HasSubstr;

std::string proxy_of(const std::string& url) {
  const auto parts = parse_url(url);
  return parts ? proxy_for(*parts) : "no URL";
}

TEST(ProxyFor, EachSchemeHasItsVariable) {
  const ScopedVariable https("HTTPS_PROXY", "http://secure:1");
  const ScopedVariable http("http_proxy", "http://plain:2");
  EXPECT_EQ(proxy_of("https://example.org/x"), "http://secure:1");
  EXPECT_EQ(proxy_of("http://example.org/x"), "http://plain:2");
}

TEST(ProxyFor, LowerCaseComesFirst) {
  const ScopedVariable upper("HTTPS_PROXY", "http://upper:1");
  const ScopedVariable lower("https_proxy", "http://lower:2");
  EXPECT_EQ(proxy_of("https://example.org/x"), "http://lower:2");
}

TEST(ProxyFor, UpperCaseHttpProxyIsNotHeeded) {
  const ScopedVariable upper("HTTP_PROXY", "http://upper:1");
  EXPECT_EQ(proxy_of("http://example.org/x"), "");
  EXPECT_EQ(proxy_of("https://example.org/x"), "");
}

TEST(ProxyFor, AllProxyIsForTheRest) {
  const ScopedVariable all("ALL_PROXY", "socks5h://all:3");
  EXPECT_EQ(proxy_of("https://example.org/x"), "socks5h://all:3");
  const ScopedVariable https("https_proxy", "http://secure:1");
  EXPECT_EQ(proxy_of("https://example.org/x"), "http://secure:1");
}

TEST(ProxyFor, HostsCanBeExcepted) {
  const ScopedVariable https("https_proxy", "http://secure:1");
  struct Case {
    const char* list;
    const char* host;
    bool direct;
  };
  for (const auto& [list, host, direct] : std::initializer_list<Case>{
           {"*", "example.org", true},
           {"example.org", "example.org", true},
           {"example.org", "EXAMPLE.org", true},
           {"example.org", "models.example.org", true},
           {".example.org", "models.example.org", true},
           {"example.org", "badexample.org", false},
           {"a.org, example.org", "example.org", true},
           {"a.org example.org", "example.org", true},
           {"example.org.evil.org", "example.org", false},
           {",,", "example.org", false},
           {"10.1.2.3", "10.1.2.3", true},
           {"10.0.0.0/8", "10.1.2.3", true},
           {"10.0.0.0/8", "11.1.2.3", false},
           {"10.0.0.0/99", "10.1.2.3", false},
           {"10.0.0.0/x", "10.1.2.3", false},
           {"fd00::/8", "[fd12::1]", true},
           {"fd00::1", "[fd00::1]", true},
       }) {
    const ScopedVariable no_proxy("no_proxy", list);
    EXPECT_EQ(proxy_of(std::string("https://") + host + "/x").empty(), direct)
        << list << " " << host;
  }
}

using BehindAProxy = Fetch;

TEST_F(BehindAProxy, ItIsAskedInsteadOfTheHost) {
  test::HttpServer proxy([&](const test::ServedRequest&) { return test::respond(200, m_model); });
  const ScopedVariable variable("http_proxy", proxy.url(""));
  const auto result = fetch("http://127.0.0.1:9/x.mlmodel", m_digest);
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(proxy.requests().at(0).target, "http://127.0.0.1:9/x.mlmodel");
}

TEST_F(BehindAProxy, AnExceptedHostIsAskedItself) {
  test::HttpServer server([&](const test::ServedRequest&) { return test::respond(200, m_model); });
  const ScopedVariable variable("http_proxy", "http://127.0.0.1:9");
  const ScopedVariable except("no_proxy", "127.0.0.1");
  EXPECT_TRUE(fetch(server.url("/x.mlmodel"), m_digest));
}

TEST_F(BehindAProxy, ATunnelIsAskedForByName) {
  int status = 403;
  test::HttpServer proxy([&](const test::ServedRequest&) { return test::respond(status); });
  const ScopedVariable variable("https_proxy", proxy.url(""));
  expect_refused("https://models.example.org/x.mlmodel", HasSubstr("the proxy answered 403"));
  EXPECT_EQ(proxy.requests().size(), 1U);
  status = 407;
  expect_refused("https://models.example.org/x.mlmodel", HasSubstr("name:password@host"));
  EXPECT_EQ(proxy.requests().at(0).method, "CONNECT");
  EXPECT_EQ(proxy.requests().at(0).target, "models.example.org:443");
}

TEST_F(BehindAProxy, ItIsNotAskedForAddressesInside) {
  test::HttpServer proxy([&](const test::ServedRequest&) { return test::respond(403); });
  const ScopedVariable variable("https_proxy", proxy.url(""));
  auto strict = options();
  strict.network.allow_loopback = false;
  for (const std::string host :
       {"169.254.169.254", "10.0.0.1", "[fd00::1]", "127.0.0.1", "localhost"}) {
    expect_refused("https://" + host + "/x.mlmodel", HasSubstr("an address inside this network"),
                   strict);
  }
  EXPECT_TRUE(proxy.requests().empty());
}

// Addresses of hosts that no proxy stands for are checked, whatever proxies there are for others.
TEST_F(BehindAProxy, StraightConnectionsAreStillJudged) {
  test::HttpServer server([&](const test::ServedRequest&) { return test::respond(200, m_model); });
  const auto port = std::to_string(server.port());
  const ScopedVariable variable("https_proxy", "http://127.0.0.1:9");
  const ScopedVariable except("no_proxy", "models.example.org");
  auto strict = options();
  strict.network.allow_loopback = false;
  strict.network.resolve = {"models.example.org:" + port + ":127.0.0.1"};
  expect_refused("https://models.example.org:" + port + "/x.mlmodel",
                 HasSubstr("an address inside this network"), strict);
}

}  // namespace
}  // namespace anecompat::source
