#include "support/date.hpp"

#include <gmock/gmock.h>

namespace anecompat {
namespace {

using namespace std::chrono_literals;

TEST(ParseDate, TakesDaysThatExist) {
  EXPECT_EQ(parse_date("2027-03-31"), 2027y / 3 / 31);
  EXPECT_EQ(parse_date("2028-02-29"), 2028y / 2 / 29);
  EXPECT_EQ(to_string(2027y / 3 / 1), "2027-03-01");
}

TEST(ParseDate, RefusesTheRest) {
  for (const auto* text : {"", "2027-02-29", "2027-13-01", "2027-00-10", "2027-1-1", "27-01-01",
                           "2027/01/01", "2027-01-01 ", "2027-0a-01", "-027-01-01"})
    EXPECT_EQ(parse_date(text), std::nullopt) << text;
}

}  // namespace
}  // namespace anecompat
