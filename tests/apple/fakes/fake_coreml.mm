// CoreML: loads what the scenario says, runs its segments, and falls back to the CPU without a word
// when one fails, as the real one does.
#include "fake_ane.hpp"

#include <Block.h>
#import <CoreML/CoreML.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

using namespace anecompat::test;
using anecompat::evaluate::apple::ns_string;
using anecompat::evaluate::apple::Retained;
using anecompat::evaluate::apple::text_of;

// Not in the public header.
@interface MLModelConfiguration (Fake)
- (long long)profilingOptions;
- (void)setProfilingOptions:(long long)options;
- (void)setFunctionName:(NSString*)name;
- (void)setOptimizationHints:(id)hints;
@end

#if !defined(FAKE_OLD_OS)
@interface MLOptimizationHints : NSObject
- (void)setReshapeFrequency:(NSInteger)frequency;
@end
@implementation MLOptimizationHints
FAKE_DEALLOC
- (void)setReshapeFrequency:(NSInteger)frequency {
  fields(self).numbers["frequency"] = frequency;
}
@end
#endif

@implementation MLMultiArray
- (void)dealloc {
  std::free(reinterpret_cast<void*>(fields(self).number("memory")));
  drop_fields(self);
  [super dealloc];
}
FAKE_OBJECT(NSArray*, shape)
- (id)initWithShape:(NSArray*)shape dataType:(MLMultiArrayDataType)dataType error:(NSError**)error {
  self = [super init];
  long long size = dataType & 0xFF;
  size /= 8;
  for (NSNumber* dimension in shape)
    size *= [dimension longLongValue];
  fields(self).set("shape", shape);
  fields(self).numbers["type"] = dataType;
  fields(self).numbers["size"] = size;
  fields(self).numbers["memory"] =
      reinterpret_cast<long long>(std::malloc(static_cast<std::size_t>(size)));
  return self;
}
- (void*)dataPointer {
  return reinterpret_cast<void*>(fields(self).number("memory"));
}
- (MLMultiArrayDataType)dataType {
  return static_cast<MLMultiArrayDataType>(fields(self).number("type"));
}
- (NSArray*)strides {
  std::vector<std::int64_t> strides(static_cast<std::size_t>([[self shape] count]), 1);
  for (std::size_t i = strides.size(); i-- > 1;)
    strides[i - 1] = strides[i] * [[[self shape] objectAtIndex:i] longLongValue];
  return numbers(strides);
}
- (NSInteger)count {
  return static_cast<NSInteger>(fields(self).number("size") /
                                ((fields(self).number("type") & 0xFF) / 8));
}
#if !defined(FAKE_OLD_OS)
- (void)getMutableBytesWithHandler:(void (^)(void* bytes, NSInteger size,
                                             NSArray* strides))handler {
  handler([self dataPointer], static_cast<NSInteger>(fields(self).number("size")), [self strides]);
}
#endif
@end

@implementation MLSequence
FAKE_DEALLOC
+ (id)sequenceWithStringArray:(NSArray*)values {
  MLSequence* sequence = make<MLSequence*>(self);
  fields(sequence).set("values", values);
  return sequence;
}
+ (id)sequenceWithInt64Array:(NSArray*)values {
  return [self sequenceWithStringArray:values];
}
@end

namespace {

MLFeatureValue* value_of(const char* kind, id object) {
  MLFeatureValue* value = make<MLFeatureValue*>([MLFeatureValue class]);
  fields(value).set("kind", ns_string(kind));
  fields(value).set("object", object);
  return value;
}

}  // namespace

@implementation MLFeatureValue
FAKE_DEALLOC
+ (id)featureValueWithInt64:(int64_t)value {
  return value_of("int64", [NSNumber numberWithLongLong:value]);
}
+ (id)featureValueWithDouble:(double)value {
  return value_of("double", [NSNumber numberWithDouble:value]);
}
+ (id)featureValueWithString:(NSString*)value {
  return value_of("string", value);
}
+ (id)featureValueWithMultiArray:(MLMultiArray*)value {
  return value_of("multi-array", value);
}
+ (id)featureValueWithPixelBuffer:(CVPixelBufferRef)buffer {
  MLFeatureValue* value = value_of("image", nil);
  CVPixelBufferLockBaseAddress(buffer, 0);
  const bool planar = CVPixelBufferGetPlaneCount(buffer) != 0;
  void* base =
      planar ? CVPixelBufferGetBaseAddressOfPlane(buffer, 1) : CVPixelBufferGetBaseAddress(buffer);
  const auto size = planar ? CVPixelBufferGetBytesPerRowOfPlane(buffer, 1) *
                                 CVPixelBufferGetHeightOfPlane(buffer, 1)
                           : CVPixelBufferGetBytesPerRow(buffer) * CVPixelBufferGetHeight(buffer);
  fields(value).set("object", [NSData dataWithBytes:base length:size]);
  CVPixelBufferUnlockBaseAddress(buffer, 0);
  return value;
}
+ (id)featureValueWithSequence:(MLSequence*)value {
  return value_of("sequence", fields(value).object("values"));
}
+ (id)featureValueWithDictionary:(NSDictionary*)value error:(NSError**)error {
  return value_of("dictionary", value);
}
@end

