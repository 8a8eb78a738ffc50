#!/usr/bin/env python3
"""Holds what `lodestone invert --dry-run` says against the run itself: a table of decks, to be judged by eye or with --strict.

    scripts/dry_run_check.py                       the decks under inputs/ that run in a few minutes, on one rank
    scripts/dry_run_check.py --ranks 2 quickstart  some of them, on two
    scripts/dry_run_check.py --strict              exit code 1 where memory is off by more than 25 %, or time by more than a factor of 2
    scripts/dry_run_check.py quickstart --set "Mesh/Cells=48, 48, 24"

Memory is the peak of resident memory summed over the ranks (GNU time). Time is by the clock; a time inside of the range is off by a factor
of 1, and others by the factor to its nearest end. LODESTONE names the program (default: build/release/lodestone), MPIEXEC the launcher.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[1]
LODESTONE = os.environ.get("LODESTONE", TOP / "build/release/lodestone")
MPIEXEC = os.environ.get("MPIEXEC", "mpirun")
DECKS = ("weights", "fault", "two_fields", "edges", "noise", "quickstart", "continuation", "checkerboard", "layered_reservoir", "zones_and_cells")


def measure(deck, ranks, output, settings, *options):
    """Standard output, seconds and bytes of one run."""
    peaks = output / "peaks"
    peaks.unlink(missing_ok=True)
    launcher = [] if ranks == 1 else [MPIEXEC, "-n", str(ranks)]
    words = [word for setting in [f"Output directory={output / 'results'}", *settings] for word in ("--set", setting)]
    start = time.monotonic()
    process = subprocess.run(launcher + ["time", "--append", "--format=%M", f"--output={peaks}", LODESTONE, "invert", deck, *words, *options],
                             capture_output=True, text=True, stdin=subprocess.DEVNULL)
    seconds = time.monotonic() - start
    if process.returncode not in (0, 3, 4):
        sys.exit(f"{deck}: exit code {process.returncode}\n{process.stderr}")
    return process.stdout, seconds, sum(1024 * int(line) for line in peaks.read_text().splitlines() if line.isdigit())


def estimate_in(text):
    """The last line but that of `--dry-run`: what it said, as numbers."""
    return json.loads(next(line for line in text.splitlines() if line.startswith('{"cells"')))


def row(name, ranks, settings):
    with tempfile.TemporaryDirectory() as folder:
        output, deck = pathlib.Path(folder), TOP / "inputs" / f"{name}.prm"
        expected = estimate_in(measure(deck, ranks, output, settings, "--dry-run")[0])
        if (output / "results").exists():
            sys.exit(f"{name}: --dry-run has written something")
        _, seconds, memory = measure(deck, ranks, output, settings)
        checkpoints = sum(file.stat().st_size for file in (output / "results/checkpoint").iterdir())
        disk = sum(file.stat().st_size for file in (output / "results").iterdir() if file.is_file())
    low, high = expected["seconds"]
    return {"deck": name, "memory": expected["memory"] / memory, "MB": (expected["memory"] / 1e6, memory / 1e6), "range": (low, high),
            "seconds": seconds, "time": max(low / seconds, seconds / high, 1.), "results": (*[x / 1e6 for x in expected["results"]], disk / 1e6),
            "checkpoints": (expected["checkpoints"] / 1e6, checkpoints / 1e6)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("decks", nargs="*", default=DECKS, help="names of decks under inputs/")
    parser.add_argument("--ranks", type=int, default=1)
    parser.add_argument("--set", action="append", default=[], dest="settings")
    parser.add_argument("--strict", action="store_true")
    arguments = parser.parse_args()
    print("| deck | memory predicted, measured (MB) | ratio | time predicted, measured (s) | off by | results (MB) | checkpoints (MB) |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    good = True
    for name in arguments.decks:
        r = row(name, arguments.ranks, arguments.settings)
        print(f"| {name} | {r['MB'][0]:.0f}, {r['MB'][1]:.0f} | {r['memory']:.2f} | {r['range'][0]:.1f} to {r['range'][1]:.1f}, {r['seconds']:.1f} "
              f"| {r['time']:.2f} | {r['results'][0]:.1f} to {r['results'][1]:.1f}, {r['results'][2]:.1f} "
              f"| {r['checkpoints'][0]:.1f}, {r['checkpoints'][1]:.1f} |", flush=True)
        good = good and 1 / 1.25 <= r["memory"] <= 1.25 and r["time"] <= 2
    return 0 if good or not arguments.strict else 1


if __name__ == "__main__":
    sys.exit(main())
