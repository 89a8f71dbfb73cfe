// How long costing and placing take, and that both grow linearly with the number of operations:
// prints the time per size and the exponent of growth (1 is linear).
#include "ane/cost.hpp"
#include "ane/segmentation.hpp"
#include "coreml/graph_builder.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

namespace {

using namespace anecompat;

// A network of `count` operations: conv, relu, a normalisation and an addition in turn.
coreml::Graph network(std::size_t count) {
  coreml::GraphBuilder builder("mil");
  const std::vector<std::int64_t> dims = {1, 64, 32, 32};
  const std::vector<std::int64_t> kernel = {64, 64, 3, 3};
  const auto tensor = builder.tensor(coreml::DataType::float16, dims);
  const auto weight = builder.add_value(
      {.type = builder.tensor(coreml::DataType::float16, kernel), .is_constant = true});
  auto x = builder.add_value({.type = tensor});
  std::vector<coreml::Operation> operations;
  for (std::size_t i = 0; i < count; ++i) {
    const auto y = builder.add_value({.type = tensor});
    coreml::Operation op;
    const coreml::Argument input{"x", builder.store({x})};
    if (i % 4 == 0) {
      op.type = "conv";
      op.inputs = builder.store({input, coreml::Argument{"weight", builder.store({weight})}});
    } else {
      op.type = i % 4 == 1 ? "relu" : i % 4 == 2 ? "layer_norm" : "add";
      op.inputs = i % 4 == 3 ? builder.store({input, coreml::Argument{"y", builder.store({x})}})
                             : builder.store({input});
    }
    op.outputs = builder.store({y});
    operations.push_back(op);
    x = y;
  }
  const coreml::Function main{
      .name = "main",
      .body = {.label = "main", .operations = builder.store_operations(operations)}};
  return std::move(builder).finish(
      {.kind = coreml::ModelKind::ml_program, .functions = builder.store({main})});
}

struct Times {
  double cost_ms = 0;
  double solve_ms = 0;
};

Times best_of(const coreml::Graph& graph, const ane::CostTable& table, int rounds) {
  using Clock = std::chrono::steady_clock;
  const auto ms = [](Clock::duration d) {
    return std::chrono::duration<double, std::milli>(d).count();
  };
  Times best{1e9, 1e9};
  for (int i = 0; i < rounds; ++i) {
    const auto start = Clock::now();
    std::vector<ane::SolveItem> items;
    std::size_t number = 0;
    for (const auto& op : graph.model().functions.front().body.operations)
      // Every tenth operation is off the ANE, so that there is something to solve.
      items.push_back({.ms = ane::cost_of(graph, op, table, {.ane = ++number % 10 != 0}).ms});
    const auto costed = Clock::now();
    const ane::Segmentation solved = ane::segment(items, table.solve);
    const auto placed = Clock::now();
    if (solved.placed != items.size())
      std::abort();
    best.cost_ms = std::min(best.cost_ms, ms(costed - start));
    best.solve_ms = std::min(best.solve_ms, ms(placed - costed));
  }
  return best;
}

}  // namespace

int main() {
  const auto start = std::chrono::steady_clock::now();
  const auto tables = ane::load_cost_tables();
  if (!tables) {
    std::fprintf(stderr, "%s\n", tables.error().to_string().c_str());
    return 1;
  }
  std::printf(
      "loading all tables: %.2f ms\n",
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  const ane::CostTable& table = *tables->choice(ane::ChipFamily::h16).table;
  std::vector<std::pair<double, Times>> measured;
  for (const std::size_t count : {1174UL, 10'000UL, 100'000UL}) {
    const coreml::Graph graph = network(count);
    const Times times = best_of(graph, table, count > 50'000 ? 3 : 20);
    measured.emplace_back(static_cast<double>(count), times);
    std::printf("%7zu operations: cost %8.3f ms, solve %8.3f ms\n", count, times.cost_ms,
                times.solve_ms);
  }
  const auto exponent = [&](double Times::*time) {
    const auto& [n0, t0] = measured.front();
    const auto& [n1, t1] = measured.back();
    return std::log(t1.*time / t0.*time) / std::log(n1 / n0);
  };
  std::printf("growth: cost n^%.2f, solve n^%.2f\n", exponent(&Times::cost_ms),
              exponent(&Times::solve_ms));
  return 0;
}
