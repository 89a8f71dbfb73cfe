#include "evaluate/model_kinds.hpp"

#include "support/text.hpp"

#include <fmt/format.h>

namespace anecompat::evaluate {

namespace {

using coreml::ModelKind;

// A feature extractor that the file only names.
bool is_system_model(const coreml::Model& model) {
  return to_lower(model.type_name).find("visionfeatureprint") != std::string::npos ||
         to_lower(model.type_name).find("soundanalysispreprocessing") != std::string::npos;
}

}  // namespace

void for_each_model(const coreml::Model& model,
                    const std::function<void(const coreml::Model&)>& visit) {
  visit(model);
  for (const auto& stage : model.stages)
    for_each_model(stage, visit);
}

bool is_neural(const coreml::Model& model) {
  return model.kind == ModelKind::ml_program || model.kind == ModelKind::neural_network;
}

bool has_neural_part(const coreml::Model& root) {
  bool found = false;
  for_each_model(root, [&](const coreml::Model& model) { found = found || is_neural(model); });
  return found;
}

bool labels_outside(const coreml::Model& root) {
  return root.kind == ModelKind::neural_network && root.type_name == "neuralNetworkClassifier";
}

std::optional<ane::Reason> unknown_reason(const coreml::Model& root) {
  std::optional<ane::Reason> reason;
  for_each_model(root, [&](const coreml::Model& model) {
    if (reason)
      return;
    if (is_system_model(model)) {
      reason = ane::Reason{
          .code = "system-model",
          .message = fmt::format("{} is part of the operating system", printable(model.type_name))};
    } else if (model.kind == ModelKind::opaque) {
      reason = ane::Reason{
          .code = "opaque-model",
          .message = fmt::format("{} cannot be looked into", printable(model.type_name))};
    }
  });
  return reason;
}

}  // namespace anecompat::evaluate
