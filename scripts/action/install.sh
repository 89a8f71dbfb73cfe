#!/usr/bin/env bash
# Installs a released program whose SHA-256 is known, else builds the action's own source.
set -euo pipefail
# shellcheck source=scripts/action/common.sh
. "$GITHUB_ACTION_PATH/scripts/action/common.sh"

version=$(wanted_version)
name=anecompat-$version-$(runner_os)-$(runner_arch)
binary=$INSTALL_DIRECTORY/anecompat
work=$(mktemp -d "${RUNNER_TEMP:-/tmp}/anecompat.XXXXXX")
trap 'rm -rf "$work"' EXIT

# fetch URL FILE: 0 done, 1 not there; anything else ends the step.
fetch() {
  local status protocols="=https"
  # A mirror on this machine; what comes over the network comes over https.
  case $1 in
    http://127.0.0.1:* | http://localhost:*) protocols="=http" ;;
  esac
  status=$(curl --silent --show-error --location --proto "$protocols" --proto-redir "$protocols" \
    --retry 3 --connect-timeout 10 --max-time 600 --output "$2" --write-out '%{http_code}' "$1") ||
    fail "cannot download $1"
  case $status in
    200) return 0 ;;
    404) return 1 ;;
    *) fail "the server answered $status to $1" ;;
  esac
}

release_base() {
  local repository
  repository=$(action_repository)
  if [ -n "$INPUT_RELEASE_URL" ]; then
    printf '%s\n' "${INPUT_RELEASE_URL%/}"
  elif [ -n "$repository" ]; then
    printf '%s/%s/releases/download\n' "${GITHUB_SERVER_URL:-https://github.com}" "$repository"
  fi
}

# The SHA-256 the archive must have: what the workflow pins, else what the release says of itself.
wanted_sha256() {
  if [ -n "$INPUT_SHA256" ]; then
    printf '%s\n' "$INPUT_SHA256" | tr 'A-F' 'a-f'
  elif fetch "$1/v$version/SHA256SUMS" "$work/SHA256SUMS"; then
    awk -v name="$name.tar.gz" '$2 == name || $2 == "*" name { print $1; exit }' "$work/SHA256SUMS"
  fi
}

# 0 installed, 1 there is no such release.
install_release() {
  local base wanted found
  base=$(release_base)
  [ -n "$base" ] || return 1
  fetch "$base/v$version/$name.tar.gz" "$work/$name.tar.gz" || return 1
  wanted=$(wanted_sha256 "$base")
  [ -n "$wanted" ] || fail "the release has no SHA-256 for $name.tar.gz; give the input sha256"
  found=$(file_sha256 "$work/$name.tar.gz")
  [ "$found" = "$wanted" ] ||
    fail "$name.tar.gz has the SHA-256 $found, and $wanted was expected; nothing of it was used"
  mkdir "$work/unpacked"
  tar -xzf "$work/$name.tar.gz" -C "$work/unpacked"
  [ -f "$work/unpacked/$name/anecompat" ] || fail "$name.tar.gz holds no $name/anecompat"
  place "$work/unpacked/$name"
}

build() {
  echo "::group::Build anecompat $(source_version)"
  "$GITHUB_ACTION_PATH/dev" build || fail "anecompat cannot be built here; see the log above"
  echo "::endgroup::"
  mkdir "$work/built"
  cp "$GITHUB_ACTION_PATH/build/release/src/anecompat" "$work/built/"
  place "$work/built"
}

# place DIRECTORY: the program and what it brings along, whole or not at all, since the place is cached.
place() {
  chmod 755 "$1/anecompat"
  rm -rf "$INSTALL_DIRECTORY" "$INSTALL_DIRECTORY.new"
  mkdir -p "$(dirname "$INSTALL_DIRECTORY")"
  cp -R "$1" "$INSTALL_DIRECTORY.new"
  mv "$INSTALL_DIRECTORY.new" "$INSTALL_DIRECTORY"
}

if [ -x "$binary" ] && "$binary" --version >/dev/null 2>&1; then
  echo "anecompat $version comes from the cache"
elif [ "$version" = source ]; then
  build
elif ! install_release; then
  if [ -n "$INPUT_VERSION" ]; then
    fail "there is no release $version for $(runner_os) $(runner_arch) at $(release_base); \
leave the input version empty to build from source"
  fi
  echo "there is no release $version for this runner: building from source"
  build
fi

"$binary" --version
output binary "$binary"
printf '%s\n' "$INSTALL_DIRECTORY" >>"$GITHUB_PATH"
