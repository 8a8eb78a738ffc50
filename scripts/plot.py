#!/usr/bin/env python3
"""A one-page figure of a result, or the course of inversions:

    scripts/plot.py RESULT_DIRECTORY [-o FILE.png|FILE.pdf] [--field NAME] [--depths D,D,...] [--at X,Y,Z]
                    [--load-case NAME] [--component east|north|up|los]
    scripts/plot.py RESULT_DIRECTORY [RESULT_DIRECTORY ...] --history [-o FILE] [--against time] [--columns J,misfit]

The figure shows depth slices and two vertical sections of the moduli relative to the background, through the places that changed
most, and maps of observed, predicted and residual data. Colours are pale where the data say little. In two dimensions it shows the
section and curves of the data along x. Lengths are in metres, or with a unit, as in --depths "1 km, 2 km".
Needs matplotlib and h5py (scripts/install_dependencies.sh --with-plots).
"""
import argparse
import os
import re
import sys

sys.dont_write_bytecode = True
try:
    import matplotlib
    import numpy as np

    matplotlib.use("Agg")
    from matplotlib import pyplot
    from plotting.cells import CellPicture, add_sections, add_slices
    from plotting.fits import add_curves, add_maps
    from plotting.page import STYLE, Page
    from plotting.numbers import fail, joined_minus, metres
    from plotting.result import COMPONENTS, read_history, read_result
    from plotting.views import choose_depths, choose_window
except ImportError as missing:
    # Debian's packages belong to Debian's Python, which need not be the first one on the path.
    system = "/usr/bin/python3"
    if os.path.exists(system) and not os.environ.get("LODESTONE_PLOT_PYTHON") and __name__ == "__main__":
        os.execve(system, [system] + sys.argv, {**os.environ, "LODESTONE_PLOT_PYTHON": system})
    sys.exit(f"plot.py: {missing.name} is not installed for {sys.executable}: run scripts/install_dependencies.sh --with-plots, or "
             "pip install matplotlib h5py")


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


def note(result, picture):
    """The line below the pictures that explains them."""
    parts = []
    if picture and picture.fade.min() < 1:
        parts.append("Pale: the data say little there (sensitivity below a hundredth of the largest).")
    if any(mask.any() for mask in result.sources.values()):
        parts.append("Dashed or star: source, seen through the ground.")
    if picture and result.dim == 3:
        parts.append("Lines in the slices: the two sections.")
    return " ".join(parts)


def rows_of(data):
    """Data sets by row of maps: one with observed data fills it, two that are only predicted share it."""
    rows = []
    for d in data:
        if "observed" not in d.values and rows and len(rows[-1]) == 1 and "observed" not in rows[-1][0].values:
            rows[-1].append(d)
        else:
            rows.append([d])
    return rows


def draw_result(result, options, file):
    name, window = choose_field(result, options.field), choose_window(result)
    picture = None if name is None else CellPicture(result, name, window, chosen_place(result, options.at))
    uniform = "" if picture else f"; E = {result.fields['young'][0][0] / 1e9:.4g} GPa everywhere"
    page = Page(result.title, result.summary + uniform, note(result, picture))
    data = [d for d in result.data if options.component is None or d.has(options.component)]
    if result.data and not data:
        fail(f"no data set has the component '{options.component}'")
    if result.dim == 3 and picture:
        add_slices(page, picture, chosen_depths(result, picture, options.depths))
        add_sections(page, picture)
    if result.dim == 3:
        for row in rows_of(data):
            add_maps(page, result, row, window, options.component)
    for d in data if result.dim == 2 else []:
        add_curves(page, d, (window[0][0], window[1][0]))
    if result.dim == 2 and picture:
        add_sections(page, picture)
    if not page.rows:
        fail("there is nothing to draw: the stiffness is the same everywhere and there are no data")
    page.save(file)


def draw_history(directories, options, file):
    """Curves of the columns of history.csv over iterations or another column, on logarithmic axes."""
    histories = [read_history(d) for d in directories]
    wanted = options.columns.split(",") if options.columns else ["J", "chi2 per datum", "relative gradient"]
    for (columns, _), directory in zip(histories, directories):
        for name in [options.against] + wanted:
            if name not in columns:
                fail(f"the history of '{directory}' has no column '{name}'; it has: {', '.join(columns)}")
    figure, axes = pyplot.subplots(1, len(wanted), figsize=(2.75 * len(wanted), 2.6), squeeze=False, constrained_layout=True)
    for axis, name in zip(axes[0], wanted):
        for (columns, _), directory in zip(histories, directories):
            y = columns[name]
            axis.plot(columns[options.against][y > 0], y[y > 0], ".-", linewidth=1, markersize=4, label=os.path.basename(os.path.normpath(directory)))
        unit = histories[0][1][options.against]
        axis.set(yscale="log", title=name.replace("chi2 per datum", "χ²/N"), xlabel=options.against + (f" ({unit})" if unit else ""))
        axis.grid(True, alpha=0.3)
        if options.against == "iteration":
            axis.xaxis.get_major_locator().set_params(integer=True)
    axes[0][0].legend()
    figure.savefig(file, dpi=200)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directories", nargs="+", metavar="RESULT_DIRECTORY")
    parser.add_argument("-o", "--output", help="file to write, PNG or PDF by its ending (default: figure.png in the directory)")
    parser.add_argument("--field", help="cell field to show (default: the ratio to the background of the modulus that changed most)")
    parser.add_argument("--depths", help="depths of the slices (default: four mesh layers that share the change evenly)")
    parser.add_argument("--at", help="x,y,z through which both sections pass (default: places of the largest change)")
    parser.add_argument("--load-case", help="show the data of this load case only")
    parser.add_argument("--component", choices=COMPONENTS, help="show this component in colour and no arrows")
    parser.add_argument("--history", action="store_true", help="draw the course of one or more inversions instead")
    parser.add_argument("--against", default="iteration", help="with --history, the horizontal axis: iteration (default), time ...")
    parser.add_argument("--columns", help="with --history, columns of history.csv to draw, separated by commas")
    options = parser.parse_args(joined_minus(sys.argv[1:]))
    first = options.directories[0]
    if len(options.directories) > 1 and not options.history:
        fail("one figure shows one result; several directories go with --history")
    if options.output and not re.search(r"\.(png|pdf|svg)$", options.output):
        fail(f"'{options.output}' must end in .png, .pdf or .svg")
    file = options.output or os.path.join(first if os.path.isdir(first) else os.path.dirname(first), "history.png" if options.history else "figure.png")
    with matplotlib.rc_context(STYLE):
        try:
            if options.history:
                draw_history(options.directories, options, file)
            else:
                draw_result(read_result(first, options.load_case), options, file)
        except OSError as error:
            fail(f"'{file}' cannot be written: {error.strerror}")
    print(file)


if __name__ == "__main__":
    main()
