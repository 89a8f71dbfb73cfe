#!/usr/bin/env bash
# Runs `anecompat check` with the action's inputs. Its exit code becomes an output; the verdict step acts on it, after
# the comment.
set -euo pipefail
# shellcheck source=scripts/action/common.sh
. "$GITHUB_ACTION_PATH/scripts/action/common.sh"

[ -f "$INPUT_MANIFEST" ] ||
  fail "there is no manifest $INPUT_MANIFEST in $PWD; check out the repository first, or write one with \`anecompat init\`"
[ -n "$INPUT_REPORT_JSON" ] || fail "report-json: a path is needed"

arguments=(check "$INPUT_MANIFEST" --evidence "$INPUT_EVIDENCE" --report text --report github
  --report summary --report "json=$INPUT_REPORT_JSON")

# add OPTION VALUE: unless the value is empty.
add() {
  if [ -n "$2" ]; then
    arguments+=("$1" "$2")
  fi
}

# add_lines OPTION TEXT: once for each line.
add_lines() {
  local line
  while IFS= read -r line; do
    line=${line%$'\r'}
    add "$1" "$line"
  done <<<"$2"
}

add --policy "$INPUT_POLICY"
add_lines --target "${INPUT_TARGETS//[, ]/$'\n'}"
add_lines --filter "$INPUT_FILTER"
add_lines --allow-host "$INPUT_ALLOW_HOSTS"
add --shard "$INPUT_SHARD"
add --shards-from "$INPUT_SHARDS_FROM"
add --report "${INPUT_REPORT_JUNIT:+junit=$INPUT_REPORT_JUNIT}"
add --report "${INPUT_REPORT_SARIF:+sarif=$INPUT_REPORT_SARIF}"
add --report "${INPUT_REPORT_HTML:+html=$INPUT_REPORT_HTML}"

# fetch_base BRANCH: as the checkout can, else with the token: it may have kept no credentials.
fetch_base() {
  local credentials refs="+refs/heads/$1:refs/remotes/origin/$1" server=${GITHUB_SERVER_URL:-https://github.com}
  git fetch --quiet --no-tags --depth=1 origin "$refs" 2>/dev/null && return
  [ -n "${GITHUB_TOKEN:-}" ] || return 1
  credentials=$(printf 'x-access-token:%s' "$GITHUB_TOKEN" | base64 | tr -d '\n')
  GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="http.$server/.extraheader" \
    GIT_CONFIG_VALUE_0="AUTHORIZATION: basic $credentials" \
    git fetch --quiet --no-tags --depth=1 origin "$refs"
}

# The baseline as the pull request's base has it, so that a pull request cannot accept its own regressions.
base_baseline() {
  local file directory base=${GITHUB_BASE_REF:-}
  [ -n "$base" ] || return 0
  file=$(sed -n 's/^baseline:[[:space:]]*//p' "$INPUT_MANIFEST" | sed 's/[[:space:]]*\(#.*\)*$//; s/^["'\'']//; s/["'\'']$//')
  case $file in
    '' | /*) return 0 ;;
  esac
  if ! git rev-parse --quiet --verify "refs/remotes/origin/$base^{commit}" >/dev/null && ! fetch_base "$base"; then
    warn "cannot fetch the base branch $base: comparing with the baseline of this checkout"
    return 0
  fi
  directory=$(dirname "$INPUT_MANIFEST")
  if ! git -C "$directory" cat-file -e "refs/remotes/origin/$base:./$file" 2>/dev/null; then
    echo "the base branch $base has no baseline: comparing with that of this checkout"
    return 0
  fi
  # A path that starts with ./ is relative to the manifest, where the program runs git.
  add --baseline "origin/$base:./$file"
}

case $INPUT_BASELINE in
  auto) base_baseline ;;
  manifest | '') ;;
  *) add --baseline "$INPUT_BASELINE" ;;
esac

mkdir -p "$(dirname "$INPUT_REPORT_JSON")"
rm -f "$INPUT_REPORT_JSON"
code=0
"$ANECOMPAT" "${arguments[@]}" || code=$?

output exit-code "$code"
if [ "$code" -eq 0 ]; then
  output passed true
else
  output passed false
fi
if [ ! -f "$INPUT_REPORT_JSON" ]; then
  output level unknown
  output findings 0
  exit 0
fi

# Lines of report.json start so only there: text in it has no line ends.
total() {
  awk -v key="    \"$1\": " '/^  "totals": \{/ { inside = 1 } inside && index($0, key) == 1 {
    value = substr($0, length(key) + 1); sub(/,$/, "", value); print value; exit }' "$INPUT_REPORT_JSON"
}

level=full
[ "$(total full)" != 0 ] || level=unknown
[ "$(total partial)" = 0 ] || level=partial
[ "$(total none)" = 0 ] || level=none
[ "$(total unknown)$(total failed)" = 00 ] || level=unknown
output level "$level"
output findings "$(total errors)"

# written NAME PATH: an output, if the file is there.
written() {
  if [ -n "$2" ] && [ -f "$2" ]; then
    output "$1" "$2"
  fi
}
written report-json "$INPUT_REPORT_JSON"
written report-junit "$INPUT_REPORT_JUNIT"
written report-sarif "$INPUT_REPORT_SARIF"
written report-html "$INPUT_REPORT_HTML"
