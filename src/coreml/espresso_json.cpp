#include "coreml/espresso_json.hpp"

#include "support/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace anecompat::coreml {

namespace {

// More members than any layer has; a layer that has more is made up.
constexpr std::size_t k_max_fields = 8192;

TextPosition position_of(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, std::min(offset, text.size()));
  const auto line_begin = before.rfind('\n');
  return {
      .line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1,
      .column = before.size() - (line_begin == std::string_view::npos ? 0 : line_begin + 1) + 1};
}

// Walks over the text and tells how far the parser has got, which its callbacks do not.
class TrackedIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  TrackedIterator(const char* at, const char** furthest) : m_at(at), m_furthest(furthest) {}

  reference operator*() const { return *m_at; }
  TrackedIterator& operator++() {
    *m_furthest = ++m_at;
    return *this;
  }
  TrackedIterator operator++(int) {
    auto before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const TrackedIterator& a, const TrackedIterator& b) {
    return a.m_at == b.m_at;
  }
  friend bool operator!=(const TrackedIterator& a, const TrackedIterator& b) { return !(a == b); }

 private:
  const char* m_at;
  const char** m_furthest;
};

// One open object or array.
struct Level {
  bool is_array = false;
  std::size_t count = 0;  // elements begun, of an array
  std::string key = {};   // the member begun last, of an object
};

// Turns parser events into flat records. The derived class says which objects are records.
class Handler {
 public:
  using number_integer_t = nlohmann::json::number_integer_t;
  using number_unsigned_t = nlohmann::json::number_unsigned_t;
  using number_float_t = nlohmann::json::number_float_t;

  explicit Handler(const ReadLimits& limits) : m_limits(limits) {}
  virtual ~Handler() = default;
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;
  Handler(Handler&&) = delete;
  Handler& operator=(Handler&&) = delete;

  bool null() {
    begin_value();
    const EspressoLayer::Scalar nothing = std::string();
    return m_record_depth != 0 || outside(&nothing);
  }
  bool boolean(bool value) { return scalar(std::int64_t{value ? 1 : 0}); }
  bool number_integer(number_integer_t value) { return scalar(std::int64_t{value}); }
  bool number_unsigned(number_unsigned_t value) {
    if (value > static_cast<number_unsigned_t>(INT64_MAX))
      return scalar(static_cast<double>(value));
    return scalar(static_cast<std::int64_t>(value));
  }
  bool number_float(number_float_t value, const std::string&) { return scalar(double{value}); }
  bool string(std::string& value) { return scalar(std::move(value)); }
  bool binary(nlohmann::json::binary_t&) { return refuse("binary data"); }
  bool start_object(std::size_t) { return begin_level(false); }
  bool start_array(std::size_t) { return begin_level(true); }
  bool key(std::string& name) {
    m_levels.back().key = std::move(name);
    return true;
  }
  bool end_object() { return end_level(); }
  bool end_array() { return end_level(); }
  bool parse_error(std::size_t offset, const std::string&,
                   const nlohmann::json::exception& exception) {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while …"
    std::string_view what = exception.what();
    for (const std::string_view lead : {"] ", ": "}) {
      if (const auto at = what.find(lead); at != std::string_view::npos)
        what.remove_prefix(at + lead.size());
    }
    m_offset = offset;
    return refuse(fmt::format("not valid JSON: {}", printable(what)));
  }

  const std::optional<Error>& error() const { return m_error; }
  // Where parse_error() was told the text broke.
  std::optional<std::size_t> error_offset() const { return m_offset; }

 protected:
  bool refuse(std::string message) {
    return refuse(Error{.kind = ErrorKind::unreadable, .message = std::move(message)});
  }
  bool refuse(Error error) {
    m_error = std::move(error);
    return false;
  }

  // A record begins at an object where this says so (its parents are levels()).
  virtual bool is_record() const = 0;
  virtual bool end_record() = 0;
  // Something that is not part of a record.
  virtual bool outside(const EspressoLayer::Scalar* scalar) = 0;

  const std::vector<Level>& levels() const { return m_levels; }
  EspressoLayer& record() { return m_record; }
  const ReadLimits& limits() const { return m_limits; }

 private:
  void begin_value() {
    if (!m_levels.empty() && m_levels.back().is_array)
      ++m_levels.back().count;
  }

