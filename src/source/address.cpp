#include "source/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

namespace anecompat::source {

namespace {

struct Ipv4Range {
  std::uint32_t network;
  unsigned prefix;
};

// IANA's special-purpose registry, what of it is not globally reachable.
constexpr std::array k_internal_ipv4 = {
    Ipv4Range{0x00000000, 8},   // this network
    Ipv4Range{0x0A000000, 8},   // private
    Ipv4Range{0x64400000, 10},  // shared address space
    Ipv4Range{0xA9FE0000, 16},  // link-local
    Ipv4Range{0xAC100000, 12},  // private
    Ipv4Range{0xC0000000, 24},  // protocol assignments
    Ipv4Range{0xC0000200, 24},  // documentation
    Ipv4Range{0xC0586300, 24},  // 6to4 relays
    Ipv4Range{0xC0A80000, 16},  // private
    Ipv4Range{0xC6120000, 15},  // benchmarking
    Ipv4Range{0xC6336400, 24},  // documentation
    Ipv4Range{0xCB007100, 24},  // documentation
    Ipv4Range{0xE0000000, 4},   // multicast
    Ipv4Range{0xF0000000, 4},   // reserved, broadcast
};

bool within(std::uint32_t address, const Ipv4Range& range) {
  return (address ^ range.network) >> (32U - range.prefix) == 0;
}

AddressKind kind_of_ipv4(std::uint32_t address) {
  if (address >> 24U == 127)
    return AddressKind::loopback;
  const bool internal =
      std::ranges::any_of(k_internal_ipv4, [&](const auto& r) { return within(address, r); });
  return internal ? AddressKind::internal : AddressKind::global;
}

using Ipv6Bytes = std::array<std::uint8_t, 16>;

std::uint32_t ipv4_at(const Ipv6Bytes& bytes, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8U | bytes.at(offset + i);
  return value;
}

bool starts_with(const Ipv6Bytes& bytes, std::initializer_list<std::uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

AddressKind kind_of_ipv6(const Ipv6Bytes& bytes) {
  const bool zero_head =
      std::all_of(bytes.begin(), bytes.begin() + 10, [](auto byte) { return byte == 0; });
  if (zero_head && bytes[10] == 0xFF && bytes[11] == 0xFF)
    return kind_of_ipv4(ipv4_at(bytes, 12));  // mapped
  if (zero_head && bytes[10] == 0 && bytes[11] == 0) {
    const auto low = ipv4_at(bytes, 12);
    if (low == 1)
      return AddressKind::loopback;
    return AddressKind::internal;  // unspecified, or the deprecated compatible form
  }
  if (starts_with(bytes, {0x00, 0x64, 0xFF, 0x9B}))
    return kind_of_ipv4(ipv4_at(bytes, 12));  // NAT64
  if (starts_with(bytes, {0x20, 0x02}))
    return kind_of_ipv4(ipv4_at(bytes, 2));  // 6to4
  if (starts_with(bytes, {0x20, 0x01, 0x00, 0x00}))
    return AddressKind::internal;  // Teredo
  if (starts_with(bytes, {0x20, 0x01, 0x0D, 0xB8}))
    return AddressKind::internal;  // documentation
  // Global unicast is 2000::/3; unique-local, link-local, multicast and the rest are not.
  return bytes[0] >> 5U == 1 ? AddressKind::global : AddressKind::internal;
}

// The address as one of its family, when it is one and all of it is there.
template <typename Address>
std::optional<Address> as(const sockaddr& address, socklen_t size, int family) {
  if (address.sa_family != family || size < sizeof(Address))
    return std::nullopt;
  Address result{};
  std::memcpy(&result, static_cast<const void*>(&address), sizeof result);
  return result;
}

// The bytes of an address in text, 4 or 16 of them, or none.
std::vector<std::uint8_t> bytes_of(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']'))
    text = text.substr(1, text.size() - 2);
  const std::string copy(text);
  std::vector<std::uint8_t> bytes(4);
  if (::inet_pton(AF_INET, copy.c_str(), bytes.data()) == 1)
    return bytes;
  bytes.resize(16);
  if (::inet_pton(AF_INET6, copy.c_str(), bytes.data()) == 1)
    return bytes;
  return {};
}

}  // namespace

std::optional<AddressKind> kind_of_literal(std::string_view host) {
  const auto bytes = bytes_of(host);
  Ipv6Bytes ipv6{};
  if (bytes.empty())
    return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), ipv6.begin());
  return bytes.size() == 4 ? kind_of_ipv4(ipv4_at(ipv6, 0)) : kind_of_ipv6(ipv6);
}

bool same_network(std::string_view address, std::string_view network, unsigned bits) {
  const auto a = bytes_of(address);
  const auto b = bytes_of(network);
  if (a.empty() || a.size() != b.size() || bits > a.size() * 8)
    return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto rest = bits - std::min(bits, static_cast<unsigned>(i) * 8);
    const unsigned mask = rest >= 8 ? 0xFFU : 0xFFU & ~(0xFFU >> rest);
    if (((a[i] ^ b[i]) & mask) != 0)
      return false;
  }
  return true;
}

AddressKind kind_of(const sockaddr& address, socklen_t size) {
  if (const auto ipv4 = as<sockaddr_in>(address, size, AF_INET); ipv4) {
    return kind_of_ipv4(ntohl(ipv4->sin_addr.s_addr));
  }
  if (const auto ipv6 = as<sockaddr_in6>(address, size, AF_INET6); ipv6) {
    Ipv6Bytes bytes{};
    std::memcpy(bytes.data(), &ipv6->sin6_addr, bytes.size());
    return kind_of_ipv6(bytes);
  }
  return AddressKind::internal;
}

std::string to_string(const sockaddr& address, socklen_t size) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (const auto ipv4 = as<sockaddr_in>(address, size, AF_INET); ipv4) {
    ::inet_ntop(AF_INET, &ipv4->sin_addr, text.data(), text.size());
  } else if (const auto ipv6 = as<sockaddr_in6>(address, size, AF_INET6); ipv6) {
    ::inet_ntop(AF_INET6, &ipv6->sin6_addr, text.data(), text.size());
  }
  return text[0] == '\0' ? "a local socket" : text.data();
}

}  // namespace anecompat::source
