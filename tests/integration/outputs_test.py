"""What a run prints and writes: units of rates, strengths as what they are, the estimate of truncation, surface grids."""
import json
import math
import re
import struct
import unittest

from program import HERE, Program, run, table, vtk_pieces

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
        self.assertTrue(b'Name="displacement_rate_m_per_yr"' in self.vtu("rates"))

        data = (SOURCE.replace("set Station grid = -4 km, 4 km, 5, -3 km, 3 km, 4", "set File = rates/gnss.csv").replace("2.5", "estimate")
                .replace("set Sigma        = 0.1 mm/yr", "set Nuisance = offset"))
        (self.folder / "estimate.prm").write_text(data)
        log = self.run_well("invert", "estimate.prm", "--set", "Output directory=estimate").stdout
        self.assertIn("strength to be estimated, 1 being volume change 1e+06 m^3/yr", log)
        self.assertRegex(log, r"chamber: volume change 2\.5e\+06 m\^3/yr, moment 7\.34847e\+16 N m/yr \(strength 2\.5")
        self.assertIn("gnss: up offset (m/yr)", log)
        self.assertIn("  mm/yr", log)
        folder = self.folder / "estimate"
        self.assertIn("residual [mm/yr]", table(folder / "fit_gnss.csv"))
        self.assertTrue(b'Name="residual_m_per_yr"' in (folder / "fit_gnss.vtp").read_bytes())
        self.assertIn("# the data are rates", (folder / "history.csv").read_text())
        self.assertTrue(b"m/yr" in (folder / "results.h5").read_bytes())

    def test_displacements_do_not(self):
        log = self.run_well("forward", "metres.prm", "--set", "Output directory=metres").stdout
        self.assertNotIn("/yr", log)
        self.assertIn("east [m]", table(self.folder / "metres" / "surface.csv"))
        self.assertTrue(b'Name="displacement_m"' in self.vtu("metres"))
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
        log = process.stdout + process.stderr
        announced = re.search(r"box: net vertical force (\S+) N in load case only over a depth of (\S+) m: the finite depth costs about (\S+) m of "
                              r"vertical displacement", log)
        found = re.search(r"box: the finite depth costs (\S+) m, (\S+) % of the largest displacement \((\S+) m\) in load case only", log)
        self.assertIsNotNone(announced, log)
        self.assertIsNotNone(found, log)
        self.assertLess(announced.end(), found.start())
        force, depth, error = (float(v) for v in announced.groups())
        self.assertEqual(announced.group(3), found.group(1))
        percent, largest = (float(v) for v in found.groups()[1:])
        exact = 3e6 * 3000 * 8000 / 3
        self.assertAlmostEqual(force / -exact, 1, delta=0.006)  # three digits are printed
        self.assertEqual(depth, 4000)
        self.assertAlmostEqual(error / (0.44 * (1 - 0.3**2) * exact / (60e9 * 4000)), 1, delta=0.06)
        self.assertAlmostEqual(percent, 100 * error / largest, delta=0.1 * percent)
        self.assertGreater(percent, 2)
        self.assertIn("Make the box deeper", log)
        self.assertNotIn("field in a half-space", log)

    def test_sources_in_a_half_space_have_no_part(self):
        self.deck(4)
        deck = (self.folder / "load.prm").read_text().replace("ice, wind", "ice, wind, chamber", 1).replace("    subsection wind", """    subsection chamber
      set Type          = point source
      set Position      = 0.2 km, 0, 1.5 km
      set Volume change = 1e6 m^3
    end
    subsection wind""")
        (self.folder / "load.prm").write_text(deck)
        for formulation, says in (("incident", self.assertIn), ("mesh", self.assertNotIn)):
            log = self.run_well("forward", "load.prm", "--set", "Load cases/only/chamber/Formulation=" + formulation).stdout
            self.assertIn("net vertical force", log)
            says("Sources that bring their field in a half-space have no part in this: the box cuts nothing off that field", log)

    def test_no_warning_below_two_percent(self):
        self.deck(4)
        box = ("Lower corner = -300 km, -300 km, -400 km", "Upper corner = 300 km, 300 km, 0", "Cells = 8, 8, 4", "Observation refinements = 4",
               "Observation distance = 5 km")
        process = self.run_well("forward", "load.prm", *(word for entry in box for word in ("--set", "Mesh/" + entry)))
        percent = re.search(r"box: the finite depth costs \S+ m, (\S+) %", process.stdout)
        self.assertIsNotNone(percent, process.stdout)
        self.assertLess(float(percent.group(1)), 2)
        self.assertNotIn("Make the box deeper", process.stdout + process.stderr)


