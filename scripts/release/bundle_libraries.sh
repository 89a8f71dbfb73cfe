#!/usr/bin/env bash
# bundle_libraries.sh PROGRAM DIRECTORY: copies the shared libraries that PROGRAM needs, and not every system has, into
# DIRECTORY. On Linux that is all but those of glibc; the program was linked to look for them in lib/ beside it. On macOS it
# is what is not part of the system; the load commands are changed to that place.
set -euo pipefail
program=$1 directory=$2

# --- macOS ---

# The libraries FILE loads, as it names them. A library's first line is its own name.
loaded_by() { otool -L "$1" | sed -n 's/^[[:space:]]\{1,\}\(.*\) (compatibility version.*/\1/p'; }

# The places that @rpath stands for in FILE.
run_paths_of() { otool -l "$1" | sed -n '/LC_RPATH/,/path/s/^[[:space:]]*path \(.*\) (offset.*/\1/p'; }

# found NAME ORIGIN: the file that NAME means to the library that is ORIGIN on this machine.
found() {
  local place
  case $1 in
    @loader_path/*) printf '%s/%s\n' "$(dirname "$2")" "${1#@loader_path/}" ;;
    @executable_path/*) printf '%s/%s\n' "$(dirname "$program")" "${1#@executable_path/}" ;;
    @rpath/*)
      while IFS= read -r place; do
        place=${place/#@loader_path/$(dirname "$2")}
        if [ -f "$place/${1#@rpath/}" ]; then
          printf '%s/%s\n' "$place" "${1#@rpath/}"
          return
        fi
      done < <(run_paths_of "$2")
      ;;
    *) printf '%s\n' "$1" ;;
  esac
}

# bundle FILE ORIGIN: copies what FILE loads, and what that loads, and has FILE load the copies. ORIGIN is where FILE
# came from.
bundle() {
  local file=$1 origin=$2 library path name
  while IFS= read -r library; do
    case $library in
      /usr/lib/* | /System/*) continue ;;
    esac
    name=$(basename "$library")
    [ "$name" != "$(basename "$file")" ] || continue # its own name
    path=$(found "$library" "$origin")
    if [ -z "$path" ] || [ ! -f "$path" ]; then
      echo "bundle_libraries.sh: $origin loads $library, which is not on this machine" >&2
      exit 2
    fi
    install_name_tool -change "$library" "@executable_path/lib/$name" "$file"
    if [ ! -f "$directory/$name" ]; then
      cp -L "$path" "$directory/$name"
      chmod 644 "$directory/$name"
      install_name_tool -id "@executable_path/lib/$name" "$directory/$name"
      bundle "$directory/$name" "$path"
    fi
  done < <(loaded_by "$file")
  # Changed load commands end the linker's signature, and arm64 runs nothing unsigned.
  codesign --force --sign - "$file"
}

# --- Linux ---

copy_libraries() {
  local name path
  while read -r name path; do
    case $name in
      libc.so.* | libm.so.* | libdl.so.* | librt.so.* | libpthread.so.* | libresolv.so.*) continue ;;
    esac
    if [ ! -f "$path" ]; then
      echo "bundle_libraries.sh: $program needs $name, which is not on this machine" >&2
      exit 2
    fi
    cp -L "$path" "$directory/$name"
  done < <(ldd "$program" | awk '$2 == "=>" { print $1, $3 }')
}

case $(uname -s) in
  Linux) copy_libraries ;;
  Darwin) bundle "$program" "$program" ;;
  *)
    echo "bundle_libraries.sh: knows Linux and macOS only" >&2
    exit 2
    ;;
esac
