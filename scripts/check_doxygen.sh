#!/usr/bin/env bash
# Makes the reference of the public headers in build/doxygen and ends with 1 if doxygen warns: of comments that it does not understand,
# of a @param that no parameter has, of references to nothing, and of classes without a comment. (A function whose name and types say all
# needs no comment.) Where doxygen is not installed the script ends with 77, which means skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if ! command -v doxygen >/dev/null; then
  echo "doxygen is not installed: comments were not checked" >&2
  exit 77
fi
mkdir -p build
if ! said=$({ cat doc/Doxyfile && echo "WARN_IF_UNDOCUMENTED = YES"; } | doxygen - 2>&1 >/dev/null); then
  echo "$said"
  exit 1
fi
warnings=$(grep -Ev '(Member|member) .* is not documented\.$|^$' <<<"$said" || true)
if [ -n "$warnings" ]; then
  echo "$warnings"
  exit 1
fi
echo "doxygen does not warn; the reference is build/doxygen/html/index.html"
