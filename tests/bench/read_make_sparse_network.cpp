// make_sparse_network FILE [LAYERS [MEBIBYTES]] writes a neural network of LAYERS (60) layers with
// MEBIBYTES (10) of weights each, sparse. `anecompat inspect FILE` then shows what reading costs.
#include "support/sparse_network.hpp"

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  const int layers = argc > 2 ? std::atoi(argv[2]) : 60;
  const int mebibytes = argc > 3 ? std::atoi(argv[3]) : 10;
  if (argc < 2 || layers < 1 || mebibytes < 1) {
    std::fprintf(stderr, "usage: %s FILE [LAYERS [MEBIBYTES]]\n", argv[0]);
    return 2;
  }
  if (!anecompat::test::write_sparse_network(argv[1], layers,
                                             static_cast<std::uint64_t>(mebibytes) << 20U)) {
    std::perror(argv[1]);
    return 1;
  }
  return 0;
}
