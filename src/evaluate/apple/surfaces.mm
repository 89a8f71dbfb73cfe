#include "evaluate/apple/surfaces.hpp"

#include "support/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

namespace anecompat::evaluate::apple {

namespace {

// "^{__IOSurface=}": a pointer to the structure behind every IOSurfaceRef.
constexpr std::string_view k_surface_type = "^{__IOSurface";

class ReadLock {
 public:
  explicit ReadLock(IOSurfaceRef surface)
      : m_surface(surface),
        m_result(static_cast<int>(IOSurfaceLock(surface, kIOSurfaceLockReadOnly, nullptr))) {}
  ~ReadLock() {
    if (m_result == 0)
      IOSurfaceUnlock(m_surface, kIOSurfaceLockReadOnly, nullptr);
  }
  ReadLock(const ReadLock&) = delete;
  ReadLock& operator=(const ReadLock&) = delete;

  int result() const { return m_result; }

 private:
  IOSurfaceRef m_surface;
  int m_result;
};

// Where an object of this very class, not of its parents, keeps a surface; -1: nowhere.
std::ptrdiff_t surface_offset(Class cls) {
  unsigned int count = 0;
  const std::unique_ptr<Ivar[], decltype(&std::free)> variables(class_copyIvarList(cls, &count),
                                                                &std::free);
  for (unsigned int i = 0; i < count; ++i) {
    const char* type = ivar_getTypeEncoding(variables[i]);
    if (type != nullptr && std::string_view(type).starts_with(k_surface_type))
      return ivar_getOffset(variables[i]);
  }
  return -1;
}

}  // namespace

IOSurfaceRef surface_of(id object) {
  if (object == nil)
    return nullptr;
  for (Class cls = object_getClass(object); cls != nil; cls = class_getSuperclass(cls)) {
    const auto offset = surface_offset(cls);
    if (offset < 0)
      continue;
    IOSurfaceRef surface = nullptr;
    std::memcpy(&surface, static_cast<const char*>(static_cast<const void*>(object)) + offset,
                sizeof surface);
    return surface;
  }
  return nullptr;
}

Result<KeptSurface> write_surface(IOSurfaceRef surface, const std::string& path,
                                  std::size_t limit) {
  const auto unreadable = [&](std::string why) {
    return fail({.kind = ErrorKind::unreadable, .message = std::move(why), .file = path});
  };
  const ReadLock lock(surface);
  if (lock.result() != 0)
    return unreadable(fmt::format("the surface cannot be locked ({:#x})", lock.result()));
  const auto* bytes = static_cast<const char*>(IOSurfaceGetBaseAddress(surface));
  KeptSurface kept;
  kept.whole = IOSurfaceGetAllocSize(surface);
  if (bytes == nullptr || kept.whole == 0)
    return unreadable("the surface has no memory");
  kept.written = std::min(kept.whole, limit);
  ANECOMPAT_TRY(write_text_file(path, {bytes, kept.written}));
  return kept;
}

}  // namespace anecompat::evaluate::apple
