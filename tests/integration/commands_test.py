"""The commands of the program on small decks: what they print, the files they write, and that results do not depend on how they are run."""
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import struct
import subprocess
import time
import unittest
import unittest.mock
import xml.etree.ElementTree as xml

from program import HERE, LODESTONE, MPIEXEC, SLOWNESS, SOURCE, Program, command_line, run, table, vtk_pieces

# Rank counts differ by rounding in sums, 1e-14, which sixty steps of lmvm amplify to 1e-10. (Newton's inner conjugate gradients
# lose their orthogonality to it and may stop an iteration earlier: same minimiser, another path.)
J_TOLERANCE = 1e-6
NEWTON_FINAL_J_TOLERANCE = 1e-2  # both stop at |g| = 1e-3 |g0|


def json_of(prm):
    """The entries of a parameter file as JSON text."""
    root = {}
    open_sections = [root]
    for line in prm.splitlines():
        line = line.partition("#")[0].strip()
        if line.startswith("subsection "):
            section = {}
            open_sections[-1][line[11:].strip()] = section
            open_sections.append(section)
        elif line == "end":
            open_sections.pop()
        elif line.startswith("set "):
            name, _, value = line[4:].partition("=")
            open_sections[-1][name.strip()] = value.strip()
    return json.dumps(root, indent=1)


