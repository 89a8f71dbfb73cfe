// Images as Core ML takes them.
#pragma once

#include "evaluate/apple/random_data.hpp"
#include "support/result.hpp"

#include <CoreVideo/CoreVideo.h>

#include <string>
#include <utility>

namespace anecompat::evaluate::apple {

// Owns a CVPixelBuffer.
class PixelBuffer {
 public:
  explicit PixelBuffer(CVPixelBufferRef buffer) : m_buffer(buffer) {}
  PixelBuffer(PixelBuffer&& other) noexcept : m_buffer(std::exchange(other.m_buffer, nullptr)) {}
  PixelBuffer& operator=(PixelBuffer&&) = delete;
  PixelBuffer(const PixelBuffer&) = delete;
  PixelBuffer& operator=(const PixelBuffer&) = delete;
  ~PixelBuffer() { CVPixelBufferRelease(m_buffer); }

  CVPixelBufferRef get() const { return m_buffer; }

 private:
  CVPixelBufferRef m_buffer;
};

// An image of random pixels, backed by a surface that the ANE can read. Errors: unsupported (a
// format without a name here, an impossible size), system.
Result<PixelBuffer> make_pixel_buffer(std::int64_t width, std::int64_t height, std::uint32_t format,
                                      RandomData& random);

// "BGRA"; the number for a format that is not a word.
std::string pixel_format_name(std::uint32_t format);

}  // namespace anecompat::evaluate::apple
