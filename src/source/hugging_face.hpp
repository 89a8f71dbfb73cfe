// Files and bundle directories of Hugging Face repositories.
#pragma once

#include "source/http.hpp"
#include "source/locator.hpp"
#include "source/transfer.hpp"
#include "support/result.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace anecompat::source {

// HF_ENDPOINT or https://huggingface.co.
std::string hugging_face_endpoint();
// HF_TOKEN, HUGGING_FACE_HUB_TOKEN, or the file at HF_TOKEN_PATH (default
// ~/.cache/huggingface/token); empty when there is none.
std::string hugging_face_token();

struct RepositoryFile {
  std::string path;  // within the repository
  std::uint64_t size = 0;
  std::string sha256;  // of files in LFS; empty otherwise
};

// The files at `locator`: one, or all of a bundle directory. Errors: download.
Result<std::vector<RepositoryFile>> list_hugging_face(const Locator& locator,
                                                      const NetworkPolicy& policy);

// Downloads what is at `locator` below `directory` and returns the path of the file or bundle. LFS
// files are checked against the digest the repository gives for them. Errors: download, system.
Result<std::string> fetch_hugging_face(const Locator& locator, const NetworkPolicy& policy,
                                       const std::filesystem::path& directory,
                                       const Progress& progress);

}  // namespace anecompat::source
