// A zip file that is small and says it holds a lot.
#pragma once

#include <cstdint>
#include <string>

namespace anecompat::test {

struct ZerosZip {
  std::string name = "zeros.mlmodel";
  std::uint64_t size = 0;  // bytes of zeros that its one entry really holds; rounded up to 64 MiB
  std::uint64_t declared = 0;  // what its headers say; 0: the truth
};

// The file, byte for byte valid (zip64, deflate at its best ratio, about 1000) but for a wrong
// `declared`. Takes no longer than compressing 64 MiB: the same compressed block is repeated.
std::string make_zeros_zip(const ZerosZip& zip);

}  // namespace anecompat::test
