#include "cli/anecompat_main.hpp"

namespace anecompat::cli {

int anecompat_main(int, const char* const*) {
  return 2;
}

}  // namespace anecompat::cli
