"""What the documents say of the program: entries and defaults of the reference are those of `lodestone template`, messages that the guide
quotes are in the sources, so are the lines that set the size limits, links lead somewhere, contents lists are complete."""
import html
import pathlib
import re
import unittest

from program import SOURCE, run

DOC = SOURCE / "doc"
WITH_CONTENTS = ("guide.md", "reference.md", "solvers.md")
# Heading of the reference: path of the subsection in the template.
SECTIONS = {"Top level": "", "Mesh": "Mesh", "Material": "Material", "Boundary conditions": "Boundary conditions", "Prior": "Prior",
            "Data sets": "Load cases/some case/some data", "Optimizer": "Optimizer", "Solver": "Solver", "Output": "Output"}
LARGEST_FIGURE = 150_000  # bytes


def prose(file):
    """Lines outside of code blocks."""
    return [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("    ")]


def headings(file):
    """(level, text) of every heading."""
    found = (re.match(r"(#+) (.*)", line) for line in prose(file))
    return [(len(match[1]), match[2]) for match in found if match]


def anchor(heading):
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def section(file, title, level):
    """Lines below a heading, up to the next one of its level or above."""
    lines, inside = [], False
    for line in prose(file):
        match = re.match(r"(#+) (.*)", line)
        if match and len(match[1]) <= level:
            inside = len(match[1]) == level and match[2] == title
        elif inside:
            lines.append(line)
    return lines


def rows(lines):
    """Cells of the tables in these lines, without headers."""
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]] for line in lines if line.startswith("|")]
    tables = []
    for before, row in zip([None] + cells, cells):
        if set("".join(row)) <= set("- "):
            tables.remove(before)
        else:
            tables.append(row)
    return tables


def template():
    """Default by path of every entry."""
    path, entries = [], {}
    for line in run(["template"], SOURCE).stdout.splitlines():
        statement = line.strip()
        if statement.startswith("subsection "):
            path.append(statement[len("subsection "):])
        elif statement == "end":
            path.pop()
        elif match := re.match(r"set (.*?) *= *(.*)", statement):
            entries["/".join(path + [match[1]])] = match[2]
    return entries


def literals():
    """All texts of the sources, neighbouring pieces joined."""
    piece = r'"((?:[^"\\\n]|\\.)*)"'
    texts = []
    for file in [*(SOURCE / "src").rglob("*.cc"), *(SOURCE / "include").rglob("*.h")]:
        for match in re.finditer(piece + r"(?:\s*" + piece + ")*", file.read_text(encoding="utf-8")):
            texts.append("".join(re.findall(piece, match[0])).replace('\\"', '"'))
    return "\n".join(texts)


class Documentation(unittest.TestCase):
    def test_links_lead_somewhere(self):
        for file in [SOURCE / "README.md", SOURCE / "CONTRIBUTING.md", *DOC.rglob("*.md")]:
            for target in re.findall(r"\]\(([^)\s]+)\)", "\n".join(prose(file))):
                if re.match(r"\w+:", target):
                    continue
                name, _, fragment = target.partition("#")
                goal = (file.parent / name) if name else file
                self.assertTrue(goal.exists(), f"{file.name}: {target}")
                if fragment:
                    self.assertIn(fragment, [anchor(text) for _, text in headings(goal)], f"{file.name}: {target}")

    def test_contents_are_complete(self):
        for name in WITH_CONTENTS:
            listed = [(2 + len(match[1]) // 2, match[2], match[3]) for match in
                      (re.match(r"( *)\* \[(.*)\]\(#(.*)\)", line) for line in section(DOC / name, "Contents", 2)) if match]
            there = [(level, text, anchor(text)) for level, text in headings(DOC / name) if level in (2, 3) and text != "Contents"]
            self.assertEqual(listed, there, name)

    def test_figures_are_small_and_used(self):
        used = set(re.findall(r"\(figures/([^)]+)\)", (DOC / "guide.md").read_text(encoding="utf-8")))
        self.assertEqual({file.name for file in (DOC / "figures").glob("*.png")}, used)
        for name in used:
            self.assertLess((DOC / "figures" / name).stat().st_size, LARGEST_FIGURE, name)

    def test_entries_are_those_of_the_program(self):
        entries = template()
        for heading, path in SECTIONS.items():
            start = path + "/" if path else ""
            there = {name[len(start):]: default for name, default in entries.items()
                     if name.startswith(start) and "/" not in name[len(start):]}
            written = {row[0].strip("`"): row[1] for row in rows(section(DOC / "reference.md", heading, 3))}
            self.assertEqual(set(written), set(there), heading)
            for name, default in there.items():
                same = {default, {"true": "yes", "false": "no"}.get(default, default)}
                self.assertIn(written[name], same, f"{heading}/{name}")

    def test_entry_of_all_load_cases_is_that_of_the_program(self):
        written = {row[0].strip("`"): row[1] for row in rows(section(DOC / "reference.md", "Load cases", 3))}
        self.assertEqual(written["Weights"], template()["Load cases/Weights"])

    def test_entries_of_loads_are_those_of_the_program(self):
        entries = {name.split("/")[-1]: default for name, default in template().items() if name.startswith("Load cases/some case/some ")
                   and not name.startswith("Load cases/some case/some data/")}
        reference = (DOC / "reference.md").read_text(encoding="utf-8")
        for name in entries:
            self.assertTrue(re.search(f"`{name}(`| =)", reference), f"the reference does not name the entry '{name}' of a load")
        common = {row[0].strip("`"): row[1] for row in rows(section(DOC / "reference.md", "Load cases", 3)) if row[0] not in ("`Names`", "`Weights`")}
        self.assertEqual(set(common), {"Type", "Strength", "Strength mean", "Strength standard deviation"})
        for name, default in common.items():
            if name != "Type":
                self.assertEqual(entries[name], default, name)

    def test_messages_are_those_of_the_program(self):
        texts, n = literals(), 0
        for heading in ("The run stops with an error", "The run ends early or warns"):
            for row in rows(section(DOC / "guide.md", heading, 3)):
                n += 1
                for fragment in row[0].strip("`").split("…"):
                    self.assertTrue(fragment.strip() in texts, f"no text of the sources holds {fragment.strip()!r} of {row[0]}")
        self.assertGreaterEqual(n, 25)

    def test_lines_of_the_size_limits_are_in_the_sources(self):
        text = " ".join(" ".join(section(DOC / "solvers.md", "Size limits", 2)).split())
        quoted = re.findall(r"`((?:src|include)/[^`]+)`: (?:`([^`]+)`|<code>(.*?)</code>)", text)
        for file, line, escaped in quoted:
            self.assertIn(line or html.unescape(escaped), (SOURCE / file).read_text(encoding="utf-8"), file)
        self.assertEqual(len(quoted), text.count("`src/") + text.count("`include/") - text.count(" in `src/"))
        self.assertGreaterEqual(len(quoted), 25)


if __name__ == "__main__":
    unittest.main()