class Columns(Program):
    """A load on the whole top makes a column of the box: its depth is part of the model, and no half-space is there to compare with."""

    def log(self, *settings, dimension=3, region=""):
        mesh = MESH if dimension == 3 else MESH.replace("-6 km, -4 km, -4 km", "-6 km, -4 km").replace("6 km,  4 km,  0", "6 km, 0").replace(
            "8, 6, 4", "8, 4").replace(", south, north", "")
        (self.folder / "column.prm").write_text(f"set Dimension = {dimension}" + mesh + f"""
subsection Material
  set Unknowns = none
end
subsection Load cases
  set Names = only
  subsection only
    set Loads = ice
    subsection ice
      set Type     = pressure
      set Boundary = top
      set Region   = {region}
      set Value    = 1 MPa
    end
    set Data sets = gnss
    subsection gnss
      set Station grid = {"-4 km, 4 km, 5, -3 km, 3 km, 4" if dimension == 3 else "-4 km, 4 km, 5"}
      set Sigma        = 0.1 mm
    end
  end
end
""")
        process = self.run_well("forward", "column.prm", *(word for setting in settings for word in ("--set", setting)))
        return process.stdout + process.stderr

    def test_no_loss_is_claimed(self):
        for settings, dimension in (((), 3), (("Boundary conditions/Rollers=",), 3), ((), 2)):
            log = self.log(*settings, dimension=dimension)
            self.assertEqual(log.count("box: the vertical load of load case only spans the box"), 1, log)
            self.assertEqual(log.count("box:"), 1, log)
            self.assertNotIn("Make the box deeper", log)
        if dimension == 2:  # and the answer is the column's, p H / (lambda + 2 mu), with E = 20 GPa and nu = 1/4
            up = table(self.folder / "output" / "gnss.csv")["up"]
            for value in up:
                self.assertAlmostEqual(value / (-1e6 * 4000 / 24e9), 1, delta=1e-6)

    def test_a_load_on_a_part_is_compared_with_a_half_space(self):
        self.assertEqual(self.log(region="abs(x) < 2 km && abs(y) < 2 km").count("box:"), 2)
        self.assertEqual(self.log(region="abs(x) < 2 km", dimension=2).count("box:"), 2)


class Level(Program):
    """What fixes the level of the stiffness when no load is a known force."""

    def log(self, *settings):
        (self.folder / "level.prm").write_text(SOURCE.replace("  set Unknowns = none\n", ""))
        return self.run_well("forward", "level.prm", *(word for setting in settings for word in ("--set", setting))).stdout

    def test_unknown_moduli_that_can_all_be_doubled_are_known_up_to_a_factor(self):
        free = "Load cases/only/chamber/Hold stiffness near source=no"
        for unknowns in ("Young modulus", "Shear modulus", "Young modulus, Poisson ratio", "Bulk modulus, Shear modulus"):
            log = self.log("Material/Unknowns=" + unknowns, free)
            self.assertIn("only ratios of stiffness can be recovered", log, unknowns)
            self.assertNotIn("keep their background, changes no prediction", log)

    def test_a_modulus_that_is_held_fixes_the_level(self):
        free = "Load cases/only/chamber/Hold stiffness near source=no"
        for settings in (("Material/Unknowns=Bulk modulus",), ("Material/Unknowns=Poisson ratio",),
                         ("Material/Unknowns=Shear modulus", "Material/Held fixed=Bulk modulus")):
            log = self.log(free, *settings)
            self.assertNotIn("only ratios of stiffness", log, settings)
            self.assertNotIn("no load of this run is a known force", log, settings)

    def test_cells_that_are_held_fix_the_level(self):
        for settings in (("Load cases/only/chamber/Hold stiffness near source=yes",),
                         ("Load cases/only/chamber/Hold stiffness near source=no", "Material/Fixed region=x > 0")):
            log = self.log(*settings)
            self.assertNotIn("only ratios of stiffness", log)
            self.assertRegex(log, r"also those of the \d+ cells that keep their background, changes no prediction: only ratios to their stiffness can be recovered")
        self.assertIn("those of the 96 cells that keep", log)  # half of 8 x 6 x 4


