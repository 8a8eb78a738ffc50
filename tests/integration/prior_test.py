"""Priors as a user meets them: samples before any data are read, edges that are kept, means from earlier runs, runs that go on."""
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


class Edges(Program):
    """inputs/edges_truth.prm makes the data of inputs/edges.prm."""

    def setUp(self):
        super().setUp()
        inputs = self.folder / "inputs"
        inputs.mkdir()
        for file in (SOURCE / "inputs").glob("edges*"):
            shutil.copy(file, inputs)

    def cells(self):
        """Whether a cell is in the block, and its m."""
        results = self.folder / "output" / "edges"
        last = [entry.get("file") for entry in xml.parse(results / "inversion.pvd").iter("DataSet")][-1]
        found = []
        for piece in vtk_pieces(results / last):
            name = next(name for name in piece if name.startswith("m_"))
            points, corners = piece["Points"], piece["connectivity"]
            n = len(corners) // len(piece[name])
            for k, m in enumerate(piece[name]):
                x = [sum(points[3 * p + d] for p in corners[n * k:n * k + n]) / n for d in range(3)]
                found.append((abs(x[0] + 1500) < 2000 and abs(x[1] + 1500) < 1000, m))
        return found

    def test_the_block_is_found_and_a_stopped_run_goes_on(self):
        self.run_well("forward", "inputs/edges_truth.prm")
        for case in ("west_lake", "east_lake"):
            made = table(self.folder / "output" / "edges_truth" / f"{case}_levelling.csv")
            for column, values in table(SOURCE / "inputs" / f"edges_{case}.csv").items():
                largest = max(abs(v) for v in values)
                for a, b in zip(made[column], values):
                    self.assertLess(abs(a - b), 1e-8 * largest, column)
        self.run_well("invert", "inputs/edges.prm")
        history = table(self.folder / "output" / "edges" / "history.csv")
        self.assertLess(history["chi2 per datum"][-1], 1.2)
        inside = [m for is_inside, m in self.cells() if is_inside]
        outside = [m for is_inside, m in self.cells() if not is_inside]
        self.assertLess(abs(sum(inside) / len(inside) / BLOCK - 1), 0.3)
        self.assertLess(abs(sum(outside) / len(outside)), 0.2 * abs(BLOCK))

        stopped = run(["invert", "inputs/edges.prm", "--set", "Optimizer/Maximum iterations=8"], self.folder)
        self.assertEqual(stopped.returncode, 3, stopped.stdout[-2000:])
        self.run_well("invert", "inputs/edges.prm", "--set", "Optimizer/Resume=yes")
        resumed = table(self.folder / "output" / "edges" / "history.csv")
        self.assertEqual(resumed["iteration"][:12], list(range(12)))
        # Both stop at |g| = 1e-4 |g0| of a problem with flat places.
        self.assertLess(abs(resumed["J"][-1] / history["J"][-1] - 1), 2e-3)


if __name__ == "__main__":
    unittest.main()
