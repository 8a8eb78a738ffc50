"""scripts/report.py on small results made here, whose numbers are known by hand, and on runs of the program; scripts/run.sh, which names the page."""
import base64
import contextlib
import html.parser
import io
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import types
import unittest
from unittest import mock

try:
    import h5py
    import matplotlib.image
    import matplotlib.pyplot
    import numpy as np
except ImportError:
    # As scripts/report.py does: Debian's packages belong to Debian's Python.
    if sys.executable == "/usr/bin/python3":
        raise
    os.execv("/usr/bin/python3", ["/usr/bin/python3", "-B", *sys.argv])

from program import HERE, SOURCE, Program, command_line, run, table
from scripts_test import SCRIPTS, Folder, load, write_result

DECK = """# Every entry, with its value in this run, what is allowed, and its default.

# Default: empty
set Title = a test

set Dimension = 3

subsection Optimizer
  # Default: 0.0001
  set Gradient tolerance = 1e-3
end

subsection Load cases
  subsection only
    subsection well
      set Type = pore pressure
    end
    subsection gnss
      # Default: 1
      set Weight = 0.5
    end
  end
  subsection second
    set Data sets = gnss
  end
end

subsection Prior
  set Weight = 1
end
"""

HISTORY = """iteration,J,misfit,chi2 per datum,prior,relative gradient,time [s],memory [byte]
0,1000,1000,26.7,0,1,0.1,2e8
1,100,80,2.1,20,0.1,0.2,3e8
2,50,37.5,1,12.5,0.0005,0.3,4e8
"""


def summary(**changes):
    """What the program writes of such a run."""
    return {"command": "invert", "parameter_file": "inputs/test.prm", "title": "a test", "exit_code": 0, "J": 50, "misfit": 37.5, "prior": 12.5, "n_data": 75,
            "chi2_per_datum": 1.0, "iterations": 2, "n_unknowns": 256,
            "stop": {"reason": "converged: |g|/|g0| = 0.0005 <= Gradient tolerance 0.001", "kind": "gradient_tolerance", "converged": True, "resumable": False},
            "recovered": [{"quantity": "E", "unit": "Pa", "smallest": 2e10, "smallest_at": [500, 500, -500], "largest": 4e10,
                           "largest_at": [2500, 2500, -1500]}],
            "load_cases": [{"name": "only", "strengths": [{"name": "well", "value": 1.234, "standard_deviation": 0.056, "unit": "", "amounts": [
                {"name": "volume change", "value": 1.234e6, "standard_deviation": 5.6e4, "unit": "m^3"}]}],
                "nuisance": [{"name": "gnss: east offset", "value": -0.00123, "standard_deviation": 0.00045, "unit": "m"}],
                "discretization_error": [{"name": "gnss", "rms": 0.12, "largest": 0.34, "at": "(1000, 0) m", "rms_length": 0.00012, "unit": "m"}]}],
            "solves": {"forward": 3, "adjoint": 4, "incremental": 12, "iterations": 99}, "seconds": 72.4, "ranks": 2,
                    "versions": {"Lodestone": "9.8.7 (Release)"}, **changes}


