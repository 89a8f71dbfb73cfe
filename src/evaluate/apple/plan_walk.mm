#include "evaluate/apple/plan_walk.hpp"

#include "evaluate/apple/objc_support.hpp"

#include <algorithm>

namespace anecompat::evaluate::apple {

namespace {

// Deeper nesting than any model has; the structure comes from the model file.
constexpr std::uint32_t k_max_depth = 64;

std::optional<ane::Backend> backend_of(id device) {
  if (device == nil)
    return std::nullopt;
  const auto is = [&](const char* name) {
    Class cls = objc_getClass(name);
    return cls != nil && [device isKindOfClass:cls];
  };
  if (is("MLNeuralEngineComputeDevice"))
    return ane::Backend::ane;
  if (is("MLGPUComputeDevice"))
    return ane::Backend::gpu;
  if (is("MLCPUComputeDevice"))
    return ane::Backend::cpu;
  return std::nullopt;
}

void add_usage(id usage, PlannedOp& op) {
  if (usage == nil)
    return;
  op.preferred = backend_of(object_property(usage, @selector(preferredComputeDevice)));
  for (id device in as_array(object_property(usage, @selector(supportedComputeDevices)))) {
    if (const auto backend = backend_of(device))
      op.supported.push_back(*backend);
  }
  std::sort(op.supported.begin(), op.supported.end());
  op.supported.erase(std::unique(op.supported.begin(), op.supported.end()), op.supported.end());
}

class PlanWalk {
 public:
  PlanWalk(id plan, ComputePlan& result) : m_plan(plan), m_result(result) {}

  void model(id structure, const std::string& stage, std::uint32_t depth) {
    if (structure == nil || depth > k_max_depth)
      return;
    program(object_property(structure, @selector(program)), stage);
    network(object_property(structure, @selector(neuralNetwork)), stage);
    id pipeline = object_property(structure, @selector(pipeline));
    std::size_t position = 0;
    for (id child in as_array(object_property(pipeline, @selector(subModels)))) {
      const auto number = std::to_string(position++);
      model(child, stage.empty() ? number : stage + "/" + number, depth + 1);
    }
  }

 private:
  void program(id program, const std::string& stage) {
    NSDictionary* functions = as_dictionary(object_property(program, @selector(functions)));
    NSArray* names = [[functions allKeys] sortedArrayUsingSelector:@selector(compare:)];
    for (id name in names) {
      id function = [functions objectForKey:name];
      block(object_property(function, @selector(block)), stage, text_of(name), 0);
    }
  }

  void block(id block, const std::string& stage, const std::string& function, std::uint32_t depth) {
    if (block == nil || depth > k_max_depth)
      return;
    for (id operation in as_array(object_property(block, @selector(operations)))) {
      PlannedOp op;
      op.stage = stage;
      op.function = function;
      op.depth = depth;
      op.type = text_of(object_property(operation, @selector(operatorName)));
      NSArray* outputs = as_array(object_property(operation, @selector(outputs)));
      if ([outputs count] != 0)
        op.name = text_of(object_property([outputs objectAtIndex:0], @selector(name)));
      add_usage(object_call(m_plan, @selector(computeDeviceUsageForMLProgramOperation:), operation),
                op);
      id cost = object_call(m_plan, @selector(estimatedCostOfMLProgramOperation:), operation);
      op.weight = double_property(cost, @selector(weight));
      m_result.ops.push_back(std::move(op));
      for (id nested in as_array(object_property(operation, @selector(blocks))))
        this->block(nested, stage, function, depth + 1);
    }
  }

  void network(id network, const std::string& stage) {
    for (id layer in as_array(object_property(network, @selector(layers)))) {
      PlannedOp op;
      op.stage = stage;
      op.function = "main";
      op.type = text_of(object_property(layer, @selector(type)));
      NSArray* outputs = as_array(object_property(layer, @selector(outputNames)));
      op.name = [outputs count] != 0 ? text_of([outputs objectAtIndex:0])
                                     : text_of(object_property(layer, @selector(name)));
      add_usage(object_call(m_plan, @selector(computeDeviceUsageForNeuralNetworkLayer:), layer),
                op);
      m_result.ops.push_back(std::move(op));
    }
  }

  id m_plan;
  ComputePlan& m_result;
};

}  // namespace

ComputePlan walk_plan(id compute_plan) {
  ComputePlan result;
  PlanWalk(compute_plan, result)
      .model(object_property(compute_plan, @selector(modelStructure)), "", 0);
  return result;
}

}  // namespace anecompat::evaluate::apple
