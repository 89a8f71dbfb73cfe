#include "coreml/model_reader.hpp"

namespace anecompat::coreml {

Result<Model> read_model_message(WireReader, GraphBuilder&, const ReadContext&) {
  return fail({.kind = ErrorKind::unsupported, .message = "not read yet"});
}
Result<Description> read_description(WireReader, GraphBuilder&) {
  return fail({.kind = ErrorKind::unsupported, .message = "not read yet"});
}
Error wire_error(const WireReader& reader) {
  return {.message = reader.status().error};
}

}  // namespace anecompat::coreml
