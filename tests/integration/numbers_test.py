"""Numbers that whole runs give, against closed forms and small computations of their own."""
import json
import math
import re
import shutil
import unittest
import xml.etree.ElementTree as xml

from program import SOURCE, Program, run, table, vtk_pieces


def solve(matrix, right):
    """Gaussian elimination with pivoting."""
    rows = [list(row) + [value] for row, value in zip(matrix, right)]
    n = len(rows)
    for k in range(n):
        pivot = max(range(k, n), key=lambda i: abs(rows[i][k]))
        rows[k], rows[pivot] = rows[pivot], rows[k]
        for i in range(k + 1, n):
            factor = rows[i][k] / rows[k][k]
            for j in range(k, n + 1):
                rows[i][j] -= factor * rows[k][j]
    x = [0.0] * n
    for k in reversed(range(n)):
        x[k] = (rows[k][n] - sum(rows[k][j] * x[j] for j in range(k + 1, n))) / rows[k][k]
    return x


class Quickstart(Program):
    """The twin of the README: inputs/quickstart_truth.prm makes the data, inputs/quickstart.prm finds the two inclusions."""

    def test_inclusions_are_found(self):
        inputs = self.folder / "inputs"  # decks there put their results beside it
        inputs.mkdir()
        shutil.copy(SOURCE / "inputs" / "quickstart_truth.prm", inputs)
        shutil.copy(SOURCE / "inputs" / "quickstart.prm", inputs)
        process = run(["forward", "inputs/quickstart_truth.prm"], self.folder, ranks=2, timeout=200)
        self.assertEqual(process.returncode, 0, process.stderr)
        for case in ("shallow", "deep"):
            made = self.folder / "output" / "quickstart_truth" / f"{case}_gnss.csv"
            shutil.copy(made, inputs / f"quickstart_{case}.csv")
            kept = table(SOURCE / "inputs" / f"quickstart_{case}.csv")
            for column, values in table(made).items():  # the data that come with the program are these
                largest = max(abs(v) for v in values)
                for a, b in zip(values, kept[column]):
                    self.assertLess(abs(a - b), 1e-8 * largest, column)
        process = run(["invert", "inputs/quickstart.prm"], self.folder, ranks=2, timeout=500)
        self.assertEqual(process.returncode, 0, process.stdout[-2000:] + process.stderr)
        results = self.folder / "output" / "quickstart"

        chi2 = table(results / "history.csv")["chi2 per datum"]
        self.assertGreater(chi2[0], 10)
        self.assertGreater(chi2[-1], 0.8)
        self.assertLess(chi2[-1], 1.2)

        cells = self.cells(results / "inversion.pvd")
        self.assertEqual(len(cells), 24 * 24 * 12)
        truth = [math.log(0.4) if math.dist(x, (-3e3, -3e3, -2e3)) < 2e3 else math.log(2.5) if math.dist(x, (3e3, 3e3, -2e3)) < 2e3 else 0
                 for x, _ in cells]
        found = [m for _, m in cells]
        self.assertGreater(self.correlation(truth, found), 0.8)
        for sign, centre, inside in ((-1, (-3e3, -3e3, -2e3), math.log(0.4)), (1, (3e3, 3e3, -2e3), math.log(2.5))):
            strong = [(x, sign * m) for x, m in cells if sign * m > 0.5 * max(sign * v for v in found)]
            total = sum(m for _, m in strong)
            place = [sum(m * x[d] for x, m in strong) / total for d in range(3)]
            # Within a cell of 833 x 833 x 667 m.
            for d, size in enumerate((833, 833, 667)):
                self.assertLess(abs(place[d] - centre[d]), size)
            core = [m for x, m in cells if math.dist(x, centre) < 1.2e3]
            self.assertGreater(sum(core) / len(core) / inside, 0.8)  # and most of its contrast

    @staticmethod
    def correlation(a, b):
        n = len(a)
        ma, mb = sum(a) / n, sum(b) / n
        covariance = sum((x - ma) * (y - mb) for x, y in zip(a, b))
        return covariance / math.sqrt(sum((x - ma) ** 2 for x in a) * sum((y - mb) ** 2 for y in b))

    @staticmethod
    def cells(pvd):
        """(centre, ln(E / 20 GPa)) of every cell at the last step."""
        last = xml.parse(pvd).getroot().findall(".//DataSet")[-1].get("file")
        cells = []
        for arrays in vtk_pieces(pvd.parent / last):
            points, corners, young = arrays["Points"], arrays["connectivity"], arrays["young_Pa"]
            for c, value in enumerate(young):
                eight = corners[8 * c:8 * c + 8]
                cells.append(([sum(points[3 * v + d] for v in eight) / 8 for d in range(3)], math.log(value / 20e9)))
        return cells


