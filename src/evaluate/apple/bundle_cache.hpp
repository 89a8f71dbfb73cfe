// What Core ML's compiler left in its cache: a hint for which devices it made parts of a model. It
// is no evidence, as the layout of the cache is nobody's promise.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace anecompat::evaluate::apple {

// Where Core ML keeps what it compiles for this process, or nothing where there is no home.
std::filesystem::path own_bundle_cache();

// One line for each function of each bundle that was written at `since` or later: "H13G main: ane,
// bnns", sorted. The layout is BUILD/HASH/HASH.bundle/CHIP.bundle/FUNCTION/FUNCTION_DEVICE. Nothing
// is changed, and what cannot be read is passed over.
std::vector<std::string> bundles_since(const std::filesystem::path& cache,
                                       std::filesystem::file_time_type since);

}  // namespace anecompat::evaluate::apple
