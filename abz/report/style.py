"""One look for all figures: size, type, colours that colour-blind readers tell apart, saving."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abz.report.results import Results

__all__ = [
    "COLOURS",
    "PAGE_INCHES",
    "WORDS",
    "axes_grid",
    "house_style",
    "legend_below",
    "mark",
    "save_figure",
]

COLOURS = MappingProxyType(
    {
        "fine": "#0072B2",
        "coarse": "#E69F00",
        "nee_fire": "#D55E00",
        "fire": "#D55E00",
        "nee": "#0072B2",
        "gpp": "#009E73",
        "reco": "#CC79A7",
        "boreal": "#117733",
        "tundra": "#88CCEE",
        "quiet": "#8A8F98",
        "ink": "#22262B",
    }
)
"""The palette of Okabe and Ito, by what it stands for."""

WORDS = MappingProxyType(
    {
        "monthly": "g C m$^{-2}$ month$^{-1}$",
        "annual": "g C m$^{-2}$ yr$^{-1}$",
        "trend": "g C m$^{-2}$ yr$^{-1}$ per yr",
        "budget": "Tg C yr$^{-1}$",
    }
)
"""Units as they stand on axes."""

mpl.use("Agg")

PAGE_INCHES = 7.8
"""Width of a figure; a page shows it about 750 pixels wide, so that 8 points stay 11 pixels."""

BAND_INCHES = 0.34
"""Height of the band in which a figure says that its data are synthetic."""

BADGE_INCHES = 0.07
"""Distance of the words in that band from the edges: the padding of their box and a little."""

_STYLE: dict[Any, Any] = {
    "figure.dpi": 120,
    "savefig.dpi": 150,
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9,
    "axes.edgecolor": "#8A8F98",
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": "#E3E6EA",
    "grid.linewidth": 0.6,
    "xtick.color": "#4A4F57",
    "ytick.color": "#4A4F57",
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "image.interpolation": "nearest",
    "axes.unicode_minus": True,
}


@contextmanager
def house_style() -> Iterator[None]:
    """All figures drawn and saved inside have one look.

    Examples
    --------
    >>> with house_style():
    ...     mpl.rcParams["axes.titlelocation"]
    'left'
    """
    with mpl.rc_context(_STYLE):
        yield


def axes_grid(
    rows: int, columns: int, width: float, height: float, **options: Any
) -> tuple[Figure, list[Axes]]:
    """A figure and its axes, row by row; inside `house_style` it has the house style.

    Examples
    --------
    >>> figure, axes = axes_grid(1, 2, 6.0, 3.0)
    >>> len(axes)
    2
    >>> plt.close(figure)
    """
    figure, axes = plt.subplots(
        rows, columns, figsize=(width, height), squeeze=False, layout="constrained", **options
    )
    return figure, list(axes.ravel())


def mark(figure: Figure, results: Results) -> Figure:
    """The figure, made higher by a band that says where its data come from, if synthetic."""
    if results.synthetic:
        width, height = figure.get_size_inches()
        height += BAND_INCHES
        figure.set_figheight(height)
        band = BAND_INCHES / height
        figure.set_layout_engine("constrained", rect=(0, 0, 1, 1 - band))
        figure.text(
            1 - BADGE_INCHES / width, 1 - BADGE_INCHES / height, "synthetic data", ha="right",
            va="top", fontsize=8, color="white", fontweight="bold", zorder=10,
            bbox={"facecolor": "#B2182B", "edgecolor": "none", "boxstyle": "round,pad=0.3"},
        )  # fmt: skip
    return figure


def legend_below(figure: Figure, axes: Axes, columns: int) -> None:
    """One legend for all panels, under them."""
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc="outside lower center", ncols=columns, frameon=False)


def save_figure(figure: Figure, path: Path) -> Path:
    """Write a PNG whose bytes depend on nothing but the figure.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> figure, _ = axes_grid(1, 1, 2.0, 2.0)
    >>> with TemporaryDirectory() as folder:
    ...     save_figure(figure, Path(folder) / "empty.png").stat().st_size > 0
    True
    """
    figure.savefig(path, format="png", metadata={"Software": None})
    plt.close(figure)
    return path
