"""What is drawn of a result, as the options of a script say or as the result suggests."""
import numpy as np

from plotting.numbers import fail, metres
from plotting.result import LETTERS
from plotting.views import choose_depths


def choose_field(result, wanted):
    """The name of the field to draw: the ratio that changed most, or E where nothing is unknown; nothing where that is uniform."""
    if wanted is not None:
        if wanted not in result.fields:
            fail(f"there is no field '{wanted}'; there are: {', '.join(result.fields)}")
        return wanted

    def change(name):
        return float(f"{np.nanmax(np.abs(np.log(result.fields[name][0]))):.3g}")

    ratios = [name for name in ("young_ratio", "shear_ratio", "bulk_ratio") if name in result.fields]
    best = max(ratios, key=change, default=None)
    if best and change(best) > 0:
        return best
    young = result.fields["young"][0]
    return "young" if np.ptp(young) > 1e-6 * young.max() else None


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
    for modulus in ("young", "shear", "bulk"):
        ratio = result.fields.get(modulus + "_ratio")
        if ratio is not None and any(name.startswith("m_") and LETTERS[modulus] in name.split("_") for name in result.fields):
            names.append(modulus + "_ratio")
            background = result.fields[modulus][0] / ratio[0]
            names += [modulus] if np.ptp(background) > 1e-6 * background.max() else []
    if any(name.startswith("m_") and LETTERS["poisson"] in name.split("_") for name in result.fields):
        names.append("poisson")
    if not names:
        young = result.fields["young"][0]
        names = ["young"] if np.ptp(young) > 1e-6 * young.max() else []
    return names + [name for name, (values, _) in result.fields.items() if name.startswith("sensitivity") and np.any(values > 0)]
