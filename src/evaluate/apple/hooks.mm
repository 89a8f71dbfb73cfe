#include "evaluate/apple/hooks.hpp"

#include "evaluate/apple/hook_functions.hpp"
#include "evaluate/apple/objc_support.hpp"

#include <dlfcn.h>

#include <array>
#include <atomic>
#include <set>

namespace anecompat::evaluate::apple {

namespace {

// Where the library is looked for; on macOS 11 and later it is in the shared cache, not on disk.
constexpr const char* k_framework =
    "/System/Library/PrivateFrameworks/AppleNeuralEngine.framework/AppleNeuralEngine";

// The row's method when it can be hooked; `status` says how it stands.
Method find_method(const HookRow& row, HookStatus& status) {
  status = {.id = row.id,
            .class_name = row.class_name,
            .selector = row.selector,
            .purpose = row.purpose,
            .state = HookState::absent};
  Class cls = objc_getClass(row.class_name);
  if (cls == nil) {
    status.detail = "no such class";
    return nullptr;
  }
  Method method = class_getInstanceMethod(cls, sel_registerName(row.selector));
  if (method == nullptr) {
    status.detail = "no such method";
    return nullptr;
  }
  const char* types = method_getTypeEncoding(method);
  if (plain_encoding(types) != row.plain_types) {
    status.state = HookState::mismatch;
    status.detail = types != nullptr ? types : "no types";
    return nullptr;
  }
  status.state = HookState::installed;
  return method;
}

// Hooks that could not be taken back because somebody hooked the same method after us.
std::array<std::atomic<bool>, k_hook_count> g_left{};

}  // namespace

bool load_neural_engine_framework() {
  if (objc_getClass("_ANEClient") != nil)
    return true;
  // Never closed: the classes stay in use, and the hooks point into them.
  return dlopen(k_framework, RTLD_LAZY | RTLD_GLOBAL) != nullptr &&
         objc_getClass("_ANEClient") != nil;
}

Result<std::unique_ptr<Hooks>> Hooks::install(std::shared_ptr<Recorder> recorder) {
  if (!claim_recorder(std::move(recorder)))
    return fail({.kind = ErrorKind::system,
                 .message = "another measurement is running in this process",
                 .advice = "measure one model at a time in a process"});
  return std::unique_ptr<Hooks>(new Hooks);
}

Hooks::Hooks() {
  // A class that inherits a watched method shares it with its parent: one hook is enough.
  std::set<Method> hooked;
  for (std::size_t row = 0; row < k_hook_count; ++row) {
    const auto& entry = hook_table()[row];
    Method method = find_method(entry, m_status.emplace_back());
    if (method == nullptr || !hooked.insert(method).second || g_left[row])
      continue;
    // First the original, then the hook: another thread may call it in between.
    set_original(row, method_getImplementation(method));
    method_setImplementation(method, entry.replacement);
  }
}

Hooks::~Hooks() {
  for (std::size_t row = 0; row < k_hook_count; ++row) {
    const auto& entry = hook_table()[row];
    HookStatus status;
    Method method = find_method(entry, status);
    // Somebody may have hooked the method after us and call us as the original: then ours stays,
    // and passes calls on.
    if (method == nullptr || original_of(row) == nullptr)
      continue;
    if (method_getImplementation(method) == entry.replacement) {
      method_setImplementation(method, original_of(row));
      g_left[row] = false;
    } else if (method_getImplementation(method) != original_of(row)) {
      g_left[row] = true;
    }
  }
  release_recorder();
}

std::vector<HookStatus> inspect_hooks() {
  std::vector<HookStatus> statuses;
  for (const auto& entry : hook_table())
    find_method(entry, statuses.emplace_back());
  return statuses;
}

}  // namespace anecompat::evaluate::apple
