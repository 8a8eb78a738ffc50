#!/usr/bin/env python3
"""A report of a run: one HTML page that needs no other file and no network.

    scripts/report.py RESULT_DIRECTORY [-o FILE.html] [--depths D,D,...] [--at X,Y,Z]

It says what was run, why it ended and what that means, and shows data and mesh, tables of the data sets, of what was estimated and how
accurate it is, the course of the inversion, sections of the model (pale where the data say little), observed, predicted and residual
data. What a run has not written is left out; a run that was stopped, or goes on, gets a page of what is there.
Needs matplotlib and h5py (scripts/install_dependencies.sh --with-plots).
"""
import argparse
import os
import sys
import warnings

sys.dont_write_bytecode = True
try:
    import matplotlib

    matplotlib.use("Agg")
    from plotting import captions, tables, verdicts
    from plotting.cells import CellPicture, add_sections, add_slices, label_of
    from plotting.choices import backgrounds_in_words, chosen_depths, chosen_place, fields_found
    from plotting.course import draw_course, draw_residuals, draw_variogram, draw_weight_path
    from plotting.deck import changed_entries
    from plotting.document import Document
    from plotting.fits import add_curves, add_maps, rows_of
    from plotting.numbers import fail, joined_minus, minus, quantity
    from plotting.page import STYLE, Page
    from plotting.result import Unreadable
    from plotting.run import read_run
    from plotting.setting import add_setting
    from plotting.views import choose_window
except ImportError as missing:
    from plotting.interpreter import go_on_where_packages_are
    go_on_where_packages_are(missing)

LONGEST_LOG = 300_000  # characters of the log that are part of the page


