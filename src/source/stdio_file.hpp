// A C stream that closes itself.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

namespace anecompat::source {

using StdioFile = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// `mode` as fopen() has it; processes that are started later do not inherit the file. Null, with
// errno, when it cannot be opened.
inline StdioFile open_file(const std::string& path, const std::string& mode) {
  return {std::fopen(path.c_str(), (mode + "e").c_str()), &std::fclose};
}

}  // namespace anecompat::source
