// The memory that goes into a segment and comes out of it.
#pragma once

#include "evaluate/apple/objc_support.hpp"
#include "support/result.hpp"

#include <IOSurface/IOSurface.h>

#include <cstddef>
#include <string>

namespace anecompat::evaluate::apple {

// More of a surface is not kept.
constexpr std::size_t k_max_surface_bytes = std::size_t{64} << 20U;

// The surface that an object of a request holds, or null. It is found by the type of an instance
// variable, so that no method has to be known.
IOSurfaceRef surface_of(id object);

struct KeptSurface {
  std::size_t written = 0;
  std::size_t whole = 0;  // bytes the surface has
};

// Writes at most `limit` bytes of a surface to a file. The surface is locked for reading as long as
// that takes. Errors: unreadable, when it cannot be locked or has no memory; system.
Result<KeptSurface> write_surface(IOSurfaceRef surface, const std::string& path, std::size_t limit);

}  // namespace anecompat::evaluate::apple
