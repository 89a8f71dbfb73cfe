// CoreVideo, IOSurface and the kernel's values.
#include "scenario.hpp"

#include <CoreVideo/CoreVideo.h>
#import <Foundation/Foundation.h>
#include <IOSurface/IOSurface.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

using namespace anecompat::test;

const CFStringRef kCVPixelBufferIOSurfacePropertiesKey =
    reinterpret_cast<CFStringRef>(@"IOSurfaceProperties");

struct __CVBuffer {
  std::size_t width = 0;
  std::size_t height = 0;
  std::size_t row = 0;
  std::size_t planes = 0;
  bool locked = false;
  std::unique_ptr<char[]> memory;
};

struct __IOSurface {
  std::string memory;
  std::atomic<int> locks{0};
};

namespace anecompat::test {

__IOSurface* fake_surface_make(const std::string& contents) {
  auto* surface = new __IOSurface;
  surface->memory = contents;
  return surface;
}

void fake_surface_free(__IOSurface* surface) {
  delete surface;
}

}  // namespace anecompat::test

namespace {

std::size_t pixel_bytes(OSType format) {
  switch (format) {
    case kCVPixelFormatType_OneComponent8:
    case '420v':
      return 1;
    case kCVPixelFormatType_OneComponent16Half:
      return 2;
    case kCVPixelFormatType_64RGBAHalf:
      return 8;
    case kCVPixelFormatType_128RGBAFloat:
      return 16;
    default:
      return 4;
  }
}

}  // namespace

extern "C" {

CVReturn CVPixelBufferCreate(CFAllocatorRef, size_t width, size_t height, OSType format,
                             CFDictionaryRef attributes, CVPixelBufferRef* out) {
  if (format == 'bad ' || attributes == nullptr)
    return -6680;
  auto buffer = std::make_unique<__CVBuffer>();
  buffer->width = width;
  buffer->height = height;
  // Rows are padded, as on a Mac.
  buffer->row = (width * pixel_bytes(format) + 63) / 64 * 64;
  buffer->planes = format == '420v' ? 2 : 0;
  buffer->memory = std::make_unique<char[]>(buffer->row * height * 2);
  ++seen().open_pixel_buffers;
  *out = buffer.release();
  return kCVReturnSuccess;
}

CVReturn CVPixelBufferLockBaseAddress(CVPixelBufferRef buffer, CVPixelBufferLockFlags) {
  buffer->locked = true;
  return kCVReturnSuccess;
}

CVReturn CVPixelBufferUnlockBaseAddress(CVPixelBufferRef buffer, CVPixelBufferLockFlags) {
  buffer->locked = false;
  return kCVReturnSuccess;
}

void* CVPixelBufferGetBaseAddress(CVPixelBufferRef buffer) {
  return buffer->locked && buffer->planes == 0 ? buffer->memory.get() : nullptr;
}

size_t CVPixelBufferGetBytesPerRow(CVPixelBufferRef buffer) {
  return buffer->row;
}
size_t CVPixelBufferGetHeight(CVPixelBufferRef buffer) {
  return buffer->height;
}
size_t CVPixelBufferGetPlaneCount(CVPixelBufferRef buffer) {
  return buffer->planes;
}

void* CVPixelBufferGetBaseAddressOfPlane(CVPixelBufferRef buffer, size_t plane) {
  return buffer->locked ? buffer->memory.get() + plane * buffer->row * buffer->height : nullptr;
}

size_t CVPixelBufferGetBytesPerRowOfPlane(CVPixelBufferRef buffer, size_t) {
  return buffer->row;
}

size_t CVPixelBufferGetHeightOfPlane(CVPixelBufferRef buffer, size_t plane) {
  return plane == 0 ? buffer->height : buffer->height / 2;
}

void CVPixelBufferRelease(CVPixelBufferRef buffer) {
  if (buffer == nullptr)
    return;
  --seen().open_pixel_buffers;
  delete buffer;
}

int IOSurfaceLock(IOSurfaceRef surface, IOSurfaceLockOptions options, uint32_t*) {
  if (scenario().surface_locks_fail)
    return static_cast<int>(0xE00002BEU);
  ++seen().surface_locks;
  ++seen().open_surface_locks;
  seen().writing_locks += options == kIOSurfaceLockReadOnly ? 0 : 1;
  ++surface->locks;
  return 0;
}

int IOSurfaceUnlock(IOSurfaceRef surface, IOSurfaceLockOptions, uint32_t*) {
  --seen().open_surface_locks;
  --surface->locks;
  return 0;
}

// Only while it is locked is it mapped for sure.
void* IOSurfaceGetBaseAddress(IOSurfaceRef surface) {
  if (scenario().surfaces_without_memory || surface->locks == 0)
    return nullptr;
  return surface->memory.data();
}

size_t IOSurfaceGetAllocSize(IOSurfaceRef surface) {
  return surface->memory.size();
}

int sysctlbyname(const char* name, void* old_value, size_t* old_size, void*, size_t) {
  const auto text = [&](const std::string& value) {
    if (value.size() + 1 > *old_size)
      return -1;
    std::memcpy(old_value, value.c_str(), value.size() + 1);
    *old_size = value.size() + 1;
    return 0;
  };
  const auto number = [&](int value) {
    std::memcpy(old_value, &value, sizeof value);
    *old_size = sizeof value;
    return 0;
  };
  const std::string wanted = name;
  if (wanted == "kern.hv_vmm_present")
    return number(scenario().virtual_machine ? 1 : 0);
  if (wanted == "hw.optional.arm64" && scenario().arm64)
    return number(1);
  if (wanted == "hw.model")
    return text(scenario().hardware_model);
  if (wanted == "kern.osproductversion")
    return text("15.5");
  if (wanted == "kern.osversion")
    return text("24F74");
  if (wanted == "machdep.cpu.brand_string")
    return text("Apple M4");
  errno = ENOENT;
  return -1;
}

}  // extern "C"
