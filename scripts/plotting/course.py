"""Curves: the course of inversions, the path of the prior's weight, semivariograms."""
import re

import numpy as np
from matplotlib import pyplot

from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from plotting.numbers import minus, number, plain, readable, round_ticks
from plotting.page import DARK, WIDTH, place_labels

BLACK, BLUE, ORANGE = "black", "#0072b2", "#d55e00"  # told apart in grey, too, by their markers
NAMES = {"chi2 per datum": "χ²/N", "relative gradient": "|g|/|g$_0$|"}


def panels(count, height=2.6):
    figure, axes = pyplot.subplots(1, count, figsize=(WIDTH * count / 3 if count < 3 else WIDTH, height), squeeze=False, constrained_layout=True)
    for axis in axes[0]:
        axis.grid(True, alpha=0.3, linewidth=0.5)
    return figure, axes[0]


def whole_numbers(axis):
    axis.xaxis.get_major_locator().set_params(integer=True)


def logarithmic(axis, which, values):
    """A logarithmic axis with round numbers on it, also where it spans less than a decade."""
    values = np.asarray(values, dtype=float)
    values = values[np.isfinite(values) & (values > 0)]
    low, high = (values.min(), values.max()) if len(values) else (0.1, 1)
    margin = max((high / low) ** 0.06, 1.05)
    low, high = low / margin, high * margin
    (axis.set_xscale if which == "x" else axis.set_yscale)("log")
    (axis.set_xlim if which == "x" else axis.set_ylim)(low, high)
    along = axis.xaxis if which == "x" else axis.yaxis
    along.set_major_locator(FixedLocator(round_ticks(low, high, True)))
    along.set_major_formatter(FuncFormatter(lambda x, _: power_of_ten(x) if high > 1e4 or low < 1e-3 else minus(f"{x:g}")))
    along.set_minor_locator(NullLocator())


def power_of_ten(x):
    digits, _, power = f"{x:.0e}".partition("e")
    return ("" if digits == "1" else digits + "·") + f"10$^{{{int(power)}}}$"


def compare_histories(histories, against, wanted):
    """Columns of histories (name, columns, units) over another of their columns, on logarithmic axes."""
    figure, axes = panels(len(wanted))
    for axis, name in zip(axes, wanted):
        for label, columns, units in histories:
            y = columns[name]
            axis.plot(columns[against][y > 0], y[y > 0], ".-", linewidth=1, markersize=4, label=plain(label))
        unit = units[against]
        axis.set(title=NAMES.get(name, name), xlabel=against + (f" ({unit})" if unit else ""))
        logarithmic(axis, "y", np.concatenate([columns[name] for _, columns, _ in histories]))
        if against == "iteration":
            whole_numbers(axis)
    axes[0].legend()
    return figure


def draw_course(columns, gradient_tolerance=None):
    """What is minimised and its parts, χ²/N and the gradient over the iterations."""
    figure, axes = panels(3)
    iteration = columns["iteration"]
    tolerance = "gradient, relative to the start" if gradient_tolerance is None else "gradient (dashed: tolerance)"
    pictures = ((("J", "misfit", "prior"), "J = misfit + prior", "J and its parts", None),
                (("chi2 per datum",), "mean squared residual (dashed: noise)", "χ²/N", 1),
                (("relative gradient",), tolerance, NAMES["relative gradient"], gradient_tolerance))
    for axis, (names, title, label, level) in zip(axes, pictures):
        shown = [columns.get(name, np.zeros(len(iteration))) for name in names]
        for name, y, style, colour in zip(names, shown, ("o-", "s-", "^-"), (BLACK, BLUE, ORANGE)):
            axis.plot(iteration[y > 0], y[y > 0], style, color=colour, linewidth=1, markersize=5 if name == "J" else 3.5, label=name)
        axis.set(title=title, xlabel="iteration", ylabel=label)
        logarithmic(axis, "y", np.concatenate(shown + [[level or np.nan]]))
        whole_numbers(axis)
        if level:
            axis.axhline(level, color=DARK, linewidth=0.8, linestyle="--")
    axes[0].legend()
    return figure


