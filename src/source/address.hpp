// Which network addresses a download may connect to.
#pragma once

#include <sys/socket.h>

#include <optional>
#include <string>
#include <string_view>

namespace anecompat::source {

enum class AddressKind { global, loopback, internal };

// `internal`: private, link-local (where clouds keep their metadata services), unique-local, shared
// (RFC 6598), multicast, reserved and unspecified addresses, also when IPv4 is mapped, translated
// or tunnelled into IPv6 (RFC 4291, 6052, 3056, 4380). Anything but an IP address is internal.
AddressKind kind_of(const sockaddr& address, socklen_t size);

// The same for an address as a URL has it ("10.0.0.1", "[fd00::1]"); nullopt for a name.
std::optional<AddressKind> kind_of_literal(std::string_view host);

// Both are addresses of one family whose first `bits` bits are the same.
bool same_network(std::string_view address, std::string_view network, unsigned bits);

// "169.254.169.254", for messages.
std::string to_string(const sockaddr& address, socklen_t size);

}  // namespace anecompat::source
