#include "source/address.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstring>

namespace anecompat::source {
namespace {

AddressKind kind_of_text(const char* text) {
  sockaddr_storage storage{};
  auto& ipv4 = reinterpret_cast<sockaddr_in&>(storage);
  auto& ipv6 = reinterpret_cast<sockaddr_in6&>(storage);
  if (::inet_pton(AF_INET, text, &ipv4.sin_addr) == 1) {
    storage.ss_family = AF_INET;
    return kind_of(reinterpret_cast<sockaddr&>(storage), sizeof ipv4);
  }
  EXPECT_EQ(::inet_pton(AF_INET6, text, &ipv6.sin6_addr), 1) << text;
  storage.ss_family = AF_INET6;
  return kind_of(reinterpret_cast<sockaddr&>(storage), sizeof ipv6);
}

TEST(AddressKind, OrdinaryAddressesAreGlobal) {
  for (const char* text :
       {"8.8.8.8", "140.82.121.3", "172.15.0.1", "172.32.0.1", "100.128.0.1", "2606:50c0::1"})
    EXPECT_EQ(kind_of_text(text), AddressKind::global) << text;
}

TEST(AddressKind, PrivateLinkLocalAndReservedAreInternal) {
  for (const char* text :
       {"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.2.1", "fd00::1", "fe80::1", "ff02::1",
        "::", "2001:db8::1"})
    EXPECT_EQ(kind_of_text(text), AddressKind::internal) << text;
}

TEST(AddressKind, LoopbackIsItsOwnKind) {
  for (const char* text : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"})
    EXPECT_EQ(kind_of_text(text), AddressKind::loopback) << text;
}

TEST(AddressKind, LooksIntoIpv6Disguises) {
  for (const char* text :
       {"::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "::10.0.0.1"})
    EXPECT_EQ(kind_of_text(text), AddressKind::internal) << text;
  EXPECT_EQ(kind_of_text("::ffff:8.8.8.8"), AddressKind::global);
}

TEST(AddressKind, IsKnownOfAddressesInUrls) {
  EXPECT_EQ(kind_of_literal("8.8.8.8"), AddressKind::global);
  EXPECT_EQ(kind_of_literal("169.254.169.254"), AddressKind::internal);
  EXPECT_EQ(kind_of_literal("[fd00::1]"), AddressKind::internal);
  EXPECT_EQ(kind_of_literal("[::1]"), AddressKind::loopback);
  EXPECT_EQ(kind_of_literal("example.org"), std::nullopt);
  EXPECT_EQ(kind_of_literal(""), std::nullopt);
}

TEST(SameNetwork, ComparesThePrefix) {
  EXPECT_TRUE(same_network("10.1.2.3", "10.0.0.0", 8));
  EXPECT_TRUE(same_network("10.1.2.3", "10.1.2.2", 31));
  EXPECT_FALSE(same_network("10.1.2.3", "10.1.2.2", 32));
  EXPECT_TRUE(same_network("10.1.2.3", "192.168.0.0", 0));
  EXPECT_FALSE(same_network("10.1.2.3", "10.0.0.0", 33));
  EXPECT_FALSE(same_network("10.1.2.3", "::", 0));
  EXPECT_TRUE(same_network("[fd12::1]", "fd00::", 8));
  EXPECT_FALSE(same_network("name", "10.0.0.0", 8));
}

TEST(AddressKind, AnythingElseIsInternal) {
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  EXPECT_EQ(kind_of(reinterpret_cast<sockaddr&>(local), sizeof local), AddressKind::internal);
}

}  // namespace
}  // namespace anecompat::source
