// Where a remote model is, as a manifest writes it.
#pragma once

#include "support/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace anecompat::source {

// One of
//   https://host/path/model.mlmodel        (also .zip, .tar.gz, … of a model)
//   hf://org/repo[@revision]/path          a file or bundle directory of a Hugging Face repository
//   gh://owner/repo@tag/asset              an asset of a GitHub release
struct Locator {
  enum class Kind : std::uint8_t { http, hugging_face, github_release };

  Kind kind = Kind::http;
  std::string text;        // as written
  std::string repository;  // "org/repo"; empty for http
  std::string revision;    // of hf ("main" when not given) or the tag of gh
  std::string path;        // within the repository, or the asset's name

  // The last path component, what the downloaded file is called.
  std::string file_name() const;
};

// Errors: manifest, saying what is wrong with the text. Plain http:// is accepted only for loopback
// hosts and only when `allow_loopback` says so (tests, local mirrors).
Result<Locator> parse_locator(std::string_view text, bool allow_loopback = false);

}  // namespace anecompat::source
