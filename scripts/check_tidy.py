#!/usr/bin/env python3
"""Runs clang-tidy, with the checks of .clang-tidy, on all sources and ends with 1 if it finds anything.

    scripts/check_tidy.py BUILD [ROOM ...]

BUILD is a build folder, which holds compile_commands.json; without a ROOM all sources are checked. Most of clang-tidy's time goes into
deal.II's headers, so sources are joined and these headers are read once per ten sources or so. Versions of clang-tidy differ in what they
find: only version 14 is asked, and where there is none the script ends with 77, which means skipped.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parent.parent
LARGEST = 2500  # lines per part: more parts would read deal.II's headers more often, fewer would leave cores idle at the end
LOCATION = re.compile(r"^(/\S+\.cc):(\d+)(:\d+: )", re.MULTILINE)


def program():
    for name in ("clang-tidy-14", "clang-tidy"):
        if shutil.which(name) and "version 14." in subprocess.run([name, "--version"], capture_output=True, text=True).stdout:
            return name
    print("clang-tidy 14 is not installed: the sources were not checked", file=sys.stderr)
    sys.exit(77)


def flags(command):
    """Compiler flags of a source as clang takes them: without gcc's precompiled header and without output."""
    words, result = shlex.split(command)[1:], []
    while words:
        word = words.pop(0)
        if word in ("-o", "-c", "-include"):
            words.pop(0)
        elif not word.startswith("-W"):
            result.append(word)
    return result + ["-w"]


def own_names(text):
    """Names that a source keeps to itself; two sources with a name in common cannot be joined."""
    inside = "".join(re.findall(r"^namespace\n\{\n(.*?)^\} // namespace\n", text, re.MULTILINE | re.DOTALL))
    inside += "\n".join(re.findall(r"^(?:using|static|constexpr) .*", text, re.MULTILINE))
    return set(re.findall(r"^(?:\w[^=({\n]*?)?\b(\w+)(?: =|\(|$|;|\{)", inside, re.MULTILINE))


def parts(sources):
    """The sources in lists that can be joined, the largest first."""
    result = []
    for path in sources:
        text = path.read_text(encoding="utf-8")
        names, lines = own_names(text), text.count("\n")
        alone = path.parent.name == "matrix_free"  # simd.h must be the first header
        for part in result:
            if not alone and not part["alone"] and not part["names"] & names and part["lines"] + lines < LARGEST:
                break
        else:
            part = {"alone": alone, "names": set(), "lines": 0, "sources": []}
            result.append(part)
        part["names"] |= names
        part["lines"] += lines
        part["sources"].append(path)
    result.sort(key=lambda part: -part["lines"])
    return result


def check(tidy, part, number, commands, folder):
    """The findings of a part, with the places in the sources."""
    joined, places = folder / f"part_{number}.cc", []
    with open(joined, "w", encoding="utf-8") as out:
        for path in part["sources"]:
            for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                out.write(text + "\n")
                places.append((path.relative_to(TOP), line))
    process = subprocess.run([tidy, "--quiet", str(joined), "--", *flags(commands[part["sources"][0]])], capture_output=True, text=True)
    output = process.stdout + (process.stderr if process.returncode != 0 else "")
    if "clang-diagnostic-error" in output and len(part["sources"]) > 1:  # they could not be joined after all
        return "".join(check(tidy, {"sources": [path]}, f"{number}_{path.stem}", commands, folder) for path in part["sources"])

    def in_source(match):
        if pathlib.Path(match.group(1)) != joined:
            return match.group(0)
        path, line = places[min(int(match.group(2)), len(places)) - 1]
        return f"{path}:{line}{match.group(3)}"

    return LOCATION.sub(in_source, output)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    tidy, build = program(), pathlib.Path(sys.argv[1]).resolve()
    database = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    commands = {pathlib.Path(entry["file"]): entry["command"] for entry in database}
    sources = sorted(path for path in commands if path.is_relative_to(TOP / "src") and path.stem != "precompiled")
    rooms = sys.argv[2:]
    todo = parts(path for path in sources if not rooms or path.relative_to(TOP / "src").parts[0] in rooms)
    folder = build / "tidy"
    folder.mkdir(exist_ok=True)
    start, found = time.monotonic(), {}
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS", "0")) or len(os.sched_getaffinity(0))) as pool:
        jobs = [pool.submit(check, tidy, part, number, commands, folder) for number, part in enumerate(todo)]
        for job in concurrent.futures.as_completed(jobs):
            for finding in re.split(r"(?m)^(?=\S+:\d+:\d+: (?:warning|error))", job.result()):
                if re.match(r"\S+:\d+:\d+: ", finding) or "Error while processing" in finding:
                    found[finding] = True  # headers are seen by many parts, their findings wanted once
    for finding in found:
        print(finding, end="")
    print(f"{sum(len(part['sources']) for part in todo)} sources in {len(todo)} parts, {time.monotonic() - start:.0f} s: {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
