#include "ane/chip.hpp"

#include <gtest/gtest.h>

namespace anecompat::ane {
namespace {

TEST(Chip, families_and_marketing_names_in_any_spelling) {
  EXPECT_EQ(parse_chip("h16").value(), ChipFamily::h16);
  EXPECT_EQ(parse_chip("M4 Pro").value(), ChipFamily::h16);
  EXPECT_EQ(parse_chip("Apple M1 Ultra").value(), ChipFamily::h13);
  EXPECT_EQ(parse_chip("a17-pro").value(), ChipFamily::h16);
  EXPECT_EQ(parse_chip("A16").value(), ChipFamily::h15);
  EXPECT_EQ(parse_chip("a19pro").value(), ChipFamily::h18);
  EXPECT_EQ(parse_chip("m5max").value(), ChipFamily::h17);
}

TEST(Chip, every_name_it_lists_is_taken) {
  for (const auto name : chip_names())
    EXPECT_TRUE(parse_chip(name)) << name;
}

TEST(Chip, unknown_names_are_usage_errors_with_advice) {
  const auto near = parse_chip("m4prp");
  ASSERT_FALSE(near);
  EXPECT_EQ(near.error().kind, ErrorKind::usage);
  EXPECT_NE(near.error().advice.find("m4pro"), std::string::npos);
  EXPECT_NE(parse_chip("a12").error().message.find("older than A14"), std::string::npos);
  EXPECT_FALSE(parse_chip(""));
}

}  // namespace
}  // namespace anecompat::ane
