#include "cli/parse_values.hpp"

#include <gmock/gmock.h>

namespace anecompat::cli {
namespace {

TEST(ParseMemory, TakesMegabytesAndGigabytes) {
  EXPECT_EQ(parse_memory("64MB").value(), 64'000'000U);
  EXPECT_EQ(parse_memory("4GB").value(), 4'000'000'000U);
  EXPECT_EQ(parse_memory("1000GB").value(), 1'000'000'000'000U);
}

TEST(ParseMemory, RefusesEverythingElse) {
  for (const auto* text : {"", "4", "GB", "-1GB", "1.5GB", "4gb", "63MB", "0GB", "1001GB",
                           "99999999999999999999GB", "4 GB", "\x1b[31m4GB"}) {
    const auto memory = parse_memory(text);
    ASSERT_FALSE(memory) << text;
    EXPECT_EQ(memory.error().kind, ErrorKind::usage);
    EXPECT_THAT(memory.error().message, testing::Not(testing::HasSubstr("\x1b")));
  }
}

}  // namespace
}  // namespace anecompat::cli
