#!/usr/bin/env pvpython
"""Pictures of a result, without a screen:

    xvfb-run -a pvpython scripts/render.py RESULT_DIRECTORY [--field E] [--step 12] [--at X,Y,Z] [--window X0,X1,Y0,Y1,Z0]
                                           [--out DIRECTORY]

Writes PNGs into RESULT_DIRECTORY/pictures (or --out): the stiffness in a vertical and a horizontal section, the displacement of
the surface, and observed, predicted and residual data of every data set (curves over x in 2-D). Sections pass through --at (metres); by default through
the cell whose stiffness changed most. Pictures show the --window (metres; down to z = Z0); by default the surroundings of the data
where they are much smaller than the model, as in a graded box. Needs ParaView 5.10 or newer
(scripts/install_dependencies.sh --with-rendering).
"""
import argparse
import ctypes
import glob
import math
import os
import sys

# One connection stays open for the whole run: Xvfb resets when its last client leaves, and refuses new ones meanwhile.
try:
    ctypes.CDLL("libX11.so.6").XOpenDisplay(None)
except OSError:
    pass  # no X11: an off-screen build of ParaView

try:
    from paraview.simple import *  # noqa: F403 (ParaView's own idiom)
    from paraview import servermanager
    from vtkmodules.util.numpy_support import vtk_to_numpy
except ImportError:
    sys.exit("render.py runs in ParaView's Python: xvfb-run -a pvpython scripts/render.py RESULT_DIRECTORY\n"
             "ParaView is installed by scripts/install_dependencies.sh --with-rendering")

SIZE = (1200, 800)
MODULI = ("E", "G", "K")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", help="directory of results, with inversion.pvd or another .pvd")
    parser.add_argument("--field", help="cell field to show (default: the modulus that changed most)")
    parser.add_argument("--step", type=float, help="iteration (default: the last)")
    parser.add_argument("--at", help="x,y,z in metres through which the sections pass (2-D: not used)")
    parser.add_argument("--window", help="x0,x1,y0,y1,z0 in metres that the pictures show (2-D: not used)")
    parser.add_argument("--out", help="where the pictures go (default: RESULT_DIRECTORY/pictures)")
    return parser.parse_args()


def length_unit(largest):
    """A readable unit for displacements in metres: (factor, name)."""
    if not largest > 0 or not math.isfinite(largest):
        return 1, "m"
    for factor, name in ((1e3, "mm"), (1e2, "cm"), (1, "m")):
        if 0.1 <= largest * factor < (100 if name != "m" else 1e4):
            return factor, name
    exponent = math.floor(math.log10(largest))
    return 10.0 ** -exponent, f"1e{exponent} m"


def finite(values):
    import numpy
    return values[numpy.isfinite(values)]


def data_window(files, model):
    """x0, x1, y0, y1, z0 (km) around the data; None where they reach over much of the model. Single far points do not count."""
    import numpy
    points = []
    for file in files:
        reader = XMLPolyDataReader(FileName=[file])
        reader.UpdatePipeline()
        points.append(vtk_to_numpy(servermanager.Fetch(reader).GetPoints().GetData())[:, :2] / 1e3)
    if not points or model[4] == model[5]:
        return None
    low, high = numpy.percentile(numpy.vstack(points), (2, 98), axis=0)
    middle, half = (low + high) / 2, 0.65 * max(high - low)
    if not 0 < 2 * half < 0.5 * min(model[1] - model[0], model[3] - model[2]):
        return None
    return [middle[0] - half, middle[0] + half, middle[1] - half, middle[1] + half, -half]


