// Which network addresses a download may connect to.
#pragma once

#include <sys/socket.h>

#include <string>

namespace anecompat::source {

enum class AddressKind { global, loopback, internal };

// `internal`: private, link-local (where clouds keep their metadata services), unique-local, shared
// (RFC 6598), multicast, reserved and unspecified addresses, also when IPv4 is mapped, translated
// or tunnelled into IPv6 (RFC 4291, 6052, 3056, 4380). Anything but an IP address is internal.
AddressKind kind_of(const sockaddr& address, socklen_t size);

// "169.254.169.254", for messages.
std::string to_string(const sockaddr& address, socklen_t size);

}  // namespace anecompat::source
