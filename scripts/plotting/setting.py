"""Pictures of what a run was given: maps of data and sources on the mesh, and vertical sections of the mesh with the background's stiffness."""
import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D

from plotting.cells import kilometres, label_of
from plotting.numbers import plain
from plotting.page import BELOW, CONTENT, DARK, GAP, LEFT, WIDTH, frame, outline_sources, place_labels
from plotting.scales import make_scale
from plotting.views import cut

MARKS = (("^", "#0072b2"), ("o", "#d55e00"), ("s", "#009e73"), ("D", "#cc79a7"), ("v", "#e69f00"), ("P", "#56b4e9"))
FEW, MOST_NAMES, MOST_SETS = 60, 40, 12  # points that get large symbols, names, data sets in the key
HIGHEST = 3.6  # inches, of one picture


def draw_mesh(axes, polygons, colours="none"):
    """Edges of cells, thinner where there are many."""
    inches = axes.get_position().width * axes.figure.get_figwidth()
    width = np.clip(72 * inches / np.sqrt(max(len(polygons), 1)) / 12, 0.05, 0.4)
    axes.add_collection(PolyCollection(polygons, facecolors=colours, edgecolors="#777777", linewidths=width, rasterized=len(polygons) > 4000))


def groups_of(data):
    """Data sets by their points: (what to call them, points, names of the points). Sets at the same points are one group."""
    groups = []
    for d in data:
        same = next((g for g in groups if np.array_equal(g[1], d.points)), None)
        if same:
            same[0].append(d.name)
        else:
            groups.append(([d.name], d.points, d.names))
    return [(f"{'; '.join(names)} ({len(points)} point{'s' * (len(points) != 1)})", points, labels) for names, points, labels in groups]


def style(k, n_points):
    marker, colour = MARKS[k % len(MARKS)]
    few = n_points <= FEW
    size = 5 if few else 2.2 if n_points <= 1000 else 1.2
    return {"marker": marker if few else "o", "color": colour, "markersize": size, "markeredgewidth": 0.4 if few else 0, "markeredgecolor": "white",
            "linestyle": "none"}


def draw_points(axes, groups, up):
    for k, (_, points, _) in enumerate(groups):
        axes.plot(points[:, 0], points[:, 1] if up else np.zeros(len(points)), clip_on=up, zorder=5 if len(points) <= FEW else 4, **style(k, len(points)))


def draw_names(axes, groups):
    """Names of stations where there is room beside them: they cover neither one another nor stations of small data sets."""
    named = [(x, name) for _, points, names in groups for x, name in zip(points, names) if name]
    if len(named) > MOST_NAMES:
        return
    few = [points[:, :2] for _, points, _ in groups if len(points) <= FEW]
    if few and named:
        place_labels(axes, [x[:2] for x, _ in named], [plain(name) for _, name in named], np.concatenate(few))


