"""Colours for numbers."""
import math
from dataclasses import dataclass

import matplotlib
import numpy as np
from matplotlib import colors

from plotting.numbers import readable_unit, round_ticks, round_up


@dataclass
class Scale:
    """How numbers become colours: `factor` times a number in the file's unit is what the colour bar shows."""
    norm: colors.Normalize
    map: colors.Colormap
    label: str
    extend: str
    factor: float
    ticks: list

    def colours(self, values):
        rgba = self.map(self.norm(np.ma.masked_invalid(values * self.factor)))
        rgba[~np.isfinite(values)] = (0.85, 0.85, 0.85, 1)
        return rgba


def cut_map(name, low, high):
    """A part of a colour map, from 0 (its first colour) to 1 (its last)."""
    return colors.ListedColormap(matplotlib.colormaps[name](np.linspace(low, high, 256)))


def upper_end(values, weight):
    """The largest of the values, or that above which a tenth of the weight lies."""
    if weight is None or not weight.sum() > 0:
        return values.max()
    order = np.argsort(values)
    share = np.cumsum(weight[order])
    return values[order][np.searchsorted(share, 0.9 * share[-1])]


def make_scale(values, label, unit, kind, weight=None):
    """Colours for a kind of numbers: "ratio" (to the background), "field" (of cells), "data" (displacements). Limits are round. With
    weights, a ratio's are such that a tenth of the weight lies beyond them."""
    if weight is not None:
        weight = weight[np.isfinite(values)]
    values = values[np.isfinite(values)]
    if not len(values):
        values, weight = np.ones(1), None
    factor, unit = readable_unit(np.abs(values).max(), unit)
    values = values * factor
    logarithmic = kind == "ratio"
    if kind == "ratio":
        high = round_up(max(1.02, math.exp(upper_end(np.abs(np.log(values)), weight))))
        low, colour_map = 1 / high, matplotlib.colormaps["RdBu"]
    elif kind == "field":
        low, high, logarithmic, colour_map = field_limits(values)
    else:
        low, high, colour_map = data_limits(values)
    slack = 1e-6 * (high - low)
    extend = ("neither", "min", "max", "both")[int(values.min() < low - slack) + 2 * int(values.max() > high + slack)]
    norm = (colors.LogNorm if logarithmic else colors.Normalize)(low, high)
    return Scale(norm, colour_map, label + (f" ({unit})" if unit not in ("", "1") else ""), extend, factor, round_ticks(low, high, logarithmic))


def field_limits(values):
    """Low, high, whether logarithmic, and colours: symmetric where the sign changes, logarithmic where values span decades."""
    low, high = np.percentile(values, (0.5, 99.5))
    if low < -0.05 * high and high > -0.05 * low:
        high = round_up(max(-low, high))
        return -high, high, False, matplotlib.colormaps["PuOr_r"]
    if not high - low > 1e-9 * abs(high):
        low, high = low - 0.01 * (abs(low) or 1), high + 0.01 * (abs(high) or 1)
    return low, high, low > 0 and high > 10 * low, matplotlib.colormaps["viridis"]


def data_limits(values):
    """Low, high and colours on which black arrows are seen: symmetric where the sign changes, else from 0 to the largest."""
    low, high = values.min(), values.max()
    largest = round_up(max(-low, high, 1e-12))
    if low < -0.05 * high and high > -0.05 * low:
        return -largest, largest, cut_map("PuOr_r", 0.1, 0.9)
    return (0, largest, cut_map("YlOrRd", 0, 0.8)) if high > -low else (-largest, 0, cut_map("YlGnBu_r", 0.3, 1))
