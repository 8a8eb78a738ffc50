"""Runs that are stopped, killed or damaged, and go on."""
import shutil
import unittest

from program import Program, run


def settings(**entries):
    """Arguments that set entries: Optimizer__Resume="yes"."""
    return [word for name, value in entries.items() for word in ("--set", name.replace("__", "/").replace("_", " ") + f"={value}")]


class Resume(Program):
    """Runs of a few iterations that go on."""

    def invert(self, iterations, *more, ranks=1, code=3, output="results"):
        process = run(["invert", "good.prm", "--set", f"Output directory={output}", *settings(Optimizer__Maximum_iterations=iterations), *more],
                      self.folder, ranks)
        self.assertEqual(process.returncode, code, process.stdout[-2000:] + process.stderr)
        return process

    def go_on(self, iterations, *more, **keywords):
        return self.invert(iterations, "--set", "Optimizer/Resume=yes", *more, **keywords)


class Damage(Resume):
    """A checkpoint with one changed bit or a missing end is never taken for good: the one before it serves, and the log says so."""

    def test_the_checkpoint_before_serves(self):
        self.invert(2)
        whole = self.folder / "whole"
        shutil.copytree(self.folder / "results", whole)
        good = (whole / "checkpoint" / "model.h5").read_bytes()
        for k in range(20):
            at = k * len(good) // 20 + 3
            flipped = bytearray(good)
            flipped[at] ^= 1 << k % 8
            for what, content in (("flipped", flipped), ("cut", good[:at])):
                with self.subTest(what=what, at=at):
                    shutil.rmtree(self.folder / "results")
                    shutil.copytree(whole, self.folder / "results")
                    (self.folder / "results" / "checkpoint" / "model.h5").write_bytes(content)
                    process = self.go_on(2)
                    self.assertIn("model.h5' is damaged: its checksum does not fit: the run goes on from the checkpoint before it", process.stdout)
                    self.assertNotIn("HDF5-DIAG", process.stdout + process.stderr)
                    self.assertEqual(self.history()["iteration"], [0, 1, 2])

    def test_without_a_sound_one_the_run_ends(self):
        self.invert(2)
        checkpoints = self.folder / "results" / "checkpoint"
        (checkpoints / "model.h5").write_bytes(b"")
        (checkpoints / "previous.h5").write_bytes((checkpoints / "previous.h5").read_bytes()[:-1])
        for ranks in (1, 2):
            process = self.go_on(2, code=1, ranks=ranks)
            self.assertRegex(process.stderr, r"Optimizer/Resume: '.*model.h5' is damaged: its checksum does not fit, and '.*previous.h5' is damaged, too")
            self.assertNotIn("HDF5-DIAG", process.stdout + process.stderr)
        self.assertEqual(self.history()["iteration"], [0, 1, 2])  # what was there stays as it was
        (checkpoints / "model.h5").unlink()
        (checkpoints / "previous.h5").unlink()
        damaged = self.folder / "damaged.h5"
        damaged.write_bytes((self.folder / "results" / "results.h5").read_bytes().replace(b"iteration", b"iteratiom"))
        process = self.invert(2, "--set", "Optimizer/Start model=damaged.h5", code=1)
        self.assertIn("Optimizer/Start model: ", process.stderr)
        self.assertIn("is damaged: its checksum does not fit", process.stderr)


if __name__ == "__main__":
    unittest.main()
