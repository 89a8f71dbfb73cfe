// The text files of a compiled neural network, compressed or not.
#pragma once

#include "coreml/reader.hpp"
#include "support/byte_source.hpp"
#include "support/result.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace anecompat::coreml {

class EspressoFile {
 public:
  EspressoFile(std::shared_ptr<ByteSource> source, std::string unpacked)
      : m_source(std::move(source)), m_unpacked(std::move(unpacked)) {}

  // The JSON text; valid as long as this object is, and where it is.
  std::string_view text() const;

 private:
  std::shared_ptr<ByteSource> m_source;
  std::string m_unpacked;  // empty: the file is text itself
};

// Reads a whole file and unpacks it where it is compressed. Errors: not_found, unreadable,
// unsupported (encrypted, or compressed in a way this build cannot decode), system.
Result<EspressoFile> read_espresso_file(const std::string& path, const ReadLimits& limits);

}  // namespace anecompat::coreml
