// What kind of models a file holds, stages of pipelines included.
#pragma once

#include "ane/reason.hpp"
#include "coreml/graph.hpp"

#include <functional>
#include <optional>

namespace anecompat::evaluate {

// The model, then its stages, each before its own.
void for_each_model(const coreml::Model& model,
                    const std::function<void(const coreml::Model&)>& visit);

// A neural network or an ML Program: what a level is about.
bool is_neural(const coreml::Model& model);
bool has_neural_part(const coreml::Model& root);

// The label of a classifier is made outside of the network: by an operation of an ML Program, by
// the model around a neural network.
bool labels_outside(const coreml::Model& root);

// Why nothing can be told of the level, if that is so: a part that the file only names, or that
// cannot be looked into.
std::optional<ane::Reason> unknown_reason(const coreml::Model& root);

}  // namespace anecompat::evaluate