class Sources(Program):
    """How a source is put into the model, and what it amounts to."""

    def forward(self, *settings, source=None):
        deck = SOURCE.replace("/yr", "")
        if source:
            deck = re.sub(r"set Type          = point source(.*\n)*?      set Strength.*\n", source, deck)
        (self.folder / "source.prm").write_text(deck)
        arguments = [word for setting in settings for word in ("--set", setting)]
        return self.run_well("forward", "source.prm", *arguments).stdout

    FAULT = """set Type     = dislocation
      set Position = 0.2 km, 0, 1 km
      set Dip      = 90
      set Slip     = 1
      set Length   = 4 km
      set Width    = 2 km
"""

    def test_by_its_field_or_by_cells_and_why(self):
        self.assertIn("put into the model by its field in a half-space", self.forward())
        chamber = "Load cases/only/chamber/"
        for reason, settings in (
                ("as asked for", [chamber + "Formulation=mesh"]),
                ("the surface is not free", ["Boundary conditions/Rollers=west, east, south, north, top", "Boundary conditions/Fixed="]),
                ("the stiffness of the cells that hold the source is unknown", ["Material/Unknowns=Young modulus", chamber + "Hold stiffness near source=no"]),
                ("the source lies between cells of different stiffness", ["Material/Young modulus=if(z > -2 km, 10 GPa, 20 GPa)"])):
            self.assertIn(f"put into the model by the strain of cells ({reason})", self.forward(*settings))
        self.assertIn("put into the model by the strain of cells (the source touches a side of the mesh)",
                      self.forward(chamber + "Position=0.2 km, 2 km, 1 km", source=self.FAULT))

        # A side is a side in flat cells, too.
        self.assertIn("(the source touches a side of the mesh)", self.forward("Mesh/Cells=8, 6, 40", chamber + "Position=6 km, 0, 60 m", chamber + "Radius=0"))

    def test_the_largest_displacement_is_not_that_of_a_node_beside_the_source(self):
        values = []
        for place in ("1, 1, 2001", "700, 600, 2500"):
            log = self.forward(f"Load cases/only/chamber/Position={place}")
            values.append(float(re.search(r"largest displacement of the boundary (\S+) m", log)[1]))
            lowest, highest = re.search(r"gnss: predicted (\S+) to (\S+) mm", log).groups()
            self.assertLess(values[-1], 3e-3 * max(abs(float(lowest)), abs(float(highest))))
        self.assertGreater(values[0], values[1])

    def test_moment(self):
        log = self.forward(source=self.FAULT)
        # E = 20 GPa, nu = 1/4: mu = 8 GPa; 8 km^2 by 1 m: 6.4e16 N m, Mw = 2/3 (16.806 - 9.1)
        self.assertIn("slip 1 m, potency 8e+06 m^3, moment 6.4e+16 N m (Mw 5.14)", log)
        self.assertIn("depth 0 to 2000 m", log)

        # Half of it in 10 GPa, half in 30 GPa: their mean.
        self.assertIn("moment 6.4e+16 N m (Mw 5.14)", self.forward("Material/Young modulus=if(z > -1 km, 10 GPa, 30 GPa)", source=self.FAULT))

    def test_rounding_makes_no_other_material(self):
        chamber = "Load cases/only/chamber/"
        for other, by in (("20000000000.00001", "its field in a half-space"), ("20001000000", "the strain of cells")):
            self.assertIn("put into the model by " + by, self.forward(f"Material/Young modulus=if(x > 0, 20e9, {other})", chamber + "Position=0, 0, 2 km"))

    def test_points_beside_another_material_are_named(self):
        for depth, says in (("2.1 km", "within 0.077 cells of cells of another stiffness"), ("2.6 km", None)):
            log = self.forward("Material/Young modulus=if(z > -2 km, 10 GPa, 20 GPa)", f"Load cases/only/chamber/Position=200, -300, {depth}")
            self.assertIn("put into the model by its field in a half-space", log)
            if says:
                self.assertIn(says, log)
            else:
                self.assertNotIn("another stiffness", log)

    def test_nothing_lies_in_the_surface(self):
        (self.folder / "points.csv").write_text("x,y,depth,pxx,pyy,pzz,pyz,pxz,pxy\n100,100,0,0,0,1e5,0,0,0\n")
        for source, place in (("set Type = potency points\n      set File = points.csv\n", "points.csv:2"),
                              (self.FAULT.replace("1 km", "0").replace("set Dip      = 90", "set Dip = 0"), "Load cases/only/chamber/Position")):
            deck = re.sub(r"set Type          = point source(.*\n)*?      set Strength.*\n", source, SOURCE.replace("/yr", ""))
            (self.folder / "surface.prm").write_text(deck)
            process = run(["forward", "surface.prm"], self.folder)
            self.assertEqual(process.returncode, 1)
            self.assertRegex(process.stderr, re.escape(place) + r": the \w+ lies in the surface \(depth 0\)")

    def test_stations_on_the_trace_are_named(self):
        self.assertNotIn("the displacement jumps", self.forward(source=self.FAULT))
        log = self.forward("Load cases/only/gnss/Station grid=0.2 km, 4.2 km, 5, -1 km, 3 km, 3", source=self.FAULT)
        self.assertRegex(log, r"the point \(200, -1000, 0\) and 1 more of data set gnss lie on the plane of chamber, where the displacement jumps")


