#!/usr/bin/env pvpython
"""Views in three dimensions of a result, without a screen:

    xvfb-run -a pvpython scripts/render.py RESULT_DIRECTORY [--field NAME] [--step 12] [--at X,Y,Z] [--window X0,X1,Y0,Y1,Z0]
                                           [--out DIRECTORY]

Writes PNGs into RESULT_DIRECTORY/pictures (or --out): `cutaway.png`, the model with the corner towards the viewer cut away down to
--at (metres; by default the place of the largest change); `bodies.png`, the cells that changed most in the outline of the model; and
for each load case `surface….png`, the displaced surface with arrows at the stations. The views show the --window (metres; down to
z = Z0); by default the surroundings of the stations and of the changes. Slices, sections and maps of data are drawn by
scripts/plot.py. Needs ParaView 5.10 or newer (scripts/install_dependencies.sh --with-rendering).
"""
import argparse
import ctypes
import glob
import math
import os
import sys
from types import SimpleNamespace

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from plotting.numbers import fail, joined_minus, metres, minus, readable_unit, round_below, round_ticks, round_up  # noqa: E402

try:
    import numpy as np
    from plotting.views import choose_bottom, choose_window, strongest_places
except ImportError:
    np = None  # ParaView has it

SIZE = (1600, 1100)
INK = [0.1, 0.1, 0.1]
RATIOS = {"young_ratio": "E/E0", "shear_ratio": "G/G0", "bulk_ratio": "K/K0"}
MODULI = {"young_Pa": "E", "shear_Pa": "G", "bulk_Pa": "K"}


def arguments(given):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", help="directory of results, with inversion.pvd or another .pvd")
    parser.add_argument("--field", help="cell field to show (default: the ratio to the background of the modulus that changed most)")
    parser.add_argument("--step", type=float, help="iteration (default: the last)")
    parser.add_argument("--at", help="x,y,z in metres down to which the corner is cut away")
    parser.add_argument("--window", help="x0,x1,y0,y1,z0 in metres that the views show")
    parser.add_argument("--out", help="where the pictures go (default: RESULT_DIRECTORY/pictures)")
    options = parser.parse_args(joined_minus(given))
    for name, count in (("at", 3), ("window", 5)):
        text = getattr(options, name)
        numbers = None if text is None else metres(text)
        if numbers is not None and len(numbers) != count:
            fail(f"--{name} needs {count} numbers; '{text}' has {len(numbers)}")
        setattr(options, name, None if numbers is None else [v / 1e3 for v in numbers])
    return options


def start_paraview():
    """Imports ParaView, which its own Python alone has."""
    global servermanager, simple, vtk_to_numpy
    try:
        # One connection stays open for the whole run: Xvfb resets when its last client leaves, and refuses new ones meanwhile.
        ctypes.CDLL("libX11.so.6").XOpenDisplay(None)
    except OSError:
        pass  # no X11: an off-screen build of ParaView
    try:
        from paraview import servermanager, simple
        from vtkmodules.util.numpy_support import vtk_to_numpy
    except ImportError:
        fail("this script runs in ParaView's Python: xvfb-run -a pvpython scripts/render.py RESULT_DIRECTORY\n"
             "ParaView is installed by scripts/install_dependencies.sh --with-rendering")


def off_faces(place, lower, upper):
    """The place, moved by a hundredth of a cell where it lies on faces of cells: a cut along faces would show both sides in bits."""
    moved = list(place)
    for d, x in enumerate(place):
        size = (upper[:, d] - lower[:, d]).min()
        if min(np.abs(lower[:, d] - x).min(), np.abs(upper[:, d] - x).min()) < 1e-3 * size:
            moved[d] = x - 0.01 * size
    return moved


