#include "coreml/metadata_json.hpp"

#include "coreml/json_file.hpp"

#include <nlohmann/json.hpp>

#include <charconv>

namespace anecompat::coreml {

namespace {

// "[1, 3, 224]", which is text inside the JSON.
std::vector<std::int64_t> parse_shape(std::string_view text) {
  std::vector<std::int64_t> dims;
  const auto* at = text.data();
  const auto* end = at + text.size();
  while (at != end) {
    std::int64_t dim = 0;
    const auto parsed = std::from_chars(at, end, dim);
    if (parsed.ec == std::errc()) {
      dims.push_back(dim);
      at = parsed.ptr;
    } else {
      ++at;
    }
  }
  return dims;
}

std::vector<ModelMetadata::Feature> parse_schema(const nlohmann::json& object, const char* key) {
  std::vector<ModelMetadata::Feature> features;
  const auto schema = object.find(key);
  if (schema == object.end() || !schema->is_array())
    return features;
  for (const auto& entry : *schema) {
    features.push_back({.name = json_string(entry, "name"),
                        .type = json_string(entry, "type"),
                        .data_type = json_string(entry, "dataType"),
                        .shape = parse_shape(json_string(entry, "shape")),
                        .optional = json_string(entry, "isOptional") == "1"});
  }
  return features;
}

std::map<std::string, std::string> parse_strings(const nlohmann::json& object, const char* key) {
  std::map<std::string, std::string> strings;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_object())
    return strings;
  for (const auto& [name, value] : found->items()) {
    if (value.is_string())
      strings.emplace(name, value.get<std::string>());
  }
  return strings;
}

void add_histogram(const nlohmann::json& object, std::map<std::string, std::uint64_t>& counts) {
  for (const char* key : {"mlProgramOperationTypeHistogram", "neuralNetworkLayerTypeHistogram"}) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_object())
      continue;
    for (const auto& [name, count] : found->items()) {
      if (count.is_number_unsigned())
        counts[name] += count.get<std::uint64_t>();
    }
  }
}

}  // namespace

Result<ModelMetadata> parse_metadata(std::string_view text) {
  ANECOMPAT_TRY_ASSIGN(const auto json, parse_json(text));
  if (!json.is_array() || json.empty() || !json.front().is_object())
    return fail({.message = "is not an array of one object, as metadata of a compiled model is"});
  const auto& object = json.front();

  ModelMetadata metadata;
  if (const auto version = object.find("specificationVersion");
      version != object.end() && version->is_number_integer())
    metadata.spec_version = version->get<std::int64_t>();
  if (const auto type = object.find("modelType"); type != object.end()) {
    constexpr std::string_view k_prefix = "MLModelType_";
    metadata.model_type = json_string(*type, "name");
    if (metadata.model_type.starts_with(k_prefix))
      metadata.model_type.erase(0, k_prefix.size());
  }
  metadata.storage_precision = json_string(object, "storagePrecision");
  metadata.compute_precision = json_string(object, "computePrecision");
  metadata.availability = parse_strings(object, "availability");
  metadata.user_defined = parse_strings(object, "userDefinedMetadata");
  metadata.updatable = json_string(object, "isUpdatable") == "1";
  metadata.inputs = parse_schema(object, "inputSchema");
  metadata.outputs = parse_schema(object, "outputSchema");
  metadata.states = parse_schema(object, "stateSchema");
  add_histogram(object, metadata.operation_types);
  // With several functions the histograms are theirs.
  if (const auto functions = object.find("functions");
      metadata.operation_types.empty() && functions != object.end() && functions->is_array()) {
    for (const auto& function : *functions) {
      if (function.is_object())
        add_histogram(function, metadata.operation_types);
    }
  }
  return metadata;
}

std::string comparable_operation_type(std::string_view type) {
  const auto dot = type.find('.');
  std::string comparable;
  for (const char c : dot == std::string_view::npos ? type : type.substr(dot + 1)) {
    if (c != '_')
      comparable += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return comparable;
}

}  // namespace anecompat::coreml
