#!/usr/bin/env python3
"""Runs the benchmarks and makes tables and plots of them; scripts/benchmark.sh builds what this needs and calls it.

    scripts/benchmark.py small|full [PART ...] --build DIRECTORY --stock DIRECTORY --output DIRECTORY

Parts: solvers, contrast, crossover, r3, iterations, million; all when none is named. Every measurement is a row of OUTPUT/results.csv as soon as it is
there; OUTPUT/summary.md holds the tables. Solvers that are compared run one after the other on the
same problem. A run that fails, or is stopped after its time limit, is named in the summary.
"""
import argparse
import csv
import os
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DECKS = os.path.join(TOP, "tests", "benchmark")
PARTS = ("solvers", "contrast", "crossover", "r3", "iterations", "million")
HUGE = 3000000  # unknowns from which assembled solvers are measured once, and none on one rank
LARGE = 500000  # unknowns from which assembled matrices are measured once, on two ranks, and only their solves

# hIPPYlib 3.2 on R3, as recorded on two cores like these together with the times of its own solvers (seconds).
HIPPYLIB = {"N=32 inversion, MUMPS, 2 ranks": 55.6, "N=32 forward, MUMPS, 2 ranks": 3.2,
            "N=48 gradient, GAMG, 1 rank": 12.8, "N=48 forward, GAMG, 1 rank": 8.52}


class Runs:
    """Runs programs under MPI; keeps what failed."""

    def __init__(self, options):
        self.options, self.failures = options, []
        os.makedirs(options.output, exist_ok=True)

    def mpi(self, ranks, command, log, limit):
        """Wall seconds; None when it failed."""
        start = time.monotonic()
        try:
            with open(log, "w", encoding="utf-8") as out:
                subprocess.run(["mpirun", "-n", str(ranks), *command], stdout=out, stderr=subprocess.STDOUT,
                               stdin=subprocess.DEVNULL, timeout=limit, check=True)
            return time.monotonic() - start
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            why = f"stopped after {limit} s" if isinstance(error, subprocess.TimeoutExpired) else f"exit code {error.returncode}"
            self.failures.append(f"{' '.join(map(os.path.basename, command[:2]))} -> {log}: {why}")
            print("  failed:", self.failures[-1], flush=True)
            return None

    def measure(self, part, deck, variant, ranks, settings, repeat=3, forward_only=False, limit=1800):
        """One row of results.csv as a dictionary; None when it failed."""
        method, stock, warm = variant.split()[-1], variant.startswith("stock"), variant.startswith("warm")
        build = self.options.stock if stock else self.options.build
        file = os.path.join(self.options.output, "results.csv")
        log = os.path.join(self.options.output, "last.log")
        sets = [x for pair in {**settings, "Solver/Method": method}.items() for x in ("--set", f"{pair[0]}={pair[1]}")]
        command = [os.path.join(build, "tests", "lodestone_benchmark"), os.path.join(DECKS, deck), "--csv", file, "--label",
                   f"{part}: {variant}", "--repeat", str(repeat), *sets, *(["--forward-only"] if forward_only else []), *(["--warm"] if warm else [])]
        print(f"{part}: {variant}, {ranks} rank(s), " + ", ".join(f"{k.split('/')[-1]} {v}" for k, v in settings.items()), flush=True)
        if self.mpi(ranks, command, log, limit) is None:
            return None
        with open(file, newline="", encoding="utf-8") as rows:
            row = list(csv.DictReader(rows))[-1]
        return {k: number(v) for k, v in row.items()}


def number(text):
    try:
        return float(text)
    except ValueError:
        return text


def table(header, rows):
    def cell(x):
        return f"{x:.3g}" if isinstance(x, float) and abs(x) < 1e4 else f"{x:.0f}" if isinstance(x, float) else str(x)
    return "\n".join("| " + " | ".join(map(cell, line)) + " |" for line in [header, ["---"] * len(header), *rows]) + "\n"


def cube(cells):
    """Settings of cube.prm for so many cells along x, y, z, all of them cubes."""
    return {"Mesh/Cells": ",".join(map(str, cells)), "Mesh/Upper corner": f"1,{cells[1] / cells[0]},0",
            "Mesh/Lower corner": f"0,0,{-cells[2] / cells[0]}"}


