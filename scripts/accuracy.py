#!/usr/bin/env python3
"""Measures how far predictions are from reference solutions: a table and a figure of case, mesh, element and formulation.

    scripts/accuracy.py --lodestone PROGRAM --output DIRECTORY [--levels N] [--adaptation] [CASE ...]

Cases are named by parts of their names; all when none is given. Every case is run on meshes whose cells beneath the data and around the source are
halved N - 1 times (default: 3 meshes), with linear and with quadratic elements, and, where a source can be put into the model in two
ways, in both. The error is the largest difference of a component at any point, in per cent of the largest displacement of the reference. References are
the tables of tests/verification/data. The mesh is what a user makes first: a box of 64 scales (depth of the source or radius of the
load) to each side and below, refined to the scale itself near data and source, with the source on no line of symmetry.

Beside the error stand the program's own estimate of its discretization error, and how many displacement unknowns a mesh has that `Mesh/Adapt` makes for an estimate
of this size, starting from the box without refinement, with its error.

--adaptation draws another figure, of errors against unknowns of meshes that are refined everywhere and of adapted ones, for a point source and a fault in cells, a
reservoir and a load on layers.
"""
import argparse
import csv
import json
import math
import os
import re
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DATA = os.path.join(TOP, "tests", "verification", "data")
PLACE = (0.13, -0.07)  # of the source or load, in scales: off the mesh's lines
UNREFINED = tuple(f"Mesh/{what} refinements=0" for what in ("Observation", "Source", "Surface"))


def rows(name):
    """The rows of a reference table as dictionaries; the first line is a comment."""
    with open(os.path.join(DATA, name + ".csv"), encoding="utf-8") as file:
        next(file)
        return list(csv.DictReader(file))


def radial(name, scale, ur="ur_m", uz="uz_m", least=0, most=math.inf):
    """Points on a ray to the north-east from the place of the source, and their displacement."""
    x0, y0 = (scale * p for p in PLACE)
    points = []
    for row in rows(name):
        r = float(row["r_m"])
        if least <= r <= most:
            u, w = float(row[ur]), float(row[uz])
            points.append((x0 + 0.8 * r, y0 + 0.6 * r, 0.8 * u, 0.6 * u, w))
    return points


