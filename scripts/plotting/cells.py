"""Pictures of a field of the cells: depth slices and vertical sections."""
import numpy as np
from matplotlib.collections import PolyCollection

from plotting.choices import SYMBOLS
from plotting.numbers import minus
from plotting.page import BELOW, CONTENT, DARK, GAP, LEFT, draw_stations, frame, outline_sources
from plotting.scales import make_scale
from plotting.views import choose_bottom, cut, strongest_places

WORDS = {"e": "E", "k": "K", "g": "G", "nu": "ν", "e0": "E$_0$", "k0": "K$_0$", "g0": "G$_0$", "nu0": "ν$_0$", "over": "/", "minus": "−"}


def label_of(name):
    """E/E0 for young_ratio, ν − ν0 for poisson_change, E for young, "sensitivity, ln E/E0" for sensitivity_ln_e_over_e0."""
    first, _, rest = name.partition("_")
    if first in SYMBOLS:
        symbol = SYMBOLS[first]
        return {"": symbol, "ratio": f"{symbol}/{symbol}$_0$", "change": f"{symbol} − {symbol}$_0$", "background": f"{symbol}$_0$"}.get(rest, name.replace("_", " "))
    words = " ".join(WORDS.get(word, word) for word in rest.split("_")).replace(" / ", "/")
    return ({"m": "", "gradient": "gradient per volume, ", "sensitivity": "sensitivity per volume, "}.get(first, first + " ") + words).strip(", ")


def kilometres(x):
    return minus(f"{round(x, 2):g} km")


class CellPicture:
    """One field, with the part of the model that is shown, its colours, and the places through which sections pass."""

    def __init__(self, result, name, window, at=None, like=None):
        """Sections pass through the place `at`, or where the field changed most, or where those of the picture `like` pass."""
        self.result, self.name, self.window = result, name, window
        self.values, unit = result.fields[name]
        kind = next((k for k in ("ratio", "change") if name.endswith("_" + k)), "sensitivity" if name.startswith("sensitivity") else "field")
        inside = np.all((result.centre[:, :-1] >= window[0]) & (result.centre[:, :-1] <= window[1]), axis=1)
        trust = self.trust(inside) if name.partition("_")[0] in SYMBOLS else np.ones(len(self.values))
        # A zone is one unknown: what is known of it is known everywhere in it.
        self.fade = np.ones(len(trust)) if result.zone_unknowns else trust
        middle = {"ratio": 1, "change": 0}.get(kind, np.nanmedian(self.values[inside]))
        change = np.log(self.values / middle) if middle > 0 and np.nanmin(self.values) > 0 else self.values - middle
        change = np.nan_to_num(change) * trust
        self.weight = np.where(inside, result.volume * change ** 2, 0)
        self.depth = like.depth if like else choose_bottom(result, self.weight, window)
        low, high = np.append(window[0], result.top - self.depth), np.append(window[1], result.top)
        shown = inside & (result.centre[:, -1] > low[-1])
        self.scale = make_scale(self.values[shown], label_of(name), unit, kind, self.weight[shown])
        if like is not None:
            self.places = like.places
        else:
            self.places = [np.array(at)] * 2 if at is not None else strongest_places(result.centre, change, result.volume, low, high)

    def trust(self, inside):
        """From 1 where the sensitivity is above a hundredth of the largest in the window to 0 at a thousandth."""
        sensitivity = self.result.sensitivity_to(self.name)
        if sensitivity is None or not np.any(sensitivity[inside] > 0):
            return np.ones(len(self.values))
        with np.errstate(divide="ignore", invalid="ignore"):
            decades = np.log10(sensitivity / np.nanpercentile(sensitivity[inside], 99))
        return np.clip(np.nan_to_num(decades + 3, nan=1, neginf=0), 0, 1)

    def paint(self, axes, polygons, cells):
        rgba = self.scale.colours(self.values[cells])
        strength = 0.15 + 0.85 * self.fade[cells, None]
        rgba[:, :3] = strength * rgba[:, :3] + (1 - strength)
        axes.add_collection(PolyCollection(polygons, facecolors=rgba, edgecolors=rgba, linewidths=0.3, rasterized=len(cells) > 4000))

    def draw_slice(self, axes, z, ylabel):
        cells, polygons = cut(self.result.vertices, 2, z)
        frame(axes, *zip(*self.window), "x (km)", ylabel)
        self.paint(axes, polygons, cells)
        outline_sources(axes, self.result, 0, 1)
        axes.set_title("depth " + kilometres(self.result.top - z), pad=3)

    def draw_section(self, axes, across, place, ylabel="depth (km)"):
        """A vertical section along x (across = 0) or y (1); in 2-D the model itself."""
        result, last = self.result, self.result.dim - 1
        if result.dim == 3:
            cells, polygons = cut(result.vertices, 1 - across, place[1 - across])
        else:
            cells, polygons = np.arange(len(result.vertices)), result.vertices.copy()
        polygons[..., 1] = result.top - polygons[..., 1]
        frame(axes, (self.window[0][across], self.window[1][across]), (self.depth, 0), "xy"[across] + " (km)", ylabel)
        self.paint(axes, polygons, cells)
        outline_sources(axes, result, across, last)


def add_slices(page, picture, depths):
    (x0, y0), (x1, y1) = picture.window
    each = (CONTENT - (len(depths) - 1) * GAP) / len(depths)
    each = min(each, 2.2 * (x1 - x0) / (y1 - y0))
    up = each * (y1 - y0) / (x1 - x0)

    def draw(place):
        for k, z in enumerate(depths):
            axes = place(LEFT + k * (each + GAP), BELOW, each, up)
            picture.draw_slice(axes, z, "y (km)" if k == 0 else "")
            axes.axhline(picture.places[0][1], color=DARK, linewidth=0.5)
            axes.axvline(picture.places[1][0], color=DARK, linewidth=0.5)
            if k == 0:
                draw_stations(axes, picture.result.data)
        page.bar(place(LEFT + len(depths) * (each + GAP), BELOW, 0.12, up), picture.scale)

    page.add(up + 0.68, draw)


def add_sections(page, picture):
    """One along x and one along y, side by side, in one scale of lengths; in 2-D the only one, as wide as the page."""
    widths = picture.window[1] - picture.window[0]
    scale = (CONTENT - (len(widths) - 1) * GAP) / widths.sum()
    up = scale * picture.depth

    def draw(place):
        axes = place(LEFT, BELOW, scale * widths[0], up)
        picture.draw_section(axes, 0, picture.places[0])
        if picture.result.dim == 2:
            page.bar(place(LEFT + CONTENT + GAP, BELOW, 0.12, up), picture.scale)
            return
        axes.set_title("west to east at y = " + kilometres(picture.places[0][1]), pad=3)
        axes = place(LEFT + scale * widths[0] + GAP, BELOW, scale * widths[1], up)
        picture.draw_section(axes, 1, picture.places[1], ylabel="")
        axes.set_title("south to north at x = " + kilometres(picture.places[1][0]), pad=3)

    page.add(up + 0.68, draw)
