"""Every file that is read, cut off and with a changed bit at every twentieth of its length: one clear error, or another number; no crash."""
import re
import shutil
import unittest

from program import SOURCE, Program, run

PLACES = 20
MESHES = SOURCE / "tests" / "unit" / "discretization"
MESH_DECK = """set Output directory = results
subsection Mesh
  set Source = gmsh
  set File = mesh.msh
  set Scale = 1 km
end
subsection Boundary conditions
  set Fixed = bottom
end
subsection Load cases
  set Names = only
  subsection only
    set Loads = weight
    subsection weight
      set Type = pressure
      set Boundary = top
      set Value = 1 MPa
    end
  end
end
"""


class DamagedFiles(Program):
    def damages(self, content):
        """Names of damages, and what is left of the file."""
        for k in range(PLACES):
            place = len(content) * k // PLACES
            yield f"cut off at {k}/{PLACES}", content[:place]
            yield f"a bit changed at {k}/{PLACES}", content[:place] + bytes([content[place] ^ (1 << k % 8)]) + content[place + 1:]

    def check(self, file, arguments):
        """Runs that read the damaged file. @return how many refuse it"""
        path = self.folder / file
        content, refused = path.read_bytes(), 0
        for damage, left in self.damages(content):
            with self.subTest(file=file, damage=damage):
                path.write_bytes(left)
                process = run(arguments, self.folder, timeout=60)
                said = process.stderr
                self.assertIn(process.returncode, (0, 1, 2, 3, 4), said)
                if process.returncode in (1, 2):
                    self.assertRegex(said, r"^\s*lodestone: (wrong input|solver failure)", process.stdout[-500:])
                    self.assertLess(len(said.splitlines()), 8, said)
                for foreign in ("HDF5-DIAG", "PETSC ERROR", "dealii::", "std::", "terminate called", "internal error"):
                    self.assertNotIn(foreign, process.stdout + said)
                self.assertFalse(re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", said), repr(said))
                refused += process.returncode == 1
        path.write_bytes(content)
        self.assertIn(run(arguments, self.folder).returncode, (0, 3, 4))
        self.assertGreater(refused, 0)
        return refused

    def test_deck(self):
        self.check("good.prm", ["invert", "good.prm", "--dry-run"])
        run(["invert", "good.prm"], self.folder)
        shutil.copy(self.folder / "results" / "parameters.prm", self.folder / "again.prm")
        self.check("again.prm", ["invert", "again.prm", "--dry-run"])

    def test_data(self):
        self.check("twin.csv", ["invert", "good.prm", "--dry-run"])

    def test_meshes(self):
        (self.folder / "mesh.prm").write_text(MESH_DECK)
        for name in ("22", "22_binary", "41", "41_binary"):
            shutil.copy(MESHES / f"two_layers_km_{name}.msh", self.folder / "mesh.msh")
            self.check("mesh.msh", ["forward", "mesh.prm"])

    def test_tables(self):
        (self.folder / "young.csv").write_text("depth [m],young [GPa]\n0,10\n" + "".join(f"{500 * i},{10 + i}\n" for i in range(1, 9)))
        self.check("young.csv", ["invert", "good.prm", "--dry-run", "--set", "Material/Young modulus=table young.csv"])
        (self.folder / "well.csv").write_text("x [m],y [m],z [m],value [Pa]\n" + "".join(f"{x},{y},{z},-1e6\n" for x in (-9000, 9000) for y in (-9000, 9000)
                                                                                         for z in (-9000, 0)))
        self.check("well.csv", ["invert", "good.prm", "--dry-run", "--set", "Load cases/only/well/Value=table well.csv"])

    def test_results(self):
        run(["invert", "good.prm"], self.folder)
        for file in ("results.h5", "checkpoint/model.h5"):
            shutil.copy(self.folder / "results" / file, self.folder / "earlier.h5")
            every = 2 * PLACES
            for entry, value in (("Optimizer/Start model", "earlier.h5"), ("Prior/Mean", "results earlier.h5")):
                self.assertEqual(self.check("earlier.h5", ["invert", "good.prm", "--dry-run", "--set", f"{entry}={value}"]), every)


if __name__ == "__main__":
    unittest.main()