class Reader(html.parser.HTMLParser):
    """Checks that elements are closed in order; collects texts, rows of tables, pictures and links."""

    VOID = {"meta", "img", "br", "link"}

    def __init__(self, text):
        super().__init__()
        self.open, self.headings, self.rows, self.pictures, self.links, self.text = [], [], [], [], [], ""
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
        elif tag == "h2":
            self.headings.append("")
        elif tag == "img":
            assert attributes["alt"]
            self.pictures.append(attributes["src"])
        self.links += [attributes[name] for name in ("href", "src") if name in attributes and tag != "img"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if "style" in self.open:
            return
        self.text += data
        if self.open and self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data
        if self.open and self.open[-1] == "h2":
            self.headings[-1] += data

    def row(self, *first):
        """The first row that begins with these cells."""
        return next(row for row in self.rows if row[:len(first)] == list(first))


class ReportTest(Folder):
    def make(self, *arguments, code=0, quiet=True, pictures=True):
        """As the script itself would run, in this process to save the seconds that matplotlib takes to start. Returns (page, stderr)."""
        out, errors, ended = io.StringIO(), io.StringIO(), 0
        try:
            with contextlib.ExitStack() as stack:
                stack.enter_context(mock.patch("sys.argv", ["report.py", *map(str, arguments)]))
                stack.enter_context(contextlib.redirect_stdout(out))
                stack.enter_context(contextlib.redirect_stderr(errors))
                if not pictures:  # which take most of the time
                    stack.enter_context(mock.patch("plotting.document.Document.picture", lambda *_: matplotlib.pyplot.close("all")))
                load("report").main()
        except SystemExit as end:
            ended, message = (1, end.code) if isinstance(end.code, str) else (end.code, "")
            errors.write(message)
        self.assertEqual(ended, code, errors.getvalue())
        if code:
            return None, errors.getvalue()
        if quiet:
            self.assertEqual(errors.getvalue(), "")
        page = self.read(out.getvalue().strip())
        return page, errors.getvalue()

    def read(self, file):
        """The page, which is checked: elements are closed, pictures are pictures, nothing is asked for from elsewhere."""
        page = Reader(pathlib.Path(file).read_text(encoding="utf-8"))
        for source in page.pictures:
            self.assertTrue(source.startswith("data:image/png;base64,"), source[:60])
            picture = matplotlib.image.imread(io.BytesIO(base64.b64decode(source.partition(",")[2])))
            self.assertGreater(picture.std(), 0.03)  # not a white one
        for link in page.links:
            self.assertTrue(link.startswith("#"), link)
        return page

    def write(self, name="result", **changes):
        """A run's output directory; its name."""
        folder = self.folder / name
        write_result(folder, **{key: changes.pop(key) for key in ("dim", "observed", "ratio", "cases") if key in changes})
        (folder / "summary.json").write_text(json.dumps(summary(**changes)))
        (folder / "history.csv").write_text(HISTORY)
        (folder / "parameters.prm").write_text(DECK)
        (folder / "log.txt").write_text("Lodestone 9.8.7 (Release)\nmesh: 256 cells, smallest 1000 x 1000 x 1000 m, 1215 displacement unknowns (Q1), 2 ranks\n"
                                        "warning: the rms is 3.2 sigma.\nwarning: the rms is 2.1 sigma.\nwarning: a <b> & c.\n")
        with h5py.File(folder / "results.h5", "a") as file:
            if "parameters" in file:
                del file["parameters"]
            file["parameters"] = DECK
        return folder


class Page(ReportTest):
    """What the page of a good run holds."""

    def test_of_an_inversion(self):
        folder = self.write()
        with h5py.File(folder / "results.h5", "a") as file:
            # Station 7 lies at x = -1 km, y = 0; its up is the datum 3 * 7 + 2.
            group = file["data/only/gnss"]
            group["residual"][3 * 7 + 2] = 7e-3
            group["observed"][3 * 7 + 2] = -8e-3
        page, _ = self.make(folder)
        self.assertTrue((folder / "report.html").exists())
        self.assertEqual(page.headings, ["What was run", "Data and mesh", "Fit of the data", "What was estimated", "Course of the inversion", "Model",
                                         "Observed, predicted, residual", "Details"])
        for row in (["command", "lodestone invert"], ["parameter file", "inputs/test.prm"], ["version", "Lodestone 9.8.7 (Release)"], ["ranks", "2"],
                    ["mesh", "256 cells, 8 × 8 × 4 km, box"], ["displacement unknowns", "1,215 (linear elements)"], ["wall time", "1 min 12 s"],
                            ["iterations", "2"],
                    ["memory, all ranks", "0.4 GB"], ["load cases", "only"]):
            self.assertEqual(page.row(row[0]), row)
        # 25 stations of three components, every residual 1 sigma but the changed one: chi^2/N as the file says, that of up by hand, rms of
        # residuals sqrt((74 + 49) / 75) and of observed values sqrt((50 * 9 + 75 + 64) / 75).
        self.assertEqual(page.row("gnss", "25"), ["gnss", "25", "75", "1.00", "0.5", "independent", "1.0 mm", "1.28 mm", "2.80 mm"])
        self.assertEqual(page.row("up")[2:4], ["25", "2.92"])  # (24 + 49) / 25
        self.assertEqual(page.row("gnss", "−1, 0 km"), ["gnss", "−1, 0 km", "up", "−8.00", "−1.00", "7.00", "1.00", "mm", "7.00"])
        self.assertEqual(page.row("well"), ["well", "1.234 ± 0.056", "volume change (1.234 ± 0.056) × 10⁶ m³"])
        self.assertEqual(page.row("gnss: east offset"), ["gnss: east offset", "−1.23 ± 0.45 mm"])
        self.assertEqual(page.row("gnss", "0.12"), ["gnss", "0.12", "0.34", "(1000, 0) m", "0.12 mm"])
        self.assertEqual(page.row("E"), ["E", "20.0 GPa", "0.5, 0.5, −0.5 km", "40.0 GPa", "2.5, 2.5, −1.5 km"])
        for text in ("Converged: |g|/|g0| = 0.0005", "the model is a minimum of J", "χ²/N = 1.00 of 75 data: residuals are as large as the noise",
                    "0.12 σ (rms", "The rms is 2.1 sigma."):
            self.assertIn(text, page.text)
        self.assertNotIn("3.2 sigma", page.text.partition("Details")[0].partition("The log")[0])  # the same warning of an earlier model
        self.assertIn("set Gradient tolerance = 1e-3", page.text)
        # Map and mesh, histogram, course, E/E0 and its sensitivity, data.
        self.assertEqual(len(page.pictures), 6)

    def test_verdicts(self):
        for changes, says in (({"chi2_per_datum": 30.0}, "the data are not fitted"), ({"chi2_per_datum": 1.6}, "residuals are larger than the noise"),
                              ({"chi2_per_datum": 0.5}, "residuals are smaller than the noise"),
                              ({"chi2_per_datum": 1.4}, "residuals are as large as the noise, as they"),  # below 1 + 2 sqrt(2 / (0.5 * 75))
                              ({"stop": {"reason": "stopped: so", "kind": "maximum_iterations", "converged": False}}, "the model is unfinished"),
                              ({"stop": {"reason": "stopped: so", "kind": "rounding_level", "converged": True}}, "in double precision"),
                              ({"stop": {"reason": "stopped: so", "kind": "a new one", "converged": False}}, "Stopped: so."),
                              ({"n_unknowns": 0}, "No stiffness was unknown")):
            folder = self.write(**changes)
            self.assertIn(says, self.make(folder, pictures=False)[0].text, changes)
        folder = self.write(load_cases=[{"name": "only", "discretization_error": [{"name": "gnss", "rms": 0.7, "largest": 2,
                                                                                    "at": "x", "rms_length": 7e-4, "unit": "m"}]}])
        self.assertIn("wrong by 0.70 σ (rms of the worst data set): too much", self.make(folder, pictures=False)[0].text)

    def test_every_stop_of_the_program_has_a_meaning(self):
        kinds = re.findall(r'return "(\w+)";', (SOURCE / "src/app/run_summary.cc").read_text())
        verdicts = load("plotting/verdicts")
        self.assertGreaterEqual(len(kinds), 10)
        for kind in set(kinds) - {"running"}:
            self.assertTrue(verdicts.about_stop({"kind": kind})[0], kind)

    def test_zones_and_standard_errors(self):
        errors = {"unknowns": [{"name": "E of crust", "value": 2e10, "lower": 1.9e10, "upper": 2.1e10, "unit": "Pa", "standard_error_of_m": 0.05},
                               {"name": "nu of crust", "value": 0.25, "lower": 0.2, "upper": 0.3, "unit": "", "standard_error_of_m": 0.5},
                               {"name": "E of <deep>", "value": 4e10, "lower": None, "upper": None, "unit": "Pa", "standard_error_of_m": None}],
                  "hardly_told_apart": [{"names": ["E of crust", "nu of crust"], "correlation": -0.91}]}
        folder = self.write(standard_errors=errors)
        with h5py.File(folder / "results.h5", "a") as file:
            for name, values in (("name", ["crust", "<deep>", "held"]), ("background", ["Young modulus = 20 GPa", "", ""])):
                file[f"zones/{name}"] = values
            for name, values in (("n_cells", [100, 100, 56]), ("young_minimum", [2e10, 4e10, 1e10]), ("young_mean", [2e10, 4e10, 1.5e10]),
                        ("young_maximum", [2e10, 4e10, 2e10])):
                file[f"zones/{name}"] = values
        page, _ = self.make(folder)
        self.assertEqual(page.row("crust"), ["crust", "Young modulus = 20 GPa", "20.0 GPa", "19.0 to 21.0 GPa", "100"])
        self.assertEqual(page.row("<deep>"), ["<deep>", "", "40.00 GPa", "not determined", "100"])
        self.assertEqual(page.row("held"), ["held", "", "10.0 GPa to 20.0 GPa, mean 15.0 GPa", "", "56"])
        self.assertEqual(page.row("nu of crust"), ["nu of crust", "0.250", "0.200 to 0.300", "0.50"])
        self.assertIn("E of crust and nu of crust: −0.91", page.text)

    def test_predictions(self):
        folder = self.write(observed=False, cases=("only", "second"), load_cases=[{"name": "only"}, {"name": "second"}])
        content = summary(command="forward", load_cases=[{"name": "only"}, {"name": "second"}])
        for key in ("stop", "chi2_per_datum", "n_data", "J", "recovered", "iterations", "n_unknowns"):
            del content[key]
        (folder / "summary.json").write_text(json.dumps(content))
        (folder / "history.csv").unlink()
        page, _ = self.make(folder)
        self.assertEqual(page.headings, ["What was run", "Data and mesh", "Data", "Model", "Predicted data", "Details"])
        self.assertEqual(page.row("only, gnss"), ["only, gnss", "25", "75", "1.0 mm", "1.83 mm"])
        self.assertNotIn("worst", page.text)

    def test_section(self):
        page, _ = self.make(self.write(dim=2))
        self.assertEqual(page.row("mesh"), ["mesh", "32 cells, 8 × 4 km, box"])
        self.assertEqual(page.row("gnss", "x = −2 km")[2], "east")

    def test_several_load_cases(self):
        page, _ = self.make(self.write(cases=("only", "second")))
        self.assertEqual([row[0] for row in page.rows if row[1:2] == ["25"]], ["only, gnss", "second, gnss"])

    def test_options(self):
        folder = self.write()
        self.make(folder, "-o", self.folder / "other.html", "--depths", "500, 1.5 km", "--at", "-3000,-3000,-2000")
        self.assertFalse((folder / "report.html").exists())
        for arguments, word in ((["--at", "9e9,0,0"], "outside"), (["-o", self.folder / "page.pdf"], ".html"),
                                (["-o", self.folder / "no" / "page.html"], "cannot be written")):
            self.assertIn(word, self.make(folder, *arguments, code=1)[1])


class Weight(ReportTest):
    """Outputs that only some runs have."""

    def test_path_of_the_weight(self):
        folder = self.write()
        (folder / "weight_path.csv").write_text(
            "weight,log10 weight,misfit,prior,roughness,chi2 per datum,curvature,iterations,Hessian actions\n100,2,900,50,1,9,0.1,3,10\n1,0,37,12,24,1,-0.2,4,20\n"
            "10,1,90,30,6,2,0.3,5,15\n")
        (folder / "variogram_gnss.csv").write_text(
            "distance [m],pairs,semivariance [(m)^2],expected before [(m)^2],expected [(m)^2]\n100,5,1e-6,1e-6,2e-6\n5000,9,3e-6,1e-6,3e-6\n")
        page, _ = self.make(folder)
        self.assertIn("Weight of the prior", page.headings)
        self.assertIn("Noise", page.headings)
        self.assertEqual(page.row("1", "100.0"), ["1", "100.0", "900.0", "50.00", "9.000", "3", "10"])
        self.assertEqual(page.row("3", "10.00")[4], "2.000")
        self.assertEqual(len(page.pictures), 8)

    def test_variance_components(self):
        """The table of data sets has the factors of sigma and the redundancies, where a run has computed them."""
        folder = self.write()
        self.assertNotIn("factor of σ asked for", self.make(folder, pictures=False)[1] or "")
        content = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        case, name = content["load_cases"][0]["name"], "gnss"
        content["variance_components"] = {"relative": True, "data_sets": [{"load_case": case, "name": name, "applied_factor": 2.5, "factor": 1.02,
                                                                          "redundancy": 0.87}]}
        (folder / "summary.json").write_text(json.dumps(content), encoding="utf-8")
        row = self.make(folder, pictures=False)[0].row(name)
        self.assertEqual(row[-2:], ["1.02", "0.87"])
        self.assertIn("σ × 2.50 (estimated)", " ".join(row))

    def test_weight_that_was_chosen(self):
        folder = self.write(prior_weight=1147.63)
        deck = DECK.replace("subsection Prior\n  set Weight = 1\n", "subsection Prior\n  set Type = H1\n  set Weight = discrepancy\n")
        for text, row in ((deck, "H1, weight 1,148, by discrepancy"), (deck.replace("discrepancy", "1e3"), "H1, weight 1e3")):
            (folder / "parameters.prm").write_text(text)
            self.assertEqual(self.make(folder, pictures=False)[0].row("prior"), ["prior", row])

    def test_of_the_noise(self):
        """Names and numbers of correlated errors and outliers, from the log, the parameter file and summary.json."""
        folder = self.write(load_cases=[{"name": "only", "outliers": [{"name": "gnss", "misfit": "Huber", "down_weighted": 7, "worst": []}]}])
        deck = DECK.replace("set Weight = 0.5",
                "set Weight = 0.5\n      set Noise = exponential\n      set Sill = 9 mm^2\n      set Range = 2 km\n      set Nugget = 1\n      set Misfit = Huber")
        (folder / "parameters.prm").write_text(deck)
        with h5py.File(folder / "results.h5", "a") as file:
            file["data/only/gnss/standardized_residual"] = np.where(np.arange(75) == 5, 4.0, 0.5)
        page, _ = self.make(folder, pictures=False)
        self.assertEqual(page.row("gnss", "25")[5:7], ["exponential, sill 9 mm^2, range 2 km, nugget 1, Huber", "1.0 mm"])
        self.assertEqual(page.row("gnss", "25")[-1], "7")
        self.assertEqual(page.row("gnss", "−2, −1 km")[-1], "4.00")  # datum 5 is up of station 1
        with open(folder / "log.txt", "a", encoding="utf-8") as log:
            log.write("data set gnss of load case only: noise estimated from its residuals: exponential, range 3 km (before: independent)\n")
        self.assertEqual(self.make(folder, pictures=False)[0].row("gnss", "25")[5], "exponential, range 3 km (estimated)")

    def test_outliers_do_not_decide_what_the_fit_is(self):
        """Three of 75 residuals are 100 sigma: chi^2/N is 401, but half of the data lie within 0.6745 sigma."""
        folder = self.write(chi2_per_datum=401.0)
        (folder / "parameters.prm").write_text(DECK.replace("set Weight = 0.5", "set Misfit = Student-t"))
        with h5py.File(folder / "results.h5", "a") as file:
            file["data/only/gnss/standardized_residual"] = np.where(np.arange(75) < 3, 100.0, 0.6745)
        text = self.make(folder, pictures=False)[0].text
        self.assertIn("χ²/N = 401 of 75 data, 1.00 by the median of the residuals, in which outliers have no part: residuals are as large as the noise", text)
        (folder / "parameters.prm").write_text(DECK)
        self.assertIn("the data are not fitted", self.make(folder, pictures=False)[0].text)

    def test_other_columns(self):
        """What is there is drawn, what is not is left out."""
        for text, drawn in (("log10 weight,chi2 per datum\n0,1\n1,2\n", True), ("weight,misfit,prior,why\n1,2,3,a start\n2,3,4,a step\n", True),
                    ("weight,Hessian actions\n1,2\n", False),
                            ("weight,chi2 per datum\n", False), ("", False), ("step,size\n1,2\n", False), ("weight,chi2 per datum\n1,0.9\n", True)):
            folder = self.write()
            (folder / "weight_path.csv").write_text(text)
            (folder / "variogram_gnss.csv").write_text(text)
            page, _ = self.make(folder)
            self.assertEqual("Weight of the prior" in page.headings, drawn, text)


class Names(ReportTest):
    def test_are_shown_letter_by_letter(self):
        name = "<i>AB&1</i> $x_{$ \"q\" 観測"
        folder = self.write(title=name, load_cases=[{"name": "only",
                "nuisance": [{"name": f"{name}: offset", "value": 1e-3, "standard_deviation": 1e-4, "unit": "m"}]}])
        with h5py.File(folder / "results.h5", "a") as file:
            file.attrs["title"] = name
            file["data/only/gnss"].attrs["name"] = name
            file["data/only/gnss/name"] = [name.encode()] * 75
        page, _ = self.make(folder)
        self.assertGreaterEqual(page.text.count(name), 4)
        self.assertEqual(page.row(name)[1], "25")
        self.assertEqual(page.row(f"{name}: offset")[1], "1.00 ± 0.10 mm")
        self.assertIn("A <b> & c.", page.text)
        self.assertNotIn("<i>", (folder / "report.html").read_text(encoding="utf-8"))


class Partial(ReportTest):
    """Runs that were killed, and damaged files."""

    def test_a_run_that_goes_on(self):
        folder = self.write()
        (folder / "results.h5").unlink()
        (folder / "summary.json").unlink()
        with open(folder / "history.csv", "a", encoding="utf-8") as file:
            file.write("3,40,30")  # the rest is being written
        page, _ = self.make(folder)
        self.assertEqual(page.headings, ["What was run", "Course of the inversion", "Details"])
        self.assertIn("has not ended", page.text)
        self.assertIn("a test", page.text)  # of the parameter file
        self.assertEqual(page.row("iterations"), ["iterations", "2"])
        (folder / "history.csv").unlink()
        self.assertEqual(self.make(folder)[0].headings, ["What was run", "Details"])

    def test_damaged_files(self):
        for name, content, says in (("results.h5", b"no HDF5", "results.h5"), ("summary.json", b'{"J": 1', "summary.json"),
                                    ("summary.json", b"[1]", "it holds no summary"),
                                    ("history.csv", b"iteration,J\n0,one\n", "history.csv")):
            folder = self.write()
            (folder / name).write_bytes(content)
            page, errors = self.make(folder, quiet=False, pictures=False)
            self.assertIn(says, errors)
            self.assertTrue(errors.startswith("report.py: "))
            self.assertIn(says, page.text)
            self.assertEqual("Fit of the data" in page.headings, name != "results.h5")

    def test_torn_results(self):
        """Without a part of results.h5 the page has what does not need it."""
        whole = self.write()
        size = (whole / "results.h5").stat().st_size
        content = (whole / "results.h5").read_bytes()
        (whole / "results.h5").write_bytes(content[:size // 2])
        self.assertIn("cannot be read", self.make(whole, quiet=False, pictures=False)[0].text)
        for path in ("cells/young", "data/only/gnss/sigma", "mesh/vertices", "loads", "cells/sensitivity_ln_e_over_e0", "data"):
            folder = self.write()
            with h5py.File(folder / "results.h5", "a") as file:
                del file[path]
            page, errors = self.make(folder, quiet=False)
            self.assertNotIn("Traceback", errors)
            self.assertIn("Course of the inversion", page.headings, path)

    def test_numbers_that_are_none(self):
        folder = self.write()
        with h5py.File(folder / "results.h5", "a") as file:
            file["cells/young_ratio"][:] = np.nan
            file["data/only/gnss/residual"][:] = np.nan
            file["data/only/gnss/predicted"][::3] = np.nan
        self.assertIn("Course of the inversion", self.make(folder, quiet=False)[0].headings)

    def test_a_part_that_fails_costs_itself_alone(self):
        folder = self.write()
        with mock.patch("plotting.tables.add_worst", side_effect=RuntimeError("out of <order>")):
            page, errors = self.make(folder, quiet=False)
        self.assertIn("'Fit of the data' is not complete: RuntimeError: out of <order>", errors)
        self.assertIn("out of <order>", page.text)
        self.assertIn("Observed, predicted, residual", page.headings)

    def test_refusals(self):
        (self.folder / "empty").mkdir()
        for directory, says in ((self.folder / "nowhere", "there is no directory"), (self.folder / "empty", "holds no results"),
                                (__file__, "there is no directory")):
            errors = self.make(directory, code=1)[1]
            self.assertTrue(errors.startswith("report.py: "), errors)
            self.assertIn(says, errors)

    def test_without_matplotlib(self):
        (self.folder / "matplotlib.py").write_text("raise ModuleNotFoundError('no module', name='matplotlib')\n")
        for script in ("report.py", "plot.py"):
            process = subprocess.run([SCRIPTS / script, "result"], cwd=self.folder, capture_output=True, text=True,
                                     env={**os.environ, "PYTHONPATH": str(self.folder)})
            self.assertEqual(process.returncode, 1)
            self.assertRegex(process.stderr, rf"^{script}: matplotlib is not installed for .*install_dependencies.sh --with-plots")
            self.assertNotIn("Traceback", process.stderr)

    def test_an_earlier_page_stays_when_the_new_one_cannot_be_made(self):
        folder = self.write()
        (folder / "report.html").write_text("earlier")
        with mock.patch("plotting.document.Document.html", side_effect=MemoryError), self.assertRaises(MemoryError):
            self.make(folder)
        self.assertEqual((folder / "report.html").read_text(), "earlier")
        self.assertEqual(list(folder.glob(".report-*")), [])


class RunScript(ReportTest):
    """scripts/run.sh in a tree whose program, compiler and package manager do nothing: the results are there already."""

    def run_script(self, code=0, **environment):
        top = self.folder / "top"
        (top / "scripts").mkdir(parents=True, exist_ok=True)
        (top / "inputs").mkdir(exist_ok=True)
        for name in ("run.sh", "environment.sh"):
            shutil.copy(SCRIPTS / name, top / "scripts")
        for name in ("plot.py", "report.py", "plotting"):
            if not (top / "scripts" / name).exists():
                (top / "scripts" / name).symlink_to(SCRIPTS / name)
        programs = self.folder / "programs"
        programs.mkdir(exist_ok=True)
        for path, text in ((top / "scripts" / "install_dependencies.sh", "exit 0"), (programs / "cmake", "exit 0"), (programs / "mpirun", f"exit {code}")):
            path.write_text(f"#!/bin/bash\n{text}\n")
            path.chmod(0o755)
        (top / "inputs" / "quickstart.prm").write_text("set Output directory = ../result\n")
        return subprocess.run([top / "scripts" / "run.sh"], cwd=top, capture_output=True, text=True,
                              env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", **environment})

    def results(self):
        (self.folder / "top").mkdir(exist_ok=True)
        folder = self.write("top/result")
        (folder / "inversion.pvd").write_text("")
        return folder

    def test_names_the_page(self):
        folder = self.results()
        for code in (0, 3):
            process = self.run_script(code)
            self.assertEqual(process.returncode, code, process.stderr)
            self.assertEqual(process.stdout.splitlines()[-1], "Report, one page for a browser: result/report.html")
            self.read(folder / "report.html")
            self.assertTrue((folder / "figure.png").exists())
            (folder / "report.html").unlink()

    def test_does_not_fail_for_a_picture(self):
        folder = self.results()
        (self.folder / "matplotlib.py").write_text("raise ModuleNotFoundError('no module', name='matplotlib')\n")
        process = self.run_script(PYTHONPATH=str(self.folder))
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertIn("Results are in result", process.stdout)
        self.assertNotIn("report.html", process.stdout)
        self.assertIn("matplotlib is not installed", process.stderr)
        (folder / "results.h5").write_bytes(b"torn")
        process = self.run_script()
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertIn("report.html", process.stdout.splitlines()[-1])


class Runs(Program):
    """Pages of what the program writes."""

    read = ReportTest.read

    def page(self, folder):
        process = subprocess.run([SCRIPTS / "report.py", folder], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual((process.returncode, process.stderr), (0, ""))
        return self.read(self.folder / process.stdout.strip())

    def test_do_not_depend_on_ranks(self):
        pages = []
        for ranks in (1, 2, 3):
            self.run_well("invert", "good.prm", "--set", f"Output directory=on_{ranks}", "--set", "Optimizer/Gradient tolerance=1e-8", ranks=ranks)
            pages.append(self.page(f"on_{ranks}"))
        for page, ranks in zip(pages, (1, 2, 3)):
            self.assertEqual(page.headings, ["What was run", "Data and mesh", "Fit of the data", "What was estimated", "Course of the inversion", "Model",
                                             "Observed, predicted, residual", "Details"])
            self.assertEqual(page.row("ranks"), ["ranks", str(ranks)])
            self.assertEqual(page.row("parameter file"), ["parameter file", "good.prm"])
            self.assertEqual(len(page.pictures), 6)
            for first in (["gnss", "20", "60"], ["east", ""], ["north", ""], ["up", ""]):
                self.assertEqual(page.row(*first), pages[0].row(*first))
            worst = page.rows.index(page.row("data set", "at"))
            self.assertEqual(page.rows[worst:worst + 6], pages[0].rows[worst:worst + 6])
        summary_of = json.loads((self.folder / "on_1" / "summary.json").read_text())
        self.assertAlmostEqual(float(pages[0].row("gnss", "20", "60")[3]) / summary_of["load_cases"][0]["fits"][0]["chi2_per_datum"], 1, delta=5e-3)
        # The worst datum is that of the fit's table.
        fit = table(self.folder / "on_1" / "fit_gnss.csv")
        ratio = max(abs(r / s) for r, s in zip(fit["residual [m]"], fit["sigma [m]"]))
        self.assertAlmostEqual(abs(float(pages[0].rows[worst + 1][-1].replace("−", "-"))) / ratio, 1, delta=5e-3)

    def test_that_end_early(self):
        process = run(["invert", "good.prm", "--set", "Optimizer/Maximum iterations=1"], self.folder)
        self.assertEqual(process.returncode, 3, process.stderr)
        page = self.page("results")
        self.assertIn("the model is unfinished", page.text)
        self.assertIn("Model", page.headings)
        # The next run sets the page aside with the results that it shows.
        self.run_well("invert", "good.prm")
        self.assertTrue((self.folder / "results" / "earlier-1" / "report.html").exists())
        self.assertFalse((self.folder / "results" / "report.html").exists())

    def test_that_are_interrupted_or_killed(self):
        # Cells enough that the run does not end by itself before it is stopped.
        slow = ["invert", "good.prm", "--set", "Mesh/Cells=24, 16, 16", "--set", "Optimizer/Gradient tolerance=1e-12", "--set", "Mesh/Estimate error=no"]
        for how, says in ((signal.SIGINT, "Interrupted"), (signal.SIGKILL, "has not ended")):
            folder = self.folder / how.name
            process = subprocess.Popen(command_line([*slow, "--set", f"Output directory={folder}"]), cwd=self.folder, stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL)
            until = time.monotonic() + 60
            history = folder / "history.csv"
            while time.monotonic() < until and not (history.exists() and history.read_text().count("\n") > 1):
                time.sleep(0.01)
            process.send_signal(how)
            process.wait(60)
            self.assertIn(says, self.page(folder).text)

    def test_of_predictions(self):
        self.run_well("forward", "twin.prm", folder=self.twin)
        shutil.copytree(self.twin / "twin", self.folder / "twin")
        page = self.page("twin")
        self.assertEqual(page.headings, ["What was run", "Data and mesh", "Data", "Model", "Predicted data", "Details"])

    def test_of_sections_and_zones(self):
        """A gmsh mesh in plane strain with one unknown per zone, a strength and an offset."""
        deck = (HERE / "section.prm").read_text().replace("../../meshes", str(SOURCE / "meshes"))
        (self.folder / "section.prm").write_text(deck)
        self.run_well("forward", "section.prm", "--set", "Output/Noise=1")
        shutil.copy(self.folder / "results" / "gnss.csv", self.folder)
        (self.folder / "fit.prm").write_text(re.sub(r"set Station grid.*\n.*set Sigma.*", "set File = gnss.csv\n      set Nuisance = offset", deck))
        self.run_well("invert", "fit.prm", "--set", "Load cases/quake/slip/Strength=estimate", ranks=2)
        page = self.page("results")
        found = json.loads((self.folder / "results" / "summary.json").read_text())
        unknown = next(u for u in found["standard_errors"]["unknowns"] if u["name"] == "E of sediments")
        row = page.row("sediments")
        self.assertAlmostEqual(float(row[2].removesuffix(" GPa")) * 1e9 / unknown["value"], 1, delta=5e-3)
        low, high = (float(x) * 1e9 for x in re.fullmatch(r"(\S+) to (\S+) GPa", row[3]).groups())
        self.assertAlmostEqual(low / unknown["lower"], 1, delta=5e-3)
        self.assertAlmostEqual(high / unknown["upper"], 1, delta=5e-3)
        self.assertRegex(page.row("slip")[1], r"^\d\.\d+ ± 0\.\d+$")
        self.assertRegex(page.row("gnss: east offset")[1], r" ± .* mm$")


class Numbers(unittest.TestCase):
    """Numbers as they are read, worked out by hand."""

    def setUp(self):
        self.numbers = load("plotting/numbers")

    def test_numbers(self):
        for value, text in ((0, "0"), (1, "1.00"), (-0.001234, "−0.00123"), (12345, "12,300"), (-1.234e7, "−1.23 × 10⁷"), (3e-9, "3.00 × 10⁻⁹"),
                            (99.96, "100"), (999.6, "1,000"),
                            (None, "–"), (float("nan"), "–"), (float("-inf"), "−∞")):
            self.assertEqual(self.numbers.number(value), text)

    def test_errors(self):
        for value, error, unit, text in ((4880788, 153120, "m^3/yr", "(4.88 ± 0.15) × 10⁶ m³/yr"), (-0.0030787, 2.9e-4, "m/yr", "−3.08 ± 0.29 mm/yr"),
                    (45.336e9, 0.853e9, "Pa", "45.34 ± 0.85 GPa"),
                                         (1.5, 0.00996, "", "1.500 ± 0.010"), (12, 340, "", "12 ± 340"),
                                         (1, None, "m", "1.00 m, standard error not determined"), (0, 0, "", "0 ± 0")):
            self.assertEqual(self.numbers.with_error(value, error, unit), text)

    def test_durations(self):
        for seconds, text in ((0.734, "0.73 s"), (7.24, "7.2 s"), (59.4, "59 s"), (75, "1 min 15 s"), (3599.7, "1 h 0 min"), (7000, "1 h 56 min")):
            self.assertEqual(self.numbers.duration(seconds), text)

    def test_decks(self):
        deck = load("plotting/deck")
        self.assertEqual(deck.changed_entries(DECK),
                "set Title = a test\nsubsection Optimizer\n  set Gradient tolerance = 1e-3\nend\nsubsection Load cases\n  subsection only\n"
                         "    subsection well\n      set Type = pore pressure\n    end\n    subsection gnss\n      set Weight = 0.5\n    end\n  end\nend\n")
        self.assertEqual(deck.entries(DECK)["Load cases/only/gnss/Weight"], "0.5")
        self.assertEqual(deck.changed_entries(""), "")


class Colours(unittest.TestCase):
    """Equal steps of a number are equal differences for the eye: distances in CIELAB, with the conversion of IEC 61966-2-1 written here."""

    def lab(self, rgb):
        linear = np.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)
        xyz = linear @ np.array([[0.4124, 0.2126, 0.0193], [0.3576, 0.7152, 0.1192], [0.1805, 0.0722, 0.9505]]) / (0.9505, 1, 1.089)
        f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
        return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1)

    def test_maps_are_uniform(self):
        scales = load("plotting/scales")
        for name in ("RATIO", "DATA", "SIGNED"):
            colours = self.lab(getattr(scales, name)(np.linspace(0, 1, 257))[:, :3])
            steps = np.linalg.norm(np.diff(colours, axis=0), axis=1)
            left, right = steps[:128], steps[128:]
            for side in (left, right):
                self.assertLess(side.max() / side.min(), 1.15, name)
            self.assertLess(abs(left.mean() / right.mean() - 1), 0.25, name)
            np.testing.assert_allclose(colours[:, 0], colours[::-1, 0], atol=1.5)  # the same in grey: the sign has no weight
            np.testing.assert_allclose(colours[128], [97, 0, 0], atol=0.5)

    def test_one_sign_has_half_of_the_colours(self):
        scales = load("plotting/scales")
        down, up, both = (scales.make_scale(np.array(values), "up", "m", "data") for values in ([-8e-3, -1e-3], [1e-3, 8e-3], [-8e-3, 8e-3]))
        for value, one in ((-8e-3, down), (-4e-3, down), (4e-3, up), (8e-3, up)):
            np.testing.assert_allclose(one.colours(np.array([value])), both.colours(np.array([value])), atol=0.02)


class Fields(unittest.TestCase):
    """Which fields of the cells show what a run found, and which sensitivity is theirs."""

    def result(self, **fields):
        choices, result = load("plotting/choices"), load("plotting/result")
        square = np.array([(0.0, 0), (1, 0), (1, 1), (0, 1)])
        values = {name: (np.array(pair, dtype=float), "1") for name, pair in {"young": (2, 2), **fields}.items()}
        made = result.Result(title="", vertices=np.stack([square, square + (1, 0)]), volume=np.ones(2), fields=values, sources={}, data=[])
        self.figure = choices.choose_fields(made, None)
        self.background = choices.backgrounds_in_words(made, self.figure)
        return choices.fields_found(made), made.sensitivity_to

    def test_names(self):
        self.assertEqual(self.result()[0], [])
        self.assertEqual((self.figure, self.background), ([], ""))
        self.assertEqual(self.result(young=(2, 3))[0], ["young"])
        self.assertEqual(self.figure, ["young"])
        one = {"young_ratio": (1, 2), "young": (2, 4), "m_ln_e_over_e0": (0, 0.7)}
        self.assertEqual(self.result(**one)[0], ["young_ratio"])
        self.assertEqual(self.result(**{**one, "young": (4, 4)})[0], ["young_ratio", "young"])  # on a layered background
        self.assertEqual((self.figure, self.background), (["young_ratio"], ""))
        both = {**one, "poisson": (0.2, 0.3), "poisson_change": (-0.1, 0), "m_logit_nu": (0, 1), "sensitivity_ln_e_over_e0": (1, 2), "sensitivity_logit_nu": (3, 4)}
        self.assertEqual(self.result(**both)[0], ["young_ratio", "poisson_change", "sensitivity_ln_e_over_e0", "sensitivity_logit_nu"])
        self.assertEqual((self.figure, self.background), (["young_ratio", "poisson_change"], "E₀ is 2.00 and ν₀ is 0.300 everywhere."))
        self.assertEqual(self.result(**{**both, "poisson": (0.2, 0.4), "young": (2, 5)})[0][:4], ["young_ratio", "young", "poisson_change", "poisson"])
        self.result(**{**both, "young_ratio": (1, 1), "young": (2, 2)})  # what did not move is no picture
        self.assertEqual((self.figure, self.background), (["poisson_change"], "ν₀ is 0.300 everywhere."))
        self.assertEqual(self.result(shear_ratio=(1, 2), shear=(1, 2), m_ln_g_over_g0=(0, 1), bulk_ratio=(1, 2), bulk=(1, 2), m_ln_k_over_k0=(0, 1))[0],
                ["shear_ratio", "bulk_ratio"])
        self.assertEqual(self.figure, ["shear_ratio", "bulk_ratio"])

    def test_sensitivities(self):
        sensitivity = self.result(sensitivity_ln_e_over_e0=(1, 2), sensitivity_logit_nu=(3, 4))[1]
        for name, expected in (("young_ratio", (1, 2)), ("poisson_change", (3, 4)), ("shear", (4, 6))):
            np.testing.assert_allclose(sensitivity(name), expected)
        self.assertIsNone(self.result()[1]("young"))


class Curves(unittest.TestCase):
    """What is drawn, in numbers."""

    def setUp(self):
        self.course = load("plotting/course")
        self.addCleanup(matplotlib.pyplot.close, "all")

    def points(self, axis, line):
        return np.array(axis.lines[line].get_data()).T

    def test_course(self):
        axes = self.course.draw_course({"iteration": np.arange(3.0), "J": np.array([9, 4, 3.0]), "misfit": np.array([9, 3, 1.0]),
                "prior": np.array([0, 1, 2.0]),
                                        "chi2 per datum": np.array([9, 2, 0.5]), "relative gradient": np.array([1, 0.1, 0.01])}, 0.02).axes
        np.testing.assert_allclose(self.points(axes[0], 2), [(1, 1), (2, 2)])  # no prior at the start: not on a logarithmic axis
        np.testing.assert_allclose(self.points(axes[1], 0), [(0, 9), (1, 2), (2, 0.5)])
        np.testing.assert_allclose(axes[1].lines[1].get_ydata(), 1)
        np.testing.assert_allclose(axes[2].lines[1].get_ydata(), 0.02)
        self.assertLess(axes[1].get_ylim()[0], 0.5)
        self.assertEqual([label.get_text() for label in axes[1].get_yticklabels()], ["0.5", "1", "2", "5", "10"])

    def test_path_of_the_weight(self):
        columns = {"weight": np.array([100.0, 1, 10]), "misfit": np.array([900.0, 37, 90]), "prior": np.array([50.0, 12, 30]),
                "chi2 per datum": np.array([9.0, 1, 2]),
                   "curvature": np.array([0.1, -0.2, 0.3])}
        axes = self.course.draw_weight_path(columns, 10.0).axes
        np.testing.assert_allclose(self.points(axes[0], 0), [(1, 1), (10, 2), (100, 9)])
        np.testing.assert_allclose(self.points(axes[1], 0), [(0.5, 900), (3, 90), (12, 37)])  # prior / weight
        for axis, chosen in zip(axes, ((10, 2), (3, 90), (10, 0.3))):
            np.testing.assert_allclose(self.points(axis, 2)[0], chosen)
            order = {text.get_text(): text.xy for text in axis.texts}
            np.testing.assert_allclose(order["3"], chosen)
        self.assertEqual(len(self.course.draw_weight_path(columns, 500.0).axes[0].lines), 3)  # a weight that was not tried is not marked

    def test_variogram(self):
        columns, units = {"distance": np.array([5000.0, 1000]), "pairs": np.array([9.0, 8]), "semivariance": np.array([3e-6, 1e-6])}, {"distance": "m",
                "pairs": "", "semivariance": "(m/yr)^2"}
        (axis,) = self.course.draw_variogram(columns, units).axes
        self.assertEqual(len(axis.lines), 1)
        np.testing.assert_allclose(self.points(axis, 0), [(1, 1), (5, 3)])
        self.assertEqual((axis.get_xlabel(), axis.get_ylabel()), ("distance (km)", "semivariance ((mm/yr)²)"))

    def test_residuals(self):
        data = types.SimpleNamespace(name="gnss", values={"observed": 0, "standardized_residual": np.array([[0.1, np.nan], [-7, 0.2], [1.1, 6]])})
        axis = self.course.draw_residuals([data]).axes[0]
        self.assertIn("2 beyond ±5", axis.get_xlabel())
        self.assertAlmostEqual(sum(bar.get_height() * bar.get_width() for bar in axis.patches), 1)


class Labels(unittest.TestCase):
    def test_do_not_overlap(self):
        page = load("plotting/page")
        figure, axes = matplotlib.pyplot.subplots(figsize=(3, 3))
        self.addCleanup(matplotlib.pyplot.close, figure)
        axes.set(xlim=(0, 1), ylim=(0, 1))
        points = np.random.default_rng(1).random((60, 2))
        page.place_labels(axes, points, [f"AB{k:02}" for k in range(60)], points)
        boxes, pixels = [text.get_window_extent() for text in axes.texts], axes.transData.transform(points)
        self.assertGreater(len(boxes), 10)
        self.assertLess(len(boxes), 60)
        for k, box in enumerate(boxes):
            self.assertFalse(any(box.overlaps(other) for other in boxes[:k]))
            self.assertFalse(any(box.contains(*pixel) for pixel in pixels))
            self.assertTrue(axes.get_window_extent().x0 <= box.x0 and box.x1 <= axes.get_window_extent().x1)

    def test_data_sets_at_the_same_points_are_one_group(self):
        groups_of = load("plotting/setting").groups_of
        here, there = np.zeros((2, 3)), np.ones((1, 3))
        sets = [types.SimpleNamespace(name=name, points=points, names=[]) for name, points in (("a", here), ("b", there), ("c", here.copy()))]
        self.assertEqual([name for name, _, _ in groups_of(sets)], ["a; c (2 points)", "b (1 point)"])


if __name__ == "__main__":
    unittest.main()
