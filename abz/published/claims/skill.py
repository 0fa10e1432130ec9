"""Claims of the forests: their scores, their settings, what earlier models had."""

from __future__ import annotations

from abz.published.claims.claim import ALONE, COARSE, FINE, RERUN, Claim, Made, outside

__all__ = ["skill_claims"]

SCORES = "abz.modelling.scores"
FLUXES = ("nee", "gpp", "reco")


def skill_claims() -> list[Claim]:
    """Scores of held-out predictions, their ranges, settings."""
    return [*_ranges(), *_scores(), *_settings(), *_others()]


def _ranges() -> list[Claim]:
    """Lowest and highest score of the three fluxes."""
    claims = []
    for record, score in (
        ("r2_range", "r2"), ("r2_range_results", "r2"), ("r2_range_methods", "r2"),
        ("rmse_range", "rmse"),
    ):  # fmt: skip
        keys = tuple(f"fine_{flux}_{score}" for flux in FLUXES)
        made = {
            "v.low": Made(SCORES, keys, min, period=""),
            "v.high": Made(SCORES, keys, max, period=""),
        }
        claims.append(Claim(record, FINE, made))
    return claims


def _scores() -> list[Claim]:
    """Scores that the authors' own figures show."""
    names = {"nee": "NEE", "gpp": "GPP", "reco": "Reco"}
    claims = []
    for record, model_set, need in (("cv_1km", "fine", FINE), ("cv_8km_qrf", "coarse", COARSE)):
        for flux, name in names.items():
            made = {
                score: Made(SCORES, (f"{model_set}_{flux}_{score.lower()}",), near=RERUN, period="")
                for score in ("R2", "RMSE", "MAE", "MBE")
            }
            beside = f"climatology_{flux}_r2" if model_set == "fine" else ""
            claims.append(Claim(f"{record}_{name}", need, made, beside))
    return claims


def _settings() -> list[Claim]:
    """Settings that abz takes from the paper; `abz.published.settings` holds them together."""
    names = ("mtry_range", "vip_sims", "bootstraps", "n_layers", "n_predictors")
    return [Claim(name, ALONE) for name in names]


def _others() -> list[Claim]:
    """Residuals, and models of others."""
    return [
        Claim("sink_misfit", ALONE, note="read off a figure; no bounds are given"),
        Claim("source_misfit", ALONE, note="read off a figure; no bounds are given"),
        Claim("prior_natali_r2", outside("earlier models")),
        Claim("prior_virkkala_r2", outside("earlier models")),
        Claim("prior_r2_gain", outside("earlier models")),
        Claim("uncertainty_ratio", ALONE, note="no definition of the areas is given"),
        Claim("resolution_note", ALONE),
    ]
