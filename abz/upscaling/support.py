"""What a flux rests on in each cell: a level that the forests have seen, one of its kin, or none.

A level of a category that no training row holds follows the policy with which the forest was
fitted: the nearest seen level of its kin stands in, the cell has no flux, or the run stops.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import numpy as np
import xarray as xr

from abz.errors import CategoryError
from abz.grid.zonal import valid_area_quanta
from abz.units import AREA_QUANTUM
from abz.upscaling.engine import Ensemble, ZoneMaps
from abz.vocabulary import PREDICTORS, ZONE_SETS

__all__ = [
    "NO_LEVEL",
    "SUPPORT",
    "label_levels",
    "level_answer",
    "mapped_categories",
    "window_support",
]

SUPPORTED, POOLED, UNSUPPORTED = 0, 1, 2
NO_LEVEL = -1
"""Code of a level that is not there."""

SUPPORT = MappingProxyType(
    {NO_LEVEL: "unknown", SUPPORTED: "supported", POOLED: "pooled", UNSUPPORTED: "unsupported"}
)
"""State of a cell or level, and its name."""

Level = tuple[str, int]
"""Predictor and code."""


def mapped_categories(predictors: Iterable[str]) -> tuple[str, ...]:
    """Those predictors that are maps of unordered codes.

    Examples
    --------
    >>> mapped_categories(["month", "vegetation", "lst"])
    ('vegetation',)
    """
    return tuple(p for p in predictors if p in PREDICTORS and PREDICTORS[p].cadence == "category")


def level_answer(ensemble: Ensemble, level: Level) -> tuple[int, int]:
    """What the forests of a flux do with a level.

    Parameters
    ----------
    ensemble : Ensemble
        Central forest and members.
    level : tuple of (str, int)
        Predictor and code.

    Returns
    -------
    tuple of int = (state, stand_in)
        0 if every forest that looks at the predictor has seen the level; 1 if another level stands
        in in some of them; 2 if one has no answer, so that cells with the level have no flux. The
        level that stands in, in the central forest or else in the first member that needs one; −1
        where none does.
    """
    name, code = level
    lacking = [f for f in ensemble.forests if name in f.levels and code not in f.levels[name]]
    pooled = [f.pooled[name][code] for f in lacking if code in f.pooled.get(name, {})]
    if len(pooled) < len(lacking):
        return UNSUPPORTED, NO_LEVEL
    return (POOLED, pooled[0]) if pooled else (SUPPORTED, NO_LEVEL)


def window_support(
    ensembles: Mapping[str, Ensemble], codes: Mapping[str, np.ndarray], zones: ZoneMaps
) -> tuple[np.ndarray, dict[Level, np.ndarray]]:
    """What the fluxes of a window rest on.

    Parameters
    ----------
    ensembles : mapping of {flux: Ensemble}
        Forests.
    codes : mapping of {predictor: numpy.ndarray of int (y, x)}
        Levels of each category; −1 where missing.
    zones : ZoneMaps (y, x)
        Domain, area and atoms of the window.

    Returns
    -------
    tuple = (state, extent)
        int8 (flux, y, x), the largest of `level_answer` over the categories, −1 outside the domain
        and where all are missing; int64 (2, atom) of each level that is there: area in quanta of
        `units.AREA_QUANTUM`, and cells. Extents of windows add up to those of the map.

    Raises
    ------
    CategoryError
        If a forest was fitted with `unseen="error"` and has no answer to a level; it is named.
    """
    state = np.full((len(ensembles), *zones.domain.shape), NO_LEVEL, np.int8)
    extent = {}
    for name, layer in codes.items():
        for code in np.unique(layer[zones.domain & (layer > NO_LEVEL)]).tolist():
            here = zones.domain & (layer == code)
            answers = [level_answer(ensemble, (name, code))[0] for ensemble in ensembles.values()]
            _refuse(ensembles, answers, (name, code))
            state[:, here] = np.maximum(state[:, here], np.array(answers, np.int8)[:, None])
            extent[name, int(code)] = _extent(here, zones)
    return state, extent


def label_levels(
    ensembles: Mapping[str, Ensemble], extent: Mapping[Level, np.ndarray]
) -> xr.Dataset:
    """All levels of the map with what stands behind them, as a dataset.

    Parameters
    ----------
    ensembles : mapping of {flux: Ensemble}
        Forests.
    extent : mapping of {(predictor, code): numpy.ndarray of int64 (2, atom)}
        Of the whole map, as `window_support` gives it; at least one level.

    Returns
    -------
    xarray.Dataset
        `level_support` and `stand_in` (flux, level), `level_area` and `level_cells`
        (level, atom_id), with `level_predictor` and `level_code` along `level`, in their order.
    """
    levels = sorted(extent)
    answers = [[level_answer(ensemble, lev) for lev in levels] for ensemble in ensembles.values()]
    answer = np.array(answers, np.int16)
    area, cells = np.stack([extent[level] for level in levels], axis=1)
    states = {
        "long_name": "what the flux rests on where the level is",
        "flag_values": list(SUPPORT),
        "flag_meanings": " ".join(SUPPORT.values()),
    }
    stands = {"long_name": f"level that stands in for an unseen one; {NO_LEVEL} where none does"}
    quanta = {"units": f"{AREA_QUANTUM!r} m2", "scale": AREA_QUANTUM}
    return xr.Dataset(
        {
            "level_support": (("flux", "level"), answer[..., 0].astype(np.int8), states),
            "stand_in": (("flux", "level"), answer[..., 1], stands),
            "level_area": (
                ("level", "atom_id"),
                area,
                {"long_name": "area of the atom with the level, in whole quanta", **quanta},
            ),
            "level_cells": (
                ("level", "atom_id"),
                cells,
                {"long_name": "cells of the atom with the level", "units": "1"},
            ),
        },
        coords={
            "flux": list(ensembles),
            "level_predictor": ("level", [name for name, _ in levels]),
            "level_code": ("level", np.array([code for _, code in levels], np.int16)),
        },
    )


def _extent(here: np.ndarray, zones: ZoneMaps) -> np.ndarray:
    """Area in quanta, and cells, of the marked cells in each atom: (2, atom)."""
    marked = np.where(here, np.float32(1), np.float32(np.nan))
    return np.stack(
        [
            valid_area_quanta(marked, zones.area, zones.atom, zones.n_atoms),
            valid_area_quanta(marked, np.ones(here.shape), zones.atom, zones.n_atoms, quantum=1.0),
        ]
    )


def _refuse(ensembles: Mapping[str, Ensemble], answers: list[int], level: Level) -> None:
    """Stop where a forest wants every level to have been seen."""
    stuck = [
        flux
        for (flux, ensemble), answer in zip(ensembles.items(), answers, strict=True)
        if answer == UNSUPPORTED and any(f.unseen == "error" for f in ensemble.forests)
    ]
    if stuck:
        name, code = level
        words = ZONE_SETS[name].get(code, "undeclared") if name in ZONE_SETS else "unnamed"
        raise CategoryError(
            f"the map holds a level of {name} that no training row holds",
            rule='[forest] unseen = "error": every level of the map is in the training table',
            value=f"{code} ({words}), for {', '.join(stuck)}",
            remedy='set unseen = "pool" or "missing", or leave these cells out of the domain',
        )