class Result:
    """The fields of one step, with coordinates in km, inside a window."""

    def __init__(self, pvd, step, window, fits):
        self.reader = PVDReader(FileName=pvd)
        times = list(self.reader.TimestepValues) or [0.0]
        self.first, self.step = times[0], times[-1] if step is None else step
        if self.step not in times:
            sys.exit(f"render.py: step {self.step:g} is not in {pvd}; it has {', '.join(f'{t:g}' for t in times)}")
        self.data = Transform(Input=self.reader)
        self.data.Transform.Scale = [1e-3] * 3
        self.data.TransformAllInputVectors = 0
        self.data.UpdatePipeline(self.step)
        self.bounds = self.data.GetDataInformation().GetBounds()
        self.is_section = self.bounds[4] == self.bounds[5]
        window = window or data_window(fits, self.bounds)
        if window and not self.is_section:
            clipped = Clip(Input=self.data, ClipType="Box", Invert=1, Exact=1)
            top = self.bounds[5]
            slack = 1e-3 * (top - window[4])
            clipped.ClipType.Position = [window[0], window[2], window[4]]
            clipped.ClipType.Length = [window[1] - window[0], window[3] - window[2], top - window[4] + slack]
            self.data = clipped
            self.data.UpdatePipeline(self.step)
            self.bounds = self.data.GetDataInformation().GetBounds()
        self.vertical = 1 if self.is_section else 2

    def cell_values(self, name, time):
        self.data.UpdatePipeline(time)
        return vtk_to_numpy(servermanager.Fetch(self.data).GetCellData().GetArray(name))

    def largest_change(self, name):
        """(largest |ln ratio| between first and shown step, cell)."""
        import numpy
        before, after = self.cell_values(name, self.first), self.cell_values(name, self.step)
        with numpy.errstate(all="ignore"):
            change = numpy.nan_to_num(numpy.abs(numpy.log(after / before)), nan=0, posinf=0, neginf=0)
        cell = int(change.argmax())
        return change[cell], cell

    def pick_field(self):
        known = [name for name in MODULI if name in self.data.CellData.keys()]
        if not known:
            sys.exit(f"render.py: no modulus among the cell fields ({', '.join(self.data.CellData.keys())}); name one with --field")
        # At a fixed Poisson ratio all moduli change alike, but for rounding: then E, the first.
        return max(known, key=lambda name: float(f"{self.largest_change(name)[0]:.3g}"))

    def pick_point(self, field):
        """Centre (km) of the cell that changed most; of the model when nothing changed."""
        change, cell = self.largest_change(field)
        if change == 0:
            b = self.bounds
            return [(b[0] + b[1]) / 2, (b[2] + b[3]) / 2, (b[4] + b[5]) / 2]
        box = servermanager.Fetch(self.data).GetCell(cell).GetBounds()
        return [(box[0] + box[1]) / 2, (box[2] + box[3]) / 2, (box[4] + box[5]) / 2]


def new_view(title):
    view = CreateView("RenderView")
    view.ViewSize = SIZE
    view.Background = [1, 1, 1]
    view.UseColorPaletteForBackground = 0
    view.OrientationAxesVisibility = 0
    view.CameraParallelProjection = 1
    text = Show(Text(Text=title), view)
    text.Color = [0, 0, 0]
    text.FontSize = 14
    text.WindowLocation = "Upper Left Corner"
    return view


def label_axes(view, names):
    grid = view.AxesGrid
    grid.Visibility = 1
    for axis, name in zip("XYZ", names):
        setattr(grid, axis + "Title", name)
        setattr(grid, axis + "TitleColor", [0, 0, 0])
        setattr(grid, axis + "LabelColor", [0, 0, 0])
    grid.GridColor = [0.3, 0.3, 0.3]


def look_along(view, normal_axis, bounds):
    """Camera square onto the plane with the given normal, the whole of it in view."""
    centre = [(bounds[2 * d] + bounds[2 * d + 1]) / 2 for d in range(3)]
    extent = [bounds[2 * d + 1] - bounds[2 * d] for d in range(3)]
    distance = 2 * max(extent)
    view.CameraFocalPoint = centre
    view.CameraPosition = [c + (distance * (-1 if normal_axis == 1 else 1) if d == normal_axis else 0) for d, c in enumerate(centre)]
    view.CameraViewUp = [0, 0, 1] if normal_axis != 2 else [0, 1, 0]
    across, up = ((1, 2) if normal_axis == 0 else (0, 2) if normal_axis == 1 else (0, 1))
    if extent[up] < 0.5 * extent[across]:  # a flat section needs no high picture
        view.ViewSize = (SIZE[0], int(300 + 0.7 * SIZE[0] * extent[up] / extent[across]))
    aspect = view.ViewSize[0] / view.ViewSize[1]
    view.CameraParallelScale = 0.65 * max(extent[up] * 1.1, extent[across] / aspect * 1.1)


