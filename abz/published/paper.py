"""The arithmetic of the paper: its Table 1, and what its text says of sums, shares and ranges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import inf

from abz.budgets.arithmetic import (
    flux_per_area,
    release_outside_summer,
    share_of,
    sum_of_parts,
)
from abz.published.checks import Check, Term, equals, lies_within, table1_checks
from abz.published.records import Record, published_numbers
from abz.published.rounding import Rounded
from abz.published.table1 import Cell, published_fields
from abz.units import ANNUAL_FLUX, BUDGET

__all__ = ["paper_checks", "term"]

SAME = (
    ("abz_nee_budget.v", ("ABZ", "nee", "budget")),
    ("abz_nee_budget.sd", ("ABZ", "nee", "budget_sd")),
    ("abz_neefire_budget.v", ("ABZ", "nee_fire", "budget")),
    ("abz_neefire_budget.sd", ("ABZ", "nee", "budget_sd")),
    ("pf_nee_budget.v", ("permafrost", "nee", "budget")),
    ("pf_nee_budget.sd", ("permafrost", "nee", "budget_sd")),
    ("pf_neefire_budget.v", ("permafrost", "nee_fire", "budget")),
    ("pf_neefire_budget.sd", ("permafrost", "nee", "budget_sd")),
    ("tundra_budget.v", ("tundra", "nee", "budget")),
    ("tundra_budget.sd", ("tundra", "nee", "budget_sd")),
    ("boreal_budget.v", ("boreal", "nee", "budget")),
    ("boreal_budget.sd", ("boreal", "nee", "budget_sd")),
    ("tundra_neefire.v", ("tundra", "nee_fire", "budget")),
    ("tundra_neefire.sd", ("tundra", "nee", "budget_sd")),
    ("boreal_neefire.v", ("boreal", "nee_fire", "budget")),
    ("boreal_neefire.sd", ("boreal", "nee", "budget_sd")),
    ("tundra_up_nee.v", ("tundra", "nee", "per_area")),
    ("tundra_up_nee.sd", ("tundra", "nee", "interannual_sd")),
    ("boreal_up_nee.v", ("boreal", "nee", "per_area")),
    ("boreal_up_nee.sd", ("boreal", "nee", "interannual_sd")),
    ("tundra_insitu_nee.v", ("tundra", "nee", "insitu_mean")),
    ("tundra_insitu_nee.sd", ("tundra", "nee", "insitu_sd")),
    ("boreal_insitu_nee.v", ("boreal", "nee", "insitu_mean")),
    ("boreal_insitu_nee.sd", ("boreal", "nee", "insitu_sd")),
    ("domain_area.v", ("ABZ", "nee", "area")),
    ("domain_area_text.v", ("ABZ", "nee", "area")),
)
"""Numbers that the text and Table 1 both print."""

EDITIONS = (
    ("source sites: preprint = paper", "source_sites_preprint.v", "source_sites.v"),
    ("area: text of the preprint = paper", "domain_area_text.v", "domain_area.v"),
    ("trend of NEE + fire, permafrost: abstract of the preprint = paper",
     "pf_neefire_trend_abstract.v", "pf_neefire_trend.v"),
    ("trend of NEE + fire, permafrost: body of the preprint = paper",
     "pf_neefire_trend_body.v", "pf_neefire_trend.v"),
    ("lowest R2: results of the preprint = paper", "r2_range_results.v.low", "r2_range.v.low"),
    ("highest R2: results of the preprint = paper", "r2_range_results.v.high", "r2_range.v.high"),
    ("lowest R2: methods of the preprint = paper", "r2_range_methods.v.low", "r2_range.v.low"),
    ("highest R2: methods of the preprint = paper", "r2_range_methods.v.high", "r2_range.v.high"),
    ("lowest R2: methods = results of the preprint",
     "r2_range_methods.v.low", "r2_range_results.v.low"),
    ("highest R2: methods = results of the preprint",
     "r2_range_methods.v.high", "r2_range_results.v.high"),
)  # fmt: skip
"""Numbers that two editions print, or two places of one edition."""

YEAR = Term("1 year", Rounded(1.0))

TRENDS = f"{BUDGET} per yr"


def term(path: str) -> Term:
    """A published number by the place where it stands.

    Parameters
    ----------
    path : str
        Id and field, joined by a point.

    Examples
    --------
    >>> term("t1_tundra.budget.NEE.mean").number.value
    45.0
    """
    name, _, field = path.partition(".")
    return Term(path, _record(name).number(field))


def paper_checks() -> list[Check]:
    """All checks of the published numbers.

    Returns
    -------
    list of Check
        Those of Table 1 by `table1_checks`, as for the table of a run; numbers that are printed
        twice; sums of trends, fires and source sites over regions; shares; ranges of scores.

    Examples
    --------
    >>> checks = {check.statement: check for check in paper_checks()}
    >>> check = checks["GPP, ABZ: budget / area = flux per area"]
    >>> check.agrees, round(check.computed.value, 1), check.expected.value
    (False, 479.6, 482.0)
    """
    cells = {cell: term(".".join(place)) for cell, place in published_fields().items()}
    makers = (
        _printed_twice, _editions, _area_of_the_text, _percent_sign, _sums, _shares, _scores,
        _after_fire,
    )  # fmt: skip
    return table1_checks(cells) + [check for make in makers for check in make(cells)]


def _record(name: str) -> Record:
    return published_numbers()[name]


def _printed_twice(cells: dict[Cell, Term]) -> Iterator[Check]:
    """Text and table print one number."""
    for path, cell in SAME:
        statement = (
            f"{path.replace('_', ' ').removesuffix('.v').replace('.sd', ', SD')}: text = Table 1"
        )
        units = _record(path.partition(".")[0]).units
        yield equals(statement, sum_of_parts, [term(path)], cells[cell], units)


def _editions(_: dict[Cell, Term]) -> Iterator[Check]:
    """Editions print one number."""
    for statement, path, other in EDITIONS:
        units = _record(path.partition(".")[0]).units or "1"
        yield equals(statement, sum_of_parts, [term(path)], term(other), units)


def _percent_sign(cells: dict[Cell, Term]) -> Iterator[Check]:
    """A ratio that is read as the percentage of its header has the wrong side of one in a sink."""
    terms = [cells["ABZ", "nee", column] for column in ("budget", "summer_ratio")]
    statement = "ABZ: summer ratio read as % is below 1 exactly if a source (release)"
    yield lies_within(statement, _release_of_percent, terms, (0, inf), BUDGET)


def _release_of_percent(nee: float, percent: float) -> float:
    return float(release_outside_summer(nee, percent / 100))


def _area_of_the_text(cells: dict[Cell, Term]) -> Iterator[Check]:
    """Fluxes per area of the ABZ with the area that the text of the preprint prints."""
    area = term("domain_area_text.v")
    for flux, name in (("nee", "NEE"), ("gpp", "GPP"), ("reco", "Reco")):
        statement = f"{name}, ABZ: budget / area of the text = flux per area"
        terms = [cells["ABZ", flux, "budget"], area]
        printed = cells["ABZ", flux, "per_area"]
        yield equals(statement, flux_per_area, terms, printed, ANNUAL_FLUX)


def _sums(cells: dict[Cell, Term]) -> Iterator[Check]:
    """Regions add up, and a correction is a difference."""
    for statement, parts, whole, units in (
        ("trend of NEE: Eurasia + North America = ABZ",
         ("eurasia_trend.v", "namerica_trend.v"), "abz_nee_trend.v", TRENDS),
        ("fire: Siberia + North America = ABZ, but for Europe",
         ("fire_siberia.v", "fire_namerica.v"), "fire_abz.v", BUDGET),
        ("2020: NEE + correction after fires = corrected NEE",
         ("nee_2020.v", "bias_gain.v"), "nee_2020.corrected", BUDGET),
    ):  # fmt: skip
        yield equals(statement, sum_of_parts, [term(part) for part in parts], term(whole), units)
    regions = ("alaska", "neurope", "canada", "siberia")
    terms = [term(f"source_sites_{region}.v") for region in regions]
    everything = Term("all", Rounded(100.0))
    yield equals("source sites: regions = all", sum_of_parts, terms, everything, "%")


def _shares(cells: dict[Cell, Term]) -> Iterator[Check]:
    """Percentages are those of the amounts."""
    nee, reco = cells["ABZ", "nee", "budget"], cells["ABZ", "reco", "budget"]
    for statement, part, whole, printed in (
        ("fire emission / Reco", "fire_abz.v", reco, "fire_share_reco.v"),
        ("fire emission / net uptake", "fire_abz.v", nee, "fire_share_nee.v"),
        ("lateral flux / net uptake", "lateral_flux.v", nee, "lateral_share.v"),
    ):
        yield equals(statement, _percent, [term(part), whole], term(printed), "%")
    for statement, part, whole_path, printed in (
        ("site-months / sites = mean of months", "n_sitemonths.v", "n_sites.v",
         "months_per_site.mean"),
        ("months of 2015–2020 / those of Virkkala et al. (2021) = largest factor",
         "obs_2015_2020.v", "obs_2015_2020.virkkala2021", "sample_factor.v.high"),
    ):  # fmt: skip
        yield equals(statement, share_of, [term(part), term(whole_path)], term(printed))


def _percent(part: float, whole: float) -> float:
    return 100 * float(share_of(part, whole))


def _scores(_: dict[Cell, Term]) -> Iterator[Check]:
    """Ranges of scores end at the scores of the fine forests."""
    ends: tuple[tuple[str, Callable[..., float]], ...] = (("low", min), ("high", max))
    for score, record in (("R2", "r2_range"), ("RMSE", "rmse_range")):
        terms = [term(f"cv_1km_{flux}.{score}") for flux in ("NEE", "GPP", "Reco")]
        for end, extreme in ends:
            statement = f"{score}: {extreme.__name__} of the fluxes = {end} end of the range"
            units = _record(record).units or "1"
            yield equals(statement, extreme, terms, term(f"{record}.v.{end}"), units)
    models = [term(f"cv_{model}_{flux}.R2") for model in ("1km", "8km_qrf")
              for flux in ("NEE", "GPP", "Reco")]  # fmt: skip
    statement = "R2: min of both models = low end of the range (results of the preprint)"
    yield equals(statement, min, models, term("r2_range_results.v.low"))


def _after_fire(_: dict[Cell, Term]) -> Iterator[Check]:
    """Years with a positive bias of all months span the range, and the next one is negative."""
    years = [term(f"bias_positive_years.{month}") for month in ("May", "Jun", "Jul")]
    for end, extreme in (("low", min), ("high", max)):
        span = term(f"bias_positive_years.overall.{end}")
        statement = f"years with a positive bias: {extreme.__name__} of the months = {end} end"
        yield equals(statement, extreme, years, span, "yr")
        after = term(f"bias_positive_years.negative_from.{end}")
        statement = f"first year with a negative bias, {end} end: the last positive one + 1"
        yield equals(statement, sum_of_parts, [span, YEAR], after, "yr")
