// Why an operation or a level is as it is.
#pragma once

#include <string>

namespace anecompat::ane {

struct Reason {
  std::string code;  // a code of `anecompat rules`, "fp32-precision"; stable, used in fingerprints
  std::string message;  // this case in one sentence; may hold numbers: "fp32[1, 64]: the ANE
                        // computes in fp16 only"

  friend bool operator==(const Reason&, const Reason&) = default;
};

}  // namespace anecompat::ane