class Springs(Program):
    """Winkler springs under a box, against the displacement of a column and of a rigid block."""

    def deck(self, material, conditions, load):
        (self.folder / "springs.prm").write_text(f"""
subsection Mesh
  set Lower corner = -2 km, -1 km, -3 km
  set Upper corner =  2 km,  1 km,  0
  set Cells        = 4, 2, 3
end
subsection Material
{material}
  set Unknowns = none
end
subsection Boundary conditions
{conditions}
  set Springs = bottom
  subsection bottom
    set Normal stiffness     = 2e6 Pa/m
    set Tangential stiffness = 5e5 Pa/m
  end
end
subsection Load cases
  set Names = only
  subsection only
    set Loads = push
    subsection push
      set Type     = traction
      set Boundary = top
      set Value    = {load}
    end
    set Data sets = gnss
    subsection gnss
      set Station grid = -1.5 km, 1.5 km, 4, -0.5 km, 0.5 km, 3
      set Sigma        = 1 mm
    end
  end
end
subsection Solver
  set Method = direct
end
""")
        self.run_well("forward", "springs.prm")
        return table(self.folder / "output" / "gnss.csv")

    def test_column(self):
        # Sides that slide: the springs take p / k, the column p H / (lambda + 2 mu); linear elements are exact.
        found = self.deck("  set Bulk modulus = 3 GPa\n  set Shear modulus = 1.5 GPa", "  set Rollers = west, east, south, north", "0, 0, -0.4 MPa")
        exact = -0.4e6 / 2e6 - 0.4e6 * 3000 / (3e9 + 4 / 3 * 1.5e9)
        for east, up in zip(found["east"], found["up"]):
            self.assertAlmostEqual(up / exact, 1, delta=1e-9)
            self.assertLess(abs(east), 1e-9 * abs(exact))

    def test_rigid_block(self):
        # A block that is stiff against its springs (E = 1e6 k L) slides by t / kt and tilts about the y axis, by the moment t A H over
        # kn I, I = b L^3 / 12. The tolerance is what is left of the block's own strain, about kn L / E, and rounding.
        found = self.deck("  set Young modulus = 1e16", "", "0.1 MPa, 0, 0")
        slide, height, length = 0.1e6 / 5e5, 3000, 4000
        tilt = 0.1e6 * height / (2e6 * length**2 / 12)
        for x, east, north, up in zip(found["x"], found["east"], found["north"], found["up"]):
            self.assertAlmostEqual(east / (slide + tilt * height), 1, delta=1e-5)
            self.assertAlmostEqual(up / (-tilt * x), 1, delta=1e-5)
            self.assertLess(abs(north), 1e-5 * slide)


