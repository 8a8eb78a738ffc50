"""Reads what Lodestone writes: results.h5 and history.csv. Everything that the pictures know of the layout of these files is here."""
import csv
import os
import re
from dataclasses import dataclass, field

import h5py
import numpy as np

from plotting.numbers import fail

KINDS = ("observed", "predicted", "residual")
COMPONENTS = ("east", "north", "up", "los")
WORDS = {"east": "east", "north": "north", "up": "up", "los": "line of sight"}


@dataclass
class DataSet:
    """The data of one set. Arrays have one row per point and the columns of COMPONENTS; NaN where nothing is measured."""
    load_case: str
    set_name: str
    name: str  # for headings
    points: np.ndarray  # km
    values: dict  # of KINDS and "sigma", in `unit`
    unit: str
    chi2: tuple  # (chi^2, number of data), empty where nothing is observed

    def count(self):
        return int(np.isfinite(self.values["predicted"]).sum())

    def component(self, kind, name):
        return self.values[kind][:, COMPONENTS.index(name)]

    def has(self, name):
        return bool(np.isfinite(self.component("predicted", name)).any())


@dataclass
class Result:
    """What the figure shows of a results file. Lengths are in km."""
    title: str
    vertices: np.ndarray  # cells x corners x coordinates, corners in VTK's order
    volume: np.ndarray
    fields: dict  # name -> (values, unit)
    sources: dict  # (load case, load) -> whether a cell holds the source
    data: list
    summary: str = ""
    sensitivity: np.ndarray = None
    lower: np.ndarray = field(init=False)
    upper: np.ndarray = field(init=False)

    def __post_init__(self):
        self.lower, self.upper = self.vertices.min(axis=1), self.vertices.max(axis=1)
        self.dim = self.vertices.shape[2]
        self.centre = (self.lower + self.upper) / 2
        self.top = self.upper[:, -1].max()


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def read_result(directory, load_case=None):
    """Reads results.h5. All that this script knows of the file's layout is here, in read_data and in read_history."""
    path = os.path.join(directory, "results.h5") if os.path.isdir(directory) else directory
    if not os.path.exists(path):
        fail(f"there is no file '{path}'; give the output directory of `lodestone invert` or `lodestone forward`")
    try:
        with h5py.File(path, "r") as file:
            if text(file.attrs.get("format", "")) != "Lodestone results":
                fail(f"'{path}' is no results file of this Lodestone: run the inversion again, or use the scripts of the version that wrote it")
            return read_open_file(file, load_case)
    except (OSError, KeyError) as error:
        fail(f"'{path}' cannot be read as a results file: {error}")


def read_open_file(file, load_case):
    cases = [text(g.attrs.get("name", name)) for name, g in file.get("data", {}).items()]
    if load_case is not None and load_case not in cases:
        fail(f"there is no load case '{load_case}' with data; there are: {', '.join(cases) or 'none'}")
    fields = {name: (d[...], text(d.attrs["units"])) for name, d in file["cells"].items() if d.ndim == 1 and name != "volume"}
    data = [read_data(group, len(cases) > 1) for case in file.get("data", {}).values() for group in case.values()]
    data.sort(key=lambda d: place_in_deck(text(file["parameters"][()]), d))
    data = [d for d in data if load_case in (None, d.load_case)]
    sources = {(text(load.attrs["load_case"]), text(load.attrs["name"])): load["acts"][...] > 0
               for case in file.get("loads", {}).values() for load in case.values()}
    sensitivity = [values for name, (values, _) in fields.items() if name.startswith("sensitivity")]
    chi2, count = [sum(d.chi2[k] for d in data if d.chi2) for k in (0, 1)]
    summary = f"χ²/N = {chi2 / count:#.3g}, N = {count}" if count else "forward model"
    if "history" in file:
        summary += f", iteration {int(file['history/iteration'][-1])}"
    return Result(title=text(file.attrs["title"]) or "Lodestone", summary=summary, fields=fields, data=data, volume=file["cells/volume"][...],
                  vertices=file["mesh/vertices"][...][file["mesh/connectivity"][...]] / 1e3,
                  sources={key: cells for key, cells in sources.items() if load_case in (None, key[0])},
                  sensitivity=np.sum(sensitivity, axis=0) if sensitivity else None)


def place_in_deck(deck, data):
    """Where the data set's section stands in the parameter file: HDF5 sorts names, a reader expects the order of the deck."""
    case = deck.find(f"subsection {data.load_case}\n")
    return case, deck.find(f"subsection {data.set_name}\n", max(case, 0))


def read_data(group, with_case):
    """One row per station from one row per datum."""
    station, component = group["station"][...], group["component"][...]
    n = station.max() + 1
    points, values = np.zeros((n, 3)), {}
    points[station] = np.stack([group[c][...] for c in "xyz"], axis=1) / 1e3
    for kind in (*KINDS, "sigma"):
        if kind in group:
            values[kind] = np.full((n, len(COMPONENTS)), np.nan)
            values[kind][station, component] = group[kind][...]
    case, name = text(group.attrs["load_case"]), text(group.attrs["name"])
    chi2 = (float(group["chi_squared"][()]), len(station)) if "chi_squared" in group else ()
    return DataSet(case, name, f"{case}, {name}" if with_case else name, points, values, text(group["predicted"].attrs["units"]), chi2)


def read_history(directory):
    """Columns of history.csv, which is there from the first iteration on, by name without unit; the units by name."""
    path = os.path.join(directory, "history.csv") if os.path.isdir(directory) else directory
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.reader(line for line in file if not line.startswith("#")))
        header = [re.fullmatch(r"\s*(.*?)\s*(?:\[(.*)\])?\s*", name).groups() for name in rows[0]] if rows else []
        body = np.array([row for row in rows[1:] if len(row) == len(header)], dtype=float)
    except OSError as error:
        fail(f"'{path}' cannot be read ({error.strerror}); give the output directory of `lodestone invert`, which alone has a history")
    except ValueError:
        fail(f"'{path}' is no history of an inversion")
    if not len(body):
        fail(f"'{path}' has no iterations yet")
    return {name: body[:, i] for i, (name, _) in enumerate(header)}, {name: unit or "" for name, unit in header}
