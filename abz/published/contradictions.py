"""Where the study contradicts itself: known places, and what a check finds beyond them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from abz.published.checks import Check
from abz.published.records import published_numbers

__all__ = ["CONTRADICTIONS", "Contradiction", "unexpected"]


@dataclass(frozen=True)
class Contradiction:
    """Numbers or words of the study that cannot all be right.

    Parameters
    ----------
    name : str
        What it is about.
    where : str
        Within an edition, between editions, or between text and code.
    places : tuple of str
        Id and field of the numbers that are at odds.
    explanation : str
        What is behind it, in a line.
    checks : mapping of {str: float}, optional
        Statements of the checks that fail because of it, and by how much: computed − printed. None
        where words are at odds.
    """

    name: str
    where: str
    places: tuple[str, ...]
    explanation: str
    checks: Mapping[str, float] = field(default_factory=dict)


BETWEEN = "between editions"

LEAST = 0.001
"""Least change of a declared difference that counts."""

CONTRADICTIONS = (
    Contradiction(
        "trend test", "text and public code",
        ("trend_method.v", "trend_method_code.v"),
        "The text names Zhang's prewhitening; both public repositories call Yue and Pilon's, which "
        "gives other slopes and p from the same series. abz takes Zhang's unless it is told "
        "otherwise.",
    ),
    Contradiction(
        "area", "within the preprint",
        ("domain_area.v", "domain_area_text.v", "t1_abz.area_1e6km2"),
        "20.69 in the text and 20.79 in Table 1 of the preprint, 20.7 in the paper: the fluxes per "
        "area are budgets over the smaller area, so that 20.79 is the odd one.",
        {
            "domain area: text = Table 1": -0.09,
            "domain area text: text = Table 1": -0.10,
            "GPP, ABZ: budget / area = flux per area": -2.443,
            "Reco, ABZ: budget / area = flux per area": -1.847,
        },
    ),
    Contradiction(
        "range of R2", "between and within editions",
        ("r2_range.v.low", "r2_range.v.high", "r2_range_results.v.low", "r2_range_results.v.high",
         "r2_range_methods.v.low", "r2_range_methods.v.high"),
        "0.57 to 0.73 in the paper are the scores of the 1-km forests; 0.5 to 0.78 and 0.55 to "
        "0.78 in the preprint reach below them, 0.50 being the NEE of the 8-km forests, and above "
        "any score that is shown.",
        {
            "lowest R2: results of the preprint = paper": -0.07,
            "highest R2: results of the preprint = paper": 0.05,
            "lowest R2: methods of the preprint = paper": -0.02,
            "highest R2: methods of the preprint = paper": 0.05,
        },
    ),
    Contradiction(
        "sites that are sources", BETWEEN,
        ("source_sites.v", "source_sites_preprint.v"),
        "29 % in the paper, 30 % in the preprint: one site of some 55 is nearly 2 %, so that "
        "the sites changed, or the share was rounded to tens.",
        {"source sites: preprint = paper": 1.0},
    ),
    Contradiction(
        "sign of the trend of NEE + fire, permafrost region", "within the preprint",
        ("pf_neefire_trend_body.v", "pf_neefire_trend.v"),
        "The body of the preprint prints 3.3 without a sign, its abstract \N{MINUS SIGN}3 and the "
        "paper \N{MINUS SIGN}3.3: the sign was lost.",
        {"trend of NEE + fire, permafrost: body of the preprint = paper": 6.6},
    ),
    Contradiction(
        "a % that is a ratio", "within the preprint",
        ("t1_ratio_unit.v",),
        "Table 1 heads the summer ratio with %; its values are summer uptake over the release of "
        "the other months, and 1.4 % would make the ABZ a source.",
        {"ABZ: summer ratio read as % is below 1 exactly if a source (release)": -555.781},
    ),
    Contradiction(
        "NEE at boreal sites", BETWEEN,
        ("boreal_insitu_nee.v", "t1_boreal.insitu.NEE.mean"),
        "\N{MINUS SIGN}42 in the paper, \N{MINUS SIGN}41 in text and table of the preprint.",
        {"boreal insitu nee: text = Table 1": -1.0},
    ),
    Contradiction(
        "years of the September change", BETWEEN,
        ("sept_boreal_years.v", "sept_boreal_years_preprint.v"),
        "The preprint's caption has 2011\N{EN DASH}2020 against 2001\N{EN DASH}2020, which holds "
        "the first period; the paper has 2001\N{EN DASH}2010.",
    ),
    Contradiction(
        "years of the sites of Mu et al.", BETWEEN,
        ("mu_period.v", "mu_period_preprint.v"),
        "2002\N{EN DASH}2017 in the paper, 2013\N{EN DASH}2017 in the preprint.",
    ),
    Contradiction(
        "product beside the maps", BETWEEN,
        ("flux_product.v", "flux_product_preprint.v"),
        "The paper compares with FLUXCOM-X-BASE, the preprint with FLUXCOM, both with the same "
        "factor of 1.5 to 3.",
    ),
)  # fmt: skip
"""Contradictions that are known and explained."""


def unexpected(checks: Iterable[Check]) -> list[str]:
    """What fails and is not declared, and what is declared and does not fail.

    Parameters
    ----------
    checks : iterable of Check
        All checks of the published numbers.

    Returns
    -------
    list of str
        Sentences; none where the records are as declared.

    Examples
    --------
    >>> from abz.published import all_checks
    >>> unexpected(all_checks())
    []
    """
    declared = {text: size for known in CONTRADICTIONS for text, size in known.checks.items()}
    found = []
    for check in checks:
        size = declared.get(check.statement)
        if size is None and not check.agrees:
            found.append(f"does not hold: {check.statement}")
        if size is not None and check.agrees:
            found.append(f"holds, though a contradiction is declared: {check.statement}")
        # A wrong digit in a number that is contradicted anyway changes by how much.
        elif size is not None and not abs(check.difference - size) < LEAST:
            found.append(
                f"differs by {check.difference:g}, declared is {size:g}: {check.statement}"
            )
    for known in CONTRADICTIONS:
        if not known.checks and len({_words(place) for place in known.places}) == 1:
            found.append(f"words agree, though a contradiction is declared: {known.name}")
    return found


def _words(place: str) -> str:
    name, _, word = place.partition(".")
    return published_numbers()[name].words[word]
