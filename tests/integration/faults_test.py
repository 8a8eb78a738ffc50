"""A fault on one rank ends all of them, with one message and without a hang.

Builds with tests cause faults on demand (LODESTONE_FAULT, see base/fault.h): at the start of a part of the program, on one rank.
"""
import concurrent.futures
import os
import subprocess
import time
import unittest

from program import Program, command_line, run

SECONDS = 30  # the wait for the others takes five; the rest is for a busy machine
# place, kind, ranks, the rank, how many times it is passed before; exit code, title, text
FAULTS = (
    ("the data and the tables of the loads", "throw", 2, 1, 0, 2, "internal error", "a fault of a test"),
    ("the mesh", "memory", 3, 2, 0, 2, "out of memory", "memory ran out in the mesh."),
    ("the boundary conditions and the loads", "input", 2, 0, 0, 1, "wrong input in good.prm", "a test: a fault of a test"),
    ("the multigrid hierarchy", "petsc", 3, 1, 5, 2, "solver failure", "PETSc error"),
    ("algebraic multigrid", "solver", 2, 1, 2, 2, "solver failure", "a fault of a test"),
    ("the direct factorisation", "petsc", 2, 1, 3, 2, "solver failure", "PETSc error"),
    ("the prior", "throw", 2, 0, 0, 2, "internal error", "a fault of a test"),
    ("the estimate of the discretization error", "memory", 2, 1, 0, 2, "out of memory", "memory ran out in the estimate of the discretization error."),
    ("the optimiser", "throw", 2, 1, 0, 2, "internal error", "a fault of a test"),
    ("the gradient", "petsc", 2, 1, 3, 2, "solver failure", "PETSc error"),
    ("the checkpoint and the results of an iteration", "solver", 3, 2, 1, 2, "solver failure", "a fault of a test"),
    ("the results", "throw", 2, 1, 0, 2, "internal error", "a fault of a test"),
    ("the standard errors", "memory", 2, 0, 0, 2, "out of memory", "memory ran out in the standard errors."),
)
METHODS = {"algebraic multigrid": "amg", "the direct factorisation": "direct"}


class Faults(Program):
    def run_with(self, place, kind, ranks, rank, before, name="results"):
        settings = [f"Solver/Method={METHODS.get(place, 'multigrid')}", f"Output directory={name}", "Output/Standard errors=yes"]
        arguments = ["invert", "good.prm"] + [word for setting in settings for word in ("--set", setting)]
        environment = {**os.environ, "LODESTONE_FAULT": f"{rank};{place};{kind};{before + 1}"}
        start = time.monotonic()
        process = subprocess.run(command_line(arguments, ranks), cwd=self.folder, env=environment, capture_output=True, text=True, timeout=120)
        return process, time.monotonic() - start

    def test_one_rank_ends_all(self):
        def end(k):
            place, kind, ranks, rank, before = FAULTS[k][:5]
            return self.run_with(place, kind, ranks, rank, before, f"results-{k}")

        with concurrent.futures.ThreadPoolExecutor(2) as pool:  # they wait most of the time
            ends = list(pool.map(end, range(len(FAULTS))))
        for (place, kind, ranks, rank, _, code, title, text), (process, seconds) in zip(FAULTS, ends):
            with self.subTest(place=place, kind=kind):
                self.assertEqual(process.returncode, code, process.stderr)
                self.assertEqual(process.stderr.count("lodestone: "), 1, process.stderr)
                self.assertIn(f"lodestone: {title} on rank {rank} of {ranks}\n  {text}", process.stderr)
                self.assertIn("The other ranks wait for this one, so they are ended too.", process.stderr)
                self.assertLess(seconds, SECONDS)

    def test_a_crash_is_explained(self):
        for kind, text in (("abort", "an abort"), ("access", "an invalid access to memory")):
            process, _ = self.run_with("the gradient", kind, 2, 1, 0)
            self.assertGreater(process.returncode, 4)
            self.assertIn(f"lodestone: internal error on rank 1 of 2\n  {text} in the gradient.", process.stderr)
            self.assertEqual(process.stderr.count("lodestone: "), 1, process.stderr)

    def test_an_error_of_all_ranks_comes_once_and_at_once(self):
        start = time.monotonic()
        process = run(["invert", "good.prm", "--set", "Solver/Method=direct", "--set", "Material/Young modulus=-1"], self.folder, ranks=3)
        self.assertEqual(process.returncode, 1)
        self.assertEqual(process.stderr.count("lodestone: wrong input in good.prm\n"), 1, process.stderr)
        self.assertLess(time.monotonic() - start, 5)

    @unittest.skipIf(os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode, "only root can mount a small disk")
    def test_a_full_disk(self):
        """At any write: one message, no hang, no messages of libraries before it."""
        disk = self.folder / "disk"
        disk.mkdir()
        for kilobytes in (40, 160, 340, 1200, 1400):
            with self.subTest(kilobytes=kilobytes):
                arguments = command_line(["invert", "good.prm", "--set", "Output directory=disk/results"], 2)
                process = subprocess.run(["unshare", "-m", "sh", "-c", f'mount -t tmpfs -o size={kilobytes}k none disk && exec "$@"', "sh", *arguments],
                                         cwd=self.folder, capture_output=True, text=True, timeout=60)
                self.assertEqual(process.returncode, 1, process.stderr)
                self.assertEqual(process.stderr.count("lodestone: "), 1, process.stderr)
                self.assertRegex(process.stderr, "(?i)no space left on (the disk|device)")
                self.assertNotIn("HDF5-DIAG", process.stderr)
                self.assertTrue(process.stderr.lstrip().startswith("lodestone: wrong input in good.prm\n"), process.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
