"""The scripts that users run on data and results, on small files made here; expected are places, order and numbers worked out by hand."""
import ast
import importlib.util
import math
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts"


def load(name):
    specification = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)


class ConvertUnimak(Folder):
    def test_columns_and_quadtree_cells(self):
        source, made = self.folder / "in", self.folder / "made"
        source.mkdir()
        (source / "unimak_gnss_NOAM.txt").write_text("% comment\nAB01 -164.5 54.7 0.001 0.002 0.003 0.0001 0.0002 0.0004\n")
        # lon lat heading incidence los error row0 row1 col0 col1: 50 x 60 = 3000 pixels are kept, 50 x 61 are not
        (source / "unimak_asc_ref.csv").write_text("-164.1 54.1 -12.5 38.5 0.004 0.9 100 150 200 260\n-164.2 54.2 -12.5 38.5 0.005 0.9 100 150 200 261\n")
        (source / "unimak_des_ref.csv").write_text("-164.3 54.3 192.5 36.5 -0.006 0.9 0 1 0 1\n")
        subprocess.run([sys.executable, "-B", SCRIPTS / "convert_unimak.py", source, made], check=True, stdout=subprocess.DEVNULL)

        def rows(name):
            lines = [line for line in (made / name).read_text().splitlines() if not line.startswith("#")]
            return [dict(zip(lines[0].split(","), line.split(","))) for line in lines[1:]]

        self.assertEqual(rows("gnss.csv"), [{"name": "AB01", "lon": "-164.5", "lat": "54.7", "east": "0.001", "north": "0.002", "up": "0.003",
                                            "sigma_east": "0.0001", "sigma_north": "0.0002", "sigma_up": "0.0004"}])
        self.assertEqual(rows("ascending.csv"), [{"lon": "-164.1", "lat": "54.1", "los": "0.004", "sigma": "0.001", "incidence": "38.5", "heading": "-12.5"}])
        self.assertEqual(rows("descending.csv"), [{"lon": "-164.3", "lat": "54.3", "los": "-0.006", "sigma": "0.001", "incidence": "36.5", "heading": "192.5"}])
        self.assertIn("1 of 2 quadtree cells", (made / "ascending.csv").read_text())
        for name in ("gnss.csv", "ascending.csv", "descending.csv"):
            self.assertIn("# units: m/yr", (made / name).read_text())


class Render(unittest.TestCase):
    """What needs no ParaView of render.py."""

    def test_units_of_lengths(self):
        tree = ast.parse((SCRIPTS / "render.py").read_text())
        tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "length_unit"]
        names = {"math": math}
        exec(compile(tree, "render.py", "exec"), names)
        metres = {"m": 1, "cm": 1e-2, "mm": 1e-3}
        for largest, unit in ((3e-4, "mm"), (0.02, "mm"), (0.3, "cm"), (2.5, "m"), (4e3, "m"), (3e-7, "1e-7 m"), (5e7, "1e7 m")):
            factor, name = names["length_unit"](largest)
            self.assertEqual(name, unit, largest)
            self.assertAlmostEqual(factor * metres.get(name, float(name.split()[0]) if " " in name else 1), 1, delta=1e-12)
        for nothing in (0, math.nan, math.inf):
            self.assertEqual(names["length_unit"](nothing), (1, "m"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
