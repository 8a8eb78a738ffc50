"""Every file of broken/ is refused: exit code 1, a message that says what the file expects, once, quickly, and no results.

Comment lines of a deck say how it is run and what must come:
  expect: TEXT      the message holds TEXT (repeatable)
  command: forward  instead of invert
  ranks: 2          on two ranks as well
broken/command_lines.txt holds command lines that are wrong themselves, one a line: ARGUMENTS => TEXT | TEXT.
"""
import concurrent.futures
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

from program import HERE, run

SECONDS = 10  # far above the fraction of a second that a refusal takes, far below a hang


def read_deck(deck):
    settings = {"command": "invert", "ranks": "1", "expect": []}
    for line in deck.read_text().splitlines():
        comment = line.lstrip("#/ ") if line.startswith(("#", "//")) else ""
        key, _, value = comment.partition(": ")
        if key == "expect":
            settings["expect"].append(value)
        elif key in settings:
            settings[key] = value
    return settings


def complaints(name, arguments, expect, ranks):
    """What is wrong with the way the program refuses; empty when it does so well."""
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "occupied").write_text("a file where a folder is wanted\n")
        (pathlib.Path(folder) / "binary.prm").write_bytes(bytes(range(256)))
        shutil.copy(HERE / "good.prm", folder)
        arguments = [str(a).replace("FOLDER", folder) for a in arguments]
        try:
            process = run(arguments, folder, ranks, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return [f"{name}, {ranks} ranks: did not end within {SECONDS} s"]
        left = [str(path.relative_to(folder)) for path in pathlib.Path(folder).rglob("*")
                if path.is_file() and path.name not in ("occupied", "binary.prm", "good.prm")]
    found = []
    if process.returncode != 1:
        found.append(f"exit code {process.returncode}")
    if process.stderr.count("lodestone: wrong input") != 1:
        found.append(f"the message comes {process.stderr.count('lodestone: wrong input')} times")
    found += [f"the message does not say '{text}'" for text in expect if text not in process.stderr]
    if left:
        found.append(f"files are left behind: {left}")
    return [f"{name}, {ranks} ranks: {f}\n    {process.stderr.strip()}" for f in found]


def cases():
    for deck in sorted((HERE / "broken").glob("*.*")):
        if deck.suffix in (".prm", ".json"):
            settings = read_deck(deck)
            if not settings["expect"]:
                raise ValueError(f"{deck} does not say which message it expects")
            # Results of a deck that is not refused must not come to lie beside it.
            results = [] if "Output directory" in deck.read_text() else ["--set", "Output directory=FOLDER/results"]
            for ranks in {1, int(settings["ranks"])}:
                yield deck.name, [settings["command"], deck, *results], settings["expect"], ranks
    for line in (HERE / "broken" / "command_lines.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            arguments, _, expected = line.partition("=>")
            arguments = [a.replace("GOOD", "good.prm") for a in shlex.split(arguments)]
            yield f"lodestone {line}", arguments, [e.strip() for e in expected.split("|")], 1


def main():
    wanted = sys.argv[1:]
    chosen = [case for case in cases() if not wanted or any(w in case[0] for w in wanted)]
    with concurrent.futures.ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        results = list(pool.map(lambda case: complaints(*case), chosen))
    for result in results:
        for complaint in result:
            print(complaint)
    failed = sum(bool(result) for result in results)
    print(f"{len(chosen)} broken inputs, {failed} not refused as they should be")
    return 1 if failed or len(chosen) < (1 if wanted else 45) else 0


if __name__ == "__main__":
    sys.exit(main())
