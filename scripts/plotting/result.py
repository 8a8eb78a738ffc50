"""Reads what Lodestone writes: results.h5 and history.csv. Everything that the pictures know of the layout of these files is here."""
import csv
import os
import re
from dataclasses import dataclass, field

import h5py
import numpy as np

from plotting.deck import entries
from plotting.numbers import number

KINDS = ("observed", "predicted", "residual")
COMPONENTS = ("east", "north", "up", "los")
LETTERS = {"young": "e", "bulk": "k", "shear": "g", "poisson": "nu"}  # in names of unknowns
WORDS = {"east": "east", "north": "north", "up": "up", "los": "line of sight"}


class Unreadable(Exception):
    """What is wrong with a file, and what to give instead."""


class NothingYet(Unreadable):
    """A file of a run that has just begun."""


@dataclass
class DataSet:
    """The data of one set. Arrays have one row per point and the columns of COMPONENTS; NaN where nothing is measured."""
    load_case: str
    set_name: str
    name: str  # for headings
    points: np.ndarray  # km
    values: dict  # of KINDS, "sigma" and "discretization_error", in `unit`, and "standardized_residual"
    unit: str
    chi2: tuple  # (chi^2, number of data), empty where nothing is observed
    names: list = field(default_factory=list)  # of the points, empty where they have none
    lonlat: np.ndarray = None  # degrees

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
    zones: dict = field(default_factory=dict)  # columns of the table of zones: name, volume (m^3), young_mean (Pa) ...
    zone_unknowns: bool = False  # one unknown per zone
    origin: tuple = ()  # longitude and latitude (degrees) of x = y = 0
    lower: np.ndarray = field(init=False)
    upper: np.ndarray = field(init=False)

    def __post_init__(self):
        self.lower, self.upper = self.vertices.min(axis=1), self.vertices.max(axis=1)
        self.dim = self.vertices.shape[2]
        self.centre = (self.lower + self.upper) / 2
        self.top = self.upper[:, -1].max()

    def placed_sources(self):
        """The sources that have a place: a load along the whole surface has none, and one that acts in no cell."""
        surface = self.upper[:, -1] > self.top - 1e-6 * (self.top - self.lower[:, -1].min())
        return {key: cells for key, cells in self.sources.items() if cells.any() and not np.array_equal(cells, surface)}

    def sensitivity_to(self, name):
        """Of the data to what a field holds (young, poisson_...): to its own unknown, or to all of them together; nothing without one."""
        all_of_them = {of: values for of, (values, _) in self.fields.items() if of.startswith("sensitivity")}
        letter = LETTERS.get(name.partition("_")[0])
        own = [values for of, values in all_of_them.items() if letter in of.split("_")]
        return np.sum(own or list(all_of_them.values()), axis=0) if all_of_them else None


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def read_result(directory, load_case=None):
    """Reads results.h5. All that this script knows of the file's layout is here, in read_data and in read_history."""
    path = os.path.join(directory, "results.h5") if os.path.isdir(directory) else directory
    if not os.path.exists(path):
        raise Unreadable(f"there is no file '{path}'; give the output directory of `lodestone invert` or `lodestone forward`")
    try:
        with h5py.File(path, "r") as file:
            if text(file.attrs.get("format", "")) != "Lodestone results":
                raise Unreadable(f"'{path}' is no results file of this Lodestone: run the inversion again, or use the scripts of the version that wrote it")
            return read_open_file(file, load_case)
    except (OSError, KeyError, ValueError, IndexError) as error:
        raise Unreadable(f"'{path}' cannot be read as a results file: {error}")


