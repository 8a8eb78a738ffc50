#!/usr/bin/env python3
"""The drawings of doc/guide.md that are not pictures of one result. make.sh runs the inversions and calls this script:

    draw.py sight OUT.png
    draw.py weights OUT.png WEIGHT=RESULT_DIRECTORY ...
    draw.py checkerboard OUT.png TRUTH_DIRECTORY RESULT_DIRECTORY

and makes pictures of other scripts small enough for the repository, by fewer pixels and colours:

    draw.py shrink FILE.png WIDTH
    draw.py columns FILE.png NUMBER HEIGHT     (cuts a long picture into columns of that height, side by side)

Needs matplotlib (which brings Pillow), numpy and h5py.
"""
import csv
import math
import pathlib
import sys

import h5py
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy
from matplotlib.colors import LogNorm
from PIL import Image

BACKGROUND = 20e9  # Pa, of the decks that are shown; the deck of a truth has the truth itself as its background
TICKS = (0.3, 0.5, 0.7, 1, 1.5, 2, 3)
plt.rcParams.update({"font.size": 10, "axes.titlesize": 10, "savefig.dpi": 110})


def slice_of(directory, depth):
    """x and y of cell edges (km) and E/E0 of the layer of a box whose cells hold the depth (m)."""
    with h5py.File(pathlib.Path(directory) / "results.h5") as file:
        centre, young = file["cells/centre"][:], file["cells/young"][:]
    layers = numpy.unique(centre[:, 2].round(3))
    layer = layers[abs(layers + depth).argmin()]
    chosen = abs(centre[:, 2] - layer) < 1
    x, column = numpy.unique(centre[chosen, 0].round(3), return_inverse=True)
    y, row = numpy.unique(centre[chosen, 1].round(3), return_inverse=True)
    values = numpy.full((len(y), len(x)), numpy.nan)
    values[row, column] = young[chosen] / BACKGROUND

    def edges(centres):
        half = (centres[1] - centres[0]) / 2
        return numpy.append(centres - half, centres[-1] + half) / 1e3

    return edges(x), edges(y), values, -layer


def show(axes, directory, depth, low, high):
    x, y, values, at = slice_of(directory, depth)
    picture = axes.pcolormesh(x, y, values, cmap="RdBu", norm=LogNorm(low, high))
    axes.set_aspect("equal")
    axes.set_xticks(range(-10, 11, 5))
    axes.set_yticks(range(-10, 11, 5))
    axes.set_xlabel("east (km)")
    return picture, at


def colour_bar(figure, picture, axes, low, high, **where):
    bar = figure.colorbar(picture, ax=axes, **where)
    ticks = [t for t in TICKS if low * 0.999 <= t <= high * 1.001]
    bar.set_ticks(ticks, labels=[f"{t:g}" for t in ticks])
    bar.minorticks_off()
    bar.set_label("E / E0")


