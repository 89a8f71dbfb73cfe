#include "support/strict_yaml.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace anecompat::yaml {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> problems_of(std::string_view text, const Limits& limits = {}) {
  Problems problems;
  parse(text, problems, limits);
  std::vector<std::string> result;
  for (const auto& error : std::move(problems).take("f.yml"))
    result.push_back(error.to_string());
  return result;
}

Node parsed(std::string_view text) {
  Problems problems;
  auto node = parse(text, problems);
  EXPECT_TRUE(problems.empty()) << text;
  return node;
}

TEST(StrictYaml, KeepsTextsAsTheyAreWritten) {
  const auto node = parsed("a: yes\nb: 010\nc: '1'\nd:\ne: ~\n");
  EXPECT_EQ(node.find("a")->text, "yes");
  EXPECT_EQ(node.find("b")->text, "010");
  EXPECT_FALSE(node.find("b")->quoted);
  EXPECT_TRUE(node.find("c")->quoted);
  EXPECT_EQ(node.find("d")->kind, Node::Kind::null);
  EXPECT_EQ(node.find("e")->kind, Node::Kind::null);
  EXPECT_EQ(node.find("f"), nullptr);
}

TEST(StrictYaml, PositionsCountFromOneInBytes) {
  const auto node = parsed("ключ: v\nlist:\n  - one\n");
  EXPECT_EQ(node.keys[0].position, (TextPosition{1, 1}));
  EXPECT_EQ(node.items[0].position, (TextPosition{1, 11}));
  EXPECT_EQ(node.find("list")->items[0].position, (TextPosition{3, 5}));
}

TEST(StrictYaml, AcceptsByteOrderMarkAndCarriageReturns) {
  const auto node = parsed(
      "\xEF\xBB\xBF"
      "a: 1\r\nb: two\r\n");
  EXPECT_EQ(node.keys[0].position, (TextPosition{1, 1}));
  EXPECT_EQ(node.find("b")->text, "two");
  EXPECT_EQ(node.find("b")->position, (TextPosition{2, 4}));
}

TEST(StrictYaml, AnEmptyFileIsNothing) {
  EXPECT_EQ(parsed("").kind, Node::Kind::null);
  EXPECT_EQ(parsed("# only a comment\n").kind, Node::Kind::null);
}

TEST(StrictYaml, RefusesDuplicateKeysAtAnyLevel) {
  EXPECT_THAT(problems_of("a: 1\nb: {c: 1, c: 2}\na: 2\n"),
              ElementsAre("f.yml:2:11: the key \"c\" is here twice, first in line 2 (remove one of "
                          "them)",
                          "f.yml:3:1: the key \"a\" is here twice, first in line 1 (remove one of "
                          "them)"));
}

TEST(StrictYaml, RefusesSecondDocuments) {
  EXPECT_THAT(problems_of("---\na: 1\n...\n"), IsEmpty());
  EXPECT_THAT(problems_of("a: 1\n---\nb: 2\n"),
              ElementsAre(HasSubstr("a second document starts here")));
  EXPECT_THAT(problems_of("a: 1\n---\n"), ElementsAre(HasSubstr("f.yml:2:")));
}

TEST(StrictYaml, RefusesMergeKeysTagsAndKeysThatAreNoTexts) {
  EXPECT_THAT(problems_of("a: &x {b: 1}\nc:\n  <<: *x\n"),
              ElementsAre(HasSubstr("f.yml:3:3: merge keys (<<) are not supported")));
  EXPECT_THAT(problems_of("a: !!binary aGk=\n"),
              ElementsAre(HasSubstr("f.yml:1:4: the tag \"tag:yaml.org,2002:binary\"")));
  EXPECT_THAT(problems_of("a: !!str 5\n"), IsEmpty());
  EXPECT_THAT(problems_of("[a, b]: 1\n"),
              ElementsAre(HasSubstr("a key must be a text, found a list")));
}

TEST(StrictYaml, SmallAliasesWork) {
  const auto node = parsed("a: &x [1, 2]\nb: *x\n");
  ASSERT_EQ(node.find("b")->items.size(), 2U);
  EXPECT_EQ(node.find("b")->items[1].text, "2");
}

TEST(StrictYaml, AliasBombsEnd) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 20; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k)
      bomb += (k > 0 ? ", *a" : "*a") + std::to_string(i - 1);
    bomb += "]\n";
  }
  EXPECT_THAT(problems_of(bomb), ElementsAre(HasSubstr("aliases repeat more than 10000 values")));
  EXPECT_THAT(problems_of("a: &a [*a]\n"), ElementsAre(HasSubstr("inside what it names")));
  EXPECT_THAT(problems_of("a: *nowhere\n"), ElementsAre(HasSubstr("names no anchor")));
}