class ImplausibleInput(Program):
    """Numbers that are hardly meant so are read all the same, with a warning that shows what was read."""

    def warnings(self, *settings):
        (self.folder / "source.prm").write_text(SOURCE.replace("/yr", ""))
        process = self.run_well("forward", "source.prm", *(word for setting in settings for word in ("--set", setting)))
        return process.stdout + process.stderr

    def test_moduli_and_volumes(self):
        log = self.warnings()
        for text in ("did you mean", "Soil, rock and concrete", "Rock has", "larger than the whole mesh"):
            self.assertNotIn(text, log)
        self.assertIn("Young's modulus is 15 to 15 Pa (Young modulus = 15; did you mean 15 GPa?)", self.warnings("Material/Young modulus=15"))
        self.assertIn("Young's modulus is 2e+13 to 2e+13 Pa (Young modulus = 20000 GPa). Soil", self.warnings("Material/Young modulus=20000 GPa"))
        self.assertIn("Poisson's ratio is -0.0455 somewhere", self.warnings("Material/Bulk modulus=7 GPa", "Material/Shear modulus=12 GPa"))
        self.assertIn("load chamber of load case only: its volume change, 1e+15 m^3, is larger than the whole mesh",
                      self.warnings("Load cases/only/chamber/Volume change=1e6 km^3"))

    def test_data_in_other_units(self):
        (self.folder / "data.csv").write_text("x,y,up\n0,0,120\n500,300,90\n")
        settings = ("Load cases/only/gnss/Station grid=", "Load cases/only/gnss/File=data.csv", "Load cases/only/gnss/Sigma=1", "Load cases/only/gnss/Units=m")
        self.assertIn("data set gnss of load case only: values up to 120 m were read, which is more than a hundredth of the mesh", self.warnings(*settings))
        self.assertNotIn("were read", self.warnings(*settings[:-1], "Load cases/only/gnss/Units=mm"))


    def test_a_mesh_in_another_unit(self):
        layers = HERE.parent / "unit" / "discretization" / "two_layers_km_41_binary.msh"
        (self.folder / "mesh.prm").write_text(re.sub("set Lower corner.*\n.*\n.*", f"set Source = gmsh\n  set File = {layers}", SOURCE.replace("/yr", ""))
                                              .replace("west, east, south, north", "top"))
        settings = ["Load cases/only/gnss/Station grid=100, 1900, 5, 100, 1900, 4", "Load cases/only/chamber/Position=900, 800, 1.2 km",
                    "Load cases/only/chamber/Radius=0", "Output/Surface grid="]
        arguments = ["forward", "mesh.prm"] + [word for setting in settings for word in ("--set", setting)]
        process = run(arguments, self.folder)
        self.assertIn("warning: the mesh is 2 m wide, the data spread over 1.8 km: is the mesh in kilometres? Mesh/Scale = 1 km\n", process.stdout)
        self.assertEqual(process.returncode, 1)  # the source lies outside
        log = self.run_well(*arguments, "--set", "Mesh/Scale=1 km").stdout
        self.assertNotIn("is the mesh in", log)
        self.assertIn("smallest 1000 x 1000 x 1000 m", log)
        self.assertIn("mesh: between cells, so no boundary: interface\n", log)
        process = run(arguments + ["--set", "Mesh/Scale=1000 km"], self.folder)
        self.assertIn("warning: the mesh is 2000 km wide, the data spread over 1.8 km: is the mesh in metres? Mesh/Scale = 1 m\n", process.stdout)

    def test_a_box_in_another_unit(self):
        self.assertNotIn("are the units right", self.warnings())
        self.assertIn("warning: the mesh is 1200 km wide, the data spread over 8 km: are the units right?",
                      self.warnings("Mesh/Lower corner=-600 km, -400 km, -400 km", "Mesh/Upper corner=600 km, 400 km, 0"))