def colour(view, shown, association, name, title, limits, preset, component=None, logarithmic=False):
    ColorBy(shown, (association, name) if component is None else (association, name, component))
    table = GetColorTransferFunction(name)
    table.UseLogScale = 0  # tables are shared by pictures of the same field
    table.ApplyPreset(preset, True)
    table.NanColor = [0.8, 0.8, 0.8]
    low, high = limits
    if not high > low:
        low, high = low - (abs(low) or 1) * 0.01, high + (abs(high) or 1) * 0.01
        logarithmic = False
    table.RescaleTransferFunction(low, high)
    if logarithmic:
        table.MapControlPointsToLogSpace()
        table.UseLogScale = 1
    shown.Ambient, shown.Diffuse, shown.Specular = 1, 0, 0  # colours as in the bar, not shaded
    bar = GetScalarBar(table, view)
    bar.RangeLabelFormat = bar.LabelFormat = "%-#.3g"
    bar.AutomaticLabelFormat = 0
    bar.UseCustomLabels = int(logarithmic)  # ParaView labels powers of ten only
    if logarithmic:
        bar.CustomLabels = [low * (high / low) ** (i / 4) for i in (1, 2, 3)]
    bar.Title, bar.ComponentTitle = title, ""
    bar.TitleColor = bar.LabelColor = [0, 0, 0]
    bar.TitleFontSize, bar.LabelFontSize = 14, 12
    bar.ScalarBarLength = 0.4
    bar.Orientation, bar.WindowLocation, bar.Position = "Horizontal", "Any Location", [0.3, 0.02]
    bar.Visibility = 1


def save(view_or_layout, path, size=None):
    SaveScreenshot(path, view_or_layout, ImageResolution=size or view_or_layout.ViewSize)
    print(path)


def colour_range(values, background):
    """Limits, colours and scale (logarithmic or not); around the background where it is the same everywhere."""
    import numpy
    if not len(values):
        return (0, 1), "Viridis (matplotlib)", False
    low, high = values.min(), values.max()
    if low < 0 < high:
        return (-max(-low, high), max(-low, high)), "Cool to Warm", False
    if len(background) and low > 0 and background.min() > 0 and background.max() < 1.001 * background.min():
        factor = math.exp(numpy.percentile(numpy.abs(numpy.log(values / background[0])), 99.8)) if low < high else 1
        if factor > 1.001:
            return (background[0] / factor, background[0] * factor), "Cool to Warm", True
    return (low, high), "Viridis (matplotlib)", low > 0 and high > 10 * low


def stiffness_sections(result, field, point, out):
    background, values = finite(result.cell_values(field, result.first)), finite(result.cell_values(field, result.step))
    if field in MODULI:
        scaled = Calculator(Input=result.data, AttributeType="Cell Data", Function=f"{field}/1e9", ResultArrayName=field + " ")
        name, title, values, background = field + " ", f"{field} (GPa)", values / 1e9, background / 1e9
    else:
        scaled, name, title = result.data, field, field
    limits, preset, logarithmic = colour_range(values, background)
    sections = [("vertical", 1), ("horizontal", 2)]
    if result.is_section:
        sections = [("vertical", 2)]
    for kind, axis in sections:
        where = "" if result.is_section else f", {kind} section at {'xyz'[axis]} = {point[axis]:.4g} km"
        view = new_view(f"{title}, iteration {result.step:g}{where}")
        cut = scaled
        if not result.is_section:
            cut = Slice(Input=scaled)
            cut.SliceType.Origin = point
            cut.SliceType.Normal = [1.0 if d == axis else 0.0 for d in range(3)]
        shown = Show(cut, view)
        colour(view, shown, "CELLS", name, title, limits, preset, logarithmic=logarithmic)
        label_axes(view, ("x (km)", "z (km)", "") if result.is_section else ("x (km)", "y (km)", "z (km)"))
        view.ViewTime = result.step
        look_along(view, axis, cut.GetDataInformation().GetBounds() if not result.is_section else result.bounds)
        save(view, os.path.join(out, f"stiffness_{kind}.png"))
        Delete(view)


