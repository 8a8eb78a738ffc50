"""`lodestone invert --dry-run`: what it says, that it writes nothing, and that it refuses what a run refuses."""
import json
import unittest

from program import Program, run

COUNTS = ("cells", "displacement unknowns", "unknowns", "load cases", "data")


class DryRun(Program):
    def dry(self, *settings, ranks=1, memory=None):
        words = [word for setting in settings for word in ("--set", setting)]
        before = sorted(self.folder.rglob("*"))
        process = run(["invert", "good.prm", "--dry-run", *words], self.folder, ranks, memory=memory)
        self.assertEqual(sorted(self.folder.rglob("*")), before)
        return process

    def numbers(self, *settings, ranks=1):
        process = self.dry(*settings, ranks=ranks)
        self.assertEqual(process.returncode, 0, process.stdout[-2000:] + process.stderr)
        return json.loads(process.stdout.splitlines()[-1]), process.stdout

    def test_counts_are_those_of_the_deck_on_any_ranks(self):
        # 8 x 6 x 4 cells, 9 x 7 x 5 vertices of three components
        for ranks in (1, 2):
            numbers, text = self.numbers(ranks=ranks)
            self.assertEqual([numbers[name] for name in COUNTS[:4]], [192, 945, 192, 1])
            self.assertEqual(numbers["ranks"], ranks)
            self.assertEqual(numbers["data"], sum(row.count(",") for row in self.data_rows()))
            self.assertIn("dry run: what this inversion would take; nothing is written", text)
            self.assertEqual("warning: more ranks would not help" in text, ranks > 1)
            self.assertNotIn("does not fit", text)
            self.assertGreater(numbers["seconds"][1], numbers["seconds"][0])

    def data_rows(self):
        """Of each point its east, north and up component: as many commas as there are data."""
        lines = [line for line in (self.folder / "twin.csv").read_text().splitlines() if line and not line.startswith("#")]
        components = sum(name.strip() in ("east", "north", "up") for name in lines[0].split(","))
        return ["," * components for _ in lines[1:]]

    def test_the_run_takes_what_was_said(self):
        numbers, _ = self.numbers()
        self.run_well("invert", "good.prm")
        measured = max(next(values for name, values in self.history().items() if name.startswith("memory")))
        self.assertLess(abs(numbers["memory"] - measured), 0.25 * measured)
        results = sum(file.stat().st_size for file in (self.folder / "results").iterdir() if file.is_file())
        self.assertTrue(numbers["results"][0] / 2 < results < 2 * numbers["results"][1])

    def test_memory_of_the_method_and_the_warning(self):
        some, _ = self.numbers("Optimizer/Method=lmvm", "Optimizer/Quasi-Newton memory=1000", "Optimizer/Maximum iterations=10000")
        more, _ = self.numbers("Optimizer/Method=lmvm", "Optimizer/Quasi-Newton memory=10000", "Optimizer/Maximum iterations=10000")
        self.assertLess(abs(more["memory"] - some["memory"] - 9000 * 32 * 192 - 9000 * 16 * 192), 2e7)  # a state of it, too
        text = self.dry("Optimizer/Method=lmvm", "Optimizer/Quasi-Newton memory=100000000", "Optimizer/Maximum iterations=100000000").stdout
        self.assertRegex(text, r"warning: the run does not fit into the memory: on \S+ its 1 rank would take [\d.e+]+ GB, and may take")

    def test_the_limit_of_a_process_counts(self):
        # 1,000 steps of 192 unknowns take 9 MB, 100,000 take 0.9 GB: less than the machine has, more than ulimit allows
        settings = ("Optimizer/Method=lmvm", "Optimizer/Quasi-Newton memory=100000", "Optimizer/Maximum iterations=100000")
        self.assertNotIn("does not fit", self.dry(*settings).stdout)
        limited = self.dry(*settings, memory=1_500_000_000)
        self.assertEqual(limited.returncode, 0, limited.stderr)
        self.assertIn("warning: the run does not fit into the memory", limited.stdout)

    def test_without_unknowns_and_with_coarser_meshes(self):
        numbers, text = self.numbers("Material/Unknowns=none")
        self.assertEqual(numbers["unknowns"], 0)
        self.assertIn("from 1 gradient to 1 gradient", text)
        one, _ = self.numbers("Mesh/Cells=8, 8, 4")
        _, text = self.numbers("Mesh/Cells=8, 8, 4", "Optimizer/Continuation levels=1", "Prior/Weight=discrepancy")
        self.assertIn("with the search for the weight of the prior and the coarser meshes", text)
        quadratic, _ = self.numbers("Mesh/Cells=8, 8, 4", "Solver/Element degree=2")
        self.assertEqual(one["displacement unknowns"], 9 * 9 * 5 * 3)
        self.assertEqual(quadratic["displacement unknowns"], 17 * 17 * 9 * 3)

    def test_wrong_decks_fail_as_in_a_run(self):
        (self.folder / "file").touch()
        for setting, message in (("Optimizer/Method=nothing", "unknown method 'nothing'"), ("Output directory=file", "file' is a file"),
                                 ("Output directory=file/in/it", "file' is a file"), ("Load cases/only/gnss/File=none.csv", "none.csv"),
                                 ("Optimizer/Resume=yes", "there is no checkpoint in"), ("Output/Standard errors=yes", ""), ("Optimizer/Continuation levels=2", "can be joined")):
            process = self.dry(setting)
            wanted = 0 if setting == "Output/Standard errors=yes" else 1
            self.assertEqual(process.returncode, wanted, setting + process.stdout[-500:] + process.stderr)
            self.assertIn(message, process.stderr)

    def test_it_goes_with_invert_alone(self):
        process = run(["forward", "good.prm", "--dry-run"], self.folder)
        self.assertEqual(process.returncode, 1)
        self.assertIn("--dry-run goes with the command invert alone", process.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
