#include "ane/chip.hpp"

#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace anecompat::ane {

namespace {

struct FamilyInfo {
  ChipFamily family;
  std::string_view name;
  std::string_view chips;
};

constexpr std::array k_families = {
    FamilyInfo{ChipFamily::h13, "h13", "A14, M1"},
    FamilyInfo{ChipFamily::h14, "h14", "A15, M2"},
    FamilyInfo{ChipFamily::h15, "h15", "A16, M3"},
    FamilyInfo{ChipFamily::h16, "h16", "A17 Pro, M4"},
    FamilyInfo{ChipFamily::h17, "h17", "A18, A18 Pro, M5"},
    FamilyInfo{ChipFamily::h18, "h18", "A19, A19 Pro, M6"},
};

struct ChipName {
  std::string_view name;
  ChipFamily family;
};

// Every spelling, lower case and without spaces or hyphens. The Pro, Max and Ultra chips of a
// generation carry the Neural Engine of their plain sibling.
constexpr std::array k_names = {
    ChipName{"h13", ChipFamily::h13},     ChipName{"h14", ChipFamily::h14},
    ChipName{"h15", ChipFamily::h15},     ChipName{"h16", ChipFamily::h16},
    ChipName{"h17", ChipFamily::h17},     ChipName{"h18", ChipFamily::h18},
    ChipName{"a14", ChipFamily::h13},     ChipName{"m1", ChipFamily::h13},
    ChipName{"m1pro", ChipFamily::h13},   ChipName{"m1max", ChipFamily::h13},
    ChipName{"m1ultra", ChipFamily::h13}, ChipName{"a15", ChipFamily::h14},
    ChipName{"m2", ChipFamily::h14},      ChipName{"m2pro", ChipFamily::h14},
    ChipName{"m2max", ChipFamily::h14},   ChipName{"m2ultra", ChipFamily::h14},
    ChipName{"a16", ChipFamily::h15},     ChipName{"m3", ChipFamily::h15},
    ChipName{"m3pro", ChipFamily::h15},   ChipName{"m3max", ChipFamily::h15},
    ChipName{"m3ultra", ChipFamily::h15}, ChipName{"a17", ChipFamily::h16},
    ChipName{"a17pro", ChipFamily::h16},  ChipName{"m4", ChipFamily::h16},
    ChipName{"m4pro", ChipFamily::h16},   ChipName{"m4max", ChipFamily::h16},
    ChipName{"m4ultra", ChipFamily::h16}, ChipName{"a18", ChipFamily::h17},
    ChipName{"a18pro", ChipFamily::h17},  ChipName{"m5", ChipFamily::h17},
    ChipName{"m5pro", ChipFamily::h17},   ChipName{"m5max", ChipFamily::h17},
    ChipName{"m5ultra", ChipFamily::h17}, ChipName{"a19", ChipFamily::h18},
    ChipName{"a19pro", ChipFamily::h18},  ChipName{"m6", ChipFamily::h18},
    ChipName{"m6pro", ChipFamily::h18},   ChipName{"m6max", ChipFamily::h18},
    ChipName{"m6ultra", ChipFamily::h18},
};

// Chips that have a Neural Engine which Core ML programs cannot be planned for; named so that the
// message can say why.
constexpr std::array<std::string_view, 6> k_too_old = {"a11", "a12", "a12x", "a12z", "a13", "h12"};

std::string squeezed(std::string_view text) {
  std::string name;
  for (const char c : to_lower(trim(text))) {
    if (c != ' ' && c != '-' && c != '_')
      name += c;
  }
  if (name.starts_with("apple"))
    name.erase(0, 5);
  return name;
}

}  // namespace

std::string_view to_string(ChipFamily family) {
  return std::ranges::find(k_families, family, &FamilyInfo::family)->name;
}

std::string_view chips_of(ChipFamily family) {
  return std::ranges::find(k_families, family, &FamilyInfo::family)->chips;
}

std::vector<std::string_view> chip_names() {
  std::vector<std::string_view> names;
  names.reserve(k_names.size());
  for (const auto& entry : k_names)
    names.push_back(entry.name);
  return names;
}

Result<ChipFamily> parse_chip(std::string_view text) {
  const auto name = squeezed(text);
  const auto* const found = std::ranges::find(k_names, name, &ChipName::name);
  if (found != k_names.end())
    return found->family;
  if (std::ranges::find(k_too_old, name) != k_too_old.end()) {
    return fail({.kind = ErrorKind::usage,
                 .message = fmt::format("chip \"{}\" is older than A14: no rules are known for it",
                                        printable(text)),
                 .advice = "the oldest family is h13 (A14, M1)"});
  }
  const auto names = chip_names();
  const auto meant = did_you_mean(name, names);
  return fail({.kind = ErrorKind::usage,
               .message = fmt::format("unknown chip \"{}\"", printable(text)),
               .advice = meant ? fmt::format("did you mean \"{}\"?", *meant)
                               : "name a family (h13 to h18) or a chip (a14 to a19pro, m1 to m6)"});
}

}  // namespace anecompat::ane
