#include "evaluate/predictor.hpp"

namespace anecompat::evaluate {

Result<std::unique_ptr<Evaluator>> make_predictor(const PredictorOptions&) {
  return fail({.kind = ErrorKind::unsupported, .message = "not there yet"});
}

}  // namespace anecompat::evaluate
