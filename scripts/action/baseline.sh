# shellcheck shell=bash
# The baseline as the base of a pull request (or of a merge queue's group) has it, so that a pull request cannot accept
# its own regressions. Needs common.sh.

# base_commit: the commit that this checkout is to be compared with; nothing where there is none.
base_commit() {
  local head parents
  [ -n "${BASE_SHA:-}" ] || return 0
  head=$(git rev-parse --quiet --verify HEAD 2>/dev/null) || return 0
  # GitHub checks out the merge of the pull request with its base: the base is the first parent, also where the event's
  # base is an older one. The commit names its parents even if a shallow clone does not have them.
  if [ "$head" = "${GITHUB_SHA:-}" ]; then
    parents=$(git cat-file commit HEAD | sed -n '/^$/q; s/^parent //p')
    case $parents in
      *$'\n'*)
        printf '%s\n' "${parents%%$'\n'*}"
        return
        ;;
    esac
  fi
  printf '%s\n' "$BASE_SHA"
}

# fetch_commit SHA: as the checkout can, else with the token: it may have kept no credentials. A complete clone stays
# complete.
fetch_commit() {
  local credentials server=${GITHUB_SERVER_URL:-https://github.com}
  local fetch=(git fetch --quiet --no-tags)
  if [ "$(git rev-parse --is-shallow-repository)" = true ]; then
    fetch+=(--depth=1)
  fi
  "${fetch[@]}" origin "$1" 2>/dev/null && return
  [ -n "${GITHUB_TOKEN:-}" ] || return 1
  credentials=$(printf 'x-access-token:%s' "$GITHUB_TOKEN" | base64 | tr -d '\n')
  GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="http.$server/.extraheader" \
    GIT_CONFIG_VALUE_0="AUTHORIZATION: basic $credentials" \
    "${fetch[@]}" origin "$1"
}

# base_baseline MANIFEST: what --baseline takes; nothing, with the reason on stderr, where the manifest's own is to be
# used.
base_baseline() {
  local file base manifest=$1
  file=$(sed -n 's/^baseline:[[:space:]]*//p' "$manifest" | sed 's/[[:space:]]*\(#.*\)*$//; s/^["'\'']//; s/["'\'']$//')
  case $file in
    '' | /*) return 0 ;;
  esac
  base=$(base_commit)
  [ -n "$base" ] || return 0
  if ! git cat-file -e "$base^{commit}" 2>/dev/null && ! fetch_commit "$base"; then
    warn "cannot fetch the base commit: comparing with the baseline of this checkout, which the pull request can change. \
Run \`git fetch --no-tags --depth=1 origin $base\` in a step before, or give actions/checkout fetch-depth: 0" >&2
    return 0
  fi
  if ! git -C "$(dirname "$manifest")" cat-file -e "$base:./$file" 2>/dev/null; then
    echo "the base commit $base has no $file: comparing with that of this checkout" >&2
    return 0
  fi
  echo "comparing with $file as the base commit $base has it" >&2
  # A path that starts with ./ is relative to the manifest, where the program runs git.
  printf '%s:./%s\n' "$base" "$file"
}
