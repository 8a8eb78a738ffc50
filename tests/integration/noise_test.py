"""Runs with correlated errors and outliers: inputs/noise.prm, whose data come from inputs/noise_truth.prm."""
import json
import math
import re
import shutil
import unittest

from program import SOURCE, Program, check_going_on, run, table

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

    def test_a_run_goes_on_with_what_it_had_estimated(self):
        points = "x,y,incidence,heading\n" + "".join(f"{-7200 + 640 * i},{-7200 + 640 * j},38,-12\n" for j in range(23) for i in range(23))
        (self.inputs / "noise_points.csv").write_text(points)
        scene = "Load cases/depletion/scene/"
        self.run_well("forward", "inputs/noise_truth.prm", "--set", scene + "Range=1200", "--set", "Mesh/Cells=8,8,4")
        for name in ("scene", "network"):
            shutil.copy(self.folder / "output" / "noise_truth" / f"{name}.csv", self.inputs / f"noise_{name}.csv")
        entries = ["Mesh/Cells=8,8,4", "Prior/Weight=discrepancy", scene + "Estimate noise=yes", scene + "Sill=20 mm^2", scene + "Range=3 km",
                   scene + "Nugget=1", "Load cases/depletion/network/Misfit=Gaussian", "Optimizer/Checkpoint interval=0"]
        # The second of two estimates is near the first, and the weight is looked for in the end.
        check_going_on(self, "inputs/noise.prm", entries, {2: 0, 8: 1, 15: 1}, "noise as estimated before the checkpoint: exponential, sill 17.9 mm^2")

    def test_noise_is_estimated_before_the_weight(self):
        # As above with 256 unknown cells: a sill that is too large, a range that is too long to start with, and no weight.
        points = "x,y,incidence,heading\n" + "".join(f"{-7200 + 320 * i},{-7200 + 320 * j},38,-12\n" for j in range(46) for i in range(46))
        (self.inputs / "noise_points.csv").write_text(points)
        scene = "Load cases/depletion/scene/"
        process = run(["forward", "inputs/noise_truth.prm", "--set", scene + "Range=1200", "--set", "Mesh/Cells=8,8,4"], self.folder, timeout=200)
        self.assertEqual(process.returncode, 0, process.stderr)
        for name in ("scene", "network"):
            shutil.copy(self.folder / "output" / "noise_truth" / f"{name}.csv", self.inputs / f"noise_{name}.csv")
        summary = self.invert("Mesh/Cells=8,8,4", "Prior/Weight=discrepancy", scene + "Estimate noise=yes", scene + "Sill=20 mm^2", scene + "Range=3 km",
                              scene + "Nugget=1", "Load cases/depletion/network/Misfit=Gaussian")
        found = re.findall(r"noise estimated from its residuals: exponential, sill (\S+) mm\^2, range (\S+) m, nugget", self.log)
        sill, length = (float(number) for number in found[-1])
        self.assertLess(abs(sill / 16 - 1), 0.25)
        self.assertLess(abs(length / 1200 - 1), 0.25)
        self.assertIn("the weight of the prior is 1 until the noise is estimated", self.log)
        self.assertLess(abs(summary["chi2_per_datum"] - 1), 0.02)
        self.assertNotIn("follows most of the errors", self.log)

    def test_verify_with_the_rotation_of_a_network(self):
        """Verify of all forms of the term, and the proof that the term is in what verify tests: when the data turn about a pole, J changes only by
        rounding. The pole is far from the network, so that the motion is a translation, too."""
        turned = {}
        for name in ("network", "scene"):
            rows = [line for line in (self.inputs / f"noise_{name}.csv").read_text().splitlines() if not line.startswith("#")]
            header, text = rows[0].split(","), [rows[0]]
            for row in rows[1:]:
                values = dict(zip(header, row.split(",")))
                turn, x, y = 2e-6, float(values["x"]) - 31e3, float(values["y"]) + 17e3
                east, north = -1e3 * turn * y, 1e3 * turn * x  # mm
                if name == "network":
                    values["east"], values["north"] = repr(float(values["east"]) + east), repr(float(values["north"]) + north)
                else:
                    i, h = math.radians(float(values["incidence"])), math.radians(float(values["heading"]))
                    values["los"] = repr(float(values["los"]) - math.sin(i) * math.cos(h) * east + math.sin(i) * math.sin(h) * north)
                text.append(",".join(values[column] for column in header))
            turned[name] = f"turned_{name}.csv"
            (self.inputs / turned[name]).write_text("# units: mm\n" + "\n".join(text) + "\n")
        case = "Load cases/depletion/"

        def remainders(*entries):
            log = self.run_well("verify", "inputs/noise.prm", *(f for entry in entries + ("Mesh/Cells=6,6,4",) for f in ("--set", entry))).stdout
            self.assertEqual(log.rstrip().splitlines()[-1], "PASS")
            return [float(number) for number in re.search(r"\n +5\.00e-01 +(.*)\n", log)[1].split()]

        network_turned, both_turned = (case + f"network/File={turned['network']}",), tuple(case + f"{name}/File={file}" for name, file in turned.items())
        rotation = (case + "network/Nuisance=offset, rotation",)
        shared = rotation + (case + "network/Shared nuisance=frame", case + "scene/Nuisance=offset, rotation", case + "scene/Shared nuisance=frame")
        gaussian = (case + "network/Misfit=Gaussian",)
        for entries, moved in ((rotation, network_turned), (rotation + gaussian, network_turned),
                               (shared + gaussian + (case + "scene/Noise=gaussian",), both_turned), (shared, both_turned)):
            with self.subTest(entries):
                # Digits of the table; a robust misfit's terms are eliminated in iterations that end at 1e-10.
                for still, turning in zip(remainders(*entries), remainders(*entries, *moved)):
                    self.assertLess(abs(turning / still - 1), 2e-6)
        with self.subTest("an offset alone"):
            offset = (case + "network/Nuisance=offset",)
            still, turning = remainders(*offset)[0], remainders(*offset, *network_turned)[0]
            self.assertGreater(abs(turning / still - 1), 0.001)