class Summary(Program):
    """summary.json and results.h5 hold what was estimated beside the stiffness, to full precision."""

    def setUp(self):
        super().setUp()
        (self.folder / "rates.prm").write_text(SOURCE)
        self.run_well("forward", "rates.prm", "--set", "Output directory=truth", "--set", "Output/Noise=1")
        (self.folder / "estimate.prm").write_text(SOURCE.replace("set Station grid = -4 km, 4 km, 5, -3 km, 3 km, 4", "set File = truth/gnss.csv")
                                                  .replace("2.5", "estimate").replace("set Sigma        = 0.1 mm/yr", "set Nuisance = offset"))

    def summary(self, folder):
        return json.loads((self.folder / folder / "summary.json").read_text())

    def test_strengths_and_nuisance_terms(self):
        log = self.run_well("invert", "estimate.prm", "--set", "Output directory=estimate").stdout
        summary = self.summary("estimate")
        case = summary["load_cases"][0]
        self.assertEqual([case["name"], len(case["strengths"]), len(case["nuisance"])], ["only", 1, 3])
        strength = case["strengths"][0]
        self.assertEqual([strength["name"], strength["unit"]], ["chamber", ""])
        self.assertAlmostEqual(strength["value"], float(re.search(r"chamber: .*\(strength (\S+) ", log).group(1)), delta=5e-6)
        self.assertAlmostEqual(strength["standard_deviation"] / float(re.search(r"\(strength \S+ \+- (\S+)\)", log).group(1)), 1, delta=0.05)
        self.assertEqual(summary["solves"]["adjoint"], 0)  # no stiffness is unknown
        self.assertGreater(len(repr(strength["value"])), 12)
        # The truth is 2.5, and the noise that of the file: within four standard deviations.
        self.assertLess(abs(strength["value"] - 2.5), 4 * strength["standard_deviation"])
        amount = strength["amounts"][0]
        self.assertEqual([amount["name"], amount["unit"]], ["volume change", "m^3/yr"])
        self.assertAlmostEqual(amount["value"] / (1e6 * strength["value"]), 1, delta=1e-14)
        self.assertAlmostEqual(amount["standard_deviation"] / (1e6 * strength["standard_deviation"]), 1, delta=1e-14)
        for term, component in zip(case["nuisance"], ("east", "north", "up")):
            self.assertEqual([term["name"], term["unit"]], [f"gnss: {component} offset", "m/yr"])
            logged = float(re.search(rf"gnss: {component} offset \(m/yr\): (\S+)", log).group(1))
            self.assertAlmostEqual(term["value"] / logged, 1, delta=1e-4)
            # Twenty stations of sigma 0.1 mm/yr: at best that of their mean.
            self.assertGreater(term["standard_deviation"], 0.99 * 1e-4 / math.sqrt(20))
            self.assertLess(term["standard_deviation"], 1e-4)
        data = (self.folder / "estimate" / "results.h5").read_bytes()
        for name in (b"estimates", b"strengths", b"chamber", b"volume change", b"m^3/yr", b"nuisance", b"gnss: up offset", b"standard_deviation",
                     struct.pack("<d", strength["value"]), struct.pack("<d", strength["standard_deviation"]), struct.pack("<d", amount["value"])):
            self.assertTrue(name in data, name)

    def test_data_are_compared_with_the_prediction(self):
        lines = (self.folder / "truth" / "gnss.csv").read_text().splitlines()
        first = next(i for i, line in enumerate(lines) if not line.startswith("#")) + 1
        names = lines[first - 1].split(",")
        deck = SOURCE.replace("set Station grid = -4 km, 4 km, 5, -3 km, 3 km, 4", "set File = scaled.csv").replace(
            "set Sigma        = 0.1 mm/yr", "set Nuisance = offset")
        (self.folder / "scaled.prm").write_text(deck)
        for factor, shift, words in ((1, 0, None), (-1, 0, "opposite sign?"), (1000, 0, "mm taken for m?"), (-0.01, 0, "opposite sign? m taken for cm?"),
                                     (1, 7, None)):
            rows = [line.split(",") for line in lines[first:]]
            for row in rows:
                for i, name in enumerate(names):
                    if name.split()[0] in ("east", "north", "up"):
                        row[i] = repr(factor * float(row[i]) + shift)  # an offset is no disagreement
            (self.folder / "scaled.csv").write_text("\n".join(lines[:first] + [",".join(row) for row in rows]) + "\n")
            log = self.run_well("forward", "scaled.prm", "--set", "Output directory=scaled").stdout
            found = re.search(r"(warning: data set gnss of load case only|  gnss): the data are (\S+) times what is predicted "
                              r"\(correlation (\S+)\)(: (.*))?", log)
            self.assertLess(abs(float(found[2]) / factor - 1), 0.05, log)
            self.assertGreater(float(found[3]) * math.copysign(1, factor), 0.95)
            self.assertEqual(found[5], words)
            self.assertEqual(found[1].startswith("warning"), words is not None)

    def test_of_an_inversion(self):
        process = run(["invert", "good.prm", "--set", "Optimizer/Maximum iterations=2", "--set", "Title=two steps"], self.folder, ranks=2)
        self.assertEqual(process.returncode, 3, process.stdout + process.stderr)
        summary = self.summary("results")
        history = table(self.folder / "results" / "history.csv")
        self.assertEqual([summary["command"], summary["title"], summary["exit_code"], summary["iterations"], summary["ranks"]],
                         ["invert", "two steps", 3, 2, 2])
        for name in ("J", "misfit", "prior", "chi2_per_datum"):
            self.assertAlmostEqual(summary[name] / history[name.replace("_", " ")][-1], 1, delta=1e-12)
        self.assertEqual(summary["n_data"], 60)
        self.assertEqual([summary["stop"][key] for key in ("kind", "converged", "resumable")], ["maximum_iterations", False, True])
        self.assertIn(summary["stop"]["reason"], process.stdout)
        self.assertIn("deal.II", summary["versions"])
        fit = summary["load_cases"][0]["fits"][0]
        self.assertEqual([fit["name"], fit["n"], fit["unit"]], ["gnss", 60, "m"])
        self.assertAlmostEqual(fit["chi2_per_datum"] / summary["chi2_per_datum"], 1, delta=1e-12)
        # The next run in this directory sets it aside with the other results.
        self.run_well("invert", "good.prm")
        self.assertTrue((self.folder / "results" / "earlier-1" / "summary.json").exists())

    def test_of_predictions(self):
        summary = self.summary("truth")
        self.assertEqual([summary["command"], summary["exit_code"], summary["solves"]["forward"]], ["forward", 0, 1])
        for name in ("J", "stop", "iterations"):  # there is nothing to fit
            self.assertNotIn(name, summary)