def add_legend(page, groups, result):
    """What the symbols are, in a row of its own."""
    handles = [Line2D([], [], label=" " + plain(name), **style(k, len(points))) for k, (name, points, _) in enumerate(groups[:MOST_SETS])]
    if len(groups) > MOST_SETS:
        handles.append(Line2D([], [], linestyle="none", label=f"and {len(groups) - MOST_SETS} more data sets"))
    if result.placed_sources():
        handles.append(Line2D([], [], color="black", linewidth=0.8, linestyle="--", label="where loads act (a star where that is small)"))
    columns = 2 if max((len(h.get_label()) for h in handles), default=0) < 60 else 1
    rows = -(-len(handles) // columns)
    if not handles:
        return

    def draw(place):
        axes = place(LEFT, 0.05, WIDTH - LEFT - 0.2, 0.17 * rows)
        axes.axis("off")
        axes.legend(handles=handles, loc="upper left", ncol=columns, frameon=False, fontsize=7.5, borderaxespad=0, borderpad=0, numpoints=1)

    page.add(0.17 * rows + 0.12, draw)


def add_map(page, result, window):
    """The model's surface with its cells, and the part around the data; both with data and sources."""
    low, high = result.lower[:, :2].min(axis=0), result.upper[:, :2].max(axis=0)
    groups = groups_of(result.data)
    views = [(low, high, "the whole model")]
    if np.any(window[1] - window[0] < 0.9 * (high - low)) and result.data:
        views.append((*window, "around the data"))
    room = WIDTH - LEFT - 0.2 - (len(views) - 1) * 0.6
    # All as high as one another.
    up = min(HIGHEST, room / sum((b - a)[0] / (b - a)[1] for a, b, _ in views))
    _, polygons = cut(result.vertices, 2, result.top)

    def draw(place):
        x = LEFT
        for k, (first, last, title) in enumerate(views):
            width = up * (last - first)[0] / (last - first)[1]
            axes = place(x, BELOW, width, up)
            frame(axes, (first[0], last[0]), (first[1], last[1]), "x, east (km)", "y, north (km)")
            axes.set_title(title, loc="left", pad=3)
            inside = np.all(polygons.max(axis=1) > first, axis=1) & np.all(polygons.min(axis=1) < last, axis=1)
            draw_mesh(axes, polygons[inside])
            outline_sources(axes, result, 0, 1)
            draw_points(axes, groups, True)
            if k == 0 and len(views) == 2:
                (x0, y0), (x1, y1) = window
                axes.plot([x0, x1, x1, x0, x0], [y0, y0, y1, y1, y0], color=DARK, linewidth=0.9)
            if k == len(views) - 1:
                draw_names(axes, groups)
            x += width + 0.6

    page.add(up + 0.68, draw)
    add_legend(page, groups, result)


def add_mesh_section(page, result, window, whole):
    """A vertical section of the mesh, coloured by the background's Young's modulus where that is not the same everywhere: of the whole model,
    or around the data."""
    last, bottom = result.dim - 1, result.lower[:, -1].min()
    low, high = (result.lower.min(axis=0), result.upper.max(axis=0)) if whole else window
    depth = result.top - bottom if whole else min(result.top - bottom, 0.5 * (high - low)[0])
    name = "young_background" if "young_background" in result.fields else "young"
    values, unit = result.fields[name]
    shown = np.all((result.upper[:, :1] > low[:1]) & (result.lower[:, :1] < high[:1]), axis=1) & (result.top - result.upper[:, -1] < depth)
    scale = make_scale(values[shown], label_of(name), unit, "field") if np.ptp(values) > 1e-6 * values.max() else None
    across = min(CONTENT, HIGHEST * (high - low)[0] / depth)
    up = across * depth / (high - low)[0]
    y = ((window[0] + window[1]) / 2)[-1]

    def draw(place):
        axes = place(LEFT, BELOW, across, up)
        frame(axes, (low[0], high[0]), (depth, 0), "x, east (km)" if result.dim == 3 else "x (km)", "depth (km)")
        if result.dim == 3:
            cells, polygons = cut(result.vertices, 1, y)
        else:
            cells, polygons = np.flatnonzero(shown), result.vertices[shown].copy()
        polygons[..., 1] = result.top - polygons[..., 1]
        draw_mesh(axes, polygons, "none" if scale is None else scale.colours(values[cells]))
        outline_sources(axes, result, 0, last)
        extent = "the whole model" if whole else "around the data"
        axes.set_title((f"west to east at y = {kilometres(y)}, " if result.dim == 3 else "") + extent, loc="left", pad=3 if result.dim == 3 else 8)
        if result.dim == 2:
            draw_points(axes, groups_of(result.data), False)
        if scale:
            page.bar(place(LEFT + across + GAP, BELOW, 0.12, up), scale)

    page.add(up + 0.75, draw)


def add_setting(page, result, window):
    if result.dim == 3:
        add_map(page, result, window)
        add_mesh_section(page, result, window, whole=True)
        return
    width = result.upper[:, 0].max() - result.lower[:, 0].min()
    add_mesh_section(page, result, window, whole=True)
    if (window[1] - window[0])[0] < 0.9 * width:
        add_mesh_section(page, result, window, whole=False)
    add_legend(page, groups_of(result.data), result)
