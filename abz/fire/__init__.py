"""Fire: its emission and burned area, NEE + fire, and what follows a fire at sites and in cells."""

from abz.fire.balance import fire_years, matched_periods
from abz.fire.bias_model import MODELS, NO_MODEL, BiasFit, bias_fits, bias_rows, fit_bias
from abz.fire.bias_tables import bias_curves, fit_table
from abz.fire.burned import burned_land, burned_once, burned_shares, burned_years, share_of_land
from abz.fire.composites import CellComposites, site_composites
from abz.fire.correction import corrected_area, correction_budget, correction_map, kept_fits
from abz.fire.emissions import (
    FIRE_MAPS,
    FireAccount,
    check_fire,
    fire_on_grid,
    fire_window,
    source_pieces,
)
from abz.fire.net import nee_plus_fire
from abz.fire.since_fire import burned_by_age, burned_rows

__all__ = [
    "FIRE_MAPS",
    "MODELS",
    "NO_MODEL",
    "BiasFit",
    "CellComposites",
    "FireAccount",
    "bias_curves",
    "bias_fits",
    "bias_rows",
    "burned_by_age",
    "burned_land",
    "burned_once",
    "burned_rows",
    "burned_shares",
    "burned_years",
    "check_fire",
    "corrected_area",
    "correction_budget",
    "correction_map",
    "fire_on_grid",
    "fire_window",
    "fire_years",
    "fit_bias",
    "fit_table",
    "kept_fits",
    "matched_periods",
    "nee_plus_fire",
    "share_of_land",
    "site_composites",
    "source_pieces",
]
