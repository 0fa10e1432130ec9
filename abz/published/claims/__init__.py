"""For every published number: what makes it in abz, and what a run needs to be held against it.

`paper_claims` has one claim for each record of `paper_numbers.yaml`, by topic. A claim names the
function and the keys of `numbers.json`, so that a run is read in one place only.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from abz.published.claims.budgets import (
    budget_claims,
    domain_claims,
    source_claims,
    table1_claims,
)
from abz.published.claims.claim import STUDY_YEARS, Claim, Made, Need
from abz.published.claims.data import (
    comparison_claims,
    data_claims,
    fire_claims,
    postfire_claims,
)
from abz.published.claims.skill import skill_claims
from abz.published.claims.trends import trend_claims

__all__ = ["STUDY_YEARS", "TOPICS", "Claim", "Made", "Need", "paper_claims"]

_MAKERS = MappingProxyType(
    {
        "budgets": budget_claims,
        "domain": domain_claims,
        "table1": table1_claims,
        "sources": source_claims,
        "fire": fire_claims,
        "trends": trend_claims,
        "comparison": comparison_claims,
        "skill": skill_claims,
        "data": data_claims,
        "postfire": postfire_claims,
    }
)

TOPICS = tuple(_MAKERS)
"""Topics in the order of the page."""


@cache
def paper_claims() -> Mapping[str, tuple[str, Claim]]:
    """Topic and claim of each record, by id, in the order of the topics.

    Examples
    --------
    >>> topic, claim = paper_claims()["abz_nee_budget"]
    >>> topic, claim.made["v"].function, claim.made["v"].keys
    ('budgets', 'abz.budgets.table1', ('fine_abz_nee_budget',))
    """
    return MappingProxyType(
        {claim.record: (topic, claim) for topic, make in _MAKERS.items() for claim in make()}
    )
