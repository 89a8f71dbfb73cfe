#include "cli/parse_values.hpp"

#include "cli/host_info.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace anecompat::cli {

namespace {

Error usage(std::string message, std::string advice = {}) {
  return {.kind = ErrorKind::usage, .message = std::move(message), .advice = std::move(advice)};
}

// A whole number and nothing else.
std::optional<std::uint32_t> whole_number(std::string_view text) {
  std::uint32_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || rest != end)
    return std::nullopt;
  return value;
}

}  // namespace

Result<std::size_t> parse_choice(std::string_view option, std::string_view word,
                                 std::span<const std::string_view> words) {
  const auto found = std::ranges::find(words, word);
  if (found != words.end())
    return static_cast<std::size_t>(found - words.begin());
  std::string advice;
  if (const auto meant = did_you_mean(word, words))
    advice = fmt::format("did you mean `{}`?", *meant);
  else
    advice = fmt::format("one of {}", fmt::join(words, ", "));
  return fail(usage(fmt::format("{}: unknown value `{}`", option, word), std::move(advice)));
}

Result<std::vector<ane::Target>> parse_targets(std::span<const std::string> words) {
  std::vector<ane::Target> targets;
  for (const auto& word : words) {
    auto target = ane::Target(ane::ChipFamily::h16);
    if (to_lower(word) == "host") {
      const auto host = host_family();
      if (!host) {
        return fail(usage("--target host: this machine has no Apple chip",
                          "name the chip to answer for, as in --target m4"));
      }
      target = *host;
    } else {
      auto parsed = ane::parse_target(word);
      if (!parsed) {
        auto error = std::move(parsed.error());
        error.message = "--target: " + error.message;
        return fail(std::move(error));
      }
      target = *parsed;
    }
    if (std::ranges::find(targets, target) == targets.end())
      targets.push_back(target);
  }
  return targets;
}

Result<ane::ComputeUnits> parse_units(std::string_view word) {
  static constexpr std::array<std::string_view, 2> k_words = {"cpu_and_ne", "all"};
  ANECOMPAT_TRY_ASSIGN(const auto index, parse_choice("--compute-units", word, k_words));
  return index == 0 ? ane::ComputeUnits::cpu_and_ne : ane::ComputeUnits::all;
}

Result<Shard> parse_shard(std::string_view text) {
  const auto parts = split(text, '/');
  if (parts.size() == 2) {
    const auto index = whole_number(parts[0]);
    const auto count = whole_number(parts[1]);
    if (index && count && *index >= 1 && *index <= *count)
      return Shard{.index = *index, .count = *count};
  }
  return fail(usage(fmt::format("--shard: `{}` is no shard", text),
                    "give I/N with I from 1 to N, as in 2/8"));
}

Result<std::uint64_t> parse_memory(std::string_view text) {
  constexpr std::uint64_t k_mega = 1'000'000;
  constexpr std::uint64_t k_least = 64;
  constexpr std::uint64_t k_most = 1'000'000;
  std::uint64_t unit = 0;
  if (text.ends_with("MB"))
    unit = 1;
  else if (text.ends_with("GB"))
    unit = 1000;
  const auto number = unit != 0 ? whole_number(text.substr(0, text.size() - 2)) : std::nullopt;
  if (!number || *number * unit < k_least || *number * unit > k_most)
    return fail(usage(fmt::format("--memory: `{}` is no amount of memory", printable(text)),
                      "give megabytes or gigabytes, from 64MB to 1000GB"));
  return *number * unit * k_mega;
}

Result<TextOrJson> parse_text_or_json(std::string_view word) {
  static constexpr std::array<std::string_view, 2> k_words = {"text", "json"};
  ANECOMPAT_TRY_ASSIGN(const auto index, parse_choice("--format", word, k_words));
  return index == 0 ? TextOrJson::text : TextOrJson::json;
}

}  // namespace anecompat::cli