class TruncationOfSections(Program):
    """In plane strain twice the depth adds 2 ln 2 (1 - nu^2) P / (pi E) to the surface near a load of P per metre (Flamant 1892)."""

    DECK = """
set Dimension = 2
subsection Mesh
  set Lower corner        = -{width} km, -{depth} km
  set Upper corner        =  {width} km, 0
  set Cells               = 80, 40
  set Grading             = 40, 40
  set Focus lower corner  = -2 km, -2 km
  set Focus upper corner  =  2 km, 0
end
subsection Material
  set Young modulus = 30 GPa
  set Poisson ratio = 0.3
  set Unknowns      = none
end
subsection Boundary conditions
  set Fixed   = bottom
  set Rollers = west, east
end
subsection Load cases
  set Names = only
  subsection only
    set Loads = ice
    subsection ice
      set Type     = pressure
      set Boundary = top
      set Region   = abs(x) < 1 km
      set Value    = 3 MPa
    end
    set Data sets = level
    subsection level
      set Station grid = -4 km, 4 km, 9
      set Sigma        = 0.1 mm
    end
  end
end
subsection Solver
  set Element degree = 2
end
"""

    def test_twice_the_depth_adds_what_the_log_says(self):
        up, expected = [], 2 * math.log(2) * (1 - 0.3**2) * 3e6 * 2000 / (math.pi * 30e9)
        for depth in (50, 100):
            (self.folder / "section.prm").write_text(self.DECK.format(width=400, depth=depth))
            log = self.run_well("forward", "section.prm").stdout
            announced = re.search(r"box: net vertical force (\S+) N/m in load case only over a depth of (\S+) m: twice the depth would add about (\S+) m", log)
            self.assertIsNotNone(announced, log)
            self.assertAlmostEqual(float(announced.group(1)), -6e9, delta=3e7)
            self.assertAlmostEqual(float(announced.group(3)) / expected, 1, delta=0.05)  # two digits are printed
            self.assertIn("logarithm of the depth", log)
            self.assertRegex(log, r"box: twice the depth would add \S+ m, \S+ % of the largest displacement")
            up.append(table(self.folder / "output" / "level.csv")["up"])
        for shallow, deep in zip(*up):
            self.assertAlmostEqual((shallow - deep) / expected, 1, delta=0.03)


class PrescribedDisplacement(Program):
    def test_needs_no_load(self):
        # A block that is pulled: u = x * 1e-4 on all sides but the top is not exact, on all of them it is.
        (self.folder / "pulled.prm").write_text(MESH.replace("""  set Fixed   = bottom
  set Rollers = west, east, south, north
""", """  set Prescribed displacement = west, east, south, north, bottom, top
""" + "".join(f"""  subsection {side}
    set East  = 1e-4 * x
    set North = 0
    set Up    = -2e-5 * z
  end
""" for side in ("west", "east", "south", "north", "bottom", "top"))) + """
subsection Material
  set Unknowns = none
end
subsection Load cases
  set Names = pull
  subsection pull
    set Data sets = gnss
    subsection gnss
      set Station grid = -4 km, 4 km, 5, -3 km, 3 km, 4
      set Sigma        = 1 mm
    end
  end
end
""")
        self.run_well("forward", "pulled.prm")
        found = table(self.folder / "output" / "gnss.csv")
        for x, east, up in zip(found["x"], found["east"], found["up"]):
            self.assertAlmostEqual(east, 1e-4 * x, delta=1e-9)
            self.assertAlmostEqual(up, 0, delta=1e-9)
        # Strain and stress (Hooke's law with lambda = mu = 8 GPa, as 20 GPa and 1/4 give) are the same in all cells.
        (cells,) = vtk_pieces(self.folder / "output" / "forward-0000.vtu")
        strain, stress = ([cells[name][c::6] for c in range(6)] for name in ("strain", "stress_Pa"))  # xx, yy, zz, xy, yz, xz
        self.assertEqual(len(strain[0]), 8 * 6 * 4)
        for component, value in enumerate((1e-4, 0, -2e-5, 0, 0, 0)):
            for found in strain[component]:
                self.assertAlmostEqual(found, value, delta=1e-11)
        for component, value in enumerate((2.24e6, 0.64e6, 0.32e6, 0, 0, 0)):
            for found in stress[component]:
                self.assertAlmostEqual(found, value, delta=1)


