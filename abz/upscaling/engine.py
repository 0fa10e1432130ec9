"""Forests over a block of the map: central value, members' mean and SD, totals of every member.

A cell-month is predicted where it lies in the domain and every forest of every flux can predict it,
so all fluxes and members share one mask. Members are never kept: each adds to the running moments
and to the totals, and is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from abz.errors import InputError
from abz.grid.zonal import valid_area_quanta, zonal_quanta
from abz.modelling.categories import encode_levels
from abz.modelling.forest import FluxForest
from abz.upscaling.extrapolation import NO_FLUX, Range, count_flags, range_flags
from abz.upscaling.moments import RunningMoments

__all__ = ["BlockFluxes", "Ensemble", "ZoneMaps", "predict_block", "predict_windows"]

Window = tuple[slice, slice]

MAPS = ("central", "mean", "sd", "outside", "members")
"""What a part of a block holds of its own cells."""
SUMS = (
    "grams", "valid_area", "predicted", "unpredicted", "missing", "unseen", "outside_area",
    "outside_cells",
)  # fmt: skip
"""What the parts of a block add up to."""


@dataclass(frozen=True, eq=False)
class Ensemble:
    """The forests of one flux.

    Parameters
    ----------
    central : FluxForest
        Fitted to all rows.
    members : tuple of FluxForest
        Fitted to resampled rows.
    ranges : mapping of {str: Range}, optional
        Of the predictors over the training rows, from `training_ranges`; without them nothing is
        flagged as extrapolation.
    """

    central: FluxForest
    members: tuple[FluxForest, ...]
    ranges: Mapping[str, Range] = field(default_factory=dict)

    @property
    def forests(self) -> tuple[FluxForest, ...]:
        """All of them, the central one first."""
        return (self.central, *self.members)

    @property
    def reach(self) -> float:
        """No prediction of any forest is larger than this in size, g C m-2 month-1."""
        return max(_reach(forest) for forest in self.forests)


def _reach(forest: FluxForest) -> float:
    """Largest size of a prediction: the mean over the trees of each one's largest leaf.

    Of a quantile over the trees, the largest leaf of all.
    """
    first = np.concatenate([[0], np.cumsum(forest.feature < 0)])[forest.root[:-1]]
    largest = np.maximum.reduceat(np.abs(forest.leaf), first)
    return float(largest.mean() if forest.quantile is None else largest.max())


@dataclass(frozen=True, eq=False)
class ZoneMaps:
    """What totals need to know of each cell.

    Parameters
    ----------
    domain : numpy.ndarray of bool (y, x)
        Cells that belong to the study.
    area : numpy.ndarray (y, x)
        Land area, m2.
    atom : numpy.ndarray of int32 (y, x)
        Atom of each cell; −1 outside the domain.
    n_atoms : int
        Number of atoms.
    """

    domain: np.ndarray
    area: np.ndarray
    atom: np.ndarray
    n_atoms: int

    def window(self, rows: slice, columns: slice) -> ZoneMaps:
        """The same for a window of the map; atoms keep their numbers."""
        part = (rows, columns)
        return ZoneMaps(self.domain[part], self.area[part], self.atom[part], self.n_atoms)


@dataclass(frozen=True, eq=False)
class BlockFluxes:
    """Fluxes of a block, and its share of the totals.

    Parameters
    ----------
    central, mean, sd : numpy.ndarray of float32 (flux, time, y, x)
        Central forest, members' mean, members' sample SD, g C m-2 month-1; NaN where not predicted.
    grams : numpy.ndarray of int64 (flux, member, time, atom)
        Totals in quanta of `units.GRAM_QUANTUM`; member 0 is the central forest.
    valid_area : numpy.ndarray of int64 (time, atom)
        Predicted area in quanta of `units.AREA_QUANTUM`.
    predicted, unpredicted : numpy.ndarray of int64 (time,)
        Cells of the domain with and without a flux.
    missing : numpy.ndarray of int64 (time, predictor)
        Cells of the domain in which the predictor is missing.
    unseen : numpy.ndarray of int64 (time, predictor)
        Cells of the domain in which it holds a level to which a forest has no answer.
    outside : numpy.ndarray of int32 (flux, time, y, x)
        Which predictors lie outside the range of the training rows, see `range_flags`.
    outside_area : numpy.ndarray of int64 (flux, time, atom)
        Predicted area where one does, in quanta of `units.AREA_QUANTUM`.
    outside_cells : numpy.ndarray of int64 (flux, time, predictor)
        Predicted cells where this one does.
    members : numpy.ndarray of float32 (flux, member, time, y, x)
        The members' own maps; of no member unless they are kept.
    """

    central: np.ndarray
    mean: np.ndarray
    sd: np.ndarray
    grams: np.ndarray
    valid_area: np.ndarray
    predicted: np.ndarray
    unpredicted: np.ndarray
    missing: np.ndarray
    unseen: np.ndarray
    outside: np.ndarray
    outside_area: np.ndarray
    outside_cells: np.ndarray
    members: np.ndarray

    @classmethod
    def empty(
        cls,
        ensembles: Mapping[str, Ensemble],
        shape: tuple[int, ...],
        n_atoms: int,
        *,
        keep_members: bool = False,
    ) -> BlockFluxes:
        """Maps of NaN and totals of zero for a block of `shape` (time, y, x, predictor)."""
        steps, ny, nx, predictors = shape
        kept = (len(ensembles), keep_members * _members(ensembles), steps, ny, nx)
        forests = 1 + _members(ensembles)
        maps = (len(ensembles), steps, ny, nx)
        return cls(
            central=np.full(maps, np.nan, np.float32),
            mean=np.full(maps, np.nan, np.float32),
            sd=np.full(maps, np.nan, np.float32),
            grams=np.zeros((len(ensembles), forests, steps, n_atoms), np.int64),
            valid_area=np.zeros((steps, n_atoms), np.int64),
            predicted=np.zeros(steps, np.int64),
            unpredicted=np.zeros(steps, np.int64),
            missing=np.zeros((steps, predictors), np.int64),
            unseen=np.zeros((steps, predictors), np.int64),
            outside=np.full(maps, NO_FLUX, np.int32),
            outside_area=np.zeros((len(ensembles), steps, n_atoms), np.int64),
            outside_cells=np.zeros((len(ensembles), steps, predictors), np.int64),
            members=np.full(kept, np.nan, np.float32),
        )

    def put(self, part: BlockFluxes, rows: slice, columns: slice) -> None:
        """Write the maps of a part into their window, and add its totals."""
        for name in MAPS:
            getattr(self, name)[..., rows, columns] = getattr(part, name)
        for name in SUMS:
            getattr(self, name)[:] += getattr(part, name)


def predict_block(
    ensembles: Mapping[str, Ensemble],
    block: np.ndarray,
    predictors: Sequence[str],
    zones: ZoneMaps,
    *,
    workers: int = 1,
    keep_members: bool = False,
) -> BlockFluxes:
    """Fluxes and totals of one block.

    Parameters
    ----------
    ensembles : mapping of {flux: Ensemble}
        Forests; all fluxes have the same number of members.
    block : numpy.ndarray of float32 (time, y, x, predictor)
        Predictors in canonical units; categories as codes.
    predictors : sequence of str
        Names along the last dimension.
    zones : ZoneMaps (y, x)
        Domain, area and atoms of the block.
    workers : int, optional
        Threads; the result does not depend on them.
    keep_members : bool, optional
        Whether the members' own maps are returned too.

    Returns
    -------
    BlockFluxes
        Fluxes in the order of `ensembles`.

    Raises
    ------
    InputError
        If numbers of members differ, or a forest needs a predictor that the block lacks.
    CategoryError
        If a forest was fitted with `unseen="error"` and has no answer to a level.

    Notes
    -----
    Totals are made from float64 predictions, before the maps are rounded to float32.
    """
    _check_ensembles(ensembles, predictors)
    domain = zones.domain[None, :, :, None]
    missing = np.isnan(block) & domain
    unseen = _unanswered(ensembles, block, predictors) & domain & ~missing
    predicted = zones.domain[None] & ~(missing | unseen).any(axis=-1)
    result = BlockFluxes.empty(ensembles, block.shape, zones.n_atoms, keep_members=keep_members)
    result.missing[:] = missing.sum(axis=(1, 2))
    result.unseen[:] = unseen.sum(axis=(1, 2))
    result.predicted[:] = predicted.sum(axis=(1, 2))
    result.unpredicted[:] = (zones.domain & ~predicted).sum(axis=(1, 2))
    table, place = _alike(block, predicted, predictors, ensembles)
    field = np.full(predicted.shape, np.nan)
    for flux, ensemble in enumerate(ensembles.values()):
        moments = RunningMoments((len(table),))
        for member, forest in enumerate(ensemble.forests):
            rows = forest.encode(table[:, _columns(forest, predictors)])
            values = forest.predict_encoded(rows, workers=workers, alike=True)
            field.ravel()[place] = values
            result.grams[flux, member] = zonal_quanta(field, zones.area, zones.atom, zones.n_atoms)
            if member == 0:
                result.central[flux] = field
            else:
                moments.add(values)
                if keep_members:
                    result.members[flux, member - 1] = field
        for maps, values in ((result.mean, moments.mean), (result.sd, moments.sd)):
            maps[flux].ravel()[place] = values
        found = _flags(ensemble, block, predictors, predicted, zones)
        result.outside[flux], result.outside_area[flux], result.outside_cells[flux] = found
    result.valid_area[:] = valid_area_quanta(field, zones.area, zones.atom, zones.n_atoms)
    return result


def _flags(
    ensemble: Ensemble,
    block: np.ndarray,
    predictors: Sequence[str],
    predicted: np.ndarray,
    zones: ZoneMaps,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where a flux is asked beyond its training rows: flags, their area and their cells."""
    flags = range_flags(block, predictors, ensemble.ranges, predicted)
    marked = np.where(predicted & (flags > 0), np.float32(1), np.float32(np.nan))
    area = valid_area_quanta(marked, zones.area, zones.atom, zones.n_atoms)
    return flags, area, count_flags(flags, predictors)


