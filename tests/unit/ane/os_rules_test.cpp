// What the system of a target changes (ane-rules 3.3 and the rows it gathers).
#include "ane/eligibility.hpp"
#include "unit/ane/program.hpp"

#include <gmock/gmock.h>

namespace anecompat::ane {
namespace {

using test::Dims;
using test::Program;
using testing::HasSubstr;
using Kind = coreml::Flexibility::Kind;

const RuleSet& rules() {
  static const auto built_in = RuleSet::built_in().value();
  return *built_in;
}

// The last operation of a program on a target.
Eligibility last_of(Program& program, coreml::ValueId output, std::string_view target) {
  const auto graph = program.finish({output});
  const GraphContext context(graph);
  Eligibility result;
  coreml::walk(graph, "", [&](const coreml::OperationSite& site) {
    if (site.op.kind == coreml::OperationKind::compute)
      result = check(context, site, context.facts(site), parse_target(target).value(), rules());
  });
  return result;
}

Eligibility relu(std::int64_t spec_version, std::string_view opset, std::string_view target) {
  Program program;
  program.spec_version = spec_version;
  program.opset = opset;
  const auto x = program.input({1, 64, 32, 32});
  return last_of(program, program.op("relu", {{"x", {x}}}, {1, 64, 32, 32}), target);
}

Eligibility unary(std::string_view type, std::string_view target, Kind flexibility = Kind::fixed) {
  Program program;
  program.spec_version = 6;
  program.opset = "ios15";
  program.flexibility = flexibility;
  const auto x = program.input({1, 64, 32, 32});
  return last_of(program, program.op(type, {{"x", {x}}}, {1, 64, 32, 32}), target);
}

// coreml-formats 1.2: which system came with which specification version.
TEST(OsRules, a_model_newer_than_the_system_is_not_loaded_there) {
  struct Row {
    std::int64_t spec_version;
    const char* too_old;
    const char* old_enough;
  };
  for (const auto& row : {Row{6, "m1@macos11", "m1@macos12"}, Row{7, "m1@macos12.6", "m1@macos13"},
                          Row{8, "a15@ios16.7", "a15@ios17"}, Row{9, "m1@macos14.7", "m1@macos15"},
                          Row{10, "a17pro@ios18.6", "a17pro@ios26"}}) {
    const auto before = relu(row.spec_version, "", row.too_old);
    EXPECT_FALSE(before.ane) << row.spec_version;
    ASSERT_TRUE(before.reason) << row.spec_version;
    EXPECT_EQ(before.reason->code, "os-too-old");
    EXPECT_THAT(before.reason->message,
                HasSubstr("specification version " + std::to_string(row.spec_version)));
    EXPECT_TRUE(before.on_newest_os());
    EXPECT_TRUE(relu(row.spec_version, "", row.old_enough).ane) << row.spec_version;
  }
}

TEST(OsRules, the_message_names_the_system_asked_for) {
  EXPECT_EQ(relu(9, "", "m1@macos14.4").reason->message,
            "specification version 9 needs iOS 18 or macOS 15: macOS 14.4 does not load it");
}

TEST(OsRules, a_program_without_a_specification_version_has_its_opsets) {
  EXPECT_EQ(relu(0, "ios17", "m1@macos13").reason->code, "os-too-old");
  EXPECT_EQ(relu(0, "CoreML7", "m1@macos13").reason->code, "os-too-old");
  EXPECT_TRUE(relu(0, "ios17", "m1@macos14").ane);
}

TEST(OsRules, a_target_without_a_system_means_the_newest) {
  EXPECT_TRUE(relu(10, "CoreML9", "m1").ane);
}

// ane-rules 1.4 and 5 #16: resample and affine from macOS 14 on; h13 has no texture engine at all.
TEST(OsRules, resampling_came_with_macos_14) {
  for (const auto* type : {"resample", "affine"}) {
    EXPECT_EQ(unary(type, "m2@macos13").reason->code, "os-too-old") << type;
    EXPECT_TRUE(unary(type, "m2@macos14").ane) << type;
    EXPECT_EQ(unary(type, "m1@macos14").reason->code, "unsupported-op") << type;
    const auto never = unary(type, "m1@macos13");
    EXPECT_FALSE(never.ane || never.on_newest_os()) << type;
  }
}

// ane-rules 2.5, 3.3: SMP saw the product on the CPU under macOS 13 and on the ANE under 14;
// ISS-1909 the norm on the CPU under 13.
TEST(OsRules, enumerated_shapes_kept_matmul_and_layer_norm_off_until_macos_13) {
  for (const auto* type : {"matmul", "layer_norm"}) {
    EXPECT_EQ(unary(type, "m1@macos13", Kind::enumerated).reason->code, "os-too-old") << type;
    EXPECT_TRUE(unary(type, "m1@macos13").ane) << type;
    EXPECT_TRUE(unary(type, "m1@macos14", Kind::enumerated).ane) << type;
  }
}

// measured-placements C: M1, Core ML of 2021 and 2022.
TEST(OsRules, floor_and_split_were_off_the_ane_of_an_m1_before_macos_13) {
  for (const auto* type : {"floor", "split"}) {
    EXPECT_EQ(unary(type, "m1@macos12").reason->code, "os-too-old") << type;
    EXPECT_TRUE(unary(type, "m1@macos13").ane) << type;
    EXPECT_TRUE(unary(type, "m2@macos12.4").ane) << type;
  }
}

// ane-rules 5 #11: states from iOS 18.2 and macOS 15.2 on.
TEST(OsRules, states_work_from_macos_15_2_on) {
  const auto read = [](std::string_view target) {
    Program program;
    const auto cache = program.state({1, 8, 256, 64});
    return last_of(program, program.op("read_state", {{"input", {cache}}}, {1, 8, 256, 64}),
                   target);
  };
  EXPECT_EQ(read("m4@macos15.1").reason->code, "os-too-old");
  EXPECT_TRUE(read("m4@macos15.2").ane);
  EXPECT_TRUE(read("m4").ane);
}

// ane-rules 1.5, 2.6: what iOS 14 kept off as a class.
TEST(OsRules, networks_lose_whole_classes_of_layers_before_ios_15) {
  const auto layer = [](std::string_view type, std::string_view target) {
    Program program;
    program.kind = coreml::ModelKind::neural_network;
    program.spec_version = 4;
    program.opset = "";
    const auto x = program.input({1, 64, 32, 32});
    return last_of(program, program.op(type, {{"x", {x}}}, {1, 64, 32, 32}), target);
  };
  EXPECT_EQ(layer("gather", "a14@ios14").reason->code, "os-too-old");
  EXPECT_TRUE(layer("relu", "a14@ios14").ane);
}

}  // namespace
}  // namespace anecompat::ane
