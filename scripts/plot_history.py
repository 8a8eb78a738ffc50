#!/usr/bin/env python3
"""Convergence curves of one or more runs, from their history.csv:

    scripts/plot_history.py RESULT_DIRECTORY [RESULT_DIRECTORY ...] [--against time] [--out FILE.svg|FILE.png]

Objective, misfit per datum and gradient, on logarithmic axes. Without matplotlib, a plain SVG is written.
"""
import argparse
import csv
import math
import os
import sys

PANELS = ("J", "misfit", "chi2 per datum", "prior", "relative gradient")
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")


def read_history(directory):
    """Columns by name without unit; the units by name."""
    path = os.path.join(directory, "history.csv") if os.path.isdir(directory) else directory
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.reader(line for line in file if not line.startswith("#")))
    except OSError as error:
        sys.exit(f"plot_history.py: {path}: {error.strerror}; give a directory of results")
    if len(rows) < 2:
        sys.exit(f"plot_history.py: {path} has no iterations yet")
    header = [name.strip() for name in rows[0]]
    body = [row for row in rows[1:] if len(row) == len(header)]
    columns, units = {}, {}
    for i, full in enumerate(header):
        name, _, unit = full.partition("[")
        columns[name.strip()] = [float(row[i]) for row in body]
        units[name.strip()] = unit.rstrip("] ")
    return columns, units


def panels_of(histories, wanted):
    present = [name for name in histories[0][0]]
    chosen = [name for panel in wanted for name in present if name == panel]
    return chosen or present[1:4]


def points(columns, across, name):
    return [(x, y) for x, y in zip(columns[across], columns[name]) if math.isfinite(y) and y > 0]


def ticks(low, high):
    step = max(1, math.ceil((high - low) / 6))
    return range(math.ceil(low), math.floor(high) + 1, step)


def linear_ticks(low, high):
    step = 10 ** math.floor(math.log10(max(high - low, 1e-300)))
    step *= next(f for f in (0.2, 0.5, 1, 2) if (high - low) / (step * f) <= 8)
    first = math.ceil(low / step)
    return [step * k for k in range(first, math.floor(high / step) + 1)]


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain_svg(histories, labels, across, names, out):
    width, height, left, top = 380, 300, 70, 30
    total = len(names) * (width + left) + 20
    svg = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="{height + top + 60 + 18 * len(labels)}" '
           'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>']
    for panel, name in enumerate(names):
        curves = [points(columns, across, name) for columns, _ in histories]
        everything = [p for curve in curves for p in curve]
        x0 = left + panel * (width + left)
        svg.append(f'<text x="{x0 + width / 2}" y="{top - 10}" text-anchor="middle">{escaped(name)}</text>')
        svg.append(f'<rect x="{x0}" y="{top}" width="{width}" height="{height}" fill="none" stroke="black"/>')
        if not everything:
            continue
        low, high = min(x for x, _ in everything), max(x for x, _ in everything)
        high = high if high > low else low + 1
        bottom, ceiling = (f(math.log10(y) for _, y in everything) for f in (min, max))
        bottom, ceiling = (bottom - 0.1, ceiling + 0.1)

        def at(x, logarithm):
            return x0 + (x - low) / (high - low) * width, top + (ceiling - logarithm) / (ceiling - bottom) * height

        decades = list(ticks(bottom, ceiling))
        marks = [(d, f"1e{d}") for d in decades] if len(decades) > 1 else [
            (v, f"{10 ** v:.3g}") for v in (bottom + (ceiling - bottom) * k / 4 for k in range(5))]
        for value, text in marks:
            y = at(low, value)[1]
            svg.append(f'<path d="M{x0},{y:.1f}h{width}" stroke="#ddd"/><text x="{x0 - 5}" y="{y + 4:.1f}" text-anchor="end">{text}</text>')
        for value in linear_ticks(low, high):
            x = at(value, bottom)[0]
            svg.append(f'<path d="M{x:.1f},{top + height}v-4" stroke="black"/>'
                       f'<text x="{x:.1f}" y="{top + height + 16}" text-anchor="middle">{value:.6g}</text>')
        unit = histories[0][1][across]
        svg.append(f'<text x="{x0 + width / 2}" y="{top + height + 34}" text-anchor="middle">{escaped(across)}'
                   f'{" (" + escaped(unit) + ")" if unit else ""}</text>')
        for i, curve in enumerate(curves):
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(x, math.log10(y)) for x, y in curve))
            svg.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[i % len(COLOURS)]}" stroke-width="1.8"/>')
    for i, label in enumerate(labels):
        y = top + height + 54 + 18 * i
        svg.append(f'<path d="M{left},{y - 4}h24" stroke="{COLOURS[i % len(COLOURS)]}" stroke-width="2"/>'
                   f'<text x="{left + 30}" y="{y}">{escaped(label)}</text>')
    with open(out, "w", encoding="utf-8") as file:
        file.write("\n".join(svg) + "\n</svg>\n")


def with_matplotlib(pyplot, histories, labels, across, names, out):
    figure, axes = pyplot.subplots(1, len(names), figsize=(4.5 * len(names), 4), squeeze=False)
    for axis, name in zip(axes[0], names):
        for i, ((columns, units), label) in enumerate(zip(histories, labels)):
            curve = points(columns, across, name)
            axis.semilogy([x for x, _ in curve], [y for _, y in curve], ".-", color=COLOURS[i % len(COLOURS)], label=label)
        axis.set_title(name)
        axis.set_xlabel(across + (f" ({units[across]})" if units[across] else ""))
        axis.grid(True, alpha=0.3)
    axes[0][0].legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(out, dpi=150)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directories", nargs="+", metavar="RESULT_DIRECTORY")
    parser.add_argument("--against", default="iteration", help="column for the horizontal axis: iteration (default), time ...")
    parser.add_argument("--columns", help="columns to plot, separated by commas")
    parser.add_argument("--out", help="file to write (default: history.svg in the first directory)")
    options = parser.parse_args()
    histories = [read_history(d) for d in options.directories]
    wanted = options.columns.split(",") if options.columns else PANELS
    for (columns, _), directory in zip(histories, options.directories):
        for name in [options.against] + (wanted if options.columns else []):
            if name not in columns:
                sys.exit(f"plot_history.py: {directory} has no column '{name}'; it has {', '.join(columns)}")
    names = [n for n in panels_of(histories, wanted) if all(n in columns for columns, _ in histories)]
    first = options.directories[0]
    out = options.out or os.path.join(first if os.path.isdir(first) else os.path.dirname(first), "history.svg")
    labels = [os.path.basename(os.path.normpath(d)) for d in options.directories]
    try:
        import matplotlib
        matplotlib.use("Agg")
        from matplotlib import pyplot
    except ImportError:
        if not out.endswith(".svg"):
            sys.exit("plot_history.py: without matplotlib (python3-matplotlib) only --out FILE.svg can be written")
        plain_svg(histories, labels, options.against, names, out)
    else:
        with_matplotlib(pyplot, histories, labels, options.against, names, out)
    print(out)


if __name__ == "__main__":
    main()
