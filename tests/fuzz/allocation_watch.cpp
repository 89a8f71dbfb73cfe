#include "fuzz/allocation_watch.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

#if defined(__APPLE__)
#include <malloc/malloc.h>
#else
#include <malloc.h>
#endif

namespace {

std::atomic<std::size_t> g_largest = 0;
std::atomic<std::size_t> g_live = 0;
std::atomic<std::size_t> g_peak = 0;

void raise_to(std::atomic<std::size_t>& maximum, std::size_t value) {
  auto seen = maximum.load();
  while (value > seen && !maximum.compare_exchange_weak(seen, value)) {
  }
}

// What an allocation really takes; the same at its beginning and its end.
std::size_t size_of(void* memory) {
#if defined(__APPLE__)
  return malloc_size(memory);
#else
  return malloc_usable_size(memory);
#endif
}

void* watched(void* memory, std::size_t asked) {
  if (memory == nullptr)
    throw std::bad_alloc();
  raise_to(g_largest, asked);
  const auto size = size_of(memory);
  raise_to(g_peak, g_live.fetch_add(size) + size);
  return memory;
}

void* allocate(std::size_t size) {
  return watched(std::malloc(size == 0 ? 1 : size), size);
}

void* allocate(std::size_t size, std::align_val_t alignment) {
  const auto step = std::max(static_cast<std::size_t>(alignment), sizeof(void*));
  void* memory = nullptr;
  if (::posix_memalign(&memory, step, size == 0 ? 1 : size) != 0)
    memory = nullptr;
  return watched(memory, size);
}

void release(void* memory) {
  if (memory == nullptr)
    return;
  g_live.fetch_sub(size_of(memory));
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) {
  return allocate(size);
}
void* operator new[](std::size_t size) {
  return allocate(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, alignment);
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return allocate(size, alignment);
}
void operator delete(void* memory) noexcept {
  release(memory);
}
void operator delete[](void* memory) noexcept {
  release(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  release(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  release(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  release(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
  release(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  release(memory);
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
  release(memory);
}

namespace anecompat::test {

AllocationWatch::AllocationWatch() : m_before(g_live.load()) {
  g_largest = 0;
  g_peak = m_before;
}

std::size_t AllocationWatch::largest() const {
  return g_largest.load();
}

std::size_t AllocationWatch::peak() const {
  return g_peak.load() - m_before;
}

}  // namespace anecompat::test
