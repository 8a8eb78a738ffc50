"""Priors as a user meets them: samples before any data are read, edges that are kept, means from earlier runs, runs that go on."""
import json
import math
import shutil
import unittest
import xml.etree.ElementTree as xml

from program import SOURCE, Program, run, table, vtk_pieces

BLOCK = math.log(0.3)  # ln(E/E0) of the block in edges_truth.prm


class Samples(Program):
    def samples(self):
        folder = self.folder / "results" / "prior"
        files = [entry.get("file") for entry in xml.parse(folder / "samples.pvd").iter("DataSet")]
        name = next(name for name in vtk_pieces(folder / files[0])[0] if name.startswith("m_"))
        return [[value for piece in vtk_pieces(folder / file) for value in piece[name]] for file in files]

    def test_samples_need_no_data_and_tell_what_one_sigma_means(self):
        text = self.run_well("sample", "good.prm", "--samples", "3", "--set", "Prior/Type=Matern",
                             "--set", "Load cases/only/gnss/File=no_such_file.csv").stdout
        self.assertRegex(text, r"one sigma of the prior: E is [\d.]+ to [\d.]+ GPa")
        samples = self.samples()
        self.assertEqual(len(samples), 3)
        self.assertNotEqual(samples[0], samples[1])
        deviation = math.sqrt(sum(m * m for sample in samples for m in sample) / sum(map(len, samples)))
        self.assertGreater(deviation, 0.1)
        self.assertLess(deviation, 0.6)  # 0.3 is asked for, and three samples are few
        two = self.run_well("sample", "good.prm", "--samples=3", "--set", "Prior/Type=Matern", ranks=2)
        self.assertIn("samples.pvd", two.stdout)
        for one, other in zip(samples, self.samples()):
            self.assertLess(max(abs(a - b) for a, b in zip(sorted(one), sorted(other))), 1e-8)

    def test_what_cannot_be_sampled_is_refused(self):
        for change, text in (("Prior/Type=TV", "samples of total variation are not offered"),
                             ("Material/Unknowns=none", "nothing to sample")):
            process = run(["sample", "good.prm", "--set", change], self.folder)
            self.assertEqual(process.returncode, 1)
            self.assertIn(text, process.stderr)
        for count in ("0", "many", "-1", "1.5"):
            process = run(["sample", "good.prm", "--samples", count], self.folder)
            self.assertEqual(process.returncode, 1)
            self.assertIn("is no number of samples", process.stderr)


class Types(Program):
    def test_matern_is_the_default_and_raw_weights_mean_h1(self):
        template = self.run_well("template").stdout
        self.assertRegex(template, r"set Type += Matern")
        deck = (self.folder / "good.prm").read_text()
        self.assertIn("  set Type                          = H1\n", deck)
        (self.folder / "untyped.prm").write_text(deck.replace("  set Type                          = H1\n", ""))
        raw = ["--set", "Prior/Gradient weight=1e-3", "--set", "Prior/Mass weight=1e-10"]
        self.run_well("invert", "untyped.prm", *raw, "--set", "Output directory=untyped")
        self.run_well("invert", "good.prm", *raw)
        self.assertEqual(self.history("untyped")["J"], self.history()["J"])
        self.assertRegex((self.folder / "untyped" / "parameters.prm").read_text(), r"set Type += H1")
        log = self.run_well("invert", "untyped.prm").stdout
        self.assertIn("one sigma of the prior", log)  # which Matern alone has


class Means(Program):
    def test_the_model_of_an_earlier_run_is_the_mean(self):
        self.run_well("invert", "good.prm", "--set", "Output directory=first")
        self.run_well("invert", "good.prm", "--set", "Prior/Mean=results first/results.h5", "--set", "Optimizer/Start model=first/results.h5")
        prior = self.history()["prior"]
        self.assertLess(prior[0], 1e-20)  # the start is the mean
        self.assertGreater(table(self.folder / "first" / "history.csv")["prior"][-1], 1e-3)

    def test_a_table_of_depth_and_a_zone_give_mean_and_standard_deviation(self):
        (self.folder / "beliefs.csv").write_text("depth [km],mean,standard_deviation\n0,-0.5,0.4\n3,0,0.2\n")
        text = self.run_well("sample", "good.prm", "--samples", "20", "--set", "Prior/Type=Matern", "--set", "Prior/Mean=table beliefs.csv",
                             "--set", "Prior/Standard deviation=table beliefs.csv").stdout
        self.assertRegex(text, r"standard deviation of .*, over all cells of 20 samples: 0\.(1|2|3)")


