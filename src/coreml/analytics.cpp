#include "coreml/analytics.hpp"

#include "coreml/mil_parser.hpp"
#include "coreml/mil_tree.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace anecompat::coreml {

namespace {

constexpr std::size_t k_most_backends = 64;

std::optional<bool> to_truth(const MilTree& tree) {
  if (tree.kind == MilTree::Kind::boolean || tree.kind == MilTree::Kind::number)
    return tree.number != 0;
  if (tree.kind == MilTree::Kind::string && (tree.text == "true" || tree.text == "false"))
    return tree.text == "true";
  return std::nullopt;
}

// Core ML writes the name with quotes inside the quotes.
std::string without_quotes(std::string text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    return text.substr(1, text.size() - 2);
  return text;
}

class Collector : public MilObserver {
 public:
  explicit Collector(GraphBuilder& builder, int max_depth)
      : m_builder(builder), m_max_depth(max_depth) {}

  void on_operation(std::string_view function, const Operation& op, TextPosition position,
                    std::span<const MilAttributeText> attributes) override {
    OperationAnalysis analysis{.function = std::string(function),
                               .type = std::string(op.source_type),
                               .position = position};
    bool any = false;
    for (const auto& attribute : attributes)
      any = take(attribute, analysis) || any;
    if (!any || m_error)
      return;
    if (!op.outputs.empty())
      analysis.name = std::string(m_builder.value(op.outputs[0]).name);
    m_analyses.push_back(std::move(analysis));
  }

  Result<std::vector<OperationAnalysis>> finish() {
    if (m_error)
      return fail(std::move(*m_error));
    return std::move(m_analyses);
  }

 private:
  // Whether the attribute is one of the planner's.
  bool take(const MilAttributeText& attribute, OperationAnalysis& analysis) {
    const bool support = attribute.name == "BackendSupport";
    const bool runtime =
        attribute.name == "EstimatedRunTime" || attribute.name == "EstimatedRuntime";
    const bool messages = attribute.name == "ValidationMessages";
    const bool selected = attribute.name == "SelectedBackend";
    if (!support && !runtime && !messages && !selected)
      return false;
    const auto tree = parse_mil_tree(attribute.text, m_max_depth);
    if (!tree ||
        (selected ? tree->kind != MilTree::Kind::string : tree->kind != MilTree::Kind::sequence)) {
      m_error = Error{.message = fmt::format("{} is not a {}", attribute.name,
                                             selected ? "string" : "dictionary by backend"),
                      .position = analysis.position};
      return true;
    }
    if (selected) {
      analysis.selected_backend = without_quotes(tree->text);
      return true;
    }
    for (const auto& pair : tree->items) {
      if (!pair.is_sequence_of(2) || analysis.backends.size() > k_most_backends)
        continue;
      auto& backend = backend_of(analysis, without_quotes(pair.items[0].text));
      const auto& value = pair.items[1];
      if (support)
        backend.supported = to_truth(value);
      if (runtime && value.kind == MilTree::Kind::number)
        backend.estimated_runtime = value.number;
      if (messages)
        backend.message = value.text;
    }
    return true;
  }

  static BackendAnalysis& backend_of(OperationAnalysis& analysis, std::string name) {
    auto at = std::ranges::lower_bound(analysis.backends, name, {}, &BackendAnalysis::backend);
    if (at == analysis.backends.end() || at->backend != name)
      at = analysis.backends.insert(at, BackendAnalysis{.backend = std::move(name)});
    return *at;
  }

  GraphBuilder& m_builder;
  int m_max_depth;
  std::vector<OperationAnalysis> m_analyses;
  std::optional<Error> m_error;
};

}  // namespace

const BackendAnalysis* OperationAnalysis::on(std::string_view backend) const {
  const auto found = std::ranges::find(backends, backend, &BackendAnalysis::backend);
  return found == backends.end() ? nullptr : &*found;
}

Result<std::vector<OperationAnalysis>> read_analytics(std::string_view text,
                                                      const ReadLimits& limits) {
  GraphBuilder builder("mil");
  Collector collector(builder, limits.max_depth);
  const ReadContext context{.limits = limits, .model_directory = {}};
  ANECOMPAT_TRY(MilParser(text, builder, context, &collector).parse());
  return collector.finish();
}

}  // namespace anecompat::coreml
