"""A page of rows, and what all of its axes have in common. Measures are inches."""
import math
import textwrap

import numpy as np
from matplotlib import pyplot
from matplotlib.patheffects import withStroke

from plotting.numbers import minus, plain, round_ticks

WIDTH, LEFT, CONTENT, GAP = 8.27, 0.62, 6.55, 0.12  # the width of A4, the left margin, the width without colour bars
BELOW = 0.42  # from the lower edge of a row to its axes, for ticks and labels
DARK = "#222222"
STYLE = {"font.size": 8, "axes.titlesize": 8.5, "axes.labelsize": 8, "xtick.labelsize": 7.5, "ytick.labelsize": 7.5,
         "axes.linewidth": 0.6, "xtick.major.width": 0.6, "ytick.major.width": 0.6, "xtick.major.size": 2.5, "ytick.major.size": 2.5,
         "text.color": DARK, "axes.labelcolor": DARK, "xtick.color": DARK, "ytick.color": DARK, "axes.edgecolor": DARK,
         "pdf.fonttype": 42}


class Page:
    """Rows from top to bottom. A row has a height and a function that draws it; the function gets `place(x, y, width, height)`, which
    makes axes at inches from the row's lower left corner."""

    def __init__(self, title="", subtitle="", note=""):
        self.title, self.subtitle, self.note, self.rows, self.figure = title, subtitle, note, [], None

    def add(self, height, draw):
        self.rows.append((height, draw))

    def save(self, file, dpi=200):
        """The file may be one that is open, for a PNG."""
        lines = textwrap.wrap(self.note, 125)
        head, foot = 0.62 if self.subtitle else 0.02, 0.15 + 0.14 * len(lines) if lines else 0.02
        height = head + sum(h for h, _ in self.rows) + foot
        self.figure = pyplot.figure(figsize=(WIDTH, height))
        self.figure.text(0.12 / WIDTH, 1 - 0.2 / height, plain(self.title), fontsize=11, fontweight="bold", va="center")
        self.figure.text(0.12 / WIDTH, 1 - 0.42 / height, self.subtitle, fontsize=8.5, va="center")
        self.figure.text(0.12 / WIDTH, 0.08 / height, "\n".join(lines), fontsize=7.5, va="bottom")
        bottom = height - head
        for row, draw in self.rows:
            bottom -= row
            draw(lambda x, y, w, h: self.figure.add_axes((x / WIDTH, (bottom + y) / height, w / WIDTH, h / height)))
        self.figure.savefig(file, dpi=dpi)
        pyplot.close(self.figure)

    def bar(self, axes, scale):
        shown = pyplot.cm.ScalarMappable(scale.norm, scale.map)
        bar = self.figure.colorbar(shown, cax=axes, extend=scale.extend, ticks=scale.ticks, format=lambda x, _: minus(f"{x:g}"))
        bar.ax.minorticks_off()
        bar.set_label(scale.label)
        bar.outline.set_linewidth(0.5)


def frame(axes, xlim, ylim, xlabel, ylabel):
    """Limits, round ticks and labels; axes without a label have no numbers either."""
    axes.set(xlim=xlim, ylim=ylim, xlabel=xlabel, ylabel=ylabel)
    axes.set_xticks(round_ticks(*sorted(xlim)))
    axes.set_yticks(round_ticks(*sorted(ylim)))
    if not ylabel:
        axes.set_yticklabels([])


def draw_stations(axes, data):
    """Triangles for few stations, dots for many."""
    for d in data:
        few = len(d.points) <= 60
        axes.plot(d.points[:, 0], d.points[:, 1], "^" if few else ".", color="black", markersize=3.5 if few else 1.2, markeredgewidth=0)


def place_labels(axes, points, texts, obstacles):
    """Labels beside points where there is room: they cover neither one another nor the obstacles (data coordinates), and stay in the axes.
    Those without room are left out."""
    to_pixels = axes.transData.transform
    obstacles, renderer, taken, limits = to_pixels(obstacles), axes.figure.canvas.get_renderer(), [], axes.get_window_extent()
    for point, text in zip(points, texts):
        for dx, dy, across, along in ((4, 0, "left", "center"), (-4, 0, "right", "center"), (0, 4, "center", "bottom"), (0, -4, "center", "top")):
            label = axes.annotate(text, point, xytext=(dx, dy), textcoords="offset points", ha=across, va=along, fontsize=6, zorder=6,
                                  path_effects=[withStroke(linewidth=1.5, foreground="white")])
            label.set_in_layout(False)
            box = label.get_window_extent(renderer)
            outside = box.x0 < limits.x0 or box.x1 > limits.x1 or box.y0 < limits.y0 or box.y1 > limits.y1
            covered = np.any(np.all((obstacles > (box.x0 - 2, box.y0 - 2)) & (obstacles < (box.x1 + 2, box.y1 + 2)), axis=1))
            if not outside and not covered and not any(box.overlaps(other) for other in taken):
                taken.append(box)
                break
            label.remove()


def outline_sources(axes, result, across, up, cases=None):
    """Outlines of the sources as seen along the third axis, in coordinates `across` and `up` (the last one: as depth). A source that
    is too small to see gets a star."""
    (x0, x1), (y0, y1) = sorted(axes.get_xlim()), sorted(axes.get_ylim())
    n = 400
    middle = (np.arange(n) + 0.5) / n
    for (case, _), mask in result.placed_sources().items():
        if cases is not None and case not in cases:
            continue
        boxes = np.stack([corner[mask][:, [across, up]] for corner in (result.lower, result.upper)], axis=1)
        if up == result.dim - 1:
            boxes[..., 1] = result.top - boxes[..., 1]
            boxes.sort(axis=1)
        first, last = boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)
        if (last - first).max() < 0.04 * (x1 - x0):
            axes.plot(*(first + last) / 2, "*", color="black", markersize=8, markeredgecolor="white", markeredgewidth=0.5, zorder=4)
            continue
        inside = np.zeros((n, n))
        pixels = np.clip(np.rint((boxes - [x0, y0]) / [x1 - x0, y1 - y0] * n), 0, n).astype(int)
        for i0, j0, i1, j1 in np.unique(pixels.reshape(-1, 4), axis=0):
            inside[j0:j1, i0:i1] = 1
        if math.isclose(inside.min(), inside.max()):
            continue
        for colour, width, dashes in (("white", 1.8, "-"), ("black", 0.8, "--")):  # seen on dark colours, too
            axes.contour(x0 + (x1 - x0) * middle, y0 + (y1 - y0) * middle, inside, [0.5], colors=colour, linewidths=width, linestyles=dashes)