@implementation MLMultiArrayShapeConstraint
FAKE_DEALLOC
FAKE_OBJECT(NSArray*, sizeRangeForDimension)
FAKE_OBJECT(NSArray*, enumeratedShapes)
@end

@implementation MLMultiArrayConstraint
FAKE_DEALLOC
FAKE_OBJECT(NSArray*, shape)
FAKE_OBJECT(MLMultiArrayShapeConstraint*, shapeConstraint)
- (MLMultiArrayDataType)dataType {
  return static_cast<MLMultiArrayDataType>(fields(self).number("type"));
}
@end

@implementation MLImageSize
FAKE_DEALLOC
- (NSInteger)pixelsHigh {
  return static_cast<NSInteger>(fields(self).number("height"));
}
- (NSInteger)pixelsWide {
  return static_cast<NSInteger>(fields(self).number("width"));
}
@end

@implementation MLImageSizeConstraint
FAKE_DEALLOC
FAKE_OBJECT(NSArray*, enumeratedImageSizes)
- (NSRange)pixelsHighRange {
  return NSMakeRange(static_cast<NSUInteger>(fields(self).number("first height")),
                     static_cast<NSUInteger>(fields(self).number("heights")));
}
- (NSRange)pixelsWideRange {
  return NSMakeRange(static_cast<NSUInteger>(fields(self).number("first width")),
                     static_cast<NSUInteger>(fields(self).number("widths")));
}
@end

@implementation MLImageConstraint
FAKE_DEALLOC
FAKE_OBJECT(MLImageSizeConstraint*, sizeConstraint)
- (NSInteger)pixelsHigh {
  return static_cast<NSInteger>(fields(self).number("height"));
}
- (NSInteger)pixelsWide {
  return static_cast<NSInteger>(fields(self).number("width"));
}
- (OSType)pixelFormatType {
  return static_cast<OSType>(fields(self).number("type"));
}
@end

@implementation MLDictionaryConstraint
FAKE_DEALLOC
- (MLFeatureType)keyType {
  return static_cast<MLFeatureType>(fields(self).number("type"));
}
@end

@implementation MLSequenceConstraint
FAKE_DEALLOC
FAKE_OBJECT(MLFeatureDescription*, valueDescription)
- (NSRange)countRange {
  return NSMakeRange(static_cast<NSUInteger>(fields(self).number("count")), 10);
}
@end

@implementation MLFeatureDescription
FAKE_DEALLOC
FAKE_OBJECT(NSString*, name)
FAKE_OBJECT(MLMultiArrayConstraint*, multiArrayConstraint)
FAKE_OBJECT(MLImageConstraint*, imageConstraint)
FAKE_OBJECT(MLDictionaryConstraint*, dictionaryConstraint)
FAKE_OBJECT(MLSequenceConstraint*, sequenceConstraint)
- (MLFeatureType)type {
  return static_cast<MLFeatureType>(fields(self).number("kind"));
}
- (BOOL)isOptional {
  return fields(self).number("optional") != 0;
}
@end

@implementation MLModelDescription
FAKE_DEALLOC
FAKE_OBJECT(NSDictionary*, inputDescriptionsByName)
FAKE_OBJECT(NSDictionary*, outputDescriptionsByName)
#if !defined(FAKE_OLD_OS)
FAKE_OBJECT(NSDictionary*, stateDescriptionsByName)
#endif
@end

