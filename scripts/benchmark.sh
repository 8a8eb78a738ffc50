#!/usr/bin/env bash
# Measures what Lodestone costs on this machine: tables, CSV files and plots.
#
#   scripts/benchmark.sh                     small: about 20 minutes on 2 cores, after as many of compiling
#   scripts/benchmark.sh full                up to 3.2 million unknowns and a million unknown cells: about an hour and 14 GB of memory
#   scripts/benchmark.sh small|full PART ... only some parts: solvers contrast crossover r3 million
#
# Results go to output/benchmark; LODESTONE_BENCHMARK_OUTPUT names another directory. Compare ratios within one run only: seconds
# depend on what else the machine does.
set -euo pipefail
case "${1:-small}" in
  -h | --help)
    sed -n '2,9s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
  small | full) ;;
  *)
    echo "benchmark.sh: unknown argument '$1'; known: small, full" >&2
    exit 1
    ;;
esac
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$top/scripts/install_dependencies.sh" --with-plots
. "$top/scripts/environment.sh"

# The program as it is meant to run, and with the vectors that deal.II's own build would give.
for width in auto stock; do
  build=$top/build/benchmark-$width
  cmake --preset release -S "$top" -B "$build" -DLODESTONE_TESTS=ON -DLODESTONE_SIMD="$width"
  cmake --build "$build" --parallel "$(build_jobs)" --target lodestone lodestone_benchmark
done
python=python3
if ! "$python" -c 'import matplotlib' 2>/dev/null && [ -x /usr/bin/python3 ]; then
  python=/usr/bin/python3 # the one in the path may know no packages of the system
fi
exec "$python" "$top/scripts/benchmark.py" "${1:-small}" "${@:2}" --build "$top/build/benchmark-auto" --stock "$top/build/benchmark-stock" \
  --output "${LODESTONE_BENCHMARK_OUTPUT:-$top/output/benchmark}"
