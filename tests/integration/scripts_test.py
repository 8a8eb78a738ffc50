"""The scripts that users run on data and results, on small files made here; expected are places, order and numbers worked out by hand."""
import contextlib
import importlib.util
import io
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import types
import unittest
from unittest import mock

try:
    import h5py
    import matplotlib
    import matplotlib.image
    import numpy as np
except ImportError:
    # plot.py goes on in Debian's Python where the first one on the path has no matplotlib; so do these tests.
    if sys.executable != "/usr/bin/python3" and not subprocess.run(["/usr/bin/python3", "-c", "import h5py, matplotlib"], capture_output=True).returncode:
        os.execv("/usr/bin/python3", ["/usr/bin/python3", "-B", *sys.argv])
    h5py = np = None
try:
    import yaml
except ImportError:
    yaml = None

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts"


sys.path.insert(0, str(SCRIPTS))  # the scripts' modules import each other


def load(name):
    specification = importlib.util.spec_from_file_location(name.replace("/", "."), SCRIPTS / f"{name}.py")
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module  # dataclasses look there
    specification.loader.exec_module(module)
    return module


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)


class ConvertUnimak(Folder):
    def test_columns_and_quadtree_cells(self):
        source, made = self.folder / "in", self.folder / "made"
        source.mkdir()
        (source / "unimak_gnss_NOAM.txt").write_text("% comment\nAB01 -164.5 54.7 0.001 0.002 0.003 0.0001 0.0002 0.0004\n")
        # lon lat heading incidence los error row0 row1 col0 col1: 50 x 60 = 3000 pixels are kept, 50 x 61 are not
        (source / "unimak_asc_ref.csv").write_text("-164.1 54.1 -12.5 38.5 0.004 0.9 100 150 200 260\n-164.2 54.2 -12.5 38.5 0.005 0.9 100 150 200 261\n")
        (source / "unimak_des_ref.csv").write_text("-164.3 54.3 192.5 36.5 -0.006 0.9 0 1 0 1\n")
        subprocess.run([sys.executable, "-B", SCRIPTS / "convert_unimak.py", source, made], check=True, stdout=subprocess.DEVNULL)

        def rows(name):
            lines = [line for line in (made / name).read_text().splitlines() if not line.startswith("#")]
            return [dict(zip(lines[0].split(","), line.split(","))) for line in lines[1:]]

        self.assertEqual(rows("gnss.csv"), [{"name": "AB01", "lon": "-164.5", "lat": "54.7", "east": "0.001", "north": "0.002", "up": "0.003",
                                            "sigma_east": "0.0001", "sigma_north": "0.0002", "sigma_up": "0.0004"}])
        self.assertEqual(rows("ascending.csv"), [{"lon": "-164.1", "lat": "54.1", "los": "0.004", "sigma": "0.001", "incidence": "38.5", "heading": "-12.5"}])
        self.assertEqual(rows("descending.csv"), [{"lon": "-164.3", "lat": "54.3", "los": "-0.006", "sigma": "0.001", "incidence": "36.5", "heading": "192.5"}])
        self.assertIn("1 of 2 quadtree cells", (made / "ascending.csv").read_text())
        for name in ("gnss.csv", "ascending.csv", "descending.csv"):
            self.assertIn("# units: m/yr", (made / name).read_text())


def write_result(folder, dim=3, observed=True, ratio=None, cases=("only",), poisson=False):
    """A results file of 8 x 8 x 4 (8 x 4) boxes of 1 km with a stiff cell in the north-east, 1 to 2 km deep, and 5 x 5 (5) stations."""
    shape = (8, 8, 4)[3 - dim:]
    edges = [np.arange(n + 1) * 1e3 - (4e3 if d < dim - 1 else 4e3) for d, n in enumerate(shape)]
    corner = np.stack(np.meshgrid(*[e[:-1] for e in edges], indexing="ij"), axis=-1).reshape(-1, dim)
    square = np.array([(0, 0), (1, 0), (1, 1), (0, 1)])
    unit = square if dim == 2 else np.array([(*p, z) for z in (0, 1) for p in square])
    vertices = (corner[:, None] + 1e3 * unit).reshape(-1, dim)
    centre = corner + 500
    if ratio is None:
        ratio = np.where(np.all(np.abs(centre - ([2500, 2500, -1500] if dim == 3 else [2500, -1500])) < 600, axis=1), 2.0, 1.0)
    folder.mkdir(exist_ok=True)
    with h5py.File(folder / "results.h5", "w") as file:
        def put(path, values, units="1"):
            file[path] = values
            file[path].attrs["units"] = units

        file.attrs.update(format="Lodestone results", format_version=2, title="a test", dimension=dim)
        file["parameters"] = "subsection second\nsubsection only\nsubsection gnss\n"
        put("mesh/vertices", vertices, "m")
        put("mesh/connectivity", np.arange(len(vertices)).reshape(len(corner), -1), "")
        put("cells/volume", np.full(len(corner), 1e3 ** dim))
        put("cells/young", 20e9 * ratio, "Pa")
        put("cells/young_ratio", ratio)
        if ratio.max() > 1:
            put("cells/m_ln_e_over_e0", np.log(ratio))
        if poisson:
            put("cells/poisson", 0.25 + 0.05 * (ratio - 1))
            put("cells/poisson_change", 0.05 * (ratio - 1))
            put("cells/m_logit_nu", ratio - 1)
        put("cells/sensitivity_ln_e_over_e0", np.exp(centre[:, -1] / 100))
        for case in cases:
            write_data(file, f"data/{case}/gnss", case, dim, observed)
            file[f"loads/{case}/well/acts"] = (np.linalg.norm(centre, axis=1) < 2e3).astype("int32")
            file[f"loads/{case}/well"].attrs.update(name="well", load_case=case)
        if ratio.max() > 1:
            put("history/iteration", [0, 1, 2])


