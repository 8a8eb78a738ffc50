#!/usr/bin/env bash
# Measures how far predictions are from reference solutions, by case, mesh, element and formulation: a table and a figure.
#
#   scripts/accuracy.sh                 all cases on three meshes each: about half an hour on 2 cores, after ten minutes of compiling
#   scripts/accuracy.sh "Mogi" "disc"   only cases with these words in their names
#   scripts/accuracy.sh --adaptation    errors of adapted meshes and of boxes of small cells, as a figure: six minutes
#
# Results go to output/accuracy: accuracy.md, accuracy.csv, accuracy.png. LODESTONE_RANKS sets the number of MPI ranks (default 2).
set -euo pipefail
case "${1:-}" in
  -h | --help)
    sed -n '2,9s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
esac
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$top/scripts/install_dependencies.sh" --with-plots
. "$top/scripts/environment.sh"
cmake --preset release -S "$top" -B "$top/build/release" -DLODESTONE_TESTS=OFF
cmake --build "$top/build/release" --target lodestone --parallel "$(build_jobs)"

# Debian's packages belong to Debian's Python, which need not be the first one on the path.
python=python3
"$python" -c "import matplotlib" 2>/dev/null || python=/usr/bin/python3
"$python" "$top/scripts/accuracy.py" --lodestone "mpirun -n ${LODESTONE_RANKS:-2} $top/build/release/lodestone" --output "$top/output/accuracy" "$@"
