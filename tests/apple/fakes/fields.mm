#include "fields.hpp"

#include "scenario.hpp"

#include <memory>
#include <mutex>

namespace anecompat::test {

namespace {

std::mutex g_mutex;

std::map<const void*, std::unique_ptr<Fields>>& table() {
  static auto* map = new std::map<const void*, std::unique_ptr<Fields>>;
  return *map;
}

}  // namespace

Fields& fields(id object) {
  const std::lock_guard lock(g_mutex);
  auto& slot = table()[object];
  if (!slot)
    slot = std::make_unique<Fields>();
  return *slot;
}

void drop_fields(id object) {
  std::unique_ptr<Fields> dropped;
  const std::lock_guard lock(g_mutex);
  const auto found = table().find(object);
  if (found == table().end())
    return;
  dropped = std::move(found->second);
  table().erase(found);
  // Its objects may be fakes, too: they are released outside of the lock.
  g_mutex.unlock();
  dropped.reset();
  g_mutex.lock();
}

std::size_t live_objects() {
  const std::lock_guard lock(g_mutex);
  return table().size();
}

Scenario& scenario() {
  static auto* current = new Scenario;
  return *current;
}

Seen& seen() {
  static auto** current = new Seen*(new Seen);
  return **current;
}

void reset() {
  scenario() = Scenario{};
  auto& now = seen();
  now.models_loaded = now.plans_loaded = now.predictions = now.stateful_predictions = 0;
  now.compiled_models = now.evaluations = now.open_pixel_buffers = 0;
  now.surface_locks = now.open_surface_locks = now.writing_locks = 0;
  now.compute_units = -1;
  now.function.clear();
  now.fed.clear();
  now.shapes.clear();
}

NSArray* strings(const std::vector<std::string>& values) {
  NSMutableArray* array = [NSMutableArray array];
  for (const auto& value : values)
    [array addObject:[NSString stringWithUTF8String:value.c_str()]];
  return array;
}

NSArray* numbers(const std::vector<std::int64_t>& values) {
  NSMutableArray* array = [NSMutableArray array];
  for (const auto value : values)
    [array addObject:[NSNumber numberWithLongLong:value]];
  return array;
}

NSError* error_of(const char* domain, long code, const char* text) {
  NSDictionary* info = [NSDictionary dictionaryWithObject:[NSString stringWithUTF8String:text]
                                                   forKey:NSLocalizedDescriptionKey];
  return [NSError errorWithDomain:[NSString stringWithUTF8String:domain] code:code userInfo:info];
}

}  // namespace anecompat::test
