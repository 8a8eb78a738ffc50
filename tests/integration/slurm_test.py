"""The scripts under scripts/slurm on a real Slurm of one node with two processors. Skipped, saying why, where there can be none."""
import os
import re
import shutil
import time
import unittest

from program import LODESTONE, SOURCE, Program, table
from slurm_cluster import Cluster, why_not

# Many quick iterations, which go on until a signal comes.
ENDLESS = ["--set", "Optimizer/Method=steepest", "--set", "Optimizer/Maximum iterations=100000", "--set", "Optimizer/Gradient tolerance=0",
           "--set", "Optimizer/Inexact solves=no", "--set", "Mesh/Cells=32, 24, 16"]


@unittest.skipIf(why_not(), why_not())
class Scheduler(Program):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        os.environ["LODESTONE"] = LODESTONE
        cls.cluster = Cluster()

    @classmethod
    def tearDownClass(cls):
        cls.cluster.stop()
        super().tearDownClass()

    def tearDown(self):
        self.cluster.run("scancel", "--user=root", check=False)
        self.cluster.run("scontrol", "update", f"NodeName={self.cluster.host}", "State=RESUME", check=False)
        super().tearDown()

    def submit(self, script, *arguments, options=()):
        return self.cluster.submit("--ntasks=2", *options, SOURCE / "scripts" / "slurm" / script, *arguments, folder=self.folder)

    def log(self, job):
        file = self.folder / f"lodestone-{job}.log"
        return file.read_text() if file.exists() else ""

    def wait_for_iterations(self, job, n):
        history = self.folder / "results" / "history.csv"
        self.cluster.wait_for(lambda: history.exists() and len(history.read_text().splitlines()) > n + 1, f"{n} iterations of job {job}", 200)

    def test_a_job_ends_with_its_inversion(self):
        job = self.submit("invert.sbatch", "good.prm")
        end = self.cluster.wait_for_end(job, 120)
        self.assertEqual((end["JobState"], end["ExitCode"], end["Restarts"]), ("COMPLETED", "0:0", "0"), self.log(job))
        self.assertIn("2 ranks", self.log(job))
        self.assertIn("converged:", self.log(job))

    def test_a_job_goes_on_after_a_signal(self):
        """Queued again until it is done, with the result of an uninterrupted run."""
        deck = ["good.prm", "--set", "Optimizer/Inexact solves=no", "--set", "Optimizer/Gradient tolerance=1e-8", "--set", "Mesh/Cells=24, 18, 12"]
        job = self.submit("invert.sbatch", *deck)
        self.wait_for_iterations(job, 2)
        self.cluster.run("scancel", "--signal=TERM", job)
        end = self.cluster.wait_for_end(job, 300)
        self.assertEqual((end["JobState"], end["ExitCode"], end["Restarts"]), ("COMPLETED", "0:0", "1"), self.log(job))
        self.assertRegex(self.log(job), r"stopped early after \d+ iterations: queued again, to go on from the checkpoint")
        interrupted = self.history()
        self.run_well("invert", *deck, "--set", "Output directory=whole", ranks=2)
        whole = self.history("whole")
        self.assertEqual(interrupted["iteration"], whole["iteration"])
        for one, other in zip(interrupted["J"], whole["J"]):
            self.assertAlmostEqual(one / other, 1, delta=1e-8)

    def test_a_signal_comes_before_the_time_limit(self):
        job = self.submit("invert.sbatch", "good.prm", *ENDLESS, options=["--signal=TERM@70", "--time=2"])  # Slurm may be half a minute early
        self.cluster.wait_for(lambda: "queued again" in self.log(job), "the end of the step", 100)
        self.cluster.run("scancel", job)
        self.cluster.wait_for_end(job, 60)
        self.assertIn("interrupted:", self.log(job))

    def test_a_job_that_gains_nothing_is_not_queued_again(self):
        deck = ["good.prm", "--set", "Optimizer/Maximum iterations=0"]
        job = self.submit("invert.sbatch", *deck)
        end = self.cluster.wait_for_end(job, 120)
        self.assertEqual((end["ExitCode"], end["Restarts"]), ("3:0", "0"), self.log(job))
        self.assertIn("not queued again: no iteration was completed", self.log(job))

    def test_a_chain_of_jobs_has_an_end(self):
        job = self.submit("invert.sbatch", "good.prm", "--set", "Optimizer/Maximum iterations=1", options=["--export=ALL,LODESTONE_RESTARTS=0"])
        end = self.cluster.wait_for_end(job, 120)
        self.assertEqual((end["ExitCode"], end["Restarts"]), ("3:0", "0"), self.log(job))
        self.assertIn("not queued again after 0 times", self.log(job))

    def test_scancel(self):
        job = self.submit("invert.sbatch", "good.prm", *ENDLESS)
        self.wait_for_iterations(job, 3)
        self.cluster.run("scancel", "--signal=TERM", job)
        self.cluster.wait_for(lambda: "queued again" in self.log(job), "the end of the step", 60)
        self.cluster.run("scancel", job)
        self.assertEqual(self.cluster.wait_for_end(job, 60)["JobState"], "CANCELLED")
        self.assertIn("interrupted:", self.log(job))
        self.assertTrue((self.folder / "results" / "results.h5").exists())

    def test_a_job_that_is_cancelled_stays_so(self):
        """The run ends in order, with its results, and exit code 3 does not bring the job back."""
        job = self.submit("invert.sbatch", "good.prm", *ENDLESS)
        self.wait_for_iterations(job, 3)
        self.cluster.run("scancel", job)
        end = self.cluster.wait_for_end(job, 60)
        self.assertEqual((end["JobState"], end["Restarts"]), ("CANCELLED", "0"), self.log(job))
        self.assertIn("not queued again: the job was cancelled", self.log(job))

    def test_a_node_that_is_taken_away(self):
        job = self.submit("invert.sbatch", "good.prm", *ENDLESS)
        self.wait_for_iterations(job, 3)
        node = ["scontrol", "update", f"NodeName={self.cluster.host}"]
        self.cluster.run(*node, "State=DOWN", "Reason=test")
        self.cluster.wait_for(lambda: self.cluster.job(job)["JobState"] == "PENDING", "the job in the queue again", 60)
        before = self.history()["iteration"][-1]
        self.cluster.run(*node, "State=RESUME", check=False)  # Slurm may have done so by itself
        self.cluster.start_soon(job)
        self.cluster.wait_for(lambda: self.history()["iteration"][-1] > before, "more iterations", 90)
        self.cluster.run("scancel", job)
        self.cluster.wait_for_end(job, 60)
        self.assertEqual(self.history()["iteration"], list(range(len(self.history()["iteration"]))))

    def test_an_array(self):
        job = self.submit("array.sbatch", "good.prm", "Prior/Weight", "10", "100", options=["--array=0-1"])
        for task in ("0", "1"):
            self.cluster.wait_for(lambda: f"results: array-{task}" in self.log(f"{job}_{task}"), f"task {task}", 120)
        roughness = [table(self.folder / f"array-{task}" / "history.csv")["misfit"][-1] for task in (0, 1)]
        self.assertLess(roughness[0], roughness[1])


if __name__ == "__main__":
    unittest.main()
