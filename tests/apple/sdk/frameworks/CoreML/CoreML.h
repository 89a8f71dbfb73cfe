// The part of CoreML that is used, declared for systems without it. Selectors, types and values are
// those of Apple's published interface.
#pragma once

#import <Foundation/Foundation.h>

#include <CoreVideo/CoreVideo.h>

typedef NS_ENUM(NSInteger, MLComputeUnits) {
  MLComputeUnitsCPUOnly = 0,
  MLComputeUnitsCPUAndGPU = 1,
  MLComputeUnitsAll = 2,
  MLComputeUnitsCPUAndNeuralEngine = 3,
};

typedef NS_ENUM(NSInteger, MLFeatureType) {
  MLFeatureTypeInvalid = 0,
  MLFeatureTypeInt64 = 1,
  MLFeatureTypeDouble = 2,
  MLFeatureTypeString = 3,
  MLFeatureTypeImage = 4,
  MLFeatureTypeMultiArray = 5,
  MLFeatureTypeDictionary = 6,
  MLFeatureTypeSequence = 7,
  MLFeatureTypeState = 8,
};

typedef NS_ENUM(NSInteger, MLMultiArrayDataType) {
  MLMultiArrayDataTypeDouble = 0x10000 | 64,
  MLMultiArrayDataTypeFloat32 = 0x10000 | 32,
  MLMultiArrayDataTypeFloat16 = 0x10000 | 16,
  MLMultiArrayDataTypeInt32 = 0x20000 | 32,
  MLMultiArrayDataTypeInt8 = 0x20000 | 8,
};

@class MLFeatureDescription;

@interface MLMultiArray : NSObject
- (id)initWithShape:(NSArray*)shape
           dataType:(MLMultiArrayDataType)dataType
              error:(NSError**)error;
- (void*)dataPointer;
- (MLMultiArrayDataType)dataType;
- (NSArray*)shape;
- (NSArray*)strides;
- (NSInteger)count;
- (void)getMutableBytesWithHandler:(void (^)(void* bytes, NSInteger size, NSArray* strides))handler;
@end

@interface MLSequence : NSObject
+ (id)sequenceWithStringArray:(NSArray*)values;
+ (id)sequenceWithInt64Array:(NSArray*)values;
@end

@interface MLFeatureValue : NSObject
+ (id)featureValueWithInt64:(int64_t)value;
+ (id)featureValueWithDouble:(double)value;
+ (id)featureValueWithString:(NSString*)value;
+ (id)featureValueWithMultiArray:(MLMultiArray*)value;
+ (id)featureValueWithPixelBuffer:(CVPixelBufferRef)value;
+ (id)featureValueWithSequence:(MLSequence*)value;
+ (id)featureValueWithDictionary:(NSDictionary*)value error:(NSError**)error;
@end

@interface MLMultiArrayShapeConstraint : NSObject
- (NSArray*)sizeRangeForDimension;
- (NSArray*)enumeratedShapes;
@end

@interface MLMultiArrayConstraint : NSObject
- (NSArray*)shape;
- (MLMultiArrayDataType)dataType;
- (MLMultiArrayShapeConstraint*)shapeConstraint;
@end

@interface MLImageSize : NSObject
- (NSInteger)pixelsHigh;
- (NSInteger)pixelsWide;
@end

@interface MLImageSizeConstraint : NSObject
- (NSRange)pixelsHighRange;
- (NSRange)pixelsWideRange;
- (NSArray*)enumeratedImageSizes;
@end

@interface MLImageConstraint : NSObject
- (NSInteger)pixelsHigh;
- (NSInteger)pixelsWide;
- (OSType)pixelFormatType;
- (MLImageSizeConstraint*)sizeConstraint;
@end

@interface MLDictionaryConstraint : NSObject
- (MLFeatureType)keyType;
@end

@interface MLSequenceConstraint : NSObject
- (MLFeatureDescription*)valueDescription;
- (NSRange)countRange;
@end

@interface MLFeatureDescription : NSObject
- (NSString*)name;
- (MLFeatureType)type;
- (BOOL)isOptional;
- (MLMultiArrayConstraint*)multiArrayConstraint;
- (MLImageConstraint*)imageConstraint;
- (MLDictionaryConstraint*)dictionaryConstraint;
- (MLSequenceConstraint*)sequenceConstraint;
@end

@interface MLModelDescription : NSObject
- (NSDictionary*)inputDescriptionsByName;
- (NSDictionary*)outputDescriptionsByName;
@end

@interface MLModelConfiguration : NSObject <NSCopying>
- (MLComputeUnits)computeUnits;
- (void)setComputeUnits:(MLComputeUnits)units;
@end

@protocol MLFeatureProvider <NSObject>
- (NSSet*)featureNames;
- (MLFeatureValue*)featureValueForName:(NSString*)name;
@end

@interface MLDictionaryFeatureProvider : NSObject <MLFeatureProvider>
- (id)initWithDictionary:(NSDictionary*)dictionary error:(NSError**)error;
@end

@interface MLModel : NSObject
+ (id)modelWithContentsOfURL:(NSURL*)url
               configuration:(MLModelConfiguration*)configuration
                       error:(NSError**)error;
+ (NSURL*)compileModelAtURL:(NSURL*)url error:(NSError**)error;
- (MLModelDescription*)modelDescription;
- (id<MLFeatureProvider>)predictionFromFeatures:(id<MLFeatureProvider>)features
                                          error:(NSError**)error;
@end
