#include "coreml/ml_program_reader.hpp"

namespace anecompat::coreml {

Result<ProgramParts> read_ml_program(WireReader, GraphBuilder&, const ReadContext&) {
  return fail({.kind = ErrorKind::unsupported, .message = "not read yet"});
}

}  // namespace anecompat::coreml
