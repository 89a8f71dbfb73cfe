#include "coreml/mil_text_reader.hpp"

namespace anecompat::coreml {

Result<ProgramParts> read_mil_text(std::string_view, GraphBuilder&, const ReadContext&) {
  return fail({.kind = ErrorKind::unsupported, .message = "not read yet"});
}
Result<Graph> read_mil_file(const std::string&, const ReadLimits&) {
  return fail({.kind = ErrorKind::unsupported, .message = "not read yet"});
}

}  // namespace anecompat::coreml
