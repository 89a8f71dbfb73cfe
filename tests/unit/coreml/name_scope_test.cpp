#include "coreml/name_scope.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace anecompat::coreml {

namespace {

ValueId id(std::uint32_t number) {
  return static_cast<ValueId>(number);
}

}  // namespace

TEST(NameScope, inner_scopes_shadow_and_end) {
  NameScope scope;
  EXPECT_TRUE(scope.bind("x", id(1)));
  scope.open();
  EXPECT_EQ(scope.find("x"), id(1));
  EXPECT_TRUE(scope.bind("x", id(2)));
  EXPECT_TRUE(scope.bind("inner", id(3)));
  EXPECT_EQ(scope.find("x"), id(2));
  scope.close();
  EXPECT_EQ(scope.find("x"), id(1));
  EXPECT_EQ(scope.find("inner"), std::nullopt);
}

TEST(NameScope, the_later_of_two_in_one_scope_wins) {
  NameScope scope;
  scope.open();
  EXPECT_TRUE(scope.bind("x", id(1)));
  EXPECT_FALSE(scope.bind("x", id(2)));
  EXPECT_EQ(scope.find("x"), id(2));
  scope.close();
  EXPECT_EQ(scope.find("x"), std::nullopt);
}

TEST(NameScope, finds_every_name_among_many) {
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < 20'000; ++i)
    names.push_back("value_" + std::to_string(i));
  NameScope scope;
  for (std::uint32_t i = 0; i < names.size(); ++i)
    scope.bind(names[i], id(i));
  for (std::uint32_t i = 0; i < names.size(); ++i)
    ASSERT_EQ(scope.find(names[i]), id(i));
  EXPECT_EQ(scope.find("value_"), std::nullopt);
  scope.clear();
  EXPECT_EQ(scope.find("value_1"), std::nullopt);
}

}  // namespace anecompat::coreml
