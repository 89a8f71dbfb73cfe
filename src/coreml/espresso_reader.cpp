#include "coreml/espresso_reader.hpp"

namespace anecompat::coreml {

Result<EspressoParts> read_espresso(const std::string&, GraphBuilder&, const ReadContext&) {
  return fail({.kind = ErrorKind::unsupported, .message = "not read yet"});
}

}  // namespace anecompat::coreml
