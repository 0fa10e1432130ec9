"""Settings that abz takes from the paper, held against what the paper prints."""

from __future__ import annotations

from abz.config import Drivers, Forest, PostFire
from abz.harmonise.domain import SOUTH
from abz.published.checks import Check
from abz.published.claims import STUDY_YEARS
from abz.published.paper import term
from abz.published.rounding import Range
from abz.vocabulary import FLUXES, predictor_names

__all__ = ["monthly_maps", "setting_checks"]


def setting_checks() -> list[Check]:
    """Defaults of abz beside what the paper prints.

    Returns
    -------
    list of Check
        Of no printed numbers: a default of abz is the printed number, or is not.

    Examples
    --------
    >>> {check.against: check.computed.value for check in setting_checks()}["n_layers.v"]
    1692.0
    """
    forest, predictors = Forest(), len(predictor_names("fine", "nee"))
    return [
        Check(f"default of abz: {what}", function, (), path,
              Range(float(value), float(value), float(value)), term(path).number.range)
        for path, what, function, value in (
            ("mtry_range.v.low", "least mtry tried", "abz.config.Forest", min(forest.mtry)),
            ("mtry_range.v.high", "largest mtry tried", "abz.config.Forest", max(forest.mtry)),
            ("bootstraps.v", "bootstrap members", "abz.config.Forest", forest.members),
            ("vip_sims.v", "shuffles of a predictor", "abz.config.Drivers", Drivers().shuffles),
            ("n_predictors.v", "predictors", "abz.vocabulary.predictor_names", predictors),
            ("n_layers.v", "maps of both sets", "abz.published.monthly_maps", monthly_maps()),
            ("domain_lat.v", "southern end of the domain", "abz.harmonise.domain_of", SOUTH),
            ("ysf_range.v.high", "years after a fire", "abz.config.PostFire", PostFire().max_age),
        )
    ]  # fmt: skip


def monthly_maps() -> int:
    """Monthly maps of all fluxes over the years of both model sets.

    Examples
    --------
    >>> monthly_maps()
    1692
    """
    years = sum(last - first + 1 for first, last in STUDY_YEARS.values())
    return len(FLUXES) * 12 * years
