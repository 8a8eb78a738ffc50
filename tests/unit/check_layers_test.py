"""scripts/check_layers.py accepts what the table allows and refuses each way of breaking it."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "check_layers.py"


class CheckLayers(unittest.TestCase):
    def check(self, file, line):
        with tempfile.TemporaryDirectory() as top:
            path = pathlib.Path(top) / file
            path.parent.mkdir(parents=True)
            path.write_text(line + "\n")
            return subprocess.run([sys.executable, SCRIPT, top], capture_output=True, text=True)

    def test_allowed(self):
        for file, line in [
            ("src/forward/a.cc", "#include <lodestone/material/parametrization.h>"),
            ("src/forward/a.cc", "#include <lodestone/loads/load_vector.h>"),
            ("src/solver/multigrid/a.cc", "#include <lodestone/material/moduli.h>"),
            ("include/lodestone/loads/a.h", "#include <lodestone/discretization/mesh.h>"),
            ("src/io/a.cc", "#include <lodestone/discretization/mesh.h>"),
            ("src/base/a.cc", "#include <lodestone/version.h>"),
            ("include/lodestone/prior/a.h", "#include <vector>"),
            ("src/main.cc", "#include <lodestone/app/command_line.h>"),
        ]:
            self.assertEqual(self.check(file, line).returncode, 0, file)

    def test_refused(self):
        for file, line in [
            ("src/material/a.cc", "#include <lodestone/forward/forward_solver.h>"),
            ("src/solver/a.cc", "#include <lodestone/loads/load_vector.h>"),
            ("src/loads/a.cc", "#include <lodestone/solver/boundary_conditions.h>"),
            ("src/loads/a.cc", "#include <lodestone/material/moduli.h>"),
            ("src/adjoint/a.cc", "#include <lodestone/solver/linear_solver.h>"),
            ("src/optimizer/a.cc", "  #  include <lodestone/discretization/state.h>"),
            ("include/lodestone/discretization/a.h", "#include <lodestone/io/vtu_writer.h>"),
            ("src/io/a.cc", '#include "../forward/a.h"'),
            ("src/main.cc", "#include <lodestone/forward/forward_solver.h>"),
            ("src/precompiled.h", "#include <lodestone/base/error.h>"),
            ("src/utils/a.cc", "#include <vector>"),
        ]:
            result = self.check(file, line)
            self.assertEqual(result.returncode, 1, file)
            self.assertIn(f"{file}:1: ", result.stdout)


if __name__ == "__main__":
    unittest.main()
