"""Transfer errors: planted fields give zones the SD that drawing them over and over shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.budgets import Correlogram, TransferModel, fit_transfer, land_blocks, transfer_covariance
from abz.errors import InputError
from abz.grid import polar_grid
from abz.modelling.distances import great_circle

GRID = polar_grid(2.5e5)
BOREAL, TUNDRA = 6, 11
SPREAD = {"all": 60.0, "boreal": 80.0, "tundra": 40.0}


NO_SITES = pd.DataFrame({"longitude": [], "latitude": [], "sd": []}, dtype=float)


def model(length=600.0, share=0.7, nugget=200.0, spread=SPREAD, sites=NO_SITES):
    correlogram = Correlogram(share, length, 1.0, nugget, 4000.0, pd.DataFrame())
    return TransferModel(sites, 0.0, spread, correlogram, 0.5, 1.3)


def world(seed=0):
    """A quarter of the grid in four atoms: west and east of two biomes."""
    rng = np.random.default_rng(seed)
    atom = np.full(GRID.shape, -1, np.int32)
    rows, columns = GRID.shape[0] // 4, GRID.shape[1] // 4
    atom[rows : 3 * rows, columns : 2 * columns] = 0
    atom[rows : 3 * rows, 2 * columns : 3 * columns] = 1
    atom[rows : 2 * rows] += np.where(atom[rows : 2 * rows] >= 0, 2, 0)
    area = np.where(atom >= 0, 6.25e10 * rng.uniform(0.2, 1.0, GRID.shape), 0.0)
    return xr.Dataset(
        {"atom": (("y", "x"), atom), "area": (("y", "x"), area)},
        coords={**GRID.coords(), "atom_area": ("atom_id", np.bincount(atom[atom >= 0],
                                                                      area[atom >= 0]))},
    )  # fmt: skip


WORLD = world()
BIOME = np.array([BOREAL, BOREAL, TUNDRA, TUNDRA])
HELD = np.array([1.0, 0.9, 1.0, 0.5])
ZONES = xr.DataArray(
    np.array([[1, 1, 1, 1], [1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1]]),
    dims=("zone_id", "atom_id"),
)


def covariance(transfer, edge=2.5e5, held=HELD):
    return transfer_covariance(transfer, land_blocks(WORLD, edge), ZONES, BIOME, held)


def drawn_errors(transfer, draws=400):
    """Budgets of the zones under errors drawn on every cell of the map, Tg C yr-1."""
    rng = np.random.default_rng(11)
    inside = WORLD["atom"].values >= 0
    atom, area = WORLD["atom"].values[inside], WORLD["area"].values[inside]
    lon, lat = (axis[inside] for axis in GRID.lonlat())
    distance = great_circle(lon, lat, lon, lat)
    found = transfer.correlogram
    alike = found.share * np.exp(-distance / found.length_km)
    alike += (1 - found.share) * np.exp(-distance / found.nugget_km)
    field = np.linalg.cholesky(alike + 1e-9 * np.eye(atom.size)) @ rng.normal(
        size=(atom.size, draws)
    )
    grams = (transfer.sds(BIOME)[atom] * HELD[atom] * area * 1e-12)[:, None] * field
    return np.array([(held[atom][:, None] * grams).sum(axis=0) for held in ZONES.values])


def test_zone_sds_are_those_of_drawn_fields():
    """An SD of 400 draws is known to 3.5 %."""
    transfer = model()
    drawn = drawn_errors(transfer)
    found = covariance(transfer)
    np.testing.assert_allclose(np.sqrt(np.diag(found)), drawn.std(axis=1), rtol=0.1)
    np.testing.assert_allclose(
        np.corrcoef(drawn)[1, 2], found[1, 2] / np.sqrt(found[1, 1] * found[2, 2]), atol=0.12
    )


def test_sites_of_a_planted_field_give_back_length_and_zone_sd():
    """From towers to the zone: the median over worlds against the SD that was planted."""
    rng = np.random.default_rng(12)
    planted = model(length=500.0, share=1.0, spread={"all": 70.0})
    lengths, sds = [], []
    for _ in range(14):
        lon, lat = rng.uniform(-180, 180, 120), rng.uniform(50, 75, 120)
        distance = great_circle(lon, lat, lon, lat)
        root = np.linalg.cholesky(np.exp(-distance / 500.0) + 1e-9 * np.eye(120))
        errors = pd.DataFrame(
            {"longitude": lon, "latitude": lat, "biome": "", "years": 1, "yearly_squares": 0.0,
             "error": 70.0 * root @ rng.normal(size=120)}
        )  # fmt: skip
        found = fit_transfer(errors)
        lengths.append(found.correlogram.length_km)
        sds.append(np.sqrt(covariance(replace(found, sites=NO_SITES))[0, 0]))
    assert np.median(lengths) == pytest.approx(500, rel=0.25)
    assert np.median(sds) == pytest.approx(np.sqrt(covariance(planted)[0, 0]), rel=0.2)


def test_a_zone_departs_from_the_mean_of_the_sites_as_far_as_stated():
    """Errors of one field at sites and on all land, with an offset that nobody knows."""
    rng = np.random.default_rng(13)
    inside = WORLD["atom"].values >= 0
    lon, lat = (axis[inside] for axis in GRID.lonlat())
    land = WORLD["area"].values[inside] * HELD[WORLD["atom"].values[inside]] * 1e-12
    sites = rng.choice(lon.size, 50, replace=False)
    distance = great_circle(lon, lat, lon, lat)
    root = np.linalg.cholesky(np.exp(-distance / 500.0) + 1e-9 * np.eye(lon.size))
    scores = []
    for _ in range(14):
        error = 30 * rng.normal() + 70.0 * root @ rng.normal(size=lon.size)
        table = pd.DataFrame(
            {"longitude": lon[sites], "latitude": lat[sites], "biome": "", "years": 1,
             "yearly_squares": 0.0, "error": error[sites]}
        )  # fmt: skip
        found = fit_transfer(table)
        departure = land @ error - land.sum() * found.mean
        scores.append(departure / np.sqrt(covariance(found)[0, 0]))
    assert 0.65 < np.std(scores) < 1.35
    assert abs(np.mean(scores)) < 0.8


def some_sites(n=6, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"longitude": rng.uniform(-180, 180, n), "latitude": rng.uniform(55, 80, n),
                         "sd": rng.uniform(30, 90, n)})  # fmt: skip


def test_departures_from_the_mean_of_the_sites_by_hand():
    """A naive double sum over cells and sites."""
    sites = some_sites()
    transfer = model(length=700.0, share=0.8, nugget=1.0, sites=sites)
    inside = WORLD["atom"].values >= 0
    atom = WORLD["atom"].values[inside]
    land = WORLD["area"].values[inside] * HELD[atom] * 1e-12
    cells = [axis[inside] for axis in GRID.lonlat()]
    towers = sites["longitude"], sites["latitude"]
    weight = sites["sd"].to_numpy() / len(sites)
    alike = transfer.correlogram.correlation(great_circle(*towers, *towers))
    np.fill_diagonal(alike, 1.0)
    mean_variance = weight @ alike @ weight
    assert transfer.mean_sd**2 == pytest.approx(mean_variance)
    grams = [land * transfer.sds(BIOME)[atom] * held[atom] for held in ZONES.values]
    area = [(land * held[atom]).sum() for held in ZONES.values]
    to_sites = 0.8 * np.exp(-great_circle(*cells, *towers) / 700.0) @ weight
    near = 0.8 * np.exp(-great_circle(*cells, *cells) / 700.0)
    hidden = 0.2 * 2 * np.pi / 250.0**2
    found = covariance(transfer)
    for z, w in ((0, 0), (1, 2), (3, 1)):
        expected = (
            grams[z] @ near @ grams[w] + hidden * grams[z] @ grams[w]
            - area[w] * grams[z] @ to_sites - area[z] * grams[w] @ to_sites
            + area[z] * area[w] * mean_variance
        )  # fmt: skip
        assert found[z, w] == pytest.approx(expected, rel=1e-6)


def test_an_offset_that_sites_know_badly_is_common_to_all_land():
    """Sites of a pure nugget tell nothing of the land about them, only of the mean."""
    without, known = (
        covariance(model(share=0.0, sites=sites)) for sites in (NO_SITES, some_sites())
    )
    land = ZONES.values @ (HELD * WORLD["atom_area"].values) * 1e-12
    variance = (some_sites()["sd"] ** 2).sum() / 36
    np.testing.assert_allclose(known - without, variance * np.outer(land, land), rtol=1e-6)


@given(length=st.floats(1, 1e5), share=st.floats(0, 1), nugget=st.floats(1, 500))
def test_symmetric_positive_and_additive(length, share, nugget):
    found = covariance(model(length, share, nugget, sites=some_sites()), 5e5)
    np.testing.assert_array_equal(found, found.T)
    assert np.linalg.eigvalsh(found).min() > -1e-9 * found.max()
    for parts in ([1, 2], [3, 4]):
        np.testing.assert_allclose(found[np.ix_(parts, parts)].sum(), found[0, 0], rtol=1e-9)


def test_an_endless_length_adds_sds_and_a_short_one_variances():
    biome_sds = np.array([80.0, 80.0, 40.0, 40.0])
    tg = biome_sds * HELD * WORLD["atom_area"].values * 1e-12
    long = covariance(model(1e9, 1.0))
    np.testing.assert_allclose(np.sqrt(np.diag(long)), ZONES.values @ tg, rtol=1e-5)
    short = covariance(model(5.0, 1.0, 5.0))
    assert short[1, 2] == pytest.approx(0, abs=1e-9 * short[0, 0])
    area = WORLD["area"].values
    spread = np.where(WORLD["atom"].values >= 0, (biome_sds * HELD)[WORLD["atom"].values], 0.0)
    patches = 2 * np.pi * 5.0**2 / 250.0**2
    assert short[0, 0] == pytest.approx(patches * ((area * spread * 1e-12) ** 2).sum())


@pytest.mark.parametrize("length", [300.0, 600.0, 2000.0])
def test_blocks_may_be_coarser_than_cells(length):
    fine, coarse = (np.sqrt(np.diag(covariance(model(length, 1.0), edge))) for edge in (2.5e5, 5e5))
    np.testing.assert_allclose(coarse, fine, rtol=0.12)


def test_the_length_that_a_block_hides_meets_the_double_sum():
    """Where 2π length² is the area of a block, both ways to add up agree within a third."""
    edge = 250.0
    length = edge / np.sqrt(2 * np.pi)
    below, above = (np.sqrt(covariance(model(x * length, 1.0, 1.0))[0, 0]) for x in (0.999, 1.001))
    assert 1.0 <= above / below < 1.33


def test_land_without_a_flux_has_no_error():
    found = covariance(model(), held=np.array([1.0, 1.0, 0.0, 0.0]))
    assert found[2, 2] == 0
    assert found[0, 0] == pytest.approx(found[1, 1])


def errors_of(rng, n=60, tundra=25):
    frame = pd.DataFrame(
        {"longitude": rng.uniform(-180, 180, n), "latitude": rng.uniform(50, 75, n)}
    )
    frame["biome"] = np.where(np.arange(n) < tundra, "tundra", "boreal")
    sd = np.where(frame["biome"] == "tundra", 30.0, 90.0)
    return frame.assign(error=15 + sd * rng.normal(size=n), years=2, yearly_squares=50.0)


def test_biomes_have_spreads_of_their_own_where_they_have_sites():
    rng = np.random.default_rng(3)
    found = fit_transfer(errors_of(rng, 200, 90))
    assert found.spread["tundra"] == pytest.approx(30, rel=0.25)
    assert found.spread["boreal"] == pytest.approx(90, rel=0.25)
    assert found.mean == pytest.approx(15, abs=4 * found.mean_sd)
    assert found.yearly_ratio == pytest.approx(50 / found.spread["all"] ** 2)
    few = fit_transfer(errors_of(rng, 60, 5))
    assert set(few.spread) == {"all", "boreal"}
    np.testing.assert_array_equal(
        few.sds(np.array([TUNDRA, BOREAL, -1])),
        [few.spread["all"], few.spread["boreal"], few.spread["all"]],
    )


def test_years_average_out():
    found = model()
    assert found.period_factor(1) == 1.5
    assert found.period_factor(20) == pytest.approx(1.025)


def test_few_sites_know_an_sd_worse():
    rng = np.random.default_rng(4)
    many, few = (fit_transfer(errors_of(rng, n, n // 2)).sd_factor for n in (200, 20))
    assert 1 < many < few
    assert np.isnan(fit_transfer(errors_of(rng, 12, 6)).sd_factor)


def test_too_few_sites_are_refused():
    with pytest.raises(InputError, match="12 places"):
        fit_transfer(errors_of(np.random.default_rng(0), 8, 4))
    with pytest.raises(InputError, match="longitude"):
        fit_transfer(pd.DataFrame({"error": [1.0]}))