class Column(Program):
    """A column of two materials under a pressure: it sinks by p (H1 / M1 + H2 / M2), M = E (1 - nu) / ((1 + nu)(1 - 2 nu)) = 1.2 E."""

    DECK = """
subsection Mesh
  set Lower corner = -2 km, -1 km, -3 km
  set Upper corner =  2 km,  1 km,  0
  set Cells        = 4, 2, 4
  {mesh}
end
subsection Material
  {material}
  set Poisson ratio = 0.25
end
subsection Boundary conditions
  set Fixed   = bottom
  set Rollers = west, east, south, north
end
subsection Load cases
  set Names = only
  subsection only
    set Loads = push
    subsection push
      set Type     = pressure
      set Boundary = top
      set Value    = 0.6 MPa
    end
    set Data sets = gnss
    subsection gnss
      {data}
      set Sigma = 0.01 mm
    end
  end
end
subsection Prior
  set Type               = Tikhonov
  set Standard deviation = 10
  set Weight             = 1
end
"""
    GRID = "set Station grid = -1.5 km, 1.5 km, 4, -0.5 km, 0.5 km, 3"
    SINKS = 0.6e6 * (1300 / 1.2e9 + 1700 / 4.8e9)

    def forward(self, mesh, material):
        (self.folder / "column.prm").write_text(self.DECK.format(mesh=mesh, material=material + "\n  set Unknowns = none", data=self.GRID))
        log = self.run_well("forward", "column.prm").stdout
        return log, table(self.folder / "output" / "gnss.csv")["up"]

    def test_layers(self):
        jump = "set Young modulus = if(z > -1.3 km, 1 GPa, 4 GPa)"
        log, up = self.forward("set Layers = -1.3 km", jump)
        self.assertNotIn("jumps inside", log)
        for value in up:
            self.assertAlmostEqual(value / -self.SINKS, 1, delta=1e-7)

        # Without a face at the jump the cells there take harmonic means, which are exact in a column.
        log, up = self.forward("", jump)
        self.assertIn("the background jumps inside 8 cells of 32, which take means of its moduli", log)
        for value in up:
            self.assertAlmostEqual(value / -self.SINKS, 1, delta=1e-3)
        log, up = self.forward("", jump + "\n  set Cut cells = centre")
        self.assertNotIn("jumps inside", log)
        self.assertGreater(abs(up[0] / -self.SINKS - 1), 0.03)

    def test_zones_of_a_box(self):
        zones = "set Zones = upper, lower\n  subsection upper\n    set Region = z > -1.3 km\n  end\n  subsection lower\n    set Region = 1\n  end\n  "
        material = "set Young modulus = 4 GPa\n  set Zones = upper\n  subsection upper\n    set Young modulus = 1 GPa\n  end"
        log, up = self.forward(zones + "set Layers = -1.3 km", material)
        self.assertNotIn("jumps inside", log)
        for value in up:
            self.assertAlmostEqual(value / -self.SINKS, 1, delta=1e-7)
        log, up = self.forward(zones, material)
        self.assertIn("the background jumps inside 8 cells of 32", log)
        self.assertAlmostEqual(up[0] / -self.SINKS, 1, delta=1e-3)

    def test_one_number(self):
        """One zone for everything: the stiffness of the whole box from how far it sinks."""
        with open(self.folder / "data.csv", "w") as file:
            file.write("x,y,up\n" + "".join(f"{x},{y},{-0.6e6 * 3000 / (1.2 * 7e9)!r}\n" for x in (-900, 300) for y in (-400, 100)))
        zone = "set Zones = all\n  subsection all\n    set Region = 1\n  end"
        (self.folder / "one.prm").write_text(self.DECK.format(mesh=zone, material="set Young modulus = 5 GPa\n  set Parameter cells = zones",
                                                              data="set File = data.csv"))
        log = self.run_well("invert", "one.prm").stdout
        self.assertIn("on 1 parameter cell;", log)
        self.assertIn("recovered E: 7 GPa to 7 GPa", log)
        self.assertIn("E by zone: all 7 GPa", log)

        # The data are -c/E: one standard error of ln E is sigma/(|d| sqrt(4)).
        error = 0.01e-3 / (0.6e6 * 3000 / (1.2 * 7e9) * 2)
        (unknown,) = json.loads((self.folder / "output" / "summary.json").read_text())["standard_errors"]["unknowns"]
        self.assertEqual((unknown["name"], unknown["unit"]), ("E of all", "Pa"))
        self.assertAlmostEqual(unknown["standard_error_of_m"] / error, 1, delta=1e-4)
        self.assertAlmostEqual(unknown["value"] / 7e9, 1, delta=1e-6)
        self.assertAlmostEqual(math.log(unknown["upper"] / unknown["lower"]) / (2 * error), 1, delta=1e-4)
        self.assertIn("  E of all: 7 GPa +- 0.0023 %\n", log)
        (recovered,) = json.loads((self.folder / "output" / "summary.json").read_text())["recovered"]
        self.assertEqual((recovered["quantity"], recovered["unit"], len(recovered["smallest_at"])), ("E", "Pa", 3))
        self.assertAlmostEqual(recovered["smallest"] / 7e9, 1, delta=1e-6)
        self.assertAlmostEqual(recovered["largest"] / 7e9, 1, delta=1e-6)
        self.run_well("invert", "one.prm", "--set", "Output/Standard errors=no")
        self.assertNotIn("standard_errors", json.loads((self.folder / "output" / "summary.json").read_text()))


    def test_a_section_of_zones(self):
        """The same column in 2-D, with a face at one depth and a jump inside cells at another, one unknown per zone, on 1 to 3 ranks."""
        deck = ("set Dimension = 2\n" + self.DECK).replace("-2 km, -1 km, -3 km", "-2 km, -3 km").replace("2 km,  1 km,  0", "2 km, 0").replace("4, 2, 4", "4, 4")
        deck = deck.replace("west, east, south, north", "west, east").replace("set Loads = push", "set Loads = push, gas\n    subsection gas\n      set Type = pore pressure\n"
                                                                              "      set Zone = upper\n      set Value = -1 MPa\n    end")
        zones = ("set Layers = -1.3 km\n  set Zones = upper, middle, lower\n  subsection upper\n    set Region = z > -1.3 km\n  end\n  subsection middle\n    set Region = z > -2.2 km\n"
                 "  end\n  subsection lower\n    set Region = 1\n  end")
        material = ("set Young modulus = 4 GPa\n  set Zones = upper, lower\n  subsection upper\n    set Young modulus = 1 GPa\n  end\n  subsection lower\n    set Young modulus = 9 GPa\n  end\n"
                    "  set Parameter cells = zones")
        sinks = 0.6e6 * (1300 / 1.2e9 + 900 / 4.8e9 + 800 / 10.8e9) + 1e6 * 1300 / 1.2e9
        with open(self.folder / "data.csv", "w") as file:
            file.write("x,up\n" + "".join(f"{x},{-sinks!r}\n" for x in (-1100, 300, 900)))
        (self.folder / "section.prm").write_text(deck.format(mesh=zones, material=material, data="set File = data.csv"))
        for ranks in (1, 2, 3):
            log = self.run_well("verify", "section.prm", ranks=ranks).stdout
            self.assertIn("the background jumps inside 4 cells of 16", log)
            self.assertRegex(log, r"\bPASS\b")
        log = self.run_well("forward", "section.prm", "--set", "Material/Unknowns=none").stdout
        for value in table(self.folder / "output" / "gnss.csv")["up"]:
            self.assertAlmostEqual(value / -sinks, 1, delta=2e-3)