def _alike(
    block: np.ndarray,
    predicted: np.ndarray,
    predictors: Sequence[str],
    ensembles: Mapping[str, Ensemble],
) -> tuple[np.ndarray, np.ndarray]:
    """The predicted cell-months as rows (n, p), like ones together, and where each belongs (n,).

    One order serves all forests: they are fitted to like rows, so they tell like rows apart.
    """
    table, place = block[predicted], np.flatnonzero(predicted)
    forest = next(iter(ensembles.values())).central
    order = forest.order(forest.encode(table[:, _columns(forest, predictors)]))
    return table[order], place[order]


def _columns(forest: FluxForest, predictors: Sequence[str]) -> list[int]:
    """Places of the forest's predictors."""
    return [list(predictors).index(name) for name in forest.predictors]


def predict_windows(
    ensembles: Mapping[str, Ensemble],
    read: Callable[[slice, slice], np.ndarray],
    predictors: Sequence[str],
    zones: ZoneMaps,
    *,
    windows: Iterable[Window],
    steps: int,
    workers: int = 1,
    keep_members: bool = False,
) -> BlockFluxes:
    """Fluxes and totals of a region, window after window, so that memory stays bounded.

    Parameters
    ----------
    ensembles, predictors
        As in `predict_block`.
    read : callable
        From rows and columns (slices inside the region) to the block of predictors.
    zones : ZoneMaps (y, x)
        Of the region.
    windows : iterable of (slice, slice)
        They cover the region once. How they cut it does not change the result.
    steps : int
        Months that `read` returns.
    workers, keep_members
        As in `predict_block`.

    Returns
    -------
    BlockFluxes
        Of the region.
    """
    shape = (steps, *zones.domain.shape, len(predictors))
    whole = BlockFluxes.empty(ensembles, shape, zones.n_atoms, keep_members=keep_members)
    for rows, columns in windows:
        part = zones.window(rows, columns)
        if part.domain.any():
            block = read(rows, columns)
            found = predict_block(
                ensembles, block, predictors, part, workers=workers, keep_members=keep_members
            )
            whole.put(found, rows, columns)
    return whole


