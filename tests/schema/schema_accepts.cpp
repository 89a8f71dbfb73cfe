// schema_accepts manifest|policy FILE: exits 0 when our reader takes the file, else prints why not.
#include "gate/policy.hpp"
#include "manifest/manifest.hpp"

#include <fmt/format.h>

#include <string>

namespace {

int show(const std::vector<anecompat::Error>& errors) {
  for (const auto& error : errors)
    fmt::print("{}\n", error.to_string());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3)
    return 2;
  const std::string path = argv[2];
  if (std::string(argv[1]) == "policy") {
    const auto policy = anecompat::gate::load_policy(path);
    return policy ? 0 : show(policy.error());
  }
  const auto manifest = anecompat::manifest::load_manifest(path);
  return manifest ? 0 : show(manifest.error());
}
