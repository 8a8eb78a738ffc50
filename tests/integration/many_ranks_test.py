"""Runs on more ranks than this machine has processors give the numbers of one rank."""
import csv
import shutil
import unittest

from program import HERE, Program

RANKS = (16, 32)


class ManyRanks(Program):
    def predictions(self, ranks, formulation):
        folder = f"{formulation}-{ranks}"
        self.run_well("forward", "fault.prm", "--set", f"Load cases/only/fault/Formulation={formulation}", "--set", f"Output directory={folder}", ranks=ranks)
        with open(self.folder / folder / "gnss.csv") as file:
            rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
        return [float(row[component]) for row in rows for component in ("east", "north", "up")]

    def test_a_source_beside_hanging_nodes(self):
        shutil.copy(HERE / "fault.prm", self.folder)
        stations = [f"{3100 * i + 170},{2900 * j - 90},0,0,0" for i in range(-2, 3) for j in range(-2, 3)]
        (self.folder / "stations.csv").write_text("\n".join(["x,y,east,north,up", *stations, ""]))
        for formulation in ("mesh", "incident"):
            one = self.predictions(1, formulation)
            largest = max(abs(value) for value in one)
            for ranks in RANKS:
                for a, b in zip(one, self.predictions(ranks, formulation)):
                    self.assertLess(abs(a - b), 1e-8 * largest)

    def test_an_inversion(self):
        arguments = ["invert", "good.prm"]
        for entry in ("Optimizer/Method=lmvm", "Optimizer/Gradient tolerance=0.05", "Mesh/Cells=16, 12, 8", "Solver/Method=direct"):
            arguments += ["--set", entry]
        self.run_well(*arguments, "--set", "Output directory=one")
        for ranks in RANKS:
            self.run_well(*arguments, "--set", f"Output directory=ranks-{ranks}", ranks=ranks)
            self.assert_same_history(self.history(f"ranks-{ranks}"), self.history("one"), 1e-9)


if __name__ == "__main__":
    unittest.main()
