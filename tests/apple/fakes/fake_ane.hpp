// The AppleNeuralEngine classes as far as Core ML uses them. BOOL is `bool` here as it is on arm64,
// so that the type encodings are the real ones.
#pragma once

#include "fields.hpp"
#include "scenario.hpp"

// The `qos` parameter of the client, by which its methods are told apart from changed ones.
#if defined(FAKE_CHANGED_TYPES)
using FakeQos = unsigned long long;
#else
using FakeQos = unsigned int;
#endif

@interface _ANEModel : NSObject
- (id)key;
- (NSURL*)modelURL;
- (NSDictionary*)modelAttributes;
- (unsigned long long)string_id;
- (unsigned long long)programHandle;
- (long long)identifierSource;
- (id)program;
@end

struct __IOSurface;

@interface _ANEIOSurfaceObject : NSObject {
  NSNumber* _startOffset;
  struct __IOSurface* _ioSurface;
}
@end

@interface _ANERequest : NSObject
- (NSArray*)inputArray;
- (NSArray*)outputArray;
- (NSNumber*)procedureIndex;
@end

@interface _ANEProgramForEvaluation : NSObject
- (bool)processRequest:(id)request
                 model:(id)model
                   qos:(FakeQos)qos
                qIndex:(unsigned long long)queue
         modelStringID:(unsigned long long)stringID
               options:(id)options
           returnValue:(unsigned int*)returnValue
                 error:(id*)error;
@end

@interface _ANEVirtualClient : NSObject
- (bool)evaluateWithModel:(id)model
                  options:(id)options
                  request:(id)request
                      qos:(FakeQos)qos
                    error:(id*)error;
@end

@interface _ANEClient : NSObject
+ (id)sharedConnection;
- (bool)doEvaluateDirectWithModel:(id)model
                          options:(id)options
                          request:(id)request
                              qos:(FakeQos)qos
                            error:(id*)error;
- (bool)evaluateWithModel:(id)model
                  options:(id)options
                  request:(id)request
                      qos:(FakeQos)qos
                    error:(id*)error;
- (bool)compileModel:(id)model options:(id)options qos:(FakeQos)qos error:(id*)error;
- (bool)loadModel:(id)model options:(id)options qos:(FakeQos)qos error:(id*)error;
- (bool)doLoadModel:(id)model options:(id)options qos:(FakeQos)qos error:(id*)error;
#if !defined(FAKE_OLD_OS)
- (bool)evaluateRealTimeWithModel:(id)model
                          options:(id)options
                          request:(id)request
                            error:(id*)error;
- (bool)doEnqueueSetsWithModel:(id)model
                     outputSet:(id)set
                       options:(id)options
                           qos:(FakeQos)qos
                         error:(id*)error;
- (bool)doBuffersReadyWithModel:(id)model
                   inputBuffers:(id)buffers
                        options:(id)options
                            qos:(FakeQos)qos
                          error:(id*)error;
- (bool)doLoadModelNewInstance:(id)model
                       options:(id)options
               modelInstParams:(id)parameters
                           qos:(FakeQos)qos
                         error:(id*)error;
#endif
@end

#if !defined(FAKE_OLD_OS)
@interface _ANEInMemoryModel : NSObject
- (id)model;
- (bool)evaluateWithQoS:(FakeQos)qos options:(id)options request:(id)request error:(id*)error;
@end
#endif

namespace anecompat::test {

// Does what an Act says; true when the step is to succeed.
bool act(Act what, id* error, const char* domain, long code, const char* text);

// Objects that hold a surface of some bytes each.
NSArray* surfaces(const std::vector<std::string>& contents);

_ANEModel* make_ane_model(const FakeSegment& segment, std::size_t index);
// Runs a loaded segment once along its route.
bool evaluate_segment(_ANEModel* model, const FakeSegment& segment);
bool compile_and_load(_ANEModel* model);

}  // namespace anecompat::test
