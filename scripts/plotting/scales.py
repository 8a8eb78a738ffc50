"""Colours for numbers: one map per kind of quantity, everywhere. All are perceptually uniform: equal steps of the number look equally large,
also where the page is printed in grey."""
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


def rgb_of_lab(lab):
    """sRGB (0 to 1) of CIELAB colours (L*, a*, b*; white point D65), IEC 61966-2-1 and CIE 15."""
    y = (lab[..., 0] + 16) / 116
    f = np.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], axis=-1)
    xyz = np.where(f > 6 / 29, f ** 3, 3 * (6 / 29) ** 2 * (f - 4 / 29)) * (0.95047, 1, 1.08883)
    linear = np.clip(xyz @ np.linalg.inv(((0.4124564, 0.2126729, 0.0193339), (0.3575761, 0.7151522, 0.1191920), (0.1804375, 0.0721750, 0.9503041))), 0, 1)
    return np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear)


def diverging(name, low, high, lightness):
    """From (a*, b*) = `low` over white to `high`, on straight lines of CIELAB, in which distances are differences as they are seen."""
    white = 97
    t = np.linspace(-1, 1, 257)[:, None]
    hue = np.where(t < 0, -t * low, t * high)
    return colors.ListedColormap(rgb_of_lab(np.hstack([white - (white - lightness) * np.abs(t), hue])), name)


RATIO = diverging("soft and stiff", (55, 35), (4, -42), 40)  # red is softer than the background, blue is stiffer
DATA = diverging("down and up", (28, -50), (28, 60), 52)  # violet is negative, orange positive; light enough for black arrows
SIGNED = diverging("negative and positive", (45, -30), (-45, 35), 45)
FIELD, SENSITIVITY = matplotlib.colormaps["viridis"], matplotlib.colormaps["cividis"]


def half(colour_map, positive):
    """The positive or the negative half of a diverging map, for numbers of one sign."""
    return colors.ListedColormap(colour_map(np.linspace(0.5, 1, 129) if positive else np.linspace(0, 0.5, 129)))


def upper_end(values, weight):
    """The largest of the values, or that above which a tenth of the weight lies."""
    if weight is None or not weight.sum() > 0:
        return values.max()
    order = np.argsort(values)
    share = np.cumsum(weight[order])
    return values[order][np.searchsorted(share, 0.9 * share[-1])]


def make_scale(values, label, unit, kind, weight=None):
    """Colours for a kind of numbers: "ratio" and "change" (relative to the background), "field" (of cells), "sensitivity", "data" (displacements).
    Limits are round. With weights, those of ratios and changes are such that a tenth of the weight lies beyond them."""
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
        low, colour_map = 1 / high, RATIO
    elif kind == "change":
        high = round_up(max(1e-3, upper_end(np.abs(values), weight)))
        low, colour_map = -high, SIGNED
    elif kind in ("field", "sensitivity"):
        low, high, logarithmic, colour_map = field_limits(values)
        colour_map = SENSITIVITY if kind == "sensitivity" else colour_map
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
        return -high, high, False, SIGNED
    if not high - low > 1e-9 * abs(high):
        low, high = low - 0.01 * (abs(low) or 1), high + 0.01 * (abs(high) or 1)
    return low, high, low > 0 and high > 10 * low, FIELD


def data_limits(values):
    """Low, high and colours: symmetric where the sign changes, else from 0 to the largest with half of the colours."""
    low, high = values.min(), values.max()
    largest = round_up(max(-low, high, 1e-12))
    if low < -0.05 * high and high > -0.05 * low:
        return -largest, largest, DATA
    return (0, largest, half(DATA, True)) if high > -low else (-largest, 0, half(DATA, False))