def surface_displacement(result, out):
    b = result.bounds
    for name in result.data.PointData.keys():
        if result.data.PointData[name].GetNumberOfComponents() != 3:
            continue
        cut = result.data
        if not result.is_section:
            cut = Slice(Input=result.data)
            cut.SliceType.Origin = [0, 0, b[5] - 1e-6 * (b[5] - b[4])]
            cut.SliceType.Normal = [0, 0, 1]
        cut.UpdatePipeline(result.step)
        import numpy
        u = vtk_to_numpy(servermanager.Fetch(cut).GetPointData().GetArray(name))
        largest = float(numpy.abs(u).max())
        factor, unit = length_unit(largest)
        per = "/yr" if name.startswith("displacement rate") else ""
        scaled = Calculator(Input=cut, AttributeType="Point Data", Function=f'{factor!r}*"{name}"', ResultArrayName="u ")
        view = new_view(f"{name}, iteration {result.step:g}: vertical in colour" + ("" if result.is_section else ", horizontal as arrows"))
        shown = Show(scaled, view)
        bound = float(numpy.abs(u[:, result.vertical]).max()) * factor
        colour(view, shown, "POINTS", "u ", f"up ({unit}{per})", (-bound, bound), "Cool to Warm", component="XYZ"[result.vertical])
        horizontal = float(numpy.hypot(u[:, 0], u[:, 1]).max()) * factor
        if not result.is_section and horizontal > 0:
            flat = Calculator(Input=scaled, AttributeType="Point Data", Function='"u _X"*iHat+"u _Y"*jHat', ResultArrayName="horizontal")
            arrows = Glyph(Input=flat, GlyphType="Arrow", OrientationArray=["POINTS", "horizontal"], ScaleArray=["POINTS", "horizontal"])
            arrows.ScaleFactor = 0.1 * (b[1] - b[0]) / horizontal
            arrows.GlyphMode = "Uniform Spatial Distribution (Bounds Based)"
            arrows.MaximumNumberOfSamplePoints = 300
            drawn = Show(arrows, view)
            drawn.ColorArrayName = ["POINTS", ""]
            drawn.DiffuseColor = drawn.AmbientColor = [0, 0, 0]
        label_axes(view, ("x (km)", "z (km)" if result.is_section else "y (km)", ""))
        view.ViewTime = result.step
        look_along(view, 2, b if result.is_section else [b[0], b[1], b[2], b[3], b[5], b[5]])
        save(view, os.path.join(out, "surface_" + "".join(c if c.isalnum() else "_" for c in name) + ".png"))
        Delete(view)


def source_of(points, arrays):
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
        array = numpy_to_vtk(values, deep=True)
        array.SetName(name)
        poly.GetPointData().AddArray(array)
    source = TrivialProducer()
    source.GetClientSideObject().SetOutput(poly)
    source.UpdatePipeline()
    return source


class Data:
    """The data of one set: places (km), components (0 east, 1 north, 2 up, 3 line of sight) and arrays by name."""

    def __init__(self, file):
        reader = XMLPolyDataReader(FileName=[file])
        reader.UpdatePipeline()
        fetched = servermanager.Fetch(reader)
        data = fetched.GetPointData()
        names = [data.GetArrayName(i) for i in range(data.GetNumberOfArrays())]  # "observed (m)", "observed (m/yr)"
        self.arrays = {name.partition(" (")[0]: vtk_to_numpy(data.GetArray(i)) for i, name in enumerate(names)}
        self.present = [a for a in ("observed", "predicted", "residual") if a in self.arrays]
        self.per = "/yr" if any("/yr" in name for name in names) else ""
        self.places = vtk_to_numpy(fetched.GetPoints().GetData()) / 1e3
        self.component = self.arrays["component"].astype(int)


