#include "coreml/espresso_shapes.hpp"

#include "coreml/espresso_json.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <array>

namespace anecompat::coreml {

namespace {

constexpr std::array<std::string_view, 5> k_dimensions = {"seq", "n", "k", "h", "w"};
constexpr std::size_t k_default_rank = 4;
// Larger ones cannot be meant, and smaller ones cannot overflow when a few are added.
constexpr std::int64_t k_max_dim = std::int64_t{1} << 40U;

Error shape_error(std::string_view blob, std::string_view key, std::string_view what) {
  return {.kind = ErrorKind::unreadable,
          .message = fmt::format("layer_shapes.{}.{}: {}", printable(blob), key, what)};
}

Result<std::int64_t> dimension(std::string_view blob, const EspressoLayer& numbers,
                               std::string_view key) {
  if (!numbers.has(key))
    return 1;
  const auto value = numbers.integer(key);
  if (!value)
    return fail(shape_error(blob, key, "not a whole number"));
  if (*value < k_unknown_dim || *value > k_max_dim)
    return fail(shape_error(blob, key, fmt::format("{} is no size of a dimension", *value)));
  return *value;
}

Result<Shape> blob_shape(std::string_view blob, const EspressoLayer& numbers,
                         GraphBuilder& builder) {
  std::array<std::int64_t, k_dimensions.size()> dims = {};
  for (std::size_t i = 0; i < dims.size(); ++i) {
    ANECOMPAT_TRY_ASSIGN(dims[i], dimension(blob, numbers, k_dimensions[i]));
  }
  std::size_t rank = dims[0] > 1 ? dims.size() : k_default_rank;
  if (numbers.has("_rank")) {
    const auto declared = numbers.integer("_rank");
    if (!declared || *declared < 0 || *declared > static_cast<std::int64_t>(dims.size()))
      return fail(shape_error(blob, "_rank", "not a rank from 0 to 5"));
    rank = static_cast<std::size_t>(*declared);
  }
  return builder.shape(std::span(dims).last(rank));
}

}  // namespace

Result<EspressoShapes> read_espresso_shapes(std::string_view json, GraphBuilder& builder,
                                            const ReadLimits& limits) {
  EspressoShapes shapes;
  const auto take = [&](std::string_view blob, const EspressoLayer& numbers) -> Result<void> {
    if (shapes.size() >= limits.max_values) {
      return fail({.kind = ErrorKind::unreadable,
                   .message = fmt::format("more than {} blobs", limits.max_values)});
    }
    ANECOMPAT_TRY_ASSIGN(shapes[std::string(blob)], blob_shape(blob, numbers, builder));
    return {};
  };
  ANECOMPAT_TRY(parse_espresso_shapes(json, limits, take));
  return shapes;
}

}  // namespace anecompat::coreml
