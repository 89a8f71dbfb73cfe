// How long a prediction takes, and that it grows linearly with the number of operations: prints
// processor time per size and the exponent of growth (1 is linear), then the time to read and
// predict the 1,174-operation streaming encoder of the corpus for all six chips.
#include "ane/cost.hpp"
#include "ane/cost_table.hpp"
#include "ane/rules.hpp"
#include "coreml/graph_builder.hpp"
#include "coreml/reader.hpp"
#include "evaluate/analysis.hpp"
#include "support/corpus.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
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

double cpu_ms() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

// The best of several rounds: what the work takes when nothing disturbs it.
template <typename Work>
double best_of(int rounds, const Work& work) {
  double best = 1e9;
  for (int i = 0; i < rounds; ++i) {
    const auto start = cpu_ms();
    work();
    best = std::min(best, cpu_ms() - start);
  }
  return best;
}

struct Knowledge {
  std::shared_ptr<const ane::RuleSet> rules;
  ane::CostTables tables;
};

std::size_t predict(const coreml::Graph& graph, const Knowledge& knowledge) {
  static const std::vector<ane::Target> k_targets(ane::k_chip_families.begin(),
                                                  ane::k_chip_families.end());
  const auto evaluations =
      evaluate::evaluate_graph(graph, k_targets, *knowledge.rules, knowledge.tables);
  std::size_t ops = 0;
  for (const auto& evaluation : evaluations)
    ops += evaluation.ops.size();
  return ops;
}

void print_growth(const Knowledge& knowledge) {
  std::vector<std::pair<double, double>> measured;
  for (const std::size_t count : {1'000UL, 10'000UL, 100'000UL}) {
    const auto graph = network(count);
    const auto ms = best_of(count > 50'000 ? 3 : 10, [&] {
      if (predict(graph, knowledge) != count * ane::k_chip_families.size())
        std::abort();
    });
    measured.emplace_back(static_cast<double>(count), ms);
    std::printf("%7zu operations, six chips: %9.2f ms, %6.2f us each\n", count, ms,
                1000 * ms / static_cast<double>(count));
  }
  const auto [n0, t0] = measured.front();
  const auto [n1, t1] = measured.back();
  std::printf("growth: n^%.2f\n", std::log(t1 / t0) / std::log(n1 / n0));
}

void print_encoder(const Knowledge& knowledge) {
  for (const auto& model : test::corpus_models()) {
    if (!model.name.ends_with("streaming_encoder.mlpackage"))
      continue;
    double read = 0;
    const auto both = best_of(20, [&] {
      const auto start = cpu_ms();
      const auto graph = coreml::read_model(model.path);
      if (!graph)
        std::abort();
      read = cpu_ms() - start;
      predict(*graph, knowledge);
    });
    std::printf("streaming encoder, six chips: read and predicted in %.2f ms (reading %.2f ms)\n",
                both, read);
    return;
  }
  std::printf("streaming encoder: no corpus (ANECOMPAT_CORPUS)\n");
}

}  // namespace

int main() {
  Knowledge knowledge;
  const auto rules_ms = best_of(5, [&] { knowledge.rules = *ane::RuleSet::built_in(); });
  const auto tables_ms = best_of(5, [&] { knowledge.tables = *ane::load_cost_tables(); });
  std::printf("loading once: rules %.2f ms, cost tables %.2f ms\n", rules_ms, tables_ms);
  print_growth(knowledge);
  print_encoder(knowledge);
  return 0;
}
