#!/usr/bin/env bash
# bundle_libraries.sh PROGRAM DIRECTORY: copies the shared libraries that PROGRAM needs, and not every system has, into
# DIRECTORY. On Linux that is all but those of glibc; on macOS what is not part of the system.
set -euo pipefail
program=$1 directory=$2

case $(uname -s) in
  Linux)
    ldd "$program" | awk '$2 == "=>" { print $1, $3 }' | while read -r name path; do
      case $name in
        libc.so.* | libm.so.* | libdl.so.* | librt.so.* | libpthread.so.* | libresolv.so.*) ;;
        *) cp -L "$path" "$directory/$name" ;;
      esac
    done
    ;;
  Darwin)
    command -v dylibbundler >/dev/null 2>&1 || brew install dylibbundler
    dylibbundler --bundle-deps --fix-file "$program" --dest-dir "$directory" --install-path @executable_path/lib/ \
      --overwrite-files
    # Changed load commands end the linker's signature, and arm64 runs nothing unsigned.
    find "$directory" -name '*.dylib' -exec codesign --force --sign - {} +
    codesign --force --sign - "$program"
    ;;
  *)
    echo "bundle_libraries.sh: knows Linux and macOS only" >&2
    exit 2
    ;;
esac
