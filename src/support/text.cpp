#include "support/text.hpp"

#include "support/unicode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <numeric>

namespace anecompat {

namespace {

char lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Swapped neighbours count once (optimal string alignment), which is what typos are made of.
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> previous(b.size() + 1);
  std::vector<std::size_t> current(b.size() + 1);
  std::iota(previous.begin(), previous.end(), 0U);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      current[j] =
          std::min({previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (same ? 0U : 1U)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1]))
        current[j] = std::min(current[j], before[j - 2] + 1);
    }
    std::swap(before, previous);
    std::swap(previous, current);
  }
  return previous[b.size()];
}

// Matches one pattern element against a character; returns the length of the element in the
// pattern.
struct ElementMatch {
  std::size_t length;
  bool matches;
};

ElementMatch match_class(std::string_view pattern, char c) {
  std::size_t i = 1;
  const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated)
    ++i;
  const auto first = i;
  bool found = false;
  while (i < pattern.size() && (pattern[i] != ']' || i == first)) {
    if (i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
      found = found || (pattern[i] <= c && c <= pattern[i + 2]);
      i += 3;
    } else {
      found = found || pattern[i] == c;
      ++i;
    }
  }
  if (i >= pattern.size())
    return {1, c == '['};  // no closing bracket: an ordinary character
  return {i + 1, found != negated && c != '/'};
}

ElementMatch match_element(std::string_view pattern, char c) {
  switch (pattern[0]) {
    case '?':
      return {1, c != '/'};
    case '[':
      return match_class(pattern, c);
    case '\\':
      if (pattern.size() > 1)
        return {2, pattern[1] == c};
      return {1, c == '\\'};
    default:
      return {1, pattern[0] == c};
  }
}

}  // namespace

std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto point = decode_utf8(text);
    const auto length = std::max<std::size_t>(point.length, 1);
    if (point.length == 0 || point.value < 0x20 || point.value == 0x7F) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
    } else if (is_deceptive(point.value)) {
      result += fmt::format("\\u{{{:x}}}", point.value);
    } else {
      result += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return result;
}

std::optional<std::string_view> did_you_mean(std::string_view word,
                                             std::span<const std::string_view> candidates) {
  constexpr std::size_t k_longest =
      64;  // nobody mistypes more than that, and the search is quadratic
  if (word.empty() || word.size() > k_longest)
    return std::nullopt;
  auto best = std::max<std::size_t>(1, word.size() / 3) + 1;
  std::optional<std::string_view> found;
  for (const auto candidate : candidates) {
    if (candidate.size() > k_longest)
      continue;
    const auto distance = edit_distance(word, candidate);
    if (distance < best && distance < std::max(word.size(), candidate.size())) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

bool glob_match(std::string_view pattern, std::string_view text) {
  // Two places to go back to: the last `*` (which may not cross `/`) and the last `**`. A later
  // star makes an earlier one of its kind irrelevant, which keeps the search from growing
  // exponentially.
  struct Resume {
    std::size_t pattern = std::string_view::npos;
    std::size_t text = 0;
    bool valid() const { return pattern != std::string_view::npos; }
  };
  Resume star;
  Resume double_star;
  std::size_t p = 0;
  std::size_t t = 0;
  while (true) {
    if (p < pattern.size() && pattern[p] == '*') {
      if (p + 1 < pattern.size() && pattern[p + 1] == '*') {
        p += 2;
        double_star = {p, t};
        star = {};
        // `**/` also matches nothing at all: a/**/b takes a/b.
        if (p < pattern.size() && pattern[p] == '/' && (p == 2 || pattern[p - 3] == '/') &&
            glob_match(pattern.substr(p + 1), text.substr(t)))
          return true;
      } else {
        ++p;
        star = {p, t};
      }
      continue;
    }
    if (t == text.size() && p == pattern.size())
      return true;
    if (t < text.size() && p < pattern.size()) {
      const auto element = match_element(pattern.substr(p), text[t]);
      if (element.matches) {
        p += element.length;
        ++t;
        continue;
      }
    }
    if (star.valid() && star.text < text.size() && text[star.text] != '/') {
      p = star.pattern;
      t = ++star.text;
    } else if (double_star.valid() && double_star.text < text.size()) {
      p = double_star.pattern;
      t = ++double_star.text;
      star = {};
    } else {
      return false;
    }
  }
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos)
      return parts;
    text.remove_prefix(end + 1);
  }
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view k_space = " \t\r\n\f\v";
  const auto begin = text.find_first_not_of(k_space);
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(k_space) - begin + 1);
}

std::string to_lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), lower);
  return result;
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string human_bytes(std::uint64_t bytes) {
  constexpr std::array k_units = {"B", "kB", "MB", "GB", "TB"};
  if (bytes < 1000)
    return fmt::format("{} B", bytes);
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 999.95 && unit + 1 < k_units.size()) {
    value /= 1000;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, k_units.at(unit));
}

std::string elide_middle(std::string_view text, std::size_t width) {
  constexpr std::string_view k_dots = "…";
  if (text.size() <= width)
    return std::string(text);
  if (width <= k_dots.size())
    return std::string(k_dots);
  const auto keep = width - k_dots.size();
  auto head = keep / 2;
  auto tail = text.size() - (keep - head);
  const auto inside = [&](std::size_t i) {
    return i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U;
  };
  while (head > 0 && inside(head))
    --head;
  while (inside(tail))
    ++tail;
  return fmt::format("{}{}{}", text.substr(0, head), k_dots, text.substr(tail));
}

}  // namespace anecompat