def transverse_mercator(lon, lat, lon0, lat0):
    """x, y (m) on WGS84 by the series of Snyder (1987), Map projections, eqs 8-9 to 8-15 and 3-21, scale 1; mm within some km."""
    a, f = 6378137.0, 1 / 298.257223563
    e2 = f * (2 - f)
    ep2 = e2 / (1 - e2)

    def meridian(phi):
        return a * ((1 - e2 / 4 - 3 * e2**2 / 64 - 5 * e2**3 / 256) * phi - (3 * e2 / 8 + 3 * e2**2 / 32 + 45 * e2**3 / 1024) * math.sin(2 * phi)
                    + (15 * e2**2 / 256 + 45 * e2**3 / 1024) * math.sin(4 * phi) - 35 * e2**3 / 3072 * math.sin(6 * phi))

    phi = math.radians(lat)
    n = a / math.sqrt(1 - e2 * math.sin(phi) ** 2)
    t, c, q = math.tan(phi) ** 2, ep2 * math.cos(phi) ** 2, math.radians(lon - lon0) * math.cos(phi)
    x = n * (q + (1 - t + c) * q**3 / 6)
    y = meridian(phi) - meridian(math.radians(lat0)) + n * math.tan(phi) * (q**2 / 2 + (5 - t + 9 * c + 4 * c**2) * q**4 / 24)
    return x, y


class GeographicGrid(Program):
    """Displacement on a grid of longitudes and latitudes is that of the projected points."""

    def surface(self, origin, first, last):
        (self.folder / "across.prm").write_text(f"set Geographic origin = {origin}, 54.6\n" + SOURCE.replace("/yr", "").replace(
            "set Surface grid = -3 km, 3 km, 4, -2 km, 2 km, 3", f"set Surface grid = {first}, {last}, 5, 54.58, 54.625, 4\n  set Grid coordinates = lon,lat"))
        self.run_well("forward", "across.prm")
        return table(self.folder / "output" / "surface.csv")

    def test_goes_across_0_and_the_date_line(self):
        for origin, first, last in ((0, 359.96, 0.03), (180, 179.96, -179.97), (-180, 179.96, -179.97)):
            across, plain = self.surface(origin, first, last), self.surface(origin, origin - 0.04, origin + 0.03)
            for name in plain:
                largest = max(abs(v) for v in plain[name])
                for a, b in zip(across[name], plain[name]):
                    self.assertLess(abs(a - b), 1e-9 * largest, (origin, name))
        # A turn away from the model, without a crossing, the columns are those asked for.
        self.assertEqual(self.surface(-164.6, 195.36, 195.43)["lon [deg]"][0], 195.36)

    def test_equals_the_projected_points(self):
        (self.folder / "geographic.prm").write_text("set Geographic origin = -164.6, 54.6\n" + SOURCE.replace("/yr", "").replace(
            "set Surface grid = -3 km, 3 km, 4, -2 km, 2 km, 3", "set Surface grid = -164.64, -164.57, 5, 54.58, 54.625, 4\n  set Grid coordinates = lon,lat"))
        self.run_well("forward", "geographic.prm", "--set", "Output directory=geographic")
        grid = table(self.folder / "geographic" / "surface.csv")
        self.assertEqual(list(grid), ["lon [deg]", "lat [deg]", "east [m]", "north [m]", "up [m]"])
        points = list(zip(grid["lon [deg]"], grid["lat [deg]"]))
        wanted = [(-164.64 + 0.07 * i / 4, 54.58 + 0.045 * j / 3) for j in range(4) for i in range(5)]
        for point, place in zip(points, wanted):
            self.assertLess(max(abs(a - b) for a, b in zip(point, place)), 1e-9)
        self.assertEqual(len(points), 20)

        rows = ["x,y,east,north,up,sigma_east,sigma_north,sigma_up"]
        rows += ["{!r},{!r},0,0,0,1,1,1".format(*transverse_mercator(lon, lat, -164.6, 54.6)) for lon, lat in wanted]
        (self.folder / "points.csv").write_text("\n".join(rows) + "\n")
        (self.folder / "points.prm").write_text(SOURCE.replace("/yr", "").replace(
            "set Station grid = -4 km, 4 km, 5, -3 km, 3 km, 4", "set File = points.csv").replace("set Sigma        = 0.1 mm\n", "").replace("= mm\n", "= m\n"))
        self.run_well("forward", "points.prm", "--set", "Output directory=points", ranks=2)
        at_points = table(self.folder / "points" / "gnss.csv")
        for component in ("east", "north", "up"):
            largest = max(abs(v) for v in at_points[component])
            self.assertGreater(largest, 1e-4)
            for a, b in zip(grid[component + " [m]"], at_points[component]):
                self.assertLess(abs(a - b), 1e-5 * largest)  # a centimetre of place in kilometres


