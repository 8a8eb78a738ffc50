"""The parameter file of a run, as parameters.prm and results.h5 hold it: every entry, with its default where the run had another value.
Needs nothing but Python."""


def statements(text):
    """(depth, kind, name, value, whether the value is not the default) of every line that says something; kinds are subsection, set, end."""
    depth, changed = 0, False
    for line in text.splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "subsection":
            yield depth, word, rest.strip(), "", False
            depth += 1
        elif word == "end":
            depth -= 1
            yield depth, word, "", "", False
        elif word == "set":
            name, _, value = rest.partition("=")
            yield depth, word, name.strip(), value.strip(), changed
            changed = False
        elif line.strip().startswith("# Default:"):
            changed = True


def entries(text):
    """Value by path: "Load cases/drawdown/gnss/Weight"."""
    path, found = [], {}
    for _, kind, name, value, _ in statements(text):
        if kind == "subsection":
            path.append(name)
        elif kind == "end":
            path = path[:-1]
        else:
            found["/".join(path + [name])] = value
    return found


def changed_entries(text):
    """The file without the entries that have their defaults (types are kept), and without the subsections that are empty then."""
    lines = []
    for depth, kind, name, value, changed in statements(text):
        if kind == "end" and lines and lines[-1].lstrip().startswith("subsection"):
            lines.pop()
        elif kind != "set" or changed or name == "Type":
            lines.append("  " * depth + {"set": f"set {name} = {value}", "subsection": f"subsection {name}", "end": "end"}[kind])
    return "\n".join(lines) + "\n" if lines else ""
