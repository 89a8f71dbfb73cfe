#include "fake_ane.hpp"

#import <Foundation/NSThread.h>
#include <signal.h>

#include <cstdlib>
#include <thread>

using namespace anecompat::test;
using anecompat::evaluate::apple::ns_string;
using anecompat::evaluate::apple::Retained;

namespace {

const FakeSegment& segment_of(id model) {
  return scenario().segments.at(static_cast<std::size_t>(fields(model).number("segment")));
}

constexpr const char* k_domain = "com.apple.appleneuralengine";

}  // namespace

@implementation _ANEModel
FAKE_DEALLOC
FAKE_OBJECT(NSURL*, modelURL)
FAKE_OBJECT(NSDictionary*, modelAttributes)
FAKE_OBJECT(id, program)
- (id)key {
  if (segment_of(self).key_raises)
    [NSException raise:@"NSInvalidArgumentException" format:@"the key is gone"];
  return fields(self).object("key");
}
- (unsigned long long)string_id {
  return static_cast<unsigned long long>(fields(self).number("string_id"));
}
- (unsigned long long)programHandle {
  return 0x1000U + static_cast<unsigned long long>(fields(self).number("segment"));
}
- (long long)identifierSource {
  return fields(self).object("key") == nil ? 3 : 1;
}
@end

@implementation _ANEIOSurfaceObject
- (void)dealloc {
  fake_surface_free(_ioSurface);
  drop_fields(self);
  [super dealloc];
}
- (void)fill:(const std::string&)contents {
  _ioSurface = fake_surface_make(contents);
}
@end

@implementation _ANERequest
FAKE_DEALLOC
FAKE_OBJECT(NSArray*, inputArray)
FAKE_OBJECT(NSArray*, outputArray)
FAKE_OBJECT(NSNumber*, procedureIndex)
@end

@implementation _ANEProgramForEvaluation
FAKE_DEALLOC
- (bool)processRequest:(id)request
                 model:(id)model
                   qos:(FakeQos)qos
                qIndex:(unsigned long long)queue
         modelStringID:(unsigned long long)stringID
               options:(id)options
           returnValue:(unsigned int*)returnValue
                 error:(id*)error {
  const auto& segment = segment_of(model);
  const auto number = static_cast<std::uint32_t>(++seen().evaluations);
  const bool healthy = segment.evaluate == Act::succeed || number <= segment.fail_from;
  *returnValue = healthy ? 0 : 0x16;
  if (healthy)
    return true;
  return act(segment.evaluate, error, k_domain, 8,
             "ANEProgramProcessRequestDirect() Failed with status=0x16 : statusType=0x9");
}
@end

@implementation _ANEVirtualClient
- (bool)evaluateWithModel:(id)model
                  options:(id)options
                  request:(id)request
                      qos:(FakeQos)qos
                    error:(id*)error {
  ++seen().evaluations;
  return act(segment_of(model).evaluate, error, k_domain, 27, "virtual client failed");
}
@end

@implementation _ANEClient
+ (id)sharedConnection {
  static id client = [[_ANEClient alloc] init];
  return client;
}
- (bool)doEvaluateDirectWithModel:(id)model
                          options:(id)options
                          request:(id)request
                              qos:(FakeQos)qos
                            error:(id*)error {
  if (model == nil)
    return false;
  if (segment_of(model).route == Route::virtual_client) {
    static id virtual_client = [[_ANEVirtualClient alloc] init];
    return [virtual_client evaluateWithModel:model
                                     options:options
                                     request:request
                                         qos:qos
                                       error:error];
  }
  unsigned int status = 0;
  return [static_cast<_ANEProgramForEvaluation*>([model program]) processRequest:request
                                                                           model:model
                                                                             qos:qos
                                                                          qIndex:0
                                                                   modelStringID:[model string_id]
                                                                         options:options
                                                                     returnValue:&status
                                                                           error:error];
}
- (bool)evaluateWithModel:(id)model
                  options:(id)options
                  request:(id)request
                      qos:(FakeQos)qos
                    error:(id*)error {
  return [self doEvaluateDirectWithModel:model options:options request:request qos:qos error:error];
}
- (bool)compileModel:(id)model options:(id)options qos:(FakeQos)qos error:(id*)error {
  return act(segment_of(model).compile, error, "com.apple.appleneuralengine.compiler", 1,
             "_ANECompiler : ANECCompile() FAILED");
}
- (bool)loadModel:(id)model options:(id)options qos:(FakeQos)qos error:(id*)error {
  return [self doLoadModel:model options:options qos:qos error:error];
}
- (bool)doLoadModel:(id)model options:(id)options qos:(FakeQos)qos error:(id*)error {
  return act(segment_of(model).load, error, k_domain, 6, "program load failed");
}
#if !defined(FAKE_OLD_OS)
- (bool)evaluateRealTimeWithModel:(id)model
                          options:(id)options
                          request:(id)request
                            error:(id*)error {
  return [self doEvaluateDirectWithModel:model options:options request:request qos:33 error:error];
}
- (bool)doEnqueueSetsWithModel:(id)model
                     outputSet:(id)set
                       options:(id)options
                           qos:(FakeQos)qos
                         error:(id*)error {
  ++seen().evaluations;
  return act(segment_of(model).evaluate, error, k_domain, 15, "chaining failed");
}
- (bool)doBuffersReadyWithModel:(id)model
                   inputBuffers:(id)buffers
                        options:(id)options
                            qos:(FakeQos)qos
                          error:(id*)error {
  return true;
}
- (bool)doLoadModelNewInstance:(id)model
                       options:(id)options
               modelInstParams:(id)parameters
                           qos:(FakeQos)qos
                         error:(id*)error {
  return act(segment_of(model).load, error, k_domain, 21, "load of a new instance failed");
}
#endif
@end

