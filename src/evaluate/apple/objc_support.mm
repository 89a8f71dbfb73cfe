#include "evaluate/apple/objc_support.hpp"

#include <array>
#include <cstring>

namespace anecompat::evaluate::apple {

namespace {

struct Getter {
  Class cls = nil;
  SEL selector = nullptr;
  Method method = nullptr;
  char type = '\0';
};

// The method, if there is one and it takes nothing. Looking one up costs more than calling it, and
// hooks ask the same few objects each time; a Method lives as long as its class.
Method getter(id object, SEL selector, char& type) {
  if (object == nil)
    return nullptr;
  thread_local std::array<Getter, 64> cache;
  Class cls = object_getClass(object);
  const auto mix =
      reinterpret_cast<std::uintptr_t>(cls) / 16 + reinterpret_cast<std::uintptr_t>(selector) / 8;
  auto& entry = cache[mix % cache.size()];
  if (entry.cls != cls || entry.selector != selector) {
    Method method = class_getInstanceMethod(cls, selector);
    if (method == nullptr)
      return nullptr;
    const auto types = plain_encoding(method_getTypeEncoding(method));
    if (types.size() != 3 || types.substr(1) != "@:")
      return nullptr;
    entry = {cls, selector, method, types[0]};
  }
  type = entry.type;
  return entry.method;
}

template <typename T>
T get(Method method, id object, SEL selector) {
  return reinterpret_cast<T (*)(id, SEL)>(method_getImplementation(method))(object, selector);
}

}  // namespace

std::string text_of(id object) {
  if (object == nil)
    return "";
  NSString* string = as_string(object);
  if (string == nil)
    string = [object description];
  const char* bytes = [string UTF8String];
  if (bytes == nullptr)
    return "";
  return {bytes, strnlen(bytes, k_max_text)};
}

NSString* ns_string(std::string_view text) {
  NSString* string = [[NSString alloc] initWithBytes:text.data()
                                              length:text.size()
                                            encoding:NSUTF8StringEncoding];
  return string != nil ? [string autorelease] : @"";
}

NSURL* file_url(const std::string& path) {
  return [NSURL fileURLWithPath:ns_string(path)];
}

FrameworkError framework_error(NSError* error) {
  return {text_of([error domain]), [error code], text_of([error localizedDescription])};
}

FrameworkError framework_error(NSException* exception) {
  return {text_of([exception name]), 0, text_of([exception reason])};
}

FrameworkError framework_error_or(NSError* error, const char* otherwise) {
  return error != nil ? framework_error(error) : FrameworkError{"", 0, otherwise};
}

std::string plain_encoding(const char* encoding) {
  std::string plain;
  if (encoding == nullptr)
    return plain;
  for (const char* at = encoding; *at != '\0'; ++at) {
    if (*at == '"') {
      const char* end = std::strchr(at + 1, '"');
      if (end == nullptr)
        break;
      at = end;
    } else if (std::strchr("0123456789+-rnNoORV", *at) == nullptr) {
      plain += *at;
    }
  }
  return plain;
}

bool has_method(id object, SEL selector, std::string_view plain_types) {
  if (object == nil)
    return false;
  Method method = class_getInstanceMethod(object_getClass(object), selector);
  return method != nullptr && plain_encoding(method_getTypeEncoding(method)) == plain_types;
}

id object_property(id object, SEL selector) {
  char type = '\0';
  Method method = getter(object, selector, type);
  return method != nullptr && (type == '@' || type == '#') ? get<id>(method, object, selector)
                                                           : nil;
}

std::optional<std::int64_t> integer_property(id object, SEL selector) {
  char type = '\0';
  Method method = getter(object, selector, type);
  if (method == nullptr)
    return std::nullopt;
  switch (type) {
    case 'B':
      return get<bool>(method, object, selector) ? 1 : 0;
    case 'c':
      return get<signed char>(method, object, selector);
    case 'C':
      return get<unsigned char>(method, object, selector);
    case 's':
      return get<short>(method, object, selector);
    case 'S':
      return get<unsigned short>(method, object, selector);
    case 'i':
      return get<int>(method, object, selector);
    case 'I':
      return get<unsigned int>(method, object, selector);
    case 'l':
      return get<long>(method, object, selector);
    case 'L':
      return static_cast<std::int64_t>(get<unsigned long>(method, object, selector));
    case 'q':
      return get<long long>(method, object, selector);
    case 'Q':
      return static_cast<std::int64_t>(get<unsigned long long>(method, object, selector));
    default:
      return std::nullopt;
  }
}

std::optional<double> double_property(id object, SEL selector) {
  char type = '\0';
  Method method = getter(object, selector, type);
  if (method == nullptr || type != 'd')
    return std::nullopt;
  return get<double>(method, object, selector);
}

id object_call(id object, SEL selector, id argument) {
  if (!has_method(object, selector, "@@:@"))
    return nil;
  Method method = class_getInstanceMethod(object_getClass(object), selector);
  return reinterpret_cast<id (*)(id, SEL, id)>(method_getImplementation(method))(object, selector,
                                                                                 argument);
}

NSString* as_string(id object) {
  return [object isKindOfClass:[NSString class]] ? object : nil;
}

NSArray* as_array(id object) {
  return [object isKindOfClass:[NSArray class]] ? object : nil;
}

NSDictionary* as_dictionary(id object) {
  return [object isKindOfClass:[NSDictionary class]] ? object : nil;
}

std::optional<std::int64_t> as_integer(id object) {
  if (![object isKindOfClass:[NSNumber class]])
    return std::nullopt;
  return [object longLongValue];
}

}  // namespace anecompat::evaluate::apple