class Result:
    """The fields of one step, with coordinates in km, and the part of the model that the views show."""

    def __init__(self, options):
        found = sorted(glob.glob(os.path.join(options.directory, "*.pvd")), key=lambda p: os.path.basename(p) != "inversion.pvd")
        if not found:
            fail(f"there is no .pvd file in '{options.directory}'; give the output directory of `lodestone invert` or `lodestone forward`")
        reader = simple.PVDReader(FileName=found[0])
        steps = list(reader.TimestepValues) or [0.0]
        self.step = steps[-1] if options.step is None else options.step
        if self.step not in steps:
            fail(f"iteration {self.step:g} is not in '{found[0]}'; there are: {', '.join(f'{t:g}' for t in steps)}")
        self.data = simple.Transform(Input=reader)
        self.data.Transform.Scale = [1e-3] * 3
        self.data.TransformAllInputVectors = 0
        self.data.UpdatePipeline(self.step)
        grid = servermanager.Fetch(self.data)
        if grid.GetBounds()[4] == grid.GetBounds()[5]:
            fail("this result has two dimensions: scripts/plot.py draws it")
        self.fields = {grid.GetCellData().GetArrayName(i): vtk_to_numpy(grid.GetCellData().GetArray(i))
                       for i in range(grid.GetCellData().GetNumberOfArrays())}
        self.point_fields = [grid.GetPointData().GetArrayName(i) for i in range(grid.GetPointData().GetNumberOfArrays())]
        corners = vtk_to_numpy(grid.GetPoints().GetData())[vtk_to_numpy(grid.GetCells().GetConnectivityArray()).reshape(-1, 8)]
        self.lower, self.upper, self.dim = corners.min(axis=1), corners.max(axis=1), 3
        self.centre, self.top = (self.lower + self.upper) / 2, self.upper[:, 2].max()
        self.volume = np.prod(self.upper - self.lower, axis=1)
        self.sources = {}
        self.fits = sorted(glob.glob(os.path.join(options.directory, "fit_*.vtp")))
        self.data_sets = [read_stations(file) for file in self.fits]

    def choose(self, options):
        """The field, the window and the place: as the options say, or where the changes are."""
        self.field = options.field or self.changed_most()
        if self.field not in self.fields:
            fail(f"there is no cell field '{self.field}'; there are: {', '.join(self.fields)}")
        values = self.fields[self.field]
        self.change = np.nan_to_num(np.log(values) if self.field in RATIOS else values - np.nanmedian(values))
        if options.window:
            x0, x1, y0, y1, z0 = options.window
            self.low, self.high = np.array([x0, y0, z0]), np.array([x1, y1, self.top])
        else:
            window = choose_window(SimpleNamespace(dim=3, lower=self.lower, upper=self.upper, data=self.data_sets, sources={}))
            inside = np.all((self.centre[:, :2] >= window[0]) & (self.centre[:, :2] <= window[1]), axis=1)
            depth = choose_bottom(self, np.where(inside, self.volume * self.change ** 2, 0), window)
            self.low, self.high = np.append(window[0], self.top - depth), np.append(window[1], self.top)
        self.inside = np.all((self.centre >= self.low) & (self.centre <= self.high), axis=1)
        if not self.inside.any():
            fail("no cell lies in the window")
        place = options.at or strongest_places(self.centre, self.change, self.volume, self.low, self.high)[0]
        self.place = off_faces(np.clip(place, self.low, self.high), self.lower, self.upper)

    def changed_most(self):
        ratios = [name for name in RATIOS if name in self.fields and np.nanmax(np.abs(np.log(self.fields[name]))) > 0]
        known = ratios or [name for name in MODULI if name in self.fields]
        if not known:
            fail(f"there is no modulus among the cell fields; name one of them with --field: {', '.join(self.fields)}")
        return max(known, key=lambda name: float(f"{np.nanmax(np.abs(np.log(self.fields[name]))):.3g}")) if ratios else known[0]

    def part(self, source, low, high):
        """What of the source lies in a box, as a filter; cells are cut exactly. A box up to the surface holds the surface."""
        clip = simple.Clip(Input=source, ClipType="Box", Invert=1, Exact=1)
        clip.ClipType.Position = list(low)
        clip.ClipType.Length = [h - l + (1e-3 * (h - l) if d == 2 and h >= self.top else 0) for d, (l, h) in enumerate(zip(low, high))]
        return clip

    def shown(self):
        return self.part(self.data, self.low, self.high)


def read_stations(file):
    """Places (km) and, where there are any, displacement vectors of one data set."""
    reader = simple.XMLPolyDataReader(FileName=[file])
    reader.UpdatePipeline()
    fetched = servermanager.Fetch(reader)
    data = fetched.GetPointData()
    arrays = {data.GetArrayName(i): vtk_to_numpy(data.GetArray(i)) for i in range(data.GetNumberOfArrays()) if data.GetArray(i)}
    return SimpleNamespace(name=os.path.basename(file)[len("fit_"):-len(".vtp")], arrays=arrays,
                           points=vtk_to_numpy(fetched.GetPoints().GetData()) / 1e3)