@implementation MLModelConfiguration
FAKE_DEALLOC
- (id)copyWithZone:(NSZone*)zone {
  MLModelConfiguration* copy = [[MLModelConfiguration alloc] init];
  fields(copy).numbers = fields(self).numbers;
  fields(copy).objects = fields(self).objects;
  return copy;
}
- (MLComputeUnits)computeUnits {
  return static_cast<MLComputeUnits>(fields(self).number("units"));
}
- (void)setComputeUnits:(MLComputeUnits)units {
  fields(self).numbers["units"] = units;
}
#if !defined(FAKE_OLD_OS)
- (long long)profilingOptions {
  return fields(self).number("profiling");
}
- (void)setProfilingOptions:(long long)options {
  fields(self).numbers["profiling"] = scenario().profiling ? options : 0;
}
- (void)setFunctionName:(NSString*)name {
  fields(self).set("function", name);
}
- (void)setOptimizationHints:(id)hints {
  fields(self).set("hints", hints);
}
#endif
@end

@implementation MLDictionaryFeatureProvider
FAKE_DEALLOC
- (id)initWithDictionary:(NSDictionary*)dictionary error:(NSError**)error {
  self = [super init];
  fields(self).set("dictionary", dictionary);
  return self;
}
- (NSSet*)featureNames {
  return [NSSet setWithArray:[fields(self).object("dictionary") allKeys]];
}
- (MLFeatureValue*)featureValueForName:(NSString*)name {
  return [fields(self).object("dictionary") objectForKey:name];
}
@end

// Devices.
@interface MLCPUComputeDevice : NSObject
@end
@implementation MLCPUComputeDevice
@end
@interface MLGPUComputeDevice : NSObject
@end
@implementation MLGPUComputeDevice
@end
@interface MLNeuralEngineComputeDevice : NSObject
@end
@implementation MLNeuralEngineComputeDevice
- (long long)totalCoreCount {
  return 16;
}
@end

// The private library that holds the segmentation analytics.
@interface MLE5ProgramLibrary : NSObject
@end
@interface MLE5Engine : NSObject
@end

