// A neural network as large as one likes, that takes no room on the disk.
#pragma once

#include <cstdint>
#include <string>

namespace anecompat::test {

// Writes an .mlmodel of `layers` inner products with `weight_bytes` (a multiple of 4) of weights
// each. The weights are holes of a sparse file: they read as zeros. False when the file cannot be
// written; errno then says why.
bool write_sparse_network(const std::string& path, int layers, std::uint64_t weight_bytes);

}  // namespace anecompat::test
