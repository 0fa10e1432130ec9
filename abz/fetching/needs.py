"""Which datasets, and which of their years, a configured run reads."""

from __future__ import annotations

from dataclasses import dataclass

from abz.config import Config
from abz.harmonise.sources import source_years
from abz.vocabulary import MODEL_SETS, PREDICTORS

__all__ = ["ZONE_DATASETS", "Need", "needs"]

ZONE_DATASETS = ("ecoregions2017", "permafrost_map", "esa_cci_lc", "cavm")
"""What domain, zones and vegetation are made of, for every model set of a study."""

PUBLISHED_DATASETS = ("ecoregions2017", "ornl_2377_means", "permafrost_map")
"""What a run on the published maps reads beside these. It does without fire by month
(`gfed500m`) and without types of vegetation (`esa_cci_lc`, `cavm`), and uses them where they are.
"""

CLIMATOLOGY_DATASETS = ("flux_training", "arctic_climatology", "barrow_co2_as_used")


@dataclass(frozen=True)
class Need:
    """A dataset that a run reads.

    Parameters
    ----------
    name : str
        Entry of the catalog.
    years : tuple of int or None
        Years that are read, in order; None if the dataset is read whole.
    """

    name: str
    years: tuple[int, ...] | None = None


def needs(config: Config) -> list[Need]:
    """Datasets that a run reads, in alphabetical order.

    Parameters
    ----------
    config : Config
        A run; one on a synthetic world makes all its data and needs none.

    Returns
    -------
    list of Need

    Examples
    --------
    >>> coarse = {"cell_m": 8e3, "first_year": 1993, "last_year": 1995}
    >>> found = {need.name: need.years for need in needs(Config(name="a", sets={"coarse": coarse}))}
    >>> found["era5_land"], found["vcf5kyr"], found["abcflux"]
    ((1993, 1994, 1995), (1993, 1995), None)
    """
    if config.synthetic:
        return []
    if config.kind == "climatology":
        return [Need(name) for name in sorted(CLIMATOLOGY_DATASETS)]
    if config.kind == "published_maps":
        months = Need("ornl_2377", tuple(config.sets["fine"].years))
        found = [months, *(Need(name) for name in PUBLISHED_DATASETS)]
        return sorted(found, key=lambda need: need.name)
    whole = {"abcflux", *ZONE_DATASETS}
    years: dict[str, set[int]] = {}
    for name, settings in config.sets.items():
        for predictor, source in MODEL_SETS[name].items():
            dataset = source.dataset
            if predictor == "air_temperature":
                dataset = settings.air_temperature
            if PREDICTORS[predictor].cadence in ("monthly", "annual"):
                years.setdefault(dataset, set()).update(source_years(dataset, settings.years))
            elif predictor != "vegetation":
                whole.add(dataset)
    if "fine" in config.sets:
        years["gfed500m"] = set(config.fire.years)
    found = [Need(name) for name in whole]
    found += [Need(name, tuple(sorted(wanted))) for name, wanted in years.items()]
    return sorted(found, key=lambda need: need.name)
