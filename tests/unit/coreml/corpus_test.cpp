// Every row of the corpus's index: what it says of a model is what is read. The index was made with
// other readers (Apple's Python bindings, libprotobuf), so the two are independent.
#include "support/corpus.hpp"

#include "coreml/reader.hpp"
#include "coreml/walk.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace anecompat::coreml {
namespace {

// "nonconst=1174: transpose 157, linear 137; …" or "layers=90: …": the sum, and the most frequent
// kinds.
struct Counts {
  std::size_t sum = 0;
  std::map<std::string, std::size_t> kinds;
};

std::optional<Counts> counts_in(const std::string& notes) {
  const std::regex pattern("(nonconst|layers)=([0-9]+): ([^;}]*)");
  std::smatch found;
  if (!std::regex_search(notes, found, pattern))
    return std::nullopt;
  Counts counts{.sum = std::stoul(found[2].str()), .kinds = {}};
  std::stringstream list(found[3].str());
  for (std::string item; std::getline(list, item, ',');) {
    std::stringstream words(item);
    std::string kind;
    std::size_t count = 0;
    if (words >> kind >> count)
      counts.kinds[kind] = count;
  }
  return counts;
}

// As the index counts: what a file calls its operations, constants left out, constexpr_* not.
Counts counts_of(const Graph& graph) {
  Counts counts;
  walk_all(graph, [&](const OperationSite& site) {
    const bool program = site.model.kind == ModelKind::ml_program;
    if (program && site.op.kind == OperationKind::constant)
      return;
    ++counts.sum;
    ++counts.kinds[std::string(program ? site.op.type : site.op.source_type)];
  });
  return counts;
}

std::string_view format_of(const test::CorpusModel& model) {
  if (model.kind == "mlprogram")
    return "mlpackage";
  if (model.kind == "mil-c" || model.kind == "espresso-c")
    return "mlmodelc";
  return model.kind == "mil-text" ? "mil" : "mlmodel";
}

ModelKind kind_of(const test::CorpusModel& model) {
  if (model.kind == "nn" || model.kind == "espresso-c")
    return ModelKind::neural_network;
  if (model.kind == "pipeline")
    return ModelKind::pipeline;
  return model.kind == "classic" ? ModelKind::classic : ModelKind::ml_program;
}

TEST(Corpus, EveryRowOfTheIndexIsWhatItSays) {
  ANECOMPAT_REQUIRE_CORPUS();
  std::map<std::string, int> kinds;
  int counted = 0;
  for (const auto& model : test::corpus_models()) {
    SCOPED_TRACE(model.kind + " " + model.name);
    ++kinds[model.kind];
    const auto graph = read_model(model.path);
    if (model.kind == "UNREADABLE") {
      EXPECT_FALSE(graph);
      continue;
    }
    if (!graph) {
      ADD_FAILURE() << graph.error().to_string();
      continue;
    }
    EXPECT_EQ(graph->format(), format_of(model));
    EXPECT_EQ(graph->model().kind, kind_of(model));
    EXPECT_GT(graph->operation_count(), 0U);
    const auto expected = counts_in(model.notes);
    // A pipeline's list is that of one stage.
    if (!expected || model.kind == "pipeline")
      continue;
    const auto read = counts_of(*graph);
    EXPECT_EQ(read.sum, expected->sum);
    for (const auto& [kind, count] : expected->kinds) {
      const auto found = read.kinds.find(kind);
      EXPECT_EQ(found == read.kinds.end() ? 0 : found->second, count) << kind;
    }
    ++counted;
  }
  EXPECT_THAT(kinds, testing::UnorderedElementsAre(
                         testing::Pair("UNREADABLE", 6), testing::Pair("classic", 4),
                         testing::Pair("espresso-c", 3), testing::Pair("mil-c", 9),
                         testing::Pair("mil-text", 5), testing::Pair("mlprogram", 20),
                         testing::Pair("nn", 26), testing::Pair("pipeline", 8)));
  // All networks, programs and compiled models; bare MIL, pipelines and trees have no list.
  EXPECT_EQ(counted, 58);
}

// A network and what Apple's compiler made of it. The compiler fuses and splits layers, but inputs,
// outputs and convolutions are the same.
TEST(Corpus, ACompiledNetworkHasTheConvolutionsOfItsSource) {
  ANECOMPAT_REQUIRE_CORPUS();
  const auto base = *test::corpus_directory() + "/models/getbouncer__cardscan-ios/CardScan/Assets/";
  const auto source = read_model(base + "FindFour.mlmodel");
  const auto compiled = read_model(base + "FindFour.mlmodelc");
  ASSERT_TRUE(source) << source.error().to_string();
  ASSERT_TRUE(compiled) << compiled.error().to_string();

  const auto features = [](std::span<const Feature> list) {
    std::vector<std::string> lines;
    for (const auto& feature : list)
      lines.push_back(std::string(feature.name) + " " + feature.shape.to_string());
    return lines;
  };
  EXPECT_EQ(features(compiled->model().inputs), features(source->model().inputs));
  EXPECT_EQ(features(compiled->model().outputs), features(source->model().outputs));

  const auto convolutions = [](const Graph& graph) {
    std::vector<std::string> lines;
    walk_all(graph, [&](const OperationSite& site) {
      if (site.op.type != "conv")
        return;
      auto line = std::string(site.op.label);
      for (const auto* name : {"weight_shape", "strides", "dilations", "groups"}) {
        line += std::string(" ") + name;
        if (const auto* literal = graph.parameter(site.op, name)) {
          for (const auto number : literal->ints().value_or(std::span<const std::int64_t>()))
            line += " " + std::to_string(number);
        }
      }
      lines.push_back(line + " -> " + graph.value(site.op.outputs[0]).type.shape.to_string());
    });
    return lines;
  };
  const auto expected = convolutions(*source);
  EXPECT_EQ(expected.size(), 26U);
  EXPECT_EQ(convolutions(*compiled), expected);
}

}  // namespace
}  // namespace anecompat::coreml