class Strengths(Program):
    """Strengths estimated by the program, and by dense least squares on what it predicts for each load alone."""

    DECK = """
subsection Mesh
  set Lower corner = -6 km, -4 km, -4 km
  set Upper corner =  6 km,  4 km,  0
  set Cells        = 8, 6, 4
end
subsection Material
  set Unknowns = none
end
subsection Boundary conditions
  set Fixed   = bottom
  set Rollers = west, east, south, north
end
subsection Load cases
  set Names = only
  subsection only
    set Loads = chamber, well
    subsection chamber
      set Type          = point source
      set Position      = 900, -300, 2 km
      set Radius        = 600
      set Volume change = 1e6 m^3
      set Strength      = {chamber}
    end
    subsection well
      set Type     = pore pressure
      set Region   = x^2 + y^2 < (2 km)^2 && z < -1 km && z > -2 km
      set Value    = -1 MPa
      set Strength = {well}
    end
    set Data sets = gnss
    subsection gnss
      {data}
    end
  end
end
subsection Output
  set Noise = {noise}
end
"""
    COMPONENTS = ("east", "north", "up")

    def predictions(self, chamber, well, noise=0):
        (self.folder / "forward.prm").write_text(self.DECK.format(
            chamber=chamber, well=well, noise=noise,
            data="set Station grid = -4 km, 4 km, 5, -3 km, 3 km, 4\n      set Sigma = 2 mm\n      set Relative error = 0.2"))
        self.run_well("forward", "forward.prm")
        return table(self.folder / "output" / "gnss.csv")

    def columns(self, found):
        return [value for component in self.COMPONENTS for value in found[component]]

    def test_equal_dense_least_squares(self):
        unit = [self.columns(self.predictions(1, 0)), self.columns(self.predictions(0, 1))]
        data = self.predictions(2.5, 0.7, noise=1)
        shutil.copy(self.folder / "output" / "gnss.csv", self.folder / "observed.csv")
        for prior in ((0, 0), (0.3, 0.2)):  # of the well: mean and standard deviation
            well = "estimate" + (f"\n      set Strength mean = {prior[0]}\n      set Strength standard deviation = {prior[1]}" if prior[1] else "")
            (self.folder / "estimate.prm").write_text(self.DECK.format(
                chamber="estimate", well=well, noise=0, data="set File = observed.csv\n      set Nuisance = offset"))
            log = self.run_well("invert", "estimate.prm").stdout
            found = [float(re.search(name + r": .*\(strength (\S+) ", log).group(1)) for name in ("chamber", "well")]
            found += [float(re.search(rf"gnss: {name} offset \(m\): (\S+)", log).group(1)) for name in self.COMPONENTS]

            n = len(data["east"])
            sigma = [value for component in self.COMPONENTS for value in data["sigma_" + component]]
            self.assertGreater(max(sigma), 1.5 * min(sigma))
            terms = unit + [[float(i // n == c) for i in range(3 * n)] for c in range(3)]
            matrix = [[sum(a * b / s**2 for a, b, s in zip(p, q, sigma)) for q in terms] for p in terms]
            right = [sum(a * d / s**2 for a, d, s in zip(p, self.columns(data), sigma)) for p in terms]
            if prior[1]:
                matrix[1][1] += 1 / prior[1] ** 2
                right[1] += prior[0] / prior[1] ** 2
            expected = solve(matrix, right)
            for a, b in zip(found[:2], expected):
                self.assertAlmostEqual(a / b, 1, delta=2e-5)  # six digits are printed
            for a, b in zip(found[2:], expected[2:]):
                self.assertAlmostEqual(a, b, delta=1e-4 * abs(b) + 1e-8)

            # The inverse of the normal matrix: covariances of strengths and offsets.
            inverse = [solve(matrix, [float(i == j) for i in range(5)]) for j in range(5)]
            summary = json.loads((self.folder / "output" / "summary.json").read_text())["load_cases"][0]["covariance"]
            self.assertEqual(summary["names"], ["chamber", "well"] + [f"gnss: {name} offset" for name in self.COMPONENTS])
            for i in range(5):
                for j in range(5):
                    size = math.sqrt(inverse[i][i] * inverse[j][j])
                    self.assertAlmostEqual(summary["covariance"][i][j] / size, inverse[i][j] / size, delta=1e-4)
                    self.assertAlmostEqual(summary["correlations"][i][j], inverse[i][j] / size, delta=1e-4)
                    if j < i:
                        names = f"{summary['names'][j]} and {summary['names'][i]}"
                        found = re.search(f"the data hardly tell {re.escape(names)} apart: correlation (\\S+)", log)
                        self.assertEqual(found is not None, abs(inverse[i][j] / size) > 0.8, names)
                        if found:
                            self.assertAlmostEqual(float(found[1]), inverse[i][j] / size, delta=6e-3)


class GradientCost(Program):
    def test_tangent_grows_with_the_zones_and_adjoint_does_not(self):
        log = self.run_well("verify", "good.prm", "--set", "Mesh/Cells = 12, 10, 10").stdout
        rows = re.findall(r"(?m)^ +(10|100|1000) +(\d+) +\S+ +(\d+)[* ] +\S+ +(\d+)[* ] +\S+ +(\S+)$", log)
        self.assertEqual([row[0] for row in rows], ["10", "100", "1000"], log)
        for zones, adjoint, tangent, differences, disagreement in rows:
            self.assertEqual(int(adjoint), 2)  # one load case: one forward solve, one adjoint
            self.assertEqual(int(tangent), 1 + int(zones))
            self.assertEqual(int(differences), 1 + int(zones))
            self.assertLess(float(disagreement), 1e-8)


if __name__ == "__main__":
    unittest.main(verbosity=2)
