#include "cli/model_summary.hpp"

#include "coreml/walk.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

namespace anecompat::cli {

namespace {

using coreml::Feature;
using coreml::Flexibility;

// The stage and function part of an operation's prefix.
std::string function_path(const coreml::OperationSite& site) {
  const auto function = std::string(site.function.name);
  if (site.model.name.empty())
    return function;
  return std::string(site.model.name) + "/" + function;
}

std::string precision_of(const coreml::Graph& graph, const coreml::Operation& op) {
  if (op.outputs.empty())
    return "none";
  const auto& type = graph.value(op.outputs[0]).type;
  if (type.dtype == coreml::DataType::unknown)
    return std::string(k_unknown_precision);
  return std::string(to_string(type.dtype));
}

std::vector<NamedType> named_types(const coreml::Graph& graph,
                                   std::span<const coreml::ValueId> ids) {
  std::vector<NamedType> rows;
  for (const auto id : ids) {
    const auto& value = graph.value(id);
    rows.push_back({std::string(value.name), value.type.to_string()});
  }
  return rows;
}

std::string describe_type(const Feature& feature) {
  switch (feature.kind) {
    case Feature::Kind::multi_array:
      return std::string(to_string(feature.dtype)) + feature.shape.to_string();
    case Feature::Kind::state:
      return "state " + std::string(to_string(feature.dtype)) + feature.shape.to_string();
    case Feature::Kind::image: {
      const auto dims = feature.shape.dims;
      auto text = std::string(feature.color_space.empty() ? "image" : feature.color_space);
      if (!feature.color_space.empty())
        text += " image";
      if (dims.size() >= 2)
        text += fmt::format(" {}x{}", dims[dims.size() - 1], dims[dims.size() - 2]);
      return text;
    }
    case Feature::Kind::int64:
      return "int64";
    case Feature::Kind::float64:
      return "double";
    case Feature::Kind::string:
      return "string";
    case Feature::Kind::dictionary:
      return "dictionary";
    case Feature::Kind::sequence:
      return "sequence";
    case Feature::Kind::unknown:
      break;
  }
  return "unknown type";
}

std::string describe_flexibility(const Flexibility& flexibility) {
  std::string text;
  switch (flexibility.kind) {
    case Flexibility::Kind::fixed:
      break;
    case Flexibility::Kind::enumerated:
      for (const auto& shape : flexibility.shapes)
        text += (text.empty() ? ", one of " : ", ") + shape.to_string();
      break;
    case Flexibility::Kind::range:
      for (const auto& range : flexibility.ranges) {
        text += text.empty() ? ", within [" : ", ";
        if (range.lower == range.upper)
          text += fmt::format("{}", range.lower);
        else if (range.upper < 0)
          text += fmt::format("{}..", range.lower);
        else
          text += fmt::format("{}..{}", range.lower, range.upper);
      }
      if (!text.empty())
        text += "]";
      break;
  }
  return text;
}

}  // namespace

std::vector<FunctionSummary> summarize_functions(const coreml::Graph& graph) {
  std::vector<FunctionSummary> functions;
  coreml::walk_all(graph, [&](const coreml::OperationSite& site) {
    const auto path = function_path(site);
    if (functions.empty() || functions.back().path != path) {
      functions.emplace_back();
      functions.back().path = path;
      functions.back().opset = site.function.opset;
      functions.back().inputs = named_types(graph, site.function.inputs);
      functions.back().outputs = named_types(graph, site.function.body.outputs);
    }
    auto& summary = functions.back();
    switch (site.op.kind) {
      case coreml::OperationKind::compute:
        ++summary.compute_ops;
        ++summary.operations[std::string(site.op.source_type)];
        ++summary.precision[precision_of(graph, site.op)];
        break;
      case coreml::OperationKind::constant:
        ++summary.constants;
        break;
      case coreml::OperationKind::constexpr_:
        ++summary.decompressed;
        break;
    }
  });
  return functions;
}

ModelSize size_on_disk(const std::string& path) {
  namespace fs = std::filesystem;
  ModelSize size;
  std::error_code problem;
  const auto add = [&size](const fs::path& file) {
    std::error_code unreadable;
    if (const auto bytes = fs::file_size(file, unreadable); !unreadable) {
      size.bytes += bytes;
      ++size.files;
    }
  };
  if (!fs::is_directory(path, problem)) {
    add(path);
    return size;
  }
  for (fs::recursive_directory_iterator at(path, problem), end; !problem && at != end;
       at.increment(problem)) {
    std::error_code unreadable;
    if (at->is_regular_file(unreadable))
      add(at->path());
  }
  return size;
}

std::string describe_feature(const Feature& feature) {
  auto text = describe_type(feature) + describe_flexibility(feature.flexibility);
  if (feature.optional)
    text += ", optional";
  return text;
}

}  // namespace anecompat::cli
