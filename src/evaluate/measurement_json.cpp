#include "evaluate/measurement_json.hpp"

#include "evaluate/measurement_fields.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <stdexcept>
#include <type_traits>
#include <utility>

// The Writer and the Reader walk the same description of each struct, so the two directions cannot
// drift apart. The Reader throws, and the public functions catch.
namespace anecompat::evaluate {

namespace {

using Json = nlohmann::ordered_json;

constexpr int k_schema = 1;
// A measurement nests five levels; a deeper text is not one, and is not worth a stack.
constexpr int k_max_depth = 16;
constexpr std::size_t k_max_text = 256U << 20U;

class Writer {
 public:
  template <typename T>
  void operator()(const char* key, T& value) {
    m_json[key] = encode(value);
  }

  template <typename T>
  static Json object(T& value) {
    Writer writer;
    fields(writer, value);
    return std::move(writer.m_json);
  }

 private:
  template <typename T>
  requires(std::is_arithmetic_v<T> || std::is_same_v<T, std::string>) static Json encode(T& value) {
    return value;
  }

  template <typename T>
  requires std::is_enum_v<T>
  static Json encode(T& value) {
    for (const auto& word : words(value)) {
      if (word.value == value)
        return word.text;
    }
    return nullptr;
  }

  static Json encode(std::chrono::microseconds& value) { return value.count(); }

  template <typename T>
  static Json encode(std::optional<T>& value) {
    return value ? encode(*value) : Json(nullptr);
  }

  template <typename T>
  static Json encode(std::vector<T>& values) {
    auto array = Json::array();
    for (auto& value : values)
      array.push_back(encode(value));
    return array;
  }

  template <typename T>
  requires(std::is_class_v<T> && !std::is_same_v<T, std::string>) static Json encode(T& value) {
    return object(value);
  }

  Json m_json = Json::object();
};

class Reader {
 public:
  Reader(const Json& json, std::string path) : m_json(json), m_path(std::move(path)) {
    if (!json.is_object())
      wrong("an object", m_path);
  }

  template <typename T>
  void operator()(const char* key, T& value) {
    const auto path = m_path.empty() ? std::string(key) : m_path + "." + key;
    const auto found = m_json.find(key);
    if (found == m_json.end())
      throw std::invalid_argument(fmt::format("{}: missing", path));
    decode(*found, value, path);
  }

 private:
  [[noreturn]] static void wrong(std::string_view expected, const std::string& path) {
    throw std::invalid_argument(
        fmt::format("{}: not {}", path.empty() ? "the text" : path.c_str(), expected));
  }

  static void decode(const Json& json, bool& value, const std::string& path) {
    if (!json.is_boolean())
      wrong("true or false", path);
    value = json.get<bool>();
  }

  template <typename T>
  requires(std::is_integral_v<T> &&
           !std::is_same_v<T, bool>) static void decode(const Json& json, T& value,
                                                        const std::string& path) {
    const bool fits = json.is_number_unsigned()
                          ? std::in_range<T>(json.get<std::uint64_t>())
                          : json.is_number_integer() && std::in_range<T>(json.get<std::int64_t>());
    if (!fits)
      wrong("a whole number in range", path);
    value = json.get<T>();
  }

  static void decode(const Json& json, double& value, const std::string& path) {
    if (!json.is_number())
      wrong("a number", path);
    value = json.get<double>();
  }

  static void decode(const Json& json, std::string& value, const std::string& path) {
    if (!json.is_string())
      wrong("a string", path);
    value = json.get<std::string>();
  }

  static void decode(const Json& json, std::chrono::microseconds& value, const std::string& path) {
    std::int64_t count = 0;
    decode(json, count, path);
    value = std::chrono::microseconds(count);
  }

  template <typename T>
  requires std::is_enum_v<T>
  static void decode(const Json& json, T& value, const std::string& path) {
    if (!json.is_string())
      wrong("a word", path);
    const auto& text = json.get_ref<const std::string&>();
    for (const auto& word : words(value)) {
      if (text == word.text) {
        value = word.value;
        return;
      }
    }
    wrong("one of the words that may stand here", path);
  }

  template <typename T>
  static void decode(const Json& json, std::optional<T>& value, const std::string& path) {
    value.reset();
    if (!json.is_null())
      decode(json, value.emplace(), path);
  }

  template <typename T>
  static void decode(const Json& json, std::vector<T>& values, const std::string& path) {
    if (!json.is_array())
      wrong("a list", path);
    values.clear();
    for (const auto& item : json) {
      const auto where = fmt::format("{}[{}]", path, values.size());
      decode(item, values.emplace_back(), where);
    }
  }

  template <typename T>
  requires std::is_class_v<T>
  static void decode(const Json& json, T& value, const std::string& path) {
    Reader reader(json, path);
    fields(reader, value);
  }

  const Json& m_json;
  std::string m_path;
};

template <typename T>
std::string write(const T& value) {
  auto copy = value;
  Json json = Json::object();
  json["schema"] = k_schema;
  json.update(Writer::object(copy));
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json parse_shallow(std::string_view text) {
  const auto guard = [](int depth, Json::parse_event_t, Json&) {
    if (depth > k_max_depth)
      throw std::invalid_argument("nested too deeply");
    return true;
  };
  return Json::parse(text, guard);
}

// What was read must be consistent, because indices of it are used without looking again.
void check(const Measurement& measurement) {
  const auto known = [&](const std::optional<std::uint32_t>& program) {
    return !program || *program < measurement.programs.size();
  };
  for (const auto& event : measurement.events) {
    if (!known(event.program))
      throw std::invalid_argument("events: an event names a program that is not listed");
  }
  for (const auto& tally : measurement.tallies) {
    if (!known(tally.program))
      throw std::invalid_argument("tallies: a tally names a program that is not listed");
  }
}

void check(const HostProbe&) {}

template <typename T>
Result<T> read(std::string_view text) {
  const auto unreadable = [](std::string_view why) {
    return fail({.kind = ErrorKind::unreadable,
                 .message = fmt::format("the measurement is not readable: {}", why)});
  };
  if (text.size() > k_max_text)
    return unreadable("it is too long");
  try {
    const auto json = parse_shallow(text);
    if (!json.is_object() || json.value("schema", 0) != k_schema)
      return unreadable(fmt::format("it is not of schema {}", k_schema));
    T value;
    Reader reader(json, "");
    fields(reader, value);
    check(value);
    return value;
  } catch (const std::exception& error) {
    return unreadable(error.what());
  }
}

}  // namespace

std::string to_json(const Measurement& measurement) {
  return write(measurement);
}
std::string to_json(const HostProbe& host) {
  return write(host);
}

Result<Measurement> measurement_from_json(std::string_view text) {
  return read<Measurement>(text);
}

Result<HostProbe> host_probe_from_json(std::string_view text) {
  return read<HostProbe>(text);
}

}  // namespace anecompat::evaluate
