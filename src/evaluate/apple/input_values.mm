#include "evaluate/apple/input_values.hpp"

#include "evaluate/apple/pixel_buffer.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace anecompat::evaluate::apple {

namespace {

// Enough for a sequence that has a lower bound, and no more than it takes to run.
constexpr std::size_t k_max_sequence = 4096;

struct ArrayType {
  ElementType element = ElementType::float32;
  const char* name = "";
};

std::optional<ArrayType> array_type(NSInteger type) {
  switch (type) {
    case MLMultiArrayDataTypeDouble:
      return ArrayType{ElementType::float64, "fp64"};
    case MLMultiArrayDataTypeFloat32:
      return ArrayType{ElementType::float32, "fp32"};
    case MLMultiArrayDataTypeFloat16:
      return ArrayType{ElementType::float16, "fp16"};
    case MLMultiArrayDataTypeInt32:
      return ArrayType{ElementType::int32, "int32"};
    case 0x20000 | 8:  // MLMultiArrayDataTypeInt8 of macOS 26, which older SDKs have no name for
      return ArrayType{ElementType::int8, "int8"};
    default:
      return std::nullopt;
  }
}

Dimensions dimensions_of(NSArray* numbers) {
  Dimensions dimensions;
  for (id number in numbers)
    dimensions.push_back(as_integer(number).value_or(0));
  return dimensions;
}

NSArray* numbers_of(const Dimensions& dimensions) {
  NSMutableArray* numbers = [NSMutableArray array];
  for (const auto dimension : dimensions)
    [numbers addObject:[NSNumber numberWithLongLong:dimension]];
  return numbers;
}

DimensionRange range_of(NSRange range) {
  const auto lower = static_cast<std::int64_t>(std::min<NSUInteger>(range.location, INT64_MAX));
  const auto room = static_cast<NSUInteger>(INT64_MAX - lower);
  if (range.length == 0)
    return {lower, lower};
  if (range.length > room)
    return {lower, INT64_MAX};
  return {lower, lower + static_cast<std::int64_t>(range.length) - 1};
}

// A fixed shape has ranges without room on some systems and none on others.
bool is_flexible(const std::vector<DimensionRange>& ranges) {
  return std::ranges::any_of(ranges, [](const auto& range) { return range.upper > range.lower; });
}

ShapeConstraint constraint_of(MLMultiArrayConstraint* array) {
  ShapeConstraint constraint;
  constraint.default_shape = dimensions_of([array shape]);
  MLMultiArrayShapeConstraint* shapes = [array shapeConstraint];
  for (id shape in [shapes enumeratedShapes])
    constraint.enumerated.push_back(dimensions_of(shape));
  for (id value in [shapes sizeRangeForDimension])
    constraint.ranges.push_back(range_of([static_cast<NSValue*>(value) rangeValue]));
  if (!is_flexible(constraint.ranges))
    constraint.ranges.clear();
  return constraint;
}

// Of an image: height and width.
ShapeConstraint constraint_of(MLImageConstraint* image) {
  ShapeConstraint constraint;
  constraint.default_shape = {[image pixelsHigh], [image pixelsWide]};
  MLImageSizeConstraint* sizes = [image sizeConstraint];
  if (sizes == nil)
    return constraint;
  constraint.ranges = {range_of([sizes pixelsHighRange]), range_of([sizes pixelsWideRange])};
  if (is_flexible(constraint.ranges))
    return constraint;
  constraint.ranges.clear();
  for (MLImageSize* size in [sizes enumeratedImageSizes])
    constraint.enumerated.push_back({[size pixelsHigh], [size pixelsWide]});
  return constraint;
}

void fill(MLMultiArray* array, ElementType type, RandomData& random) {
  RandomData* source = &random;
  // Padding between rows is filled, too: that is quicker than stepping over it.
  if ([array respondsToSelector:@selector(getMutableBytesWithHandler:)]) {
    [array getMutableBytesWithHandler:^(void* bytes, NSInteger size, NSArray*) {
      if (bytes != nullptr && size > 0)
        source->fill({static_cast<std::byte*>(bytes), static_cast<std::size_t>(size)}, type);
    }];
    return;
  }
  const auto shape = dimensions_of([array shape]);
  const auto strides = dimensions_of([array strides]);
  std::size_t extent = 1;
  for (std::size_t i = 0; i < std::min(shape.size(), strides.size()); ++i) {
    if (shape[i] > 0 && strides[i] > 0)
      extent += static_cast<std::size_t>(shape[i] - 1) * static_cast<std::size_t>(strides[i]);
  }
  if (void* bytes = [array dataPointer])
    random.fill({static_cast<std::byte*>(bytes), extent * bytes_of(type)}, type);
}

Error cannot_make(const std::string& name, ErrorKind kind, std::string_view why) {
  return {.kind = kind,
          .message = fmt::format("input {} cannot be made: {}", printable(name), why)};
}

Result<InputValue> multi_array(const std::string& name, MLMultiArrayConstraint* constraint,
                               const Dimensions& wanted, RandomData& random) {
  const auto type = array_type([constraint dataType]);
  if (!type)
    return fail(cannot_make(name, ErrorKind::unsupported,
                            fmt::format("its element type {:#x} is not known",
                                        static_cast<unsigned long>([constraint dataType]))));
  ANECOMPAT_TRY_ASSIGN(const auto shape, choose_shape(name, constraint_of(constraint), wanted));
  NSError* error = nil;
  const auto array =
      Retained<MLMultiArray*>::adopt([[MLMultiArray alloc] initWithShape:numbers_of(shape)
                                                                dataType:[constraint dataType]
                                                                   error:&error]);
  if (!array)
    return fail(cannot_make(name, ErrorKind::system,
                            to_string(framework_error_or(error, "Core ML gave no reason"))));
  fill(array.get(), type->element, random);
  return InputValue{
      Retained<MLFeatureValue*>::share([MLFeatureValue featureValueWithMultiArray:array.get()]),
      fmt::format("{}: {}{}", printable(name), type->name, to_string(shape))};
}

Result<InputValue> image(const std::string& name, MLImageConstraint* constraint,
                         const Dimensions& wanted, RandomData& random) {
  // A wanted shape may be [height, width] or have batch and channels before them.
  const auto size = wanted.size() > 2 ? Dimensions(wanted.end() - 2, wanted.end()) : wanted;
  ANECOMPAT_TRY_ASSIGN(const auto shape, choose_shape(name, constraint_of(constraint), size));
  const auto format = static_cast<std::uint32_t>([constraint pixelFormatType]);
  auto buffer = make_pixel_buffer(shape[1], shape[0], format, random);
  if (!buffer)
    return fail(cannot_make(name, buffer.error().kind, buffer.error().message));
  return InputValue{
      Retained<MLFeatureValue*>::share([MLFeatureValue featureValueWithPixelBuffer:buffer->get()]),
      fmt::format("{}: image {}x{} {}", printable(name), shape[1], shape[0],
                  pixel_format_name(format))};
}

MLFeatureValue* dictionary(MLDictionaryConstraint* constraint, RandomData& random) {
  const bool by_number = [constraint keyType] == MLFeatureTypeInt64;
  id key = by_number ? static_cast<id>([NSNumber numberWithLongLong:0]) : @"a";
  NSDictionary* values =
      [NSDictionary dictionaryWithObject:[NSNumber numberWithDouble:random.real()] forKey:key];
  NSError* error = nil;
  return [MLFeatureValue featureValueWithDictionary:values error:&error];
}

MLFeatureValue* sequence(MLSequenceConstraint* constraint) {
  const auto count = std::clamp<std::size_t>([constraint countRange].location, 1, k_max_sequence);
  const bool of_strings = [[constraint valueDescription] type] == MLFeatureTypeString;
  NSMutableArray* values = [NSMutableArray array];
  for (std::size_t i = 0; i < count; ++i)
    [values addObject:of_strings ? static_cast<id>(@"a") : [NSNumber numberWithLongLong:1]];
  return [MLFeatureValue featureValueWithSequence:of_strings
                                                      ? [MLSequence sequenceWithStringArray:values]
                                                      : [MLSequence sequenceWithInt64Array:values]];
}

Result<InputValue> plain(const std::string& name, MLFeatureValue* value, const char* kind) {
  if (value == nil)
    return fail(cannot_make(name, ErrorKind::system, fmt::format("Core ML made no {}", kind)));
  return InputValue{Retained<MLFeatureValue*>::share(value),
                    fmt::format("{}: {}", printable(name), kind)};
}

}  // namespace

Result<InputValue> make_input(MLFeatureDescription* description, const Dimensions& wanted,
                              RandomData& random) {
  const auto name = text_of([description name]);
  switch ([description type]) {
    case MLFeatureTypeMultiArray:
      return multi_array(name, [description multiArrayConstraint], wanted, random);
    case MLFeatureTypeImage:
      return image(name, [description imageConstraint], wanted, random);
    case MLFeatureTypeInt64:
      return plain(name, [MLFeatureValue featureValueWithInt64:1], "int64");
    case MLFeatureTypeDouble:
      return plain(name, [MLFeatureValue featureValueWithDouble:random.real()], "double");
    case MLFeatureTypeString:
      return plain(name, [MLFeatureValue featureValueWithString:@"a"], "string");
    case MLFeatureTypeDictionary:
      return plain(name, dictionary([description dictionaryConstraint], random), "dictionary");
    case MLFeatureTypeSequence:
      return plain(name, sequence([description sequenceConstraint]), "sequence");
    default:
      return fail(cannot_make(
          name, ErrorKind::unsupported,
          fmt::format("its kind {} is not known", static_cast<long>([description type]))));
  }
}

}  // namespace anecompat::evaluate::apple
