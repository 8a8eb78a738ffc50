"""Pictures of data: maps of observed, predicted and residual, and curves along a section."""
import math

import numpy as np

from plotting.numbers import minus, number, plain, readable_unit, round_below, round_ticks
from plotting.page import BELOW, CONTENT, DARK, GAP, LEFT, WIDTH, frame, outline_sources
from plotting.result import COMPONENTS, KINDS, WORDS
from plotting.scales import make_scale

BAR = 0.8  # inches, of a colour bar with its label


def heading(data, window=None):
    name = plain(data.name)
    text = f"{name}: χ²/N = {number(data.chi2[0] / data.chi2[1])}, N = {data.chi2[1]}" if data.chi2 else f"{name}: {data.count()} values"
    if window is not None:
        outside = int(np.any((data.points[:, :2] < window[0]) | (data.points[:, :2] > window[1]), axis=1).sum())
        text += f" ({outside} of {len(data.points)} points lie outside the map)" if outside else ""
    return text


def rows_of(data):
    """Data sets by row of maps: one with observed data fills it, two that are only predicted share it."""
    rows = []
    for d in data:
        if "observed" not in d.values and rows and len(rows[-1]) == 1 and "observed" not in rows[-1][0].values:
            rows[-1].append(d)
        else:
            rows.append([d])
    return rows


def add_maps(page, result, sets, window, component=None):
    """Observed, predicted and residual of a data set side by side (or what is predicted of two): up, line of sight or `component` in
    colour, and, unless a component is named, horizontal ones as arrows. Observed and predicted have one scale."""
    widths = window[1] - window[0]
    each = (WIDTH - LEFT - 0.2 - GAP - 2 * BAR) / 3
    each = min(each, 4.5 * widths[0] / widths[1])
    up = each * widths[1] / widths[0]

    def draw(place):
        x = LEFT
        for data in sets:
            kinds = [kind for kind in KINDS if kind in data.values]
            for kind in kinds:
                alike = [k for k in kinds if (k == "residual") == (kind == "residual")]
                axes = place(x, BELOW, each, up)
                scale = draw_map(axes, result, data, kind, alike, window, component)
                x += each + GAP
                if kind == kinds[0]:
                    axes.text(0, 1 + 0.27 / up, heading(data, window), transform=axes.transAxes, fontsize=9, fontweight="bold")
                if x > LEFT + each + GAP:
                    axes.set(yticklabels=[], ylabel="")
                if kind == alike[-1]:
                    if scale:
                        page.bar(place(x - GAP + 0.08, BELOW, 0.1, up), scale)
                    x += BAR - GAP

    page.add(up + 0.98, draw)


def draw_map(axes, result, data, kind, alike, window, component):
    """One map; `alike` are the kinds that share its scale. Returns the scale of the colours, if there are any."""
    arrows = component is None and data.has("east") and data.has("north")
    shown = component or next((c for c in ("los", "up", *(() if arrows else ("east", "north"))) if data.has(c)), None)
    frame(axes, *zip(*window), "x (km)", "y (km)")
    axes.set_title(kind, loc="left", pad=3)
    outline_sources(axes, result, 0, 1, [data.load_case])
    if arrows:
        draw_arrows(axes, data, kind, alike, window)
    if not shown:
        return None
    scale = make_scale(np.concatenate([data.component(k, shown) for k in alike]), WORDS[shown], data.unit, "data")
    draw_symbols(axes, data, kind, shown, scale, axes.get_window_extent().width * 72 / axes.figure.dpi / (window[1] - window[0])[0])
    return scale


