"""What is drawn of a result, as the options of a script say or as the result suggests."""
import numpy as np

from plotting.numbers import fail, metres, quantity
from plotting.result import LETTERS
from plotting.views import choose_depths

SYMBOLS = {"young": "E", "shear": "G", "bulk": "K", "poisson": "ν"}


def is_unknown(result, quantity_name):
    return any(name.startswith("m_") and LETTERS[quantity_name] in name.split("_") for name in result.fields)


def relative_fields(result):
    """(quantity, field that shows it relative to the background) of every unknown, in the order in which they are drawn."""
    pairs = [(name, name + ("_change" if name == "poisson" else "_ratio")) for name in SYMBOLS if is_unknown(result, name)]
    return [(name, field) for name, field in pairs if field in result.fields]


def background_of(result, name, field):
    """Values by cell of a quantity where m = 0."""
    relative = result.fields[field][0]
    return result.fields[name][0] - relative if name == "poisson" else result.fields[name][0] / relative


def is_uniform(values):
    return not np.ptp(values) > 1e-6 * np.abs(values).max()


def choose_fields(result, wanted):
    """Names of the fields to draw: the one that is wanted, or every unknown relative to the background, or E where nothing is unknown; none where
    that is uniform."""
    if wanted is not None:
        if wanted not in result.fields:
            fail(f"there is no field '{wanted}'; there are: {', '.join(result.fields)}")
        return [wanted]
    names = [field for name, field in relative_fields(result)
             if not np.allclose(result.fields[field][0], 0 if name == "poisson" else 1, rtol=0, atol=1e-9)]
    return names or ([] if is_uniform(result.fields["young"][0]) else ["young"])


def backgrounds_in_words(result, fields):
    """"E₀ is 20 GPa and ν₀ is 0.25 everywhere." of the fields that are relative to a uniform background; nothing without one."""
    parts = []
    for name, field in relative_fields(result):
        if field in fields and is_uniform(background := background_of(result, name, field)):
            parts.append(f"{SYMBOLS[name]}₀ is {quantity(np.nanmedian(background), result.fields[name][1])}")
    return f"{' and '.join(parts)} everywhere." if parts else ""


def chosen_place(result, text):
    """The place (km) that --at names, within the model; nothing without it."""
    if text is None:
        return None
    if result.dim == 2:
        fail("--at is for three dimensions: in two, the whole section is shown")
    place = np.array(metres(text)) / 1e3
    if len(place) != result.dim:
        fail(f"--at needs three numbers, x,y,z; '{text}' has {len(place)}")
    if np.any(place < result.lower.min(axis=0)) or np.any(place > result.upper.max(axis=0)):
        fail(f"the place {text} of --at lies outside the model")
    return place


def chosen_depths(result, picture, text):
    """z (km) of the depth slices: of --depths, or of four mesh layers that share the change evenly."""
    if text is None:
        shown = result.top - result.centre[:, 2] <= picture.depth
        return choose_depths(result.centre[shown, 2], picture.weight[shown], 4)
    z = [result.top - depth / 1e3 for depth in metres(text)]
    bottom = result.lower[:, 2].min()
    if min(z) < bottom or max(z) > result.top:
        fail(f"--depths {text}: the model reaches from 0 to {(result.top - bottom) * 1e3:g} m of depth, and depths are positive downward")
    return z


def fields_found(result):
    """Names of the fields that show what a run found: every unknown relative to the background and, where that is not uniform, by itself, then
    the sensitivities; without unknowns E, unless it is the same everywhere."""
    names = []
    for name, field in relative_fields(result):
        names += [field] if is_uniform(background_of(result, name, field)) else [field, name]
    if not names and not is_uniform(result.fields["young"][0]):
        names = ["young"]
    return names + [name for name, (values, _) in result.fields.items() if name.startswith("sensitivity") and np.any(values > 0)]
