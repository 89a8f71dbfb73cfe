#include "support/duration.hpp"

#include <gmock/gmock.h>

namespace anecompat {
namespace {

using namespace std::chrono_literals;

TEST(ParseDuration, TakesUnitsFromLargeToSmall) {
  EXPECT_EQ(parse_duration("5m").value(), 5min);
  EXPECT_EQ(parse_duration("90s").value(), 90s);
  EXPECT_EQ(parse_duration("1h30m").value(), 90min);
  EXPECT_EQ(parse_duration("1m500ms").value(), 60500ms);
  EXPECT_EQ(parse_duration("24h").value(), 24h);
}

TEST(ParseDuration, RefusesTheRest) {
  for (const auto* text :
       {"", "5", "m", "-5m", "+5m", "5 m", "1.5h", "0s", "5x", "5m5m", "5s1m", "25h", "24h1ms",
        "99999999999999999999h", "9223372036854775807h", "5M"}) {
    const auto result = parse_duration(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().kind, ErrorKind::usage);
  }
  EXPECT_EQ(parse_duration("300").error().to_string(),
            "\"300\" has a number without a unit (h, m, s or ms) (write a duration as 90s, 5m or "
            "1h30m)");
}

}  // namespace
}  // namespace anecompat