class CommandLine(Program):
    def test_help_names_every_command(self):
        for arguments in ([], ["--help"], ["-h"]):
            text = self.run_well(*arguments).stdout
            for word in ("forward", "invert", "verify", "template", "--set", "--dry-run", "Exit codes"):
                self.assertIn(word, text)

    def test_version_names_the_libraries(self):
        text = self.run_well("--version").stdout
        for library in ("Lodestone", "deal.II", "PETSc", "MPI", "HDF5", "PROJ"):
            self.assertRegex(text, rf"(?m)^{re.escape(library)} .*\d+\.\d+")
        self.assertRegex(text, r"(?m)^SIMD (none|128 bits|256 bits|512 bits) \(.*; deal\.II built for \d+\)$")
        self.assertRegex(text, r"(?m)^BLAS (OpenBLAS [\d.]+ \(\w+ kernels\)|\S+)$")

    @unittest.skipUnless("BLAS OpenBLAS" in run(["--version"], HERE).stdout, "the BLAS is not OpenBLAS")
    def test_version_says_which_variable_helps_where_the_kernels_are_generic(self):
        flags = pathlib.Path("/proc/cpuinfo").read_text().split()
        best = "SkylakeX" if {"avx512vl", "avx512dq", "avx512bw", "avx512cd"} <= set(flags) else "Haswell" if {"avx2", "fma"} <= set(flags) else None
        for kernel, advised in (("Prescott", best), ("Haswell", None)):
            if kernel == "Haswell" and best is None:
                continue
            with unittest.mock.patch.dict(os.environ, {"OPENBLAS_CORETYPE": kernel}):
                text = self.run_well("--version").stdout
            self.assertIn(f"({kernel} kernels)", text)
            self.assertEqual("OPENBLAS_CORETYPE" in text, advised is not None)
            if advised:
                self.assertIn(f"OPENBLAS_CORETYPE={advised}", text)

    def test_help_comes_once_from_two_ranks(self):
        self.assertEqual(self.run_well("--help", ranks=2).stdout.count("Exit codes"), 1)

    def test_template_holds_every_section_and_can_be_read(self):
        for dimension in ("2", "3"):
            text = self.run_well("template", dimension).stdout
            for section in ("Mesh", "Material", "Boundary conditions", "Load cases", "Prior", "Optimizer", "Solver", "Output"):
                self.assertRegex(text, rf"(?m)^subsection {section}$")
            self.assertIn(f"set Dimension = {dimension}", text)
            self.assertEqual(len(re.findall(r"(?m)^ *subsection ", text)), len(re.findall(r"(?m)^ *end$", text)))
            (self.folder / "template.prm").write_text(text)
            process = run(["forward", "template.prm"], self.folder)
            # Its loads have no values yet; but every entry is known.
            self.assertEqual(process.returncode, 1)
            self.assertRegex(process.stderr, r"Load cases/some case/some \w+")
            self.assertNotIn("there is no", process.stderr)

    def test_template_defaults_to_three_dimensions(self):
        self.assertEqual(self.run_well("template").stdout, self.run_well("template", "3").stdout)

    def test_quiet_prints_nothing_and_logs_all(self):
        process = self.run_well("invert", "good.prm", "--quiet")
        self.assertEqual(process.stdout, "")
        self.assertIn("converged:", (self.folder / "results" / "log.txt").read_text())

    def test_results_go_where_the_deck_says_from_every_folder(self):
        inputs, elsewhere = self.folder / "inputs", self.folder / "elsewhere"
        inputs.mkdir(), elsewhere.mkdir()
        deck = (HERE / "twin.prm").read_text()
        (inputs / "twin.prm").write_text(deck.replace("Output directory = twin", "Output directory = ../output/twin"))
        log = self.run_well("forward", "inputs/twin.prm").stdout
        self.assertIn("results: output/twin.", log)
        self.assertTrue((self.folder / "output" / "twin" / "gnss.csv").exists())
        self.run_well("forward", "../inputs/twin.prm", "--set", "Output directory=set", folder=elsewhere, ranks=2)
        self.assertTrue((inputs / "set" / "gnss.csv").exists())
        self.assertEqual(list(elsewhere.iterdir()), [])
        self.run_well("forward", "../inputs/twin.prm", "--set", f"Output directory={self.folder}/absolute", folder=elsewhere)
        self.assertTrue((self.folder / "absolute" / "gnss.csv").exists())

    def test_escape_codes_are_for_terminals_alone(self):
        # Iterations go on for longer than the half second after which a terminal shows them.
        arguments = ["invert", "good.prm", *(word for entry in ("Mesh/Cells=24, 18, 12", "Solver/Method=multigrid", "Optimizer/Maximum iterations=4")
                                             for word in ("--set", entry))]
        wrapper = self.folder / "wrapper.sh"
        wrapper.write_text('#!/bin/sh\n"$@"\nexit $?\n')
        wrapper.chmod(0o755)
        program = [LODESTONE, *arguments]
        for launcher in ([], [MPIEXEC, "-n", "1"], [MPIEXEC, "-n", "2"], [MPIEXEC, "-n", "2", wrapper]):
            with open(self.folder / "out", "wb") as out:
                process = subprocess.run([*launcher, *program], cwd=self.folder, stdout=out, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=100)
            self.assertEqual(process.returncode, 3, process.stderr)  # four iterations do not converge
            printed = (self.folder / "out").read_bytes()
            self.assertIn(b"results: ", printed)
            for code in (b"\x1b", b"\r"):
                self.assertNotIn(code, printed, launcher)
        master, slave = pty.openpty()
        with subprocess.Popen(program, cwd=self.folder, stdout=slave, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            os.close(slave)
            printed = b""
            try:
                while block := os.read(master, 65536):
                    printed += block
            except OSError:  # the other end is closed
                pass
        os.close(master)
        self.assertIn(b"\r\x1b[K  solving: iteration", printed)

    def test_petsc_options_reach_petsc(self):
        log = self.run_well("invert", "good.prm", "--", "-tao_type", "blmvm", "-log_view").stdout
        self.assertIn("-tao_type blmvm replaces", log)
        self.assertIn("PETSc Performance Summary", log)
        # What PETSc itself meets at its end is one line.
        process = run(["invert", "good.prm", "--", "-log_view", ":/nowhere/at/all"], self.folder)
        self.assertIn("lodestone: PETSc: Cannot open PetscViewer file: /nowhere/at/all", process.stderr)
        self.assertNotIn("PETSC ERROR", process.stderr)

    def test_petsc_options_that_are_wrong(self):
        self.folder.joinpath("options.txt").write_text("-tao_type pounders\n")
        for words, message in (
                (["-tao_typ", "cg"], "-tao_typ was not used up to the first step, which ends the run"),
                (["-ksp_type", "cg", "-hm"], "-ksp_type, -hm were not used up to the first step"),
                (["-tao_type", "pounders"], "-tao_type pounders cannot minimise this function. Allowed are lmvm, "),
                (["-options_file", "options.txt"], "-tao_type pounders cannot minimise this function"),
                (["-options_file", "no_such_file"], "-options_file no_such_file: the file cannot be read"),
                (["-tao_max_it", "x"], "-tao_max_it x: PetscOptionsStringToInt: "),
                (["-tao_ls_type", "nonsense"], "-tao_ls_type nonsense: TaoLineSearchSetType: "),
                (["lmvm"], "'lmvm' is the value of no option")):
            for ranks in (1, 2):
                process = run(["invert", "good.prm", "--", *words], self.folder, ranks)
                self.assertEqual(process.returncode, 1, (words, process.stdout + process.stderr))
                self.assertIn("PETSc options: " + message, process.stderr)
                self.assertNotIn("PETSC ERROR", process.stderr)
        process = run(["forward", "good.prm", "--", "-tao_max_it", "3"], self.folder)
        self.assertEqual(process.returncode, 1)
        self.assertIn("-tao_max_it was not used; the results are complete", process.stderr)
        self.run_well("invert", "good.prm", "--dry-run", "--", "-tao_max_it", "3")


class Twin(Program):
    def test_forward_writes_data_that_invert_reads_and_fits(self):
        self.assertEqual(self.twin_process.returncode, 0, self.twin_process.stderr)
        log = self.run_well("invert", "good.prm").stdout
        results = self.folder / "results"
        for name in ("log.txt", "parameters.prm", "history.csv", "results.h5", "inversion.pvd", "fit_gnss.csv", "fit_gnss.vtp", "surface.csv"):
            self.assertTrue((results / name).stat().st_size > 0, name)
        self.assertIn("converged:", log)
        self.check_history(self.history())
        self.check_collection(results / "inversion.pvd", self.history())
        self.check_fit(table(results / "fit_gnss.csv"))
        self.check_hdf5(results / "results.h5")
        self.assertEqual(len(table(results / "surface.csv")["x [m]"]), 12)
        xml.parse(results / "fit_gnss.vtp")
        self.assertFalse([f for f in results.rglob("*") if f.name.endswith((".tmp", ".part"))])

    def test_the_log_says_what_was_predicted(self):
        log = (self.twin / "twin" / "log.txt").read_text()
        self.assertIn("gnss: 60 values to predict (east, north, up), sigma 0.0005 to 0.0005 m", log)
        self.assertIn("1 cm of uplift gives +1.00 cm (up) in what is predicted", log)
        data = table(self.twin / "twin" / "gnss.csv")
        values = [v for name, column in data.items() if name.split()[0] in ("east", "north", "up") for v in column]
        found = re.search(r"gnss: predicted (\S+) to (\S+) m", log)
        self.assertLess(abs(float(found[1]) - min(values)), 0.005 * abs(min(values)))
        self.assertLess(abs(float(found[2]) - max(values)), 0.005 * abs(max(values)))

    def test_the_weight_of_the_prior_is_chosen_and_its_path_is_written(self):
        log = self.run_well("invert", "good.prm", "--set", "Prior/Weight=discrepancy", "--set", "Output directory=weighed", ranks=2).stdout
        path = table(self.folder / "weighed" / "weight_path.csv")
        history = table(self.folder / "weighed" / "history.csv")
        summary = json.loads((self.folder / "weighed" / "summary.json").read_text())
        self.assertAlmostEqual(path["chi2 per datum"][-1], 1, delta=0.02)
        self.assertAlmostEqual(summary["prior_weight"] / path["weight"][-1], 1, delta=1e-12)
        self.assertAlmostEqual(path["roughness"][-1] * path["weight"][-1] / 2 / path["prior"][-1], 1, delta=1e-9)
        self.assertEqual(sorted(set(history["prior weight"])), sorted(set(path["weight"])))
        self.assertEqual(history["iteration"][-1], sum(path["iterations"]))
        self.assertRegex(log, r"prior weight \S+, chosen with \d+ minimisations and \d+ Hessian actions: chi\^2/N")
        # A search that was cut short claims neither a weight nor that there is none; it goes on from where it stood.
        cut = ["invert", "good.prm", "--set", "Prior/Weight=discrepancy", "--set", "Output directory=cut"]
        process = run([*cut, "--set", "Optimizer/Maximum iterations=3"], self.folder)
        self.assertEqual(process.returncode, 3, process.stdout + process.stderr)
        self.assertIn("the search for the weight of the prior is not finished", process.stdout)
        self.assertNotIn("no weight of the prior", process.stdout)
        self.run_well(*cut, "--set", "Optimizer/Resume=yes")
        resumed = table(self.folder / "cut" / "weight_path.csv")
        self.assertAlmostEqual(resumed["weight"][-1] / path["weight"][-1], 1, delta=0.05)
        self.assertGreaterEqual(min(resumed["Hessian actions"]), 0)
        # A target that 24 unknowns cannot reach with 60 data: the run says so, and which data fit worst.
        log = self.run_well("invert", "good.prm", "--set", "Prior/Weight=discrepancy", "--set", "Prior/Discrepancy target=0.01", "--set",
                            "Mesh/Cells=4, 3, 2", "--set", "Mesh/Refinements=1", "--set", "Material/Parameter coarsening=1", "--set",
                            "Output directory=unreachable").stdout
        self.assertRegex(log, "no weight of the prior reaches chi.2/N = 0.01: it stays above")
        self.assertRegex(log, "(?i)warning: no weight of the prior fits .* Data set gnss of load case only fits worst; its five worst data: (\\w+ at \\S+ .*; ){4}")

    def test_the_log_says_what_was_recovered(self):
        log = self.run_well("invert", "good.prm", ranks=2).stdout
        last = sorted((self.folder / "results").rglob("*.vtu"))[-1]
        young, ratio = [], []
        for piece in vtk_pieces(last):
            young += piece["young_Pa"]
            ratio += piece["young_ratio"]
        found = re.search(r"recovered E: (\S+) GPa to (\S+) GPa; E/E0 is smallest, (\S+), at \((\S+), .*, and largest, (\S+), at \((\S+), ", log)
        self.assertIsNotNone(found, log)
        for text, value in ((found[1], min(young) / 1e9), (found[2], max(young) / 1e9), (found[3], min(ratio)), (found[5], max(ratio))):
            self.assertLess(abs(float(text.strip(",")) / value - 1), 1e-3, text)
        self.assertLess(float(found[4]), 0)  # soft in the west, stiff in the east
        self.assertGreater(float(found[6]), 0)

    def test_data_that_are_not_fitted_are_named(self):
        process = run(["invert", "good.prm", "--set", "Load cases/only/gnss/Sigma=0.01 mm", "--set", "Optimizer/Maximum iterations=1"], self.folder)
        self.assertEqual(process.returncode, 3, process.stdout[-2000:] + process.stderr)  # stopped early
        log = process.stdout
        chi_squared = self.history()["chi2 per datum"][-1]
        self.assertGreater(chi_squared, 25)
        found = re.search(r"data set gnss of load case only is not fitted: its residuals are (\S+) sigma on average \(chi\^2/N (\S+)\)", log)
        self.assertLess(abs(float(found[1]) / chi_squared**0.5 - 1), 0.01)
        self.assertLess(abs(float(found[2]) / chi_squared - 1), 0.001)
        self.assertNotIn("is not fitted", self.run_well("invert", "good.prm").stdout)

    def test_verify_needs_an_unknown(self):
        process = run(["verify", "good.prm", "--set", "Material/Unknowns=none"], self.folder)
        self.assertEqual(process.returncode, 1)
        self.assertIn("Material/Unknowns: no stiffness is unknown, so there are no derivatives to verify", process.stderr)

    def test_converged_is_not_all_that_is_said_of_data_that_are_not_fitted(self):
        words = "This minimum does not fit the data: see the warnings above before you use it"
        log = self.run_well("invert", "good.prm", "--set", "Load cases/only/gnss/Sigma=0.01 mm", "--set", "Prior/Weight=1e9").stdout
        self.assertRegex(log, rf"(?m)^converged: .*\. {words}$")
        self.assertNotIn(words, self.run_well("invert", "good.prm").stdout)

    def check_history(self, history):
        self.assertEqual(history["iteration"], list(range(len(history["iteration"]))))
        self.assertGreater(len(history["J"]), 2)
        self.assertEqual(history["J"], sorted(history["J"], reverse=True))
        self.assertLess(history["J"][-1], 0.1 * history["J"][0])
        self.assertLess(history["chi2 per datum"][-1], 2)  # the noise has the sigma that the file says
        self.assertLess(history["relative gradient"][-1], 1e-3)
        for column in ("forward solves", "adjoint solves", "incremental solves", "solver iterations", "time [s]"):
            self.assertEqual(history[column], sorted(history[column]))

    def check_collection(self, pvd, history):
        entries = xml.parse(pvd).getroot().findall(".//DataSet")
        self.assertEqual([float(e.get("timestep")) for e in entries], history["iteration"])
        for entry in entries:
            file = pvd.parent / entry.get("file")
            self.assertTrue(file.exists(), file)
            names = re.findall(rb'DataArray[^>]*Name="([^"]+)"', file.read_bytes())
            for array in names:
                self.assertRegex(array, rb"^[A-Za-z0-9_]+$")
            for name in (b"young_Pa", b"young_ratio", b"m_ln_e_over_e0", b"gradient_ln_e_over_e0", b"displacement_m"):
                self.assertIn(name, names)

    def check_fit(self, fit):
        self.assertEqual(len(fit["residual"] if "residual" in fit else fit["residual [m]"]), 60)

    def check_hdf5(self, file):
        content = file.read_bytes()
        self.assertEqual(content[:8], b"\x89HDF\r\n\x1a\n")
        version = content[8]
        end = struct.unpack_from("<Q", content, 28 if version >= 2 else 40)[0]
        self.assertRegex(content[end:], rb"^\nLodestone checksum: CRC-32 \w{8} of \d{20} bytes\n$", "the file is cut off")
        for name in (b"history", b"parameters", b"versions", b"gnss"):
            self.assertIn(name, content)
        if shutil.which("h5dump"):
            self.assertEqual(subprocess.run(["h5dump", "-H", file], stdout=subprocess.DEVNULL).returncode, 0)

    def test_resolved_parameters_give_the_same_run(self):
        self.run_well("invert", "good.prm")
        shutil.copy(self.folder / "results" / "parameters.prm", self.folder / "again.prm")
        self.run_well("invert", "again.prm", "--set", "Output directory=again")
        self.assert_same_history(self.history(), self.history("again"))

    def test_json_gives_the_same_run(self):
        (self.folder / "good.json").write_text(json_of((self.folder / "good.prm").read_text()))
        self.run_well("invert", "good.prm")
        self.run_well("invert", "good.json", "--set", "Output directory=json")
        self.assert_same_history(self.history(), self.history("json"))

    def test_set_overrides_the_file(self):
        process = run(["invert", "good.prm", "--set", "Optimizer/Maximum iterations = 1", "--set=Optimizer/Method=lmvm"], self.folder)
        self.assertEqual(process.returncode, 3)  # stopped early
        self.assertIn("Maximum iterations are used up", process.stdout)
        self.assertEqual(self.history()["iteration"], [0, 1])
        self.assertRegex((self.folder / "results" / "parameters.prm").read_text(), r"set Method = lmvm")

    def test_rank_counts_agree(self):
        for method in ("lmvm", "bnls"):
            for ranks in (1, 2, 3):
                # Quasi-Newton histories are the same only as long as solves are exact.
                self.run_well("invert", "good.prm", "--set", f"Output directory={method}{ranks}", "--set", f"Optimizer/Method={method}",
                              "--set", "Solver/Method=direct", "--set", "Output/VTU every=100", ranks=ranks)
        for ranks in (2, 3):
            self.assert_same_history(self.history("lmvm1"), self.history(f"lmvm{ranks}"), J_TOLERANCE)
            one, several = self.history("bnls1")["J"][-1], self.history(f"bnls{ranks}")["J"][-1]
            self.assertLess(abs(one - several), NEWTON_FINAL_J_TOLERANCE * one)

    def test_solves_that_break_down_are_helped_and_the_log_says_so(self):
        # The option makes the smoothers reach up to 0.6 times the largest eigenvalue only: the cycle is not positive definite.
        broken = self.run_well("invert", "good.prm", "--set", "Solver/Method=amg", "--set", "Output directory=helped", "--",
                               "-elasticity_mg_levels_ksp_chebyshev_esteig", "0,0.1,0,0.6")
        self.assertRegex(broken.stdout, r"warning: a solve needed help: .*not positive definite\. From now on .*\.")
        self.assertIn("a solve needed help", (self.folder / "helped" / "log.txt").read_text())
        usual = self.run_well("invert", "good.prm", "--set", "Solver/Method=amg", "--set", "Output directory=usual")
        self.assertNotIn("a solve needed help", usual.stdout)
        helped, usual = self.history("helped")["J"][-1], self.history("usual")["J"][-1]
        self.assertLess(abs(helped - usual), NEWTON_FINAL_J_TOLERANCE * usual)

    def test_noise_depends_on_the_seed_alone(self):
        data = {}
        for name, seed, ranks in (("a", 7, 1), ("b", 7, 2), ("c", 8, 1)):
            self.run_well("forward", HERE / "twin.prm", "--set", f"Output directory={self.folder / name}", "--set", f"Output/Seed={seed}", ranks=ranks)
            data[name] = table(self.folder / name / "gnss.csv")
        column = next(c for c in data["a"] if c.startswith("up"))
        scale = max(abs(v) for v in data["a"][column])
        differences = {n: max(abs(v - w) for v, w in zip(data["a"][column], data[n][column])) for n in "bc"}
        self.assertLess(differences["b"], 1e-9 * scale)
        self.assertGreater(differences["c"], 1e-6)  # sigma is 1e-5 m

    def test_noise_has_its_size_and_each_load_case_its_own(self):
        deck = (HERE / "twin.prm").read_text()
        only = re.search(r"  subsection only\n.*?\n  end\n", deck, re.DOTALL).group(0)
        deck = deck.replace("set Names = only", "set Names = only, again").replace(only, only + only.replace("subsection only", "subsection again"))
        (self.folder / "two.prm").write_text(deck)
        data = {}
        for noise in (0, 1, 2):
            self.run_well("forward", "two.prm", "--set", f"Output directory=noise{noise}", "--set", f"Output/Noise={noise}")
            for case in ("only", "again"):
                data[case, noise] = table(self.folder / f"noise{noise}" / f"{case}_gnss.csv")["up"]
        self.assertEqual(data["only", 0], data["again", 0])
        differ = 0
        for i, exact in enumerate(data["only", 0]):
            one, two = ([data[case, noise][i] - exact for case in ("only", "again")] for noise in (1, 2))
            for a, b in zip(one, two):
                self.assertAlmostEqual(b, 2 * a, delta=1e-12)
            differ += abs(one[0] - one[1]) > 1e-6  # sigma is 5e-4 m
        self.assertGreater(differ, len(data["only", 0]) - 3)

    def test_verify_passes_and_shows_the_cost(self):
        text = self.run_well("verify", "good.prm").stdout
        self.assertRegex(text, r"(?m)^PASS$")
        for word in ("adjoint", "tangent", "differences", "Hessian"):
            self.assertIn(word, text)


class EarlierResults(Program):
    def files(self):
        return {f.relative_to(self.folder): f.read_bytes() for f in (self.folder / "results").rglob("*") if f.is_file()}

    def test_a_wrong_deck_leaves_them_alone(self):
        self.run_well("invert", "good.prm")
        before = self.files()
        for wrong in ("Material/Poisson ratio=0.5", "Output/Surface grid=0, 20 km, 5, 0, 1 km, 5", "Optimizer/Start model=no_such.h5"):
            self.assertEqual(run(["invert", "good.prm", "--set", wrong], self.folder).returncode, 1)
            self.assertEqual(self.files(), before, wrong)

    def test_another_run_sets_them_aside(self):
        self.run_well("invert", "good.prm")
        before = (self.folder / "results" / "results.h5").read_bytes()
        self.run_well("forward", "good.prm")
        self.assertEqual((self.folder / "results" / "earlier-1" / "results.h5").read_bytes(), before)
        self.assertFalse((self.folder / "results" / "inversion.pvd").exists())

    def test_a_start_model_may_stand_in_the_same_directory(self):
        self.run_well("invert", "good.prm")
        first = self.history()
        self.run_well("invert", "good.prm", "--set", "Optimizer/Start model=results/results.h5")
        self.assertLess(abs(self.history()["J"][0] - first["J"][-1]), 1e-6 * first["J"][-1])


class Resuming(Program):
    STEPS = 4

    def invert(self, output, iterations, *more, ranks=1):
        process = run(["invert", "good.prm", "--set", f"Output directory={output}", "--set", f"Optimizer/Maximum iterations={iterations}", *more],
                      self.folder, ranks)
        self.assertEqual(process.returncode, 3, process.stdout[-2000:] + process.stderr)  # stopped early, resumable

    def test_resumed_run_equals_uninterrupted_run(self):
        for name, *solver in (("default",), ("trust region", "--set", "Optimizer/Method=bntr"),
                              ("multigrid", "--set", "Solver/Method=multigrid", "--set", "Optimizer/Inexact solves=no")):
            self.invert(f"{name} whole", self.STEPS, *solver)
            for ranks in (1, 2):
                output = f"{name} halves {ranks}"
                self.invert(output, self.STEPS // 2, *solver, ranks=ranks)
                self.invert(output, self.STEPS, *solver, "--set", "Optimizer/Resume=yes", ranks=ranks)
                history = self.history(output)
                self.assertEqual(history["iteration"], list(range(self.STEPS + 1)))
                self.assert_same_history(self.history(f"{name} whole"), history, J_TOLERANCE)
                steps = xml.parse(self.folder / output / "inversion.pvd").getroot().findall(".//DataSet")
                self.assertEqual([float(step.get("timestep")) for step in steps], history["iteration"])


class Meshes(Program):
    @property
    def results(self):
        return "--set", f"Output directory={self.folder}/results"

    def test_section_of_gmsh(self):
        self.run_well("forward", HERE / "section.prm", *self.results)
        data = table(self.folder / "results" / "gnss.csv")
        up = next(c for c in data if c.startswith("up"))
        # A normal fault that dips to the east: the hanging wall, east of the trace, goes down.
        self.assertLess(min(data[up]), -0.01)
        self.assertEqual(data[next(iter(data))], [-10000 + 1000 * i for i in range(21)])

    def test_section_is_inverted(self):
        self.run_well("forward", HERE / "section.prm", *self.results, "--set", "Output/Noise=1", "--set", "Output/Seed=2", "--set", "Material/sediments/Young modulus=8 GPa")
        shutil.copy(self.folder / "results" / "gnss.csv", self.folder / "gnss.csv")
        deck = (HERE / "section.prm").read_text().replace("../../meshes", str(SOURCE / "meshes"))
        deck = re.sub(r"set Station grid.*\n.*set Sigma.*", "set File = gnss.csv", deck)
        (self.folder / "section.prm").write_text(deck)
        log = self.run_well("invert", "section.prm", "--set", "Output directory=inverted", ranks=2).stdout
        young = set()
        for piece in vtk_pieces(sorted((self.folder / "inverted").rglob("*.vtu"))[-1]):
            young.update(f"{value / 1e9:.4g}" for value in piece["young_Pa"])
        zones = re.search(r"E by zone: (.*)", log)[1]
        self.assertLess(float(re.search(r"sediments (\S+) GPa", zones)[1]), 10)  # 5 GPa at first, the other zone 20 GPa
        # A zone has one value, and where the slip holds cells at the background a second one.
        self.assertEqual(set(re.findall(r"(\S+) GPa", zones)), young)
        history = self.history("inverted")
        self.assertLess(history["J"][-1], 0.5 * history["J"][0])

    def test_hexahedra_of_gmsh(self):
        self.run_well("forward", HERE / "reservoir.prm", *self.results)
        data = table(self.folder / "results" / "gnss.csv")
        up = data[next(c for c in data if c.startswith("up"))]
        self.assertEqual(min(up), up[12])  # subsidence is largest above the middle of the lens
        self.assertLess(up[12], 0)


class Interruption(Program):
    """A signal stops a run after the iteration that it works on; the results so far are whole."""

    def interrupt(self, ranks, send):
        arguments = ["invert", "good.prm"]
        for entry in ("Optimizer/Method=steepest", "Optimizer/Maximum iterations=100000", "Optimizer/Gradient tolerance=0",
                      "Mesh/Cells=16, 12, 8"):
            arguments += ["--set", entry]
        process = subprocess.Popen(command_line(arguments, ranks), cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            history = self.folder / "results" / "history.csv"
            deadline = time.monotonic() + 60
            while not (history.exists() and len(history.read_text().splitlines()) > 3):
                self.assertLess(time.monotonic(), deadline, "no iteration within a minute")
                self.assertIsNone(process.poll(), "the run ended by itself")
                time.sleep(0.05)
            send(process)
            output = process.communicate(timeout=60)[0]
        finally:
            process.kill()
        self.assertEqual(process.returncode, 3, output[-3000:])
        self.assertIn("interrupted:", output)
        iterations = self.history()["iteration"]
        self.assertEqual(iterations, list(range(len(iterations))))
        results = self.folder / "results"
        for name in ("results.h5", "inversion.pvd", "fit_gnss.csv", "log.txt"):
            self.assertTrue((results / name).exists(), name)
        last = xml.parse(results / "inversion.pvd").getroot().findall(".//DataSet")[-1]
        self.assertEqual(float(last.get("timestep")), iterations[-1])

    def test_terminate(self):
        self.interrupt(1, lambda process: process.send_signal(signal.SIGTERM))

    def test_keyboard(self):
        self.interrupt(1, lambda process: process.send_signal(signal.SIGINT))

    def test_other_requests_to_end(self):
        for request in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGXCPU):
            shutil.rmtree(self.folder / "results", ignore_errors=True)
            self.interrupt(1, lambda process: process.send_signal(request))

    def test_at_any_moment(self):
        """The set-up, a solve, a trial step, the writing: exit code 3 and how to go on, or the end of a run that was done."""
        arguments = ["invert", "good.prm", "--set", "Mesh/Cells=16, 12, 8", "--set", "Solver/Method=multigrid",
                     "--set", "Optimizer/Gradient tolerance=1e-6"]
        start = time.monotonic()
        whole = run(arguments, self.folder)
        self.assertEqual(whole.returncode, 0, whole.stdout[-2000:] + whole.stderr)
        seconds, last = time.monotonic() - start, self.history()["J"][-1]
        for part in (1, 3, 4, 5, 7, 9):
            shutil.rmtree(self.folder / "results", ignore_errors=True)
            process = subprocess.Popen(command_line(arguments, 2), cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            time.sleep(0.4 + 0.1 * part * seconds)
            for child in pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[-1:]:
                os.kill(int(child), signal.SIGTERM)
            output = process.communicate(timeout=60)[0]
            if process.returncode == 128 + signal.SIGTERM:
                self.assertNotIn("Lodestone", output)  # the launcher had not started it
                continue
            if "interrupted" not in output:
                self.assertEqual(process.returncode, 0, output[-2000:])
                continue
            self.assertEqual(process.returncode, 3, output[-2000:])
            if "to go on:" in output:
                self.assertTrue((self.folder / "results" / "results.h5").exists())
                self.assertTrue((self.folder / "results" / "checkpoint" / "model.h5").exists())
            else:
                self.assertIn("before there was a result", output)
            process = self.run_well(*arguments, "--set", "Optimizer/Resume=auto")
            self.assertAlmostEqual(self.history()["J"][-1], last, delta=1e-7 * last)

    def test_other_commands(self):
        for arguments in (["forward", "good.prm"], ["verify", "good.prm"], ["sample", "good.prm", "--samples", "1000"]):
            big = ["--set", "Mesh/Cells=64, 48, 32", "--set", "Solver/Method=multigrid"] if arguments[0] != "sample" else []
            process = subprocess.Popen(command_line(arguments + big, 2), cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            for line in process.stdout:
                if line.startswith("mesh:"):
                    break
            child = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[-1]
            os.kill(int(child), signal.SIGUSR1)
            output = process.communicate(timeout=60)[0]
            self.assertEqual(process.returncode, 3, output[-2000:])
            self.assertIn("lodestone: interrupted by SIGUSR1", output)

    def test_a_second_signal_ends_the_run_at_once(self):
        arguments = command_line(["invert", "good.prm", "--set", "Optimizer/Maximum iterations=100000", "--set", "Optimizer/Gradient tolerance=0",
                                  "--set", "Optimizer/Method=steepest", "--set", "Mesh/Cells=32, 24, 16"])
        process = subprocess.Popen(arguments, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            checkpoint = self.folder / "results" / "checkpoint" / "model.h5"
            deadline = time.monotonic() + 60
            while not checkpoint.exists():
                self.assertLess(time.monotonic(), deadline, "no checkpoint within a minute")
                time.sleep(0.05)
            process.send_signal(signal.SIGUSR1)
            time.sleep(0.05)  # two that come together count as one
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(timeout=60), -signal.SIGTERM)
        finally:
            process.kill()
        self.run_well("invert", "good.prm", "--set", "Optimizer/Resume=yes", "--set", "Mesh/Cells=32, 24, 16")

    def test_signal_to_one_of_two_ranks(self):
        def send(process):
            children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            os.kill(int(children[-1]), signal.SIGTERM)

        self.interrupt(2, send)


class TimeLimit(Program):
    """A run stops by itself before its time is over. The programs of the schedulers are stand-ins."""

    def stops(self, says, variables=None, *, seconds=60, **programs):
        tools = self.folder / "tools"
        tools.mkdir(exist_ok=True)
        for name, text in programs.items():
            (tools / name).write_text(f"#!/bin/sh\n{text}\n")
            (tools / name).chmod(0o755)
        arguments = ["invert", "good.prm", "--set", "Output directory=results"]
        for entry in ("Optimizer/Method=steepest", "Optimizer/Maximum iterations=100000", "Optimizer/Gradient tolerance=0", "Mesh/Cells=32, 24, 16"):
            arguments += ["--set", entry]
        environment = {**os.environ, **(variables or {})}
        entry = ["--set", f"Wall time limit={variables['entry']}"] if "entry" in (variables or {}) else []
        command = command_line(arguments + entry, 2)
        # Open MPI puts its own directory, which may hold the real programs, before others in the PATH of the ranks.
        at = command.index(LODESTONE)
        command[at:at] = ["env", f"PATH={tools}:{os.environ['PATH']}"]
        try:
            process = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=SLOWNESS * seconds)
        except subprocess.TimeoutExpired as error:
            self.fail(f"the run did not stop within {seconds} s: {(error.stdout or b'')[-3000:].decode()} {(error.stderr or b'').decode()}")
        self.assertEqual(process.returncode, 3, process.stdout[-2000:] + process.stderr)
        self.assertRegex(process.stdout, rf"time left: \d+ s \({says}\)")
        self.assertRegex(process.stdout, rf"the time limit \({says}\): the run stops")
        self.assertIn("interrupted:", process.stdout)
        self.assertTrue((self.folder / "results" / "results.h5").exists())
        self.assertGreater(len(self.history()["J"]), 3)

    def test_entry(self):
        start = time.monotonic()
        self.stops("entry Wall time limit", {"entry": f"{12 * SLOWNESS} s"})
        self.assertLess(time.monotonic() - start, 12 * SLOWNESS + 2)  # with the start of the launcher

    def test_slurm_tells_the_end(self):
        self.stops("of the job: SLURM_JOB_END_TIME", {"SLURM_JOB_ID": "5", "SLURM_JOB_END_TIME": str(int(time.time()) + 15 * SLOWNESS)})

    def test_slurm_is_asked(self):
        # A busy scheduler answers the second time.
        self.stops("of the job: squeue", {"SLURM_JOB_ID": "5"},
                   squeue=f'mkdir asked 2>/dev/null && exit 1; [ "$*" = "--noheader --jobs=5 --format=%L" ] && echo "      0:{14 * SLOWNESS}"')

    def test_torque_and_pbs(self):
        self.stops("of the job: PBS_WALLTIME", {"PBS_JOBID": "7.host", "PBS_WALLTIME": str(15 * SLOWNESS)})
        self.stops("of the job: qstat", {"PBS_JOBID": "7.host"}, qstat=f'[ "$*" = "-f 7.host" ] && echo "    Resource_List.walltime = 00:{15 * SLOWNESS // 60:02}:{15 * SLOWNESS % 60:02}"')

    def test_a_job_without_a_limit(self):
        tools = self.folder / "tools"
        tools.mkdir()
        (tools / "squeue").write_text("#!/bin/sh\necho UNLIMITED\n")
        (tools / "squeue").chmod(0o755)
        environment = {**os.environ, "SLURM_JOB_ID": "5", "PATH": f"{tools}:{os.environ['PATH']}"}
        process = subprocess.run(command_line(["forward", "good.prm"]), cwd=self.folder, env=environment, capture_output=True, text=True)
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertNotIn("time left", process.stdout)

    def test_wrong_times(self):
        for text in ("0", "-3 h", "3 km", "soon", "1:30"):
            process = run(["invert", "good.prm", "--set", f"Wall time limit={text}"], self.folder)
            self.assertEqual(process.returncode, 1)
            self.assertIn("Wall time limit: ", process.stderr)

    def test_other_commands(self):
        process = run(["verify", "good.prm", "--set", "Mesh/Cells=64, 48, 32", "--set", "Solver/Method=multigrid", "--set", "Wall time limit=6 s"], self.folder)
        self.assertEqual(process.returncode, 3, process.stderr)
        self.assertIn("interrupted by the time limit (entry Wall time limit) before there was a result", process.stderr)


class ExitCodes(Program):
    def test_what_more_time_does_not_help_has_a_code_of_its_own(self):
        self.run_well("invert", "good.prm", "--set", "Optimizer/Gradient tolerance=1e-9")
        process = run(["invert", "good.prm", "--set", "Optimizer/Start model=results/results.h5", "--set", "Output directory=again", "--set",
                       "Optimizer/Gradient tolerance=1e-9"], self.folder)
        self.assertEqual(process.returncode, 4, process.stdout[-2000:] + process.stderr)
        self.assertIn("below the accuracy of the forward solves", process.stdout)
        summary = json.loads((self.folder / "again" / "summary.json").read_text())
        self.assertEqual((summary["stop"]["resumable"], summary["exit_code"]), (False, 4))

    def test_many_programs_in_the_place_of_one_are_refused(self):
        environment = {**os.environ, "SLURM_NTASKS": "4"}
        process = subprocess.run(command_line(["forward", "twin.prm"]), cwd=self.folder, env=environment, capture_output=True, text=True)
        self.assertEqual(process.returncode, 1)
        self.assertIn("Slurm has 4 tasks, but this program is alone", process.stderr)
        self.assertIn("srun --mpi=pmix", process.stderr)
        two = subprocess.run(command_line(["template"]), cwd=self.folder, env=environment, capture_output=True, text=True)
        self.assertEqual(two.returncode, 0)

    def test_memory_of_the_method(self):
        for method, entry in (("lmvm", "Quasi-Newton memory"), ("bnls", "Curvature pairs")):
            process = run(["invert", "good.prm", "--set", f"Optimizer/Method={method}", "--set", f"Optimizer/{entry}=2000000000", "--set",
                           "Optimizer/Maximum iterations=2000000000"], self.folder)
            self.assertEqual(process.returncode, 1)
            self.assertRegex(process.stderr, f"Optimizer/{entry}: found 2000000000: with 190 unknowns the method takes up to .* GB; 1 rank may take .* GB")


class SolversThatGiveUp(Program):
    """What the solve did stands in the message: iterations, residual, what was asked for, and the entries that say so."""

    def test_the_message_says_what_the_solve_did(self):
        for command, method in (("forward", "amg"), ("invert", "amg"), ("invert", "multigrid")):
            process = run([command, "good.prm", "--set", f"Solver/Method={method}", "--set", "Solver/Maximum iterations=2",
                           "--set", "Solver/Tolerance=1e-11"], self.folder)
            self.assertEqual(process.returncode, 2, process.stdout + process.stderr)
            self.assertRegex(process.stderr, r"reached a relative residual of \S+ in 2 iterations, where Solver/Tolerance asks for 1e-11 and "
                                             r"Solver/Maximum iterations allows 2")
            self.assertNotIn("messages", process.stderr)


class NodesWithDisksOfTheirOwn(Program):
    def test_a_directory_that_a_rank_does_not_see_is_refused_by_all(self):
        # Rank 1 has a file system of its own where the results are to go, as nodes of a cluster have their /tmp.
        if subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "none", self.folder], capture_output=True).returncode != 0:
            self.skipTest("mounting a file system in a name space of its own is not permitted here")
        scratch = self.folder / "scratch"
        scratch.mkdir()
        wrapper = self.folder / "on_node.sh"
        wrapper.write_text("#!/bin/sh\n"
                           'if [ "$OMPI_COMM_WORLD_RANK" = 1 ]; then\n'
                           f'  exec unshare -m sh -c \'mount -t tmpfs none "$0" && exec "$@"\' "{scratch}" "$@"\n'
                           "fi\n"
                           'exec "$@"\n')
        wrapper.chmod(0o755)
        process = subprocess.run([MPIEXEC, "-n", "2", wrapper, LODESTONE, "forward", HERE / "twin.prm", "--set", f"Output directory={scratch}/results"],
                                 cwd=self.folder, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
        self.assertEqual(process.returncode, 1, process.stdout + process.stderr)
        self.assertEqual(process.stderr.count("lodestone: wrong input"), 1, process.stderr)
        for text in ("Output directory: what rank 0", "cannot be seen by rank 1", "all nodes share"):
            self.assertIn(text, process.stderr)
        self.assertNotIn("mesh:", process.stdout)
        self.assertEqual(list((scratch / "results").iterdir()), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
