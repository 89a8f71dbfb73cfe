#include "coreml/package_reader.hpp"

namespace anecompat::coreml {

Result<Graph> read_package(const std::string&, const ReadLimits&) {
  return fail({.kind = ErrorKind::unsupported, .message = "not read yet"});
}

}  // namespace anecompat::coreml