  bool begin_level(bool is_array) {
    begin_value();
    if (m_levels.size() >= static_cast<std::size_t>(m_limits.max_depth))
      return refuse(fmt::format("nested deeper than {} levels", m_limits.max_depth));
    const bool begins_record = !is_array && m_record_depth == 0 && is_record();
    if (m_record_depth == 0 && !begins_record && !outside(nullptr))
      return false;
    m_levels.push_back({.is_array = is_array});
    if (begins_record) {
      m_record_depth = m_levels.size();
      m_record.clear();
    }
    return true;
  }

  bool end_level() {
    const bool ends_record = m_record_depth != 0 && m_levels.size() == m_record_depth;
    m_levels.pop_back();
    if (!ends_record)
      return true;
    m_record_depth = 0;
    return end_record();
  }

  bool scalar(EspressoLayer::Scalar value) {
    begin_value();
    if (m_record_depth == 0)
      return outside(&value);
    if (m_levels.size() > m_record_depth + 1)
      return true;  // no field that matters is nested deeper
    if (m_record.fields().size() >= k_max_fields)
      return refuse(fmt::format("an object with more than {} members", k_max_fields));
    const auto& parent = m_levels[m_record_depth - 1];
    if (m_levels.size() == m_record_depth)
      m_record.add(parent.key, std::move(value));
    else if (m_levels.back().is_array)
      m_record.add(fmt::format("{}_{}", parent.key, m_levels.back().count - 1), std::move(value));
    else
      m_record.add(parent.key + '.' + m_levels.back().key, std::move(value));
    return true;
  }

  const ReadLimits& m_limits;
  std::vector<Level> m_levels;
  EspressoLayer m_record;
  std::size_t m_record_depth = 0;  // levels open inside and including the record; 0: none
  std::optional<Error> m_error;
  std::optional<std::size_t> m_offset;
};

class NetHandler final : public Handler {
 public:
  NetHandler(const ReadLimits& limits,
             const std::function<Result<void>(const EspressoLayer&)>& take)
      : Handler(limits), m_take(take) {}

  EspressoNetInfo info;

 protected:
  bool is_record() const override {
    return levels().size() == 2 && levels()[0].key == "layers" && levels()[1].is_array;
  }

  bool end_record() override {
    const auto index = levels()[1].count - 1;
    if (index >= limits().max_operations)
      return refuse(fmt::format("more than {} layers", limits().max_operations));
    record().index = index;
    if (auto taken = m_take(record()); !taken)
      return refuse(std::move(taken.error()));
    return true;
  }

  bool outside(const EspressoLayer::Scalar* scalar) override {
    if (levels().empty())
      return scalar == nullptr || refuse("a network is an object, this is a single value");
    if (levels()[0].is_array)
      return refuse("a network is an object, this is an array");
    const auto& key = levels()[0].key;
    if (key == "layers")
      return in_layers(scalar);
    if (levels().size() == 1)
      return member(key, scalar);
    if (levels().size() == 2 && key == "transform_params")
      info.preprocessed.push_back(levels()[1].key);
    return true;
  }

 private:
  bool in_layers(const EspressoLayer::Scalar* scalar) {
    if (scalar != nullptr && levels().size() == 1)
      return refuse("layers: not an array");
    if (levels().size() >= 2) {
      return refuse(levels()[1].is_array
                        ? fmt::format("layers[{}]: not an object", levels()[1].count - 1)
                        : "layers: not an array");
    }
    info.has_layers = true;
    return true;
  }

  bool member(const std::string& key, const EspressoLayer::Scalar* scalar) {
    if (key == "format_version" && scalar != nullptr) {
      if (const auto* version = std::get_if<std::int64_t>(scalar))
        info.format_version = *version;
    } else if (key == "storage" && scalar != nullptr) {
      if (const auto* name = std::get_if<std::string>(scalar))
        info.storage = *name;
    } else if (key == "subnetworks" && scalar == nullptr) {
      info.other_keys.push_back(key);
    }
    return true;
  }

  const std::function<Result<void>(const EspressoLayer&)>& m_take;
};

class ShapeHandler final : public Handler {
 public:
  ShapeHandler(const ReadLimits& limits,
               const std::function<Result<void>(std::string_view, const EspressoLayer&)>& take)
      : Handler(limits), m_take(take) {}

