"""One HTML file that needs no other file and no network: paragraphs, tables, and pictures as part of it."""
import base64
import io
import os
import tempfile
from html import escape

from matplotlib import pyplot

from plotting.page import WIDTH, Page

DPI = 160  # of pictures: sharp on paper at the width of A4
STYLE = """
body { font: 15px/1.45 "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; color: #222; background: #fff; max-width: 62em; margin: 1.5em auto; padding: 0 1em; }
h1 { font-size: 1.5em; margin: 0 0 .2em; }
h2 { font-size: 1.2em; margin: 1.8em 0 .4em; border-bottom: 1px solid #bbb; }
h3 { font-size: 1em; margin: 1.2em 0 .3em; }
nav { font-size: .9em; margin: .6em 0 1em; } nav a { margin-right: 1.1em; white-space: nowrap; } a { color: #0b4f8a; }
table { border-collapse: collapse; font-size: .87em; margin: .4em 0 .8em; } caption { text-align: left; font-weight: bold; padding: .2em 0; }
th, td { padding: .18em .7em .18em 0; text-align: left; vertical-align: top; } th { border-bottom: 1px solid #888; } tbody tr { border-bottom: 1px solid #ddd; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tr.part td { color: #555; } tr.part td:first-child { padding-left: 1.2em; }
.wide { overflow-x: auto; }
.good, .bad, .note { border-left: 4px solid; padding: .35em .8em; margin: .5em 0; } .good { border-color: #00795a; background: #eef7f3; }
.bad { border-color: #b5421a; background: #fbf0ec; } .note { border-color: #888; background: #f4f4f4; }
ul.good, ul.bad, ul.note { padding-left: 1.9em; } .remark { font-size: .87em; color: #444; }
figure { margin: .8em 0 1.2em; } figure img { max-width: 100%; height: auto; display: block; } figcaption { font-size: .87em; color: #444; max-width: 50em; }
pre { font-size: .8em; background: #f4f4f4; padding: .6em; overflow-x: auto; white-space: pre-wrap; } details { margin: .4em 0; } summary { cursor: pointer; }
@media print { body { font-size: 10pt; margin: 0; max-width: none; } nav, details:not([open]) { display: none; }
  figure, tr { break-inside: avoid; } h2, h3, caption { break-after: avoid; }
  .wide { overflow: visible; } a { color: inherit; text-decoration: none; } * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
"""


class Document:
    """Parts are added from top to bottom. Every text is shown letter by letter, whatever it holds; sections without content are left out."""

    def __init__(self, title):
        self.title, self.sections, self.parts = title, [], []

    def section(self, heading):
        self.parts = []
        self.sections.append((heading, self.parts))

    def heading(self, text):
        self.parts.append(f"<h3>{escape(text)}</h3>")

    def text(self, text, kind=None):
        """A paragraph; of a kind: good, bad, note (boxes) or remark (smaller)."""
        self.parts.append(f"<p{f' class={chr(34)}{kind}{chr(34)}' if kind else ''}>{escape(text)}</p>")

    def items(self, texts, kind="note"):
        if texts:
            self.parts.append(f'<ul class="{kind}">' + "".join(f"<li>{escape(text)}</li>" for text in texts) + "</ul>")

    def table(self, columns, rows, caption=""):
        """`columns` are headings, those of numbers with a > before them. A row is a list of texts; one that begins with None belongs to
        the row above. Columns that are empty in all rows are left out."""
        parts = [row[0] is None for row in rows]
        rows = [row[1:] if part else row for row, part in zip(rows, parts)]
        kept = [i for i in range(len(columns)) if any(row[i] for row in rows)]
        if not kept:
            return
        kinds = [' class="n"' if column.startswith(">") else "" for column in columns]

        def line(tag, texts):
            return "".join(f"<{tag}{kinds[i]}>{escape(texts[i])}</{tag}>" for i in kept)

        body = "".join(f"<tr{chr(32) + 'class=' + chr(34) + 'part' + chr(34) if part else ''}>{line('td', row)}</tr>\n" for row, part in zip(rows, parts))
        head = f"<thead><tr>{line('th', [column.lstrip('>') for column in columns])}</tr></thead>\n" if any(columns) else ""
        name = f"<caption>{escape(caption)}</caption>" if caption else ""
        self.parts.append(f'<div class="wide"><table>{name}{head}<tbody>\n{body}</tbody></table></div>')

    def picture(self, picture, caption, alternative):
        """A Page or a figure of matplotlib; `alternative` says in words what it shows, for whom cannot see it."""
        file, width = io.BytesIO(), WIDTH
        if isinstance(picture, Page):
            picture.save(file, dpi=DPI)
        else:
            width = picture.get_figwidth()
            picture.savefig(file, dpi=DPI)
            pyplot.close(picture)
        data = base64.b64encode(file.getvalue()).decode("ascii")
        self.parts.append(f'<figure><img style="width:{width:.2f}in" alt="{escape(alternative)}" src="data:image/png;base64,{data}">'
                          f"<figcaption>{escape(caption)}</figcaption></figure>")

    def folded(self, heading, text):
        """A long text, shown when it is asked for."""
        self.parts.append(f"<details><summary>{escape(heading)}</summary><pre>{escape(text)}</pre></details>")

    def html(self):
        shown = [(f"s{k}", heading, parts) for k, (heading, parts) in enumerate(self.sections) if parts]
        links = "".join(f'<a href="#{anchor}">{escape(heading)}</a> ' for anchor, heading, _ in shown if heading)
        body = ""
        for anchor, heading, parts in shown:
            body += f'<section id="{anchor}">' + (f"<h2>{escape(heading)}</h2>\n" if heading else "") + "\n".join(parts) + "</section>\n"
            if not heading:
                body += f"<nav>{links}</nav>\n"
        return ('<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
                f"<title>{escape(self.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{escape(self.title)}</h1>\n{body}</body>\n</html>\n")

    def save(self, path):
        """The file appears when it is complete."""
        folder = os.path.dirname(os.path.abspath(path))
        handle, partial = tempfile.mkstemp(dir=folder, prefix=".report-", suffix=".html")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
                file.write(self.html())
            mask = os.umask(0)
            os.umask(mask)
            os.chmod(partial, 0o666 & ~mask)
            os.replace(partial, path)
        except BaseException:
            os.unlink(partial)
            raise
