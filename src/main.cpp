#include "cli/anecompat_main.hpp"

int main(int argc, char** argv) {
  return anecompat::cli::anecompat_main(argc, argv);
}