class DataAtPoints:
    """The data of one set gathered by point: what is shown in colour (line of sight, or up), and the horizontal components as a vector."""

    def __init__(self, data):
        import numpy
        self.present, self.per = data.present, data.per
        self.points, point_of = numpy.unique(data.places, axis=0, return_inverse=True)
        point_of = point_of.ravel()
        component = data.component
        self.shown = "line of sight" if 3 in component else "up" if 2 in component else ""
        scalar = component >= 2
        self.has_colour = numpy.zeros(len(self.points), bool)
        self.has_colour[point_of[scalar]] = True
        self.has_arrow = numpy.zeros(len(self.points), bool)
        self.has_arrow[point_of[~scalar]] = True
        self.colours, self.arrows = {}, {}
        for a in self.present:
            values = data.arrays[a]
            self.colours[a] = numpy.zeros(len(self.points))
            self.colours[a][point_of[scalar]] = values[scalar]
            self.arrows[a] = numpy.zeros((len(self.points), 3))
            self.arrows[a][point_of[~scalar], component[~scalar]] = values[~scalar]


def data_fit(file, out):
    """Observed, predicted and residual side by side: line of sight or up in colour, horizontal components as arrows."""
    import numpy
    name = os.path.splitext(os.path.basename(file))[0]
    data = Data(file)
    if not data.present:
        return
    data = DataAtPoints(data)
    low, high = data.points.min(axis=0), data.points.max(axis=0)
    extent = max(high[0] - low[0], high[1] - low[1], 1e-9)
    bounds = [low[0], high[0], low[1], max(high[1], low[1] + 0.1 * extent), 0, 0]
    largest_colour = {a: float(numpy.abs(data.colours[a]).max()) for a in data.present}
    longest = {a: float(numpy.linalg.norm(data.arrows[a], axis=1).max()) for a in data.present}
    layout = CreateLayout(name)
    cell = 0
    for i, a in enumerate(data.present):
        # Observed and predicted share their scales; the residual has its own.
        alike = [a] if a == "residual" else [b for b in data.present if b != "residual"]
        bound, arrow = max(largest_colour[b] for b in alike), max(longest[b] for b in alike)
        factor, unit = length_unit(max(bound, arrow))
        title = f"{name}: {a}"
        if data.shown:
            title += f"\n{data.shown} in colour"
        if arrow > 0:
            title += f"\nhorizontal: the longest arrow is {longest[a] * factor:.3g} {unit}{data.per}"
        view = new_view(title)
        view.ViewSize = (700, 800)
        if data.has_colour.any():
            array = f"{name} {a}"
            points = source_of(data.points[data.has_colour], {array: data.colours[a][data.has_colour] * factor})
            shown = Show(points, view)
            shown.SetRepresentationType("Points")
            shown.PointSize = 12 if data.has_colour.sum() < 600 else 6
            shown.RenderPointsAsSpheres = 1
            colour(view, shown, "POINTS", array, f"{data.shown} ({unit}{data.per})", (-bound * factor, bound * factor), "Cool to Warm")
        if data.has_arrow.any() and arrow > 0:
            vectors = source_of(data.points[data.has_arrow], {"horizontal": data.arrows[a][data.has_arrow] * factor})
            arrows = Glyph(Input=vectors, GlyphType="2D Glyph", OrientationArray=["POINTS", "horizontal"], ScaleArray=["POINTS", "horizontal"])
            arrows.GlyphType.GlyphType = "Arrow"
            arrows.GlyphType.Filled = 0
            arrows.GlyphType.Center = [0.5, 0, 0]
            # Arrows on a dense net are as long as its spacing, sparse ones a tenth of the picture.
            arrows.ScaleFactor = max(0.1 * extent if data.has_arrow.sum() < 60 else 1.5 * extent / math.sqrt(data.has_arrow.sum()), 1e-9) / (arrow * factor)
            arrows.GlyphMode = "All Points" if data.has_arrow.sum() < 500 else "Uniform Spatial Distribution (Bounds Based)"
            if data.has_arrow.sum() >= 500:
                arrows.MaximumNumberOfSamplePoints = 300
            drawn = Show(arrows, view)
            drawn.ColorArrayName = ["POINTS", ""]
            drawn.DiffuseColor = drawn.AmbientColor = [0, 0, 0]
            drawn.LineWidth = 2
            drawn.Position = [0, 0, 1e-3 * extent]  # before the symbols
        label_axes(view, ("x (km)", "y (km)", ""))
        look_along(view, 2, bounds)
        if i + 1 < len(data.present):
            layout.SplitHorizontal(cell, 1.0 / (len(data.present) - i))
        AssignViewToLayout(view, layout, cell if i + 1 == len(data.present) else 2 * cell + 1)
        cell = 2 * cell + 2 if i + 1 < len(data.present) else cell
    save(layout, os.path.join(out, name + ".png"), (700 * len(data.present), 800))