# --------------------------------------------------------------------------------------------------------------------- drawing

def new_view(result, title):
    """A white view from the south-west and above on the window, with axes in km."""
    view = simple.CreateView("RenderView")
    view.ViewSize = SIZE
    view.Background, view.UseColorPaletteForBackground, view.OrientationAxesVisibility = [1, 1, 1], 0, 0
    text = simple.Show(simple.Text(Text=title), view)
    text.Color, text.FontSize, text.WindowLocation = INK, 22, "Upper Left Corner"
    grid = view.AxesGrid
    grid.Visibility = 1
    for axis, name in zip("XYZ", ("x (km)", "y (km)", "z (km)")):
        setattr(grid, axis + "Title", name)
        for part in ("Title", "Label"):
            setattr(grid, f"{axis}{part}Color", INK)
            setattr(grid, f"{axis}{part}FontSize", 20)
    for d, axis in enumerate("XYZ"):
        setattr(grid, axis + "AxisUseCustomLabels", 1)
        setattr(grid, axis + "AxisLabels", [t for t in round_ticks(result.low[d], result.high[d])])
    view.ViewTime = result.step
    middle, size = (result.low + result.high) / 2, np.linalg.norm(result.high - result.low)
    view.CameraFocalPoint = list(middle - [0, 0, 0.1 * size])
    view.CameraPosition = list(middle + size * np.array([-0.85, -1.25, 0.85]))
    view.CameraViewUp = [0, 0, 1]
    view.CameraViewAngle = 26
    return view


def colour(view, shown, association, name, values, kind, label, component=None):
    """Colours with round limits and ticks; the title of the bar says when values lie beyond them."""
    values = values[np.isfinite(values)]
    low, high, logarithmic, preset = limits(values, kind)
    simple.ColorBy(shown, (association, name) if component is None else (association, name, component))
    table = simple.GetColorTransferFunction(name)
    table.UseLogScale = 0  # tables are shared by pictures of the same field
    table.ApplyPreset(preset, True)
    if kind == "ratio":
        table.InvertTransferFunction()  # soft is red
    table.NanColor = [0.8, 0.8, 0.8]
    table.RescaleTransferFunction(low, high)
    if logarithmic:
        table.MapControlPointsToLogSpace()
        table.UseLogScale = 1
    shown.Ambient, shown.Diffuse, shown.Specular = 0.6, 0.4, 0
    bar = simple.GetScalarBar(table, view)
    beyond = values.min() < low * (1 - 1e-6 * np.sign(low)) or values.max() > high * (1 + 1e-6 * np.sign(high))
    bar.Title = minus(label + (f"; values reach from {values.min():.2g} to {values.max():.2g}" if beyond else ""))
    bar.ComponentTitle, bar.AutomaticLabelFormat, bar.LabelFormat, bar.AddRangeLabels = "", 0, "%g", 0
    bar.UseCustomLabels, bar.CustomLabels = 1, [float(f"{t:.6g}") for t in round_ticks(low, high, logarithmic)]
    bar.TitleColor = bar.LabelColor = INK
    bar.TitleFontSize, bar.LabelFontSize, bar.ScalarBarLength = 22, 20, 0.4
    bar.Orientation, bar.WindowLocation, bar.Position, bar.Visibility = "Horizontal", "Any Location", [0.3, 0.03], 1


def limits(values, kind):
    """Low, high, whether logarithmic, preset. One hue where the sign is the same everywhere."""
    if kind == "ratio":
        bound = round_up(max(1.02, math.exp(np.percentile(np.abs(np.log(values)), 99.5))))
        return 1 / bound, bound, True, "Cool to Warm"
    low, high = np.percentile(values, (0.5, 99.5)) if kind == "field" else (values.min(), values.max())
    largest = round_up(max(-low, high, 1e-12))
    if low < -0.05 * high and high > -0.05 * low:
        return -largest, largest, False, "Cool to Warm"
    if kind == "data":
        return (0, largest, False, "Viridis (matplotlib)") if high > -low else (-largest, 0, False, "Viridis (matplotlib)")
    if not high > low:
        low, high = low - 0.01 * (abs(low) or 1), high + 0.01 * (abs(high) or 1)
    return low, high, low > 0 and high > 10 * low, "Viridis (matplotlib)"


