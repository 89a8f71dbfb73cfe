// One digest for a model, be it a file or a directory.
#pragma once

#include "support/result.hpp"

#include <string>

namespace anecompat::source {

// 64 hex digits. Of a file: its SHA-256. Of a directory (.mlpackage, .mlmodelc): the SHA-256 of the
// lines
// "<sha256 of the file>  <path below the directory>\n" of all its files, sorted by path, which
// `cd X.mlpackage && find * -type f | LC_ALL=C sort | xargs -d '\n' sha256sum | sha256sum` prints,
// too. Reads every byte. Errors: system.
Result<std::string> model_digest(const std::string& path);

}  // namespace anecompat::source
