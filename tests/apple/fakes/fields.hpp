// Instance variables of the fake classes, kept beside the objects: their declarations are Apple's.
#pragma once

#include "evaluate/apple/objc_support.hpp"

#include <map>
#include <string>

namespace anecompat::test {

struct Fields {
  std::map<std::string, evaluate::apple::Retained<id>> objects;
  std::map<std::string, long long> numbers;

  id object(const std::string& name) const {
    const auto found = objects.find(name);
    return found != objects.end() ? found->second.get() : nil;
  }
  long long number(const std::string& name) const {
    const auto found = numbers.find(name);
    return found != numbers.end() ? found->second : 0;
  }
  void set(const std::string& name, id object) {
    objects[name] = evaluate::apple::Retained<id>::share(object);
  }
};

// Safe to call from several threads; what it returns is written by its maker only.
Fields& fields(id object);
void drop_fields(id object);

// An autoreleased object of a class.
template <typename T>
T make(Class cls) {
  T object = [[[cls alloc] init] autorelease];
  fields(object);
  return object;
}

NSArray* strings(const std::vector<std::string>& values);
NSArray* numbers(const std::vector<std::int64_t>& values);
NSError* error_of(const char* domain, long code, const char* text);

}  // namespace anecompat::test

#define FAKE_DEALLOC                    \
  -(void)dealloc {                      \
    anecompat::test::drop_fields(self); \
    [super dealloc];                    \
  }
#define FAKE_OBJECT(type, name)                         \
  -(type)name {                                         \
    return anecompat::test::fields(self).object(#name); \
  }