def scaled_field(result, source):
    """The chosen field in a readable unit, with its name, values in the window, kind and label."""
    name, values = result.field, result.fields[result.field][result.inside]
    if name in MODULI:
        factor, unit = readable_unit(np.nanmax(values), "Pa")
        source = simple.Calculator(Input=source, AttributeType="Cell Data", Function=f"{factor!r}*{name}", ResultArrayName="modulus")
        return source, "modulus", values * factor, "field", f"{MODULI[name]} ({unit})"
    return source, name, values, "ratio" if name in RATIOS else "field", RATIOS.get(name, name.replace("_", " "))


def outline(result, view):
    box = simple.Show(simple.Outline(Input=result.shown()), view)
    box.AmbientColor = box.DiffuseColor = INK
    box.LineWidth = 2


def draw_stations(result, view, wanted=lambda points: True):
    """The stations in the window, as dots on the surface."""
    for stations in result.data_sets:
        inside = np.all((stations.points[:, :2] >= result.low[:2]) & (stations.points[:, :2] <= result.high[:2]), axis=1) & wanted(stations.points)
        if not inside.any():
            continue
        dots = simple.Show(points_source(stations.points[inside] + [0, 0, 2e-3 * (result.high - result.low)[0]], {}), view)
        dots.SetRepresentationType("Points")
        dots.PointSize = 5
        dots.AmbientColor = dots.DiffuseColor = INK


def points_source(points, arrays):
    """A source of single points (km) with named arrays."""
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonCore import vtkPoints
    from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
    poly, vtk_points, verts = vtkPolyData(), vtkPoints(), vtkCellArray()
    for i, p in enumerate(points):
        vtk_points.InsertNextPoint(*p)
        verts.InsertNextCell(1, [i])
    poly.SetPoints(vtk_points)
    poly.SetVerts(verts)
    for name, values in arrays.items():
        array = numpy_to_vtk(np.ascontiguousarray(values, dtype=float), deep=True)
        array.SetName(name)
        poly.GetPointData().AddArray(array)
    source = simple.TrivialProducer()
    source.GetClientSideObject().SetOutput(poly)
    source.UpdatePipeline()
    return source


def draw_cutaway(result, file):
    x, y, z = result.place
    view = new_view(result, minus(f"Cut away down to x = {x:.2f} km, y = {y:.2f} km, depth {result.top - z:.2f} km"))
    source, name, values, kind, label = scaled_field(result, result.shown())
    (x0, y0, z0), (x1, y1, z1) = result.low, result.high
    boxes = [((x, y0, z0), (x1, y1, z1)), ((x0, y, z0), (x, y1, z1)), ((x0, y0, z0), (x, y, z))]
    parts = [result.part(source, low, high) for low, high in boxes if np.all(np.array(high) > low)]
    colour(view, simple.Show(simple.AppendDatasets(Input=parts), view), "CELLS", name, values, kind, label)
    outline(result, view)
    draw_stations(result, view, lambda points: (points[:, 0] > x) | (points[:, 1] > y))
    save(view, file)


def draw_bodies(result, file):
    """Cells that changed by more than half of the largest change in the window."""
    largest = np.abs(result.change[result.inside]).max()
    if not largest > 0:
        return
    source, name, values, kind, label = scaled_field(result, result.shown())
    bound = math.exp(largest / 2) if kind == "ratio" else None
    title = (f"Cells below {1 / bound:.2g} and above {bound:.2g} times the background" if bound
             else "Cells that differ from the median by more than half of the most")
    view = new_view(result, title)
    middle = 1.0 if bound else float(np.nanmedian(result.fields[result.field])) * values[0] / result.fields[result.field][result.inside][0]
    reach = (values - middle)[np.isfinite(values)]
    bounds = (1 / bound, bound) if bound else (middle - np.abs(reach).max() / 2, middle + np.abs(reach).max() / 2)
    for method, limit in (("Below Lower Threshold", bounds[0]), ("Above Upper Threshold", bounds[1])):
        cells = simple.Threshold(Input=source, Scalars=["CELLS", name], ThresholdMethod=method, LowerThreshold=limit, UpperThreshold=limit)
        shown = simple.Show(cells, view)
        shown.SetRepresentationType("Surface With Edges")
        shown.EdgeColor = [0.3, 0.3, 0.3]
        colour(view, shown, "CELLS", name, values, kind, label)
    outline(result, view)
    draw_stations(result, view)
    save(view, file)


