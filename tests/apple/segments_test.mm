// What the programs on the ANE are called and what goes in and out of them.
#include "apple_test.hpp"
#include "evaluate/apple/espresso_key.hpp"

namespace anecompat::test {
namespace {

using namespace evaluate;
using testing::ElementsAre;
using testing::IsEmpty;

class Segments : public AppleTest {
 protected:
  // The program that the last evaluation ran.
  AneProgram evaluated(FakeSegment segment) {
    one_segment(std::move(segment));
    const auto measurement = run();
    EXPECT_EQ(evaluations_per_prediction(measurement), 1);
    if (measurement.events.empty() || !measurement.events.back().program) {
      ADD_FAILURE() << "no program";
      return {};
    }
    warnings = measurement.warnings;
    return measurement.programs.at(*measurement.events.back().program);
  }

  std::vector<std::string> warnings;
};

TEST_F(Segments, AreNamedByAnEspressoKey) {
  const auto program =
      evaluated({.inputs = {"b", "a"}, .outputs = {"y"}, .key = Key::espresso, .symbols = false});
  EXPECT_EQ(program.names, NameSource::espresso_key);
  EXPECT_EQ(program.espresso_segment, 0);
  ASSERT_EQ(program.procedures.size(), 1U);
  EXPECT_THAT(program.procedures[0].inputs, ElementsAre("a", "b"));
  EXPECT_THAT(program.procedures[0].outputs, ElementsAre("y"));
}

TEST_F(Segments, PreferTheKeyToSymbols) {
  EXPECT_EQ(evaluated({.key = Key::espresso}).names, NameSource::espresso_key);
}

class OtherKeys : public Segments, public testing::WithParamInterface<Key> {};

TEST_P(OtherKeys, LeaveItToTheSymbols) {
  const auto program = evaluated({.inputs = {"x_cast"}, .outputs = {"y"}, .key = GetParam()});
  EXPECT_EQ(program.names, NameSource::symbols);
  ASSERT_EQ(program.procedures.size(), 2U);
  EXPECT_EQ(program.procedures[0].index, 0U);
  EXPECT_THAT(program.procedures[0].inputs, ElementsAre("x_cast"));
  EXPECT_THAT(program.procedures[0].outputs, ElementsAre("y"));
  EXPECT_THAT(program.procedures[1].inputs, ElementsAre("other_in"));
}

TEST_P(OtherKeys, WithoutSymbolsLeaveCountsOnly) {
  const auto program = evaluated({.key = GetParam(), .symbols = false});
  EXPECT_EQ(program.names, NameSource::none);
  EXPECT_THAT(program.procedures, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Segments, OtherKeys,
                         testing::Values(Key::absent, Key::hash, Key::number, Key::broken_json,
                                         Key::other_json));

TEST_F(Segments, ReadIndexSets) {
  const auto program = evaluated({.inputs = {"a", "b"}, .outputs = {"y"}, .index_sets = true});
  EXPECT_THAT(program.procedures.at(0).inputs, ElementsAre("a", "b"));
  EXPECT_THAT(program.procedures.at(0).outputs, ElementsAre("y"));
}

TEST_F(Segments, IgnoreIndicesBeyondTheSymbols) {
  EXPECT_EQ(evaluated({.bad_indices = true}).names, NameSource::none);
  EXPECT_EQ(evaluated({.index_sets = true, .bad_indices = true}).names, NameSource::none);
}

TEST_F(Segments, IgnoreAttributesOfTheWrongKind) {
  EXPECT_EQ(evaluated({.number_attributes = true}).names, NameSource::none);
}

TEST_F(Segments, StripTheOutputSuffixOnly) {
  const auto program = evaluated({.inputs = {"x@output_of"}, .outputs = {"y"}});
  EXPECT_THAT(program.procedures.at(0).inputs, ElementsAre("x@output_of"));
}

TEST_F(Segments, SurviveAGetterThatRaises) {
  one_segment({.key_raises = true});
  const auto measurement = run();
  // It is counted, and that it could not be named is said.
  EXPECT_EQ(evaluations_per_prediction(measurement), 1);
  EXPECT_THAT(measurement.warnings, testing::Contains(testing::HasSubstr("the key is gone")));
}

TEST_F(Segments, AreToldApart) {
  one_segment();
  scenario().segments = {FakeSegment{.outputs = {"a"}}, FakeSegment{.inputs = {"a"}}};
  const auto measurement = run();
  std::set<std::uint32_t> programs;
  for (const auto& row : measurement.tallies) {
    if (row.kind == AneEventKind::evaluate && row.phase == Phase::predict)
      programs.insert(row.program.value());
  }
  EXPECT_EQ(programs.size(), 2U);
}

TEST(EspressoKey, IsReadStrictly) {
  using apple::parse_espresso_key;
  const auto key = parse_espresso_key(
      R"({"isegment":3,"inputs":{"x":{"shape":[1,2,1,3,1]}},"outputs":{"b":{},"a":{}}})");
  ASSERT_TRUE(key);
  EXPECT_EQ(key->segment, 3);
  EXPECT_THAT(key->outputs, ElementsAre("a", "b"));
  for (const auto* other : {"", "{", "[]", "null", "model.plist", "{\"inputs\":{}}",
                            R"({"inputs":[],"outputs":{}})", R"({"inputs":{},"outputs":"y"})"})
    EXPECT_FALSE(parse_espresso_key(other)) << other;
}

TEST(EspressoKey, IsNotFollowedIntoTheDepths) {
  std::string deep = R"({"inputs":{"x":)";
  deep += std::string(100000, '[');
  EXPECT_FALSE(apple::parse_espresso_key(deep));
}

}  // namespace
}  // namespace anecompat::test
