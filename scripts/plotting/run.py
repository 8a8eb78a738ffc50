"""What a run left in its output directory, as far as it is there."""
import glob
import json
import os
import re
from dataclasses import dataclass, field

import numpy as np

from plotting import deck
from plotting.result import NothingYet, Result, Unreadable, read_history, read_result, read_table

FILES = ("results.h5", "summary.json", "history.csv", "log.txt", "parameters.prm")


@dataclass
class Run:
    directory: str
    result: Result = None  # of results.h5
    summary: dict = field(default_factory=dict)  # of summary.json
    history: dict = None  # columns of history.csv
    log: str = ""
    parameters: str = ""  # the parameter file with all entries
    weight_path: dict = None  # columns of weight_path.csv
    variograms: list = field(default_factory=list)  # (name, columns, units) of variogram_NAME.csv
    finished: float = None  # seconds since 1970: when the last of the files was written
    problems: list = field(default_factory=list)  # sentences: files that cannot be read

    @property
    def entries(self):
        return deck.entries(self.parameters)

    @property
    def iterations(self):
        return len(self.history["iteration"]) if self.history and "iteration" in self.history else 0

    def chosen_weight(self):
        """Of the prior; nothing where it is not known."""
        for value in (self.summary.get("prior_weight"), self.entries.get("Prior/Weight")):
            try:
                return float(value)
            except (TypeError, ValueError):
                continue
        return None

    def warnings(self):
        """Lines of the log that warn; of those that differ in numbers alone, as at the first and at the last model, the last one."""
        lines = [re.sub(r"^\s*warning:\s*", "", line) for line in self.log.splitlines() if re.match(r"\s*warning:", line)]
        return list({re.sub(r"\d[\d.e+-]*", "#", line): line[:1].upper() + line[1:] for line in lines}.values())

    def from_log(self, pattern):
        """The last match in the log; nothing without one."""
        found = list(re.finditer(pattern, self.log, re.MULTILINE))
        return found[-1] if found else None


def has_numbers(columns):
    return any(isinstance(values, np.ndarray) and len(values) for values in columns.values())


def read_run(directory):
    """@raises Unreadable if it is no output directory of a run"""
    if not os.path.isdir(directory):
        raise Unreadable(f"there is no directory '{directory}'; give the output directory of `lodestone invert` or `lodestone forward`")
    there = [name for name in FILES if os.path.exists(os.path.join(directory, name))]
    if not there:
        raise Unreadable(f"'{directory}' holds no results of Lodestone: it has none of {', '.join(FILES)}")
    run = Run(directory, finished=max(os.path.getmtime(os.path.join(directory, name)) for name in there))

    def path(name):
        return os.path.join(directory, name)

    def attempt(name, read):
        if not os.path.exists(path(name)):
            return None
        try:
            return read(path(name))
        except NothingYet:
            pass
        except Unreadable as error:
            run.problems.append(f"{error}.")
        except (OSError, ValueError) as error:
            run.problems.append(f"'{path(name)}' cannot be read: {error}.")
        return None

    def read_text(name):
        with open(name, encoding="utf-8", errors="replace") as file:
            return file.read()

    def read_summary(name):
        content = json.loads(read_text(name))
        if not isinstance(content, dict):
            raise ValueError("it holds no summary")
        return content

    run.result = attempt("results.h5", read_result)
    run.summary = attempt("summary.json", read_summary) or {}
    history = attempt("history.csv", read_history)
    run.history = history[0] if history else None
    run.log = attempt("log.txt", read_text) or ""
    run.parameters = attempt("parameters.prm", read_text) or ""
    if (table := attempt("weight_path.csv", read_table)) and has_numbers(table[0]):
        run.weight_path = table[0]
    for file in sorted(glob.glob(os.path.join(glob.escape(directory), "variogram_*.csv"))):
        name = os.path.basename(file)
        if (table := attempt(name, read_table)) and has_numbers(table[0]):
            run.variograms.append((name[len("variogram_"):-len(".csv")], *table))
    return run
