"""The discretization error in logs and results, and inversions on meshes that are adapted to it."""
import json
import math
import re
import unittest

from program import Program, run, table, vtk_pieces


class DiscretizationError(Program):
    """The coarse mesh of good.prm makes its own twin wrong by more than sigma."""

    def test_it_stands_where_the_fit_is(self):
        log = self.run_well("invert", "good.prm").stdout
        lines = re.findall(r"^  gnss: rms (\S+) sigma, largest (\S+) sigma at (\(.*\) m) ", log, re.M)
        self.assertEqual(len(lines), 2)  # at the start and at the final model
        self.assertRegex(log, r"warning: data set gnss of load case only: the cells are so large that its predictions are off by .* sigma \(rms\).* "
                              r"Remedies: Mesh/Adapt = yes or Solver/Element degree = 2 \(about .* sigma\) or Mesh/Refinements = [12] \(about .* sigma\)\.")
        fit = table(self.folder / "results" / "fit_gnss.csv")
        ratios = [e / s for e, s in zip(fit["discretization error [m]"], fit["sigma [m]"])]
        rms = math.sqrt(sum(r * r for r in ratios) / len(ratios))
        worst = max(range(len(ratios)), key=lambda i: abs(ratios[i]))
        summary = json.loads((self.folder / "results" / "summary.json").read_text())["load_cases"][0]["discretization_error"][0]
        self.assertAlmostEqual(summary["rms"], rms, delta=1e-9 * rms)
        self.assertAlmostEqual(summary["largest"], abs(ratios[worst]), delta=1e-9 * rms)
        self.assertEqual(summary["at"], f"({fit['x [m]'][worst]:g}, {fit['y [m]'][worst]:g}) m")
        self.assertAlmostEqual(float(lines[1][0]), rms, delta=0.05 * rms)
        self.assertEqual(lines[1][2], summary["at"])
        self.assertIn(b"discretization_error", (self.folder / "results" / "results.h5").read_bytes())
        piece, = vtk_pieces(self.folder / "results" / "fit_gnss.vtp")
        self.assertAlmostEqual(max(abs(v) for v in piece["discretization_error_m"]), max(abs(e) for e in fit["discretization error [m]"]), delta=1e-12)

        log = self.run_well("invert", "good.prm", "--set", "Mesh/Estimate error=no", "--set", "Output directory=without").stdout
        self.assertNotIn("discretization error", log)
        self.assertNotIn("discretization error [m]", table(self.folder / "without" / "fit_gnss.csv"))
        self.assertNotIn("discretization_error", (self.folder / "without" / "summary.json").read_text())

    def test_its_sign_is_that_of_the_error(self):
        """Predictions less their errors are nearer to those of quadratic elements on cells of half the size."""
        options = ["--set", "Material/Unknowns=none"]
        self.run_well("invert", "good.prm", *options, "--set", "Output directory=coarse", "--set", "Mesh/Refinements=1")
        self.run_well("invert", "good.prm", *options, "--set", "Output directory=fine", "--set", "Mesh/Refinements=2", "--set", "Solver/Element degree=2")
        coarse, fine = (table(self.folder / name / "fit_gnss.csv") for name in ("coarse", "fine"))
        error = [a - b for a, b in zip(coarse["predicted [m]"], fine["predicted [m]"])]
        left = [e - estimate for e, estimate in zip(error, coarse["discretization error [m]"])]
        self.assertLess(sum(v * v for v in left), 0.6 * sum(v * v for v in error))

    def test_an_adapted_inversion(self):
        """It begins on a mesh of the target, has the unknowns of the first mesh, and one history; ranks agree."""
        options = ["--set", "Mesh/Adapt=yes", "--set", "Mesh/Target=0.6", "--set", "Optimizer/Maximum iterations=20"]
        logs = [self.run_well("invert", "good.prm", *options, "--set", f"Output directory=on{ranks}", ranks=ranks).stdout for ranks in (1, 2)]
        for log in logs:
            self.assertIn("ln E/E0 on 192 parameter cells", log)
            passes = re.findall(r"^  (\d+) cells, smallest .* rms (\S+) sigma$", log, re.M)
            self.assertEqual(passes[0][0], "192")
            self.assertGreater(len(passes), 3)
            self.assertLessEqual(float(passes[-1][1]), 0.6)
        histories = [self.history(f"on{ranks}") for ranks in (1, 2)]
        self.assertEqual(histories[0]["iteration"], list(range(len(histories[0]["iteration"]))))
        first, other = (history["J"][0] for history in histories)
        self.assertLess(abs(first - other), 1e-7 * first)
        summary = json.loads((self.folder / "on1" / "summary.json").read_text())
        self.assertEqual(summary["n_unknowns"], 192)
        self.assertLessEqual(summary["load_cases"][0]["discretization_error"][0]["rms"], 0.6)
        forward_solves = histories[0]["forward solves"]
        self.assertGreaterEqual(forward_solves[0], 3)  # those of adapting
        self.assertEqual(forward_solves, sorted(forward_solves))  # those of the mesh before count after it was adapted again

        options = ["--set", "Mesh/Adapt=yes", "--set", "Mesh/Target=2", "--set", "Optimizer/Maximum iterations=0"]
        log = run(["invert", "good.prm", *options], self.folder).stdout
        self.assertRegex(log, r"warning: data set gnss .* Remedies: Mesh/Target = 0.5 or Solver/Element degree = 2 \(about .* sigma\)\.")


if __name__ == "__main__":
    unittest.main(verbosity=2)
