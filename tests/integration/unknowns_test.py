"""Several unknown fields in one run: per zone and per cell, with bounds that bind, and Poisson's ratio watched on its way."""
import json
import re
import unittest

from program import SOURCE, Program, run, table

# West and east of the twin have 12 and 30 GPa, nu is 0.25.
ZONES = ["Mesh/Zones=west, east", "Mesh/west/Region=x < 0", "Mesh/east/Region=1", "Material/Zones=west"]
BOTH = ["Material/Unknowns=Young modulus, Poisson ratio", "Material/Transform=log, logit", "Material/Parameter cells=zones, cells",
        "Prior/Standard deviation=1, 0.3", "Optimizer/Gradient tolerance=1e-6"]


def settings(*entries):
    return [word for entry in entries for word in ("--set", entry)]


class JointUnknowns(Program):
    def invert(self, *entries, ranks=1, name="results"):
        log = self.run_well("invert", "good.prm", *settings(*entries, f"Output directory={name}"), ranks=ranks).stdout
        return log, json.loads((self.folder / name / "summary.json").read_text())

    def test_zones_and_cells(self):
        log, summary = self.invert(*ZONES, *BOTH)
        self.assertIn("logit nu on 192 parameter cells, 2 numbers of zones (ln E/E0 of west, ln E/E0 of east)", log)
        west, east = (float(x) for x in re.search(r"E by zone: east (\S+) GPa; west (\S+) GPa", log).groups()[::-1])
        self.assertAlmostEqual(west / 12, 1, delta=0.15)
        self.assertAlmostEqual(east / 30, 1, delta=0.15)
        self.assertNotIn("nu by zone", log)
        young, poisson = summary["recovered"]
        self.assertEqual((young["unknowns"], poisson["unknowns"]), (2, 192))
        _, two = self.invert(*ZONES, *BOTH, ranks=2, name="two")
        self.assertAlmostEqual(two["J"] / summary["J"], 1, delta=1e-9)
        self.assertAlmostEqual(two["recovered"][0]["smallest"] / young["smallest"], 1, delta=1e-5)
        # It goes on from its checkpoint, and from the model that it wrote.
        cut = ["invert", "good.prm", *settings(*ZONES, *BOTH, "Output directory=cut")]
        self.assertEqual(run([*cut, *settings("Optimizer/Maximum iterations=2")], self.folder).returncode, 3)
        self.run_well(*cut, *settings("Optimizer/Resume=yes"), ranks=2)
        resumed = json.loads((self.folder / "cut" / "summary.json").read_text())
        self.assertAlmostEqual(resumed["J"] / summary["J"], 1, delta=1e-9)
        run(["invert", "good.prm", *settings(*ZONES, *BOTH, "Optimizer/Start model=results/results.h5", "Output directory=again")], self.folder,
            ranks=2)
        self.assertAlmostEqual(table(self.folder / "again" / "history.csv")["J"][0] / summary["J"], 1, delta=1e-9)
        verified = self.run_well("verify", "good.prm", *settings(*ZONES, *BOTH)).stdout
        self.assertTrue(verified.rstrip().endswith("PASS"), verified)

    def test_the_deck_of_zones_and_cells(self):
        log = self.run_well("invert", SOURCE / "inputs" / "zones_and_cells.prm", "--set", f"Output directory={self.folder}/deck", ranks=2).stdout
        found = dict(re.findall(r"(\w+) (\S+) GPa", re.search(r"E by zone: (.*)", log)[1]))
        for zone, truth in (("overburden", 3.5), ("caprock", 16), ("reservoir", 6), ("basement", 45)):
            self.assertAlmostEqual(float(found[zone]) / truth, 1, delta=0.05, msg=zone)

    def test_standard_errors_of_zones_and_cells(self):
        log, summary = self.invert(*ZONES, *BOTH, "Output/Standard errors=yes")
        names = [unknown["name"] for unknown in summary["standard_errors"]["unknowns"]]
        self.assertEqual(len(names), 194)
        self.assertEqual(names[-2:], ["E of west", "E of east"])
        self.assertTrue(names[0].startswith("nu of"))

    def test_unknowns_at_bounds_are_counted(self):
        log, summary = self.invert(*ZONES, "Material/Transform=identity", "Material/Lower bound=15 GPa", "Material/Parameter cells=zones",
                                   "Optimizer/Method=blmvm")
        self.assertIn("bounds: 1 of 2 unknowns of E at the lower one, 0 at the upper one", log)
        (young,) = summary["recovered"]
        self.assertEqual((young["at_lower_bound"], young["at_upper_bound"]), (1, 0))
        self.assertAlmostEqual(young["smallest"] / 15e9, 1, delta=1e-9)

    def test_newton_with_bounds_under_a_strong_prior(self):
        # Some 100 of 1,536 unknowns end at bounds. bnls took 60 iterations for |g|/|g0| = 0.08 here, and bntr gave up after 2.
        for method in ("bnls", "bntr"):
            log, summary = self.invert("Mesh/Cells=16, 12, 8", "Prior/Type=Matern", "Prior/Weight=30", "Material/Lower bound=15 GPa", "Material/Upper bound=24 GPa",
                                       f"Optimizer/Method={method}", "Optimizer/Gradient tolerance=1e-6", "Optimizer/Maximum iterations=15")
            self.assertIn("converged: |g|/|g0|", log)
            (young,) = summary["recovered"]
            self.assertGreater(young["at_lower_bound"], 10)
            self.assertGreater(young["at_upper_bound"], 10)

    def test_poissons_ratio_is_watched(self):
        entries = ["Material/Unknowns=Bulk modulus, Shear modulus", "Prior/Standard deviation=3"]
        log, _ = self.invert(*entries)
        warnings = re.findall(r"warning: Poisson's ratio is (\S+) at \(\S+, \S+, \S+\) m at iteration \d+. Rocks and soils have 0 to 0.49", log)
        self.assertEqual(len(warnings), 1, log)
        self.assertFalse(0 <= float(warnings[0]) <= 0.49)
        log, _ = self.invert("Material/Unknowns=Bulk modulus, Shear modulus", "Prior/Standard deviation=0.03")
        self.assertNotIn("Poisson's ratio is", log)

    def test_what_does_not_fit_together_is_refused(self):
        for entries, message in (
                ([*ZONES, *BOTH, "Prior/Field correlation=0.5"], "Prior/Field correlation: it is given, but one field has zones"),
                ([*BOTH], "this mesh has none"),
                ([*ZONES, *BOTH, "Optimizer/Continuation levels=1"], "one field has zones while another has cells"),
                ([*ZONES, *BOTH, "Material/Parameter cells=zones, cells, cells"], "found 3 words for 2 unknown fields"),
                ([*ZONES, *BOTH, "Prior/Horizontal correlation length=1 km, 2 km, 3 km"], "Prior/Horizontal correlation length: .*3 numbers for 2"),
                ([*ZONES, *BOTH, "Prior/Mass weight=1, 2, 3", "Prior/Gradient weight=1"], "Prior/Mass weight: .*3 numbers for 2"),
                ([*ZONES, *BOTH, "Material/Transform=log, log"], "Material/Transform: .*logit or identity"),
                ([*ZONES, *BOTH, "Material/Unknowns=Poisson ratio, Young modulus"], "Write \"Young modulus, Poisson ratio\"")):
            process = run(["invert", "good.prm", *settings(*entries)], self.folder)
            self.assertEqual(process.returncode, 1, entries)
            self.assertRegex(process.stderr, message)


if __name__ == "__main__":
    unittest.main()
