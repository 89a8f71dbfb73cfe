// The program that this library starts for work that may take a process down.
#pragma once

#include <string>

namespace anecompat::capi {

// $ANECOMPAT_PROGRAM, else `anecompat` beside this library or in ../bin; empty when there is none.
std::string find_worker_program();

}  // namespace anecompat::capi
