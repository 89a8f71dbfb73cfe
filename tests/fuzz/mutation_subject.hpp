// The parts of a model that readers look at, each with a way to read a changed copy of it.
#pragma once

#include "coreml/graph.hpp"
#include "support/result.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace anecompat::test {

using Bytes = std::vector<std::uint8_t>;

struct MutationSubject {
  std::string name;  // of the file, for messages
  Bytes whole;
  // Reads these bytes in the place of the file's own; what was read is walked over, so that a
  // dangling name or operand is met.
  std::function<Result<void>(Bytes)> read;
  // Where the bytes are that are not weights: changing a weight tests nothing. Empty: everywhere.
  std::vector<std::size_t> structure;
};

// The subjects of the model at `path` (a file or a bundle). Where there is a reader of bytes in
// memory it is used, and the bytes have an allocation of their own, whose end a sanitizer sees;
// for the rest `copy`, an own copy of the model, is changed and read.
std::vector<MutationSubject> mutation_subjects(const std::string& path, const std::string& copy);

// Looks at every operation, value and feature.
void visit_all(const coreml::Graph& graph);

}  // namespace anecompat::test