namespace {

[[maybe_unused]] id device(const std::string& name) {
  static id cpu = [[MLCPUComputeDevice alloc] init];
  static id gpu = [[MLGPUComputeDevice alloc] init];
  static id ane = [[MLNeuralEngineComputeDevice alloc] init];
  return name == "ane" ? ane : name == "gpu" ? gpu : name == "cpu" ? cpu : nil;
}

MLFeatureType feature_type(const std::string& kind) {
  static const std::map<std::string, MLFeatureType> types = {
      {"multi-array", MLFeatureTypeMultiArray},
      {"image", MLFeatureTypeImage},
      {"int64", MLFeatureTypeInt64},
      {"double", MLFeatureTypeDouble},
      {"string", MLFeatureTypeString},
      {"dictionary", MLFeatureTypeDictionary},
      {"sequence", MLFeatureTypeSequence}};
  const auto found = types.find(kind);
  return found != types.end() ? found->second : static_cast<MLFeatureType>(99);
}

// `enumerated` and `ranges` of an image: height, then width.
MLImageSizeConstraint* image_sizes(const FakeInput& input) {
  MLImageSizeConstraint* sizes = make<MLImageSizeConstraint*>([MLImageSizeConstraint class]);
  NSMutableArray* enumerated = [NSMutableArray array];
  for (const auto& shape : input.enumerated) {
    MLImageSize* size = make<MLImageSize*>([MLImageSize class]);
    fields(size).numbers["height"] = shape.at(0);
    fields(size).numbers["width"] = shape.at(1);
    [enumerated addObject:size];
  }
  fields(sizes).set("enumeratedImageSizes", enumerated);
  if (input.ranges.size() == 2) {
    fields(sizes).numbers["first height"] = static_cast<long long>(input.ranges[0].first);
    fields(sizes).numbers["heights"] = static_cast<long long>(input.ranges[0].second);
    fields(sizes).numbers["first width"] = static_cast<long long>(input.ranges[1].first);
    fields(sizes).numbers["widths"] = static_cast<long long>(input.ranges[1].second);
  }
  return sizes;
}

MLFeatureDescription* describe(const FakeInput& input) {
  MLFeatureDescription* description = make<MLFeatureDescription*>([MLFeatureDescription class]);
  auto& own = fields(description);
  own.set("name", ns_string(input.name));
  own.numbers["kind"] = feature_type(input.kind);
  own.numbers["optional"] = input.optional;
  MLMultiArrayShapeConstraint* shapes =
      make<MLMultiArrayShapeConstraint*>([MLMultiArrayShapeConstraint class]);
  NSMutableArray* enumerated = [NSMutableArray array];
  for (const auto& shape : input.enumerated)
    [enumerated addObject:numbers(shape)];
  NSMutableArray* ranges = [NSMutableArray array];
  for (const auto& [location, length] : input.ranges)
    [ranges addObject:[NSValue valueWithRange:NSMakeRange(location, length)]];
  fields(shapes).set("enumeratedShapes", enumerated);
  fields(shapes).set("sizeRangeForDimension", ranges);
  MLMultiArrayConstraint* array = make<MLMultiArrayConstraint*>([MLMultiArrayConstraint class]);
  fields(array).set("shape", numbers(input.shape));
  fields(array).set("shapeConstraint", shapes);
  fields(array).numbers["type"] = input.type;
  own.set("multiArrayConstraint", array);
  MLImageConstraint* image = make<MLImageConstraint*>([MLImageConstraint class]);
  if (input.shape.size() >= 2) {
    fields(image).numbers["height"] = input.shape[input.shape.size() - 2];
    fields(image).numbers["width"] = input.shape.back();
  }
  fields(image).numbers["type"] = input.type;
  fields(image).set("sizeConstraint", image_sizes(input));
  own.set("imageConstraint", image);
  MLDictionaryConstraint* dictionary =
      make<MLDictionaryConstraint*>([MLDictionaryConstraint class]);
  fields(dictionary).numbers["type"] = input.type;
  own.set("dictionaryConstraint", dictionary);
  if (input.kind == "sequence") {
    MLSequenceConstraint* sequence = make<MLSequenceConstraint*>([MLSequenceConstraint class]);
    MLFeatureDescription* value = make<MLFeatureDescription*>([MLFeatureDescription class]);
    fields(value).numbers["kind"] = input.type;
    fields(sequence).set("valueDescription", value);
    fields(sequence).numbers["count"] = input.shape.empty() ? 0 : input.shape.front();
    own.set("sequenceConstraint", sequence);
  }
  return description;
}

NSDictionary* descriptions(const std::vector<FakeInput>& inputs) {
  NSMutableDictionary* dictionary = [NSMutableDictionary dictionary];
  for (const auto& input : inputs)
    [dictionary setObject:describe(input) forKey:ns_string(input.name)];
  return dictionary;
}

void note_feed(id provider) {
  for (NSString* name in [provider featureNames]) {
    id value = [provider featureValueForName:name];
    id object = fields(value).object("object");
    std::string bytes;
    if ([object isKindOfClass:[MLMultiArray class]]) {
      const auto size = static_cast<std::size_t>(fields(object).number("size"));
      bytes.assign(static_cast<const char*>([object dataPointer]), size);
      auto& shape = seen().shapes[text_of(name)];
      shape.clear();
      for (NSNumber* dimension in [static_cast<MLMultiArray*>(object) shape])
        shape.push_back([dimension longLongValue]);
    } else if ([object isKindOfClass:[NSData class]]) {
      bytes.assign(static_cast<const char*>([object bytes]), [object length]);
    } else {
      bytes = text_of(object);
    }
    seen().fed[text_of(name)] = bytes;
  }
}

}  // namespace

@implementation MLE5ProgramLibrary
#if !defined(FAKE_OLD_OS)
- (NSDictionary*)segmentationAnalyticsAndReturnError:(id*)error {
  NSMutableDictionary* analytics = [NSMutableDictionary dictionary];
  int line = 0;
  for (const auto& [function, ops] : scenario().structure.functions) {
    for (const auto& op : ops) {
      NSDictionary* entry = [NSDictionary
          dictionaryWithObjectsAndKeys:strings({"Program", function, "Block", op.name}), @"OpPath",
                                       ns_string("\"" + op.preferred + "\""), @"SelectedBackend",
                                       [NSDictionary dictionaryWithObject:ns_string(op.message)
                                                                   forKey:@"ane"],
                                       @"ValidationMessages", nil];
      [analytics setObject:entry
                    forKey:ns_string("main/analytics.mil:" + std::to_string(++line) + ":1")];
    }
  }
  return analytics;
}
#endif
@end

@implementation MLE5Engine
- (id)programLibrary {
  static id library = [[MLE5ProgramLibrary alloc] init];
  return library;
}
@end