#if !defined(FAKE_OLD_OS)
@implementation _ANEInMemoryModel
FAKE_DEALLOC
FAKE_OBJECT(id, model)
- (bool)evaluateWithQoS:(FakeQos)qos options:(id)options request:(id)request error:(id*)error {
  unsigned int status = 0;
  id model = [self model];
  return [static_cast<_ANEProgramForEvaluation*>([model program]) processRequest:request
                                                                           model:model
                                                                             qos:qos
                                                                          qIndex:0
                                                                   modelStringID:[model string_id]
                                                                         options:options
                                                                     returnValue:&status
                                                                           error:error];
}
@end

@interface _ANEDeviceInfo : NSObject
@end
@implementation _ANEDeviceInfo
+ (bool)hasANE {
  return scenario().device_info_ane;
}
+ (NSString*)aneArchitectureType {
  return scenario().device_info_ane ? @"h16g" : nil;
}
+ (bool)isVirtualMachine {
  return scenario().virtual_machine;
}
+ (unsigned int)numANECores {
  return 16;
}
@end
#endif

namespace anecompat::test {

namespace {

NSDictionary* attributes_of(const FakeSegment& segment) {
  if (segment.number_attributes)
    return [NSDictionary dictionaryWithObject:[NSNumber numberWithInt:7]
                                       forKey:@"ANEFModelDescription"];
  if (!segment.symbols)
    return nil;
  // Symbols are in the compiler's order: outputs carry a suffix, and the second procedure's names
  // come first, so that taking all of them in order is wrong.
  auto inputs = segment.inputs;
  std::vector<std::string> outputs;
  for (const auto& output : segment.outputs)
    outputs.push_back(output + "@output");
  inputs.insert(inputs.begin(), "other_in");
  outputs.insert(outputs.begin(), "other_out@output");
  const auto indices = [&](std::size_t first, std::size_t count) -> id {
    if (segment.bad_indices)
      first += 100;
    if (segment.index_sets)
      return [NSIndexSet indexSetWithIndexesInRange:NSMakeRange(first, count)];
    NSMutableArray* array = [NSMutableArray array];
    for (std::size_t i = 0; i < count; ++i)
      [array addObject:[NSNumber numberWithUnsignedLong:first + i]];
    return array;
  };
  const auto procedure = [&](int id_, std::size_t first, std::size_t ins, std::size_t outs) {
    return [NSDictionary
        dictionaryWithObjectsAndKeys:[NSNumber numberWithInt:id_], @"ANEFModelProcedureID",
                                     indices(first, ins), @"ANEFModelInputSymbolIndexArray",
                                     indices(first, outs), @"ANEFModelOutputSymbolIndexArray", nil];
  };
  NSDictionary* description = [NSDictionary
      dictionaryWithObjectsAndKeys:[NSArray arrayWithObjects:procedure(0, 1, segment.inputs.size(),
                                                                       segment.outputs.size()),
                                                             procedure(1, 0, 1, 1), nil],
                                   @"ANEFModelProcedures", strings(inputs),
                                   @"kANEFModelInputSymbolsArrayKey", strings(outputs),
                                   @"kANEFModelOutputSymbolsArrayKey", nil];
  return [NSDictionary dictionaryWithObject:description forKey:@"ANEFModelDescription"];
}

std::string json_names(const std::vector<std::string>& names) {
  std::string json = "{";
  for (const auto& name : names)
    json += (json.size() > 1 ? "," : "") + ("\"" + name + "\":{\"shape\":[4,4,1,3,1]}");
  return json + "}";
}

id key_of(const FakeSegment& segment, std::size_t index) {
  switch (segment.key) {
    case Key::espresso:
      return ns_string("{\"isegment\":" + std::to_string(index) +
                       ",\"inputs\":" + json_names(segment.inputs) +
                       ",\"outputs\":" + json_names(segment.outputs) + "}");
    case Key::hash:
      return @"8c5d_0f1e";
    case Key::number:
      return [NSNumber numberWithInt:42];
    case Key::broken_json:
      return @"{\"isegment\":0,\"inputs\":{";
    case Key::other_json:
      return @"{\"inputs\":[1,2],\"outputs\":3}";
    case Key::absent:
      break;
  }
  return nullptr;
}

_ANERequest* make_request(const FakeSegment& segment) {
  _ANERequest* request = make<_ANERequest*>([_ANERequest class]);
  fields(request).set("inputArray", surfaces(segment.inputs));
  fields(request).set("outputArray", surfaces(segment.outputs));
  fields(request).set("procedureIndex", [NSNumber numberWithInt:0]);
  return request;
}

bool evaluate_once(_ANEModel* model, const FakeSegment& segment) {
  _ANEClient* client = [_ANEClient sharedConnection];
  _ANERequest* request = make_request(segment);
  id error = nil;
  switch (segment.route) {
    case Route::evaluate:
      return [client evaluateWithModel:model options:nil request:request qos:33 error:&error];
    case Route::program: {
      unsigned int status = 0;
      return [static_cast<_ANEProgramForEvaluation*>([model program]) processRequest:request
                                                                               model:model
                                                                                 qos:33
                                                                              qIndex:0
                                                                       modelStringID:1
                                                                             options:nil
                                                                         returnValue:&status
                                                                               error:&error];
    }
#if !defined(FAKE_OLD_OS)
    case Route::real_time:
      return [client evaluateRealTimeWithModel:model options:nil request:request error:&error];
    case Route::in_memory: {
      _ANEInMemoryModel* in_memory = make<_ANEInMemoryModel*>([_ANEInMemoryModel class]);
      fields(in_memory).set("model", model);
      return [in_memory evaluateWithQoS:33 options:nil request:request error:&error];
    }
    case Route::chaining:
      return [client doBuffersReadyWithModel:model
                                inputBuffers:nil
                                     options:nil
                                         qos:33
                                       error:&error] &&
             [client doEnqueueSetsWithModel:model outputSet:nil options:nil qos:33 error:&error];
    case Route::enqueue_only:
      return [client doEnqueueSetsWithModel:model outputSet:nil options:nil qos:33 error:&error];
#endif
    case Route::no_model:
      return [client doEvaluateDirectWithModel:nil
                                       options:nil
                                       request:request
                                           qos:33
                                         error:nullptr];
    default:
      return [client doEvaluateDirectWithModel:model
                                       options:nil
                                       request:request
                                           qos:33
                                         error:&error];
  }
}

}  // namespace

NSArray* surfaces(const std::vector<std::string>& contents) {
  NSMutableArray* array = [NSMutableArray array];
  for (const auto& bytes : contents) {
    _ANEIOSurfaceObject* surface = make<_ANEIOSurfaceObject*>([_ANEIOSurfaceObject class]);
    [surface fill:bytes];
    [array addObject:surface];
  }
  return array;
}

bool act(Act what, id* error, const char* domain, long code, const char* text) {
  switch (what) {
    case Act::succeed:
      return true;
    case Act::fail:
    case Act::succeed_with_error:
      if (error != nullptr)
        *error = error_of(domain, code, text);
      return what == Act::succeed_with_error;
    case Act::fail_silently:
      return false;
    case Act::raise:
      [NSException raise:@"NSInternalInconsistencyException" format:@"%s", text];
      break;
    case Act::crash:
      raise(SIGSEGV);
      break;
    case Act::abort:
      std::abort();
    case Act::hang:
      std::this_thread::sleep_for(std::chrono::hours(1));
      break;
  }
  return false;
}

_ANEModel* make_ane_model(const FakeSegment& segment, std::size_t index) {
  static std::atomic<long long> next_string_id{1};
  _ANEModel* model = make<_ANEModel*>([_ANEModel class]);
  auto& own = fields(model);
  own.numbers["segment"] = static_cast<long long>(index);
  own.numbers["string_id"] = next_string_id++;
  own.set("key", key_of(segment, index));
  own.set("modelURL", segment.key == Key::absent ? nil : [NSURL fileURLWithPath:@"/tmp/m.bundle"]);
  own.set("modelAttributes", attributes_of(segment));
  own.set("program", make<id>([_ANEProgramForEvaluation class]));
  return model;
}

bool compile_and_load(_ANEModel* model) {
  _ANEClient* client = [_ANEClient sharedConnection];
  id error = nil;
  if (!scenario().cached && ![client compileModel:model options:nil qos:33 error:&error])
    return false;
  return [client loadModel:model options:nil qos:33 error:&error];
}

bool evaluate_segment(_ANEModel* model, const FakeSegment& segment) {
  std::atomic<bool> all{true};
  const auto work = [&] {
    @autoreleasepool {
      for (int i = 0; i < segment.times; ++i) {
        if (!evaluate_once(model, segment))
          all = false;
      }
    }
  };
  if (segment.threads == 1) {
    work();
    return all;
  }
  std::vector<std::thread> threads;
  for (int i = 0; i < segment.threads; ++i)
    threads.emplace_back([&] {
      GSRegisterCurrentThread();
      work();
      GSUnregisterCurrentThread();
    });
  for (auto& thread : threads)
    thread.join();
  return all;
}

}  // namespace anecompat::test
