#!/usr/bin/env python3
"""Compiles and links the whole project for arm64 macOS, Apple sources included, without a Mac.

The headers and libraries of macOS that zig does not bring are stood in for by tests/apple/sdk: small
declaration headers, and stubs with exactly the symbols that Apple's frameworks are known to have. A
class or function that is not among them fails the link. Third-party libraries come with the headers
of this machine; their symbols are taken from what is used of them.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys

TARGET = "aarch64-macos.13.0"

# name of the stub -> install name, symbols
SYSTEM = {
    "libobjc": ("/usr/lib/libobjc.A.dylib", """
        _class_copyIvarList _class_getSuperclass _ivar_getOffset _ivar_getTypeEncoding
        _objc_getClass _object_getClass _class_getInstanceMethod _method_getImplementation
        _method_setImplementation _method_getTypeEncoding _sel_registerName _sel_getName
        _objc_msgSend _objc_msgSend_stret _objc_alloc _objc_alloc_init _objc_opt_class
        _objc_opt_isKindOfClass _objc_opt_respondsToSelector _objc_retain _objc_release
        _objc_autorelease _objc_autoreleasePoolPush _objc_autoreleasePoolPop _objc_begin_catch
        _objc_end_catch _objc_exception_rethrow _objc_exception_throw _objc_terminate
        _objc_enumerationMutation __objc_empty_cache _OBJC_EHTYPE_id _objc_ehtype_vtable
        ___objc_personality_v0"""),
    "Foundation": ("/System/Library/Frameworks/Foundation.framework/Versions/C/Foundation", """
        _OBJC_EHTYPE_$_NSException ___CFConstantStringClassReference
        class:NSObject class:NSString class:NSArray class:NSMutableArray class:NSDictionary
        class:NSMutableDictionary class:NSSet class:NSIndexSet class:NSValue class:NSNumber
        class:NSURL class:NSError class:NSException"""),
    "CoreML": ("/System/Library/Frameworks/CoreML.framework/Versions/A/CoreML", """
        class:MLModel class:MLModelConfiguration class:MLMultiArray class:MLFeatureValue
        class:MLSequence class:MLDictionaryFeatureProvider"""),
    "CoreVideo": ("/System/Library/Frameworks/CoreVideo.framework/Versions/A/CoreVideo", """
        _CVPixelBufferCreate _CVPixelBufferLockBaseAddress _CVPixelBufferUnlockBaseAddress
        _CVPixelBufferGetBaseAddress _CVPixelBufferGetBytesPerRow _CVPixelBufferGetHeight
        _CVPixelBufferGetPlaneCount _CVPixelBufferGetBaseAddressOfPlane
        _CVPixelBufferGetBytesPerRowOfPlane _CVPixelBufferGetHeightOfPlane _CVPixelBufferRelease
        _kCVPixelBufferIOSurfacePropertiesKey"""),
    "libcompression": ("/usr/lib/libcompression.dylib", """
        _compression_stream_init _compression_stream_process _compression_stream_destroy"""),
    "IOSurface": ("/System/Library/Frameworks/IOSurface.framework/Versions/A/IOSurface", """
        _IOSurfaceLock _IOSurfaceUnlock _IOSurfaceGetBaseAddress _IOSurfaceGetAllocSize"""),
}

# name of the stub -> what its symbols begin with
THIRD_PARTY = {
    "libfmt": r"__Z\w*N\w*3fmt",
    "libyaml-cpp": r"__ZN?K?[A-Z]*4YAML|__ZTI?V?S?N4YAML|__ZThn?\w*4YAML",
    "libarchive": r"_archive_",
    "libcurl": r"_curl_",
    "libz": r"_(inflate|deflate|crc32|adler32|zlib|gz|compress|uncompress)",
    "libsqlite3": r"_sqlite3_",
}

HEADERS = ["fmt", "tl", "nlohmann", "CLI", "yaml-cpp", "archive.h", "archive_entry.h", "curl",
           "zlib.h", "zconf.h", "sqlite3.h", "sqlite3ext.h"]


def fail(message):
    print(message)
    sys.exit(1)


def link_headers(directory, sdk):
    """Only these: the C library's headers of this machine must stay out of sight."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    roots = [pathlib.Path("/usr/include"), *pathlib.Path("/usr/include").glob("*-linux-gnu")]
    for name in HEADERS:
        for root in roots:
            if (root / name).exists():
                (directory / name).symlink_to(root / name)
                break
    for header in (sdk / "libraries").iterdir():
        (directory / header.name).symlink_to(header)


def stub(path, install_name, symbols, classes=()):
    def listed(names):
        return "[ " + ", ".join(f"'{n}'" if "$" in n else n for n in sorted(names)) + " ]"

    lines = ["--- !tapi-tbd", "tbd-version:     4", "targets:         [ arm64-macos ]",
             f"install-name:    '{install_name}'", "exports:", "  - targets:         [ arm64-macos ]"]
    if symbols:
        lines.append(f"    symbols:         {listed(symbols)}")
    if classes:
        lines.append(f"    objc-classes:    {listed(classes)}")
    lines.append("...")
    path.write_text("\n".join(lines) + "\n")


