#!/usr/bin/env bash
# package.sh PLATFORM VERSION DIRECTORY: builds the program and packs DIRECTORY/anecompat-VERSION-PLATFORM.tar.gz, with
# the libraries that not every system has in lib/ beside it.
set -euo pipefail
platform=$1 version=$2 directory=$3
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
name=anecompat-$version-$platform

built=$(sed -n 's/^project(anecompat VERSION \([0-9][0-9.]*\).*/\1/p' "$root/CMakeLists.txt")
if [ "$built" != "$version" ]; then
  echo "package.sh: the tag says $version, and CMakeLists.txt says $built" >&2
  exit 2
fi

# RPATH, not RUNPATH: it counts for the libraries' own libraries, too.
if [ "$(uname -s)" = Linux ]; then
  # shellcheck disable=SC2016 # $ORIGIN is for the loader
  export LDFLAGS='-Wl,--disable-new-dtags,-rpath,$ORIGIN/lib'
fi
rm -rf "$root/build/release"
"$root/dev" build

mkdir -p "$directory/$name/lib"
cp "$root/build/release/src/anecompat" "$root/LICENSE" "$root/README.md" "$directory/$name/"
strip "$directory/$name/anecompat"
"$root/scripts/release/bundle_libraries.sh" "$directory/$name/anecompat" "$directory/$name/lib"
"$directory/$name/anecompat" --version
"$directory/$name/anecompat" check "$root/examples/anecompat.yml" --quiet
tar -czf "$directory/$name.tar.gz" -C "$directory" "$name"
rm -r "${directory:?}/$name"
