#!/usr/bin/env bash
# pack.sh PROGRAM PLATFORM VERSION DIRECTORY: packs DIRECTORY/anecompat-VERSION-PLATFORM.tar.gz from a built program: the
# program, the libraries that not every system has in lib/ beside it, LICENSE and README.md. What is packed is tried first.
set -euo pipefail
program=$1 platform=$2 version=$3 directory=$4
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
name=anecompat-$version-$platform

mkdir -p "$directory"
work=$(mktemp -d "${TMPDIR:-/tmp}/anecompat-pack.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/$name/lib"
cp "$program" "$root/LICENSE" "$root/README.md" "$work/$name/"
strip "$work/$name/anecompat"
"$root/scripts/release/bundle_libraries.sh" "$work/$name/anecompat" "$work/$name/lib"

reported=$("$work/$name/anecompat" --version)
case $reported in
  "anecompat $version" | "anecompat $version "* | "anecompat $version,"*) ;;
  *)
    echo "pack.sh: the program says it is $reported, not $version" >&2
    exit 2
    ;;
esac
"$work/$name/anecompat" check "$root/examples/anecompat.yml" --quiet
tar -czf "$work/$name.tar.gz" -C "$work" "$name"
mv "$work/$name.tar.gz" "$directory/"
