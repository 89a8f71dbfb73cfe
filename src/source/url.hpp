// URLs, taken apart by libcurl's own parser, so that what we check is what is fetched.
#pragma once

#include "support/result.hpp"

#include <string>
#include <string_view>

namespace anecompat::source {

struct Url {
  std::string scheme;  // lower case
  std::string host;    // lower case; an IPv6 address in brackets
  std::string port;    // never empty: the scheme's default when not written
  std::string path;    // percent-decoded
  bool has_credentials = false;

  // Scheme, host and port agree: the same party answers.
  bool same_origin(const Url& other) const {
    return scheme == other.scheme && host == other.host && port == other.port;
  }
};

// Errors: manifest, for what libcurl does not take for a URL.
Result<Url> parse_url(const std::string& text);

// `reference` as seen from `base`: what a Location header means. Errors: download.
Result<std::string> resolve_url(const std::string& base, const std::string& reference);

// "localhost", "127.…", "[::1]".
bool is_loopback_name(std::string_view host);

}  // namespace anecompat::source
