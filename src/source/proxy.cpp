#include "source/proxy.hpp"

#include "source/address.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace anecompat::source {

namespace {

std::string first_of(const std::vector<std::string>& names) {
  for (const auto& name : names) {
    const char* value = std::getenv(name.c_str());
    if (value != nullptr && *value != '\0')
      return value;
  }
  return {};
}

// Host and pattern without what both may have and does not count: brackets, a dot at either end.
std::string_view plain(std::string_view name) {
  if (name.starts_with('[') && name.ends_with(']'))
    name = name.substr(1, name.size() - 2);
  if (name.ends_with('.'))
    name.remove_suffix(1);
  if (name.starts_with('.'))
    name.remove_prefix(1);
  return name;
}

// "10.0.0.0/8": the address is in that network.
bool in_network(std::string_view host, std::string_view pattern) {
  const auto slash = pattern.find('/');
  if (slash == std::string_view::npos)
    return false;
  unsigned bits = 0;
  const auto length = pattern.substr(slash + 1);
  const auto [end, code] = std::from_chars(length.data(), length.data() + length.size(), bits);
  if (code != std::errc() || end != length.data() + length.size())
    return false;
  return same_network(host, pattern.substr(0, slash), bits);
}

bool matches(std::string_view host, std::string_view pattern) {
  host = plain(host);
  pattern = plain(pattern);
  if (pattern.empty())
    return false;
  if (host == pattern || in_network(host, pattern))
    return true;
  return host.size() > pattern.size() && host.ends_with(pattern) &&
         host[host.size() - pattern.size() - 1] == '.';
}

bool excepted(const std::string& host) {
  auto list = first_of({"no_proxy", "NO_PROXY"});
  if (trim(list) == "*")
    return true;
  for (auto& c : list) {
    if (c == ' ' || c == '\t')
      c = ',';
  }
  return std::ranges::any_of(split(list, ','),
                             [&](auto part) { return matches(host, to_lower(part)); });
}

}  // namespace

std::string proxy_for(const Url& url) {
  std::vector<std::string> names = {url.scheme + "_proxy"};
  if (url.scheme == "https")
    names.emplace_back("HTTPS_PROXY");
  names.insert(names.end(), {"all_proxy", "ALL_PROXY"});
  auto proxy = first_of(names);
  return proxy.empty() || excepted(url.host) ? std::string() : proxy;
}

}  // namespace anecompat::source
