"""The years of the datasets, as bars."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from abz.report.results import Results, records
from abz.report.style import COLOURS, PAGE_INCHES, axes_grid, legend_below

__all__ = ["years_figure"]

ACCESS = {
    "open": ("open to anyone", COLOURS["gpp"]),
    "earthdata": ("account of NASA Earthdata", COLOURS["fine"]),
    "cds": ("account of the Climate Data Store", COLOURS["coarse"]),
    "local": ("on disk only", COLOURS["quiet"]),
}
"""Access to its words and colour."""

FIRST_SHOWN = 1950
"""Year at which the axis begins; longer bars are cut there."""


def years_figure(results: Results) -> Figure | None:
    """A bar for each dataset that has years, with gaps where it has none.

    Parameters
    ----------
    results : Results
        With the table `catalog`.

    Returns
    -------
    matplotlib.figure.Figure or None
        None if the run has no catalog.

    Examples
    --------
    >>> years_figure(Results(name="empty")) is None
    True
    """
    table = results.tables.get("catalog")
    if table is None or table["first_year"].isna().all():
        return None
    table = table.dropna(subset=["first_year"]).sort_values(
        ["first_year", "last_year", "name"], ascending=False, ignore_index=True
    )
    figure, (axes,) = axes_grid(1, 1, PAGE_INCHES, 0.6 + 0.2 * len(table))
    for row, dataset in enumerate(records(table)):
        words, colour = ACCESS[dataset.access]
        first = dataset.access not in set(table["access"][:row])
        axes.broken_barh(
            _spans(dataset), (row - 0.32, 0.64), color=colour, label=words if first else None
        )
    axes.set_yticks(range(len(table)), table["name"])
    axes.set_ylim(-0.7, len(table) - 0.3)
    axes.set_xlim(FIRST_SHOWN, int(table["last_year"].max()) + 1)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=9, integer=True))
    axes.grid(False, axis="y")
    legend_below(figure, axes, 2)
    return figure


def _spans(dataset: pd.Series) -> list[tuple[int, int]]:
    """Begin and length of each run of years without a gap."""
    absent = {int(year) for year in dataset.absent_years.split()}
    spans: list[tuple[int, int]] = []
    for year in range(max(int(dataset.first_year), FIRST_SHOWN), int(dataset.last_year) + 1):
        if year in absent:
            continue
        if spans and sum(spans[-1]) == year:
            spans[-1] = (spans[-1][0], spans[-1][1] + 1)
        else:
            spans.append((year, 1))
    return spans
