#!/usr/bin/env bash
# Names the sources that clang-format would change and ends with 1 if there are any; with --fix it changes them.
#
#   scripts/check_format.sh [--fix]
#
# Versions of clang-format differ in what they do with the same .clang-format: only version 14 is asked, and where there is none the
# script ends with 77, which ctest counts as skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

program=
for candidate in clang-format-14 clang-format; do
  if command -v "$candidate" >/dev/null && "$candidate" --version | grep -q 'version 14\.'; then
    program=$candidate
    break
  fi
done
if [ -z "$program" ]; then
  echo "clang-format 14 is not installed: formatting was not checked" >&2
  exit 77
fi

mapfile -t files < <(find src include tests -name '*.cc' -o -name '*.h' | sort)
! "$program" --dry-run -Werror "${files[@]}" 2>/dev/null || exit 0
changed=()
for file in "${files[@]}"; do
  cmp -s "$file" <("$program" "$file") || changed+=("$file")
done
if [ "${1:-}" = --fix ]; then
  "$program" -i "${changed[@]}"
else
  printf '%s is not formatted as .clang-format says\n' "${changed[@]}"
  echo "scripts/check_format.sh --fix formats them"
  exit 1
fi
