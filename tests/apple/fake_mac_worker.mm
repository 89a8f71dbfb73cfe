// A worker as it runs on a Mac, over the fake frameworks. What they are to do is said by the first
// word of the model's file name: "full_1.mlpackage".
#include "evaluate/worker.hpp"
#include "scenario.hpp"
#include "support/subprocess.hpp"

#import <Foundation/Foundation.h>
#include <nlohmann/json.hpp>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <iterator>

namespace {

using namespace anecompat::test;

// The graph of the tests: x → x_fp16 → features → scores → y, both ends fp32.
FakeSegment whole() {
  return {.inputs = {"x_fp16"}, .outputs = {"scores"}};
}

std::vector<FakeOp> plan(const std::string& scores = "ane") {
  const FakeOp cast{.name = "", .type = "ios17.cast", .preferred = "cpu", .supported = {"cpu"}};
  std::vector<FakeOp> ops = {cast,
                             {.name = "features"},
                             {.name = "scores", .type = "ios17.softmax", .preferred = scores},
                             cast};
  ops.front().name = "x_fp16";
  ops.front().message = "Unsupported tensor format: fp32.";
  ops.back().name = "y";
  if (scores != "ane") {
    ops[2].supported = {"cpu"};
    ops[2].message = "softmax over this axis";
  }
  return ops;
}

void set_up(const std::string& what) {
  auto& fakes = scenario();
  fakes.inputs = {{.name = "x", .shape = {1, 4, 8, 8}}};
  fakes.segments = {whole()};
  fakes.structure.functions["main"] = plan();
  auto& segment = fakes.segments[0];
  if (what == "espresso") {
    segment.key = Key::espresso;
    segment.symbols = false;
    fakes.plan = PlanAct::fail;
  } else if (what == "nameless") {
    segment.symbols = false;
  } else if (what == "unproven") {
    segment.symbols = false;
    fakes.plan = PlanAct::fail;
  } else if (what == "partial") {
    segment.outputs = {"features"};
    fakes.structure.functions["main"] = plan("cpu");
  } else if (what == "unused") {
    fakes.segments.clear();
    for (auto& op : fakes.structure.functions["main"])
      op.preferred = "cpu";
  } else if (what == "refused") {
    segment.compile = Act::fail;
  } else if (what == "failing") {
    segment.evaluate = Act::fail;
  } else if (what == "mismatch") {
    fakes.segments.clear();
  } else if (what == "planless") {
    fakes.plan = PlanAct::fail;
  } else if (what == "vm") {
    fakes.virtual_machine = true;
    fakes.neural_engine = false;
  } else if (what == "uncompilable") {
    fakes.compile_model = Act::fail;
  } else if (what == "unloadable") {
    fakes.load_model = Act::fail;
    fakes.plan = PlanAct::fail;
  } else if (what == "unfed") {
    fakes.inputs = {{.name = "x", .kind = "hologram"}};
  } else if (what == "unrunnable") {
    fakes.predict = Act::fail;
  } else if (what == "crash") {
    segment.evaluate = Act::crash;
  } else if (what == "hang") {
    segment.evaluate = Act::hang;
  } else if (what == "pipeline") {
    fakes.structure = {};
    fakes.structure.stages = {{.functions = {{"main", plan()}}}, {}};
  } else if (what == "halves") {
    fakes.segments = {whole(), whole()};
    fakes.structure = {};
    fakes.structure.stages = {{.functions = {{"main", plan()}}}, {.functions = {{"main", plan()}}}};
  } else if (what == "namedhalves") {
    fakes.segments = {whole(), whole()};
    fakes.plan = PlanAct::fail;
  } else if (what == "onehalf") {
    fakes.structure = {};
    fakes.structure.stages = {{.functions = {{"main", plan()}}},
                              {.functions = {{"main", plan("cpu")}}}};
  }
}

}  // namespace

int main() {
  signal(SIGSEGV, SIG_DFL);
  @autoreleasepool {
    const std::string request{std::istreambuf_iterator<char>(std::cin), {}};
    const auto model = nlohmann::json::parse(request).at("model").get<std::string>();
    const auto name = std::filesystem::path(model).stem().string();
    set_up(name.substr(0, name.find('_')));
    const auto answer = anecompat::evaluate::answer_request(request);
    if (!answer)
      return 2;
    const auto size = static_cast<ssize_t>(answer->size());
    const auto written = write(anecompat::k_result_channel, answer->data(), answer->size());
    // Threads of the fakes may still be letting go of what they hold, which is nobody's leak.
    std::_Exit(written == size ? 0 : 1);
  }
}
