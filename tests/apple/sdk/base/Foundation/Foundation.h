// The part of Foundation that is used, declared for compilers that target macOS without its SDK.
// Only ever compiled and linked against stubs: on a Mac, Apple's own headers are used.
#pragma once

#include <objc/objc.h>
#include <objc/runtime.h>

#include <CoreFoundation/CoreFoundation.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>

typedef long NSInteger;
typedef unsigned long NSUInteger;
typedef struct _NSZone NSZone;

#define NS_ENUM(type, name) \
  enum name : type name;    \
  enum name : type

typedef struct {
  NSUInteger location;
  NSUInteger length;
} NSRange;

static const NSInteger NSNotFound = LONG_MAX;
typedef NSUInteger NSStringEncoding;
enum { NSUTF8StringEncoding = 4 };

@class NSArray, NSDictionary, NSString;

@protocol NSObject
- (Class)class;
- (BOOL)isKindOfClass:(Class)cls;
- (BOOL)respondsToSelector:(SEL)selector;
- (instancetype)retain;
- (oneway void)release;
- (instancetype)autorelease;
- (NSString*)description;
@end

@protocol NSCopying
- (id)copyWithZone:(NSZone*)zone;
@end

typedef struct {
  unsigned long state;
  id __unsafe_unretained* itemsPtr;
  unsigned long* mutationsPtr;
  unsigned long extra[5];
} NSFastEnumerationState;

@protocol NSFastEnumeration
- (NSUInteger)countByEnumeratingWithState:(NSFastEnumerationState*)state
                                  objects:(id __unsafe_unretained*)buffer
                                    count:(NSUInteger)length;
@end

__attribute__((objc_root_class)) @interface NSObject <NSObject> {
  Class isa;
}
+ (instancetype)alloc;
+ (Class)class;
- (instancetype)init;
- (id)copy;
@end

@interface NSString : NSObject <NSCopying>
- (instancetype)initWithBytes:(const void*)bytes
                       length:(NSUInteger)length
                     encoding:(NSStringEncoding)encoding;
- (const char*)UTF8String;
- (int)compare:(NSString*)other;
@end

@interface NSArray : NSObject <NSFastEnumeration>
- (NSUInteger)count;
- (id)objectAtIndex:(NSUInteger)index;
- (id)lastObject;
- (NSArray*)sortedArrayUsingSelector:(SEL)comparator;
@end

@interface NSMutableArray : NSArray
+ (instancetype)array;
- (void)addObject:(id)object;
@end

@interface NSDictionary : NSObject
+ (instancetype)dictionary;
+ (instancetype)dictionaryWithObject:(id)object forKey:(id)key;
- (NSUInteger)count;
- (id)objectForKey:(id)key;
- (NSArray*)allKeys;
@end

@interface NSMutableDictionary : NSDictionary
- (void)setObject:(id)object forKey:(id)key;
@end

@interface NSSet : NSObject <NSFastEnumeration>
@end

@interface NSIndexSet : NSObject
- (NSUInteger)firstIndex;
- (NSUInteger)indexGreaterThanIndex:(NSUInteger)index;
@end

@interface NSValue : NSObject
- (NSRange)rangeValue;
@end

@interface NSNumber : NSValue
+ (NSNumber*)numberWithLongLong:(long long)value;
+ (NSNumber*)numberWithDouble:(double)value;
- (long long)longLongValue;
@end

@interface NSURL : NSObject
+ (NSURL*)fileURLWithPath:(NSString*)path;
- (NSString*)path;
@end

@interface NSError : NSObject
- (NSString*)domain;
- (NSInteger)code;
- (NSString*)localizedDescription;
@end

@interface NSException : NSObject
- (NSString*)name;
- (NSString*)reason;
@end
