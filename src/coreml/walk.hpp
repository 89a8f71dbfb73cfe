// Visiting every operation of a model, with its path.
#pragma once

#include "coreml/graph.hpp"

#include <functional>
#include <string>

namespace anecompat::coreml {

// Where an operation is.
struct OperationSite {
  const Operation& op;
  const Model& model;  // the (stage) model it belongs to
  const Function& function;
  const Block& block;
  int depth = 0;  // 0: the function's own block; more: inside control flow
  // "main/decoder_0/conv_3": stages of pipelines, function, enclosing operations with block label,
  // then the operation's name.
  std::string path() const { return prefix + std::string(op.name); }
  const std::string& prefix;
};

// Calls visit for every operation in file order, an operation before those of its blocks, stages in
// order, constants included. `function`: only that one of the root model's (empty: the default
// function); stages of a pipeline always contribute their default function.
void walk(const Graph& graph, std::string_view function,
          const std::function<void(const OperationSite&)>& visit);

// The same for all functions.
void walk_all(const Graph& graph, const std::function<void(const OperationSite&)>& visit);

}  // namespace anecompat::coreml
