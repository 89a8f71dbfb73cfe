// The key of a program that the Espresso engine made: JSON that names its inputs and outputs.
#pragma once

#include "evaluate/measurement.hpp"

#include <optional>
#include <string_view>

namespace anecompat::evaluate::apple {

struct EspressoKey {
  std::optional<std::int64_t> segment;
  std::vector<std::string> inputs;   // sorted
  std::vector<std::string> outputs;  // sorted
};

// nullopt for any other key: other engines use hashes, file names or none.
std::optional<EspressoKey> parse_espresso_key(std::string_view key);

// Fills in names from the program's key. False when the key is not of that kind.
bool name_from_key(AneProgram& program);

}  // namespace anecompat::evaluate::apple