class Section(Program):
    """A section with two lakes: inputs/DECK_truth.prm makes the data of inputs/DECK.prm."""

    deck = ""
    fields = "m_"  # what their names begin with

    def setUp(self):
        super().setUp()
        inputs = self.folder / "inputs"
        inputs.mkdir()
        for file in (SOURCE / "inputs").glob(f"{self.deck}*"):
            shutil.copy(file, inputs)

    def check_data(self):
        self.run_well("forward", f"inputs/{self.deck}_truth.prm")
        for case in ("west_lake", "east_lake"):
            made = table(self.folder / "output" / f"{self.deck}_truth" / f"{case}_levelling.csv")
            for column, values in table(SOURCE / "inputs" / f"{self.deck}_{case}.csv").items():
                largest = max(abs(v) for v in values)
                for a, b in zip(made[column], values):
                    self.assertLess(abs(a - b), 1e-8 * largest, column)

    def invert(self, *arguments, output=""):
        """The history of an inversion, and x, z and the list of fields of every cell."""
        results = self.folder / "output" / (output or self.deck)
        self.run_well("invert", f"inputs/{self.deck}.prm", *arguments, "--set", f"Output directory=../output/{results.name}")
        return table(results / "history.csv"), self.cells(results)

    def cells(self, results):
        last = [entry.get("file") for entry in xml.parse(results / "inversion.pvd").iter("DataSet")][-1]
        found = []
        for piece in vtk_pieces(results / last):
            names = [name for name in piece if name.startswith(self.fields)]
            points, corners = piece["Points"], piece["connectivity"]
            n = len(corners) // len(piece[names[0]])
            for k in range(len(piece[names[0]])):
                x = [sum(points[3 * p + d] for p in corners[n * k:n * k + n]) / n for d in range(2)]
                found.append((*x, [piece[name][k] for name in names]))
        return found


def rms(values):
    values = list(values)
    return math.sqrt(sum(v * v for v in values) / len(values))


class Fault(Section):
    """Cut, zones and dip: the basin is found, and its border at the fault is sharper than without the cut."""

    deck = "fault"

    @staticmethod
    def truth(x, z):
        return math.log(0.4) if x - 1000 + 0.5 * z < 0 and z > -1500 - 0.176 * (x + 4000) else 0.

    def test_the_basin_ends_at_the_fault(self):
        self.check_data()
        history, cells = self.invert()
        self.assertLess(history["chi2 per datum"][-1], 1.1)
        basin = [m[0] for x, z, m in cells if self.truth(x, z) < 0 and z > -1500 and abs(x) < 5000]
        self.assertLess(abs(sum(basin) / len(basin) / math.log(0.4) - 1), 0.2)
        _, uncut = self.invert("--set", "Prior/Cut at=", output="uncut")

        def error(model):
            """Within a kilometre of the fault, down to the floor of the basin."""
            return rms(m[0] - self.truth(x, z) for x, z, m in model if abs(x - 1000 + 0.5 * z) < 1000 and z > -2000)
        self.assertLess(error(cells), 0.85 * error(uncut))


class TwoFields(Section):
    """Correlated fields: Poisson's ratio, of which the data tell little, follows Young's modulus."""

    deck = "two_fields"
    fields = "poisson"

    @staticmethod
    def truth(x, z):
        return 0.25 + 0.12 * math.exp(-((x + 1500) / 2000)**2 - ((z + 1200) / 1000)**2)

    def test_poissons_ratio_follows(self):
        self.check_data()
        history, cells = self.invert()
        self.assertLess(history["chi2 per datum"][-1], 1.1)
        _, apart = self.invert("--set", "Prior/Field correlation=0", output="apart")

        def error(model):
            return rms(nu[0] - self.truth(x, z) for x, z, nu in model if self.truth(x, z) > 0.29)
        self.assertLess(error(cells), 0.75 * error(apart))
        self.assertGreater(max(nu[0] for _, _, nu in cells), 0.31)
        for _, _, (nu, change) in cells:
            self.assertAlmostEqual(change, nu - 0.25, places=12)
        self.assertLess(max(nu[0] for _, _, nu in apart), 0.3)


class Edges(Section):
    """Total variation: a block with sharp borders."""

    deck = "edges"

    def test_the_block_is_found_and_a_stopped_run_goes_on(self):
        self.check_data()
        history, cells = self.invert()
        self.assertLess(abs(history["chi2 per datum"][-1] - 1), 0.02)
        weight = json.loads((self.folder / "output" / "edges" / "summary.json").read_text(encoding="utf-8"))["prior_weight"]
        is_inside = lambda x, z: abs(x + 1500) < 2000 and abs(z + 1500) < 1000
        inside = [m[0] for x, z, m in cells if is_inside(x, z)]
        outside = [m[0] for x, z, m in cells if not is_inside(x, z)]
        self.assertLess(abs(sum(inside) / len(inside) / BLOCK - 1), 0.3)
        self.assertLess(abs(sum(outside) / len(outside)), 0.2 * abs(BLOCK))

        # At the weight that was found the plain minimisation finds the same model, in two parts, too.
        given = ["--set", f"Prior/Weight={weight!r}"]
        stopped = run(["invert", "inputs/edges.prm", *given, "--set", "Optimizer/Maximum iterations=8"], self.folder)
        self.assertEqual(stopped.returncode, 3, stopped.stdout[-2000:])
        self.run_well("invert", "inputs/edges.prm", *given, "--set", "Optimizer/Resume=yes")
        resumed = table(self.folder / "output" / "edges" / "history.csv")
        self.assertEqual(resumed["iteration"][:12], list(range(12)))
        # Both stop at |g| = 1e-4 |g0| of a problem with flat places.
        self.assertLess(abs(resumed["J"][-1] / history["J"][-1] - 1), 2e-3)


if __name__ == "__main__":
    unittest.main()