def draw_surface(result, name, file):
    """The free surface, displaced by a round multiple of the displacement, with arrows of the horizontal displacement at stations."""
    top = simple.Slice(Input=result.shown())
    top.SliceType.Origin, top.SliceType.Normal = [0, 0, result.top - 1e-6 * (result.top - result.low[2])], [0, 0, 1]
    top.UpdatePipeline(result.step)
    u = vtk_to_numpy(servermanager.Fetch(top).GetPointData().GetArray(name))
    largest = float(np.linalg.norm(u, axis=1).max())
    if not largest > 0:
        return
    rate = name.endswith("_per_yr")
    factor, unit = readable_unit(largest, "m/yr" if rate else "m")
    width = (result.high - result.low)[0]
    exaggeration = round_below(0.08 * width / largest)
    case = name.replace("displacement_rate", "").replace("displacement", "").replace("_m_per_yr", "").replace("_m", "").strip("_")
    view = new_view(result, f"Surface{' of load case ' + case if case else ''}, displacement exaggerated {round(exaggeration * 1e3)} times")
    warped = simple.WarpByVector(Input=top, Vectors=["POINTS", name], ScaleFactor=exaggeration)
    in_unit = simple.Calculator(Input=warped, AttributeType="Point Data", Function=f'{factor!r}*"{name}"', ResultArrayName="u")
    colour(view, simple.Show(in_unit, view), "POINTS", "u", u[:, 2] * factor, "data", f"up ({unit})", component="Z")
    draw_arrows(result, view, name, case, exaggeration, width)
    outline(result, view)
    save(view, file)


def draw_arrows(result, view, name, case, exaggeration, width):
    """Horizontal displacement at the stations of the load case, and a scale arrow of a round length beside the surface."""
    prefix = "displacement"
    chosen = [s for s in result.data_sets if not case or s.name.lower().startswith(case.lower())]
    arrays = [(s, next(v for n, v in s.arrays.items() if n.startswith(prefix))) for s in chosen
              if any(n.startswith(prefix) for n in s.arrays)]
    if not arrays:
        return
    points = np.concatenate([s.points for s, _ in arrays])
    u = np.concatenate([v for _, v in arrays])
    inside = np.all((points[:, :2] >= result.low[:2]) & (points[:, :2] <= result.high[:2]), axis=1)
    inside[np.flatnonzero(inside)[np.arange(inside.sum()) % math.ceil(max(inside.sum(), 1) / 600) != 0]] = False
    points, u = points[inside] + exaggeration * u[inside] + [0, 0, 4e-3 * width], u[inside] * [1, 1, 0]
    longest = np.linalg.norm(u, axis=1).max() if len(u) else 0
    if not longest > 0:
        return
    factor, unit = readable_unit(longest, "m/yr" if name.endswith("_per_yr") else "m")
    key = round_below(longest * factor)
    points = np.append(points, [[result.low[0], result.low[1] - 0.05 * width, result.top]], axis=0)
    u = np.append(u * factor, [[key, 0, 0]], axis=0)
    length = width * max(0.04, min(0.12, 1.5 / math.sqrt(len(u))))
    arrows = simple.Glyph(Input=points_source(points, {"horizontal": u}), GlyphType="Arrow", OrientationArray=["POINTS", "horizontal"],
                          ScaleArray=["POINTS", "horizontal"], GlyphMode="All Points", ScaleFactor=length / (longest * factor))
    shown = simple.Show(arrows, view)
    shown.ColorArrayName = ["POINTS", ""]
    shown.DiffuseColor = shown.AmbientColor = INK
    text = simple.Show(simple.Text(Text=f"arrow in front of the corner: {key:g} {unit} horizontally"), view)
    text.Color, text.FontSize, text.WindowLocation = INK, 20, "Upper Right Corner"


def save(view, file):
    simple.SaveScreenshot(file, view, ImageResolution=SIZE)
    simple.Delete(view)
    print(file)


def main():
    options = arguments(sys.argv[1:])
    start_paraview()
    result = Result(options)
    result.choose(options)
    out = options.out or os.path.join(options.directory, "pictures")
    os.makedirs(out, exist_ok=True)
    draw_cutaway(result, os.path.join(out, "cutaway.png"))
    draw_bodies(result, os.path.join(out, "bodies.png"))
    for name in result.point_fields:
        if name.startswith("displacement"):
            draw_surface(result, name, os.path.join(out, name.replace("displacement", "surface", 1) + ".png"))


if __name__ == "__main__":
    main()
