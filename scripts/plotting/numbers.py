"""Numbers and units that read well, arguments and messages. Needs nothing but Python, so that scripts/render.py has it too."""
import math
import os
import re
import sys


def fail(message):
    sys.exit(f"{os.path.basename(sys.argv[0])}: {message}")


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


def joined_minus(arguments):
    """`--at -3000,0,-2000` as `--at=-3000,0,-2000`: argparse takes a leading minus for an option."""
    result = []
    for argument in arguments:
        if re.match(r"-[\d.]", argument) and result and result[-1].startswith("--") and "=" not in result[-1]:
            result[-1] += "=" + argument
        else:
            result.append(argument)
    return result