class Weights(Program):
    """inputs/weights.prm: a network with its sigma of 1 mm, and a radar whose errors have three times its sigma of 1 mm."""

    def setUp(self):
        super().setUp()
        inputs = self.folder / "inputs"
        inputs.mkdir()
        for name in ("weights.prm", "weights_truth.prm", "weights_points.csv", "weights_network.csv", "weights_radar.csv"):
            shutil.copy(SOURCE / "inputs" / name, inputs)

    def invert(self, *entries):
        self.log = self.run_well("invert", "inputs/weights.prm", *(f for entry in entries for f in ("--set", entry))).stdout
        return json.loads((self.folder / "output" / "weights" / "summary.json").read_text(encoding="utf-8"))

    def test_data_are_those_of_the_truth(self):
        self.run_well("forward", "inputs/weights_truth.prm")
        for name in ("network", "radar"):
            made = table(self.folder / "output" / "weights_truth" / f"{name}.csv")
            for column, values in table(self.folder / "inputs" / f"weights_{name}.csv").items():
                factor = 3 if column == "sigma" else 1
                for a, b in zip(made[column], values):
                    self.assertLess(abs(a - factor * b), 1e-6 * max(abs(v) for v in made[column]))

    def test_a_run_goes_on_with_the_factors_it_had_found(self):
        check_going_on(self, "inputs/weights.prm", ["Optimizer/Checkpoint interval=0"], {20: 0, 60: 1},
                       "noise as estimated before the checkpoint: independent, sigma times 2.")

    def test_factors_of_sigma(self):
        found = self.invert()["variance_components"]
        self.assertTrue(found["relative"])
        network, radar = found["data_sets"]
        self.assertEqual(network["applied_factor"], 1)
        self.assertLess(abs(radar["applied_factor"] / 3 - 1), 0.25)
        self.assertLess(abs(radar["factor"] - 1), 0.06)
        self.assertIn("Prior/Weight = discrepancy, which is the default: the weight is looked for at which chi^2/N is 1", self.log)
        self.assertRegex(self.log, r"Weights = estimate: sigma of the data sets times network 1; radar 2\.\d+")
        # Sigma in the fits is the one that was used.
        self.assertAlmostEqual(table(self.folder / "output" / "weights" / "fit_radar.csv")["sigma [mm]"][7], radar["applied_factor"], delta=1e-6)
        # With a weight that is given the level counts, too: 3 is the weight found with a sigma of the radar of 3 mm.
        found = self.invert("Prior/Weight=3")["variance_components"]
        self.assertFalse(found["relative"])
        network, radar = found["data_sets"]
        self.assertLess(abs(network["applied_factor"] - 1), 0.25)
        self.assertLess(abs(radar["applied_factor"] / 3 - 1), 0.25)

    def test_report_alone_changes_nothing(self):
        found = self.invert("Load cases/Weights=given", "Prior/Weight=3", "Load cases/lake/radar/Sigma=3 mm")
        self.assertEqual([s["applied_factor"] for s in found["variance_components"]["data_sets"]], [1, 1])
        for each in found["variance_components"]["data_sets"]:
            self.assertLess(abs(each["factor"] - 1), 0.25)
        self.assertIn("variance components: the factor of each set's sigma that its residuals ask for", self.log)
        self.assertNotIn("Weights = estimate", self.log)

    def test_l_curve(self):
        summary = self.invert("Load cases/Weights=given", "Load cases/lake/radar/Sigma=3 mm", "Prior/Weight=l-curve")
        self.assertRegex(self.log, "the L-curve bends most at the weight|the L-curve has no corner")
        self.assertGreater(len(table(self.folder / "output" / "weights" / "weight_path.csv")["weight"]), 5)
        self.assertGreater(summary["prior_weight"], 0)

    def test_verify_of_every_term(self):
        """The derivatives of a problem with one noise, misfit or nuisance term after the other."""
        inputs = self.folder / "inputs"
        rows = (inputs / "weights_radar.csv").read_text().splitlines()
        at = next(i for i, row in enumerate(rows) if row.startswith("x,"))
        heights = [rows[at] + ",height"] + [f"{row},{10 * (k % 17)}" for k, row in enumerate(rows[at + 1:])]
        (inputs / "heights.csv").write_text("\n".join(heights[:40]) + "\n")
        (inputs / "covariance.txt").write_text("\n".join(" ".join(f"{math.exp(-abs(i - j) / 4)!r}" for j in range(39)) for i in range(39)) + "\n")
        stations = (inputs / "weights_network.csv").read_text().splitlines()
        at = next(i for i, row in enumerate(stations) if row.startswith("x,"))
        (inputs / "stations.csv").write_text("\n".join([stations[at] + ",corr_eu"] + [row + ",0.6" for row in stations[at + 1:]]) + "\n")
        radar, network = "Load cases/lake/radar/", "Load cases/lake/network/"
        for entries in ([radar + "Noise=exponential", radar + "Sill=0.7", radar + "Range=1 km", radar + "Nugget=0.3"],
                        [radar + "Noise=matrix", radar + "Covariance file=covariance.txt", radar + "File=heights.csv"],
                        [network + "File=stations.csv"],
                        [radar + "Misfit=Huber"], [radar + "Misfit=Student-t"],
                        [radar + "Misfit=Student-t", radar + "Noise=spherical", radar + "Sill=1", radar + "Range=1 km", radar + "Nugget=0.2"],
                        [radar + "Nuisance=quadratic", network + "Nuisance=ramp"],
                        [radar + "Nuisance=ramp, elevation", radar + "File=heights.csv"],
                        [radar + "Shared nuisance=frame", network + "Shared nuisance=frame"],
                        ["Load cases/lake/water/Strength=estimate", radar + "Misfit=Huber"]):
            with self.subTest(entries):
                log = self.run_well("verify", "inputs/weights.prm", *(f for entry in entries + ["Mesh/Cells=10,4"] for f in ("--set", entry))).stdout
                self.assertEqual(log.rstrip().splitlines()[-1], "PASS")

    def test_covariances_are_refused_before_the_mesh(self):
        rows = [" ".join("1" if i == j or {i, j} == {3, 4} else "0" for j in range(161)) for i in range(161)]
        (self.folder / "inputs" / "covariance.txt").write_text("\n".join(rows) + "\n")
        process = run(["invert", "inputs/weights.prm", "--set", "Load cases/lake/radar/Noise=matrix", "--set", "Load cases/lake/radar/Covariance file=covariance.txt"],
                      self.folder)
        self.assertEqual(process.returncode, 1)
        self.assertIn("is not positive definite: the error of x = -7600 m follows from the errors of the data before it", process.stderr)
        self.assertNotIn("mesh:", process.stdout)

    def test_discrepancy_on_a_mesh_that_is_adapted(self):
        log = self.run_well("invert", "inputs/weights.prm", "--set", "Load cases/Weights=given", "--set", "Load cases/lake/radar/Sigma=3 mm",
                            "--set", "Mesh/Adapt=yes", "--set", "Mesh/Target=0.4").stdout
        at_start, at_end = log.split("chi^2/N", 1)
        self.assertRegex(at_start, r"(?s)480 cells, .*rms 0\.5 sigma.*540 cells")
        self.assertIn("adapting the mesh", at_end)
        self.assertEqual(log.count("which is the default: the weight is looked for"), 2)
        summary = json.loads((self.folder / "output" / "weights" / "summary.json").read_text(encoding="utf-8"))
        self.assertLess(abs(summary["chi2_per_datum"] - 1), 0.02)
        self.assertTrue(summary["stop"]["converged"])


if __name__ == "__main__":
    unittest.main()
