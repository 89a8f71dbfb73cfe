#include "source/locator.hpp"

#include "source/url.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace anecompat::source {

namespace {

Error bad(std::string_view text, std::string_view what, std::string advice = {}) {
  return {.kind = ErrorKind::manifest,
          .message = fmt::format("{}: {}", printable(text), what),
          .advice = std::move(advice)};
}

// What a repository, revision or path part may consist of; keeps anything out that could change the
// meaning of the URL it is put into.
bool is_plain(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    const bool alphanumeric =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return alphanumeric || std::string_view("-_.+ ()").find(c) != std::string_view::npos;
  });
}

bool is_plain_path(std::string_view path) {
  return std::ranges::all_of(
      split(path, '/'), [](auto part) { return is_plain(part) && part != "." && part != ".."; });
}

Result<Locator> parse_hugging_face(std::string_view text) {
  constexpr std::string_view k_form = "the form is hf://org/repo[@revision]/path";
  const auto rest = text.substr(std::string_view("hf://").size());
  const auto first = rest.find('/');
  const auto second = first == std::string_view::npos ? first : rest.find('/', first + 1);
  if (second == std::string_view::npos)
    return fail(bad(text, "names no file in a repository", std::string(k_form)));
  auto repository = rest.substr(0, second);
  std::string_view revision = "main";
  if (const auto at = repository.find('@'); at != std::string_view::npos) {
    revision = repository.substr(at + 1);
    repository = repository.substr(0, at);
  }
  auto path = rest.substr(second + 1);
  while (path.ends_with('/'))
    path.remove_suffix(1);
  if (!is_plain_path(repository) || !is_plain(revision) || !is_plain_path(path))
    return fail(
        bad(text, "has characters that no repository, revision or path has", std::string(k_form)));
  return Locator{.kind = Locator::Kind::hugging_face,
                 .text = std::string(text),
                 .repository = std::string(repository),
                 .revision = std::string(revision),
                 .path = std::string(path)};
}

Result<Locator> parse_github_release(std::string_view text) {
  constexpr std::string_view k_form = "the form is gh://owner/repo@tag/asset";
  const auto rest = text.substr(std::string_view("gh://").size());
  const auto at = rest.find('@');
  // A tag may hold slashes, an asset's name may not.
  const auto slash = rest.rfind('/');
  if (at == std::string_view::npos || slash == std::string_view::npos || slash < at)
    return fail(bad(text, "names no asset of a release", std::string(k_form)));
  const auto repository = rest.substr(0, at);
  const auto tag = rest.substr(at + 1, slash - at - 1);
  const auto asset = rest.substr(slash + 1);
  if (split(repository, '/').size() != 2 || !is_plain_path(repository) || !is_plain_path(tag) ||
      !is_plain_path(asset))
    return fail(
        bad(text, "has characters that no repository, tag or asset has", std::string(k_form)));
  return Locator{.kind = Locator::Kind::github_release,
                 .text = std::string(text),
                 .repository = std::string(repository),
                 .revision = std::string(tag),
                 .path = std::string(asset)};
}

}  // namespace

std::string Locator::file_name() const {
  const auto whole = kind == Kind::http ? parse_url(text).value_or(Url{}).path : path;
  const auto name = whole.substr(whole.rfind('/') + 1);
  return name.empty() ? "model" : name;
}

Result<Locator> parse_locator(std::string_view text, bool allow_loopback) {
  if (text.starts_with("hf://"))
    return parse_hugging_face(text);
  if (text.starts_with("gh://"))
    return parse_github_release(text);
  ANECOMPAT_TRY_ASSIGN(const auto url, parse_url(std::string(text)));
  if (url.scheme == "http" && !(allow_loopback && is_loopback_name(url.host)))
    return fail(bad(text, "is not encrypted", "use https://"));
  if (url.scheme != "http" && url.scheme != "https")
    return fail(bad(text, fmt::format("cannot fetch from {}://", printable(url.scheme)),
                    "use https://, hf:// or gh://"));
  if (url.has_credentials)
    return fail(
        bad(text, "holds credentials", "give tokens in the environment (HF_TOKEN, GITHUB_TOKEN)"));
  return Locator{.kind = Locator::Kind::http, .text = std::string(text)};
}

}  // namespace anecompat::source
