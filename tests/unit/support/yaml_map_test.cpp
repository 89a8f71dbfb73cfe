#include "support/yaml_map.hpp"

#include <gmock/gmock.h>

#include <functional>
#include <string>
#include <vector>

namespace anecompat::yaml {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// What reading `text` with `read` complains about.
std::vector<std::string> problems_of(std::string_view text,
                                     const std::function<void(MapReader&)>& read) {
  Problems problems;
  const auto node = parse(text, problems);
  MapReader reader(node, "", problems);
  read(reader);
  std::vector<std::string> result;
  for (const auto& error : std::move(problems).take(""))
    result.push_back(std::to_string(error.position.line) + ":" +
                     std::to_string(error.position.column) + " " + error.to_string());
  return result;
}

TEST(MapReader, ReadsEachType) {
  EXPECT_THAT(problems_of("t: yes\ni: 12\nn: 0.5\nb: true\nm: {k: v}\nl: [1]\n",
                          [](MapReader& reader) {
                            EXPECT_EQ(reader.text("t"), "yes");
                            EXPECT_EQ(reader.integer("i", 0, 20), 12);
                            EXPECT_EQ(reader.number("n", 0, 1), 0.5);
                            EXPECT_EQ(reader.boolean("b"), true);
                            EXPECT_EQ(reader.map("m")->text("k"), "v");
                            EXPECT_EQ(reader.list("l")->size(), 1U);
                            EXPECT_EQ(reader.text("absent"), std::nullopt);
                            reader.finish();
                          }),
              IsEmpty());
}

TEST(MapReader, NamesWrongTypesWithTheirPath) {
  EXPECT_THAT(
      problems_of("outer:\n  t: [a]\n  i: \"5\"\n  n: fast\n  b: yes\n  m: 3\n  l: {}\n  e:\n",
                  [](MapReader& reader) {
                    auto outer = *reader.map("outer");
                    outer.text("t");
                    outer.integer("i", 0, 9);
                    outer.number("n", 0, 9);
                    outer.boolean("b");
                    outer.map("m");
                    outer.list("l");
                    outer.text("e");
                    outer.finish();
                  }),
      ElementsAre("2:6 outer.t: expected a text, found a list",
                  "3:6 outer.i: expected a whole number, found the text \"5\" (remove the quotes)",
                  "4:6 outer.n: expected a number, found \"fast\"",
                  "5:6 outer.b: expected true or false, found \"yes\"",
                  "6:6 outer.m: expected a map, found \"3\"",
                  "7:6 outer.l: expected a list, found a map",
                  "8:3 outer.e: expected a text, found nothing (give a value or remove the key)"));
}

TEST(MapReader, KeepsNumbersInTheirRange) {
  EXPECT_THAT(
      problems_of("a: 010\nb: 99999999999999999999\nc: -1\nd: 1.5\ne: 1e3\nf: 0x10\ng: nan\nh: 2\n",
                  [](MapReader& reader) {
                    for (const auto* key : {"a", "b", "c", "f"})
                      EXPECT_EQ(reader.integer(key, 0, 100), std::nullopt) << key;
                    for (const auto* key : {"d", "e", "g"})
                      EXPECT_EQ(reader.number(key, 0, 1), std::nullopt) << key;
                    EXPECT_EQ(reader.number("h", 0, 2), 2.0);
                  }),
      ElementsAre("1:4 a: 010 has a leading zero (readers of YAML disagree on what it means; "
                  "write it without)",
                  "2:4 b: 99999999999999999999 is not between 0 and 100",
                  "3:4 c: -1 is not between 0 and 100", "4:4 d: 1.5 is not between 0 and 1",
                  "5:4 e: expected a number, found \"1e3\"",
                  "6:4 f: expected a whole number, found \"0x10\"",
                  "7:4 g: expected a number, found \"nan\""));
}

TEST(MapReader, SuggestsTheKeyThatWasMeant) {
  EXPECT_THAT(problems_of("expcet: full\nzebra: 1\n",
                          [](MapReader& reader) {
                            reader.text("expect");
                            reader.text("name");
                            reader.finish();
                          }),
              ElementsAre("1:1 expcet: unknown key (did you mean \"expect\"?)",
                          "2:1 zebra: unknown key (possible: expect, name)"));
}

TEST(MapReader, SaysOnceThatItIsNoMap) {
  EXPECT_THAT(problems_of("[1]",
                          [](MapReader& reader) {
                            EXPECT_FALSE(reader.require("version", "the format"));
                            reader.finish();
                          }),
              ElementsAre("1:1 the document: expected a map, found a list"));
}

TEST(MapReader, AsksForWhatIsMissing) {
  EXPECT_THAT(problems_of("a: {b: 1}",
                          [](MapReader& reader) {
                            auto inner = *reader.map("a");
                            inner.require("c", "it says why");
                          }),
              ElementsAre("1:4 a: `c` is missing: it says why"));
}

}  // namespace
}  // namespace anecompat::yaml
