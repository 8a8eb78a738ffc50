#!/usr/bin/env python3
"""Checks that every room of the code includes only the rooms it may include.

    scripts/check_layers.py [TOP]

Arrows run only downwards; the table below is the whole rule. Prints each include that breaks it as file:line and ends with 1.
"""
import pathlib
import re
import sys

# room: the rooms it may include besides itself, base and (all but base and optimizer) discretization
ROOMS = {
    "base": set(),
    "discretization": set(),
    "io": set(),
    "prior": set(),
    "material": set(),
    "observation": set(),
    "optimizer": set(),
    "loads": set(),
    "solver": {"material"},
    "forward": {"material", "loads", "solver"},
    "adjoint": {"forward", "material"},
    "objective": {"forward", "adjoint", "observation", "prior", "material"},
    "uncertainty": {"objective", "prior"},
    "inversion": {"objective", "optimizer", "prior", "io"},
}
ROOMS["app"] = set(ROOMS)
NO_DISCRETIZATION = {"base", "optimizer"}
# Belong to no room: the generated version header is everyone's.
EVERYONES = {"version.h"}

INCLUDE = re.compile(r"^\s*#\s*include\s*([<\"])([^>\"]+)[>\"]")


def allowed(room):
    rooms = {room, "base"} | ROOMS[room]
    return rooms if room in NO_DISCRETIZATION else rooms | {"discretization"}


def room_of(path, top):
    """The room a file belongs to; "main" for src/main.cc, "" for what stands beside the rooms."""
    parts = path.relative_to(top).parts
    if parts[0] == "include":
        return parts[2] if len(parts) > 3 else ""
    if len(parts) == 2:
        return "main" if parts[1] == "main.cc" else ""
    return parts[1]


def violations(path, top):
    room = room_of(path, top)
    if room not in ROOMS and room not in ("main", ""):
        yield 1, f"room '{room}' is not in the table of scripts/check_layers.py"
        return
    may = {"app"} if room == "main" else set() if room == "" else allowed(room)
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        if match.group(1) == '"':
            yield number, f'include "{match.group(2)}": name headers as <lodestone/room/header.h>'
            continue
        parts = match.group(2).split("/")
        if parts[0] != "lodestone" or (len(parts) == 2 and parts[1] in EVERYONES):
            continue
        included = parts[1] if len(parts) > 2 else ""
        if included not in may:
            yield number, f"{room or 'a file outside the rooms'} may not include <{match.group(2)}>; it may include {', '.join(sorted(may)) or 'none'}"


def main():
    top = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent).resolve()
    files = sorted(p for d in ("include", "src") for p in (top / d).rglob("*") if p.suffix in (".h", ".cc", ".in"))
    found = [f"{path.relative_to(top)}:{number}: {text}" for path in files for number, text in violations(path, top)]
    print("\n".join(found) if found else f"{len(files)} files, every include allowed")
    if not files:
        sys.exit(f"no sources under {top}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
