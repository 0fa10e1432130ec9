"""Maps of applicability: a window of the cube measured, and the empty maps it is written into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import dask.array as dask_array
import numpy as np
import xarray as xr

from abz.applicability.area import UNKNOWN, Applicability
from abz.applicability.clusters import Clusters
from abz.applicability.environment import annual_means, climatological_year
from abz.applicability.mess import similarity
from abz.grid.geometry import Grid
from abz.modelling.forest import FluxForest
from abz.vocabulary import MONTHS

__all__ = ["Judges", "applicability_template", "window_maps"]


@dataclass(frozen=True, eq=False)
class Judges:
    """Everything that a place is compared with.

    Parameters
    ----------
    forests : mapping of {flux: FluxForest}
        Central forests: they encode the predictors.
    areas : mapping of {flux: Applicability}
        Fitted to the training rows of each.
    predictors : tuple of str (p,)
        Those of the annual means, none a category.
    reference : numpy.ndarray (sites, p)
        Annual means at the sites.
    clusters : Clusters
        Fitted to annual means of the map.
    """

    forests: Mapping[str, FluxForest]
    areas: Mapping[str, Applicability]
    predictors: tuple[str, ...]
    reference: np.ndarray
    clusters: Clusters

    @property
    def needed(self) -> tuple[str, ...]:
        """All predictors that anything here looks at."""
        names = [name for forest in self.forests.values() for name in forest.predictors]
        return tuple(dict.fromkeys([*names, *self.predictors]))


def window_maps(
    cube: xr.Dataset,
    rows: slice,
    columns: slice,
    domain: np.ndarray,
    judges: Judges,
    *,
    workers: int = 1,
) -> dict[str, np.ndarray]:
    """Maps of a window of the cube.

    Parameters
    ----------
    cube : xarray.Dataset
        Predictor cube.
    rows, columns : slice
        Window of the grid.
    domain : numpy.ndarray of bool (ny, nx)
        Cells of the window that belong to the study.
    judges : Judges
        What the cells are compared with.
    workers : int, optional
        Threads; the result does not depend on them.

    Returns
    -------
    dict of {str: numpy.ndarray}
        `dissimilarity` float32, `inside` int8, `density` int32 (flux, 12, ny, nx) of the
        climatological year; `mess` float32, `most_dissimilar` int8, `cluster` int8 (ny, nx) of its
        annual means. NaN or −1 outside the domain and where a predictor is missing.
    """
    names = judges.needed
    year = climatological_year(cube, rows, columns, names)[:, domain]
    maps = _empty((len(judges.areas), len(MONTHS)), domain.shape)
    for number, (flux, area) in enumerate(judges.areas.items()):
        forest = judges.forests[flux]
        table = year[..., [names.index(name) for name in forest.predictors]]
        encoded = forest.encode(table.reshape(-1, table.shape[-1]))
        close = area.measure(encoded, workers=workers)
        for name in ("dissimilarity", "inside", "density"):
            maps[name][number][:, domain] = getattr(close, name).reshape(table.shape[:2])
    means = annual_means(year[..., [names.index(name) for name in judges.predictors]])
    maps["mess"][domain], maps["most_dissimilar"][domain] = similarity(judges.reference, means)
    maps["cluster"][domain] = judges.clusters.assign(means)
    return maps


def applicability_template(judges: Judges, grid: Grid, tile: int) -> xr.Dataset:
    """The maps of a whole grid without a value, lazily, with all that describes them.

    Parameters
    ----------
    judges : Judges
        Gives the fluxes, their thresholds and the predictors.
    grid : Grid
        Of the maps.
    tile : int
        Edge of the tiles that are stored together, cells.

    Returns
    -------
    xarray.Dataset
        As `window_maps`, with `threshold` and `mean_distance` (flux).
    """
    ny, nx = grid.shape
    lead = (len(judges.areas), len(MONTHS))
    dims = ("flux", "month", "y", "x")
    attributes = _attributes(judges.predictors)
    maps = {}
    for name, small in _empty(lead, (1, 1)).items():
        shape = (*small.shape[:-2], ny, nx)
        chunks = (1, len(MONTHS), min(tile, ny), min(tile, nx))[-len(shape) :]
        fill = small.ravel()[0]
        lazy = dask_array.full(shape, fill, dtype=small.dtype, chunks=chunks)
        described = {"grid_mapping": "spatial_ref", **attributes[name]}
        maps[name] = (dims[-len(shape) :], lazy, described)
    dataset = xr.Dataset(maps, coords=grid.coords())
    for name in ("threshold", "mean_distance"):
        values = np.array([getattr(area, name) for area in judges.areas.values()])
        dataset[name] = ("flux", values, attributes[name])
    month = ("month", np.array(MONTHS), {"units": "1", "long_name": "calendar month"})
    return dataset.assign_coords(flux=("flux", list(judges.areas)), month=month)


def _empty(lead: Sequence[int], shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Maps without a value; `lead` is the length of flux and month."""
    whole = (*lead, *shape)
    return {
        "dissimilarity": np.full(whole, np.nan, np.float32),
        "inside": np.full(whole, UNKNOWN, np.int8),
        "density": np.full(whole, UNKNOWN, np.int32),
        "mess": np.full(shape, np.nan, np.float32),
        "most_dissimilar": np.full(shape, -1, np.int8),
        "cluster": np.full(shape, -1, np.int8),
    }


def _attributes(predictors: Sequence[str]) -> dict[str, dict[str, object]]:
    """What each variable says of itself."""
    names = {
        "dissimilarity": "dissimilarity index of the climatological year to the training rows",
        "inside": "area of applicability: 1 inside, 0 outside, -1 unknown",
        "density": "training rows within the threshold of dissimilarity; -1 unknown",
        "mess": "multivariate environmental similarity of the annual means to those of the sites",
        "most_dissimilar": "predictor of the smallest similarity; -1 unknown",
        "cluster": "cluster of like environments, that of most fitted cells first; -1 unknown",
        "threshold": "largest dissimilarity inside the area of applicability",
        "mean_distance": "mean distance between training rows in the weighted space",
    }
    described: dict[str, dict[str, object]] = {
        name: {"units": "1", "long_name": text} for name, text in names.items()
    }
    described["mean_distance"]["units"] = "g C m-2 month-1"
    described["inside"] |= {"flag_values": [-1, 0, 1], "flag_meanings": "unknown outside inside"}
    described["most_dissimilar"] |= {
        "flag_values": list(range(len(predictors))),
        "flag_meanings": " ".join(predictors),
    }
    return described
