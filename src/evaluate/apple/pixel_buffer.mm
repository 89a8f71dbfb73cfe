#include "evaluate/apple/pixel_buffer.hpp"

#include "evaluate/apple/objc_support.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace anecompat::evaluate::apple {

namespace {

// Larger than any texture of these machines.
constexpr std::int64_t k_max_side = 16384;

// Floating-point pixels must be numbers; all others may be any bytes.
ElementType element_of(std::uint32_t format) {
  switch (format) {
    case kCVPixelFormatType_OneComponent16Half:
    case kCVPixelFormatType_64RGBAHalf:
      return ElementType::float16;
    case kCVPixelFormatType_OneComponent32Float:
    case kCVPixelFormatType_128RGBAFloat:
      return ElementType::float32;
    default:
      return ElementType::byte;
  }
}

id object_of(CFStringRef string) {
  return reinterpret_cast<id>(const_cast<void*>(static_cast<const void*>(string)));
}

void fill(CVPixelBufferRef buffer, ElementType element, RandomData& random) {
  const auto plane_bytes = [](void* base, std::size_t row, std::size_t rows) {
    return base != nullptr ? std::span(static_cast<std::byte*>(base), row * rows)
                           : std::span<std::byte>();
  };
  const auto planes = CVPixelBufferGetPlaneCount(buffer);
  if (planes == 0) {
    random.fill(plane_bytes(CVPixelBufferGetBaseAddress(buffer),
                            CVPixelBufferGetBytesPerRow(buffer), CVPixelBufferGetHeight(buffer)),
                element);
    return;
  }
  for (std::size_t plane = 0; plane < planes; ++plane)
    random.fill(plane_bytes(CVPixelBufferGetBaseAddressOfPlane(buffer, plane),
                            CVPixelBufferGetBytesPerRowOfPlane(buffer, plane),
                            CVPixelBufferGetHeightOfPlane(buffer, plane)),
                element);
}

Error system_error(std::string_view what, CVReturn code) {
  return {.kind = ErrorKind::system, .message = fmt::format("{} returned {}", what, code)};
}

}  // namespace

std::string pixel_format_name(std::uint32_t format) {
  std::string name;
  for (const unsigned shift : {24U, 16U, 8U, 0U})
    name += static_cast<char>(format >> shift & 0xFFU);
  const bool word =
      std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 127; });
  return word ? name : fmt::format("{:#x}", format);
}

Result<PixelBuffer> make_pixel_buffer(std::int64_t width, std::int64_t height, std::uint32_t format,
                                      RandomData& random) {
  if (width <= 0 || height <= 0 || width > k_max_side || height > k_max_side)
    return fail({.kind = ErrorKind::unsupported,
                 .message = fmt::format("an image cannot be {} by {} pixels", width, height)});
  NSDictionary* attributes =
      [NSDictionary dictionaryWithObject:[NSDictionary dictionary]
                                  forKey:object_of(kCVPixelBufferIOSurfacePropertiesKey)];
  CVPixelBufferRef raw = nullptr;
  auto code = CVPixelBufferCreate(nullptr, static_cast<std::size_t>(width),
                                  static_cast<std::size_t>(height), format,
                                  reinterpret_cast<CFDictionaryRef>(attributes), &raw);
  if (code != kCVReturnSuccess || raw == nullptr)
    return fail(system_error(
        fmt::format("CVPixelBufferCreate of format {}", pixel_format_name(format)), code));
  PixelBuffer buffer(raw);
  code = CVPixelBufferLockBaseAddress(raw, 0);
  if (code != kCVReturnSuccess)
    return fail(system_error("CVPixelBufferLockBaseAddress", code));
  fill(raw, element_of(format), random);
  CVPixelBufferUnlockBaseAddress(raw, 0);
  return buffer;
}

}  // namespace anecompat::evaluate::apple
