// The opaque types of CoreFoundation that CoreVideo's functions name.
#pragma once

typedef const struct __CFAllocator* CFAllocatorRef;
typedef const struct __CFDictionary* CFDictionaryRef;
typedef const struct __CFString* CFStringRef;