  bool found = false;

 protected:
  bool is_record() const override {
    return levels().size() == 2 && !levels()[0].is_array && levels()[0].key == "layer_shapes" &&
           !levels()[1].is_array;
  }

  bool end_record() override {
    if (auto taken = m_take(levels()[1].key, record()); !taken)
      return refuse(std::move(taken.error()));
    return true;
  }

  bool outside(const EspressoLayer::Scalar* scalar) override {
    if (levels().empty())
      return scalar == nullptr || refuse("not an object");
    if (levels().size() == 1 && levels()[0].key == "layer_shapes") {
      if (scalar != nullptr)
        return refuse("layer_shapes: not an object");
      found = true;
    } else if (levels().size() == 2 && levels()[0].key == "layer_shapes") {
      return refuse(fmt::format("layer_shapes.{}: not an object", printable(levels()[1].key)));
    }
    return true;
  }

 private:
  const std::function<Result<void>(std::string_view, const EspressoLayer&)>& m_take;
};

Result<void> parse(std::string_view json, Handler& handler) {
  const char* furthest = json.data();
  bool done = false;
  std::optional<Error> error;
  try {
    // Some configurations of the library throw instead of calling parse_error().
    done =
        nlohmann::json::sax_parse(TrackedIterator(json.data(), &furthest),
                                  TrackedIterator(json.data() + json.size(), &furthest), &handler);
  } catch (const nlohmann::json::exception& exception) {
    error = Error{.message = printable(exception.what())};
  }
  if (done)
    return {};
  if (handler.error())
    error = handler.error();
  const auto offset =
      handler.error_offset().value_or(static_cast<std::size_t>(furthest - json.data()));
  auto failure = error.value_or(Error{.message = "not valid JSON"});
  if (!failure.position.known())
    failure.position = position_of(json, offset == 0 ? 0 : offset - 1);
  return fail(std::move(failure));
}

}  // namespace

const EspressoLayer::Scalar* EspressoLayer::find(std::string_view key) const {
  const auto found = std::find_if(m_fields.rbegin(), m_fields.rend(),
                                  [key](const Field& field) { return field.key == key; });
  return found == m_fields.rend() ? nullptr : &found->value;
}

std::optional<std::int64_t> EspressoLayer::integer(std::string_view key) const {
  const auto* value = find(key);
  if (value == nullptr)
    return std::nullopt;
  if (const auto* whole = std::get_if<std::int64_t>(value))
    return *whole;
  constexpr double k_exact = 9007199254740992.0;  // 2^53: whole numbers beyond it are not exact
  if (const auto* real = std::get_if<double>(value);
      real != nullptr && std::abs(*real) <= k_exact && std::trunc(*real) == *real)
    return static_cast<std::int64_t>(*real);
  return std::nullopt;
}

std::optional<double> EspressoLayer::number(std::string_view key) const {
  const auto* value = find(key);
  if (value == nullptr)
    return std::nullopt;
  if (const auto* whole = std::get_if<std::int64_t>(value))
    return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(value))
    return *real;
  return std::nullopt;
}

std::optional<std::string_view> EspressoLayer::text(std::string_view key) const {
  const auto* value = find(key);
  const auto* string = value == nullptr ? nullptr : std::get_if<std::string>(value);
  return string == nullptr ? std::nullopt : std::optional<std::string_view>(*string);
}

Result<EspressoNetInfo> parse_espresso_net(
    std::string_view json, const ReadLimits& limits,
    const std::function<Result<void>(const EspressoLayer&)>& take) {
  NetHandler handler(limits, take);
  ANECOMPAT_TRY(parse(json, handler));
  return std::move(handler.info);
}

Result<void> parse_espresso_shapes(
    std::string_view json, const ReadLimits& limits,
    const std::function<Result<void>(std::string_view, const EspressoLayer&)>& take) {
  ShapeHandler handler(limits, take);
  ANECOMPAT_TRY(parse(json, handler));
  if (!handler.found) {
    return fail({.kind = ErrorKind::unreadable,
                 .message = "has no \"layer_shapes\": not an espresso shape file"});
  }
  return {};
}

}  // namespace anecompat::coreml
