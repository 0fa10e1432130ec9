"""Earth system models over the permafrost region, in the terms of the study.

A model's net ecosystem production is NPP − Rh, so NEE = Rh − NPP and Reco = GPP − NPP + Rh. Its net
biome production is what is left after all that a model takes from the land besides: fire, harvest
and change of land use, where it has them. Minus NBP is no NEE, and which of these a model has the
totals do not tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
import xarray as xr

from abz.compare.authors.trends import METHODS, series_trends
from abz.ledger import FLUX_PARTS, Parts, Period, Place, Row, compare
from abz.units import BUDGET
from abz.validation import check_columns, check_variables

__all__ = [
    "ENSEMBLE",
    "MODEL_FLUXES",
    "YEARS",
    "ModelFlux",
    "beside_published_region",
    "ensemble_spread",
    "model_fluxes",
    "model_trends",
]

ENSEMBLE = "ensemble mean"
YEARS = (2001, 2014)
"""Years of the study that the historical experiment holds."""
REGION = ("permafrost_region", "permafrost")


@dataclass(frozen=True)
class ModelFlux:
    """A flux of the models, its parts in the ledger, and what of the study stands beside it.

    Parameters
    ----------
    long_name : str
        What it is, with its sign.
    parts : Parts
        What it holds.
    beside : str, optional
        Flux of the published Table 1, and "" where there is none.
    """

    long_name: str
    parts: Parts
    beside: str = ""


MODEL_FLUXES = MappingProxyType(
    {
        "nee": ModelFlux("Rh − NPP, below zero is uptake", Parts.of("nee"), "nee"),
        "gpp": ModelFlux("gross primary production, positive", Parts.of("gpp"), "gpp"),
        "reco": ModelFlux("GPP − NPP + Rh, positive", Parts.of("reco"), "reco"),
        "minus_nbp": ModelFlux(
            "−NBP, below zero is uptake",
            Parts.of("nee", unknown=["fire", "harvest"]),
            "nee_fire",
        ),
        "removal": ModelFlux(
            "NPP − Rh − NBP: what a model takes from the land besides respiration",
            Parts.of(unknown=["fire", "harvest"]),
        ),
    }
)
"""Fluxes of the models; all but GPP are towards the air where they are above zero."""


def model_fluxes(totals: xr.Dataset) -> xr.Dataset:
    """Fluxes of the models in the terms of the study, with their parts.

    Parameters
    ----------
    totals : xarray.Dataset (model, year)
        `gpp`, `npp`, `rh`, `nbp` (Tg C yr-1), from `read_cmip6_permafrost_region`.

    Returns
    -------
    xarray.Dataset (model, year)
        `nee`, `gpp`, `reco`, `minus_nbp` and `removal`, Tg C yr-1, with `parts` in their
        attributes; of the models that have all four totals in some year.

    Raises
    ------
    MissingDataError
        If a total is missing.

    Examples
    --------
    >>> totals = xr.Dataset({name: (("model", "year"), [[value]]) for name, value in
    ...                      {"gpp": 9e3, "npp": 4e3, "rh": 3.5e3, "nbp": 300.0}.items()})
    >>> {name: flux.item() for name, flux in model_fluxes(totals).items()}
    {'nee': -500.0, 'gpp': 9000.0, 'reco': 8500.0, 'minus_nbp': -300.0, 'removal': 200.0}
    """
    check_variables(totals, ["gpp", "npp", "rh", "nbp"], "the totals of the models")
    nep = totals["npp"] - totals["rh"]
    made = {
        "nee": -nep,
        "gpp": totals["gpp"],
        "reco": totals["gpp"] - nep,
        "minus_nbp": -totals["nbp"],
        "removal": nep - totals["nbp"],
    }
    for name, flux in made.items():
        about = MODEL_FLUXES[name]
        flux.attrs = {"units": BUDGET, "long_name": about.long_name, **about.parts.attrs()}
    fluxes = xr.Dataset(made, attrs=totals.attrs)
    complete = np.logical_and.reduce([flux.notnull().any("year") for flux in made.values()])
    return fluxes.isel(model=np.flatnonzero(complete))


def model_trends(
    fluxes: xr.Dataset, years: tuple[int, int] = YEARS, methods: Sequence[str] = METHODS
) -> pd.DataFrame:
    """Mean, spread and trend of every model and of their mean.

    Parameters
    ----------
    fluxes : xarray.Dataset (model, year)
        From `model_fluxes`.
    years : tuple of int = (first, last), optional
        Of means and trends.
    methods : sequence of str, optional
        Of `abz.trends.METHODS`.

    Returns
    -------
    pandas.DataFrame
        flux, model (with `ENSEMBLE` first: the plain mean of the models, year by year), and the
        columns of `series_trends`, in Tg C yr-1 and Tg C yr-1 per yr.
    """
    parts = []
    for name in MODEL_FLUXES:
        mean = fluxes[name].mean("model", skipna=False).expand_dims(model=[ENSEMBLE])
        both = xr.concat([mean, fluxes[name]], "model").rename("tg")
        parts.append(both.to_dataframe()["tg"].reset_index().assign(flux=name))
    table = pd.concat(parts, ignore_index=True)
    order = {name: place for place, name in enumerate([ENSEMBLE, *fluxes["model"].values])}
    table = table.sort_values("model", key=lambda c: c.map(order), kind="stable")
    return series_trends(table, ["flux", "model"], "tg", periods=[years], methods=methods)


def ensemble_spread(trends: pd.DataFrame) -> pd.DataFrame:
    """How far the models lie apart.

    Parameters
    ----------
    trends : pandas.DataFrame
        From `model_trends`.

    Returns
    -------
    pandas.DataFrame
        flux, method; models (their number); mean, mean_sd (over the models, n − 1), lowest,
        highest (of the models' means, Tg C yr-1); slope, slope_sd (mean and SD of the models'
        slopes, Tg C yr-1 per yr); below_zero, falling, falling_clearly (p < 0.05),
        rising_clearly: numbers of models.

    Raises
    ------
    InputError
        If a column is missing.
    """
    columns = ["flux", "model", "method", "mean", "slope", "p_value"]
    check_columns(trends, columns, "trends of the models")
    models = trends[trends["model"] != ENSEMBLE]
    models = models.assign(
        negative=models["mean"] < 0,
        falls=models["slope"] < 0,
        falls_clearly=(models["slope"] < 0) & (models["p_value"] < 0.05),
        rises_clearly=(models["slope"] > 0) & (models["p_value"] < 0.05),
    )
    return (
        models.groupby(["flux", "method"], sort=False)
        .agg(
            models=("model", "size"),
            mean=("mean", "mean"),
            mean_sd=("mean", "std"),
            lowest=("mean", "min"),
            highest=("mean", "max"),
            slope=("slope", "mean"),
            slope_sd=("slope", "std"),
            below_zero=("negative", "sum"),
            falling=("falls", "sum"),
            falling_clearly=("falls_clearly", "sum"),
            rising_clearly=("rises_clearly", "sum"),
        )
        .reset_index()
    )


def beside_published_region(trends: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    """Means of the models beside the published budgets of the permafrost region.

    Parameters
    ----------
    trends : pandas.DataFrame
        From `model_trends`.
    published : pandas.DataFrame
        zone_set, zone, flux, budget, budget_sd (Tg C yr-1), from
        `abz.published.published_table1`.

    Returns
    -------
    pandas.DataFrame
        flux, models, mean, mean_sd (over the models), beside (flux of the study), published,
        published_sd (Tg C yr-1), ratio = mean / published; unlike, in what the two definitions
        differ.

    Raises
    ------
    InputError
        If a column is missing.
    """
    columns = ["zone_set", "zone", "flux", "budget", "budget_sd"]
    check_columns(published, columns, "published budgets")
    spread = ensemble_spread(trends).drop_duplicates("flux").set_index("flux")
    period = Period(*trends[["first_year", "last_year"]].iloc[0].astype(int))
    rows = []
    for name, about in MODEL_FLUXES.items():
        chosen = (published["zone"] == REGION[1]) & (published["flux"] == about.beside)
        if about.beside and chosen.any():
            paper = published[chosen].to_dict("records")[0]
            models = spread.loc[[name]].to_dict("records")[0]
            sign = -1.0 if name == "gpp" else 1.0
            found = compare(
                _row("models", sign * models["mean"], about.parts, "RECCAP2", period),
                _row("study", sign * paper["budget"], *_published(about.beside)),
                accept=("parts", "mask", "period"),
            )
            rows.append(
                {
                    "flux": name, "models": int(models["models"]), "mean": models["mean"],
                    "mean_sd": models["mean_sd"], "beside": about.beside,
                    "published": paper["budget"], "published_sd": paper["budget_sd"],
                    "ratio": float(found.ratio), "unlike": found.caveat,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def _published(flux: str) -> tuple[Parts, str, Period]:
    """Parts, land and years of a published flux of the permafrost region."""
    parts = FLUX_PARTS[flux]
    return parts, "study", Period(2002 if "fire" in parts.included else 2001, 2020)


def _row(name: str, value: float, parts: Parts, mask: str, period: Period) -> Row:
    """A row of the ledger for the permafrost region."""
    return Row(name, np.array(value), parts, Place.of(*REGION, f"land of {mask}"), period)
