#!/usr/bin/env bash
# Turns the exit code of `anecompat check` into that of the action.
set -euo pipefail
# shellcheck source=scripts/action/common.sh
. "$GITHUB_ACTION_PATH/scripts/action/common.sh"

code=${EXIT_CODE:-2}
case $INPUT_FAIL_ON in
  failure) failing="1 2 3 4" ;;
  error) failing="2 3 4" ;;
  never) failing="2" ;;
  *) fail "fail-on: \`$INPUT_FAIL_ON\` is none of failure, error, never" ;;
esac
case $code in
  0) echo "passed" ;;
  1) echo "the gate failed" ;;
  2) echo "the command line, manifest or policy is wrong" ;;
  3) echo "something could not be evaluated" ;;
  4) echo "there was nothing to check" ;;
  *) exit "$code" ;; # a crash or a signal is never let pass
esac
for each in $failing; do
  if [ "$each" = "$code" ]; then
    exit "$code"
  fi
done
exit 0