def read_open_file(file, load_case):
    cases = [text(g.attrs.get("name", name)) for name, g in file.get("data", {}).items()]
    if load_case is not None and load_case not in cases:
        raise Unreadable(f"there is no load case '{load_case}' with data; there are: {', '.join(cases) or 'none'}")
    fields = {name: (d[...], text(d.attrs["units"])) for name, d in file["cells"].items() if d.ndim == 1 and name != "volume"}
    data = [read_data(group, len(cases) > 1) for case in file.get("data", {}).values() for group in case.values()]
    data.sort(key=lambda d: place_in_deck(text(file["parameters"][()]), d))
    data = [d for d in data if load_case in (None, d.load_case)]
    sources = {(text(load.attrs["load_case"]), text(load.attrs["name"])): load["acts"][...] > 0
               for case in file.get("loads", {}).values() for load in case.values()}
    chi2, count = [sum(d.chi2[k] for d in data if d.chi2) for k in (0, 1)]
    summary = f"χ²/N = {number(chi2 / count)}, N = {count}" if count else "forward model"
    if "history" in file:
        summary += f", iteration {int(file['history/iteration'][-1])}"
    return Result(title=text(file.attrs["title"]), summary=summary, fields=fields, data=data, volume=file["cells/volume"][...],
                  vertices=file["mesh/vertices"][...][file["mesh/connectivity"][...]] / 1e3,
                  sources={key: cells for key, cells in sources.items() if load_case in (None, key[0])},
                  zone_unknowns=entries(text(file["parameters"][()])).get("Material/Parameter cells") == "zones",
                  zones={name: [text(v) for v in d[...]] if d.dtype.kind in "SO" else d[...] for name, d in file.get("zones", {}).items()},
                  origin=tuple(float(file.attrs[key]) for key in ("origin_longitude", "origin_latitude") if key in file.attrs))


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
    for kind in (*KINDS, "sigma", "discretization_error", "standardized_residual"):
        if kind in group:
            values[kind] = np.full((n, len(COMPONENTS)), np.nan)
            values[kind][station, component] = group[kind][...]
    if "residual" in values and "standardized_residual" not in values:
        values["standardized_residual"] = values["residual"] / values["sigma"]
    case, name = text(group.attrs["load_case"]), text(group.attrs["name"])
    chi2 = (float(group["chi_squared"][()]), len(station)) if "chi_squared" in group else ()
    result = DataSet(case, name, f"{case}, {name}" if with_case else name, points, values, text(group["predicted"].attrs["units"]), chi2)
    if "name" in group:
        names = np.full(n, "", dtype=object)
        names[station] = [text(name) for name in group["name"][...]]
        result.names = list(names)
    if "longitude" in group:
        result.lonlat = np.full((n, 2), np.nan)
        result.lonlat[station] = np.stack([group["longitude"][...], group["latitude"][...]], axis=1)
    return result


def read_table(path):
    """Columns of a CSV file by name without unit, as numbers where they all are, and the units by name. Rows that are cut off do not count."""
    with open(path, newline="", encoding="utf-8", errors="replace") as file:
        rows = list(csv.reader(line for line in file if line.strip() and not line.startswith("#")))
    header = [re.fullmatch(r"\s*(.*?)\s*(?:\[(.*)\])?\s*", name, re.DOTALL).groups() for name in rows[0]] if rows else []
    body = [row for row in rows[1:] if len(row) == len(header)]
    columns = {}
    for i, (name, _) in enumerate(header):
        columns[name] = [row[i].strip() for row in body]
        try:
            columns[name] = np.array([float(value or "nan") for value in columns[name]])
        except ValueError:
            pass
    return columns, {name: unit or "" for name, unit in header}


def read_history(directory):
    """Columns of history.csv, which is there from the first iteration on, as read_table gives them."""
    path = os.path.join(directory, "history.csv") if os.path.isdir(directory) else directory
    try:
        columns, units = read_table(path)
    except OSError as error:
        raise Unreadable(f"'{path}' cannot be read ({error.strerror}); give the output directory of `lodestone invert`, which alone has a history")
    if not columns or not all(isinstance(values, np.ndarray) for values in columns.values()):
        raise Unreadable(f"'{path}' is no history of an inversion")
    if not len(columns[next(iter(columns))]):
        raise NothingYet(f"'{path}' has no iterations yet")
    return columns, units