class Report:
    """The sections of the page, one function each, in the order in which they stand there."""

    def __init__(self, run, options):
        self.run, self.options, self.failed = run, options, []
        title = run.summary.get("title") or (run.result.title if run.result else "") or run.entries.get("Title")
        self.document = Document(title or f"Lodestone: {os.path.basename(os.path.abspath(run.directory))}")
        self.window = choose_window(run.result) if run.result else None
        self.has_observed = bool(run.result) and any("observed" in data.values for data in run.result.data)

    def make(self):
        fitted = self.has_observed
        for heading, write in (("", self.verdict), ("What was run", self.what_was_run), ("Data and mesh", self.setting),
                               ("Fit of the data" if fitted else "Data", self.fit), ("What was estimated", self.estimates),
                               ("Course of the inversion", self.course), ("Weight of the prior", self.weight), ("Model", self.model),
                               ("Observed, predicted, residual" if fitted else "Predicted data", self.data), ("Noise", self.noise), ("Details", self.details)):
            self.document.section(heading)
            try:
                write()
            except Exception as error:  # a picture that cannot be drawn costs itself alone
                self.failed.append(f"'{heading}' is not complete: {type(error).__name__}: {error}")
                self.document.text(f"This section is not complete: something in the results could not be shown ({type(error).__name__}: {error}).", "note")
        return self.document

    def verdict(self):
        run, summary = self.run, self.run.summary
        for problem in run.problems:
            self.document.text(problem, "bad")
        if "stop" in summary:
            meaning, good = verdicts.about_stop(summary["stop"])
            reason = summary["stop"]["reason"].rstrip(".")
            if not summary.get("n_unknowns", 1):
                reason, meaning, good = "No stiffness was unknown: strengths of loads and nuisance terms were estimated, nothing else", "", True
            self.document.text(f"{reason[:1].upper()}{reason[1:]}. {meaning}".strip(), "good" if good else "bad")
        elif not os.path.exists(os.path.join(run.directory, "summary.json")):
            self.document.text("This run has not ended, or it was ended from outside: there is no summary.json. The page shows what it has "
                               "written so far.", "bad")
        if "chi2_per_datum" in summary:
            text, good = verdicts.about_chi2(summary["chi2_per_datum"], summary.get("n_data", 0), tables.independent_data(run),
                                               tables.robust_chi2(run))
            self.document.text(text, "good" if good else "bad")
        errors = [e["rms"] for case in summary.get("load_cases", []) for e in case.get("discretization_error", []) if e["rms"] is not None]
        if errors and self.has_observed:
            text, good = verdicts.about_discretization(max(errors))
            self.document.text(text, "good" if good else "bad")
        if run.warnings():
            self.document.text("Warnings of the log:", "remark")
            self.document.items(run.warnings(), "bad")

    def what_was_run(self):
        tables.add_run(self.document, self.run)
        if entries := changed_entries(self.run.parameters):
            self.document.folded("Entries of the parameter file that are not at their defaults", entries)

    def setting(self):
        result = self.run.result
        if not result:
            return
        page = Page()
        add_setting(page, result, self.window)
        name = "young_background" if "young_background" in result.fields else "young"
        young = result.fields[name][0]
        colours = ("Colours of the section: E of the background." if young.max() > young.min() * (1 + 1e-6)
                   else f"E of the background is {quantity(young[0], 'Pa')} everywhere.")
        origin = ""
        if result.origin:
            lon, lat = result.origin
            origin = f" x = y = 0 lies at {abs(lon):.4f}° {'W' if lon < 0 else 'E'}, {abs(lat):.4f}° {'S' if lat < 0 else 'N'}."
        self.document.picture(page, f"{captions.SETTING} {colours}{origin}", "Map and vertical section of the mesh with data points and loads")

    def fit(self):
        result = self.run.result
        if result and result.data:
            tables.add_data_sets(self.document, self.run)
            tables.add_worst(self.document, self.run)
        tables.add_discretization(self.document, self.run)
        if self.has_observed:
            self.document.picture(draw_residuals(result.data), captions.RESIDUALS, "Histograms of residuals in units of their standard deviation")

    def estimates(self):
        tables.add_estimates(self.document, self.run)
        tables.add_zones(self.document, self.run)
        tables.add_recovered(self.document, self.run)

    def course(self):
        if self.run.iterations < 2:
            return
        try:
            tolerance = float(self.run.entries.get("Optimizer/Gradient tolerance", ""))
        except ValueError:
            tolerance = None
        caption = captions.COURSE + (captions.WEIGHT_CHANGES if self.run.weight_path else "")
        self.document.picture(draw_course(self.run.history, tolerance), caption, "Curves of J, its parts, χ²/N and the gradient over the iterations")

    def weight(self):
        columns = self.run.weight_path
        if not columns or not {"weight", "log10 weight"} & set(columns) or not {"chi2 per datum", "misfit"} & set(columns):
            return
        tables.add_weight_path(self.document, self.run)
        self.document.picture(draw_weight_path(columns, self.run.chosen_weight()), captions.WEIGHT, "χ²/N over the weight of the prior, and the L-curve")

    def model(self):
        result = self.run.result
        if not result:
            return
        names = fields_found(result)
        if not names and result.data:
            self.document.text(f"E is {quantity(result.fields['young'][0][0], 'Pa')} everywhere.", "remark")
        first, depths = None, None
        for name in names:
            picture = CellPicture(result, name, self.window, chosen_place(result, self.options.at), first)
            page, first = Page(), first or picture
            if result.dim == 3:
                depths = depths or chosen_depths(result, picture, self.options.depths)
                add_slices(page, picture, depths)
            add_sections(page, picture)
            what = label_of(name).replace("$_0$", "₀")
            pale, lines = picture.fade.min() < 1, result.dim == 3
            heading = what[:1].upper() + what[1:] if not what.startswith("ν") else what  # a capital ν is another letter
            parts = (f"{heading}.", backgrounds_in_words(result, [name]), captions.PALE if pale else "", captions.SECTIONS if lines else "",
                     captions.LOADS if result.placed_sources() else "")
            self.document.picture(page, " ".join(filter(None, parts)), f"Sections of {what}")

    def data(self):
        result = self.run.result
        if not result:
            return
        for row in rows_of(result.data) if result.dim == 3 else [[data] for data in result.data]:
            page = Page()
            if result.dim == 3:
                add_maps(page, result, row, self.window)
            else:
                add_curves(page, row[0], (self.window[0][0], self.window[1][0]))
            caption = captions.FIT if "observed" in row[0].values else captions.PREDICTED
            self.document.picture(page, caption, f"Data of {' and of '.join(data.name for data in row)}")

    def noise(self):
        for name, columns, units in self.run.variograms:
            if len(columns) > 1:
                self.document.heading(name)
                self.document.picture(draw_variogram(columns, units), captions.VARIOGRAM, f"Semivariogram of {name}")

    def details(self):
        tables.add_cost(self.document, self.run)
        if self.run.parameters:
            self.document.folded("The parameter file with every entry", self.run.parameters)
        if self.run.log:
            cut = len(self.run.log) > LONGEST_LOG
            self.document.folded("The log" + (", its end" if cut else ""), self.run.log[-LONGEST_LOG:])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", metavar="RESULT_DIRECTORY")
    parser.add_argument("-o", "--output", help="file to write (default: report.html in the directory)")
    parser.add_argument("--depths", help="depths of the slices (default: four mesh layers that share the change evenly)")
    parser.add_argument("--at", help="x,y,z through which both sections pass (default: places of the largest change)")
    options = parser.parse_args(joined_minus(sys.argv[1:]))
    file = options.output or os.path.join(options.directory, "report.html")
    if not file.endswith((".html", ".htm")):
        fail(f"'{file}' must end in .html")
    warnings.filterwarnings("ignore", message="Glyph .* missing")  # of names in scripts that matplotlib's font lacks
    with matplotlib.rc_context(STYLE):
        try:
            report = Report(read_run(options.directory), options)
            report.make().save(file)
        except Unreadable as error:
            fail(error)
        except OSError as error:
            fail(f"'{file}' cannot be written: {error.strerror}")
    for problem in report.run.problems + report.failed:
        print(f"report.py: {problem}", file=sys.stderr)
    print(file)


if __name__ == "__main__":
    main()
