#include "coreml/description_feature.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace anecompat::coreml {

namespace {

// More dimensions than any feature has; a longer shape is no shape.
constexpr std::size_t k_max_feature_rank = 32;

using Dims = std::vector<std::int64_t>;

struct ColorRow {
  std::int64_t code;
  std::string_view name;
  std::int64_t channels;
};
constexpr std::array k_colors = {ColorRow{10, "GRAYSCALE", 1}, ColorRow{20, "RGB", 3},
                                 ColorRow{30, "BGR", 3}, ColorRow{40, "GRAYSCALE_FLOAT16", 1}};

// ArrayFeatureType's codes: 0x10000 (float) or 0x20000 (integer) and the number of bits.
DataType array_type(std::int64_t code) {
  switch (code) {
    case 0x10010:
      return DataType::float16;
    case 0x10020:
      return DataType::float32;
    case 0x10040:
      return DataType::float64;
    case 0x20008:
      return DataType::int8;
    case 0x20020:
      return DataType::int32;
    default:
      return DataType::unknown;
  }
}

void append_dims(WireReader& field, Dims& dims) {
  if (field.extent().size() > k_max_feature_rank * 10) {
    dims.resize(k_max_feature_rank + 1);
    return;
  }
  field.each_varint([&](std::uint64_t dim) {
    if (dims.size() <= k_max_feature_rank)
      dims.push_back(static_cast<std::int64_t>(dim));
  });
}

Flexibility::Range read_range(WireReader message) {
  Flexibility::Range range;
  while (message.next()) {
    if (message.field() == 1)
      range.lower = message.int64();
    if (message.field() == 2)
      range.upper = std::max<std::int64_t>(message.int64(), -1);
  }
  return range;
}

// An image or array while its pieces come in. Every repeated setting is as libprotobuf merges it:
// scalars are replaced, lists grow, the last kind of flexibility wins.
struct Shaped {
  Dims dims;
  std::vector<Dims> enumerated;
  std::vector<Flexibility::Range> ranges;
  Flexibility::Kind kind = Flexibility::Kind::fixed;
};

Shape stored_shape(const Dims& dims, GraphBuilder& builder) {
  if (dims.empty() || dims.size() > k_max_feature_rank)
    return {};
  return builder.shape(dims);
}

void store(const Shaped& shaped, Feature& feature, GraphBuilder& builder) {
  feature.flexibility.kind = shaped.kind;
  auto standard = shaped.dims;
  if (shaped.kind == Flexibility::Kind::enumerated) {
    std::vector<Shape> shapes;
    for (const auto& dims : shaped.enumerated)
      shapes.push_back(stored_shape(dims, builder));
    feature.flexibility.shapes = builder.store(shapes);
    if (standard.empty() && !shaped.enumerated.empty())
      standard = shaped.enumerated[0];
  }
  if (shaped.kind == Flexibility::Kind::range) {
    feature.flexibility.ranges = builder.store(shaped.ranges);
    if (standard.empty()) {
      for (const auto& range : shaped.ranges)
        standard.push_back(range.lower);
    }
  }
  feature.shape = stored_shape(standard, builder);
}

void read_array(WireReader message, Feature& feature, GraphBuilder& builder) {
  Shaped shaped;
  while (message.next()) {
    switch (message.field()) {
      case 1:
        append_dims(message, shaped.dims);
        break;
      case 2:
        feature.dtype = array_type(message.int64());
        break;
      case 21: {
        shaped.kind = Flexibility::Kind::enumerated;
        auto list = message.message();
        while (list.next()) {
          if (list.field() != 1)
            continue;
          Dims dims;
          auto shape = list.message();
          while (shape.next()) {
            if (shape.field() == 1)
              append_dims(shape, dims);
          }
          shaped.enumerated.push_back(std::move(dims));
        }
        break;
      }
      case 31: {
        shaped.kind = Flexibility::Kind::range;
        auto list = message.message();
        while (list.next()) {
          if (list.field() == 1 && shaped.ranges.size() <= k_max_feature_rank)
            shaped.ranges.push_back(read_range(list.message()));
        }
        break;
      }
      default:
        break;
    }
  }
  store(shaped, feature, builder);
}

void read_image(WireReader message, Feature& feature, GraphBuilder& builder) {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t channels = k_unknown_dim;
  std::vector<std::array<std::int64_t, 2>> sizes;  // [height, width]
  std::array<Flexibility::Range, 2> ranges{};      // likewise
  auto kind = Flexibility::Kind::fixed;
  while (message.next()) {
    switch (message.field()) {
      case 1:
        width = message.int64();
        break;
      case 2:
        height = message.int64();
        break;
      case 3: {
        const auto* color = std::ranges::find(k_colors, message.int64(), &ColorRow::code);
        feature.color_space = color == k_colors.end() ? std::string_view() : color->name;
        channels = color == k_colors.end() ? k_unknown_dim : color->channels;
        break;
      }
      case 21: {
        kind = Flexibility::Kind::enumerated;
        auto list = message.message();
        while (list.next()) {
          if (list.field() != 1)
            continue;
          auto& size = sizes.emplace_back();
          auto entry = list.message();
          while (entry.next()) {
            if (entry.field() == 1 || entry.field() == 2)
              size.at(2 - entry.field()) = entry.int64();
          }
        }
        break;
      }
      case 31: {
        kind = Flexibility::Kind::range;
        auto both = message.message();
        while (both.next()) {
          if (both.field() == 1 || both.field() == 2)
            ranges.at(2 - both.field()) = read_range(both.message());
        }
        break;
      }
      default:
        break;
    }
  }
  Shaped shaped{.dims = {1, channels, height, width}, .enumerated = {}, .ranges = {}, .kind = kind};
  for (const auto& size : sizes)
    shaped.enumerated.push_back({1, channels, size[0], size[1]});
  if (kind == Flexibility::Kind::range)
    shaped.ranges = {{1, 1}, {channels, channels}, ranges[0], ranges[1]};
  if (width == 0 && height == 0 && kind != Flexibility::Kind::fixed)
    shaped.dims.clear();
  store(shaped, feature, builder);
}

// FeatureType: which kind it is, and whether it is optional.
void read_type(WireReader message, Feature& feature, GraphBuilder& builder) {
  using Kind = Feature::Kind;
  constexpr std::array k_kinds = {Kind::unknown,    Kind::int64,    Kind::float64,
                                  Kind::string,     Kind::image,    Kind::multi_array,
                                  Kind::dictionary, Kind::sequence, Kind::state};
  while (message.next()) {
    if (message.field() == 1000) {
      feature.optional = message.boolean();
      continue;
    }
    if (message.field() >= k_kinds.size() || message.type() != WireType::length)
      continue;
    feature.kind = k_kinds.at(message.field());
    feature.dtype = DataType::unknown;
    feature.shape = {};
    feature.flexibility = {};
    feature.color_space = {};
    if (feature.kind == Kind::image)
      read_image(message.message(), feature, builder);
    if (feature.kind == Kind::multi_array)
      read_array(message.message(), feature, builder);
    if (feature.kind == Kind::state) {
      auto state = message.message();
      while (state.next()) {
        if (state.field() == 1)
          read_array(state.message(), feature, builder);
      }
    }
  }
}

}  // namespace

Feature read_feature(WireReader message, GraphBuilder& builder) {
  Feature feature;
  while (message.next()) {
    if (message.field() == 1)
      feature.name = message.string();
    if (message.field() == 3)
      read_type(message.message(), feature, builder);
  }
  return feature;
}

}  // namespace anecompat::coreml
