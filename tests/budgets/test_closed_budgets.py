"""Budgets that close: before and after, zones and years that add up or do not, a planted truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from abz.budgets import budget_errors, closed_budgets, flux_covariance
from abz.errors import InputError
from abz.vocabulary import FLUXES

ZONES = [("abz", "ABZ"), ("biome", "boreal"), ("biome", "tundra")]
YEARS = (2001, 2002)
TRUTH = {"nee": (-600.0, 50.0), "gpp": (8000.0, 2000.0), "reco": (7400.0, 2050.0)}
UP = np.array([[1, 1], [1, 0], [0, 1]])
ALIKE = np.array([[1.0, -0.4, 0.3], [-0.4, 1.0, 0.6], [0.3, 0.6, 1.0]])


def errors(seed=0, counted=("sampling", "transfer"), transfer=True, zones=ZONES, size=None):
    """Budgets of two biomes and their sum about the truth, members about the budgets."""
    rng = np.random.default_rng(seed)
    found = {}
    for flux, truth in TRUTH.items():
        rows, sd = [], size or 0.02 * np.abs(truth) + 20
        for year in YEARS:
            central = rng.normal(truth, sd)
            for member in range(8):
                parts = central if member == 0 else rng.normal(central, sd)
                values = UP @ parts
                rows += [
                    (*z, year, member, tg)
                    for z, tg in zip(ZONES, values, strict=True)
                    if z in zones
                ]
        annual = pd.DataFrame(rows, columns=["zone_set", "zone", "year", "member", "tg"])
        root = rng.normal(size=(2, 2)) * 60
        part = np.tile(UP @ root @ root.T @ UP.T, (3, 1, 1))[:, : len(zones), : len(zones)]
        found[flux] = budget_errors(annual, {"transfer": part} if transfer else {}, counted)
    return found


def wide(table, column, period="mean"):
    rows = table[table["period"] == period]
    return rows.pivot_table(index=["zone", "year"], columns="flux", values=column, dropna=False)


@pytest.mark.parametrize("scope", ["domain", "zone"])
def test_all_zones_and_years_close_to_the_last_bit(scope):
    table, _ = closed_budgets(errors(), ALIKE, scope)
    gaps = table[table["flux"] == "gap"]
    assert (gaps["before"].abs() > 1).all()
    fluxes = table.set_index(["zone", "period", "year", "flux"])["after"].unstack("flux")
    np.testing.assert_array_equal(fluxes["nee"], fluxes["reco"] - fluxes["gpp"])
    np.testing.assert_allclose(fluxes["gap"], 0, atol=1e-9)
    np.testing.assert_allclose(gaps["after_sd"], 0, atol=1e-4)


def test_one_gain_keeps_zones_additive_and_a_gain_for_each_does_not():
    found = errors()
    for scope, additive in (("domain", True), ("zone", False)):
        table, _ = closed_budgets(found, ALIKE, scope)
        after = table[table["period"] == "mean"].set_index(["flux", "zone"])["after"]
        for flux in FLUXES:
            parts = after[flux, "boreal"] + after[flux, "tundra"]
            assert (abs(parts - after[flux, "ABZ"]) < 1e-8) == additive


@pytest.mark.parametrize("scope", ["domain", "zone"])
def test_adjusted_years_add_up_to_the_adjusted_mean(scope):
    table, _ = closed_budgets(errors(), ALIKE, scope)
    yearly = table[table["period"] == "year"].groupby(["zone", "flux"])["after"].mean()
    mean = table[table["period"] == "mean"].set_index(["zone", "flux"])["after"]
    np.testing.assert_allclose(yearly, mean[yearly.index], atol=1e-9)


def test_before_is_what_came_in():
    found = errors()
    table, pairs = closed_budgets(found, ALIKE, "domain")
    mean = table[(table["period"] == "mean") & (table["zone"] == "boreal")].set_index("flux")
    assert mean.loc["gpp", "before"] == found["gpp"].central[0, 1]
    assert mean.loc["gpp", "before_sd"] == pytest.approx(np.sqrt(found["gpp"].total(0)[1, 1]))
    gap = mean["before"]["nee"] - (mean["before"]["reco"] - mean["before"]["gpp"])
    assert mean["before"]["gap"] == pytest.approx(gap)
    own = pairs[pairs["zone"] == "boreal"].set_index(["flux", "other"])
    assert own["before"]["nee", "nee"] == pytest.approx(found["nee"].total(0)[1, 1])
    assert own["before"]["nee", "gpp"] == own["before"]["gpp", "nee"]
    variance = mean.loc["reco", "after_sd"] ** 2
    assert own["after"]["reco", "reco"] == pytest.approx(variance)


def test_adjusted_covariances_hold_no_gap():
    _, pairs = closed_budgets(errors(), ALIKE, "zone")
    own = pairs[pairs["zone"] == "tundra"]
    for when, zero in (("before", False), ("after", True)):
        matrix = own.pivot_table(index="flux", columns="other", values=when)
        matrix = matrix.loc[list(FLUXES), list(FLUXES)].to_numpy()
        variance = np.array([1, 1, -1]) @ matrix @ np.array([1, 1, -1])
        assert (abs(variance) < 1e-6) == zero


def test_a_zone_of_its_own_gain_is_never_less_sure():
    table, _ = closed_budgets(errors(), ALIKE, "zone")
    mean = table[table["period"] == "mean"]
    assert (mean["after_sd"] <= mean["before_sd"] * (1 + 1e-9)).all()


def test_budgets_that_close_stay():
    found = errors()
    closed = found["reco"].central - found["gpp"].central
    found["nee"].central[...] = np.rint(closed)
    found["gpp"].central[...] = np.rint(found["gpp"].central)
    found["reco"].central[...] = found["nee"].central + found["gpp"].central
    table, _ = closed_budgets(found, ALIKE, "zone")
    np.testing.assert_array_equal(table["before"], table["after"])


def test_over_many_worlds_reconciled_nee_is_nearer_to_the_truth():
    before, after = [], []
    for seed in range(40):
        table, _ = closed_budgets(
            errors(seed, ("sampling",), transfer=False, size=50.0), np.eye(3), "domain"
        )
        row = table[(table["flux"] == "nee") & (table["zone"] == "ABZ")].iloc[0]
        before.append(row["before"] - sum(TRUTH["nee"]))
        after.append(row["after"] - sum(TRUTH["nee"]))
    assert abs(np.mean(after)) < 4 * np.std(after) / np.sqrt(40)
    assert np.std(after) < np.std(before)


def test_members_of_different_fluxes_say_nothing_of_each_other():
    found = errors(counted=("sampling",))
    matrices = flux_covariance(found, ALIKE, 0)
    assert (matrices[:, 0, 1] == 0).all()
    both = flux_covariance(errors(), ALIKE, 0)
    sd = [np.sqrt(errors()[flux].parts["transfer"][0][1, 1]) for flux in ("nee", "gpp")]
    assert both[1, 0, 1] == pytest.approx(-0.4 * sd[0] * sd[1])
    without = flux_covariance(errors(transfer=False), ALIKE, 0)
    assert without[1, 0, 1] == 0


def test_a_zone_without_budgets_stays_without():
    found = errors()
    for part in found.values():
        part.central[:, 2] = np.nan
        for covariance in part.parts.values():
            covariance[:, 2], covariance[:, :, 2] = np.nan, np.nan
    table, _ = closed_budgets(found, ALIKE, "zone")
    assert table[table["zone"] == "tundra"]["after"].isna().all()
    assert table[table["zone"] == "boreal"]["after"].notna().all()


def test_what_cannot_be_done_is_refused():
    with pytest.raises(InputError, match="scope of the reconciliation"):
        closed_budgets(errors(), ALIKE, "everywhere")
    with pytest.raises(InputError, match="domain is not among"):
        closed_budgets(errors(zones=ZONES[1:]), ALIKE, "domain")
    with pytest.raises(InputError, match="cannot be closed"):
        closed_budgets(errors(counted=()), ALIKE, "domain")