class Case:
    """One reference: its name, group (a panel of the figure), scale (m), load, points (x, y, east, north, up) and material; `half_space`: a source that
    can be put into the model in two ways; `potency`: the row of its file; `around`: places without a reference that count for the peak, by the
    half-space field; `surface`: levels of refinement all over the surface, so that faces lie on an interface everywhere; `thin`: the load cannot be seen in cells without
    refinement, from which meshes are adapted otherwise."""

    def __init__(self, group, name, scale, load, points, young="20 GPa", poisson="0.25", cell=16, n=8, half_space=False, potency=None, around=(),
                 surface=0, thin=False):
        self.group, self.name, self.scale, self.load, self.points = group, name, scale, load, points
        self.young, self.poisson, self.cell, self.n = young, poisson, cell * scale, n
        self.half_space_source, self.potency = half_space, potency
        self.around, self.surface, self.thin = list(around), surface, thin
        self.peak = max(math.hypot(*p[2:]) for p in points)

    def formulations(self):
        return ("incident", "mesh") if self.half_space_source else ("",)

    def deck(self, level, degree, formulation, directory):
        half, depth = self.cell * self.n / 2, self.cell * self.n / 2
        refinements = round(math.log2(self.cell / self.scale)) + level
        lines = ["set Output directory = result", "subsection Mesh", f"  set Lower corner = {-half}, {-half}, {-depth}",
                 f"  set Upper corner = {half}, {half}, 0", f"  set Cells = {self.n}, {self.n}, {self.n // 2}",
                 f"  set Observation refinements = {refinements}", f"  set Observation distance = {2 * self.scale}"]
        if self.surface:
            lines.append(f"  set Surface refinements = {self.surface}")
        if self.half_space_source:
            lines += [f"  set Source refinements = {refinements}", f"  set Source distance = {1.5 * self.scale}"]
        lines += ["end", "subsection Material", "  set Unknowns = none", f"  set Young modulus = {self.young}",
                  f"  set Poisson ratio = {self.poisson}", "end", "subsection Boundary conditions", "  set Fixed = bottom",
                  "  set Rollers = west, east, south, north", "end", "subsection Load cases", "  set Names = only", "  subsection only"]
        entries = dict(self.load, Formulation=formulation) if formulation else self.load
        lines += ["    set Loads = it", "    subsection it", *(f"      set {key} = {value}" for key, value in entries.items()), "    end"]
        lines += ["    set Data sets = gnss", "    subsection gnss", "      set File = points.csv", "      set Sigma = 1 mm", "    end",
                  "  end", "end", "subsection Solver", f"  set Element degree = {degree}", "end"]
        return "\n".join(lines) + "\n"

    def run(self, program, directory, level, degree, formulation, entries=()):
        """What was found: unknowns, cells, largest error and its estimate (per cent of the peak), root mean square of the estimate (mm) and seconds. `entries`
        override those of the deck."""
        os.makedirs(directory, exist_ok=True)
        with open(os.path.join(directory, "points.csv"), "w", encoding="utf-8") as file:
            file.write("x,y,east,north,up\n" + "".join(",".join(repr(v) for v in p) + "\n" for p in self.points + [(*p, 0, 0, 0) for p in self.around]))
        if self.potency:
            with open(self.load["File"], "w", encoding="utf-8") as file:
                file.write("x,y,depth,pxx,pyy,pzz,pyz,pxz,pxy\n" + self.potency + "\n")
        deck = os.path.join(directory, "deck.prm")
        with open(deck, "w", encoding="utf-8") as file:
            file.write(self.deck(level, degree, formulation, directory))
        done = subprocess.run([*program, "forward", deck, *(word for entry in entries for word in ("--set", entry))], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{deck} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        if formulation == "incident" and "by its field in a half-space" not in done.stdout:
            sys.exit(f"{deck}: the source was not put into the model by its field in a half-space")
        cells, unknowns = re.findall(r"(\d+) cells, smallest .*?(\d+) displacement unknowns", done.stdout)[-1]
        with open(os.path.join(directory, "result", "gnss.csv"), encoding="utf-8") as file:
            found = list(csv.DictReader(line for line in file if not line.startswith("#")))
        if self.around and formulation == "incident":
            self.peak = max(math.hypot(*(float(row[key]) for key in ("east", "north", "up"))) for row in found)
        error = max(abs(float(f[key]) - p[2 + d]) for f, p in zip(found, self.points) for d, key in enumerate(("east", "north", "up")))
        with open(os.path.join(directory, "result", "summary.json"), encoding="utf-8") as file:
            summary = json.load(file)
        estimate = summary["load_cases"][0].get("discretization_error", [{"largest": math.nan, "rms": math.nan}])[0]
        return {"unknowns": int(unknowns), "cells": int(cells), "error": 100 * error / self.peak, "estimate": 0.1 * estimate["largest"] / self.peak,
                "rms": estimate["rms"], "seconds": summary["seconds"]}  # sigma is 1 mm

    def adapted(self, program, directory, degree, formulation, target):
        """The same on a mesh that is adapted to a root mean square (mm) of the estimated error."""
        start = () if self.thin else UNREFINED
        return self.run(program, directory, 0, degree, formulation, start + ("Mesh/Adapt=yes", f"Mesh/Target={target}"))


def okada_table():
    """The rows of Okada's table 2; x along strike is east, lengths are in km here. A dip of -90 is a vertical fault below the reference depth whose
    sides are exchanged."""
    x0, y0 = 0.37e3, -0.21e3
    # A single point of the table may move little: the peak is that of a square around the fault.
    around = [(1e3 * x, 1e3 * y) for x in range(-4, 9, 2) for y in range(-6, 7, 2)]
    for kind in dict.fromkeys((row["case"], row["mode"]) for row in rows("okada85_table2")):
        points, load = [], {}
        for row in rows("okada85_table2"):
            if (row["case"], row["mode"]) != kind:
                continue
            value = {key: float(row[key]) for key in ("x", "y", "d", "dip_deg", "L", "W", "ux", "uy", "uz")}
            down = value["dip_deg"] < 0
            points.append((x0 + 1e3 * value["x"], y0 + 1e3 * value["y"], value["ux"], value["uy"], value["uz"]))
            load = {"Type": "dislocation", "Reference": "corner", "Position": f"{x0}, {y0}, {1e3 * (value['d'] + (value['W'] if down else 0))}",
                    "Strike": 90, "Dip": abs(value["dip_deg"]), "Length": 1e3 * value["L"], "Width": 1e3 * value["W"],
                    "Rake": 90 if kind[1] == "dip" else 0}
            load["Opening" if kind[1] == "tensile" else "Slip"] = -1 if down and kind[1] != "tensile" else 1
        yield Case("sources in a homogeneous half-space", f"Okada's table 2, case {kind[0]}, {kind[1]}", 4e3, load, points, half_space=True, around=around)


def layered(output):
    """A point source and a sill's nucleus in two layers, in the upper and in the lower one."""
    media = {"A": (2000, "if(z > -2 km, 10 GPa, 50 GPa)", "0.25"),
             "B": (3000, "if(z > -3 km, 60 GPa, 20 GPa)", "if(z > -3 km, 0.25, 0.3)")}
    for medium, (interface, young, poisson) in media.items():
        for depth in (1200, 5000):
            place = f"{interface * PLACE[0]}, {interface * PLACE[1]}, {depth}"
            columns = (f"{medium}_{depth}_ur_m", f"{medium}_{depth}_uz_m")
            common = dict(young=young, poisson=poisson, cell=8, n=10, half_space=True, surface=3)
            yield Case("point sources in two layers", f"Mogi at {depth / 1e3:g} km, medium {medium}", interface,
                       {"Type": "point source", "Position": place, "Volume change": "1e6 m^3"},
                       radial("mogi_layered", interface, *columns, most=20e3), **common)
            file = os.path.join(output, f"sill_{medium}_{depth}.csv")
            yield Case("point sources in two layers", f"sill at {depth / 1e3:g} km, medium {medium}", interface,
                       {"Type": "potency points", "File": file}, radial("sill_nucleus_layered", interface, *columns, most=20e3),
                       potency=place + ",0,0,1e6,0,0,0", **common)


def cases(output):
    yield Case("sources in a homogeneous half-space", "Mogi at 3 km", 3e3,
               {"Type": "point source", "Position": f"{3e3 * PLACE[0]}, {3e3 * PLACE[1]}, 3 km", "Volume change": "1e6 m^3"},
               radial("mogi_mctigue", 3e3, "mogi_ur_m", "mogi_uz_m", most=18e3), half_space=True)
    yield Case("sources in a homogeneous half-space", "normal fault, dip 60", 5e3,
               {"Type": "dislocation", "Position": "0, 0, 5 km", "Strike": 30, "Dip": 60, "Rake": -70, "Slip": 1, "Length": "12 km", "Width": "6 km"},
               [tuple(float(row[key]) for key in ("east_m", "north_m", "uE_m", "uN_m", "uU_m")) for row in rows("okada85_normal_fault")], half_space=True)
    yield from okada_table()
    yield from layered(output)
    x0, y0 = PLACE

    def disc(radius, x=0., y=0.):
        return f"(x - {x})^2 + (y - {y})^2 < {radius}^2"
    disc_load = {"Type": "pressure", "Boundary": "top", "Region": disc(4e3, 4e3 * x0, 4e3 * y0), "Value": "1.4715e6"}
    yield Case("loads", "disc load", 4e3, disc_load, radial("disc_load", 4e3, most=20e3), young="10 GPa")
    yield Case("loads", "disc load on three layers", 4e3, disc_load, radial("layered_crust_3layer", 4e3, most=20e3),
               young="if(z > -1 km, 10 GPa, if(z > -5 km, 30 GPa, 60 GPa))", around=[(4e3 * x, 4e3 * y) for x in range(-3, 4) for y in range(-3, 4)])
    yield Case("loads", "rectangular load", 3e3,
               {"Type": "traction", "Boundary": "top", "Region": f"abs(x - {3e3 * x0}) < 3000 && abs(y - {3e3 * y0}) < 1500", "Value": "0, 0, -1 MPa"},
               [(3e3 * x0 + float(r["x_m"]), 3e3 * y0 + float(r["y_m"]), *(float(r[k]) for k in ("ux_m", "uy_m", "uz_m"))) for r in rows("rect_load")],
               young="10 GPa")
    yield Case("loads", "point force, from one scale on", 4e3, {"Type": "point force", "Position": f"{4e3 * x0}, {4e3 * y0}, 0", "Force": "0, 0, -1e12"},
               radial("boussinesq", 4e3, least=4e3, most=20e3), young="10 GPa")
    yield Case("loads", "reservoir of 100 m, pore pressure", 2e3,
               {"Type": "pore pressure", "Region": disc(2e3, 2e3 * x0, 2e3 * y0) + " && abs(z + 2500) < 50", "Value": "-10 MPa"},
               radial("geertsma_disc", 2e3, most=10e3), young="5 GPa", thin=True)


COLUMNS = ("group", "case", "element", "formulation", "level", "cells", "unknowns", "error [%]", "estimated error [%]", "time [s]",
           "unknowns, adapted", "error, adapted [%]", "time, adapted [s]")


def markdown(table):
    """One line per case and formulation: errors of both elements on meshes of falling cell size, and the meshes' cells."""
    elements, levels = sorted({row["element"] for row in table}), sorted({row["level"] for row in table})
    columns = [(element, level) for element in elements for level in levels]
    sizes = ["d" if level == 0 else f"d/{2 ** level}" for level in levels]
    finest = levels[-1]
    lines = ["| case | formulation | " + " | ".join(f"{element}, {sizes[level]}" for element, level in columns) + " | cells | "
             + " | ".join(f"{element}, {sizes[finest]}: estimated" for element in elements) + " | unknowns | adapted |",
             "| --- | --- | " + " | ".join("---" for _ in columns) + " | --- | " + " | ".join("---" for _ in elements) + " | --- | --- |"]

    def text(error):
        return "< 1e-6" if error < 1e-6 else f"{error:.2g}" if error < 100 else f"{error:.0f}"
    for case, formulation in dict.fromkeys((row["case"], row["formulation"]) for row in table):
        found = {(row["element"], row["level"]): row for row in table if (row["case"], row["formulation"]) == (case, formulation)}
        lines.append(f"| {case} | {formulation or 'n/a'} | " + " | ".join(text(found[key]["error [%]"]) for key in columns) + " | "
                     + ", ".join(str(found[elements[0], level]["cells"]) for level in levels) + " | "
                     + " | ".join(text(found[element, finest]["estimated error [%]"]) for element in elements) + " | "
                     + " | ".join(", ".join(str(found[element, finest][key]) for element in elements) for key in ("unknowns", "unknowns, adapted")) + " |")
    return "\n".join(lines) + "\n"


def draw(table, file):
    """Errors against unknowns, a panel per group."""
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot
    groups = list(dict.fromkeys(row["group"] for row in table))
    figure, axes = pyplot.subplots(1, len(groups), figsize=(4.6 * len(groups), 4.4), sharey=True, squeeze=False, layout="constrained")
    styles = {("Q1", "incident"): ("tab:blue", "-", "o"), ("Q2", "incident"): ("tab:cyan", "-", "s"), ("Q1", "mesh"): ("tab:red", "--", "o"),
              ("Q2", "mesh"): ("tab:orange", "--", "s"), ("Q1", ""): ("tab:red", "--", "o"), ("Q2", ""): ("tab:orange", "--", "s")}
    for axis, group in zip(axes[0], groups):
        of_group = [row for row in table if row["group"] == group]
        named = set()
        for key in dict.fromkeys((row["case"], row["element"], row["formulation"]) for row in of_group):
            line = [row for row in of_group if (row["case"], row["element"], row["formulation"]) == key]
            colour, dashes, marker = styles[key[1:]]
            label = None if key[1:] in named else " ".join(key[1:]).strip()
            named.add(key[1:])
            axis.loglog([row["unknowns"] for row in line], [max(row["error [%]"], 1e-6) for row in line], dashes, color=colour, marker=marker,
                        markersize=4, linewidth=1, alpha=0.8, label=label)
        axis.axhline(1, color="0.6", linewidth=0.8)
        axis.set_title(group, fontsize=10)
        axis.set_xlabel("displacement unknowns")
        axis.legend(fontsize=8, loc="center left")
    axes[0][0].set_ylabel("largest error (% of the peak)")
    figure.savefig(file, dpi=110)


def adaptation(program, output):
    """Errors against unknowns, linear elements: boxes of ever smaller cells, and adapted ones. The truth is the same box with quadratic cells of an eighth of
    the scale around data and source, so that the size of the box does not count."""
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot
    names = (("Mogi at 3 km", "mesh"), ("normal fault, dip 60", "mesh"), ("reservoir of 100 m, pore pressure", ""), ("disc load on three layers", ""))
    figure, axes = pyplot.subplots(1, len(names), figsize=(4.2 * len(names), 3.9), sharey=True, layout="constrained")
    directory, lines = os.path.join(output, "run"), []

    def predicted():
        with open(os.path.join(directory, "result", "gnss.csv"), encoding="utf-8") as file:
            return [float(row[key]) for row in csv.DictReader(line for line in file if not line.startswith("#")) for key in ("east", "north", "up")]
    for axis, (name, formulation) in zip(axes, names):
        case = next(c for c in cases(output) if c.name == name)
        case.cell, case.n = 2 * case.scale, 16  # a box of 16 scales to each side and down
        if "reservoir" in name:  # cells must see a part of it
            case.load["Region"] = case.load["Region"].replace("abs(z + 2500) < 50", "abs(z + 2500) < 500")
            name = "reservoir of 1 km, pore pressure"
        case.run(program, directory, 3, 2, formulation, ("Mesh/Estimate error=no",))
        truth = predicted()
        peak = max(abs(value) for value in truth)

        def error():
            return 100 * math.sqrt(sum((a - b) ** 2 for a, b in zip(predicted(), truth)) / len(truth)) / peak
        curves = {"the same everywhere": [], "adapted": []}
        for halvings in range(4):
            count = case.n * 2 ** halvings
            found = case.run(program, directory, 0, 1, formulation, UNREFINED + (f"Mesh/Cells={count},{count},{count // 2}",))
            curves["the same everywhere"].append((found["unknowns"], error(), found["seconds"]))
        for share in (0.05, 0.02, 0.01, 0.005):
            found = case.adapted(program, directory, 1, formulation, share * peak * 1e3)
            curves["adapted"].append((found["unknowns"], error(), found["seconds"]))
        for label, marker in (("the same everywhere", "o--"), ("adapted", "s-")):
            axis.loglog(*zip(*(point[:2] for point in curves[label])), marker, label=label, markersize=4, linewidth=1)
            lines += [f"{name}, {label}: {unknowns} unknowns, {err:.3g} %, {seconds:.1f} s" for unknowns, err, seconds in curves[label]]
        axis.set_title(name, fontsize=10)
        axis.set_xlabel("displacement unknowns")
        axis.legend(fontsize=8)
        print("\n".join(lines[-8:]), flush=True)
    axes[0].set_ylabel("rms error (% of the peak)")
    figure.savefig(os.path.join(output, "adaptation.png"), dpi=110)
    with open(os.path.join(output, "adaptation.txt"), "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    print(f"results: {output}/adaptation.png, adaptation.txt")
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", metavar="CASE")
    parser.add_argument("--lodestone", required=True, help="the program, with what runs it: 'mpirun -n 2 build/release/lodestone'")
    parser.add_argument("--output", required=True)
    parser.add_argument("--levels", type=int, default=3)
    parser.add_argument("--adaptation", action="store_true")
    options = parser.parse_args()
    output = os.path.abspath(options.output)
    os.makedirs(output, exist_ok=True)
    chosen = [case for case in cases(output) if not options.cases or any(word.lower() in case.name.lower() for word in options.cases)]
    if not chosen:
        sys.exit("accuracy.py: no case is named so; known: " + "; ".join(case.name for case in cases(output)))
    if options.adaptation:
        return adaptation(options.lodestone.split(), output)
    table = []
    for case in chosen:
        for formulation in case.formulations():
            for degree in (1, 2):
                for level in range(options.levels):
                    directory, program = os.path.join(output, "run"), options.lodestone.split()
                    found = case.run(program, directory, level, degree, formulation)
                    exact = not found["rms"] > 1e-6  # nothing is left to adapt to
                    other = found if exact else case.adapted(program, directory, degree, formulation, found["rms"])
                    table.append(dict(zip(COLUMNS, (case.group, case.name, f"Q{degree}", formulation, level, found["cells"], found["unknowns"], found["error"],
                                                    found["estimate"], found["seconds"], other["unknowns"], other["error"], other["seconds"]))))
                    print(f"{case.name}, Q{degree} {formulation}: {found['cells']} cells, {found['unknowns']} unknowns, error {found['error']:.3g} %, estimated "
                          f"{found['estimate']:.3g} %, {found['seconds']:.1f} s; adapted: {other['unknowns']} unknowns, {other['error']:.3g} %, "
                          f"{other['seconds']:.1f} s", flush=True)
                    with open(os.path.join(output, "accuracy.csv"), "w", newline="", encoding="utf-8") as file:
                        writer = csv.DictWriter(file, COLUMNS)
                        writer.writeheader()
                        writer.writerows(table)
    with open(os.path.join(output, "accuracy.md"), "w", encoding="utf-8") as file:
        file.write(markdown(table))
    draw(table, os.path.join(output, "accuracy.png"))
    print(f"results: {output}/accuracy.md, accuracy.csv, accuracy.png")


if __name__ == "__main__":
    main()
