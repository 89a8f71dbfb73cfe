#include "support/duration.hpp"

#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace anecompat {

namespace {

using std::chrono::milliseconds;

struct Unit {
  std::string_view name;
  milliseconds length;
};

constexpr std::array k_units = {Unit{"h", std::chrono::hours{1}},
                                Unit{"m", std::chrono::minutes{1}},
                                Unit{"s", std::chrono::seconds{1}}, Unit{"ms", milliseconds{1}}};
constexpr milliseconds k_longest = std::chrono::hours{24};

tl::unexpected<Error> wrong(std::string_view text, std::string_view why) {
  return fail({.kind = ErrorKind::usage,
               .message = fmt::format("\"{}\" {}", printable(text), why),
               .advice = "write a duration as 90s, 5m or 1h30m"});
}

}  // namespace

Result<milliseconds> parse_duration(std::string_view text) {
  milliseconds total{0};
  auto rest = text;
  std::size_t next_unit = 0;
  while (!rest.empty()) {
    std::int64_t count = 0;
    const auto* const end = rest.data() + rest.size();
    const auto parsed = std::from_chars(rest.data(), end, count);
    if (parsed.ec == std::errc::result_out_of_range)
      return wrong(text, "is longer than a day");
    if (parsed.ec != std::errc() || count < 0)
      return wrong(text, "is not a duration");
    rest.remove_prefix(static_cast<std::size_t>(parsed.ptr - rest.data()));
    const auto name = rest.substr(0, rest.find_first_of("0123456789-+. "));
    if (name.empty())
      return wrong(text, "has a number without a unit (h, m, s or ms)");
    const auto* const unit = std::ranges::find(k_units, name, &Unit::name);
    if (unit == k_units.end())
      return wrong(text, fmt::format("has the unknown unit \"{}\"", printable(name)));
    const auto index = static_cast<std::size_t>(unit - k_units.begin());
    if (index < next_unit)
      return wrong(text, "does not have its units from large to small, each once");
    next_unit = index + 1;
    rest.remove_prefix(name.size());
    if (count > k_longest / unit->length)
      return wrong(text, "is longer than a day");
    total += count * unit->length;
  }
  if (text.empty() || total <= milliseconds{0})
    return wrong(text, "is no time at all");
  if (total > k_longest)
    return wrong(text, "is longer than a day");
  return total;
}

}  // namespace anecompat
