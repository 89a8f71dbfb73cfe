#pragma once

namespace anecompat::cli {

// Runs the program; returns its exit code. Catches everything.
int anecompat_main(int argc, const char* const* argv);

}  // namespace anecompat::cli
