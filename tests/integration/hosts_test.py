"""Runs across two hosts, and what becomes of them when one host is cut off."""
import subprocess
import time
import unittest

from program import LODESTONE, SLOWNESS, Program
from two_hosts import TwoHosts, why_not

REASON = why_not()


@unittest.skipIf(REASON, REASON)
class Hosts(Program):
    def setUp(self):
        super().setUp()
        self.hosts = TwoHosts()
        self.addCleanup(self.hosts.stop)

    def test_two_hosts_give_the_numbers_of_one(self):
        arguments = ["invert", "good.prm", "--set", "Mesh/Cells=16, 12, 8", "--set", "Solver/Method=multigrid"]
        process = subprocess.run(self.hosts.command_line(LODESTONE, *arguments), cwd=self.folder, capture_output=True, text=True, timeout=200)
        self.assertEqual(process.returncode, 0, process.stdout[-2000:] + process.stderr)
        self.assertGreater(self.hosts.bytes_received(), 1e5)  # the ranks did not speak through shared memory
        self.run_well(*arguments, "--set", "Output directory=one", ranks=2)
        self.assert_same_history(self.history(), self.history("one"), 1e-9)

    def test_a_lost_host_ends_the_run_and_the_next_one_goes_on(self):
        arguments = ["invert", "good.prm"]
        for entry in ("Method=steepest", "Gradient tolerance=0", "Resume=auto"):
            arguments += ["--set", "Optimizer/" + entry]
        arguments += ["--set", "Mesh/Cells=16, 12, 8"]
        # As scripts/pbs/invert.pbs sets them, but shorter.
        first = subprocess.Popen(self.hosts.command_line(LODESTONE, *arguments, "--set", "Optimizer/Maximum iterations=100000",
                                                         oob_tcp_keepalive_time=2, oob_tcp_keepalive_intvl=1, oob_tcp_keepalive_probes=3),
                                 cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        end = time.monotonic() + 120 * SLOWNESS  # checkpoints cost a hundredth of the time: a slow disk delays the second one
        while not (self.folder / "results" / "checkpoint" / "previous.h5").exists():
            self.assertLess(time.monotonic(), end, "no second checkpoint")
            time.sleep(0.05)
        self.hosts.set_cable("down")
        output = first.communicate(timeout=30)[0]
        self.assertNotEqual(first.returncode, 0)
        self.assertIn("lost", output)  # Open MPI names the host
        end = time.monotonic() + 20  # the other host finds out by itself
        while self.hosts.processes():
            self.assertLess(time.monotonic(), end, "ranks that do not end")
            time.sleep(0.1)
        done = int(self.history()["iteration"][-1])

        self.hosts.set_cable("up")
        more = ["--set", f"Optimizer/Maximum iterations={done + 2}"]
        process = subprocess.run(self.hosts.command_line(LODESTONE, *arguments, *more), cwd=self.folder, capture_output=True, text=True, timeout=200)
        self.assertIn(process.returncode, (3, 4), process.stdout[-2000:] + process.stderr)
        self.assertIn("the run goes on from iterate", process.stdout)
        self.assertNotIn("could not be computed", process.stdout)  # a failed trial of the first run, which it has told
        history = self.history()
        self.assertEqual(history["iteration"], list(range(done + 3)))
        for before, after in zip(history["J"], history["J"][1:]):
            self.assertLess(after, before)


if __name__ == "__main__":
    unittest.main()