def write_data(file, path, case, dim, observed):
    """East, north and up (no north in 2-D) in metres: up is x / 1e6, observed with 0.001 more."""
    line = np.linspace(-2e3, 2e3, 5)
    x, y = (a.ravel() for a in np.meshgrid(line, line if dim == 3 else [0.0], indexing="ij"))
    components = (0, 1, 2) if dim == 3 else (0, 2)
    station = np.repeat(np.arange(len(x)), len(components))
    component = np.tile(components, len(x))
    predicted = np.where(component == 2, x[station] / 1e6, 2e-3)
    arrays = {"station": station, "component": component, "x": x[station], "y": y[station], "z": 0 * x[station],
              "predicted": predicted, "sigma": np.full(len(station), 1e-3)}
    if observed:
        arrays.update(observed=predicted + 1e-3, residual=np.full(len(station), -1e-3), chi_squared=float(len(station)))
    for name, values in arrays.items():
        file[f"{path}/{name}"] = values
        file[f"{path}/{name}"].attrs["units"] = "m"
    file[path].attrs.update(name="gnss", load_case=case)
    file[f"data/{case}"].attrs["name"] = case


@unittest.skipIf(h5py is None, "matplotlib and h5py are not installed")
class Plot(Folder):
    def run_plot(self, *arguments):
        """As the script itself would run, in this process to save the seconds that matplotlib takes to start."""
        out, errors, code = io.StringIO(), io.StringIO(), 0
        here = os.getcwd()
        os.chdir(self.folder)
        try:
            with mock.patch("sys.argv", ["plot.py", *map(str, arguments)]), contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
                load("plot").main()
        except SystemExit as end:
            code = end.code
            if isinstance(code, str):
                errors.write(code)
                code = 1
        finally:
            os.chdir(here)
        return types.SimpleNamespace(returncode=code, stdout=out.getvalue(), stderr=errors.getvalue())

    def picture(self, *arguments, file="result/figure.png"):
        """The picture, with its width and height in pixels."""
        process = self.run_plot(*arguments)
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertEqual(process.stdout.strip(), file)
        picture = matplotlib.image.imread(self.folder / file)
        self.assertGreater(picture.std(), 0.05)  # not a white page
        return picture

    def assert_refused(self, *arguments, says):
        process = self.run_plot(*arguments)
        self.assertEqual(process.returncode, 1, process.stdout + process.stderr)
        self.assertNotIn("Traceback", process.stderr)
        self.assertTrue(process.stderr.startswith("plot.py: "), process.stderr)
        for word in says:
            self.assertIn(word, process.stderr)

    def test_tables_of_curves(self):
        """Semivariograms and the path of the weight are drawn beside the usual figure, and not beside another one."""
        write_result(self.folder / "result")
        (self.folder / "result" / "variogram_asc.csv").write_text("distance [m],pairs,semivariance [(mm)^2],expected before [(mm)^2],expected [(mm)^2],kept [1]\n"
                                                                  "500,10,1,1.2,1.1,0.9\n1500,20,2,2.2,2.1,0.8\n")
        (self.folder / "result" / "weight_path.csv").write_text("weight,misfit,prior,chi2 per datum,curvature\n10,20,1,2,0\n1,10,2,1,0\n")
        process = self.run_plot("result")
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertEqual(process.stdout.split(), ["result/figure.png", "result/variogram_asc.png", "result/weight_path.png"])
        for name in ("variogram_asc", "weight_path"):
            self.assertGreater(matplotlib.image.imread(self.folder / "result" / f"{name}.png").std(), 0.05)
        self.assertEqual(self.run_plot("result", "-o", "other.png").stdout.split(), ["other.png"])

    def test_as_a_user_runs_it(self):
        """Also in a Python without matplotlib, as long as Debian's has it; a missing file ends in a sentence."""
        write_result(self.folder / "result")
        for arguments, code, says in ((["result"], 0, "result/figure.png"), (["--help"], 0, "--depths"), (["nowhere"], 1, "there is no file .nowhere.")):
            process = subprocess.run([SCRIPTS / "plot.py", *arguments], cwd=self.folder, capture_output=True, text=True)
            self.assertEqual(process.returncode, code, process.stderr)
            self.assertRegex(process.stdout + process.stderr, says)
            self.assertNotIn("Traceback", process.stderr)

    def test_inversion(self):
        write_result(self.folder / "result", cases=("only", "second"))
        whole = self.picture("result")
        one = self.picture("result", "--load-case", "second", "--component", "east", "--depths", "500,1.5 km", "--at", "-3000,-3000,-2000", "-o", "one.png",
                           file="one.png")
        self.assertEqual(whole.shape[1], one.shape[1])
        self.assertGreater(whole.shape[0], one.shape[0])  # a row of maps for each load case
        self.run_plot("result", "-o", "page.pdf")
        self.assertEqual((self.folder / "page.pdf").read_bytes()[:5], b"%PDF-")
        for name in ("young", "sensitivity_ln_e_over_e0"):
            self.picture("result", "--field", name)

    def test_forward_and_section(self):
        write_result(self.folder / "result", observed=False, ratio=np.ones(256))
        forward = self.picture("result")  # one row: all moduli are the same
        write_result(self.folder / "result", observed=False)
        self.assertGreater(self.picture("result").shape[0], forward.shape[0])
        write_result(self.folder / "result", dim=2)
        self.picture("result")
        self.assert_refused("result", "--at", "0,0", says=["three dimensions"])

    def test_every_unknown_has_its_pictures(self):
        for dim in (2, 3):
            write_result(self.folder / "result", dim=dim)
            one = self.picture("result")
            write_result(self.folder / "result", dim=dim, poisson=True)
            self.assertGreater(self.picture("result").shape[0], one.shape[0])
            self.assertEqual(self.picture("result", "--field", "young_ratio").shape, one.shape)

    def test_loads_along_the_whole_surface_have_no_place(self):
        write_result(self.folder / "result", dim=2)
        result = load("plotting/result").read_result(str(self.folder / "result"))
        self.assertEqual(list(result.placed_sources()), [("only", "well")])
        surface = result.centre[:, -1] > -1
        result.sources = {("only", "lake"): surface, ("only", "pond"): surface & (result.centre[:, 0] > 0), ("only", "none"): surface & False}
        self.assertEqual(list(result.placed_sources()), [("only", "pond")])

    def test_refusals(self):
        write_result(self.folder / "result")
        (self.folder / "foreign.h5").write_bytes(b"no HDF5")
        with h5py.File(self.folder / "other.h5", "w") as file:
            file["x"] = 1
        with h5py.File(self.folder / "torn.h5", "w") as file:
            file.attrs["format"] = "Lodestone results"
        (self.folder / "empty").mkdir()
        self.assert_refused("nowhere", says=["nowhere", "output directory"])
        self.assert_refused("empty", says=["empty/results.h5", "output directory"])
        self.assert_refused("foreign.h5", says=["foreign.h5", "cannot be read"])
        self.assert_refused("other.h5", says=["other.h5", "no results file"])
        self.assert_refused("torn.h5", says=["torn.h5", "cannot be read"])
        self.assert_refused("result", "--field", "E", says=["'E'", "young_ratio"])
        self.assert_refused("result", "--load-case", "x", says=["'x'", "only"])
        self.assert_refused("result", "--component", "los", says=["'los'"])
        self.assert_refused("result", "--at", "1,2", says=["x,y,z"])
        self.assert_refused("result", "--at", "9e9,0,0", says=["outside"])
        self.assert_refused("result", "--depths", "-5", says=["positive downward"])
        self.assert_refused("result", "--depths", "deep", says=["'deep'", "0.5 km"])
        self.assert_refused("result", "-o", "figure.xyz", says=[".png"])
        self.assert_refused("result", "-o", "nowhere/figure.png", says=["nowhere/figure.png"])
        self.assert_refused("result", "result", says=["--history"])

    def test_history(self):
        (self.folder / "run").mkdir()
        (self.folder / "run" / "history.csv").write_text("# rates\niteration,J,prior,chi2 per datum,relative gradient,time [s]\n0,1000,0,9,1,1\n1,100,1,2,0.1,2\n")
        self.picture("run", "run", "--history", file="run/history.png")
        self.picture("run", "--history", "--against", "time", "--columns", "J,prior", "-o", "h.png", file="h.png")
        self.assert_refused("run", "--history", "--columns", "K", says=["'K'", "relative gradient"])
        self.assert_refused("nowhere", "--history", says=["nowhere", "lodestone invert"])
        (self.folder / "run" / "history.csv").write_text("iteration,J\n")
        self.assert_refused("run", "--history", says=["no iterations"])

    def test_reading(self):
        write_result(self.folder / "result", cases=("only", "second"))
        result = load("plotting/result").read_result(str(self.folder / "result"))
        self.assertEqual([d.load_case for d in result.data], ["second", "only"])  # as in the deck
        self.assertEqual(result.vertices.shape, (256, 8, 3))
        data = result.data[0]
        self.assertEqual(data.points.shape, (25, 3))
        np.testing.assert_allclose(data.component("predicted", "up"), data.points[:, 0] / 1e3)
        np.testing.assert_allclose(data.component("residual", "east"), -1e-3)
        self.assertFalse(data.has("los"))
        self.assertEqual(data.chi2, (75.0, 75))
        self.assertIn("χ²/N = 1.00, N = 150, iteration 2", result.summary)
        acts = result.sources["only", "well"]
        np.testing.assert_array_equal(acts, np.linalg.norm(result.centre, axis=1) < 2)
        self.assertTrue(acts.any() and not acts.all())

    def test_history_columns(self):
        (self.folder / "history.csv").write_text("iteration,J,time [s]\n0,5,1\n1,4,2\n")
        columns, units = load("plotting/result").read_history(str(self.folder))
        self.assertEqual(list(columns["J"]), [5, 4])
        self.assertEqual((units["J"], units["time"]), ("", "s"))

    def test_colours(self):
        scales = load("plotting/scales")
        ratio = scales.make_scale(np.array([0.5, 1, 1, 3.9]), "E/E0", "1", "ratio")
        self.assertEqual((ratio.norm.vmin, ratio.norm.vmax, ratio.extend, ratio.label), (0.25, 4, "neither", "E/E0"))
        # Half of the weight in one cell, next to nothing in the largest: the colours end before that and the bar says so.
        clipped = scales.make_scale(np.array([1 / 1.9, 1, 8]), "", "1", "ratio", np.array([1, 0, 0.01]))
        self.assertEqual((clipped.norm.vmax, clipped.extend), (2, "max"))
        subsidence = scales.make_scale(np.array([-7.5e-2, -1e-3, np.nan]), "up", "m", "data")
        self.assertEqual((subsidence.norm.vmin, subsidence.norm.vmax, subsidence.label), (-80, 0, "up (mm)"))
        both = scales.make_scale(np.array([-1e-3, 4e-3]), "up", "m/yr", "data")
        self.assertEqual((both.norm.vmin, both.norm.vmax, both.label), (-4, 4, "up (mm/yr)"))
        np.testing.assert_allclose(subsidence.colours(np.array([np.nan])), [[0.85, 0.85, 0.85, 1]])
        self.assertEqual(scales.make_scale(np.array([2e10, 2.5e10]), "E", "Pa", "field").label, "E (GPa)")
        change = scales.make_scale(np.array([0, 0.03, 0.067]), "", "1", "change", np.array([0, 1, 0.01]))
        self.assertEqual((change.norm.vmin, change.norm.vmax, change.extend), (-0.03, 0.03, "max"))

    def test_labels(self):
        label = load("plotting/cells").label_of
        self.assertEqual(label("young_ratio"), "E/E$_0$")
        self.assertEqual(label("poisson_change"), "ν − ν$_0$")
        self.assertEqual(label("shear"), "G")
        self.assertEqual(label("sensitivity_ln_e_over_e0"), "sensitivity per volume, ln E/E$_0$")
        self.assertEqual(label("zone"), "zone")


