"""Maps on the study's own projection: the field, the outline of the land, graticule, scale bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, Colormap, ListedColormap, Normalize
from matplotlib.image import AxesImage
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from abz.grid import Grid, polar_grid

__all__ = [
    "CLASS_COLOURS", "UNKNOWN_LABEL", "draw_classes", "draw_field", "polar_view", "prepare_axes",
    "round_limit", "stipple",
]  # fmt: skip

LARGEST_SIDE = 1200
"""Cells along the longer side of a drawn map; finer maps are thinned."""

CLASS_COLOURS = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9",
    "#D55E00", "#F0E442", "#999933", "#882255",
)  # fmt: skip

_UNKNOWN, _OUTLINE, _LINES = "#9AA0A8", "#5B6068", "#B8BEC6"

UNKNOWN_LABEL = "land without a value"


def polar_view(layer: xr.DataArray) -> xr.DataArray:
    """The layer itself, or, if it is in longitude and latitude, its nearest cells seen from above.

    Parameters
    ----------
    layer : xarray.DataArray (y, x)
        With the coordinates of its grid.

    Returns
    -------
    xarray.DataArray (y, x)
        On a polar grid; NaN, or −1 for classes, off the layer's grid.
    """
    grid = Grid.of(layer)
    if not grid.is_lonlat:
        return layer
    view = polar_grid(50_000)
    lon, lat = view.lonlat()
    rows, columns = grid.index(lon.ravel(), lat.ravel())
    outside = -1 if layer.dtype.kind == "i" else np.nan
    values = np.where(rows >= 0, layer.values[rows, columns], outside).reshape(view.shape)
    return xr.DataArray(values, dims=("y", "x"), coords=view.coords(), attrs=layer.attrs)


def _thinned(layer: xr.DataArray) -> xr.DataArray:
    step = -(-max(layer.sizes["y"], layer.sizes["x"]) // LARGEST_SIDE)
    return layer[::step, ::step]


def _extent(grid: Grid) -> tuple[float, float, float, float]:
    west, south, east, north = grid.bounds
    return west, east, south, north


def prepare_axes(
    axes: Axes, grid: Grid, domain: xr.DataArray | None, colour: str = _UNKNOWN
) -> None:
    """Empty map: the domain with its outline, parallels, meridians, a scale bar.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where to draw.
    grid : Grid
        Grid of the map.
    domain : xarray.DataArray (y, x), optional
        True, or above zero, inside the domain.
    colour : str, optional
        Of the domain; grey, which no field has, by default.
    """
    west, south, east, north = grid.bounds
    axes.set(aspect="equal", xlim=(west, east), ylim=(south, north), xticks=[], yticks=[])
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    _graticule(axes, grid)
    if domain is not None:
        inside = (_thinned(domain) > 0).astype(float)
        background = np.where(inside.values > 0, 1.0, np.nan)
        land = ListedColormap([colour])
        axes.imshow(background, extent=_extent(grid), origin="upper", cmap=land, zorder=1)
        axes.contour(
            inside["x"],
            inside["y"],
            inside.values,
            [0.5],
            colors=_OUTLINE,
            linewidths=0.5,
            zorder=4,
        )
    _scale_bar(axes, grid)


def _graticule(axes: Axes, grid: Grid) -> None:
    """Parallels every 10° from 50° N, meridians every 45°."""
    around = np.linspace(-180, 180, 361)
    for latitude in (50, 60, 70, 80):
        axes.plot(
            *grid.from_lonlat(around, np.full_like(around, latitude)),
            color=_LINES, linewidth=0.4, linestyle=(0, (4, 3)), zorder=0,
        )  # fmt: skip
        x, y = grid.from_lonlat(np.array([-20.0]), np.array([float(latitude)]))
        axes.text(
            x[0], y[0], f"{latitude}° N", fontsize=7, color="#3F444B", ha="center", va="center",
            zorder=8, clip_on=True, path_effects=[withStroke(linewidth=1.8, foreground="white")],
        )  # fmt: skip
    along = np.linspace(45, 88, 60)
    for longitude in range(-180, 180, 45):
        axes.plot(
            *grid.from_lonlat(np.full_like(along, longitude), along),
            color=_LINES, linewidth=0.4, zorder=0,
        )  # fmt: skip


def _scale_bar(axes: Axes, grid: Grid, length: float = 2.0e6) -> None:
    west, south, east, north = grid.bounds
    x, y = west + 0.04 * (east - west), south + 0.04 * (north - south)
    axes.plot(
        [x, x + length], [y, y], color=_OUTLINE, linewidth=1.6, solid_capstyle="butt", zorder=6
    )
    axes.text(
        x + length / 2, y + 0.012 * (north - south), f"{length / 1e3:,.0f} km", fontsize=7.5,
        ha="center", va="bottom", color=_OUTLINE, zorder=6,
    )  # fmt: skip


def round_limit(values: np.ndarray, quantile: float = 0.98) -> float:
    """A round number that most of the absolute values stay below.

    Examples
    --------
    >>> round_limit(np.array([-47.0, 12.0, np.nan, 3.0]))
    50.0
    """
    known = np.abs(values[np.isfinite(values)])
    top = float(np.quantile(known, quantile)) if known.size else 1.0
    if top <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(top))
    steps = np.array([1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10])
    return float(steps[np.searchsorted(steps, top / power - 1e-9)] * power)


def draw_field(
    axes: Axes, layer: xr.DataArray, domain: xr.DataArray | None, title: str, label: str,
    *, cmap: str | Colormap = "BrBG_r", symmetric: bool = True, limit: float | None = None,
    norm: Normalize | None = None,
) -> AxesImage:  # fmt: skip
    """A continuous map with its colour bar.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where to draw.
    layer : xarray.DataArray (y, x)
        The field, with the coordinates of its grid.
    domain : xarray.DataArray (y, x), optional
        Above zero inside the domain.
    title, label : str
        Of the panel and of its colour bar.
    cmap : str or Colormap, optional
        Diverging around zero by default.
    symmetric : bool, optional
        Whether the colours are centred on zero; else they start there.
    limit : float, optional
        Largest absolute value shown; a round one by default.
    norm : matplotlib.colors.Normalize, optional
        From values to colours; it takes the place of `symmetric` and `limit`.

    Returns
    -------
    matplotlib.image.AxesImage
        The drawn field.
    """
    layer = polar_view(layer)
    grid = Grid.of(layer)
    inside = None if domain is None else polar_view(domain)
    prepare_axes(axes, grid, inside)
    shown = _thinned(layer).values.astype(float)
    if inside is not None and (np.isnan(shown) & (_thinned(inside).values > 0)).any():
        _name_unknown(axes)
    top = round_limit(shown) if limit is None else limit
    image = axes.imshow(
        shown, extent=_extent(grid), origin="upper", cmap=cmap, zorder=2,
        norm=Normalize(-top if symmetric else 0.0, top) if norm is None else norm,
    )  # fmt: skip
    ends = "both" if symmetric else "max"
    bar = axes.figure.colorbar(
        image, ax=axes, orientation="horizontal", shrink=0.72, aspect=32, pad=0.02,
        extend=ends if norm is None else None,
    )  # fmt: skip
    bar.set_label(label, fontsize=8.5)
    bar.ax.tick_params(labelsize=8)
    bar.outline.set_linewidth(0.4)
    axes.set_title(title)
    return image


def _name_unknown(axes: Axes) -> None:
    """Say what grey land is, in the upper right corner, above the ocean."""
    axes.legend(
        handles=[Patch(color=_UNKNOWN, label=UNKNOWN_LABEL)], loc="upper right", fontsize=7.5,
        handlelength=1.0, borderaxespad=0.0,
    )  # fmt: skip


def stipple(axes: Axes, where: xr.DataArray, most: int = 2500) -> None:
    """Dots on the cells that are true, thinned evenly where there are very many."""
    step = max(1, int(np.ceil(np.sqrt(where.size / (4.0 * most)))))
    thin = where[::step, ::step]
    rows, columns = np.nonzero(thin.values)
    axes.scatter(
        thin["x"].values[columns],
        thin["y"].values[rows],
        s=1.2,
        color="#111111",
        linewidths=0,
        zorder=3,
    )


def draw_classes(
    axes: Axes, layer: xr.DataArray, names: Mapping[int, str], title: str,
    colours: Sequence[str] = CLASS_COLOURS, *, domain: xr.DataArray | None = None,
    rest: str = UNKNOWN_LABEL,
) -> None:  # fmt: skip
    """A map of declared classes with a legend under it; −1 is outside or unknown.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where to draw.
    layer : xarray.DataArray (y, x) of int
        Codes of the classes.
    names : mapping of {int: str}
        Vocabulary of the map.
    title : str
        Of the panel.
    colours : sequence of str, optional
        In the order of the names.
    domain : xarray.DataArray (y, x), optional
        Above zero inside the domain; land of it without a class is grey. By default the land with
        a class.
    rest : str, optional
        What that land is called.
    """
    layer = polar_view(layer)
    grid = Grid.of(layer)
    inside = layer >= 0 if domain is None else polar_view(domain) > 0
    prepare_axes(axes, grid, inside)
    codes = _thinned(layer).values
    shown = np.full(codes.shape, np.nan)
    present = [code for code in names if (codes == code).any()]
    for place, code in enumerate(present):
        shown[codes == code] = place
    chosen = [colours[list(names).index(code) % len(colours)] for code in present]
    if present:
        norm = BoundaryNorm(np.arange(len(present) + 1) - 0.5, len(present))
        axes.imshow(
            shown,
            extent=_extent(grid),
            origin="upper",
            cmap=ListedColormap(chosen),
            norm=norm,
            zorder=2,
        )
    axes.set_title(title)
    handles = [
        Patch(color=colour, label=names[code]) for colour, code in zip(chosen, present, strict=True)
    ]
    if ((codes < 0) & _thinned(inside).values).any():
        handles.append(Patch(color=_UNKNOWN, label=rest))
    axes.legend(
        handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0.0), fontsize=7.5,
        ncols=len(handles) if 0 < len(handles) < 3 else 2, handlelength=1.0, columnspacing=1.0,
    )  # fmt: skip
