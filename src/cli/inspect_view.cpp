#include "cli/inspect_view.hpp"

#include "cli/model_summary.hpp"
#include "support/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace anecompat::cli {

namespace {

using coreml::Feature;
using coreml::Model;
using Json = nlohmann::ordered_json;

// A heading over rows of a name and what it is.
std::string named_text(std::string_view heading, const std::vector<NamedType>& rows,
                       std::size_t indent) {
  if (rows.empty())
    return {};
  std::size_t width = 0;
  for (const auto& row : rows)
    width = std::max(width, std::min<std::size_t>(printable(row.name).size(), 32));
  auto out = fmt::format("{:{}}{}:\n", "", indent, heading);
  for (const auto& row : rows) {
    out += fmt::format("{:{}}{:<{}}  {}\n", "", indent + 2, printable(row.name), width,
                       printable(row.type));
  }
  return out;
}

std::string features_text(std::string_view heading, std::span<const Feature> features,
                          std::size_t indent) {
  std::vector<NamedType> rows;
  for (const auto& feature : features)
    rows.push_back({std::string(feature.name), describe_feature(feature)});
  return named_text(heading, rows, indent);
}

// Most frequent first, then by name.
std::vector<std::pair<std::string, std::uint64_t>> by_count(
    const std::map<std::string, std::uint64_t>& counts) {
  std::vector<std::pair<std::string, std::uint64_t>> rows(counts.begin(), counts.end());
  std::ranges::stable_sort(rows, [](const auto& a, const auto& b) { return a.second > b.second; });
  return rows;
}

std::string function_text(const FunctionSummary& function, bool with_values) {
  auto out =
      fmt::format("function {}{}: {}, {}", printable(function.path),
                  function.opset.empty() ? "" : " (" + printable(function.opset) + ")",
                  counted(function.compute_ops, "op"), counted(function.constants, "constant"));
  if (function.decompressed > 0)
    out += ", " + counted(function.decompressed, "decompressed weight");
  out += "\n";
  if (with_values) {
    out += named_text("inputs", function.inputs, 2);
    out += named_text("outputs", function.outputs, 2);
  }
  std::string precision;
  for (const auto& [type, count] : by_count(function.precision)) {
    precision += fmt::format("{}{} {}", precision.empty() ? "" : ", ",
                             type == k_unknown_precision ? "not recorded" : type, count);
  }
  if (!precision.empty())
    out += fmt::format("  precision of op results: {}\n", precision);
  for (const auto& [type, count] : by_count(function.operations))
    out += fmt::format("  {:>6}  {}\n", count, printable(type));
  return out;
}

std::string weights_text(const Model& model, std::size_t indent) {
  if (model.weights.empty())
    return {};
  auto out = fmt::format("{:{}}weights:\n", "", indent);
  for (const auto& weight : model.weights) {
    out += fmt::format("{:{}}{:<20}  {}", "", indent + 2, printable(weight.encoding),
                       counted(weight.tensors, "tensor"));
    if (weight.bytes > 0)
      out += ", " + human_bytes(weight.bytes);
    out += "\n";
  }
  return out;
}

// What a model or a stage of it takes, gives and weighs.
std::string frame_text(const Model& model, std::size_t indent) {
  return features_text("inputs", model.inputs, indent) +
         features_text("outputs", model.outputs, indent) +
         features_text("states", model.states, indent) + weights_text(model, indent);
}

std::string stages_text(const Model& model, std::size_t indent) {
  std::string out;
  for (const auto& stage : model.stages) {
    out += fmt::format("{:{}}{} ({}, specification {}{})\n", "", indent, printable(stage.name),
                       printable(stage.type_name), stage.spec_version,
                       stage.updatable ? ", updatable" : "");
    out += frame_text(stage, indent + 2);
    out += stages_text(stage, indent + 2);
  }
  return out;
}

std::string size_text(const ModelSize& size) {
  auto out = fmt::format("size: {}", human_bytes(size.bytes));
  if (size.files > 1)
    out += fmt::format(" in {}", counted(size.files, "file"));
  return out + "\n";
}

// nlohmann refuses invalid UTF-8, and names may hold anything.
Json text_json(std::string_view text) {
  return printable(text);
}

Json shape_json(const coreml::Shape& shape) {
  if (!shape.ranked)
    return nullptr;
  auto dims = Json::array();
  for (const auto dim : shape.dims)
    dims.push_back(dim == coreml::k_unknown_dim ? Json(nullptr) : Json(dim));
  return dims;
}

Json flexibility_json(const coreml::Flexibility& flexibility) {
  Json json;
  switch (flexibility.kind) {
    case coreml::Flexibility::Kind::fixed:
      return nullptr;
    case coreml::Flexibility::Kind::enumerated:
      json["kind"] = "enumerated";
      json["shapes"] = Json::array();
      for (const auto& shape : flexibility.shapes)
        json["shapes"].push_back(shape_json(shape));
      break;
    case coreml::Flexibility::Kind::range:
      json["kind"] = "range";
      json["ranges"] = Json::array();
      for (const auto& range : flexibility.ranges)
        json["ranges"].push_back(
            {range.lower, range.upper < 0 ? Json(nullptr) : Json(range.upper)});
      break;
  }
  return json;
}

Json features_json(std::span<const Feature> features) {
  auto list = Json::array();
  for (const auto& feature : features) {
    Json json;
    json["name"] = text_json(feature.name);
    json["type"] = text_json(describe_feature(feature));
    json["dtype"] = feature.dtype == coreml::DataType::unknown
                        ? Json(nullptr)
                        : text_json(to_string(feature.dtype));
    json["shape"] = shape_json(feature.shape);
    json["flexibility"] = flexibility_json(feature.flexibility);
    json["optional"] = feature.optional;
    list.push_back(std::move(json));
  }
  return list;
}

Json counts_json(const std::map<std::string, std::uint64_t>& counts) {
  auto json = Json::object();
  for (const auto& [type, count] : counts)
    json[printable(type)] = count;
  return json;
}

Json weights_json(const Model& model) {
  auto list = Json::array();
  for (const auto& weight : model.weights) {
    list.push_back({{"encoding", text_json(weight.encoding)},
                    {"tensors", weight.tensors},
                    {"bytes", weight.bytes}});
  }
  return list;
}

// The members that a model and a stage of it have alike.
void add_frame(const Model& model, Json& json) {
  json["type"] = text_json(model.type_name);
  json["spec_version"] = model.spec_version;
  json["updatable"] = model.updatable;
  json["inputs"] = features_json(model.inputs);
  json["outputs"] = features_json(model.outputs);
  json["states"] = features_json(model.states);
  json["weights"] = weights_json(model);
  json["stages"] = Json::array();
  for (const auto& stage : model.stages) {
    Json child;
    child["name"] = text_json(stage.name);
    add_frame(stage, child);
    json["stages"].push_back(std::move(child));
  }
}

Json named_json(const std::vector<NamedType>& rows) {
  auto list = Json::array();
  for (const auto& row : rows)
    list.push_back({{"name", text_json(row.name)}, {"type", text_json(row.type)}});
  return list;
}

}  // namespace

