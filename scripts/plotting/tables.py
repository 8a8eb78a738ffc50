"""Tables of a run: what was run, its data, what it estimated, what it cost."""
import math
import re
import time

import numpy as np

from plotting.numbers import duration, minus, number, quantity, readable, readable_unit, with_error
from plotting.result import COMPONENTS, WORDS

MOST_ROWS = 100  # of tables that may have one row per cell; results.h5 has them all


def add_run(document, run):
    """What was run, on which mesh, with how many unknowns, how long."""
    summary, entries = run.summary, run.entries
    rows = []

    def row(what, value):
        if value:
            rows.append([what, value])

    row("command", f"lodestone {summary['command']}" if "command" in summary else "")
    row("parameter file", summary.get("parameter_file", ""))
    row("output directory", run.directory)
    version = summary.get("versions", {}).get("Lodestone") or (run.from_log(r"^Lodestone (.*)$") or [None, ""])[1]
    row("version", f"Lodestone {version}" if version else "")
    if run.result:
        sides = (run.result.upper.max(axis=0) - run.result.lower.min(axis=0))
        row("mesh", f"{len(run.result.vertices):,} cells, {' × '.join(f'{side:.4g}' for side in sides)} km, "
            f"{'gmsh file ' + entries['Mesh/File'] if entries.get('Mesh/Source') == 'gmsh' else 'box'}")
    if mesh := run.from_log(r"(\d+) displacement unknowns \((\w+)\)"):
        row("displacement unknowns", f"{int(mesh[1]):,} ({'quadratic' if mesh[2] == 'Q2' else 'linear'} elements)")
    if material := run.from_log(r"^Material: (.*)$"):
        row("unknowns", material[1])
    elif "n_unknowns" in summary:
        row("unknowns", f"{summary['n_unknowns']:,}")
    if entries.get("Prior/Type") and summary.get("n_unknowns"):
        asked, chosen = entries.get("Prior/Weight", ""), summary.get("prior_weight")
        by_rule = chosen is not None and re.search("[a-z]{2}", asked)  # discrepancy, l-curve
        row("prior", f"{entries['Prior/Type']}, weight {number(chosen, 4) + ', by ' + asked if by_rule else asked}")
    row("load cases", ", ".join(case["name"] for case in summary.get("load_cases", [])))
    if run.iterations:
        last = {name: values[-1] for name, values in run.history.items()}
        row("iterations", f"{last['iteration']:.0f}")
        row("memory, all ranks", f"{last['memory'] / 1e9:.2g} GB" if last.get("memory", 0) > 0 else "")
    ranks = summary.get("ranks")
    row("ranks", f"{ranks}" if ranks else "")
    row("wall time", duration(summary["seconds"]) if "seconds" in summary else "")
    row("results written", time.strftime("%Y-%m-%d %H:%M", time.localtime(run.finished)))
    document.table(["", ""], rows)


def independent_data(run):
    """As how many independent data all of them count: a weight of 0.05 makes a twentieth of the data of a set."""
    def share(data):
        try:
            return min(1.0, float(run.entries.get(f"Load cases/{data.load_case}/{data.set_name}/Weight", 1)))
        except ValueError:
            return 1.0

    return sum(data.chi2[1] * share(data) for data in (run.result.data if run.result else []) if data.chi2)


def noise_of(run, data):
    """How the errors of a set are modelled: in the words of the log where it was estimated, else in those of the parameter file."""
    where = f"data set {re.escape(data.set_name)} of load case {re.escape(data.load_case)}"
    if estimated := run.from_log(rf"^{where}: noise estimated from its residuals: (.*?)(?: \(before: .*)?$"):
        return estimated[1] + " (estimated)"
    entries, path = run.entries, f"Load cases/{data.load_case}/{data.set_name}"
    kind = entries.get(path + "/Noise", "independent")
    given = [name for name in ("Sill", "Range", "Nugget") if kind != "independent" and entries.get(f"{path}/{name}")]
    parts = [f"{name.lower()} {entries[f'{path}/{name}']}" for name in given]
    misfit = entries.get(path + "/Misfit", "Gaussian")
    applied = variance_component_of(run, data).get("applied_factor", 1)
    parts += [f"σ × {number(applied, 3)} (estimated)"] if applied != 1 else []
    return ", ".join([kind] + parts + ([misfit] if misfit != "Gaussian" else []))


