"""Runs that find no memory."""
import pathlib
import re
import subprocess
import time
import unittest

from program import Program, command_line, run


class Memory(Program):
    """A run that finds no memory says where, and what fits; it ends on all ranks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # What a small run takes with its libraries, as the machine counts it.
        cls.small = 0
        process = subprocess.Popen(command_line(["forward", cls.twin / "twin.prm"]), cwd=cls.top.name, stdout=subprocess.DEVNULL)
        while process.poll() is None:
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            peak = re.search(r"VmPeak:\s+(\d+) kB", status)
            cls.small = max(cls.small, 1024 * int(peak[1]) if peak else 0)
            time.sleep(0.002)

    def end(self, room, *settings, ranks=1):
        arguments = ["forward", self.twin / "twin.prm"] + [word for setting in settings for word in ("--set", setting)]
        process = run(arguments, self.folder, ranks, memory=self.small + room)
        self.assertEqual(process.returncode, 2, process.stdout[-2000:] + process.stderr)
        self.assertNotIn("internal error", process.stderr)
        return process.stderr

    def test_in_multigrid_or_before(self):
        for ranks, cells, unknowns in ((1, "72, 72, 36", "5[69]0,000"), (2, "96, 96, 48", "1,[34]00,000")):
            message = self.end(200 * 2**20, f"Mesh/Cells={cells}", "Solver/Method=multigrid", ranks=ranks)
            self.assertIn("lodestone: out of memory" + (" on rank " if ranks > 1 else "\n"), message)
            self.assertRegex(message, rf"memory ran out in the [a-z, ]+\. The model has about {unknowns} displacement unknowns on {ranks} rank")
            self.assertRegex(message, r"may take, about [\d,]+ unknowns (a rank )?fit \(1.3 kB each\)")

    def test_in_a_factorisation(self):
        for ranks in (1, 2):
            message = self.end(500 * 2**20, "Mesh/Cells=40, 40, 20", "Solver/Method=direct", ranks=ranks)
            self.assertIn("memory ran out in the direct factorisation. The model has about 110,000 displacement unknowns", message)
            self.assertIn("Solver/Method = multigrid takes about 1 kB per unknown.", message)


if __name__ == "__main__":
    unittest.main(verbosity=2)