@unittest.skipIf(np is None, "numpy is not installed")
class Views(unittest.TestCase):
    """What of a result is shown."""

    def boxes(self, *counts):
        """Vertices of unit cells in VTK's order."""
        corner = np.stack(np.meshgrid(*[np.arange(n) for n in counts], indexing="ij"), axis=-1).reshape(-1, 3).astype(float)
        square = ((0, 0), (1, 0), (1, 1), (0, 1))
        return corner[:, None] + np.array([(*p, z) for z in (0, 1) for p in square])

    def areas(self, polygons):
        x, y = polygons[..., 0], polygons[..., 1]
        return 0.5 * np.abs(np.sum(x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1), axis=1))

    def test_cuts(self):
        cut = load("plotting/views").cut
        vertices = self.boxes(3, 2, 2)
        for axis, position, count in ((2, 0.3, 6), (1, 1.5, 6), (0, 0.2, 4)):
            cells, polygons = cut(vertices, axis, position)
            self.assertEqual(len(cells), count)
            np.testing.assert_allclose(self.areas(polygons), 1)
        # On faces, with vertices that are off by rounding: the cells of one side, whole, and not pieces of both.
        noise = 1e-15 * np.random.default_rng(1).standard_normal(vertices.shape)
        cells, polygons = cut(vertices + noise, 2, 1.0)
        self.assertEqual(len(cells), 6)
        np.testing.assert_allclose(self.areas(polygons), 1)
        self.assertEqual(len(cut(vertices, 2, 2.0)[0]), 6)  # the free surface
        # A skew hexahedron: the plane z = 1/2 cuts the unit cube, sheared by z in x, in the square moved by 1/2.
        sheared = self.boxes(1, 1, 1)
        sheared[..., 0] += sheared[..., 2]
        _, polygons = cut(sheared, 2, 0.5)
        np.testing.assert_allclose([polygons[..., 0].min(), polygons[..., 0].max(), self.areas(polygons)[0]], [0.5, 1.5, 1])

    def test_depths(self):
        choose = load("plotting/views").choose_depths
        z = np.repeat([-0.5, -1.5, -2.5, -3.5, -4.5], 4)
        self.assertEqual(choose(z, np.ones(20), 5), [-0.5, -1.5, -2.5, -3.5, -4.5])
        # Nearly all of the weight in two layers: these are among the slices, and the others are the next ones.
        self.assertEqual(choose(z, np.repeat([1, 90, 2, 80, 3], 4), 3), [-1.5, -3.5, -4.5])
        self.assertEqual(choose(z, np.zeros(20), 1), [-2.5])
        self.assertEqual(len(choose(z, np.ones(20), 9)), 5)  # there are no more layers

    def test_places(self):
        strongest = load("plotting/views").strongest_places
        vertices = self.boxes(20, 20, 12)
        centre = vertices.mean(axis=1)
        change = np.zeros(len(centre))
        soft = np.linalg.norm(centre - (5.5, 6.5, 6.5), axis=1) < 2.5
        stiff = np.linalg.norm(centre - (14.5, 12.5, 4.5), axis=1) < 2.5
        change[soft], change[stiff] = -0.8, 0.5
        change[np.argmin(np.linalg.norm(centre - (1.5, 18.5, 11.5), axis=1))] = 2  # one cell alone is no anomaly
        first, second = strongest(centre, change, np.ones(len(centre)), (0, 0, 0), (20, 20, 12))
        np.testing.assert_allclose(first, (5.5, 6.5, 6.5), atol=1)
        np.testing.assert_allclose(second, (14.5, 12.5, 4.5), atol=1)
        change[stiff] = 0
        change[change > 1] = 0
        first, second = strongest(centre, change, np.ones(len(centre)), (0, 0, 0), (20, 20, 12))
        np.testing.assert_allclose(first, second)
        strongest(centre, 0 * change, np.ones(len(centre)), (0, 0, 0), (20, 20, 12))

    def test_window(self):
        views = load("plotting/views")
        vertices = 10 * self.boxes(20, 20, 5)  # 200 km wide
        stations = np.array([(95, 95, 0), (105, 95, 0), (95, 105, 0), (105, 105, 0), (180, 10, 0)], dtype=float)
        result = types.SimpleNamespace(dim=3, lower=vertices.min(axis=1), upper=vertices.max(axis=1), sources={},
                                       data=[types.SimpleNamespace(points=stations)])
        low, high = views.choose_window(result)  # a far station does not widen it
        np.testing.assert_allclose(low, 95 - 1.2)
        np.testing.assert_allclose(high, 105 + 1.2)
        result.sources = {("c", "s"): np.all(np.abs(vertices.mean(axis=1)[:, :2] - (125, 105)) < 1, axis=1)}
        self.assertAlmostEqual(views.choose_window(result)[1][0], 130 + 0.12 * 35)
        result.data, result.sources = [], {}
        np.testing.assert_allclose(views.choose_window(result), [[0, 0], [200, 200]])