def undefined_symbols(nm, objects):
    out = subprocess.run([nm, "--undefined-only", "--format=just-symbols", *objects],
                         capture_output=True, text=True)
    if out.returncode != 0:
        fail(out.stderr)
    return {line.strip() for line in out.stdout.splitlines() if line.startswith("_")}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--zig", required=True)
    parser.add_argument("--nm", required=True)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--generated", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()

    sdk = options.source / "tests/apple/sdk"
    build = options.build
    build.mkdir(parents=True, exist_ok=True)
    link_headers(build / "include", sdk)
    environment = dict(os.environ, ZIG_LOCAL_CACHE_DIR=str(build / "cache"),
                       ZIG_GLOBAL_CACHE_DIR=str(build / "cache"))

    common = [options.zig, "c++", "-target", TARGET, "-std=c++20", "-O0", "-fPIC",
              "-DANECOMPAT_MEASURING=1", f"-I{options.source / 'src'}",
              f"-I{options.generated}", "-isystem", str(build / "include"), "-Wall", "-Wextra",
              "-Wpedantic", "-Werror", "-Wshadow", "-Wconversion", "-Wsign-conversion",
              "-Wold-style-cast", "-Wnon-virtual-dtor", "-Woverloaded-virtual",
              "-Wnull-dereference", "-Wimplicit-fallthrough", "-Wno-missing-field-initializers",
              "-Wno-unused-command-line-argument", "-fno-sanitize=undefined"]
    objective_c = ["-fobjc-exceptions", "-fno-objc-arc", "-fblocks",
                   f"-I{sdk / 'base'}", f"-I{sdk / 'frameworks'}", "-Wno-old-style-cast",
                   "-Wno-four-char-constants", "-Wno-multichar"]

    sources = sorted(p for p in (options.source / "src").rglob("*") if p.suffix in (".cpp", ".mm"))
    sources += sorted(options.generated.glob("*.cpp"))
    if not any(source.suffix == ".mm" for source in sources):
        fail("no Objective-C++ source was found")

    def compile_one(source):
        base = options.source if source.is_relative_to(options.source / "src") else options.generated
        name = str(source.relative_to(base)).replace("/", "_")
        target = build / "objects" / (name + ".o")
        target.parent.mkdir(exist_ok=True)
        flags = objective_c if source.suffix == ".mm" else []
        done = subprocess.run([*common, *flags, "-c", str(source), "-o", str(target)],
                              capture_output=True, text=True, env=environment)
        return source, target, done

    objects, failed = [], 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for source, target, done in pool.map(compile_one, sources):
            if done.returncode != 0:
                failed += 1
                told = [line for line in done.stderr.splitlines() if "error:" in line]
                print(f"{source}:", *(told[:8] or [done.stderr[:2000]]), sep="\n  ", flush=True)
            objects.append(target)
    if failed:
        fail(f"{failed} of {len(sources)} sources do not compile for {TARGET}")
    magic = objects[0].read_bytes()[:8]
    if magic != bytes.fromhex("cffaedfe0c000001"):
        fail("the objects are not Mach-O for arm64")

    undefined = undefined_symbols(options.nm, objects)
    stubs = build / "stubs"
    stubs.mkdir(exist_ok=True)
    libraries = []
    for name, (install_name, text) in SYSTEM.items():
        words = text.split()
        classes = [w[6:] for w in words if w.startswith("class:")]
        stub(stubs / f"{name}.tbd", install_name, [w for w in words if not w.startswith("class:")],
             classes)
        libraries.append(str(stubs / f"{name}.tbd"))
    for name, pattern in THIRD_PARTY.items():
        symbols = {s for s in undefined if re.match(pattern, s)}
        if symbols:
            stub(stubs / f"{name}.tbd", f"/opt/homebrew/lib/{name}.dylib", symbols)
            libraries.append(str(stubs / f"{name}.tbd"))

    mains = [o for o in objects if o.name == "src_main.cpp.o"]
    library = [o for o in objects if o not in mains]
    for what, arguments in (("anecompat", [*map(str, mains), *map(str, library)]),
                            ("libANECompat.dylib", ["-shared", *map(str, library)])):
        output = build / what
        output.unlink(missing_ok=True)
        done = subprocess.run([options.zig, "c++", "-target", TARGET, *arguments, *libraries,
                               "-o", str(output)], capture_output=True, text=True, env=environment)
        if done.returncode != 0 or not output.exists():
            fail(f"{what} does not link for {TARGET}:\n{done.stderr[:8000]}")
        print(f"{what}: {output.stat().st_size} bytes")
    print(f"{len(sources)} sources compiled and linked for {TARGET}")


if __name__ == "__main__":
    main()
