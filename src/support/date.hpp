// Calendar days, as suppressions have them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace anecompat {

// "2027-03-31", a day that exists; nullopt for anything else.
std::optional<std::chrono::year_month_day> parse_date(std::string_view text);
std::string to_string(std::chrono::year_month_day date);

// Today in UTC, so that runners everywhere agree.
std::chrono::year_month_day today();

}  // namespace anecompat