class Numbers(unittest.TestCase):
    """Numbers that read well; needs nothing but Python."""

    def setUp(self):
        self.numbers = load("plotting/numbers")

    def assert_ticks(self, expected, *arguments):
        ticks = self.numbers.round_ticks(*arguments)
        self.assertEqual(len(ticks), len(expected), ticks)
        for a, b in zip(ticks, expected):
            self.assertAlmostEqual(a, b, delta=1e-12 * max(1, abs(b)))

    def test_ticks(self):
        self.assert_ticks([-5, 0, 5], -10 + 1e-6, 10 - 1e-6)
        self.assert_ticks([-10, -5, 0, 5, 10], -10, 10)
        self.assert_ticks([0.5, 0.7, 1, 1.5, 2], 0.5, 2, True)
        self.assert_ticks([0.2, 0.5, 1, 2, 5], 0.2, 5, True)
        self.assert_ticks([0.8, 1, 1.2, 1.4], 1 / 1.5, 1.5, True)
        self.assert_ticks([0.01, 0.1, 1, 10, 100], 0.01, 100, True)
        self.assert_ticks([10, 20, 50, 100], 7.91, 120, True)

    def test_rounding(self):
        for value, up, below in ((7.91, 8, 5), (1, 1, 1), (0.013, 0.015, 0.01), (1000, 1000, 1000), (3.1e-5, 4e-5, 2e-5)):
            self.assertAlmostEqual(self.numbers.round_up(value) / up, 1)
            self.assertAlmostEqual(self.numbers.round_below(value) / below, 1)

    def test_units(self):
        for largest, unit, expected in ((0.08, "m", (1e3, "mm")), (2.5, "m", (1, "m")), (3e-4, "m", (1e3, "mm")), (2e-5, "m/yr", (1e6, "µm/yr")),
                                        (2e10, "Pa", (1e-9, "GPa")), (3e6, "Pa", (1e-6, "MPa")), (5, "1", (1, "1")), (0, "m", (1, "m"))):
            self.assertEqual(self.numbers.readable_unit(largest, unit), expected)

    def test_arguments(self):
        self.assertEqual(self.numbers.joined_minus(["r", "--at", "-1,2,-3", "-o", "f"]), ["r", "--at=-1,2,-3", "-o", "f"])
        self.assertEqual(self.numbers.joined_minus(["--at=1", "-.5"]), ["--at=1", "-.5"])
        self.assertEqual(self.numbers.metres("1, -2.5 km,3e2 m"), [1, -2500, 300])
        with self.assertRaises(SystemExit):
            self.numbers.metres("1 cm")


