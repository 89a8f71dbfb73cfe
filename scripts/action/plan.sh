#!/usr/bin/env bash
# Where the program will be installed, and the key it is cached by.
set -euo pipefail
# shellcheck source=scripts/action/common.sh
. "$GITHUB_ACTION_PATH/scripts/action/common.sh"

version=$(wanted_version)
case $version in
  '' | *[!0-9A-Za-z.+-]*) fail "version: \`$version\` is no version; give one such as 0.1.0, or source" ;;
esac
case ${INPUT_SHA256} in
  *[!0-9a-fA-F]*) fail "sha256: expected 64 hex digits" ;;
esac
if [ -n "$INPUT_SHA256" ] && [ "${#INPUT_SHA256}" -ne 64 ]; then
  fail "sha256: expected 64 hex digits, found ${#INPUT_SHA256}"
fi

# A build depends on the source, and on the libraries of the runner's image.
cd "$GITHUB_ACTION_PATH"
files=()
while IFS= read -r file; do
  files+=("$file")
done < <(find CMakeLists.txt cmake policies src -type f | LC_ALL=C sort)
source_id=$(sha256 "${files[@]}" | sha256 - | cut -c 1-16)
platform=$(runner_os)-$(runner_arch)
content=$(printf '%s' "${INPUT_SHA256:-$source_id}" | cut -c 1-16 | tr 'A-F' 'a-f')
output directory "${RUNNER_TOOL_CACHE:-$RUNNER_TEMP}/anecompat/$version-$platform-$content"
output key "anecompat-$version-$platform-${ImageOS:-own}-$content"
