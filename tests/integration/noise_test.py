"""Runs with correlated errors and outliers: inputs/noise.prm, whose data come from inputs/noise_truth.prm."""
import json
import math
import re
import shutil
import unittest

from program import SOURCE, Program, run, table

class Noise(Program):
    """The scene has an atmosphere, the network four wrong values."""

    def setUp(self):
        super().setUp()
        self.inputs = self.folder / "inputs"
        self.inputs.mkdir()
        for name in ("noise.prm", "noise_truth.prm", "noise_points.csv", "noise_scene.csv", "noise_network.csv"):
            shutil.copy(SOURCE / "inputs" / name, self.inputs)

    def invert(self, *entries):
        """summary.json of a run."""
        arguments = [f for entry in entries for f in ("--set", entry)]
        process = run(["invert", "inputs/noise.prm", *arguments], self.folder, ranks=2, timeout=300)
        self.assertEqual(process.returncode, 0, process.stdout[-2000:] + process.stderr)
        self.log = process.stdout
        return json.loads((self.folder / "output" / "noise" / "summary.json").read_text(encoding="utf-8"))

    def test_data_are_those_of_the_truth(self):
        process = run(["forward", "inputs/noise_truth.prm"], self.folder, ranks=2, timeout=200)
        self.assertEqual(process.returncode, 0, process.stderr)
        for name in ("scene", "network"):
            made = table(self.folder / "output" / "noise_truth" / f"{name}.csv")
            kept = table(self.inputs / f"noise_{name}.csv")
            changed = [(column, k, b - a) for column, values in made.items() if column != "name"
                       for k, (a, b) in enumerate(zip(values, kept[column])) if abs(a - b) > 1e-6]
            expected = [] if name == "scene" else [("east", 28, 30), ("north", 15, -40), ("up", 8, 60), ("up", 21, -80)]
            self.assertEqual([(c, k) for c, k, _ in changed], [(c, k) for c, k, _ in expected])
            for (_, _, found), (_, _, added) in zip(changed, expected):
                self.assertAlmostEqual(found, added, places=5)

    def test_wrong_values_are_found_and_do_not_bend_the_model(self):
        robust = self.invert()
        case = robust["load_cases"][0]
        network = next(o for o in case["outliers"] if o["name"] == "network")
        self.assertEqual(network["misfit"], "Student-t with 4 degrees of freedom")
        self.assertGreaterEqual(network["down_weighted"], 4)
        worst = {w["datum"] for w in network["worst"][:4]}
        self.assertEqual(worst, {"up at x = -1200 m, y = -3600 m", "north at x = 1200 m, y = -1200 m", "up at x = 1200 m, y = 1200 m",
                                 "east at x = 3600 m, y = 3600 m"})
        self.assertIn("count for less than half (Student-t with 4 degrees of freedom), the worst: up at x = 1200 m, y = 1200 m (7", self.log)
        scene = next(f for f in case["fits"] if f["name"] == "scene")
        # 400 whitened residuals: chi^2/N of the truth is 1 +- 0.07, that of a fitted model is below.
        self.assertLess(abs(scene["chi2_per_datum"] - 1), 0.25)
        fit = table(self.folder / "output" / "noise" / "fit_scene.csv")
        whitened = fit["standardized residual [1]"]
        self.assertAlmostEqual(sum(r * r for r in whitened) / 400, scene["chi2_per_datum"], places=6)
        self.assertAlmostEqual(fit["sigma [mm]"][0], math.sqrt(17), places=6)

    def test_noise_is_estimated(self):
        # A scene of 2,116 points, 320 m apart, with an atmosphere of 16 mm^2 over 1.2 km: some 36 patches of 2 ranges.
        points = "x,y,incidence,heading\n" + "".join(f"{-7200 + 320 * i},{-7200 + 320 * j},38,-12\n" for j in range(46) for i in range(46))
        (self.inputs / "noise_points.csv").write_text(points)
        scene = "Load cases/depletion/scene/"
        process = run(["forward", "inputs/noise_truth.prm", "--set", scene + "Range=1200", "--set", "Material/Young modulus=20 GPa"], self.folder, ranks=2, timeout=200)
        self.assertEqual(process.returncode, 0, process.stderr)
        shutil.copy(self.folder / "output" / "noise_truth" / "scene.csv", self.inputs / "noise_scene.csv")
        shutil.copy(self.folder / "output" / "noise_truth" / "network.csv", self.inputs / "noise_network.csv")
        self.invert("Material/Unknowns=none", "Load cases/depletion/reservoir/Strength=estimate", scene + "Estimate noise=yes", scene + "Sill=5 mm^2", scene + "Range=3 km", scene + "Nugget=2")
        found = re.search(r"noise estimated from its residuals: exponential, sill (\S+) mm\^2, range (\S+) m, nugget (\S+) sigma\^2", self.log)
        sill, length = float(found[1]), float(found[2])
        self.assertLess(abs(sill / 16 - 1), 0.25)
        self.assertLess(abs(length / 1200 - 1), 0.25)
        variogram = table(self.folder / "output" / "noise" / "variogram_scene.csv")
        self.assertGreater(len(variogram["pairs"]), 20)
        # The second minimisation has whitened residuals of variance near 1.
        chi2 = table(self.folder / "output" / "noise" / "fit_scene.csv")["standardized residual [1]"]
        self.assertLess(abs(sum(r * r for r in chi2) / len(chi2) - 1), 0.15)


if __name__ == "__main__":
    unittest.main()