class Render(unittest.TestCase):
    """What needs no ParaView of render.py."""

    def test_arguments(self):
        render = load("render")
        options = render.arguments(["--at", "-3000,-3000,-2 km", "result", "--window", "-1000,1000,-1 km,1 km,-1e3"])
        self.assertEqual((options.directory, options.at, options.window), ("result", [-3, -3, -2], [-1, 1, -1, 1, -1]))
        self.assertIsNone(render.arguments(["result"]).at)
        for bad, word in ((["--at", "1,2"], "3 numbers"), (["--window", "-1,2"], "5 numbers"), (["--at", "here"], "'here'")):
            with self.assertRaises(SystemExit) as refusal:
                render.arguments(["result", *bad])
            self.assertIn(word, refusal.exception.code)

    @unittest.skipIf(np is None, "numpy is not installed")
    def test_cuts_avoid_faces(self):
        render = load("render")
        lower = np.array([(0, 0, -2), (0, 0, -1)], dtype=float)
        self.assertEqual(render.off_faces([0.5, 0.4, -1.0], lower, lower + 1), [0.5, 0.4, -1.01])
        self.assertEqual(render.off_faces([0.5, 0.4, -1.5], lower, lower + 1), [0.5, 0.4, -1.5])


class Launcher(Folder):
    """scripts/run.sh passes on a signal as the one that the launcher passes on; install, build and launcher are stand-ins."""

    def run_script(self, ranks_do, *signals):
        scripts = self.folder / "scripts"
        scripts.mkdir(exist_ok=True)
        (self.folder / "mine.prm").write_text("")
        (scripts / "run.sh").write_bytes((SCRIPTS / "run.sh").read_bytes())
        for file, text in ((scripts / "install_dependencies.sh", ""), (scripts / "environment.sh", "build_jobs() { echo 1; }"),
                           (self.folder / "cmake", ""), (self.folder / "mpirun", ranks_do)):
            file.write_text("#!/bin/bash\n" + text + "\n")
            file.chmod(0o755)
        environment = {**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}"}
        process = subprocess.Popen(["bash", scripts / "run.sh", self.folder / "mine.prm"], env=environment, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True, start_new_session=True)
        for number in signals:
            time.sleep(1)
            os.killpg(process.pid, number)  # as a terminal does, to all of the group
        output = process.communicate(timeout=30)[0]
        return process.returncode, output

    def test_a_signal_becomes_one_that_the_ranks_get(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            code, output = self.run_script("trap 'echo asked; exit 3' USR1; while true; do sleep 0.1; done", number)
            self.assertEqual(code, 3, output)
            self.assertIn("asked", output)

    def test_a_second_signal_ends_all(self):
        code, output = self.run_script("trap 'echo asked' USR1; while true; do sleep 0.1; done", signal.SIGINT, signal.SIGINT)
        self.assertEqual(code, 128 + signal.SIGTERM, output)
        self.assertIn("asked", output)

    def test_without_a_signal(self):
        self.assertEqual(self.run_script("exit 0")[0], 0)
        self.assertEqual(self.run_script("exit 2")[0], 2)


@unittest.skipIf(h5py is None or "LODESTONE" not in os.environ, "matplotlib is not installed, or no program is named")
class Pbs(Folder):
    """scripts/pbs/invert.pbs with stand-ins for qstat, qsub and mpirun: there is no PBS to test it with."""

    def job(self, ranks_do, walltime="00:02:02", **variables):
        for name, text in (("qstat", f"echo ' Resource_List.walltime = {walltime}'; echo ' Resource_List.select = 2:ncpus=4'"),
                           ("qsub", 'printf "%s\\n" "$@" > qsub.txt'), ("mpirun", ranks_do)):
            file = self.folder / name
            file.write_text("#!/bin/bash\n" + text + "\n")
            file.chmod(0o755)
        (self.folder / "qsub.txt").unlink(missing_ok=True)
        environment = {**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}", "PBS_O_WORKDIR": str(self.folder), "PBS_JOBID": "7",
                       "DECK": "mine.prm", **variables}
        process = subprocess.run([SCRIPTS / "pbs" / "invert.pbs"], env=environment, capture_output=True, text=True, timeout=60)
        qsub = self.folder / "qsub.txt"
        return process, qsub.read_text().splitlines() if qsub.exists() else None

    ITERATES = 'echo "    0 1.0e+03 "; echo "    1 9.0e+02 "; '

    def test_a_job_that_is_stopped_before_its_limit_is_submitted_again(self):
        process, qsub = self.job(self.ITERATES + "trap 'exit 3' USR1; while true; do sleep 0.1; done")
        self.assertEqual(process.returncode, 3, process.stdout + process.stderr)
        self.assertIn("stopped early after 1 iterations: submitted again", process.stdout)
        self.assertEqual(qsub[:4], ["-l", "walltime=0:2:2", "-l", "select=2:ncpus=4"])
        self.assertIn("DECK=mine.prm,LODESTONE_START=2", qsub[5])

    def test_a_second_start_resumes(self):
        process, qsub = self.job('echo "$@"; exit 0', LODESTONE_START="2")
        self.assertEqual((process.returncode, qsub), (0, None))
        self.assertIn("invert mine.prm --set Optimizer/Resume=auto", process.stdout)

    def test_what_more_time_does_not_help_ends_the_chain(self):
        for ranks_do, code in (("exit 1", 1), ("exit 4", 4)):
            process, qsub = self.job(ranks_do)
            self.assertEqual((process.returncode, qsub), (code, None))
        process, qsub = self.job('echo "    5 1.0e+03 "; exit 3')
        self.assertEqual((process.returncode, qsub), (3, None))
        self.assertIn("no iteration was completed", process.stdout)
        process, qsub = self.job(self.ITERATES + "exit 3", LODESTONE_START="4", LODESTONE_RESTARTS="3")
        self.assertEqual((process.returncode, qsub), (3, None))
        self.assertIn("not submitted again after 4 starts", process.stdout)


