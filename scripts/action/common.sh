# shellcheck shell=bash
# What the action's scripts share. They run with the bash 3.2 of macOS.

# Workflow commands take one line; %, CR and LF are escaped as the runner wants them.
escaped() {
  local text=$1
  text=${text//'%'/%25}
  text=${text//$'\r'/%0D}
  printf '%s' "${text//$'\n'/%0A}"
}

# fail MESSAGE: an annotation, and the end of the step.
fail() {
  printf '::error title=anecompat::%s\n' "$(escaped "$1")"
  exit 2
}

warn() { printf '::warning title=anecompat::%s\n' "$(escaped "$1")"; }

# output NAME VALUE: for later steps. The delimiter is random, so that no value can end it early.
output() {
  local delimiter
  delimiter=ghadelimiter_$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  printf '%s<<%s\n%s\n%s\n' "$1" "$delimiter" "$2" "$delimiter" >>"$GITHUB_OUTPUT"
}

# The names that release archives have.
runner_os() {
  case $(uname -s) in
    Darwin) echo macos ;;
    Linux) echo linux ;;
    *) uname -s ;;
  esac
}

runner_arch() {
  case $(uname -m) in
    arm64 | aarch64) echo arm64 ;;
    x86_64 | amd64) echo x86_64 ;;
    *) uname -m ;;
  esac
}

# OWNER/NAME of the repository this action comes from, nothing for an action of the checkout. The runner unpacks actions
# into _actions/OWNER/NAME/REF; its GITHUB_ACTION_REPOSITORY is empty in the steps of a composite action
# (actions/runner#2473).
action_repository() {
  local rest
  case $GITHUB_ACTION_PATH in
    */_actions/*/*/*)
      rest=${GITHUB_ACTION_PATH##*/_actions/}
      printf '%s/' "${rest%%/*}"
      rest=${rest#*/}
      printf '%s\n' "${rest%%/*}"
      ;;
  esac
}

# The version of the source this action is part of.
source_version() {
  sed -n 's/^project(anecompat VERSION \([0-9][0-9.]*\).*/\1/p' "$GITHUB_ACTION_PATH/CMakeLists.txt"
}

# The version asked for, without the v that tags have.
wanted_version() {
  local version=${INPUT_VERSION#v}
  printf '%s\n' "${version:-$(source_version)}"
}

# sha256 FILE...: lines as those of sha256sum, which macOS has under another name.
sha256() {
  if command -v sha256sum >/dev/null 2>&1; then
    sha256sum "$@"
  else
    shasum -a 256 "$@"
  fi
}

file_sha256() { sha256 "$1" | cut -d ' ' -f 1; }
