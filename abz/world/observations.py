"""What the sites of the synthetic Arctic report: monthly fluxes with gaps and errors."""

from __future__ import annotations

import numpy as np
import pandas as pd

from abz.vocabulary import MONTHS
from abz.world.arctic import World
from abz.world.fields import stream
from abz.world.network import LARVAL_SITE, Site, sites

__all__ = ["observe"]

GROWING = (4, 5, 6, 7, 8, 9, 10)
CHAMBER_MONTHS = (6, 7, 8, 9)
DIFFUSION_MONTHS = (1, 2, 3, 4, 11, 12)
WINTER_GAPS, SUMMER_GAPS = 0.15, 0.03
ERROR_FLOOR, ERROR_SHARE = 1.2, 0.05
"""Random error of a monthly flux: g C m-2 month-1, and part of the flux."""


def observe(world: World, years: range) -> pd.DataFrame:
    """The site table of a world.

    Parameters
    ----------
    world : World
        The world.
    years : range
        Years for which the site table may hold rows.

    Returns
    -------
    pandas.DataFrame
        A row is a site-month with the columns of `abz.readers.read_abcflux`; g C m-2 month-1,
        GPP positive. Rows are in the order of sites and months.

    Notes
    -----
    GPP and Reco are the truth of the place times the site's own factors plus an error that grows
    with the flux; NEE = Reco − GPP plus a small error of its own.
    """
    network = sites(world)
    places = world.places(
        np.array([site.lon for site in network]), np.array([site.lat for site in network])
    )
    truth = {
        (year, month): world.fluxes(places, year, month)
        for year in range(min(s.first_year for s in network), years[-1] + 1)
        for month in MONTHS
        if year in years
    }
    rows = [
        _row(world, site, (year, month), truth[year, month].gpp[i], truth[year, month].reco[i])
        for i, site in enumerate(network)
        for year, month in _measured(site, stream(world.seed, f"record {site.name}"))
        if year in years
    ]
    return pd.DataFrame(rows)


def _measured(site: Site, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Years and months that a site reports."""
    seasons = {"Chamber": CHAMBER_MONTHS, "Diffusion": DIFFUSION_MONTHS}
    usual = seasons.get(site.method, MONTHS if site.year_round else GROWING)
    long_record = site.last_year - site.first_year >= 8
    kept = []
    for year in range(site.first_year, site.last_year + 1):
        for month in usual:
            gap = WINTER_GAPS if month not in GROWING and site.method == "EC" else SUMMER_GAPS
            if rng.uniform() >= gap * (0.1 if long_record else 1.0):
                kept.append((year, month))
    return kept


def _row(
    world: World, site: Site, when: tuple[int, int], gpp: float, reco: float
) -> dict[str, object]:
    """One site-month as it is reported."""
    rng = stream(world.seed, f"observation {site.name} {when}")
    seen_gpp = gpp * site.gpp_effect
    seen_reco = reco * site.reco_effect
    errors = rng.normal(size=3) * (ERROR_FLOOR + ERROR_SHARE * np.array([seen_gpp, seen_reco, 0]))
    seen_gpp = seen_gpp + (errors[0] if gpp > 0.5 else 0.1 * errors[0])
    seen_reco = max(seen_reco + errors[1], 0.0)
    nee = seen_reco - seen_gpp + 0.3 * errors[2]
    if site.name == LARVAL_SITE:
        nee = -157.0 + 80.0 * rng.normal()
    split = site.name != LARVAL_SITE and (
        site.method == "EC" or (site.method == "Chamber" and rng.uniform() < 0.6)
    )
    return {
        "site": site.name,
        "site_name": f"Synthetic {site.name.split('_')[1]}",
        "latitude": round(site.lat, 5),
        "longitude": round(site.lon, 5),
        "country": site.country,
        "biome": site.biome,
        "year": when[0],
        "month": when[1],
        "nee": round(nee, 3),
        "gpp": round(seen_gpp, 3) if split else np.nan,
        "reco": round(seen_reco, 3) if split else np.nan,
        "flux_method": site.method,
        "disturbance": site.disturbance,
        "disturbance_year": np.nan if site.disturbance_year is None else site.disturbance_year,
        "gap_fill_percent": round(float(rng.uniform(5, 60)), 1) if site.method == "EC" else np.nan,
        "partition_method": "Reichstein" if site.method == "EC" and split else None,
    }
