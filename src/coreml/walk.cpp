#include "coreml/walk.hpp"

namespace anecompat::coreml {

namespace {

using Visit = std::function<void(const OperationSite&)>;

struct Walker {
  const Visit& visit;

  void block(const Model& model, const Function& function, const Block& block,
             const std::string& prefix, int depth) const {
    for (const auto& op : block.operations) {
      visit({.op = op,
             .model = model,
             .function = function,
             .block = block,
             .depth = depth,
             .prefix = prefix});
      for (const auto& nested : op.blocks) {
        this->block(model, function, nested,
                    prefix + std::string(op.name) + "/" + std::string(nested.label) + "/",
                    depth + 1);
      }
    }
  }

  void function(const Model& model, const Function& function, const std::string& prefix) const {
    block(model, function, function.body, prefix + std::string(function.name) + "/", 0);
  }

  // `wanted` null: every function; empty: the default one.
  void model(const Model& model, const std::string_view* wanted, const std::string& prefix) const {
    for (const auto& candidate : model.functions) {
      const bool take = wanted == nullptr || model.functions.size() == 1 ||
                        candidate.name == (wanted->empty() ? model.default_function : *wanted);
      if (take)
        function(model, candidate, prefix);
    }
    constexpr std::string_view k_default;
    for (const auto& stage : model.stages)
      this->model(stage, wanted == nullptr ? nullptr : &k_default,
                  prefix + std::string(stage.name) + "/");
  }
};

}  // namespace

void walk(const Graph& graph, std::string_view function, const Visit& visit) {
  Walker{visit}.model(graph.model(), &function, "");
}

void walk_all(const Graph& graph, const Visit& visit) {
  Walker{visit}.model(graph.model(), nullptr, "");
}

}  // namespace anecompat::coreml
