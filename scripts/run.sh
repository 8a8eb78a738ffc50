#!/usr/bin/env bash
# Installs what is missing, builds Lodestone, runs an inversion and makes a report of the result.
#
#   scripts/run.sh                      the quickstart, inputs/quickstart.prm
#   scripts/run.sh DECK [ARGUMENT ...]  another parameter file; arguments as for `lodestone invert`
#
# LODESTONE_RANKS sets the number of MPI ranks (default 2). Ctrl-C ends the inversion and writes what it has; a second one ends all at once.
set -euo pipefail
case "${1:-}" in
  -h | --help)
    sed -n '2,7s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
esac

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
deck=${1:-$top/inputs/quickstart.prm}
shift || true
if [ ! -r "$deck" ]; then
  echo "run.sh: there is no readable parameter file '$deck'; decks that come with Lodestone are in $top/inputs" >&2
  exit 1
fi

"$top/scripts/install_dependencies.sh" --with-plots
. "$top/scripts/environment.sh"
cmake --preset release -S "$top" -B "$top/build/release" -DLODESTONE_TESTS=OFF
cmake --build "$top/build/release" --target lodestone --parallel "$(build_jobs)"

# The last word on the output directory: --set on the command line, then the deck.
results=$(sed -n 's/^[[:space:]]*set[[:space:]]\{1,\}Output directory[[:space:]]*=[[:space:]]*\([^#]*[^#[:space:]]\).*$/\1/p' "$deck" | tail -n 1)
for argument in "$@"; do
  case "$argument" in
    "Output directory="* | "Output directory ="*) results=$(sed 's/^[^=]*=[[:space:]]*//' <<<"$argument") ;;
  esac
done
# A relative name counts from the deck's folder.
[ -z "$results" ] || [ "${results:0:1}" = / ] || results=$(realpath -m --relative-to=. "$(dirname "$deck")/$results")

# When mpirun is asked to end it kills the ranks two seconds later, but it passes SIGUSR1 on to them. So it gets a process group
# of its own, which Ctrl-C does not reach. A second signal ends it all the same.
asked=""
stop() {
  if [ -z "$asked" ]; then kill -USR1 "$run"; else kill -TERM "$run"; fi
  asked=yes
}
set -m
mpirun -n "${LODESTONE_RANKS:-2}" "$top/build/release/lodestone" invert "$deck" "$@" </dev/null &
run=$!
set +m
trap stop INT TERM HUP
status=0
while kill -0 "$run" 2>/dev/null; do # a signal ends `wait` before the run ends
  status=0
  wait "$run" || status=$?
done
trap - INT TERM HUP
if [ "$status" -ne 0 ] && [ "$status" -ne 3 ] && [ "$status" -ne 4 ]; then
  exit "$status"
fi
if [ -n "$results" ] && [ -e "$results/inversion.pvd" ]; then
  # Without matplotlib there are no pictures, but there are results.
  figure="" page=""
  if "$top/scripts/plot.py" "$results" >/dev/null; then
    figure="  $results/figure.png              slices, sections, observed and predicted data
"
  fi
  if "$top/scripts/report.py" "$results" >/dev/null; then
    page="Report, one page for a browser: $results/report.html"
  fi
  cat <<END

Results are in $results:
$figure  paraview $results/inversion.pvd          stiffness, gradient and displacement, iteration by iteration
  $results/history.csv                     the course of the inversion; plot: scripts/plot.py $results --history
  $results/log.txt, parameters.prm         what was done, and every entry with the value it had
Another figure: scripts/plot.py $results; scripts/plot.py --help tells what can be chosen
Views in three dimensions: scripts/install_dependencies.sh --with-rendering; xvfb-run -a pvpython scripts/render.py $results
END
  [ -z "$page" ] || echo "$page"
fi
exit "$status"
