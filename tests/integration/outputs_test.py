"""What a run prints and writes: units of rates, strengths as what they are, the estimate of truncation, surface grids."""
import re
import unittest

from program import Program, run, table

MESH = """
subsection Mesh
  set Lower corner = -6 km, -4 km, -4 km
  set Upper corner =  6 km,  4 km,  0
  set Cells        = 8, 6, 4
end
subsection Boundary conditions
  set Fixed   = bottom
  set Rollers = west, east, south, north
end
"""

SOURCE = MESH + """
subsection Material
  set Unknowns = none
end
subsection Load cases
  set Names = only
  subsection only
    set Loads = chamber
    subsection chamber
      set Type          = point source
      set Position      = 200, -300, 2 km
      set Radius        = 600
      set Volume change = 1e6 m^3/yr
      set Strength      = 2.5
    end
    set Data sets = gnss
    subsection gnss
      set Station grid = -4 km, 4 km, 5, -3 km, 3 km, 4
      set Units        = mm/yr
      set Sigma        = 0.1 mm/yr
    end
  end
end
subsection Output
  set Surface grid = -3 km, 3 km, 4, -2 km, 2 km, 3
end
"""


class Rates(Program):
    """Data in mm/yr make rates of everything; the fields are those of the same numbers read as displacements."""

    def setUp(self):
        super().setUp()
        (self.folder / "rates.prm").write_text(SOURCE)
        (self.folder / "metres.prm").write_text(SOURCE.replace("/yr", ""))

    def test_every_output_says_so(self):
        log = self.run_well("forward", "rates.prm", "--set", "Output directory=rates").stdout
        self.assertIn("load case only: its data are rates", log)
        self.assertNotIn("box:", log)  # a volume change pushes on nothing
        self.assertIn("1 cm/yr of uplift gives +1.00 cm/yr", log)
        self.assertEqual(list(table(self.folder / "rates" / "surface.csv")), ["x [m]", "y [m]", "east [m/yr]", "north [m/yr]", "up [m/yr]"])
        self.assertIn("# units: mm/yr", (self.folder / "rates" / "gnss.csv").read_text())
        self.assertTrue(b'Name="displacement rate"' in self.vtu("rates"))

        data = (SOURCE.replace("set Station grid = -4 km, 4 km, 5, -3 km, 3 km, 4", "set File = rates/gnss.csv").replace("2.5", "estimate")
                .replace("set Sigma        = 0.1 mm/yr", "set Nuisance = offset"))
        (self.folder / "estimate.prm").write_text(data)
        log = self.run_well("invert", "estimate.prm", "--set", "Output directory=estimate").stdout
        self.assertIn("strength to be estimated, 1 being volume change 1e+06 m^3/yr", log)
        self.assertRegex(log, r"chamber: volume change 2\.5e\+06 m\^3/yr \(strength 2\.5")
        self.assertIn("gnss: up offset (m/yr)", log)
        self.assertIn("rms observed (m/yr)", log)
        folder = self.folder / "estimate"
        self.assertIn("residual [mm/yr]", table(folder / "fit_gnss.csv"))
        self.assertTrue(b'Name="residual (m/yr)"' in (folder / "fit_gnss.vtp").read_bytes())
        self.assertIn("# the data are rates", (folder / "history.csv").read_text())
        self.assertTrue(b"residual [m per yr]" in (folder / "results.h5").read_bytes())

    def test_displacements_do_not(self):
        log = self.run_well("forward", "metres.prm", "--set", "Output directory=metres").stdout
        self.assertNotIn("/yr", log)
        self.assertIn("east [m]", table(self.folder / "metres" / "surface.csv"))
        self.assertTrue(b'Name="displacement"' in self.vtu("metres"))
        self.run_well("forward", "rates.prm", "--set", "Output directory=rates")
        self.assertEqual(table(self.folder / "metres" / "surface.csv")["up [m]"], table(self.folder / "rates" / "surface.csv")["up [m/yr]"])

    def vtu(self, folder):
        return next((self.folder / folder).rglob("*.vtu")).read_bytes()

    def test_rates_beside_displacements_are_refused(self):
        mixed = SOURCE.replace("set Data sets = gnss", """set Data sets = gnss, level
    subsection level
      set Station grid = -4 km, 4 km, 5, -3 km, 3 km, 4
      set Units        = mm
      set Sigma        = 1 mm
    end""")
        (self.folder / "mixed.prm").write_text(mixed)
        process = run(["forward", "mixed.prm"], self.folder)
        self.assertEqual(process.returncode, 1)
        for word in ("Load cases/only/level/Units", "'mm'", "'mm/yr'", "load case of its own"):
            self.assertIn(word, process.stderr)


class Truncation(Program):
    """0.44 (1 - nu^2) P / (E L) of vertical displacement is what a box of depth L costs under a net force P."""

    def deck(self, depth):
        (self.folder / "load.prm").write_text(MESH.replace("-4 km\n", f"-{depth} km\n") + """
subsection Material
  set Young modulus = 30 GPa * if(z < -3 km, 2, 1)
  set Poisson ratio = 0.3
  set Unknowns      = none
end
subsection Load cases
  set Names = only
  subsection only
    set Loads = ice, wind
    subsection ice
      set Type     = pressure
      set Boundary = top
      set Region   = (abs(x) < 1.5 km) && (abs(y) < 4/3 * 1 km)
      set Value    = 1 MPa
      set Strength = 3
    end
    subsection wind
      set Type     = traction
      set Boundary = top
      set Value    = 100, 0, 0
    end
    set Data sets = gnss
    subsection gnss
      set Station grid = -4 km, 4 km, 5, -3 km, 3 km, 4
      set Sigma        = 0.1 mm
    end
  end
end
""")

    def test_formula(self):
        self.deck(4)
        process = self.run_well("forward", "load.prm")
        found = re.search(r"box: net vertical force (\S+) N over a depth of (\S+) m: the finite depth costs about (\S+) m of vertical "
                          r"displacement, (\S+) % of the largest \((\S+) m\) in load case only", process.stdout + process.stderr)
        self.assertIsNotNone(found, process.stdout)
        force, depth, error, percent, largest = (float(v) for v in found.groups())
        exact = 3e6 * 3000 * 8000 / 3
        self.assertAlmostEqual(force / -exact, 1, delta=0.006)  # three digits are printed
        self.assertEqual(depth, 4000)
        self.assertAlmostEqual(error / (0.44 * (1 - 0.3**2) * exact / (60e9 * 4000)), 1, delta=0.06)
        self.assertAlmostEqual(percent, 100 * error / largest, delta=0.1 * percent)
        self.assertGreater(percent, 2)
        self.assertIn("Make the box deeper", process.stdout + process.stderr)

    def test_no_warning_below_two_percent(self):
        self.deck(4)
        box = ("Lower corner = -300 km, -300 km, -400 km", "Upper corner = 300 km, 300 km, 0", "Cells = 8, 8, 4", "Observation refinements = 4",
               "Observation distance = 5 km")
        process = self.run_well("forward", "load.prm", *(word for entry in box for word in ("--set", "Mesh/" + entry)))
        percent = re.search(r"box: net vertical force .* displacement, (\S+) %", process.stdout)
        self.assertIsNotNone(percent, process.stdout)
        self.assertLess(float(percent.group(1)), 2)
        self.assertNotIn("Make the box deeper", process.stdout + process.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