std::string inspect_text(const coreml::Graph& graph, const std::string& path) {
  const auto& model = graph.model();
  auto out =
      fmt::format("{}: {} in {}, specification {}{}\n", printable(path), printable(model.type_name),
                  graph.format(), model.spec_version, model.updatable ? ", updatable" : "");
  out += size_text(size_on_disk(path));
  out += frame_text(model, 0);
  if (!model.stages.empty())
    out += "stages:\n" + stages_text(model, 2);
  for (const auto& function : summarize_functions(graph))
    out += function_text(function, model.functions.size() > 1);
  if (model.functions.size() > 1)
    out += fmt::format("default function: {}\n", printable(model.default_function));
  if (!model.metadata.empty()) {
    out += "metadata:\n";
    for (const auto& [key, value] : model.metadata)
      out += fmt::format("  {}: {}\n", printable(key), elide_middle(printable(value), 80));
  }
  if (!graph.notes().empty()) {
    out += "notes:\n";
    for (const auto& note : graph.notes())
      out += fmt::format("  {}\n", printable(note.text));
  }
  return out;
}

std::string inspect_json(const coreml::Graph& graph, const std::string& path) {
  const auto& model = graph.model();
  Json json;
  json["path"] = text_json(path);
  json["format"] = text_json(graph.format());
  const auto size = size_on_disk(path);
  json["bytes"] = size.bytes;
  json["files"] = size.files;
  add_frame(model, json);
  json["default_function"] = text_json(model.default_function);
  json["functions"] = Json::array();
  for (const auto& function : summarize_functions(graph))
    json["functions"].push_back({{"path", text_json(function.path)},
                                 {"opset", text_json(function.opset)},
                                 {"inputs", named_json(function.inputs)},
                                 {"outputs", named_json(function.outputs)},
                                 {"ops", function.compute_ops},
                                 {"constants", function.constants},
                                 {"decompressed", function.decompressed},
                                 {"precision", counts_json(function.precision)},
                                 {"histogram", counts_json(function.operations)}});
  json["metadata"] = Json::object();
  for (const auto& [key, value] : model.metadata)
    json["metadata"][printable(key)] = text_json(value);
  json["notes"] = Json::array();
  for (const auto& note : graph.notes())
    json["notes"].push_back(text_json(note.text));
  return json.dump(2) + "\n";
}

}  // namespace anecompat::cli
