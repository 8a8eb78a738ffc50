"""Inversions that begin on coarser meshes find what those on the mesh of the deck alone find, also when they are stopped on the way."""
import json
import shutil
import unittest

from program import SOURCE, Program, run, table

# Tight enough that minimisers can be compared; the data of good.prm have errors, so the prior matters.
TIGHT = ["--set", "Optimizer/Gradient tolerance=1e-7", "--set", "Solver/Tolerance=1e-12", "--set", "Solver/Method=direct"]
COARSER = ["--set", "Optimizer/Continuation levels=1"]


class Continuation(Program):
    def summary(self, folder="results"):
        return json.loads((self.folder / folder / "summary.json").read_text())

    def test_the_minimiser_is_that_of_the_finest_mesh_on_any_number_of_ranks(self):
        self.run_well("invert", "good.prm", *TIGHT, "--set", "Output directory=alone")
        alone = self.summary("alone")
        self.assertNotIn("continuation", alone)
        for ranks in (1, 2, 3):
            log = self.run_well("invert", "good.prm", *TIGHT, *COARSER, ranks=ranks).stdout
            found = self.summary()
            self.assertLess(abs(found["J"] / alone["J"] - 1), 1e-9)
            for a, b in zip(found["recovered"], alone["recovered"]):
                self.assertLess(abs(a["smallest"] / b["smallest"] - 1), 1e-5)
                self.assertLess(abs(a["largest"] / b["largest"] - 1), 1e-5)
            levels = found["continuation"]
            self.assertEqual([level["cells"] for level in levels], [24, 192])
            self.assertEqual([level["unknowns"] for level in levels], [24, 192])
            self.assertEqual(sum(level["iterations"] for level in levels), found["iterations"])
            self.assertLess(abs(levels[-1]["J"] / found["J"] - 1), 1e-12)
            self.assertIn("continuation, mesh 1 of 2: 24 cells", log)
            self.assertIn("continuation, mesh 2 of 2: 192 cells", log)

    def test_other_priors_and_unknowns_by_zone(self):
        zones = ["--set", "Mesh/Zones=west, east", "--set", "Mesh/west/Region=x < 0", "--set", "Mesh/east/Region=1",
                 "--set", "Material/Parameter cells=zones", "--set", "Prior/Type=Tikhonov"]
        for change in (["--set", "Prior/Type=Matern"], ["--set", "Prior/Type=TV"], zones,
                       ["--set", "Material/Lower bound=12 GPa", "--set", "Material/Upper bound=30 GPa"]):
            self.run_well("invert", "good.prm", *TIGHT, *change, "--set", "Output directory=alone", "--set", "Optimizer/Gradient tolerance=1e-5")
            self.run_well("invert", "good.prm", *TIGHT, *change, *COARSER, "--set", "Optimizer/Gradient tolerance=1e-5", ranks=2)
            self.assertLess(abs(self.summary()["J"] / self.summary("alone")["J"] - 1), 1e-6, change)

    def test_a_run_that_is_stopped_on_a_coarser_mesh_goes_on_there(self):
        self.run_well("invert", "good.prm", *TIGHT, *COARSER, "--set", "Output directory=whole")
        whole = self.summary("whole")
        self.assertGreater(whole["continuation"][0]["iterations"], 2)
        process = run(["invert", "good.prm", *TIGHT, *COARSER, "--set", "Optimizer/Maximum iterations=2"], self.folder)
        self.assertEqual(process.returncode, 3, process.stdout + process.stderr)
        self.assertIn("the run ends on a coarser mesh", process.stdout)
        self.assertEqual(self.summary()["n_unknowns"], 192)
        process = run(["invert", "good.prm", *TIGHT, "--set", "Optimizer/Resume=yes"], self.folder)
        self.assertEqual(process.returncode, 1)
        self.assertIn("was stopped before 1 finer mesh", process.stderr)
        self.run_well("invert", "good.prm", *TIGHT, *COARSER, "--set", "Optimizer/Resume=yes", ranks=2)
        resumed = self.summary()
        self.assertLess(abs(resumed["J"] / whole["J"] - 1), 1e-9)
        self.assertEqual([level["cells"] for level in resumed["continuation"]], [24, 192])
        self.assertEqual(table(self.folder / "results" / "history.csv")["iteration"][:3], [0, 1, 2])

    def test_the_weight_is_chosen_on_the_coarsest_mesh(self):
        # With sigma = 0.5 mm the coarser mesh cannot fit the data to their noise, and the next one begins anew.
        log = self.run_well("invert", "good.prm", *COARSER, "--set", "Prior/Weight=discrepancy").stdout
        self.assertIn("on this mesh no weight of the prior fits the data", log)
        self.assertAlmostEqual(self.summary()["continuation"][-1]["chi2_per_datum"], 1, delta=0.02)
        self.run_well("invert", "good.prm", *COARSER, "--set", "Prior/Weight=discrepancy", "--set", "Load cases/only/gnss/Sigma=2 mm")
        coarse, fine = self.summary()["continuation"]
        path = table(self.folder / "results" / "weight_path.csv")
        history = table(self.folder / "results" / "history.csv")
        self.assertAlmostEqual(path["weight"][-1] / coarse["prior_weight"], 1, delta=1e-9)
        self.assertEqual(fine["prior_weight"], coarse["prior_weight"])
        self.assertEqual(sum(path["iterations"]), coarse["iterations"])
        on_fine = {w for k, w in zip(history["iteration"], history["prior weight"]) if k > coarse["iterations"]}
        self.assertEqual(on_fine, {fine["prior_weight"]})
        self.assertAlmostEqual(coarse["chi2_per_datum"], 1, delta=0.05)

    def test_the_deck(self):
        inputs = self.folder / "inputs"
        inputs.mkdir()
        for file in ("continuation.prm", "quickstart_shallow.csv", "quickstart_deep.csv"):
            shutil.copy(SOURCE / "inputs" / file, inputs)
        log = self.run_well("invert", "inputs/continuation.prm", ranks=2).stdout
        found = self.summary("output/continuation")
        self.assertEqual([level["cells"] for level in found["continuation"]], [864, 6912])
        self.assertLess(abs(found["chi2_per_datum"] - 1), 0.05)  # the quickstart's weight is that of chi^2/N = 1
        self.assertIn("continuation: what the minimisation on each mesh took", log)


if __name__ == "__main__":
    unittest.main()
