#!/usr/bin/env bash
# Builds the fuzz targets of tests/fuzz with clang, and runs each of them, one after the other. Ends at the first finding.
#
#   scripts/fuzz.sh                    20 seconds each
#   scripts/fuzz.sh 600                as many seconds
#   scripts/fuzz.sh 600 msh results    these targets only
#
# New inputs that reach more of the program are kept in build/fuzz/corpus, findings in build/fuzz/findings: put a finding,
# small, in tests/fuzz/corpus, where the tests read it again. Exit code 77: there is no clang with libFuzzer.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [ "${1:-}" = -h ] || [ "${1:-}" = --help ]; then
  sed -n '2,9s/^# \{0,1\}//p' "$0"
  exit 0
fi
seconds=${1:-20}
targets=("${@:2}")
[ ${#targets[@]} -gt 0 ] || targets=(prm json observations tables formula msh results)

compiler=$(command -v clang++ || command -v clang++-14 || true)
if [ -z "$compiler" ] || [ ! -e "$("$compiler" -print-file-name=libclang_rt.fuzzer-x86_64.a)" -a \
  ! -e "$("$compiler" -print-resource-dir)/lib/linux/libclang_rt.fuzzer-$(uname -m).a" ]; then
  echo "fuzz.sh: no clang with libFuzzer here (Debian: clang, libclang-rt-14-dev)" >&2
  exit 77
fi
. "$top/scripts/environment.sh"
build=$top/build/fuzz
cmake -G Ninja -S "$top" -B "$build" -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=Release -DLODESTONE_FUZZ=ON >/dev/null
cmake --build "$build" --parallel "$(build_jobs)" --target "${targets[@]/#/fuzz_}"

# Of the libraries, which are not instrumented: containers that cross over, and what they never free.
export ASAN_OPTIONS=detect_container_overflow=0:detect_leaks=0:allocator_may_return_null=0
mkdir -p "$build/findings"
for target in "${targets[@]}"; do
  mkdir -p "$build/corpus/$target"
  echo "fuzz.sh: $target, $seconds s"
  # An input of 64 kB may take 10 s, and 100 MB beside the 400 MB that the libraries and the sanitizers take.
  "$build/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1500 -malloc_limit_mb=120 -max_len=65536 \
    -print_final_stats=1 -artifact_prefix="$build/findings/$target-" "$build/corpus/$target" "$top/tests/fuzz/corpus/$target" \
    >"$build/$target.log" 2>&1 || {
    grep -vE '^#[0-9]+' "$build/$target.log" | tail -60
    echo "fuzz.sh: $target has a finding, see above and $build/findings" >&2
    exit 1
  }
  grep -E '^#.*DONE|^stat::(number|average)' "$build/$target.log"
done
