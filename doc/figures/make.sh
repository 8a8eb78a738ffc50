#!/usr/bin/env bash
# Makes the figures of doc/guide.md again: runs the decks and draws.
#
#   doc/figures/make.sh [LODESTONE]      the program; default build/release/lodestone
#
# Results go to output/figures. Needs matplotlib and h5py (scripts/install_dependencies.sh --with-plots).
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
lodestone=$(realpath "${1:-$top/build/release/lodestone}")
python=${PYTHON:-/usr/bin/python3}
cd "$top"
out=output/figures
figures=doc/figures

run() { "$lodestone" "$1" "$2" --quiet --set "Output directory=$out/$3" "${@:4}"; }

pairs=()
for weight in 9 90 900 9000 90000; do
  run invert inputs/quickstart.prm "weight_$weight" --set "Prior/Weight=$weight"
  pairs+=("$weight=$out/weight_$weight")
done
run forward inputs/checkerboard_truth.prm checkerboard_truth
run invert inputs/checkerboard.prm checkerboard

"$python" scripts/plot.py "$out/weight_900" -o "$figures/quickstart.png"
"$python" scripts/plot.py "$out/weight_900" --history -o "$figures/convergence.png"
"$python" "$figures/draw.py" sight "$figures/line_of_sight.png"
"$python" "$figures/draw.py" weights "$figures/weights.png" "${pairs[@]}"
"$python" "$figures/draw.py" checkerboard "$figures/checkerboard.png" "$out/checkerboard_truth" "$out/checkerboard"
