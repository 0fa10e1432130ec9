"""How the forests of a configured run are grown, wherever a stage grows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from abz.config import Config
from abz.modelling import Cases, FluxForest, bootstrap_members, derive_seed
from abz.vocabulary import FLUXES

__all__ = ["Unit", "flux_seed", "forest_options", "grow_members", "member_choice"]

Unit = Literal["row", "site"]


def flux_seed(config: Config, model_set: str, flux: str) -> int:
    """Seed from which all draws for one flux of one model set follow.

    Examples
    --------
    >>> sets = {"fine": {"cell_m": 4e5, "first_year": 2001, "last_year": 2020}}
    >>> config = Config(name="a", sets=sets)
    >>> flux_seed(config, "fine", "nee") == flux_seed(config, "fine", "gpp")
    False
    """
    return derive_seed(config.seed, model_set, flux)


def forest_options(config: Config) -> dict[str, Any]:
    """What all forests of a run share: engine, node size and the like, and threads.

    Examples
    --------
    >>> sets = {"fine": {"cell_m": 4e5, "first_year": 2001, "last_year": 2020}}
    >>> forest_options(Config(name="a", sets=sets))["node_size"]
    5
    """
    workers = max(1, config.workers // (max(1, len(config.sets)) * len(FLUXES)))
    shared = config.forest.model_dump(include={"engine", "quantile", "node_size", "unseen"})
    return {**shared, "workers": workers}


def member_choice(config: Config, unit: Unit) -> Literal["continuous", "all"]:
    """Predictors of the members: as configured, else those whose levels a resample keeps.

    Rows are drawn without regard to levels, so that the study leaves categories out; sites are
    drawn within the strata of the vegetation, and all predictors stay.

    Examples
    --------
    >>> sets = {"fine": {"cell_m": 4e5, "first_year": 2001, "last_year": 2020}}
    >>> member_choice(Config(name="a", sets=sets), "site")
    'all'
    """
    by_unit: Literal["continuous", "all"] = "continuous" if unit == "row" else "all"
    return config.forest.member_predictors or by_unit


def grow_members(
    config: Config,
    cases: Cases,
    predictors: Sequence[str],
    *,
    unit: Unit,
    trees: int,
    mtry: int,
    seed: int,
) -> Iterator[FluxForest]:
    """Bootstrap members of the run, of rows or of sites.

    Parameters
    ----------
    config : Config
        Of the run.
    cases : Cases
        Complete rows of the training table.
    predictors : sequence of str
        Columns of `cases.X`.
    unit : {"row", "site"}
        What is drawn; sites are drawn within the strata of their vegetation, where it is known.
    trees, mtry : int
        Of each member.
    seed : int
        Of the ensemble.
    """
    strata = cases.table["vegetation"].to_numpy() if "vegetation" in predictors else None
    return bootstrap_members(
        cases.X,
        cases.y,
        predictors,
        members=config.forest.members,
        trees=trees,
        mtry=mtry,
        member_predictors=member_choice(config, unit),
        sites=cases.sites if unit == "site" else None,
        strata=strata if unit == "site" else None,
        seed=seed,
        **forest_options(config),
    )