class Places(Program):
    """Files without values: forward predicts there as at stations whose values were dummies."""

    GRID = "set Station grid = -4 km, 4 km, 5, -3 km, 3 km, 4"
    PLACES = [(-1000, 500), (300.5, -2000), (2500, 2500)]

    def predict(self, name, text, ranks=1, deck=SOURCE.replace("/yr", "")):
        (self.folder / f"{name}.csv").write_text(text)
        (self.folder / "places.prm").write_text(deck.replace(self.GRID, f"set File = {name}.csv"))
        log = self.run_well("forward", "places.prm", "--set", f"Output directory={name}", ranks=ranks).stdout
        return log, table(self.folder / name / "gnss.csv")

    def test_they_need_no_dummy_values(self):
        def rows(tail):
            return "".join(f"S{i},{x},{y}{tail}\n" for i, (x, y) in enumerate(self.PLACES))

        _, dummies = self.predict("dummies", "name,x,y,east,north,up\n" + rows(",0,0,0"))
        for ranks in (1, 2, 3):
            log, places = self.predict("places", "Name X Y quality\n" + rows(",1").replace(",", " "), ranks=ranks)
            self.assertIn("9 values to predict", log)
            self.assertIn("column ignored: quality", log)
            for column in ("name", "x", "y", "quality"):
                self.assertEqual(len(places[column]), 3)
            for column in ("east", "north", "up"):
                for a, b in zip(dummies[column], places[column]):
                    self.assertLess(abs(a - b), 1e-8 * max(map(abs, dummies[column])))

    def test_levelling_and_line_of_sight(self):
        positions = [f"{x};{y}" for x, y in self.PLACES]
        _, level = self.predict("level", "x;y;sigma_up\n" + "".join(f"{p};0.5\n" for p in positions))
        self.assertEqual(set(level), {"x", "y", "sigma_up", "up"})
        _, all_of_them = self.predict("all", "x;y\n" + "\n".join(positions) + "\n")
        self.assertEqual(level["up"], all_of_them["up"])
        incidence, heading = math.radians(35), math.radians(-12)
        _, los = self.predict("los", "x;y;incidence;heading\n" + "".join(f"{p};35;-12\n" for p in positions))
        for i in range(3):
            expected = (-math.sin(incidence) * math.cos(heading) * all_of_them["east"][i] + math.sin(incidence) * math.sin(heading) * all_of_them["north"][i]
                        + math.cos(incidence) * all_of_them["up"][i])
            self.assertLess(abs(los["los"][i] - expected), 1e-9 * abs(expected))

    def test_in_a_section(self):
        (self.folder / "line.csv").write_text("x\n-1000\n0\n1500\n")
        deck = """set Dimension = 2
subsection Mesh
  set Lower corner = -6 km, -4 km
  set Upper corner = 6 km, 0
  set Cells = 12, 4
end
subsection Material
  set Unknowns = none
end
subsection Boundary conditions
  set Fixed = bottom
end
subsection Load cases
  set Names = only
  subsection only
    set Loads = water
    subsection water
      set Type = pressure
      set Boundary = top
      set Value = if(abs(x) < 1000, 1e5, 0)
    end
    set Data sets = gnss
    subsection gnss
      set File = line.csv
      set Sigma = 1 mm
    end
  end
end
"""
        (self.folder / "section.prm").write_text(deck)
        self.run_well("forward", "section.prm", "--set", "Output directory=section", ranks=2)
        found = table(self.folder / "section" / "gnss.csv")
        self.assertEqual(list(found), ["x", "east", "up", "sigma_east", "sigma_up"])
        self.assertLess(found["up"][1], 0)


class DensitiesAndTables(Program):
    def test_a_negative_density_is_warned_of_with_its_number(self):
        deck = re.sub(r"set Type          = point source(.*\n)*?      set Strength.*\n", "set Type = body force\n      set Region = z > -1000\n"
                      "      set Density = -0.1e3 kg/m^3\n", SOURCE.replace("/yr", ""))
        (self.folder / "density.prm").write_text(deck)
        log = self.run_well("forward", "density.prm").stdout
        self.assertIn("warning: Load cases/only/chamber/Density: '-0.1e3 kg/m^3' was read as -100 kg/m^3", log)

    def test_columns_that_are_ignored_are_named(self):
        (self.folder / "depth.csv").write_text("depth [km];vp;Young [GPa];poisson;rho\n0;3000;10;0.25;2.5\n5;5000;30;0.25;2.7\n")
        (self.folder / "points.csv").write_text("x,y,depth,pxx,pyy,pzz,pyz,pxz,pxy,patch\n200,-300,2000,1e5,1e5,1e5,0,0,0,A\n")
        deck = SOURCE.replace("/yr", "").replace("  set Unknowns = none", "  set Unknowns = none\n  set Young modulus = table depth.csv\n"
                                                 "  set Poisson ratio = table depth.csv")
        deck = re.sub(r"set Type          = point source(.*\n)*?      set Strength.*\n", "set Type = potency points\n      set File = points.csv\n", deck)
        (self.folder / "tables.prm").write_text(deck)
        log = self.run_well("forward", "tables.prm").stdout
        self.assertIn("Material/Young modulus: table depth.csv, columns ignored: vp, rho", log)
        self.assertEqual(log.count("columns ignored"), 1)
        self.assertIn("1 point from points.csv, column ignored: patch", log)


if __name__ == "__main__":
    unittest.main(verbosity=2)
