#!/usr/bin/env python3
"""A one-page figure of a result, or the course of inversions:

    scripts/plot.py RESULT_DIRECTORY [-o FILE.png|FILE.pdf] [--field NAME] [--depths D,D,...] [--at X,Y,Z]
                    [--load-case NAME] [--component east|north|up|los]
    scripts/plot.py RESULT_DIRECTORY [RESULT_DIRECTORY ...] --history [-o FILE] [--against time] [--columns J,misfit]

The figure shows depth slices and two vertical sections of every unknown relative to the background, through the places that changed
most, and maps of observed, predicted and residual data. Colours are pale where the data say little. In two dimensions it shows the
section and curves of the data along x. Where the run has estimated noise or looked for the weight of the prior, and no other file is
named, variogram_NAME.png and weight_path.png are drawn beside the figure. Lengths are in metres, or with a unit, as in --depths "1 km, 2 km".
Needs matplotlib and h5py (scripts/install_dependencies.sh --with-plots).
"""
import argparse
import glob
import os
import re
import sys

sys.dont_write_bytecode = True
try:
    import matplotlib

    matplotlib.use("Agg")
    from plotting.cells import CellPicture, add_sections, add_slices
    from plotting.choices import backgrounds_in_words, choose_fields, chosen_depths, chosen_place
    from plotting.course import compare_histories, draw_variogram, draw_weight_path
    from plotting.fits import add_curves, add_maps, rows_of
    from plotting.page import STYLE, Page
    from plotting.numbers import fail, joined_minus
    from plotting.result import COMPONENTS, NothingYet, Unreadable, read_history, read_result, read_table
    from plotting.views import choose_window
except ImportError as missing:
    from plotting.interpreter import go_on_where_packages_are
    go_on_where_packages_are(missing)


def note(result, pictures):
    """The line below the pictures that explains them."""
    parts = [backgrounds_in_words(result, [picture.name for picture in pictures])]
    if any(picture.fade.min() < 1 for picture in pictures):
        parts.append("Pale: the data say little there (sensitivity below a hundredth of the largest).")
    if result.placed_sources():
        parts.append("Dashed or star: source, seen through the ground.")
    if pictures and result.dim == 3:
        parts.append("Lines in the slices: the two sections.")
    return " ".join(filter(None, parts))


def draw_result(result, options, file):
    window, place, pictures = choose_window(result), chosen_place(result, options.at), []
    for name in choose_fields(result, options.field):  # all of them at the same places
        pictures.append(CellPicture(result, name, window, place, pictures[0] if pictures else None))
    uniform = "" if pictures else f"; E = {result.fields['young'][0][0] / 1e9:.4g} GPa everywhere"
    page = Page(result.title or "Lodestone", result.summary + uniform, note(result, pictures))
    data = [d for d in result.data if options.component is None or d.has(options.component)]
    if result.data and not data:
        fail(f"no data set has the component '{options.component}'")
    depths = chosen_depths(result, pictures[0], options.depths) if result.dim == 3 and pictures else []
    for picture in pictures if result.dim == 3 else []:
        add_slices(page, picture, depths)
        add_sections(page, picture)
    if result.dim == 3:
        for row in rows_of(data):
            add_maps(page, result, row, window, options.component)
    for d in data if result.dim == 2 else []:
        add_curves(page, d, (window[0][0], window[1][0]))
    for picture in pictures if result.dim == 2 else []:
        add_sections(page, picture)
    if not page.rows:
        fail("there is nothing to draw: the stiffness is the same everywhere and there are no data")
    page.save(file)


def draw_curves(directory):
    """Pictures of variogram_NAME.csv and weight_path.csv, beside them. Returns their names."""
    files = []
    for table in sorted(glob.glob(os.path.join(glob.escape(directory), "variogram_*.csv"))) + [os.path.join(directory, "weight_path.csv")]:
        try:
            columns, units = read_table(table)[:2] if os.path.exists(table) else ({}, {})
        except NothingYet:
            continue
        if len(columns) > 1:
            figure = draw_weight_path(columns) if os.path.basename(table) == "weight_path.csv" else draw_variogram(columns, units)
            files.append(re.sub(r"\.csv$", ".png", table))
            figure.savefig(files[-1], dpi=200)
    return files


def draw_history(directories, options, file):
    histories = [(os.path.basename(os.path.normpath(directory)), *read_history(directory)) for directory in directories]
    wanted = options.columns.split(",") if options.columns else ["J", "chi2 per datum", "relative gradient"]
    for (_, columns, _), directory in zip(histories, directories):
        for name in [options.against] + wanted:
            if name not in columns:
                fail(f"the history of '{directory}' has no column '{name}'; it has: {', '.join(columns)}")
    compare_histories(histories, options.against, wanted).savefig(file, dpi=200)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directories", nargs="+", metavar="RESULT_DIRECTORY")
    parser.add_argument("-o", "--output", help="file to write, PNG or PDF by its ending (default: figure.png in the directory)")
    parser.add_argument("--field", help="cell field to show (default: every unknown relative to its background)")
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
    files = [file]
    with matplotlib.rc_context(STYLE):
        try:
            if options.history:
                draw_history(options.directories, options, file)
            else:
                draw_result(read_result(first, options.load_case), options, file)
                if not options.output and os.path.isdir(first):
                    files += draw_curves(first)
        except Unreadable as error:
            fail(error)
        except OSError as error:
            fail(f"'{file}' cannot be written: {error.strerror}")
    print("\n".join(files))


if __name__ == "__main__":
    main()
