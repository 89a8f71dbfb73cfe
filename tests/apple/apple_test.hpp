// The fixture of all tests against the fake frameworks.
#pragma once

#include "evaluate/apple/apple_evaluator.hpp"
#include "evaluate/measured_verdict.hpp"
#include "scenario.hpp"
#include "support/temp_dir.hpp"

#import <Foundation/Foundation.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace anecompat::test {

class AppleTest : public testing::Test {
 protected:
  void SetUp() override {
    m_pool = [[NSAutoreleasePool alloc] init];
    reset();
    directory.write("model.mlmodelc/coremldata.bin", "fake");
    directory.write("model.mlpackage/Manifest.json", "{}");
    request.model_path = directory.file("model.mlmodelc");
    request.temp_directory = directory.file("temp");
  }
  void TearDown() override { [m_pool release]; }

  evaluate::Measurement run() { return evaluate::measure(request); }

  // A model of one segment that covers everything.
  static void one_segment(FakeSegment segment = {}) {
    scenario().segments = {std::move(segment)};
    scenario().structure.functions["main"] = {FakeOp{.name = "a"}, FakeOp{.name = "y"}};
  }

  static std::uint64_t tally(const evaluate::Measurement& measurement, evaluate::AneEventKind kind,
                             evaluate::Phase phase, bool succeeded = true) {
    std::uint64_t sum = 0;
    for (const auto& row : measurement.tallies) {
      if (row.kind == kind && row.phase == phase)
        sum += succeeded ? row.succeeded : row.failed;
    }
    return sum;
  }

  static evaluate::HookState hook(const evaluate::Measurement& measurement, const std::string& id) {
    for (const auto& status : measurement.hooks) {
      if (status.id == id)
        return status.state;
    }
    ADD_FAILURE() << "no hook " << id;
    return evaluate::HookState::absent;
  }

  TempDir directory;
  evaluate::MeasureRequest request;

 private:
  NSAutoreleasePool* m_pool = nil;
};

}  // namespace anecompat::test
