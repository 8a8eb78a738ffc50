"""Pictures of data: maps of observed, predicted and residual, and curves along a section."""
import math

import numpy as np

from plotting.numbers import minus, readable_unit, round_below
from plotting.page import BELOW, DARK, GAP, LEFT, WIDTH, frame, outline_sources
from plotting.result import COMPONENTS, KINDS, WORDS
from plotting.scales import make_scale

BAR = 0.8  # inches, of a colour bar with its label


def heading(data):
    if not data.chi2:
        return f"{data.name}: {data.count()} predicted values"
    chi2, n = data.chi2[0]
    return f"{data.name}: χ²/N = {chi2 / n:#.3g}, N = {n}"


def add_maps(page, result, data, window, component=None):
    """Observed, predicted and residual of one data set side by side: up, line of sight or `component` in colour, and, unless a
    component is named, horizontal ones as arrows. Observed and predicted have one scale."""
    arrows = component is None and data.has("east") and data.has("north")
    shown = component or next((c for c in ("los", "up", *(() if arrows else ("east", "north"))) if data.has(c)), None)
    kinds = [kind for kind in KINDS if kind in data.values]
    (x0, y0), (x1, y1) = window
    each = (WIDTH - LEFT - 0.2 - GAP - 2 * BAR) / 3
    up = each * (y1 - y0) / (x1 - x0)
    n_outside = int((~np.all((data.points[:, :2] >= window[0]) & (data.points[:, :2] <= window[1]), axis=1)).sum())
    outside = f" ({n_outside} of {len(data.points)} points outside the map)" if n_outside else ""

    def draw(place):
        x = LEFT
        for kind in kinds:
            alike = [k for k in kinds if (k == "residual") == (kind == "residual")]
            axes = place(x, BELOW, each, up)
            frame(axes, (x0, x1), (y0, y1), "x (km)", "y (km)" if kind == kinds[0] else "")
            outline_sources(axes, result, 0, 1, [data.load_case])
            axes.set_title(kind, loc="left", pad=3)
            if kind == kinds[0]:
                axes.text(0, 1 + 0.27 / up, heading(data) + outside, transform=axes.transAxes, fontsize=9, fontweight="bold")
            if arrows:
                draw_arrows(axes, data, kind, alike, window)
            x += each + GAP
            if shown:
                scale = make_scale(np.concatenate([data.component(k, shown) for k in alike]), WORDS[shown], data.unit, "data")
                draw_symbols(axes, data, kind, shown, scale, each * 72 / (x1 - x0))
                if kind == alike[-1]:
                    page.bar(place(x - GAP + 0.08, BELOW, 0.1, up), scale)
            if kind == alike[-1]:
                x += BAR - GAP

    page.add(up + 0.98, draw)


def spacing(points):
    """The median distance to the nearest other point, of at most 500 of them."""
    if len(points) < 2:
        return math.inf
    chosen = points[::math.ceil(len(points) / 500)]
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
    """In two dimensions: observed with one sigma and predicted along x, below them the residual; one column per component."""
    present = [c for c in COMPONENTS if data.has(c)]
    gap = 0.65
    each = (WIDTH - LEFT - 0.2 - gap * (len(present) - 1)) / len(present)

    def draw(place):
        for k, component in enumerate(present):
            rows = np.flatnonzero(np.isfinite(data.component("predicted", component)))
            rows = rows[np.argsort(data.points[rows, 0], kind="stable")]
            value = {kind: data.component(kind, component)[rows] for kind in data.values}
            x = LEFT + k * (each + gap)
            above, below = place(x, 1.22, each, 1.5), place(x, BELOW, each, 0.72)
            draw_curve(above, data.points[rows, 0], value, data.unit, WORDS[component])
            draw_residual(below, data.points[rows, 0], value, data.unit)
            above.set(xlim=limits, xticklabels=[])
            below.set(xlim=limits, xlabel="x (km)")
            if k == 0:
                above.set_title(heading(data), loc="left", fontsize=9, fontweight="bold", pad=4)

    page.add(3.05, draw)


def draw_curve(axes, x, value, unit, word):
    factor, unit = readable_unit(max(np.abs(value[kind]).max() for kind in ("observed", "predicted") if kind in value), unit)
    if "observed" in value:
        axes.errorbar(x, value["observed"] * factor, value["sigma"] * factor, fmt="o", color="black", markersize=2.5, elinewidth=0.7, label="observed, 1σ")
    axes.plot(x, value["predicted"] * factor, color="#d55e00", linewidth=1.2, label="predicted", zorder=3)
    axes.set_ylabel(f"{word} ({unit})")
    axes.legend(frameon=False, fontsize=7.5)


def draw_residual(axes, x, value, unit):
    axes.axhline(0, color=DARK, linewidth=0.6)
    if "residual" not in value:
        axes.set_visible(False)
        return
    factor, unit = readable_unit(max(np.abs(value["residual"]).max(), value["sigma"].max()), unit)
    axes.errorbar(x, value["residual"] * factor, value["sigma"] * factor, fmt="o", color="#0072b2", markersize=2.5, elinewidth=0.7)
    axes.set_ylabel(f"residual ({unit})")