def solvers(runs, full):
    """Every solver on the same problems: the table to look at first, and plots over the number of unknowns."""
    sizes = [(16,) * 3, (32,) * 3, (64,) * 3, (128, 128, 64)] if full else [(16,) * 3, (24,) * 3, (32,) * 3]
    problems = [(degree, tuple(n // degree for n in cells)) for degree in (1, 2) for cells in sizes]
    rows = []
    for degree, cells in problems:
        unknowns = 3 * (degree * cells[0] + 1) * (degree * cells[1] + 1) * (degree * cells[2] + 1)
        for ranks in (2, 1):
            for variant in ("multigrid", "stock multigrid", "amg", "direct"):
                if variant == "direct" and unknowns > 60000 or ranks == 1 and unknowns > HUGE:
                    continue
                if unknowns > HUGE and (variant == "stock multigrid" or degree == 2 and variant == "amg"):
                    continue  # 3 GB of matrix a million unknowns with Q1, 8 with Q2
                assembled = variant == "amg" and unknowns > LARGE
                if assembled and ranks == 1:
                    continue
                row = runs.measure("solvers", "cube.prm", variant, ranks, {**cube(cells), "Solver/Element degree": degree},
                                   repeat=5 if "multigrid" in variant else 1 if unknowns > HUGE or assembled else 3,
                                   forward_only=assembled)
                if row:
                    rows.append((variant, row))
    names = ("setup_s", "first_renew_s", "renew_s", "forward_s", "iterations", "forward_mv", "gradient_s", "gradient_per_forward", "hessian_s",
             "hessian_per_forward", "kernel_per_forward", "memory_mb", "memory_kb_per_unknown", "operator_mdof_s_double", "operator_mdof_s_float", "triad_gb_s")
    text = table(["Q", "unknowns", "ranks", "solver", *names],
                 [[int(r["degree"]), int(r["unknowns"]), int(r["ranks"]), v, *(r[n] for n in names)] for v, r in rows])
    ratios = []
    for variant, ours in rows:
        for other, theirs in rows:
            if variant == "multigrid" and other == "amg" and all(ours[k] == theirs[k] for k in ("degree", "unknowns", "ranks")):
                ratios.append([int(ours["degree"]), int(ours["unknowns"]), int(ours["ranks"]), theirs["forward_s"] / ours["forward_s"],
                               theirs["renew_s"] / ours["renew_s"], theirs["renew_far_s"] / ours["renew_far_s"],
                               ours["renew_s"] / ours["forward_s"], ours["kernel_per_forward"]])
    text += "\nGAMG over multigrid, and what renewal and gradient kernel cost beside a solve:\n\n"
    text += table(["Q", "unknowns", "ranks", "solve", "renew E nearby", "renew E far", "renew / solve", "kernel / solve"], ratios)
    plot(runs.options.output, rows)
    return text


def plot(directory, rows):
    """Time of a solve and memory an unknown over the number of unknowns."""
    try:
        import matplotlib
        matplotlib.use("Agg")
        import matplotlib.pyplot as plt
    except ImportError:
        print("no matplotlib: no plots (scripts/install_dependencies.sh --with-plots)")
        return
    figure, axes = plt.subplots(1, 3, figsize=(15, 4.5))
    for degree, line in ((1, "-"), (2, "--")):
        for variant, colour in (("multigrid", "#0072b2"), ("stock multigrid", "#56b4e9"), ("amg", "#d55e00"), ("direct", "#009e73")):
            chosen = sorted((r["unknowns"], r) for v, r in rows if v == variant and r["degree"] == degree and r["ranks"] == 2)
            if not chosen:
                continue
            for axis, name in zip(axes, ("forward_s", "renew_s", "memory_kb_per_unknown")):
                axis.plot([n for n, _ in chosen], [r[name] for _, r in chosen], line, color=colour, marker="o", label=f"Q{degree} {variant}")
    for axis, label in zip(axes, ("forward solve (s)", "renewal for a new model (s)", "memory above the libraries (kB/unknown)")):
        axis.set(xscale="log", yscale="log", xlabel="displacement unknowns", ylabel=label)
        axis.grid(True, which="both", alpha=0.3)
    axes[0].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(os.path.join(directory, "solvers.png"), dpi=120)


def contrast(runs, full):
    """Hard cases: iterations and applications of the operator on the finest level."""
    modulus = "1e9*exp({0}*(43758.5453*abs(sin(129.898*x+782.33*y+377.19*z)) - floor(43758.5453*abs(sin(129.898*x+782.33*y+377.19*z)))))"
    cases = [("contrast 7.4", {}), ("contrast 1e3", {"Material/Young modulus": modulus.format(6.907755)}),
             ("contrast 1e4", {"Material/Young modulus": modulus.format(9.210340)}),
             ("nu 0.45", {"Material/Poisson ratio": 0.45}), ("nu 0.49", {"Material/Poisson ratio": 0.49}),
             ("nu 0.499", {"Material/Poisson ratio": 0.499}),
             ("nu 0.499, contrast 1e4", {"Material/Poisson ratio": 0.499, "Material/Young modulus": modulus.format(9.210340)}),
             ("flat cells, 20:1", {"Mesh/Lower corner": "0,0,-0.05"}), ("tall cells, 1:20", {"Mesh/Lower corner": "0,0,-20"})]
    rows = []
    for degree, n in ((1, 64 if full else 32), (2, 32 if full else 16)):
        for name, settings in cases:
            row = runs.measure("contrast", "cube.prm", "multigrid", 2,
                               {"Mesh/Cells": f"{n},{n},{n}", "Solver/Element degree": degree, **settings}, repeat=1, forward_only=True)
            if row:
                rows.append([degree, int(row["unknowns"]), name, int(row["iterations"]), row["forward_mv"], row["forward_s"]])
    return table(["Q", "unknowns", "case", "iterations", "operator applications", "s"], rows)


def crossover(runs, full):
    """What one step of an inversion costs with each solver: renewal, gradient and ten Hessian actions (Newton), or no actions."""
    rows = []
    sections = [("square.prm", {"Mesh/Cells": f"{n},{n}"}) for n in (32, 64, 128, 256, *((512,) if full else ()))]
    volumes = [("cube.prm", {"Mesh/Cells": f"{n},{n},{n}"}) for n in (8, 12, 16, 20, *((24, 32) if full else ()))]
    for deck, settings in sections + volumes:
        costs, row = {}, None
        for variant in ("multigrid", "direct", "amg", "auto"):
            measured = runs.measure("crossover", deck, variant, 2, settings)
            if measured:
                row = measured
                gradient = row["renew_s"] + row["gradient_s"]
                costs[variant] = (gradient, gradient + 10 * row["hessian_s"])
        if row and "auto" in costs:
            best = [min(c[k] for c in costs.values()) for k in (0, 1)]
            rows.append([int(row["dim"]), int(row["unknowns"])] + [costs.get(v, (float("nan"),) * 2)[k] for k in (0, 1) for v in
                                                                   ("multigrid", "direct", "amg")] + [costs["auto"][k] / best[k] for k in (0, 1)])
    return table(["dim", "unknowns", "gradient multigrid (s)", "direct", "amg", "Newton step multigrid (s)", "direct", "amg", "auto / best, gradient",
                  "auto / best, Newton"], rows)


def invert(runs, ranks, deck, truth, cells, settings, name, limit=7200):
    """Data by `forward`, then `invert`; the last row of its history with wall time and memory."""
    program = os.path.join(runs.options.build, "lodestone")
    out = os.path.abspath(os.path.join(runs.options.output, name))
    sets = [x for k, v in {"Mesh/Cells": cells, **settings}.items() for x in ("--set", f"{k}={v}")]
    print(f"inversion: {name}, {ranks} rank(s)", flush=True)
    if runs.mpi(ranks, [program, "forward", truth, "--set", f"Mesh/Cells={cells}", "--set", f"Output directory={out}_truth"],
                out + "_truth.log", limit) is None:
        return None
    data = os.path.join(out + "_truth", "gnss.csv")
    wall = runs.mpi(ranks, [program, "invert", deck, *sets, "--set", f"Output directory={out}", "--set", f"Load cases/load/gnss/File={data}"],
                    out + ".log", limit)
    if wall is None:
        return None
    with open(os.path.join(out, "history.csv"), newline="", encoding="utf-8") as file:
        last = {k.strip(): number(v) for k, v in list(csv.DictReader(line for line in file if not line.startswith("#")))[-1].items()}
    return {**last, "wall": wall}


def inversion_row(ranks, result):
    solves = sum(int(result[kind + " solves"]) for kind in ("forward", "adjoint", "incremental"))
    return [ranks, int(result["iteration"]), int(result["Hessian actions"]), solves, int(result["solver iterations"]),
            int(result["operator applications"]), result["wall"], result["memory [byte]"] / 1e6, f"{result['J']:.8g}"]


def r3(runs, full):
    """Whole inversions that another code has solved as well, against its recorded times scaled by those of the same solvers here."""
    rows = []
    results = {}
    for n in (16, 32, 48, 64) if full else (16, 32):
        for ranks in (2, 1) if n <= 32 else (2,):
            result = invert(runs, ranks, os.path.join(DECKS, "r3.prm"), os.path.join(DECKS, "r3_truth.prm"), f"{n},{n},{n // 2}", {}, f"r3_n{n}_{ranks}")
            if result:
                results[n, ranks] = result
                rows.append([n, *inversion_row(ranks, result)])
    text = table(["N", "ranks", "iterations", "Hessian actions", "solves", "CG iterations", "mat-vecs", "wall (s)", "memory (MB)", "J"], rows)
    ratios = []
    stations = {"Load cases/load/gnss/File": os.path.join(DECKS, "stations.csv")}
    if (32, 2) in results:
        direct = runs.measure("r3", "r3.prm", "direct", 2, {"Mesh/Cells": "32,32,16", **stations})
        if direct:
            scale = (direct["renew_s"] + direct["forward_s"]) / HIPPYLIB["N=32 forward, MUMPS, 2 ranks"]
            ratios.append(["N = 32 inversion, 2 ranks", scale, scale * HIPPYLIB["N=32 inversion, MUMPS, 2 ranks"], results[32, 2]["wall"],
                           scale * HIPPYLIB["N=32 inversion, MUMPS, 2 ranks"] / results[32, 2]["wall"]])
    if full:
        amg = runs.measure("r3", "r3.prm", "amg", 1, {"Mesh/Cells": "48,48,24", **stations}, repeat=1)
        ours = runs.measure("r3", "r3.prm", "multigrid", 1, {"Mesh/Cells": "48,48,24", **stations})
        if amg and ours:
            # Theirs: one assembly and set-up for forward and adjoint; so is ours.
            scale = (amg["renew_s"] + amg["forward_s"]) / HIPPYLIB["N=48 forward, GAMG, 1 rank"]
            gradient = ours["renew_s"] + ours["gradient_s"]
            ratios.append(["N = 48 gradient, 1 rank", scale, scale * HIPPYLIB["N=48 gradient, GAMG, 1 rank"], gradient,
                           scale * HIPPYLIB["N=48 gradient, GAMG, 1 rank"] / gradient])
    return text + "\n" + table(["", "this machine / theirs", "hIPPYlib, scaled (s)", "ours (s)", "ratio"], ratios)


def iterations(runs, full):
    """How the number of iterations depends on the mesh: R3 to |g| <= 1e-6 |g0|, with its own prior, with Matern (0.7, length 0.15), and by
    lmvm in the prior's metric. Hessian actions of Newton, evaluations of lmvm."""
    matern = {"Prior/Type": "Matern", "Prior/Gradient weight": "", "Prior/Mass weight": "", "Prior/Standard deviation": "0.7",
              "Prior/Horizontal correlation length": "0.15"}
    kinds = {"own prior": {}, "Matern": matern, "own prior, lmvm": {"Optimizer/Method": "lmvm", "Optimizer/Maximum iterations": "1000"},
             "Matern, lmvm": {**matern, "Optimizer/Method": "lmvm", "Optimizer/Maximum iterations": "1000"}}
    rows = []
    for n in (16, 32, 48, 64) if full else (16, 32):
        row = [n]
        for k, (kind, settings) in enumerate(kinds.items()):
            result = invert(runs, 2, os.path.join(DECKS, "r3.prm"), os.path.join(DECKS, "r3_truth.prm"), f"{n},{n},{n // 2}", settings,
                            f"iterations_n{n}_{k}")
            if result is None:
                row += ["failed", ""]
            else:
                row += [int(result["iteration"]), int(result["forward solves" if "lmvm" in kind else "Hessian actions"])]
        rows.append(row)
    header = ["N"]
    for kind in kinds:
        header += [kind + ": iterations", "evaluations" if "lmvm" in kind else "actions"]
    return table(header, rows)


def million(runs, full):
    """A million unknown cells."""
    cells = "128,128,64" if full else "32,32,16"
    inputs = os.path.join(TOP, "inputs")
    result = invert(runs, 2, os.path.join(inputs, "million_cells.prm"), os.path.join(inputs, "million_cells_truth.prm"), cells, {}, "million")
    if not result:
        return "failed\n"
    return table(["cells", "ranks", "iterations", "Hessian actions", "solves", "CG iterations", "mat-vecs", "wall (s)", "memory (MB)", "J"],
                 [[cells, *inversion_row(2, result)]])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("size", choices=("small", "full"))
    parser.add_argument("parts", nargs="*", metavar="PART", help="of " + ", ".join(PARTS))
    for name in ("build", "stock", "output"):
        parser.add_argument("--" + name, required=True)
    options = parser.parse_args()
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        sys.exit(f"benchmark.py: unknown part '{unknown[0]}'; known: {', '.join(PARTS)}")
    runs = Runs(options)
    results = os.path.join(options.output, "results.csv")
    if os.path.exists(results):
        os.rename(results, results + time.strftime(".%Y%m%d-%H%M%S"))
    summary = os.path.join(options.output, "summary.md")
    with open(summary, "w", encoding="utf-8") as file:
        file.write(f"# Benchmarks, {options.size}, {time.strftime('%Y-%m-%d %H:%M')}\n")
        for part in options.parts or PARTS:
            function = globals()[part]
            file.write(f"\n## {part}\n\n{function.__doc__}\n\n{function(runs, options.size == 'full')}")
            file.flush()
        if runs.failures:
            file.write("\n## failed\n\n" + "\n".join("- " + failure for failure in runs.failures) + "\n")
    with open(summary, encoding="utf-8") as file:
        print(file.read())
    print("results:", options.output)
    return 1 if runs.failures else 0


if __name__ == "__main__":
    sys.exit(main())
