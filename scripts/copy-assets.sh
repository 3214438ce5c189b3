#!/bin/sh
# Files the compiler leaves behind but the running code reads: Lua scripts and demo agents.
set -e
cd "$(dirname "$0")/.."
find src -type f ! -name '*.ts' | while read -r file; do
  mkdir -p "dist/$(dirname "$file")"
  cp "$file" "dist/$file"
done