class Cluster(Folder):
    """scripts/cluster: neither Spack nor Apptainer is needed. What they would complain of late is looked for here."""

    RECIPE, ENVIRONMENT = SCRIPTS / "cluster" / "lodestone.def", SCRIPTS / "cluster" / "spack.yaml"
    TOP = SCRIPTS.parent

    def recipe(self):
        """Header entries, and lines of each section without blanks around them."""
        header, sections = {}, {}
        for line in map(str.strip, self.RECIPE.read_text().splitlines()):
            if line.startswith("%"):
                sections[line] = lines = []
            elif sections:
                lines.append(line)
            elif line and not line.startswith("#"):
                name, _, value = line.partition(":")
                header[name] = value.strip()
        return header, sections

    def test_recipe_has_its_sections(self):
        header, sections = self.recipe()
        self.assertEqual(list(header.items()), [("Bootstrap", "docker"), ("From", "debian:bookworm")])
        self.assertEqual(set(sections), {"%files", "%post", "%environment", "%test", "%runscript", "%labels", "%help"})
        self.assertIn('exec lodestone "$@"', sections["%runscript"])
        self.assertEqual([line for line in sections["%environment"] if "THREADS" in line],
                         ["export OMP_NUM_THREADS=1", "export OPENBLAS_NUM_THREADS=1"])

    def test_recipe_copies_what_the_build_reads(self):
        _, sections = self.recipe()
        copied = dict(line.split() for line in sections["%files"] if line)
        for source, goal in copied.items():
            self.assertTrue((self.TOP / source).exists(), source)
            self.assertEqual(goal, "/opt/lodestone/" + source)
        read = {"CMakeLists.txt", "CMakePresets.json"}
        for file in ("CMakeLists.txt", "src/install.cmake"):
            text = (self.TOP / file).read_text()
            read |= {word for words in re.findall(r"install\((?:FILES|DIRECTORY) ([^$]*?) DESTINATION", text) for word in words.split()}
            read |= set(re.findall(r"(?:include|configure_file)\((src)/", text))
        self.assertGreaterEqual(read, {"src", "inputs", "meshes", "LICENSE"})
        for source in read:
            self.assertIn(source.split("/")[0], copied)
        for script in re.findall(r"scripts/\S+\.sh", "\n".join(sections["%post"])):
            self.assertTrue(os.access(self.TOP / script, os.X_OK), script)
        preset = re.search(r"--preset (\w+)", "\n".join(sections["%post"]))[1]
        self.assertIn(f'"name": "{preset}"', (self.TOP / "CMakePresets.json").read_text())
        self.assertIn(f"cmake --build build/{preset} --target lodestone --parallel 4", sections["%post"])

    @unittest.skipIf(shutil.which("shellcheck") is None, "shellcheck is not installed")
    def test_shell_parts(self):
        _, sections = self.recipe()
        for name in ("%post", "%environment", "%test", "%runscript"):
            part = self.folder / (name[1:] + ".sh")
            part.write_text("#!/bin/sh\n" + "\n".join(sections[name]) + "\n")
            self.check(part)
        for script in [*SCRIPTS.glob("slurm/*.sbatch"), *SCRIPTS.glob("pbs/*.pbs")]:
            self.check(script)

    def check(self, script):
        process = subprocess.run(["shellcheck", "--severity=warning", script], capture_output=True, text=True)
        self.assertEqual(process.returncode, 0, process.stdout)

    @unittest.skipIf(yaml is None, "python3-yaml is not installed")
    def test_environment_has_what_cmake_asks_for(self):
        content = yaml.safe_load(self.ENVIRONMENT.read_text())
        self.assertEqual(list(content), ["spack"])
        environment = content["spack"]
        self.assertEqual(environment["concretizer"], {"unify": True})
        specs = {re.match(r"[\w.-]+", spec)[0]: spec for spec in environment["specs"]}
        self.assertEqual(len(specs), len(environment["specs"]))
        cmake = (self.TOP / "CMakeLists.txt").read_text()
        for feature in re.search(r"foreach\(feature ([A-Z0-9 ]+)\)", cmake)[1].split():
            self.assertIn("+" + feature.lower(), specs["dealii"])
        for package, found in (("cmake", "cmake_minimum_required(VERSION "), ("dealii", "find_package(deal.II "), ("petsc", "PETSc>="),
                               ("proj", "proj>=")):
            least = re.search(re.escape(found) + r"([\d.]+)", cmake)[1]
            self.assertRegex(specs[package], r"@" + re.escape(least) + r"(\.\d+)?(:|\b)")
        for variant in ("+mpi", "+hypre", "+mumps"):
            self.assertIn(variant, specs["petsc"])
        self.assertIn("+mpi", specs["hdf5"])
        self.assertLessEqual({"nlohmann-json", "ninja", "pkgconf", "p4est"}, set(specs))


