// One comment on a pull request, found again by a hidden marker and kept up to date.
#pragma once

#include "github/api_client.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace anecompat::github {

// What GitHub takes for a comment, in characters.
inline constexpr std::size_t k_comment_limit = 65'536;

// An HTML comment that tells comments of different manifests and workflows apart.
std::string comment_marker(std::string_view manifest, std::string_view workflow,
                           std::string_view key);

struct CommentRequest {
  std::string repository;  // "owner/name"
  std::uint64_t pull_request = 0;
  std::string marker;
  std::string markdown;
  std::string author;          // whose comments are ours; empty: the token's user
  bool only_existing = false;  // update a comment, but make no new one
};

enum class CommentChange : std::uint8_t { created, updated, unchanged, none };

// Looks for our comment: it begins with the marker and is by the author; anybody can write a
// marker, so others' comments are never touched. Changes it only if its text differs.
ApiResult<CommentChange> put_comment(const ApiClient& client, const CommentRequest& request);

}  // namespace anecompat::github