def _members(ensembles: Mapping[str, Ensemble]) -> int:
    """Members of each flux."""
    return len(next(iter(ensembles.values())).members)


def _unanswered(
    ensembles: Mapping[str, Ensemble], block: np.ndarray, predictors: Sequence[str]
) -> np.ndarray:
    """Where a forest has no answer to the level of a predictor: (time, y, x, p)."""
    unseen = np.zeros(block.shape, bool)
    forests = [forest for ensemble in ensembles.values() for forest in ensemble.forests]
    for column, name in enumerate(predictors):
        known = [
            {*forest.levels[name], *forest.pooled.get(name, {})}
            for forest in forests
            if name in forest.levels and forest.unseen != "error"
        ]
        if known:
            shared = tuple(sorted(set.intersection(*known)))
            unseen[..., column] = _unseen(block[..., column], shared)
    return unseen


def _unseen(codes: np.ndarray, levels: tuple[int, ...]) -> np.ndarray:
    """Codes that are not among the levels."""
    if not levels:
        return np.ones(codes.shape, bool)
    return np.isnan(encode_levels(codes, levels))


def _check_ensembles(ensembles: Mapping[str, Ensemble], predictors: Sequence[str]) -> None:
    """Refuse ensembles of different size and predictors that are not there."""
    sizes = {flux: len(ensemble.members) for flux, ensemble in ensembles.items()}
    if len(set(sizes.values())) != 1:
        raise InputError(
            "the fluxes have different numbers of members",
            rule="every flux has the same number of members, and there is a flux",
            value=sizes,
            remedy="fit all fluxes with one configuration",
        )
    needed = {
        name
        for ensemble in ensembles.values()
        for forest in ensemble.forests
        for name in forest.predictors
    }
    if not needed <= set(predictors):
        raise InputError(
            "the block lacks predictors",
            rule=f"it holds {', '.join(sorted(needed))}",
            value=f"missing {', '.join(sorted(needed - set(predictors)))}",
            remedy="upscale with the model set that the forests were fitted for",
        )