def robust_chi2(run):
    """χ²/N with the squared median of |residual| / 0.6745 (that of Gaussian errors is 1) in the place of the mean square, for the data of each
    load case whose outliers count less; nothing without such data. This is the number of the log."""
    total, count, of_robust_sets = 0.0, 0, {}
    for data in run.result.data if run.result else []:
        values = data.values.get("standardized_residual", np.zeros(0))
        values = np.abs(values[np.isfinite(values)])
        count += len(values)
        if run.entries.get(f"Load cases/{data.load_case}/{data.set_name}/Misfit", "Gaussian") == "Gaussian":
            total += np.sum(values ** 2)
        elif len(values):
            of_robust_sets.setdefault(data.load_case, []).append(values)
    for sets in of_robust_sets.values():
        values = np.sort(np.concatenate(sets))
        total += len(values) * (1.4826 * values[len(values) // 2]) ** 2
    return total / count if of_robust_sets else None


def outliers_of(run, data):
    """What summary.json says of the outliers of a set."""
    cases = [case for case in run.summary.get("load_cases", []) if case.get("name") == data.load_case]
    return next((found for case in cases for found in case.get("outliers", []) if found.get("name") == data.set_name), {})


def root_mean_square(values):
    values = values[np.isfinite(values)]
    return math.sqrt(np.mean(values ** 2)) if len(values) else math.nan


def interval(values, unit):
    """One number, or the smallest to the largest."""
    low, high = np.nanmin(values), np.nanmax(values)
    factor, unit = readable_unit(high, unit)
    text = number(low * factor, 2)
    return f"{text if high <= low * (1 + 1e-9) else text + ' to ' + number(high * factor, 2)} {readable(unit)}"


def variance_component_of(run, data):
    """What summary.json says of the factor that a set's residuals ask for its sigma to be multiplied with."""
    found = (run.summary.get("variance_components") or {}).get("data_sets", [])
    return next((each for each in found if (each.get("load_case"), each.get("name")) == (data.load_case, data.set_name)), {})


def rows_of_set(run, data):
    """The row of a data set, and those of its components if it has several."""
    fitted = "observed" in data.values
    shown = "observed" if fitted else "predicted"

    def row(points, columns, chi2, weight, noise, down):
        values = {kind: data.values[kind][:, columns] for kind in data.values}
        residual = quantity(root_mean_square(values["residual"]), data.unit) if fitted else ""
        return [points, f"{int(np.isfinite(values['predicted']).sum()):,}", chi2, weight, noise, interval(values["sigma"], data.unit), residual,
                quantity(root_mean_square(values[shown]), data.unit), down]

    down = outliers_of(run, data).get("down_weighted")
    weight = run.entries.get(f"Load cases/{data.load_case}/{data.set_name}/Weight", "") if fitted else ""
    rows = [[data.name] + row(f"{len(data.points):,}", slice(None), number(data.chi2[0] / data.chi2[1]) if data.chi2 else "", weight,
                              noise_of(run, data) if fitted else "", "" if down is None else f"{down:,}")]
    present = [k for k, component in enumerate(COMPONENTS) if data.has(component)]
    for k in present if len(present) > 1 else []:
        chi2 = number(np.nanmean(data.values["standardized_residual"][:, k] ** 2)) if fitted else ""
        rows.append([None, WORDS[COMPONENTS[k]]] + row("", [k], chi2, "", "", ""))
    return rows


def add_data_sets(document, run):
    """Number, fit, weight and noise of every data set, and of its components if it has several."""
    fitted = any("observed" in data.values for data in run.result.data)
    header = ["data set", ">points", ">data", ">χ²/N", ">weight", "noise", ">σ", ">rms residual", ">rms observed" if fitted else ">rms predicted", ">down-weighted"]
    components = bool(run.summary.get("variance_components"))
    rows = []
    for data in run.result.data:
        of_set = rows_of_set(run, data)
        if components:
            found = variance_component_of(run, data)
            asked, redundancy = found.get("factor"), found.get("redundancy")
            of_set[0] += ["" if asked is None else number(asked, 3), "" if redundancy is None else number(redundancy, 2)]
            of_set[1:] = [row + ["", ""] for row in of_set[1:]]
        rows += of_set
    document.table(header + ([">factor of σ asked for", ">redundancy"] if components else []), rows)
    if components:
        document.text("The residuals of a set ask for its σ to be multiplied by the factor; near 1 is good. Redundancy is the share of its data that the model does not "
                      "follow." + (" The factors are ratios: the discrepancy leaves their level open." if run.summary["variance_components"].get("relative") else ""), "remark")
    if fitted:
        document.text("χ²/N is the mean squared residual in units of σ, without weights: near 1 where residuals are as large as the noise. Residuals are "
                      "predicted minus observed.", "remark")


def place_of(data, point):
    """The name of a station, with where it is."""
    x = data.points[point]
    if data.lonlat is not None and np.all(np.isfinite(data.lonlat[point])):
        where = minus("{:.4f}°, {:.4f}°".format(*data.lonlat[point]))
    else:
        where = minus(f"{x[0]:.5g}, {x[1]:.5g} km") if np.any(data.points[:, 1]) else minus(f"x = {x[0]:.5g} km")
    name = data.names[point] if data.names else ""
    return f"{name} ({where})" if name else where


def add_worst(document, run, most=5):
    """The data of every set whose standardized residuals are largest."""
    rows = []
    for data in run.result.data:
        if "observed" not in data.values:
            continue
        ratio = data.values["standardized_residual"]
        order = np.argsort(np.where(np.isfinite(ratio), -np.abs(ratio), np.inf), axis=None, kind="stable")[:min(most, data.count())]
        factor, unit = readable_unit(np.nanmax(np.abs(data.values["observed"])), data.unit)
        for i, index in enumerate(order):
            point, k = np.unravel_index(index, ratio.shape)
            values = [number(data.values[kind][point, k] * factor) for kind in ("observed", "predicted", "residual", "sigma")]
            rows.append([data.name if i == 0 else "", place_of(data, point), WORDS[COMPONENTS[k]], *values, readable(unit), number(ratio[point, k])])
    document.table(["data set", "at", "component", ">observed", ">predicted", ">residual", ">σ", "unit", ">standardized"], rows,
                   "The worst five data of each set")


def add_weight_path(document, run):
    """The minimisations with which the weight of the prior was chosen, in their order."""
    wanted = ("weight", "misfit", "prior", "chi2 per datum", "iterations", "Hessian actions")
    columns = {name: values for name, values in run.weight_path.items() if name in wanted and isinstance(values, np.ndarray)}

    def cell(name, value):
        return f"{value:.0f}" if name in ("iterations", "Hessian actions") and np.isfinite(value) else number(value, 4)

    rows = [[str(k + 1)] + [cell(name, values[k]) for name, values in columns.items()] for k in range(len(next(iter(columns.values()))))]
    document.table([">"] + [">" + name.replace("chi2 per datum", "χ²/N") for name in columns], rows[:MOST_ROWS])


def add_estimates(document, run):
    """Strengths, with what they stand for, and nuisance terms, each with one standard error."""
    def estimate(entry):
        return with_error(entry["value"], entry["standard_deviation"], entry["unit"])

    strengths, nuisance = [], []
    cases = run.summary.get("load_cases", [])
    for case in cases:
        prefix = f"{case['name']}, " if len(cases) > 1 else ""
        for strength in case.get("strengths", []):
            amounts = strength.get("amounts", [])
            strengths.append([prefix + strength["name"], estimate(strength), "; ".join(f"{amount['name']} {estimate(amount)}" for amount in amounts)])
        nuisance += [[prefix + term["name"], estimate(term)] for term in case.get("nuisance", [])]
    document.table(["load", ">strength", "which is"], strengths, "Strengths of loads ± one standard error")
    document.table(["data set and term", ">value"], nuisance, "Nuisance terms ± one standard error")
    if strengths or nuisance:
        stiffness = "estimated beside them" if "standard_errors" in run.summary else "taken as known: they are lower limits"
        document.text(f"The standard errors are those of the noise and the priors, with the stiffness {stiffness}.", "remark")


def values_of(unknown):
    """(value, one standard error lower and higher) as texts."""
    unit = unknown.get("unit", "")
    if unknown.get("lower") is None or unknown.get("upper") is None:
        return quantity(unknown.get("value"), unit, 4), "not determined"
    factor, unit = readable_unit(abs(unknown["upper"]), unit)
    spread = abs(unknown["upper"] - unknown["lower"]) / abs(unknown["upper"] or 1)
    digits = max(3, 1 + math.ceil(-math.log10(max(spread, 1e-9))))
    low, value, high = (number(unknown[key] * factor, digits) for key in ("lower", "value", "upper"))
    return f"{value} {readable(unit)}".rstrip(), f"{low} to {high} {readable(unit)}".rstrip()


def add_zones(document, run):
    """The moduli of every zone; with one unknown per zone, their standard errors."""
    zones = run.result.zones if run.result else {}
    unknowns = {unknown["name"]: unknown for unknown in run.summary.get("standard_errors", {}).get("unknowns", [])}
    rows, used = [], set()
    for i, zone in enumerate(zones.get("name", [])):
        low, mean, high = (zones[f"young_{which}"][i] for which in ("minimum", "mean", "maximum"))
        value, error = quantity(mean, "Pa", 4), ""
        if (name := f"E of {zone}") in unknowns:
            value, error = values_of(unknowns[name])
            used.add(name)
        elif high > low * (1 + 1e-6):
            value = f"{quantity(low, 'Pa')} to {quantity(high, 'Pa')}, mean {quantity(mean, 'Pa')}"
        rows.append([zone, zones["background"][i], value, error, f"{zones['n_cells'][i]:,}"])
    document.table(["zone", "its own background", ">E", ">one standard error", ">cells"], rows, "Zones")
    rows = [[name, *values_of(unknown), number(unknown.get("standard_error_of_m"), 2)] for name, unknown in unknowns.items() if name not in used]
    document.table(["unknown", ">value", ">one standard error", ">standard error of m"], rows[:MOST_ROWS], "Unknowns")
    if len(rows) > MOST_ROWS:
        document.text(f"These are the first {MOST_ROWS} of {len(rows)} unknowns; summary.json has all.", "remark")
    pairs = run.summary.get("standard_errors", {}).get("hardly_told_apart", [])
    if pairs:
        document.text("Pairs that the data hardly tell apart (correlation above 0.8); only their combination is known:", "remark")
        document.items([f"{' and '.join(pair['names'])}: {number(pair['correlation'], 2)}" for pair in pairs[:20]])


def add_recovered(document, run):
    """Smallest and largest value of every unknown quantity, and where."""
    def at(place):
        return minus(", ".join(f"{x / 1e3:.3g}" for x in place)) + " km"

    rows = [[{"nu": "ν"}.get(r["quantity"], r["quantity"]), quantity(r["smallest"], r["unit"]), at(r["smallest_at"]), quantity(r["largest"], r["unit"]),
             at(r["largest_at"])] for r in run.summary.get("recovered", [])]
    axes = "at x, y, z" if any(len(r["smallest_at"]) == 3 for r in run.summary.get("recovered", [])) else "at x, z"
    document.table(["quantity", ">smallest", axes, ">largest", "at"], rows, "Range of what was recovered")


def add_discretization(document, run):
    """How wrong the cells make predictions, in units of σ. Returns the largest rms."""
    cases = run.summary.get("load_cases", [])
    all_of_them = [(case["name"], error) for case in cases for error in case.get("discretization_error", [])]
    rows = [[(f"{case}, " if len(cases) > 1 else "") + e["name"], number(e["rms"], 2), number(e["largest"], 2), minus(e["at"]),
             quantity(e["rms_length"], e["unit"], 2)] for case, e in all_of_them]
    document.table(["data set", ">rms (σ)", ">largest (σ)", "at", ">rms (length)"], rows, "Discretization error of the predictions, estimated")
    return max((e["rms"] for _, e in all_of_them if e["rms"] is not None), default=None)


def add_cost(document, run):
    solves = run.summary.get("solves", {})
    names = {"forward": "forward", "adjoint": "adjoint", "incremental": "incremental", "iterations": "iterations of all of them"}
    document.table(["linear solves", ">number"], [[names[kind], f"{solves[kind]:,}"] for kind in names if kind in solves], "Cost")
    document.table(["library", "version"], [[name, value] for name, value in run.summary.get("versions", {}).items()], "Versions")
