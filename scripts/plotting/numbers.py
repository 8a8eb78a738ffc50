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


SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def readable(unit):
    """m³/yr for m^3/yr; nothing for a number without a unit."""
    return "" if unit == "1" else re.sub(r"\^(-?\d+)", lambda power: power[1].translate(SUPERSCRIPTS), unit)


def decimals(value, power, digits):
    return max(0, digits - 1 - (math.floor(math.log10(abs(value))) - power)) if value else 0


def number(value, digits=3):
    """The number with so many digits: 0.00123, 12,300, −1.23 × 10⁷; a word for what is no number."""
    if value is None or not math.isfinite(value):
        return "–" if value is None or math.isnan(value) else "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    value = float(f"{value:.{digits - 1}e}")
    power = math.floor(math.log10(abs(value)))
    if -4 <= power <= 5:
        return minus(f"{value:,.{max(0, digits - 1 - power)}f}")
    return minus(f"{value / 10.0 ** power:.{digits - 1}f}") + " × 10" + str(power).translate(SUPERSCRIPTS)


def with_error(value, error, unit=""):
    """A number with one standard error, whose first two digits end both, in a unit that reads well: 4.88 ± 0.15 mm, (1.21 ± 0.05) × 10⁶ m³."""
    if error is None or not math.isfinite(error) or value is None or not math.isfinite(value):
        return f"{quantity(value, unit)}, standard error not determined"
    factor, unit = readable_unit(max(abs(value), error), unit)
    value, error, largest = value * factor, error * factor, max(abs(value), error) * factor
    power = math.floor(math.log10(largest)) if largest > 0 else 0
    power = 0 if -4 <= power <= 5 else power
    digits = decimals(float(f"{error:.1e}"), power, 2)
    text = minus(f"{value / 10.0 ** power:.{digits}f}") + f" ± {error / 10.0 ** power:.{digits}f}"
    text = text if power == 0 else f"({text}) × 10" + str(power).translate(SUPERSCRIPTS)
    return f"{text} {readable(unit)}".rstrip()


def quantity(value, unit, digits=3):
    """The number in a unit that reads well: 12.3 GPa, 4.56 mm."""
    if value is None or not math.isfinite(value):
        return number(value)
    factor, unit = readable_unit(abs(value), unit)
    return f"{number(value * factor, digits)} {readable(unit)}".rstrip()


def duration(seconds):
    """2.7 s, 3 min 12 s, 1 h 5 min."""
    if seconds < 60:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"


def plain(text):
    """The text as matplotlib shows it letter by letter: a dollar sign does not open a formula."""
    return text.replace("$", r"\$")


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