def last_chi2(directory):
    with open(pathlib.Path(directory) / "history.csv", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    name = next(name for name in rows[0] if name.startswith("chi2"))
    return float(rows[-1][name])


def weights(out, runs):
    runs = sorted((float(text), directory) for text, directory in (run.split("=", 1) for run in runs))
    figure, axes = plt.subplots(1, 4, figsize=(11, 3.1), layout="constrained", width_ratios=(1.15, 1, 1, 1))
    axes[0].loglog([w for w, _ in runs], [last_chi2(d) for _, d in runs], "o-", color="black")
    axes[0].axhline(1, color="tab:red", lw=1)
    axes[0].text(0.97, 0.12, "red: residuals as\nlarge as the noise", color="tab:red", fontsize=8, ha="right", va="top", transform=axes[0].transAxes)
    axes[0].set_xlabel("Prior/Weight")
    axes[0].set_ylabel("χ²/N at the end")
    axes[0].grid(alpha=0.3)
    shown = (runs[0], runs[len(runs) // 2], runs[-1])
    low, high = 0.3, 3
    for place, (weight, directory), what in zip(axes[1:], shown, ("too small", "about right", "too large")):
        picture, at = show(place, directory, 2000, low, high)
        for x, y in ((-3, -3), (3, 3)):  # the true balls, cut at this depth
            place.add_patch(plt.Circle((x, y), math.sqrt(4 - (at / 1e3 - 2) ** 2), fill=False, lw=1, color="black"))
        place.set_title(f"Weight = {weight:g}: {what}")
    axes[1].set_ylabel("north (km)")
    colour_bar(figure, picture, axes[1:], low, high, shrink=0.9)
    figure.savefig(out)


def checkerboard(out, truth, result):
    figure, axes = plt.subplots(2, 3, figsize=(8.6, 5.6), layout="constrained", sharex=True, sharey=True)
    low, high = 0.5, 2
    for row, directory, name in zip(axes, (truth, result), ("true", "recovered")):
        for place, depth in zip(row, (1250, 3750, 6250)):
            picture, at = show(place, directory, depth, low, high)
            place.set_title(f"{name}, {at / 1e3:.2f} km deep")
        row[0].set_ylabel("north (km)")
    for place in axes[0]:
        place.set_xlabel("")
    colour_bar(figure, picture, axes, low, high, shrink=0.7)
    figure.savefig(out)


def arrow(axes, start, end, **style):
    axes.annotate("", xy=end, xytext=start, arrowprops={"arrowstyle": "-|>", "lw": 1.6, "shrinkA": 0, "shrinkB": 0, **style})


def sight(out):
    """Unit vector from ground to satellite: seen from the side, and on the map, for a right-looking radar."""
    incidence, heading = math.radians(38), math.radians(-12)
    figure, (side, above) = plt.subplots(1, 2, figsize=(8.6, 3.3), layout="constrained")
    for axes in (side, above):
        axes.set_aspect("equal")
        axes.axis("off")

    side.plot((-1.1, 0.5), (0, 0), color="saddlebrown", lw=2)
    side.text(0.5, -0.1, "ground", ha="right", color="saddlebrown")
    side.plot((0, 0), (0, 1.05), color="grey", lw=1, ls="--")
    side.text(0.04, 1.0, "vertical", color="grey")
    top = (-1.35 * math.sin(incidence), 1.35 * math.cos(incidence))
    side.plot((0, top[0]), (0, top[1]), color="grey", lw=1)
    arrow(side, (0, 0), (top[0] * 0.6, top[1] * 0.6), color="tab:blue")
    side.text(top[0] * 0.6 - 0.05, top[1] * 0.55, "e, from ground\nto satellite:\nlos > 0", color="tab:blue", ha="right", va="center")
    side.plot(*top, marker="s", color="black")
    side.text(top[0] + 0.06, top[1] + 0.03, "satellite")
    angles = numpy.linspace(math.pi / 2, math.pi / 2 + incidence, 40)
    side.plot(0.5 * numpy.cos(angles), 0.5 * numpy.sin(angles), color="black", lw=1)
    side.text(0.05, 0.45, "incidence i", va="center")
    side.set_xlim(-1.5, 0.7)
    side.set_ylim(-0.2, 1.2)
    side.set_title("seen along the flight direction")

    flight = (math.sin(heading), math.cos(heading))
    look = (flight[1], -flight[0])  # to the right of the flight
    track = (-0.8, -0.35)
    start = (track[0] - 0.55 * flight[0], track[1] - 0.55 * flight[1])
    end = (track[0] + 1.15 * flight[0], track[1] + 1.15 * flight[1])
    arrow(above, start, end, color="black")
    above.text(end[0] - 0.04, end[1], "flight direction\n(ascending)", ha="right", va="top")
    above.plot((start[0], start[0]), (start[1], start[1] + 1.42), color="grey", lw=1, ls="--")
    above.text(start[0] + 0.03, start[1] + 1.42, "north", color="grey", va="bottom", ha="center")
    angles = numpy.linspace(math.pi / 2, math.pi / 2 - heading, 30)
    above.plot(start[0] + 1.25 * numpy.cos(angles), start[1] + 1.25 * numpy.sin(angles), color="black", lw=1)
    above.text(start[0] + 0.05, start[1] + 1.1, "heading h,\nhere −12°", va="center")
    satellite = (track[0] + 0.05 * flight[0], track[1] + 0.05 * flight[1])
    above.plot(*satellite, marker="s", color="black")
    above.text(satellite[0] - 0.08, satellite[1], "satellite", ha="right", va="center")
    target = (satellite[0] + 1.7 * look[0], satellite[1] + 1.7 * look[1])
    above.plot(*target, marker="o", color="saddlebrown")
    above.text(target[0] + 0.06, target[1], "target", color="saddlebrown", va="center")
    above.plot((satellite[0], target[0]), (satellite[1], target[1]), color="grey", lw=1)
    arrow(above, target, (target[0] - 0.8 * look[0], target[1] - 0.8 * look[1]), color="tab:blue")
    above.text(target[0] - 0.4 * look[0], target[1] - 0.4 * look[1] - 0.1, "e points west here:\ne_east < 0", color="tab:blue", ha="center", va="top")
    above.set_xlim(-1.5, 0.9)
    above.set_ylim(-0.95, 0.9)
    above.set_title("on the map, radar looking right")
    figure.savefig(out)


def shrink(file, width):
    picture = Image.open(file).convert("RGB")
    size = (int(width), round(picture.height * int(width) / picture.width))
    few = picture.resize(size, Image.Resampling.LANCZOS).quantize(256, method=Image.Quantize.MAXCOVERAGE, kmeans=5, dither=Image.Dither.NONE)
    few.save(file, optimize=True)


def columns(file, number, height):
    picture, height, gap = Image.open(file).convert("RGB"), int(height), 40
    sheet = Image.new("RGB", (int(number) * (picture.width + gap) - gap, height), "white")
    for k in range(int(number)):
        sheet.paste(picture.crop((0, k * height, picture.width, min((k + 1) * height, picture.height))), (k * (picture.width + gap), 0))
    sheet.save(file)


def main():
    commands = {"sight": (sight, 1), "weights": (lambda out, *runs: weights(out, runs), None), "checkerboard": (checkerboard, 3),
                "shrink": (shrink, 2), "columns": (columns, 3)}
    name, arguments = (sys.argv[1] if len(sys.argv) > 1 else ""), sys.argv[2:]
    if name not in commands or not arguments or commands[name][1] not in (None, len(arguments)):
        sys.exit(__doc__)
    commands[name][0](*arguments)


if __name__ == "__main__":
    main()
