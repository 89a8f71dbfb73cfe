// The replacement implementations, and the table of methods they replace.
#pragma once

#include "evaluate/apple/recorder.hpp"

#include <objc/runtime.h>

#include <array>
#include <cstddef>
#include <memory>

namespace anecompat::evaluate::apple {

// One method that is watched. Types are compared without stack offsets.
struct HookRow {
  const char* id;
  const char* class_name;
  const char* selector;
  const char* plain_types;
  HookPurpose purpose;
  IMP replacement;
};

constexpr std::size_t k_hook_count = 14;
const std::array<HookRow, k_hook_count>& hook_table();

// Where the replacements find the implementation they stand in for. It stays set after the hook is
// gone: a call may still be on its way through.
void set_original(std::size_t row, IMP original);
IMP original_of(std::size_t row);

// What the replacements report to, one at a time: false when there is one already. Without one they
// only pass calls on.
bool claim_recorder(std::shared_ptr<Recorder> recorder);
void release_recorder();
bool has_recorder();

}  // namespace anecompat::evaluate::apple
