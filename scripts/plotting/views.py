"""What of a result is worth seeing: the window around the data, depths, places of the largest change, and cuts through cells."""
import numpy as np

EDGES = np.array([(0, 1), (1, 2), (2, 3), (3, 0), (4, 5), (5, 6), (6, 7), (7, 4), (0, 4), (1, 5), (2, 6), (3, 7)])


def choose_window(result):
    """Horizontal bounds (km): around stations and sources with a margin, within the model. Far stations do not count, such as the
    reference of a network."""
    n = result.dim - 1
    low, high = result.lower[:, :n].min(axis=0), result.upper[:, :n].max(axis=0)
    points = np.concatenate([d.points[:, :n] for d in result.data]) if result.data else np.zeros((0, n))
    if len(points):
        distance = np.linalg.norm(points - np.median(points, axis=0), axis=1)
        points = points[distance <= 3.5 * max(np.median(distance), 1e-3)]
    for mask in result.sources.values():
        if mask.any():
            corners = np.array([result.lower[mask, :n].min(axis=0), result.upper[mask, :n].max(axis=0)])
            if (corners[1] - corners[0]).max() < 0.9 * (high - low).max():
                points = np.concatenate([points, corners])
    if not len(points):
        return low, high
    first, last = points.min(axis=0), points.max(axis=0)
    size = max((last - first).max(), 0.02 * (high - low).max())
    half = np.maximum((last - first) / 2, 0.25 * size) + 0.12 * size
    return np.maximum(low, (first + last) / 2 - half), np.minimum(high, (first + last) / 2 + half)


def choose_bottom(result, weight, window):
    """The depth (km) down to which sections go: below nearly all of the weight and below the sources; between a quarter and 0.7 of
    the window's width."""
    depth, span = result.top - result.centre[:, -1], (window[1] - window[0]).max()
    order = np.argsort(depth)
    share = np.cumsum(weight[order])
    wanted = 1.3 * depth[order][np.searchsorted(share, 0.97 * share[-1])] if share[-1] > 0 else 0.5 * span
    for mask in result.sources.values():
        if mask.any() and (source := result.top - result.lower[mask, -1].min()) < 0.9 * depth.max():
            wanted = max(wanted, 1.15 * source)
    return min(np.clip(wanted, 0.25 * span, 0.7 * span), result.top - result.lower[:, -1].min())


def choose_depths(z, weight, n):
    """z in the middle of n mesh layers, from the top down, that share the weight evenly."""
    layers, layer = np.unique(np.round(z, 6), return_inverse=True)
    total = np.bincount(layer, weight)
    if not total.sum() > 0:
        total = np.ones(len(layers))
    share = np.cumsum(total) / total.sum()
    chosen = {int(np.searchsorted(share, (k + 0.5) / n)) for k in range(n)}
    for k in np.argsort(-total):
        if len(chosen) < n:
            chosen.add(int(k))
    return [float(layers[k]) for k in sorted(chosen, reverse=True)]


def strongest_places(centre, change, volume, low, high):
    """Where the change, averaged over a twentieth of the view, is largest; and where it is largest with the other sign, or the first
    place once more if that is much weaker. The places are centres of cells, in the middle of those that changed most."""
    inside = np.all((centre >= low) & (centre <= high), axis=1) & np.isfinite(change)
    centre, change, volume = centre[inside], change[inside], volume[inside]
    bins = [20] * (centre.shape[1] - 1) + [12]
    mean, edges = np.histogramdd(centre, bins, list(zip(low, high)), weights=change * volume)
    for axis in (*range(mean.ndim), *range(mean.ndim)):
        mean = np.apply_along_axis(np.convolve, axis, mean, [0.25, 0.5, 0.25], "same")
    places, first = [], np.abs(mean).argmax()
    sign = np.sign(mean.flat[first]) or 1
    second = (-sign * mean).argmax()
    if -sign * mean.flat[second] < 0.3 * abs(mean.flat[first]):
        second = first
    for bin_, s in ((first, sign), (second, sign if second == first else -sign)):
        index = np.unravel_index(bin_, mean.shape)
        middle = np.array([(e[i] + e[i + 1]) / 2 for e, i in zip(edges, index)])
        distance = np.abs(centre - middle) / [e[1] - e[0] for e in edges]
        distance = distance.max(axis=1)
        near = np.where(distance <= max(3, distance.min()), s * change, -np.inf)
        best = np.flatnonzero(near >= near.max() - 0.1 * abs(near.max()))
        places.append(centre[best[np.linalg.norm(centre[best] - centre[best].mean(axis=0), axis=1).argmin()]])
    return places


def cut(vertices, axis, position):
    """Cells that a plane cuts and their polygons in it (n x 6 x 2). A plane on faces cuts the cells below them alone, whatever
    the rounding of their vertices."""
    distance = vertices[..., axis] - position
    distance += 1e-9 * np.abs(distance).max()
    above = distance >= 0
    cells = np.flatnonzero(above.any(axis=1) & ~above.all(axis=1))
    corners, distance, above = vertices[cells], distance[cells], above[cells]
    a, b = EDGES.T
    crossed = above[:, a] != above[:, b]
    with np.errstate(divide="ignore", invalid="ignore"):
        t = distance[:, a] / (distance[:, a] - distance[:, b])
        points = corners[:, a] + t[..., None] * (corners[:, b] - corners[:, a])
    points = np.where(crossed[..., None], points, np.nan)[..., [k for k in range(3) if k != axis]]
    spokes = points - np.nanmean(points, axis=1, keepdims=True)
    order = np.argsort(np.arctan2(spokes[..., 1], spokes[..., 0]), axis=1)[:, :6]  # NaN comes last
    polygons = np.take_along_axis(points, order[..., None], axis=1)
    return cells, np.where(np.isnan(polygons), polygons[:, :1], polygons)