@implementation MLModel
FAKE_DEALLOC
FAKE_OBJECT(MLModelDescription*, modelDescription)
FAKE_OBJECT(id, program)
#if !defined(FAKE_OLD_OS)
+ (NSArray*)availableComputeDevices {
  if (scenario().devices_raise)
    [NSException raise:@"NSGenericException" format:@"no devices today"];
  NSMutableArray* devices = [NSMutableArray arrayWithObjects:device("cpu"), device("gpu"), nil];
  if (scenario().neural_engine)
    [devices addObject:device("ane")];
  return devices;
}
- (id)newState {
  return [[NSObject alloc] init];
}
#endif
+ (NSURL*)compileModelAtURL:(NSURL*)url error:(NSError**)error {
  namespace fs = std::filesystem;
  if (!act(scenario().compile_model, error, "com.apple.CoreML", 0, "Failed to parse the model"))
    return nil;
  ++seen().compiled_models;
  static std::atomic<int> number{0};
  const auto path = fs::temp_directory_path() / ("fake-compiled-" + std::to_string(getpid()) + "-" +
                                                 std::to_string(number++) + ".mlmodelc");
  fs::create_directories(path);
  std::ofstream(path / "coremldata.bin") << "fake";
  return [NSURL fileURLWithPath:ns_string(path.string())];
}
+ (id)modelWithContentsOfURL:(NSURL*)url
               configuration:(MLModelConfiguration*)configuration
                       error:(NSError**)error {
  if (!act(scenario().load_model, error, "com.apple.CoreML", 0, "Failed to load the model"))
    return nil;
  ++seen().models_loaded;
  seen().compute_units = [configuration computeUnits];
  seen().function = text_of(fields(configuration).object("function"));
  if (const id hints = fields(configuration).object("hints"))
    seen().reshape_frequency = fields(hints).number("frequency");
  MLModel* model = make<MLModel*>(self);
  NSMutableArray* programs = [NSMutableArray array];
  for (std::size_t i = 0; i < scenario().segments.size(); ++i) {
    const auto& segment = scenario().segments[i];
    _ANEModel* program = make_ane_model(segment, i);
    // What cannot be compiled or loaded runs on the CPU, and nobody is told.
    if (compile_and_load(program))
      [programs addObject:program];
  }
  fields(model).set("programs", programs);
  if (fields(configuration).number("profiling") & 1)
    fields(model).set("program", [[[MLE5Engine alloc] init] autorelease]);
  MLModelDescription* description = make<MLModelDescription*>([MLModelDescription class]);
  fields(description).set("inputDescriptionsByName", descriptions(scenario().inputs));
  std::vector<FakeInput> outputs;
  for (const auto& name : scenario().outputs)
    outputs.push_back({.name = name});
  fields(description).set("outputDescriptionsByName", descriptions(outputs));
  if (scenario().stateful)
    fields(description).set("stateDescriptionsByName", descriptions({{.name = "cache"}}));
  fields(model).set("modelDescription", description);
  return model;
}
- (id<MLFeatureProvider>)predictionFromFeatures:(id<MLFeatureProvider>)features
                                          error:(NSError**)error {
  ++seen().predictions;
  note_feed(features);
  for (_ANEModel* program in fields(self).object("programs")) {
    const auto index = static_cast<std::size_t>(fields(program).number("segment"));
    evaluate_segment(program, scenario().segments.at(index));
  }
  if (!act(scenario().predict, error, "com.apple.CoreML", 0, "Failed to evaluate the model"))
    return nil;
  return [[[MLDictionaryFeatureProvider alloc] initWithDictionary:[NSDictionary dictionary]
                                                            error:nullptr] autorelease];
}
#if !defined(FAKE_OLD_OS)
- (id<MLFeatureProvider>)predictionFromFeatures:(id<MLFeatureProvider>)features
                                     usingState:(id)state
                                          error:(NSError**)error {
  ++seen().stateful_predictions;
  return [self predictionFromFeatures:features error:error];
}
#endif
@end

#if !defined(FAKE_OLD_OS)

// One class for every node of the model structure: they only have getters.
@interface FakeNode : NSObject
@end
@implementation FakeNode
FAKE_DEALLOC
FAKE_OBJECT(id, program)
FAKE_OBJECT(id, neuralNetwork)
FAKE_OBJECT(id, pipeline)
FAKE_OBJECT(NSArray*, subModels)
FAKE_OBJECT(NSDictionary*, functions)
FAKE_OBJECT(id, block)
FAKE_OBJECT(NSArray*, blocks)
FAKE_OBJECT(NSArray*, operations)
FAKE_OBJECT(NSString*, operatorName)
FAKE_OBJECT(NSArray*, outputs)
FAKE_OBJECT(NSString*, name)
FAKE_OBJECT(NSString*, type)
FAKE_OBJECT(NSArray*, layers)
FAKE_OBJECT(NSArray*, outputNames)
FAKE_OBJECT(NSArray*, supportedComputeDevices)
FAKE_OBJECT(id, preferredComputeDevice)
- (double)weight {
  return 0.25;
}
@end

