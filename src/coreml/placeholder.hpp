#pragma once

#include "support/byte_source.hpp"
#include "support/error.hpp"

#include <optional>
#include <string_view>

namespace anecompat::coreml {

// A repository may hold a small text in a file's place: a checkout without its Git LFS or git-annex
// content is the usual reason why a model, or only its weights, cannot be read on a CI machine.

// The error to give when these first bytes of a file are such a text; without a file name.
// Formats: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md ("version" is the first key),
// https://git-annex.branchable.com/internals/pointer_file/.
std::optional<Error> placeholder(std::string_view head);

// The same for an opened file, with its name. Loads at most one block of it.
std::optional<Error> placeholder(ByteSource& source);

}  // namespace anecompat::coreml
