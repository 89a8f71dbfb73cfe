#!/usr/bin/env bash
# package.sh PLATFORM VERSION DIRECTORY: builds the program and packs DIRECTORY/anecompat-VERSION-PLATFORM.tar.gz.
set -euo pipefail
platform=$1 version=$2 directory=$3
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

built=$(sed -n 's/^project(anecompat VERSION \([0-9][0-9.]*\).*/\1/p' "$root/CMakeLists.txt")
if [ "$built" != "$version" ]; then
  echo "package.sh: the tag says $version, and CMakeLists.txt says $built" >&2
  exit 2
fi

# RPATH, not RUNPATH: it counts for the libraries' own libraries, too. The loader is to see $ORIGIN, after the shell that
# links.
if [ "$(uname -s)" = Linux ]; then
  # shellcheck disable=SC2016
  export LDFLAGS='-Wl,--disable-new-dtags,-rpath,\$ORIGIN/lib'
fi
rm -rf "$root/build/release"
"$root/dev" build
# shellcheck disable=SC2016
if [ "$(uname -s)" = Linux ] && ! readelf -d "$root/build/release/src/anecompat" | grep -q '(RPATH).*\[\$ORIGIN/lib\]'; then
  echo "package.sh: the program would not look for its libraries in lib/ beside it" >&2
  exit 2
fi
"$root/scripts/release/pack.sh" "$root/build/release/src/anecompat" "$platform" "$version" "$directory"
