"""Runs lodestone as a user does. The environment names it (LODESTONE) and the MPI launcher (MPIEXEC)."""
import os
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
LODESTONE = os.environ["LODESTONE"]
MPIEXEC = os.environ.get("MPIEXEC", "mpirun")


def command_line(arguments, ranks=1):
    """One rank needs no launcher."""
    launcher = [] if ranks == 1 else [MPIEXEC, "-n", str(ranks)]
    return launcher + [LODESTONE] + [str(argument) for argument in arguments]


def run(arguments, folder, ranks=1, timeout=60):
    """The finished process, with its stdout and stderr as text. A hang ends as subprocess.TimeoutExpired."""
    return subprocess.run(command_line(arguments, ranks), cwd=folder, capture_output=True, text=True, timeout=timeout,
                          stdin=subprocess.DEVNULL)
