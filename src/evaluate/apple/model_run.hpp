// Loading a compiled model, feeding it, and running it.
#pragma once

#include "evaluate/apple/configuration.hpp"
#include "evaluate/measurement.hpp"

#include <optional>
#include <string>
#include <vector>

namespace anecompat::evaluate::apple {

class ModelRun {
 public:
  // Each of these is nullopt when it worked, else says why not. They are called in this order, once
  // each but for predict().
  std::optional<FrameworkError> load(const std::string& compiled,
                                     MLModelConfiguration* configuration);
  std::optional<FrameworkError> make_inputs(const MeasureRequest& request);
  std::optional<FrameworkError> predict();

  // One line per input that is fed, and the names of the outputs.
  const std::vector<std::string>& inputs() const { return m_inputs; }
  const std::vector<std::string>& outputs() const { return m_outputs; }

 private:
  std::optional<FrameworkError> feed(const MeasureRequest& request);
  std::optional<FrameworkError> run_once();

  Retained<MLModel*> m_model;
  Retained<id> m_state;  // of a stateful model
  Retained<id<MLFeatureProvider>> m_features;
  std::vector<std::string> m_inputs;
  std::vector<std::string> m_outputs;
};

}  // namespace anecompat::evaluate::apple
