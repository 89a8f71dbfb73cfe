// The part of CoreVideo that is used, declared for systems without it.
#pragma once

#if defined(__APPLE__)
#include <CoreFoundation/CoreFoundation.h>
#endif
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct __CVBuffer* CVPixelBufferRef;
typedef int32_t CVReturn;
typedef uint64_t CVPixelBufferLockFlags;
typedef uint32_t OSType;
#if !defined(__APPLE__)
typedef const struct __CFAllocator* CFAllocatorRef;
typedef const struct __CFDictionary* CFDictionaryRef;
typedef const struct __CFString* CFStringRef;
#endif

enum { kCVReturnSuccess = 0 };
enum {
  kCVPixelFormatType_32ARGB = 0x00000020,
  kCVPixelFormatType_32BGRA = 'BGRA',
  kCVPixelFormatType_32RGBA = 'RGBA',
  kCVPixelFormatType_OneComponent8 = 'L008',
  kCVPixelFormatType_OneComponent16Half = 'L00h',
  kCVPixelFormatType_OneComponent32Float = 'L00f',
  kCVPixelFormatType_64RGBAHalf = 'RGhA',
  kCVPixelFormatType_128RGBAFloat = 'RGfA',
};

extern const CFStringRef kCVPixelBufferIOSurfacePropertiesKey;

CVReturn CVPixelBufferCreate(CFAllocatorRef allocator, size_t width, size_t height,
                             OSType pixelFormatType, CFDictionaryRef pixelBufferAttributes,
                             CVPixelBufferRef* pixelBufferOut);
CVReturn CVPixelBufferLockBaseAddress(CVPixelBufferRef pixelBuffer,
                                      CVPixelBufferLockFlags lockFlags);
CVReturn CVPixelBufferUnlockBaseAddress(CVPixelBufferRef pixelBuffer,
                                        CVPixelBufferLockFlags unlockFlags);
void* CVPixelBufferGetBaseAddress(CVPixelBufferRef pixelBuffer);
size_t CVPixelBufferGetBytesPerRow(CVPixelBufferRef pixelBuffer);
size_t CVPixelBufferGetHeight(CVPixelBufferRef pixelBuffer);
size_t CVPixelBufferGetPlaneCount(CVPixelBufferRef pixelBuffer);
void* CVPixelBufferGetBaseAddressOfPlane(CVPixelBufferRef pixelBuffer, size_t planeIndex);
size_t CVPixelBufferGetBytesPerRowOfPlane(CVPixelBufferRef pixelBuffer, size_t planeIndex);
size_t CVPixelBufferGetHeightOfPlane(CVPixelBufferRef pixelBuffer, size_t planeIndex);
void CVPixelBufferRelease(CVPixelBufferRef texture);

#ifdef __cplusplus
}
#endif
