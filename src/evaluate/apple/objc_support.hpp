// What every Objective-C++ file here needs: owning references without ARC, text, errors, and calls
// of methods that may not exist or not have the types one expects.
//
// The sources do not use ARC, so that the same files run on other Objective-C runtimes in tests.
#pragma once

#include "evaluate/measurement.hpp"

#import <Foundation/Foundation.h>
#include <objc/runtime.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace anecompat::evaluate::apple {

// Owns one reference to an Objective-C object.
template <typename T = id>
class Retained {
 public:
  Retained() = default;
  // Takes over the reference that alloc, new or copy returned.
  static Retained adopt(T object) {
    Retained retained;
    retained.m_object = object;
    return retained;
  }
  // Adds a reference to a borrowed object.
  static Retained share(T object) { return adopt([object retain]); }

  Retained(const Retained& other) : m_object([other.m_object retain]) {}
  Retained(Retained&& other) noexcept : m_object(std::exchange(other.m_object, nil)) {}
  Retained& operator=(Retained other) noexcept {
    std::swap(m_object, other.m_object);
    return *this;
  }
  ~Retained() { [m_object release]; }

  T get() const { return m_object; }
  explicit operator bool() const { return m_object != nil; }

 private:
  T m_object = nil;
};

// UTF-8 of a string, the description of anything else, empty for nil. At most k_max_text bytes.
constexpr std::size_t k_max_text = 1U << 20U;
std::string text_of(id object);
// An autoreleased string. Bytes that are not UTF-8 give an empty one.
NSString* ns_string(std::string_view text);
NSURL* file_url(const std::string& path);

FrameworkError framework_error(NSError* error);
FrameworkError framework_error(NSException* exception);
// `error` as text, or `otherwise` when a framework failed without giving one.
FrameworkError framework_error_or(NSError* error, const char* otherwise);

// A type encoding without stack offsets, qualifiers and class names, so that encodings compare by
// types alone: "B52@0:8@16@24@32I40^@44" → "B@:@@@I^@".
std::string plain_encoding(const char* encoding);

// Whether `object` (or class) has a method of exactly these plain types.
bool has_method(id object, SEL selector, std::string_view plain_types);

// Getters by name. Nil or nullopt when there is no such method or it returns another type:
// messaging a scalar getter as if it returned an object would crash.
id object_property(id object, SEL selector);
std::optional<std::int64_t> integer_property(id object, SEL selector);
std::optional<double> double_property(id object, SEL selector);
// A method that takes and returns an object; nil when it is not there.
id object_call(id object, SEL selector, id argument);

// The object when it is of the class, else nil: containers from private frameworks hold anything.
NSString* as_string(id object);
NSArray* as_array(id object);
NSDictionary* as_dictionary(id object);
std::optional<std::int64_t> as_integer(id object);

// Runs `body`, and turns an NSException into text. C++ exceptions pass.
template <typename Body>
std::optional<FrameworkError> guarded(Body&& body) {
  @try {
    body();
    return std::nullopt;
  } @catch (NSException* exception) {
    return framework_error(exception);
  }
}

}  // namespace anecompat::evaluate::apple
