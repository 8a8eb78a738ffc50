"""Round numbers, units that read well, and colours for numbers."""
import math
import re
from dataclasses import dataclass

import matplotlib
import numpy as np
from matplotlib import colors

from plotting.result import fail


def step_of(span, most):
    """The smallest of 1, 2, 5 times a power of ten that divides the span into at most `most` parts."""
    power = 10.0 ** math.floor(math.log10(span / most))
    return next(f * power for f in (1, 2, 5, 10, 20) if span / (f * power) <= most)


def round_up(value):
    """The next number of one or two digits that reads well."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(f * power for f in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if f * power >= value * (1 - 1e-9))


def round_below(value):
    """The largest of 1, 2, 5 times a power of ten that is not above the value: lengths of scale arrows."""
    power = 10.0 ** math.floor(math.log10(value))
    return max(f * power for f in (1, 2, 5) if f * power <= value * (1 + 1e-9))


def round_ticks(low, high, logarithmic=False):
    """Round numbers from low to high: on a logarithmic axis 1, 2, 5 or finer, or powers of ten, whatever gives four to seven."""
    inside = [low * (1 - 1e-9), high * (1 + 1e-9)] if low > 0 else [low - 1e-9 * (high - low), high + 1e-9 * (high - low)]
    if logarithmic:
        decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        for digits in ((1,), (1, 2, 5), (1, 1.5, 2, 3, 5, 7)):
            ticks = [d * 10.0 ** k for k in decades for d in digits if inside[0] <= d * 10.0 ** k <= inside[1]]
            if len(ticks) > 7:
                return ticks[::math.ceil(len(ticks) / 7)]
            if len(ticks) >= 4:
                return ticks
    step = step_of(high - low, 5)
    return [k * step for k in range(math.ceil(inside[0] / step), math.floor(inside[1] / step) + 1)]


def readable_unit(largest, unit):
    """(factor, unit) for numbers up to `largest`: mm rather than 1e-3 m, GPa rather than Pa."""
    base, _, per = unit.partition("/")
    known = {"m": ((1e6, "µm"), (1e3, "mm"), (1, "m")), "Pa": ((1, "Pa"), (1e-3, "kPa"), (1e-6, "MPa"), (1e-9, "GPa"))}.get(base)
    if known is None or not math.isfinite(largest) or largest <= 0 or (per and base != "m"):
        return 1, unit
    factor, name = next((f for f in reversed(known) if largest * f[0] >= (0.1 if f[1] == "mm" else 1)), known[0])
    return factor, name + ("/" + per if per else "")


def minus(text):
    """The text with minus signs in place of hyphens."""
    return text.replace("-", "−")


def metres(text):
    """Numbers with or without a unit, separated by commas."""
    numbers = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*(m|km)?\s*", part)
        if not match:
            fail(f"'{text}' is no list of lengths; write them as 500, 2000 (metres) or as 0.5 km, 2 km")
        numbers.append(float(match[1]) * (1e3 if match[2] == "km" else 1))
    return numbers


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
