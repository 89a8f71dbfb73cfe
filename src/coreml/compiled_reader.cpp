#include "coreml/compiled_reader.hpp"

namespace anecompat::coreml {

Result<Graph> read_compiled(const std::string&, const ReadLimits&) {
  return fail({.kind = ErrorKind::unsupported, .message = "not read yet"});
}

}  // namespace anecompat::coreml