def spacing(points):
    """The median distance to the nearest other point, of some hundred of them."""
    if len(points) < 2:
        return math.inf
    chosen = points[::math.ceil(len(points) / min(500, 1 + 10**7 // len(points)))]
    distance = np.sqrt(((chosen[:, None] - points[None]) ** 2).sum(axis=2))
    distance[distance == 0] = math.inf  # the point itself
    return float(np.median(distance.min(axis=1)))


def draw_symbols(axes, data, kind, component, scale, dots_per_km):
    values = data.component(kind, component)
    there = np.flatnonzero(np.isfinite(values))
    there = there[np.argsort(np.abs(values[there]), kind="stable")]  # the largest on top
    diameter = np.clip(0.9 * spacing(data.points[there, :2]) * dots_per_km, 2, 7)
    axes.scatter(*data.points[there, :2].T, s=diameter ** 2, c=scale.colours(values[there]), edgecolors=DARK, linewidths=0.3 if len(there) <= 500 else 0.12)


def draw_arrows(axes, data, kind, alike, window):
    """Arrows start at the stations; the scale arrow above the map has a round length and says which."""
    east, north = data.component(kind, "east"), data.component(kind, "north")
    shown = np.isfinite(east) & np.isfinite(north) & np.all((data.points[:, :2] >= window[0]) & (data.points[:, :2] <= window[1]), axis=1)
    there = np.flatnonzero(shown)
    there = there[::max(1, math.ceil(len(there) / 900))]
    longest = max((np.hypot(data.component(k, "east"), data.component(k, "north"))[shown].max() for k in alike), default=0) if len(there) else 0
    if not longest > 0:
        return
    factor, unit = readable_unit(longest, data.unit)
    width = (window[1] - window[0])[0]
    length = np.clip(1.6 * spacing(data.points[there, :2]), 0.06 * width, 0.16 * width)  # of the longest, km
    quiver = axes.quiver(*data.points[there, :2].T, east[there] * factor, north[there] * factor, angles="xy", scale_units="xy",
                         scale=longest * factor / length, width=0.006 if len(there) <= 200 else 0.004, color="black", zorder=3)
    key = round_below(longest * factor)
    axes.quiverkey(quiver, 0.6, 1.06, key, minus(f"{key:g} {unit}"), labelpos="E", labelsep=0.05, fontproperties={"size": 8})


def add_curves(page, data, limits):
    """In two dimensions: observed with one sigma and predicted along x, below them the residual; one column per component. A single one is as wide as
    the section of the model, so that x is the same place in both."""
    present = [c for c in COMPONENTS if data.has(c)]
    gap, residual = 0.65, 1.0 if "residual" in data.values else 0
    each = CONTENT if len(present) == 1 else (WIDTH - LEFT - 0.2 - gap * (len(present) - 1)) / len(present)

    def draw(place):
        for k, component in enumerate(present):
            rows = np.flatnonzero(np.isfinite(data.component("predicted", component)))
            rows = rows[np.argsort(data.points[rows, 0], kind="stable")]
            value = {kind: data.component(kind, component)[rows] for kind in data.values}
            x = LEFT + k * (each + gap)
            axes = place(x, BELOW + residual, each, 1.5)
            draw_curve(axes, data.points[rows, 0], value, data.unit, WORDS[component])
            if k == 0:
                axes.set_title(heading(data), loc="left", fontsize=9, fontweight="bold", pad=4)
            if residual:
                axes.set(xlim=limits, xticks=round_ticks(*limits), xticklabels=[])
                axes = place(x, BELOW, each, residual - 0.08)
                draw_residual(axes, data.points[rows, 0], value, data.unit)
            axes.set(xlim=limits, xticks=round_ticks(*limits), xlabel="x (km)")

    page.add(2.25 + residual, draw)


def draw_curve(axes, x, value, unit, word):
    factor, unit = readable_unit(max(np.abs(value[kind]).max() for kind in ("observed", "predicted") if kind in value), unit)
    if "observed" in value:
        axes.errorbar(x, value["observed"] * factor, value["sigma"] * factor, fmt="o", color="black", markersize=2.5, elinewidth=0.7, label="observed, 1σ")
    axes.plot(x, value["predicted"] * factor, color="#d55e00", linewidth=1.2, label="predicted", zorder=3)
    axes.set_ylabel(f"{word} ({unit})")
    axes.legend(frameon=False, fontsize=7.5)


def draw_residual(axes, x, value, unit):
    axes.axhline(0, color=DARK, linewidth=0.6)
    factor, unit = readable_unit(max(np.abs(value["residual"]).max(), value["sigma"].max()), unit)
    axes.errorbar(x, value["residual"] * factor, value["sigma"] * factor, fmt="o", color="#0072b2", markersize=2.5, elinewidth=0.7)
    axes.set_ylabel(f"residual ({unit})")