TEST(StrictYaml, NestedAnchorsCannotMultiplyMemory) {
  std::string text;
  for (int i = 0; i < 20; ++i)
    text += "- &n" + std::to_string(i) + "\n" + std::string(static_cast<std::size_t>(i) + 1, ' ');
  text += "- [";
  for (int i = 0; i < 9000; ++i)
    text += "1,";
  text += "]\n";
  EXPECT_THAT(problems_of(text), ElementsAre(HasSubstr("anchors (&) name too many values")));
}

TEST(StrictYaml, SaysWhereATabIs) {
  EXPECT_THAT(problems_of("a:\n\tb: 1\n"),
              ElementsAre(HasSubstr("f.yml:2:1: the indentation has a tab")));
  EXPECT_THAT(problems_of("a:\n  \t- b\n"),
              ElementsAre(HasSubstr("f.yml:2:3: the indentation has a tab")));
  EXPECT_THAT(problems_of("a:\n\tb\n"),
              ElementsAre(HasSubstr("f.yml:2:1: the indentation has a tab")));
  EXPECT_THAT(problems_of("a:\tb  # tab between\n\n\t\nc: |\n  x\n  \ty\n"), IsEmpty());
}

TEST(StrictYaml, RefusesWhatIsNoText) {
  EXPECT_THAT(problems_of("a: 1\nb: \x01\n"),
              ElementsAre(HasSubstr("f.yml:2:4: has the control character \\x01")));
  EXPECT_THAT(problems_of("a: \xC2\x9B\n"),
              ElementsAre(HasSubstr("f.yml:1:4: has the control character \\u{9b}")));
  EXPECT_THAT(problems_of("a: \xFF\n"),
              ElementsAre(HasSubstr("f.yml:1:4: the byte 0xff is not valid UTF-8")));
  EXPECT_THAT(problems_of("a: \xC3"), ElementsAre(HasSubstr("f.yml:1:4: the byte 0xc3")));
  EXPECT_THAT(problems_of(std::string("a\0: 1", 5)),
              ElementsAre(HasSubstr("f.yml:1:2: has the control")));
  EXPECT_THAT(problems_of("a: 1\rb: 2\n"), ElementsAre(HasSubstr("control character \\x0d")));
}

TEST(StrictYaml, HasLimits) {
  EXPECT_THAT(problems_of(std::string(65, '[') + std::string(65, ']')),
              ElementsAre(HasSubstr("f.yml:1:65: is nested more than 64 levels deep")));
  EXPECT_THAT(problems_of(std::string(1'000'000, '[')),
              ElementsAre(HasSubstr("nested more than 64")));
  EXPECT_THAT(problems_of(std::string(64, '[') + std::string(64, ']')), IsEmpty());
  EXPECT_THAT(problems_of("[1, 2, 3]", {.nodes = 3}),
              ElementsAre(HasSubstr("has more than 3 values")));
  EXPECT_THAT(problems_of("[1, 2, 3]", {.bytes = 8}), ElementsAre(HasSubstr("has 9 bytes")));
}

TEST(StrictYaml, ExplainsSyntaxErrors) {
  EXPECT_THAT(problems_of("a: b: c\n"),
              ElementsAre(HasSubstr("f.yml:1:5: is not valid YAML: a `: ` cannot stand here")));
  EXPECT_THAT(problems_of("a: [1, 2\nb: 3\n"), ElementsAre(HasSubstr("not valid YAML")));
  EXPECT_THAT(problems_of("a: \"open\n"),
              ElementsAre(HasSubstr("f.yml:1:4: the quote that opens here is never closed")));
  EXPECT_THAT(problems_of("a: 1\n b: 2\n"), ElementsAre(HasSubstr("f.yml:2:")));
}

TEST(StrictYaml, QuotesMayHoldQuotesAndSpanLines) {
  const auto node = parsed("a: 'it''s'\nb: \"x \\\" y\"\nc: &n 'one\n  two'\nd: |\n  \"open\n");
  EXPECT_EQ(node.find("a")->text, "it's");
  EXPECT_EQ(node.find("c")->text, "one two");
  EXPECT_EQ(node.find("d")->text, "\"open\n");
  EXPECT_THAT(problems_of("c: &n 'one\n  two\n"), ElementsAre(HasSubstr("never closed")));
}

TEST(Problems, AreSortedAndKeptOnce) {
  Problems problems;
  problems.add({3, 1}, "third");
  problems.add({1, 2}, "first");
  problems.add({1, 2}, "first");
  const auto errors = std::move(problems).take("m.yml");
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[0].to_string(), "m.yml:1:2: first");
  EXPECT_EQ(errors[1].kind, ErrorKind::manifest);
}

}  // namespace
}  // namespace anecompat::yaml