@interface MLComputePlan : NSObject
@end

namespace {

FakeNode* node(std::initializer_list<std::pair<const char*, id>> objects) {
  FakeNode* made = make<FakeNode*>([FakeNode class]);
  for (const auto& [name, object] : objects)
    fields(made).set(name, object);
  return made;
}

NSArray* operations(const std::vector<FakeOp>& ops);

FakeNode* operation(const FakeOp& op) {
  NSMutableArray* blocks = [NSMutableArray array];
  for (const auto& nested : op.blocks)
    [blocks addObject:node({{"operations", operations(nested)}})];
  NSMutableArray* supported = [NSMutableArray array];
  for (const auto& name : op.supported)
    [supported addObject:device(name)];
  id usage = op.preferred.empty() ? nil
                                  : node({{"preferredComputeDevice", device(op.preferred)},
                                          {"supportedComputeDevices", supported}});
  return node({{"operatorName", ns_string(op.type)},
               {"type", ns_string(op.type)},
               {"name", ns_string(op.name)},
               {"outputs", [NSArray arrayWithObject:node({{"name", ns_string(op.name)}})]},
               {"outputNames", strings({op.name})},
               {"blocks", blocks},
               {"usage", usage}});
}

NSArray* operations(const std::vector<FakeOp>& ops) {
  NSMutableArray* array = [NSMutableArray array];
  for (const auto& op : ops)
    [array addObject:operation(op)];
  return array;
}

FakeNode* structure_node(const FakeStructure& structure) {
  FakeNode* made = node({});
  if (!structure.functions.empty()) {
    NSMutableDictionary* functions = [NSMutableDictionary dictionary];
    for (const auto& [name, ops] : structure.functions)
      [functions setObject:node({{"block", node({{"operations", operations(ops)}})}})
                    forKey:ns_string(name)];
    fields(made).set("program", node({{"functions", functions}}));
  }
  if (!structure.layers.empty())
    fields(made).set("neuralNetwork", node({{"layers", operations(structure.layers)}}));
  if (!structure.stages.empty()) {
    NSMutableArray* stages = [NSMutableArray array];
    for (const auto& stage : structure.stages)
      [stages addObject:structure_node(stage)];
    fields(made).set("pipeline", node({{"subModels", stages}}));
  }
  return made;
}

}  // namespace

@implementation MLComputePlan
FAKE_DEALLOC
FAKE_OBJECT(id, modelStructure)
+ (void)loadContentsOfURL:(NSURL*)url
            configuration:(MLModelConfiguration*)configuration
        completionHandler:(void (^)(MLComputePlan* plan, NSError* error))handler {
  // An .mlpackage here ends the real process, and nothing can catch it.
  if (!std::filesystem::exists(text_of([url path]) + "/coremldata.bin"))
    std::abort();
  const auto what = scenario().plan;
  if (what == PlanAct::hang)
    return;
  if (what == PlanAct::raise)
    [NSException raise:@"NSGenericException" format:@"no plan today"];
  void (^copied)(MLComputePlan*, NSError*) = Block_copy(handler);
  // Alive until the answer, as the real one keeps them.
  [url retain];
  [configuration retain];
  std::thread worker([=] {
    GSRegisterCurrentThread();
    @autoreleasepool {
      if (what == PlanAct::late)
        std::this_thread::sleep_for(std::chrono::milliseconds(150));
      if (what == PlanAct::fail) {
        copied(nil, error_of("com.apple.CoreML", 0, "Failed to construct compute plan."));
      } else {
        // Planning loads the model.
        anecompat::evaluate::apple::guarded([&] {
          [MLModel modelWithContentsOfURL:url configuration:configuration error:nullptr];
        });
        ++seen().plans_loaded;
        MLComputePlan* plan = make<MLComputePlan*>([MLComputePlan class]);
        fields(plan).set("modelStructure", structure_node(scenario().structure));
        copied(plan, nil);
      }
      Block_release(copied);
      [url release];
      [configuration release];
    }
    GSUnregisterCurrentThread();
  });
  worker.detach();
}
- (id)computeDeviceUsageForMLProgramOperation:(id)operation {
  return fields(operation).object("usage");
}
- (id)computeDeviceUsageForNeuralNetworkLayer:(id)layer {
  return fields(layer).object("usage");
}
- (id)estimatedCostOfMLProgramOperation:(id)operation {
  return operation;
}
@end

#endif