def section_fit(file, out):
    """Curves over x for a section: observed with its standard deviation and predicted, below them the residual, a column a component."""
    try:
        import matplotlib
    except ImportError:
        print(f"{file}: the data fit of a section needs matplotlib (apt install python3-matplotlib); not drawn")
        return
    matplotlib.use("Agg")
    import matplotlib.pyplot as plot
    import numpy
    name = os.path.splitext(os.path.basename(file))[0]
    data = Data(file)
    components = sorted(set(data.component))
    if len(data.present) < 3 or not components:
        return
    figure, axes = plot.subplots(2, len(components), figsize=(7 * len(components), 7), squeeze=False, sharex=True,
                                 gridspec_kw={"height_ratios": (2, 1)})
    for (above, below), c in zip(axes.T, components):
        rows = numpy.flatnonzero(data.component == c)
        rows = rows[numpy.argsort(data.places[rows, 0], kind="stable")]
        x = data.places[rows, 0]
        observed, predicted, residual, sigma = (data.arrays[a][rows] for a in ("observed", "predicted", "residual", "sigma"))
        factor, unit = length_unit(float(max(numpy.abs(observed).max(), numpy.abs(predicted).max())))
        above.errorbar(x, observed * factor, sigma * factor, fmt="o", color="black", markersize=4, capsize=2, label="observed, one sigma")
        above.plot(x, predicted * factor, color="#d55e00", label="predicted")
        above.set_title(f"{name}: " + ("east", "north", "up", "line of sight")[c])
        above.set_ylabel(f"({unit}{data.per})")
        above.legend()
        factor, unit = length_unit(float(max(numpy.abs(residual).max(), sigma.max())))
        below.axhline(0, color="grey", linewidth=0.8)
        below.errorbar(x, residual * factor, sigma * factor, fmt="o", color="#0072b2", markersize=4, capsize=2)
        below.set_ylabel(f"predicted - observed ({unit}{data.per})")
        below.set_xlabel("x (km)")
    figure.tight_layout()
    path = os.path.join(out, name + ".png")
    figure.savefig(path, dpi=120)
    plot.close(figure)
    print(path)


def main():
    options = arguments()
    collections = sorted(glob.glob(os.path.join(options.directory, "*.pvd")), key=lambda p: os.path.basename(p) != "inversion.pvd")
    if not collections:
        sys.exit(f"render.py: there is no .pvd file in '{options.directory}'; give a directory of results")
    out = options.out or os.path.join(options.directory, "pictures")
    os.makedirs(out, exist_ok=True)
    fits = sorted(glob.glob(os.path.join(options.directory, "fit_*.vtp")))
    window = [float(v) / 1e3 for v in options.window.split(",")] if options.window else None
    if window is not None and len(window) != 5:
        sys.exit("render.py: --window needs five numbers: x0,x1,y0,y1,z0")
    result = Result(collections[0], options.step, window, fits)
    field = options.field or result.pick_field()
    if field not in result.data.CellData.keys():
        sys.exit(f"render.py: there is no cell field '{field}'; there are {', '.join(result.data.CellData.keys())}")
    point = [float(v) / 1e3 for v in options.at.split(",")] if options.at else result.pick_point(field)
    stiffness_sections(result, field, point, out)
    surface_displacement(result, out)
    for file in fits:
        (section_fit if result.is_section else data_fit)(file, out)


main()
