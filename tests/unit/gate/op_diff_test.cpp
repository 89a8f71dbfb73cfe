#include "gate/op_diff.hpp"

#include "gate/op_match.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace anecompat::gate {
namespace {

using ane::Backend;
using evaluate::Evaluation;
using evaluate::OpChange;
using evaluate::OpResult;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Kind = OpChange::Kind;

OpResult op(const std::string& path, const std::string& type, std::vector<std::uint32_t> inputs,
            const std::string& shape = "fp16[1, 64, 56, 56]") {
  OpResult result;
  result.path = path;
  result.type = type;
  result.shape = shape;
  result.placement = Backend::ane;
  result.eligible = {Backend::ane, Backend::cpu};
  result.inputs = std::move(inputs);
  return result;
}

void put_on_cpu(OpResult& op, const std::string& code) {
  op.placement = Backend::cpu;
  op.reason = ane::Reason{code, "because of " + code};
}

void make_ineligible(OpResult& op, const std::string& code) {
  put_on_cpu(op, code);
  op.eligible = {Backend::cpu};
}

Evaluation evaluation(std::vector<OpResult> ops) {
  Evaluation result;
  result.target = "h16";
  result.ops = std::move(ops);
  result.counts.ops = static_cast<std::uint32_t>(result.ops.size());
  for (std::uint32_t i = 0; i < result.ops.size(); ++i) {
    const auto place = *result.ops[i].placement;
    ++(place == Backend::ane ? result.counts.ane : result.counts.cpu);
    if (result.segments.empty() || result.segments.back().backend != place)
      result.segments.push_back({.backend = place, .first = i});
    ++result.segments.back().count;
  }
  result.shares.ops = static_cast<double>(result.counts.ane) / result.counts.ops;
  result.level = result.counts.cpu == 0 ? ane::Level::full : ane::Level::partial;
  return result;
}

// `blocks` repeated layers with a skip connection: conv, relu, add.
std::vector<OpResult> network(std::size_t blocks) {
  std::vector<OpResult> ops = {op("main/stem", "conv", {})};
  for (std::size_t i = 0; i < blocks; ++i) {
    const auto x = static_cast<std::uint32_t>(ops.size() - 1);
    const auto name = "main/block_" + std::to_string(i);
    ops.push_back(op(name + "_conv", "conv", {x}));
    ops.push_back(op(name + "_relu", "relu", {x + 1}));
    ops.push_back(op(name + "_add", "add", {x, x + 2}));
  }
  ops.push_back(
      op("main/head", "linear", {static_cast<std::uint32_t>(ops.size() - 1)}, "fp16[1, 10]"));
  return ops;
}

std::vector<std::string> paths(const evaluate::Comparison& comparison) {
  std::vector<std::string> result;
  for (const auto& change : comparison.changes)
    result.push_back(std::string(to_string(change.kind)) + " " + change.path);
  return result;
}

TEST(OpDiff, AModelIsTheSameAsItself) {
  const auto model = evaluation(network(5));
  EXPECT_TRUE(compare_evaluations(model, model).same());
}

TEST(OpDiff, RenamingEveryOperationChangesNothing) {
  const auto before = evaluation(network(50));
  auto after = before;
  for (std::size_t i = 0; i < after.ops.size(); ++i)
    after.ops[i].path = "main/op_" + std::to_string(1000 - i);
  EXPECT_THAT(paths(compare_evaluations(before, after)), IsEmpty());
  EXPECT_TRUE(compare_evaluations(before, after).same());
}

TEST(OpDiff, NamesThatAreCountedOnChangeNothing) {
  auto before = evaluation(network(20));
  auto after = before;
  for (std::size_t i = 0; i < before.ops.size(); ++i) {
    before.ops[i].path = "main/op_" + std::to_string(i);
    after.ops[i].path = "main/op_" + std::to_string(i + 1);
  }
  EXPECT_THAT(paths(compare_evaluations(before, after)), IsEmpty());
}

TEST(OpDiff, ReorderingIndependentOperationsChangesNothing) {
  // Two branches from one stem, written one after the other and then the other way round.
  const auto before =
      evaluation({op("stem", "conv", {}), op("a_conv", "conv", {0}), op("a_tanh", "tanh", {1}),
                  op("b_conv", "conv", {0}), op("b_relu", "relu", {3}), op("sum", "add", {2, 4})});
  const auto after =
      evaluation({op("stem", "conv", {}), op("b_conv", "conv", {0}), op("b_relu", "relu", {1}),
                  op("a_conv", "conv", {0}), op("a_tanh", "tanh", {3}), op("sum", "add", {4, 2})});
  EXPECT_TRUE(compare_evaluations(before, after).same());
  auto renamed = after;
  for (auto& each : renamed.ops)
    each.path = "renamed_" + each.path;
  EXPECT_TRUE(compare_evaluations(before, renamed).same());
}

TEST(OpDiff, OneLayerOfALargeNetworkChangesOnlyThat) {
  const auto before = evaluation(network(391));  // 1,175 operations
  auto ops = network(391);
  ops[500].type = "erf_like";
  make_ineligible(ops[500], "unsupported-op");
  const auto result = compare_evaluations(before, evaluation(std::move(ops)));
  ASSERT_THAT(result.changes, SizeIs(1));
  EXPECT_EQ(result.changes[0].kind, Kind::left);
  EXPECT_EQ(result.changes[0].path, before.ops[500].path);
  EXPECT_EQ(result.changes[0].old_type, before.ops[500].type);
  EXPECT_EQ(result.changes[0].reason->code, "unsupported-op");
  EXPECT_EQ(result.left, 1);
  EXPECT_EQ(result.before.segments, 1);
  EXPECT_EQ(result.after.segments, 3);
  EXPECT_EQ(result.after.transitions, 2);
}

TEST(OpDiff, AnEditIsFoundAlsoWhenEverythingWasRenamed) {
  const auto before = evaluation(network(30));
  auto ops = network(30);
  make_ineligible(ops[47], "conv-kernel");
  for (std::size_t i = 0; i < ops.size(); ++i)
    ops[i].path = "main/v2_" + std::to_string(i);
  const auto result = compare_evaluations(before, evaluation(std::move(ops)));
  EXPECT_THAT(paths(result), ElementsAre("left main/v2_47"));
}

TEST(OpDiff, AShapeThatChangedFromALayerOnIsToldOfAllThatFollow) {
  const auto before = evaluation(network(2));
  auto ops = network(2);
  for (std::size_t i = 4; i < 7; ++i)
    ops[i].shape = "fp16[1, 64, 28, 28]";
  const auto result = compare_evaluations(before, evaluation(std::move(ops)));
  EXPECT_THAT(paths(result), ElementsAre("changed main/block_1_conv", "changed main/block_1_relu",
                                         "changed main/block_1_add"));
  EXPECT_EQ(result.changes[0].old_shape, "fp16[1, 64, 56, 56]");
  EXPECT_EQ(result.left, 0);
}

TEST(OpDiff, AnotherBatchSizeUnderOtherNamesStillLinesUp) {
  const auto before = evaluation(network(6));
  auto ops = network(6);
  for (std::size_t i = 0; i < ops.size(); ++i) {
    ops[i].path = "main/batched_" + std::to_string(i);
    if (i + 1 < ops.size())
      ops[i].shape = "fp16[2, 64, 56, 56]";
  }
  const auto result = compare_evaluations(before, evaluation(std::move(ops)));
  EXPECT_EQ(result.added, 0);
  EXPECT_EQ(result.removed, 0);
  EXPECT_EQ(result.changed, 19);  // the head kept its shape
}

TEST(OpDiff, AnInsertedOperationIsAddedAndNothingElse) {
  const auto before = evaluation(network(10));
  auto ops = network(10);
  ops.push_back(
      op("main/cumsum", "cumsum", {static_cast<std::uint32_t>(ops.size() - 1)}, "fp16[1, 10]"));
  make_ineligible(ops.back(), "unsupported-op");
  const auto result = compare_evaluations(before, evaluation(std::move(ops)));
  EXPECT_THAT(paths(result), ElementsAre("added main/cumsum"));
  const auto back = compare_evaluations(evaluation(network(10)), evaluation(network(9)));
  EXPECT_EQ(back.removed, 3);
  EXPECT_EQ(back.added, 0);
}

TEST(OpDiff, WhatCausedTheMostLossComesFirstWithWhatItPulledAlong) {
  const auto before = evaluation(network(4));
  auto ops = network(4);
  for (auto& each : ops)
    each.cost_us = 10;
  make_ineligible(ops[2], "unsupported-op");  // block_0_relu, alone
  make_ineligible(ops[8], "conv-kernel");     // block_2_relu, and two around it
  put_on_cpu(ops[7], "cost-switch");
  put_on_cpu(ops[9], "cost-switch");
  auto after = evaluation(std::move(ops));
  after.shares.cost = 0.7;
  const auto result = compare_evaluations(before, after);
  EXPECT_EQ(paths(result)[0], "left main/block_2_relu");
  EXPECT_EQ(paths(result)[1], "left main/block_0_relu");
  EXPECT_EQ(result.changes[0].pulled, 2);
  EXPECT_EQ(result.changes[1].pulled, 0);
  EXPECT_EQ(result.changes[2].caused_by, "main/block_2_relu");
  EXPECT_EQ(result.left, 4);
}

TEST(OpDiff, ANewOperationThatPullsOthersOffTheAneLeads) {
  const auto before = evaluation({op("a", "conv", {}), op("b", "relu", {0}), op("c", "conv", {1})});
  auto ops = std::vector{op("a", "conv", {}), op("b", "relu", {0}), op("x", "asinh", {1}),
                         op("c", "conv", {2})};
  make_ineligible(ops[2], "unsupported-op");
  put_on_cpu(ops[3], "cost-switch");
  const auto result = compare_evaluations(before, evaluation(std::move(ops)));
  EXPECT_THAT(paths(result), ElementsAre("added x", "left c"));
  EXPECT_EQ(result.changes[0].pulled, 1);
}

TEST(OpDiff, BoundaryOperationsDoNotCountAsLost) {
  auto ops = network(1);
  ops.back().boundary = true;
  auto moved = ops;
  put_on_cpu(moved.back(), "boundary");
  const auto result = compare_evaluations(evaluation(ops), evaluation(moved));
  EXPECT_EQ(result.left, 0);
  EXPECT_THAT(result.changes, SizeIs(1));
}

TEST(OpDiff, OnlyAsManyChangesAreKeptAsAskedFor) {
  auto ops = network(10);
  for (auto& each : ops)
    make_ineligible(each, "dtype");
  const auto result = compare_evaluations(evaluation(network(10)), evaluation(ops), 5);
  EXPECT_THAT(result.changes, SizeIs(5));
  EXPECT_EQ(result.more_changes, ops.size() - 5);
  EXPECT_EQ(result.left, ops.size());
}

TEST(OpDiff, OperationsOfOneNameAreMatchedOneByOne) {
  const auto before = evaluation({op("x", "relu", {}), op("x", "relu", {}), op("x", "tanh", {})});
  const auto after = evaluation({op("x", "tanh", {}), op("x", "relu", {}), op("x", "relu", {})});
  EXPECT_TRUE(compare_evaluations(before, after).same());
}

TEST(OpMatch, TimeGrowsAboutLinearly) {
  const auto seconds = [](std::size_t blocks) {
    const auto before = network(blocks);
    auto after = before;
    for (std::size_t i = 0; i < after.size(); ++i)
      after[i].path = "r" + std::to_string(i);
    const auto start = std::chrono::steady_clock::now();
    EXPECT_TRUE(std::ranges::all_of(match_ops(before, after),
                                    [](const auto& match) { return match.has_value(); }));
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  seconds(1000);
  // Sixteen times the operations; quadratic work would take 256 times as long.
  EXPECT_LT(seconds(16'000), 80 * seconds(1000) + 0.1);
}

}  // namespace
}  // namespace anecompat::gate
