#include "gate/draft.hpp"

#include "support/sha256.hpp"

namespace anecompat::gate {

std::string fingerprint(const report::Finding& finding, const std::vector<std::string>& keys) {
  std::string text;
  const auto add = [&](const std::string& part) {
    text += part;
    text += '\0';  // no part has it, so no two lists look the same
  };
  add(finding.rule);
  add(finding.entry);
  add(finding.target);
  for (const auto& key : keys)
    add(key);
  return sha256_hex(text).substr(0, 16);
}

}  // namespace anecompat::gate
