#!/usr/bin/env bash
# Runs `anecompat check`, or `anecompat merge`, with the action's inputs. Its exit code becomes an output; the verdict
# step acts on it, after the comment.
set -euo pipefail
# shellcheck source=scripts/action/common.sh
. "$GITHUB_ACTION_PATH/scripts/action/common.sh"
# shellcheck source=scripts/action/baseline.sh
. "$GITHUB_ACTION_PATH/scripts/action/baseline.sh"

[ -f "$INPUT_MANIFEST" ] ||
  fail "there is no manifest $INPUT_MANIFEST in $PWD; check out the repository first, or write one with \`anecompat init\`"
[ -n "$INPUT_REPORT_JSON" ] || fail "report-json: a path is needed"

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

# add_files GLOBS: the files that each line means.
add_files() {
  local line file found
  while IFS= read -r line; do
    line=${line%$'\r'}
    [ -n "$line" ] || continue
    found=0
    # A glob is what is to be expanded here, and only that: no word splitting.
    local IFS=
    for file in $line; do
      if [ -f "$file" ]; then
        arguments+=("$file")
        found=1
      fi
    done
    [ "$found" = 1 ] || fail "merge: there is no $line in $PWD; see whether the jobs of the shards uploaded their reports"
  done <<<"$1"
}

if [ -n "$INPUT_MERGE" ]; then
  arguments=(merge)
  add_files "$INPUT_MERGE"
  arguments+=(--manifest "$INPUT_MANIFEST" --output "$INPUT_REPORT_JSON")
else
  arguments=(check "$INPUT_MANIFEST" --evidence "$INPUT_EVIDENCE" --report "json=$INPUT_REPORT_JSON")
  add_lines --target "${INPUT_TARGETS//[, ]/$'\n'}"
  add_lines --filter "$INPUT_FILTER"
  add_lines --allow-host "$INPUT_ALLOW_HOSTS"
  add --shard "$INPUT_SHARD"
  add --shards-from "$INPUT_SHARDS_FROM"
fi
arguments+=(--report text --report github --report summary)
add --policy "$INPUT_POLICY"
add --report "${INPUT_REPORT_JUNIT:+junit=$INPUT_REPORT_JUNIT}"
add --report "${INPUT_REPORT_SARIF:+sarif=$INPUT_REPORT_SARIF}"
add --report "${INPUT_REPORT_HTML:+html=$INPUT_REPORT_HTML}"

case $INPUT_BASELINE in
  auto) add --baseline "$(base_baseline "$INPUT_MANIFEST")" ;;
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
