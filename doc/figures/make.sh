#!/usr/bin/env bash
# Makes the figures of doc/guide.md again: runs the decks and draws.
#
#   doc/figures/make.sh [LODESTONE]      the program; default build/release/lodestone
#
# Results go to output/figures. Needs matplotlib, h5py and ParaView (scripts/install_dependencies.sh --with-plots --with-rendering), and
# wkhtmltoimage (Debian's package wkhtmltopdf), which shows a page without a screen.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
lodestone=$(realpath "${1:-$top/build/release/lodestone}")
# Debian's packages belong to Debian's Python, which need not be the first one on the path.
python=python3
"$python" -c "import h5py, matplotlib" 2>/dev/null || python=/usr/bin/python3
cd "$top"
out=output/figures
figures=doc/figures

run() { "$lodestone" "$1" "$2" --quiet --set "Output directory=$top/$out/$3" "${@:4}"; }

run invert inputs/quickstart.prm quickstart
pairs=()
for weight in 9 30 90 900 9000; do
  run invert inputs/quickstart.prm "weight_$weight" --set "Prior/Weight=$weight"
  pairs+=("$weight=$out/weight_$weight")
done
run invert inputs/layered_reservoir.prm layered_reservoir
run forward inputs/checkerboard_truth.prm checkerboard_truth
run invert inputs/checkerboard.prm checkerboard

scripts/plot.py "$out/quickstart" --load-case deep -o "$figures/quickstart.png"
scripts/plot.py "$out/quickstart" --history -o "$figures/convergence.png"
scripts/report.py "$out/layered_reservoir"
sed 's/^body {/body { zoom: 2;/' "$out/layered_reservoir/report.html" >"$out/zoomed.html"
QT_QPA_PLATFORM=offscreen wkhtmltoimage --quiet --width 1900 "$out/zoomed.html" "$figures/report.png"
"$python" "$figures/draw.py" columns "$figures/report.png" 2 2950
"$python" "$figures/draw.py" shrink "$figures/report.png" 1300
xvfb-run -a pvpython scripts/render.py "$out/quickstart"
cp "$out/quickstart/pictures/cutaway.png" "$figures/"
for picture in quickstart convergence cutaway; do
  "$python" "$figures/draw.py" shrink "$figures/$picture.png" 1000
done
"$python" "$figures/draw.py" sight "$figures/line_of_sight.png"
"$python" "$figures/draw.py" weights "$figures/weights.png" "${pairs[@]}"
"$python" "$figures/draw.py" checkerboard "$figures/checkerboard.png" "$out/checkerboard_truth" "$out/checkerboard"
