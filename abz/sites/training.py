"""The training table: each site-month with the predictors of the cell that holds the site."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from abz.grid import Grid
from abz.harmonise import predictor_block
from abz.validation import check_columns, check_variables
from abz.vocabulary import FLUXES

__all__ = ["MAX_CELLS", "locate_sites", "training_table"]

MAX_CELLS = 1.5
"""How far from a site, in cells, its cell's centre may lie if its own cell is not in the domain."""

COLUMNS = [
    "site", "latitude", "longitude", "year", "month", "flux_method", "disturbance", "biome"
]  # fmt: skip

PLACE = ["row", "column", "distance", "own_cell"]
"""Which cell stands for a site, and how it came to it."""


def locate_sites(sites: pd.DataFrame, domain: xr.DataArray, max_cells: float) -> pd.DataFrame:
    """The cell of each site.

    Parameters
    ----------
    sites : pandas.DataFrame
        `latitude`, `longitude`, degrees.
    domain : xarray.DataArray (y, x)
        1 in cells of the domain; with the coordinates of its grid.
    max_cells : float
        Largest distance to the centre of a cell other than the site's own, in cells.

    Returns
    -------
    pandas.DataFrame
        With `row`, `column` (−1 where no cell is near enough), `distance` from the site to the
        cell's centre, m, and `own_cell`: whether it is the cell that holds the site, and not the
        nearest one of the domain in its place.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> grid = polar_grid(1e6)
    >>> domain = xr.DataArray(np.ones(grid.shape), dims=("y", "x"), coords=grid.coords())
    >>> found = locate_sites(pd.DataFrame({"latitude": [61.8], "longitude": [24.3]}), domain, 1.5)
    >>> found[["row", "column"]].values.tolist()
    [[7, 6]]
    """
    grid = Grid.of(domain)
    inside = domain.values == 1
    x, y = grid.from_lonlat(sites["longitude"].to_numpy(), sites["latitude"].to_numpy())
    row, column = grid.cell_of(x, y)
    own = (row >= 0) & inside[row, column]
    for site in np.flatnonzero(~own):
        row[site], column[site] = _nearest(inside, grid, x[site], y[site])
    distance = np.hypot(x - grid.x[column], y - grid.y[row])
    far = ~own & (distance > max_cells * grid.transform.a)
    return sites.assign(
        row=np.where(far, -1, row),
        column=np.where(far, -1, column),
        distance=distance,
        own_cell=own,
    )


def _nearest(inside: np.ndarray, grid: Grid, x: float, y: float) -> tuple[int, int]:
    """Row and column of the cell of a domain whose centre is nearest to a point, m.

    Of each row only the first cells to the east and west of the point are looked at, so that a map
    of any size needs no list of its cells.
    """
    split = int(np.searchsorted(grid.x, x))
    rows = np.arange(inside.shape[0])
    best, place = np.inf, (-1, -1)
    for side, step in ((inside[:, :split][:, ::-1], -1), (inside[:, split:], 1)):
        if not side.shape[1]:
            continue
        first = side.argmax(axis=1)
        columns = (split - 1 - first) if step < 0 else (split + first)
        away = np.hypot(x - grid.x[columns], y - grid.y)
        away[~side[rows, first]] = np.inf
        row = int(away.argmin())
        if away[row] < best:
            best, place = float(away[row]), (row, int(columns[row]))
    return place


def training_table(
    site_months: pd.DataFrame,
    cube: xr.Dataset,
    domain: xr.DataArray,
    predictors: Sequence[str],
    max_cells: float = MAX_CELLS,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Site-months within the years of a cube, with its predictors.

    Parameters
    ----------
    site_months : pandas.DataFrame
        Screened site-months.
    cube : xarray.Dataset
        The predictor cube of a model set.
    domain : xarray.DataArray (y, x)
        1 in cells of the domain.
    predictors : sequence of str
        Names, `month` among them.
    max_cells : float, optional
        See `locate_sites`.

    Returns
    -------
    tuple of pandas.DataFrame = (table, log)
        The table: site, latitude, longitude, year, month, flux_method, disturbance, biome, row,
        column, distance (m), own_cell, the fluxes, the predictors (float32, NaN is missing; month
        int64); in the order of `site_months`. The log: rule, rows, sites of what was left out.

    Raises
    ------
    InputError
        If a column is missing.
    MissingDataError
        If the cube lacks a predictor.

    Notes
    -----
    A row with a missing predictor stays: which rows are complete depends on the flux.
    """
    check_columns(site_months, [*COLUMNS, *FLUXES], "the site table")
    mapped = [name for name in predictors if name != "month"]
    check_variables(cube, mapped, "the cube")
    first, last = cube["time"].values[[0, -1]].astype("datetime64[Y]").astype(int) + 1970
    rows = site_months[site_months["year"].between(first, last)]
    log = [_entry(f"year is not {first} to {last}", site_months, rows)]
    places = rows[["site", "latitude", "longitude"]].drop_duplicates()
    cells = locate_sites(places, domain, max_cells)
    rows = rows.merge(cells, on=["site", "latitude", "longitude"], how="left", validate="m:1")
    near = rows[rows["row"] >= 0].reset_index(drop=True)
    log.append(_entry(f"no cell of the domain within {max_cells:g} cells", rows, near))
    sampled = _sample(near, cube, mapped)
    table = near[[*COLUMNS, *PLACE, *FLUXES]].join(sampled)
    return table, pd.DataFrame(log)


def _entry(rule: str, before: pd.DataFrame, after: pd.DataFrame) -> dict[str, object]:
    """Rows and sites that a rule costs."""
    sites = before["site"].nunique() - after["site"].nunique()
    return {"rule": rule, "rows": len(before) - len(after), "sites": sites}


def _sample(rows: pd.DataFrame, cube: xr.Dataset, predictors: list[str]) -> pd.DataFrame:
    """Predictors of each row, through the block that the maps are made from."""
    values = np.full((len(rows), len(predictors)), np.nan, dtype=np.float32)
    months = pd.to_datetime(rows[["year", "month"]].assign(day=1)).to_numpy("datetime64[M]")
    cells, cell = np.unique(rows[["row", "column"]].to_numpy(), axis=0, return_inverse=True)
    # The cells side by side make a cube one row high; nothing else of the maps is read.
    at_sites = {"y": ("cell", cells[:, 0]), "x": ("cell", cells[:, 1])}
    strip = cube[predictors].isel(at_sites).load().drop_vars(["y", "x"])
    strip = xr.Dataset(
        {n: v.expand_dims("y", -2) if "cell" in v.dims else v for n, v in strip.items()}
    )
    strip = strip.rename(cell="x")
    for position in range(len(cells)):
        members = np.flatnonzero(cell.ravel() == position)
        window = slice(0, 1), slice(position, position + 1)
        block = predictor_block(strip, months[members], *window, predictors)
        values[members] = block[:, 0, 0]
    return pd.DataFrame(values, columns=predictors, index=rows.index)