class Accuracy(Folder):
    def test_one_case(self):
        """A source by its half-space field is exact, one in cells of its own depth is far off; the table has what was printed."""
        process = subprocess.run([sys.executable, SCRIPTS / "accuracy.py", "--lodestone", os.environ["LODESTONE"], "--output", self.folder, "--levels", "1",
                                  "mogi at 3"], capture_output=True, text=True)
        self.assertEqual(process.returncode, 0, process.stderr)
        lines = (self.folder / "accuracy.md").read_text().splitlines()
        self.assertEqual(lines[0], "| case | formulation | Q1, d | Q2, d | cells | Q1, d: estimated | Q2, d: estimated | unknowns | adapted |")
        errors = {line.split(" | ")[1]: line.split(" | ")[2:4] for line in lines[2:]}
        self.assertEqual(errors["incident"], ["< 1e-6", "< 1e-6"])
        self.assertGreater(float(errors["mesh"][0]), float(errors["mesh"][1]))
        self.assertGreater(float(errors["mesh"][1]), 1)
        estimated = {line.split(" | ")[1]: line.split(" | ")[5:7] for line in lines[2:]}
        self.assertEqual(estimated["incident"], ["< 1e-6", "< 1e-6"])
        self.assertGreater(float(estimated["mesh"][0]), 5)
        self.assertEqual(len((self.folder / "accuracy.csv").read_text().splitlines()), 5)
        self.assertGreater(matplotlib.image.imread(self.folder / "accuracy.png").std(), 0.05)

    def test_unknown_case(self):
        process = subprocess.run([sys.executable, SCRIPTS / "accuracy.py", "--lodestone", "none", "--output", self.folder, "no such"],
                                 capture_output=True, text=True)
        self.assertEqual(process.returncode, 1)
        self.assertRegex(process.stderr, "no case is named so; known: Mogi at 3 km; .*disc load")


if __name__ == "__main__":
    unittest.main(verbosity=2)
