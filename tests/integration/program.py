"""Runs lodestone as a user does. The environment names it (LODESTONE) and the MPI launcher (MPIEXEC)."""
import base64
import csv
import os
import pathlib
import re
import shutil
import struct
import subprocess
import tempfile
import unittest
import unittest.mock
import zlib

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
LODESTONE = os.environ["LODESTONE"]
MPIEXEC = os.environ.get("MPIEXEC", "mpirun")
SLOWNESS = int(os.environ.get("LODESTONE_SLOWNESS", "1"))  # of a program that is built with checks


def command_line(arguments, ranks=1):
    """One rank needs no launcher."""
    launcher = [] if ranks == 1 else [MPIEXEC, "-n", str(ranks)]
    return launcher + [LODESTONE] + [str(argument) for argument in arguments]


def run(arguments, folder, ranks=1, timeout=200, memory=None):
    """The finished process, with its stdout and stderr as text. A hang ends as subprocess.TimeoutExpired (timeout is that of a fast program).

    memory: address space (bytes) that a process may take.
    """
    if memory is not None and os.environ.get("LODESTONE_SANITIZED"):
        raise unittest.SkipTest("the address sanitizer reserves more memory than any limit")
    limit = [] if memory is None else ["prlimit", f"--as={memory}"]
    scratch = tempfile.mkdtemp()  # as in setUp
    try:
        return subprocess.run(limit + command_line(arguments, ranks), cwd=folder, capture_output=True, text=True, timeout=SLOWNESS * timeout,
                              stdin=subprocess.DEVNULL, env={**os.environ, "TMPDIR": scratch})
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def table(file):
    """Columns of a CSV file by the first word of their header, as numbers where they are."""
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    rows = list(csv.reader(lines))
    columns = {}
    for i, name in enumerate(rows[0]):
        values = [row[i] for row in rows[1:]]
        try:
            columns[name] = [float(value) for value in values]
        except ValueError:
            columns[name] = values
    return columns


def vtk_pieces(file):
    """Arrays by name, each a flat tuple, of every piece of a VTK XML file of compressed base64 blocks."""
    formats = {"Float64": "d", "Float32": "f", "Int64": "q", "Int32": "i", "UInt8": "B", "UInt64": "Q"}
    pieces = []
    for piece in file.read_text().split("<Piece")[1:]:
        arrays = {}
        for kind, name, text in re.findall(r'<DataArray type="(\w+)" Name="([^"]*)"[^>]*>\s*([^<]*)</DataArray>', piece):
            text = text.strip()
            n_blocks = struct.unpack_from("<Q", base64.b64decode(text[:32]))[0]
            header = 8 * (3 + n_blocks)
            cut = 4 * ((header + 2) // 3)
            sizes = struct.unpack(f"<{3 + n_blocks}Q", base64.b64decode(text[:cut]))[3:]
            blocks, data, at = base64.b64decode(text[cut:]), b"", 0
            for size in sizes:
                data += zlib.decompress(blocks[at:at + size])
                at += size
            arrays[name] = struct.unpack(f"<{len(data) // struct.calcsize(formats[kind])}{formats[kind]}", data)
        pieces.append(arrays)
    return pieces


class Program(unittest.TestCase):
    """Runs in a folder of its own that holds the decks and the data of the twin."""

    @classmethod
    def setUpClass(cls):
        cls.top = tempfile.TemporaryDirectory()
        cls.twin = pathlib.Path(cls.top.name) / "truth"
        cls.twin.mkdir()
        shutil.copy(HERE / "twin.prm", cls.twin)
        cls.twin_process = run(["forward", "twin.prm"], cls.twin)

    @classmethod
    def tearDownClass(cls):
        cls.top.cleanup()

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=self.top.name))
        # Open MPI's files of runs that start and end at the same time are kept apart: one may take away the directory that another makes.
        scratch = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, scratch, ignore_errors=True)
        patch = unittest.mock.patch.dict(os.environ, {"TMPDIR": scratch})
        patch.start()
        self.addCleanup(patch.stop)
        shutil.copy(HERE / "good.prm", self.folder)
        data = self.twin / "twin" / "gnss.csv"
        if data.exists():
            shutil.copy(data, self.folder / "twin.csv")

    def run_well(self, *arguments, ranks=1, folder=None):
        process = run(arguments, folder or self.folder, ranks)
        self.assertEqual(process.returncode, 0, process.stdout[-2000:] + process.stderr)
        return process

    def history(self, folder="results"):
        return table(self.folder / folder / "history.csv")

    def assert_same_history(self, a, b, relative=0.):
        self.assertEqual(len(a["J"]), len(b["J"]))
        for x, y in zip(a["J"], b["J"]):
            self.assertLessEqual(abs(x - y), relative * abs(x))


def check_going_on(test, deck, entries, changed_before, says, ranks=1):
    """Stops an inversion at iterations and goes on: J of all iterates is that of the whole run.
    @param changed_before by iteration: whether the problem had been changed before it, which the log `says` then"""
    arguments = [word for entry in entries for word in ("--set", entry)]

    def invert(name, *more, code=0):
        process = run(["invert", deck, *arguments, "--set", f"Output directory={test.folder / name}", *more], test.folder, ranks)
        test.assertEqual(process.returncode, code, process.stderr)
        return process.stdout

    invert("whole")
    whole = table(test.folder / "whole" / "history.csv")
    for iteration, was_changed in changed_before.items():
        test.assertLess(iteration, whole["iteration"][-1])
        shutil.rmtree(test.folder / "halves", ignore_errors=True)
        invert("halves", "--set", f"Optimizer/Maximum iterations={iteration}", code=3)
        log = invert("halves", "--set", "Optimizer/Resume=yes")
        halves = table(test.folder / "halves" / "history.csv")
        for column in ("iteration", "J", "misfit", "forward solves", "Hessian actions"):
            test.assertEqual(halves[column], whole[column], (iteration, column))
        (test.assertIn if was_changed else test.assertNotIn)(says, log)
