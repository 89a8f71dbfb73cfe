#!/usr/bin/env bash
# Comments on the pull request. What GitHub refuses is a warning: the check decides, not the comment.
set -euo pipefail
# shellcheck source=scripts/action/common.sh
. "$GITHUB_ACTION_PATH/scripts/action/common.sh"

case $INPUT_COMMENT in
  on) when=always ;;
  on-failure) when=on-failure ;;
  *) fail "comment: \`$INPUT_COMMENT\` is none of off, on, on-failure" ;;
esac
case ${GITHUB_EVENT_NAME:-} in
  pull_request* | issue_comment | workflow_run) ;;
  *)
    echo "no comment: the event is ${GITHUB_EVENT_NAME:-unknown}, not a pull request"
    exit 0
    ;;
esac
"$ANECOMPAT" comment "$INPUT_REPORT_JSON" --when "$when"