def draw_residuals(data):
    """Histograms of residuals in units of σ, one per data set, with the density of Gaussian noise."""
    shown = [d for d in data if "observed" in d.values]
    columns = min(3, len(shown))
    rows = -(-len(shown) // columns)
    width = WIDTH if columns == 3 else WIDTH * columns / 3 + 0.3
    figure, axes = pyplot.subplots(rows, columns, figsize=(width, 2.1 * rows), squeeze=False, constrained_layout=True)
    x = np.linspace(-5, 5, 201)
    for axis, d in zip(axes.flat, shown):
        values = d.values["standardized_residual"]
        values = values[np.isfinite(values)]
        bins = np.linspace(-5, 5, 1 + 2 * int(np.clip(np.sqrt(len(values)), 5, 25)))
        axis.hist(np.clip(values, -5, 5), bins=bins, density=True, color="#9ecae1", edgecolor=DARK, linewidth=0.3)
        axis.plot(x, np.exp(-x ** 2 / 2) / np.sqrt(2 * np.pi), color=ORANGE, linewidth=1.2)
        beyond = int(np.sum(np.abs(values) > 5))
        axis.set(title=plain(d.name), xlabel="residual / σ" + (f" ({beyond} beyond ±5)" if beyond else ""), ylabel="density", xlim=(-5, 5))
    for axis in axes.flat[len(shown):]:
        axis.axis("off")
    return figure


def draw_weight_path(columns, chosen=None):
    """χ²/N over the prior's weight, and the L-curve: misfit over the prior without its weight, with its curvature, as far as the columns
    go. Points have their order beside them, where there is room."""
    weight = columns.get("weight", 10.0 ** columns["log10 weight"] if "log10 weight" in columns else None)
    chi2, misfit, prior, curvature = (columns.get(name) for name in ("chi2 per datum", "misfit", "prior", "curvature"))
    pictures = []
    if chi2 is not None:
        pictures.append((weight, chi2, "weight of the prior", "χ²/N", "mean squared residual (dashed: noise)"))
    if misfit is not None and prior is not None:
        pictures.append((prior / weight, misfit, "prior / weight", "misfit", "L-curve"))
    if curvature is not None and np.any(curvature > 0):
        pictures.append((weight, curvature, "weight of the prior", "curvature", "curvature of the L-curve"))
    figure, axes = panels(len(pictures), 3)
    for axis, (x, y, xlabel, ylabel, title) in zip(axes, pictures):
        there = (x > 0) & ((y > 0) | (ylabel == "curvature"))
        order = np.argsort(x[there], kind="stable")
        axis.plot(x[there][order], y[there][order], "-", color=BLUE, linewidth=1)
        axis.plot(x[there], y[there], "o", color=BLUE, markersize=4)
        if chosen and np.any(weight > 0):
            distance = np.abs(np.log(np.where(weight > 0, weight, np.inf) / chosen))
            if distance.min() < 0.01:
                nearest = distance.argmin()
                axis.plot(x[nearest], y[nearest], "o", color=ORANGE, markersize=9, fillstyle="none", label=f"chosen: weight {number(chosen, 4)}")
        axis.set(xlabel=xlabel, ylabel=ylabel, title=title)
        logarithmic(axis, "x", x)
        if ylabel != "curvature":
            logarithmic(axis, "y", np.append(y, 1) if ylabel == "χ²/N" else y)
        if ylabel == "χ²/N":
            axis.axhline(1, color=DARK, linewidth=0.8, linestyle="--")
    if axes[0].get_legend_handles_labels()[0]:
        axes[0].legend()
    figure.canvas.draw()  # settles the layout
    for axis, (x, y, _, ylabel, _) in zip(axes, pictures):
        there = np.flatnonzero((x > 0) & ((y > 0) | (ylabel == "curvature")))
        points = np.column_stack([x, y])[there]
        place_labels(axis, points, [str(k + 1) for k in there], points)
    return figure


def scaled(values, unit):
    """Values, and their unit, in numbers that read well: km for m, mm² for (m)^2."""
    square = re.fullmatch(r"\(?(m|cm|mm)(/yr)?\)?\^2", unit)
    if square:
        factor = {"m": 1e3, "cm": 10, "mm": 1}[square[1]] ** 2
        return values * factor, "(mm/yr)²" if square[2] else "mm²"
    if unit == "m" and np.nanmax(values) > 3000:
        return values / 1e3, "km"
    return values, readable(unit)


def draw_variogram(columns, units):
    """Semivariance of residuals over distance: points where it was measured, lines of what noise models expect."""
    names = [name for name, values in columns.items() if isinstance(values, np.ndarray)]
    distance = next((name for name in names if any(word in name.lower() for word in ("distance", "lag", "separation"))), names[0])
    x, along = scaled(columns[distance], units[distance])
    figure, (axis,) = panels(1, 3)
    up = ""
    for name in names:
        if name == distance or any(word in name.lower() for word in ("pairs", "count", "number", "weight", "kept")):
            continue
        model, before = any(word in name.lower() for word in ("expected", "model", "fit")), "before" in name.lower()
        order = np.argsort(x, kind="stable")
        y, up = scaled(columns[name], units[name])
        style, colour = ("o", BLUE) if not model else ("--", "#777777") if before else ("-", ORANGE)
        axis.plot(x[order], y[order], style, color=colour, linewidth=1.2, markersize=4, label=plain(name))
    axis.set(xlabel=distance + (f" ({along})" if along else ""), ylabel="semivariance" + (f" ({up})" if up else ""))
    axis.set_ylim(bottom=0)
    axis.set_xlim(left=0)
    axis.legend()
    return figure
