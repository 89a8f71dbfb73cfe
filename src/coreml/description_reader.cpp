#include "coreml/description_reader.hpp"

#include "coreml/description_feature.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace anecompat::coreml {

namespace {

using Entry = std::pair<std::string_view, std::string_view>;

struct Features {
  std::vector<Feature> inputs;
  std::vector<Feature> outputs;
  std::vector<Feature> states;

  // Validators tolerate states among the inputs.
  void add_input(const Feature& feature) {
    (feature.kind == Feature::Kind::state ? states : inputs).push_back(feature);
  }
  Description::FunctionFeatures stored(std::string_view name, GraphBuilder& builder) const {
    return {.name = name,
            .inputs = builder.store(inputs),
            .outputs = builder.store(outputs),
            .states = builder.store(states)};
  }
};

Description::FunctionFeatures read_function(WireReader message, GraphBuilder& builder) {
  std::string_view name;
  Features features;
  while (message.next()) {
    switch (message.field()) {
      case 1:
        name = message.string();
        break;
      case 2:
        features.add_input(read_feature(message.message(), builder));
        break;
      case 3:
        features.outputs.push_back(read_feature(message.message(), builder));
        break;
      case 6:
        features.states.push_back(read_feature(message.message(), builder));
        break;
      default:
        break;
    }
  }
  return features.stored(name, builder);
}

// Metadata.userDefined, a map: the last entry of a key wins, in the place of the first.
void read_metadata(WireReader message, std::vector<Entry>& entries) {
  constexpr std::size_t k_max_entries = 4096;
  while (message.next()) {
    if (message.field() != 100 || entries.size() >= k_max_entries)
      continue;
    Entry entry;
    auto pair = message.message();
    while (pair.next()) {
      if (pair.field() == 1)
        entry.first = pair.string();
      if (pair.field() == 2)
        entry.second = pair.string();
    }
    const auto known = std::ranges::find(entries, entry.first, &Entry::first);
    if (known != entries.end()) {
      known->second = entry.second;
    } else {
      entries.push_back(entry);
    }
  }
}

}  // namespace

Result<Description> read_description_pieces(std::span<const Extent> pieces, WireReader& parent,
                                            GraphBuilder& builder) {
  Features features;
  std::vector<Description::FunctionFeatures> functions;
  std::vector<Entry> metadata;
  std::string_view default_function;
  for (const auto piece : pieces) {
    auto message = parent.message_at(piece);
    while (message.next()) {
      switch (message.field()) {
        case 1:
          features.add_input(read_feature(message.message(), builder));
          break;
        case 10:
          features.outputs.push_back(read_feature(message.message(), builder));
          break;
        case 13:
          features.states.push_back(read_feature(message.message(), builder));
          break;
        case 20:
          functions.push_back(read_function(message.message(), builder));
          break;
        case 21:
          default_function = message.string();
          break;
        case 100:
          read_metadata(message.message(), metadata);
          break;
        default:
          break;
      }
    }
  }
  if (!parent.status().ok()) {
    auto error = wire_error(parent);
    error.message = "its description cannot be read: " + error.message;
    return fail(std::move(error));
  }

  Description description;
  description.functions = builder.store(functions);
  description.metadata = builder.store(metadata);
  auto main = features.stored("main", builder);
  if (!functions.empty()) {
    // The functions' own lists are the ones that count then.
    auto chosen =
        std::ranges::find(functions, default_function, &Description::FunctionFeatures::name);
    if (chosen == functions.end()) {
      builder.note(
          fmt::format(R"(the default function "{}" is not among the functions; "{}" is taken)",
                      printable(default_function), printable(functions[0].name)));
      chosen = functions.begin();
    }
    main = *chosen;
  }
  description.default_function = main.name;
  description.inputs = main.inputs;
  description.outputs = main.outputs;
  description.states = main.states;
  return description;
}

Result<Description> read_description(WireReader message, GraphBuilder& builder) {
  // The reader stands before the first field: what is left of it is the one piece.
  const auto piece = message.rest();
  return read_description_pieces(std::span(&piece, 1), message, builder);
}

ValueType feature_type(const Feature& feature, GraphBuilder& builder) {
  using Kind = Feature::Kind;
  const auto scalar = [&](DataType dtype) { return builder.tensor(dtype, {}); };
  switch (feature.kind) {
    case Kind::multi_array:
    case Kind::image:
      return {.kind = ValueType::Kind::tensor, .dtype = feature.dtype, .shape = feature.shape};
    case Kind::state:
      return {.kind = ValueType::Kind::state, .dtype = feature.dtype, .shape = feature.shape};
    case Kind::int64:
      return scalar(DataType::int64);
    case Kind::float64:
      return scalar(DataType::float64);
    case Kind::string:
      return scalar(DataType::string);
    case Kind::dictionary:
      return {.kind = ValueType::Kind::dictionary};
    case Kind::sequence:
      return {.kind = ValueType::Kind::list};
    case Kind::unknown:
      break;
  }
  return {};
}

}  // namespace anecompat::coreml
